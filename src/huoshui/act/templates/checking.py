"""What would go wrong with a template on a channel, told while it is written and asked again before anything is sent.

Rules of channels that are there are theirs (`Channel.problems`); here is what holds for every message, and what is
known of text messages, whose providers refuse what they do not like (RELIABILITY §3.2).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from huoshui.act.templates import fields, queries, rendering
from huoshui.act.templates.content import LANGUAGE_NAMES, Words
from huoshui.act.templates.content import Content as Template
from huoshui.act.templates.layout import Layout
from huoshui.kernel.outreach import CHANNELS, Content
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Language, Text

SMS = "sms"
LONGEST_SHOWN_SUBJECT = {"zh": 30, "en": 60}
CLIPPED = 100_000
"""Bytes of HTML above which large providers cut a letter off (Gmail: 102 kB)."""

_MARK = re.compile(r"\s*[\[(【（<]?\s*(广告|AD\b)")
_REFUSED_TOPICS = re.compile(r"优惠券|领券|积分|问卷|召回|小程序|coupon|points|survey", re.IGNORECASE)
_SIGNATURE = re.compile(r"\s*【[^【】]{2,16}】|.*【[^【】]{2,16}】\s*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something to mend, or (where it does not stop) to think about."""

    words: Text
    stops: bool = True


def checks(*, template_id: int, version: int, channel: str, marketing: bool) -> Sequence[Problem]:
    """What is wrong with a version of a template on a channel, what stops it first. Raises `NoSuchTemplate`."""
    return of_content(queries.template(template_id, version).content, channel=channel, marketing=marketing)


def of_content(content: Template, *, channel: str, marketing: bool) -> Sequence[Problem]:
    """The same of a content that need not be saved."""
    found: list[Problem] = []
    marks = marketing and _is_mail(channel) and queries.marks_subjects()
    for language in content.languages:
        for words in (content.words.get(language), content.neutral.get(language)):
            if words is not None:
                found += _of_words(words, language, channel, marketing=marketing, marks=marks)
        found += _of_neutral(content, language)
    if len(content.languages) == 1:
        missing = LANGUAGE_NAMES["en" if "zh" in content.languages else "zh"]
        found.append(
            Problem(
                Text(
                    f"There are no words in {missing.en}: everybody gets the other language",
                    f"没有{missing.zh}版本：所有人都会收到另一种语言",
                ),
                stops=False,
            )
        )
    unique = list(dict.fromkeys(found))
    return [one for one in unique if one.stops] + [one for one in unique if not one.stops]


def _is_mail(channel: str) -> bool:
    return channel in CHANNELS and CHANNELS[channel].consent == "email"


def _of_words(
    words: Words, language: Language, channel: str, *, marketing: bool, marks: bool
) -> list[Problem]:
    there = words.layout(language)
    shown = sample(there, language)
    found: list[Problem] = []
    if _is_mail(channel):
        found += _of_mail(words, language, shown.html, marks=marks)
    if channel == SMS:
        found += _of_text_message(there, shown.text, marketing=marketing)
    if channel in CHANNELS:
        found += [Problem(text) for text in CHANNELS[channel].problems(shown, marketing)]
    return found


def _of_mail(words: Words, language: Language, html: str, *, marks: bool) -> list[Problem]:
    name = LANGUAGE_NAMES[language]
    found = []
    if not words.subject.strip():
        found.append(Problem(Text(f"The letter has no subject in {name.en}", f"{name.zh}邮件没有主题")))
    elif marks and not _MARK.match(words.subject):
        found.append(
            Problem(
                Text(
                    f"The {name.en} subject of a marketing letter begins with 广告 or AD",
                    f"营销邮件的{name.zh}主题须以「广告」或「AD」开头",
                )
            )
        )
    if len(words.subject) > LONGEST_SHOWN_SUBJECT[language]:
        most = LONGEST_SHOWN_SUBJECT[language]
        found.append(
            Problem(
                Text(
                    f"The {name.en} subject is long: phones show the first {most} characters",
                    f"{name.zh}主题偏长：手机上只显示前 {most} 个字",
                ),
                stops=False,
            )
        )
    if len(html.encode()) > CLIPPED:
        found.append(
            Problem(
                Text(
                    "The letter is over 100 kB: large providers cut it off", "邮件超过 100 kB，大型邮箱会截断"
                ),
                stops=False,
            )
        )
    return found


def _of_text_message(there: Layout, text: str, *, marketing: bool) -> list[Problem]:
    found = []
    if not _SIGNATURE.match(text):
        found.append(Problem(Text("A text message names its sender in 【】", "短信须含【签名】")))
    if marketing and not text.rstrip().endswith("拒收请回复R"):
        found.append(
            Problem(Text("A marketing text message ends with 拒收请回复R", "营销短信须以「拒收请回复R」结尾"))
        )
    if marketing and there.merges:
        found.append(
            Problem(
                Text("Providers take no fields in marketing text messages", "营销短信模板不允许含变量"),
                stops=False,
            )
        )
    if marketing and _REFUSED_TOPICS.search(text):
        found.append(
            Problem(
                Text(
                    "Providers will probably refuse this as a text message: use e-mail or WeCom",
                    "这类内容作为短信很可能被服务商拒绝：请改用邮件或企业微信",
                ),
                stops=False,
            )
        )
    return found


def _of_neutral(content: Template, language: Language) -> list[Problem]:
    """What people get of whom nothing is known, and those who want nothing based on what they are like."""
    known, there = fields.by_slug(), content.words[language].layout(language)
    bare = [m for m in there.merges if m.default is None and (f := known.get(m.field)) and f.personal]
    lost = [m.field for m in there.merges if m.field not in known]
    found = []
    if lost:
        named = ", ".join(lost)
        found.append(Problem(Text(f"Fields that there are no more: {named}", f"已不存在的合并字段：{named}")))
    if bare:
        named = ", ".join(dict.fromkeys(m.field for m in bare))
        found.append(
            Problem(
                Text(
                    f"Whoever has no value of {named} gets no message: give a default",
                    f"没有「{named}」取值的人收不到消息：请写上默认值",
                ),
                stops=False,
            )
        )
        if language not in content.neutral:
            found.append(
                Problem(
                    Text(
                        "People who want nothing based on what they are like get no message: write neutral words, or "
                        "give each field a default",
                        "关闭个性化的人收不到消息：请写通用版本，或为每个合并字段写上默认值",
                    ),
                    stops=False,
                )
            )
    return found


def sample(there: Layout, language: Language, *, neutral: bool = False) -> Content:
    """The message with an invented value in each field, or (``neutral``) with what stands there instead."""
    known, house = fields.by_slug(), HOUSE()
    values = []
    for merge in there.merges:
        of = known.get(merge.field)
        if of is None or (neutral and of.personal):
            values.append(merge.default or "…")
        else:
            values.append(fields.written(merge, of, fields.sample(of), house, language))
    return rendering.joined(there, values, there.links)
