"""What the pages of campaigns show, in words and written numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.urls import NoReverseMatch, reverse

from huoshui.act.campaigns import drafts, forms, past, sending, stages
from huoshui.act.campaigns.drafts import LETTERS, Draft
from huoshui.act.campaigns.queries import Described, Progress
from huoshui.act.holdouts.trials import CHOICES, GOALS
from huoshui.act.templates import checking
from huoshui.act.templates import queries as templates
from huoshui.kernel.actors import Actor, Right, called
from huoshui.kernel.outreach import CHANNELS
from huoshui.kernel.texts import Language, Text
from huoshui.know.segments import queries as segments
from huoshui.know.segments.errors import BadRule
from huoshui.web import figures
from huoshui.web.lists import Fact, Part, Tab

PLACES: Mapping[str, tuple[Text, str]] = {
    "sent": (Text("sent", "已发送"), "c1"),
    "uncertain": (Text("uncertain", "不确定"), "c2"),
    "pending": (Text("pending", "待发送"), "c5"),
    "suppressed": (Text("not sent, on purpose", "按规则未发"), "c6"),
    "failed": (Text("failed", "失败"), "c4"),
    "held_out": (Text("held out", "留作对照"), "c0"),
}
REASONS: Mapping[str, Text] = {
    "under_14": Text("under 14", "未满 14 周岁"),
    "no_consent": Text("no consent", "未同意"),
    "no_address": Text("no address", "没有地址"),
    "global_control": Text("in the global control group", "属于全局对照组"),
    "stopped": Text("the campaign was stopped", "活动已停止"),
    "holdout": Text("held out to compare", "留作对照"),
    "no_value": Text("a field of the message has no value", "消息字段缺少内容"),
    "no_customer": Text("not a customer any more", "客户已不存在"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A button: what it does, and whether it is the one that is wanted here."""

    slug: str
    label: str
    primary: bool = False


ACTS: Mapping[str, tuple[tuple[str, Text, Right], ...]] = {
    "draft": (("submit", Text("Submit", "提交"), Right.CAMPAIGNS_EDIT),),
    "submitted": (
        ("approve", Text("Approve", "批准"), Right.CAMPAIGNS_APPROVE),
        ("reopen", Text("Take back to change it", "撤回修改"), Right.CAMPAIGNS_EDIT),
    ),
    "approved": (
        ("start", Text("Start", "启动"), Right.CAMPAIGNS_EDIT),
        ("reopen", Text("Take back to change it", "撤回修改"), Right.CAMPAIGNS_EDIT),
    ),
    "scheduled": (("pause", Text("Pause", "暂停"), Right.CAMPAIGNS_EDIT),),
    "sending": (("pause", Text("Pause", "暂停"), Right.CAMPAIGNS_EDIT),),
    "paused": (("resume", Text("Resume", "继续"), Right.CAMPAIGNS_EDIT),),
    "stopped": (),
    "finished": (),
}


def acts(one: Described, actor: Actor, language: Language) -> list[Act]:
    """The buttons that lead a campaign on, for who may press them; the first is the wanted one."""
    found = [
        Act(slug=slug, label=label.in_(language), primary=not place)
        for place, (slug, label, right) in enumerate(ACTS[one.state])
        if actor.may(right)
    ]
    own = one.submitted_by_id is not None and one.submitted_by_id == actor.user_id
    return [act for act in found if not (act.slug == "approve" and own)]


def steps(one: Described, now: str, language: Language) -> list[Tab]:
    """The steps of the form, as tabs."""
    return [
        Tab(
            label=label.in_(language),
            address=reverse("campaigns:edit", args=[one.number, slug]),
            current=slug == now,
        )
        for slug, label in forms.STEPS.items()
    ]


def after(step: str, number: int) -> str:
    """Where the form goes on after a step."""
    slugs = list(forms.STEPS)
    place = slugs.index(step) + 1
    if place < len(slugs):
        return reverse("campaigns:edit", args=[number, slugs[place]])
    return reverse("campaigns:campaign", args=[number])


def audience(rule: object) -> Text | None:
    """Who an audience is, in words; nothing where nobody is said."""
    if rule is None:
        return None
    try:
        return segments.sentence(segments.read(rule))
    except BadRule as error:
        return Text(f"Broken: {error}", f"规则已失效：{error}")


def parts(progress: Progress, language: Language) -> list[Part]:
    """Where the people are, for the picture."""
    return [
        Part(
            label=label.in_(language),
            number=figures.count(progress.by_state[state], language),
            size=progress.by_state[state],
            colour=colour,
        )
        for state, (label, colour) in PLACES.items()
    ]


def law(progress: Progress, language: Language) -> str:
    """The sum that holds at every moment, written out."""
    left = " + ".join(figures.count(progress.by_state[state], language) for state in PLACES)
    return f"{left} = {figures.count(progress.audience, language)}"


def reasons(progress: Progress, language: Language) -> list[tuple[str, str]]:
    """Why people are out, the most frequent first."""
    found = sorted(progress.by_reason.items(), key=lambda one: (-one[1], one[0]))
    return [(reason(slug).in_(language), figures.count(number, language)) for slug, number in found]


def reason(slug: str) -> Text:
    """A reason in words."""
    return REASONS.get(slug) or outbox_reason(slug)


def outbox_reason(slug: str) -> Text:
    """What the outbox calls a reason of its own."""
    return Text(slug.replace("_", " "), slug)


def reach(one: Described, language: Language) -> list[tuple[str, int]]:
    """How many people can be reached, and why the others cannot."""
    if one.reach is None:
        return []
    said = [
        (Text("reachable", "可触达"), one.reach.reachable),
        (Text("under 14 without a guardian's consent", "未满 14 周岁且无监护人同意"), one.reach.under_14),
        (Text("no consent", "未同意"), one.reach.no_consent),
        (Text("no address", "没有地址"), one.reach.no_address),
        (Text("capped now: they had their messages", "已达频次上限"), one.reach.capped),
        (Text("in the global control group", "属于全局对照组"), one.reach.control),
        (Text("audience", "受众合计"), one.reach.audience),
    ]
    young = said[1][0]  # rarely anybody
    return [(label.in_(language), number) for label, number in said if number or label is not young]


def facts(one: Described, currency: str, language: Language) -> list[Fact]:
    """What is fixed of a campaign."""
    draft = one.draft
    words: list[tuple[Text, str]] = [
        (Text("Channel", "渠道"), channel(draft.channel).in_(language)),
        (Text("Messages", "消息"), "; ".join(variants(draft))),
        (Text("Control group", "对照组"), _control(draft, language)),
        (Text("Goal", "目标"), GOALS[draft.goal].in_(language)),  # type: ignore[index]  # checked when it was kept
        (Text("Counts for", "观察期"), _days(draft.horizon_days, language)),
        (
            Text("Largest amount counted per person", "每人计入金额上限"),
            figures.money(draft.cap, currency, language) if draft.cap else "",
        ),
        (Text("Due", "发送时间"), schedule(draft, language)),
        (Text("Cost of a message", "单条费用"), _money(draft.message_cost, currency, language)),
        (Text("Other costs", "其他费用"), _money(draft.fixed_cost, currency, language)),
    ]
    return [Fact(name=name.in_(language), value=value) for name, value in words if value]


def channel(slug: str) -> Text:
    """A channel in words, also one that the house does not have."""
    return past.channels().get(slug) or Text(slug, slug)


def variants(draft: Draft) -> list[str]:
    """The messages of a campaign: letter, name and version of the template, and weight where several are compared."""
    names = {one.id: one.name for one in (*templates.templates(), *templates.templates(retired=True))}
    whole = sum(one.weight for one in draft.variants)
    several = len(draft.variants) > 1
    return [
        (f"{letter}: " if several else "")
        + f"{names.get(one.template_id, one.template_id)} v{one.template_version}"
        + (f" · {one.weight / whole:.0%}" if several else "")
        for letter, one in zip(LETTERS, draft.variants, strict=False)
    ]


def schedule(draft: Draft, language: Language) -> str:
    """When its messages are due."""
    if not draft.plan:
        return ""
    said = drafts.PLANS[draft.plan].in_(language)
    if draft.day is not None and draft.time is not None:
        said += f" · {figures.day(draft.day, language)} {draft.time:%H:%M}"
    if draft.waves > 1:
        said += Text(f" · in {draft.waves} daily waves", f" · 分 {draft.waves} 天").in_(language)
    return said


def problems(draft: Draft, language: Language) -> list[tuple[str, bool]]:
    """What is wrong with the messages on the channel: in words, and whether it stops the campaign."""
    found: list[checking.Problem] = []
    for one in draft.variants if draft.channel in CHANNELS else ():
        found += checking.checks(
            template_id=one.template_id, version=one.template_version, channel=draft.channel, marketing=True
        )
    told = {problem.words.in_(language): problem.stops for problem in found}
    if draft.channel == drafts.EMAIL and (problem := drafts.silent_sender(draft.sender)):
        told[problem.in_(language)] = True
    return sorted(told.items(), key=lambda one: not one[1])


def missing(one: Described, now: datetime, zone: ZoneInfo, language: Language) -> list[str]:
    """What a draft lacks, in words."""
    if one.state not in ("draft", "submitted", "approved"):
        return []
    return [text.in_(language) for text in drafts.missing(one.draft, now=now, zone=zone)]


def history(one: Described, language: Language) -> list[tuple[str, str, datetime, str]]:
    """Who, what, when, and what they said about it; the newest first."""
    return [
        (called(done.by).in_(language), stages.ACTS[done.act].in_(language), done.at, done.remark)
        for done in reversed(one.steps)
    ]


def result(one: Described) -> str:
    """The page on which stands what the campaign added, where there is one."""
    if one.state not in stages.BEGUN or not one.frozen:
        return ""
    try:
        return reverse("experiments:trial", kwargs={"what": sending.what(one.number)})
    except NoReverseMatch:
        return ""


def summary(one: Described, progress: Progress | None, language: Language) -> dict[str, object]:
    """A line of the list."""
    words, tone = stages.STATES[one.state]
    people = progress.audience if progress else one.expected
    return {
        "one": one,
        "state": words.in_(language),
        "tone": tone,
        "people": "" if people is None else figures.count(people, language),
        "sent": figures.count(progress.by_state["sent"], language) if progress else "",
        "channel": channel(one.draft.channel).in_(language),
        "by": called(one.made_by).in_(language),
        "when": schedule(one.draft, language),
    }


def _control(draft: Draft, language: Language) -> str:
    said = CHOICES[draft.choice].in_(language)  # type: ignore[index]  # checked when it was kept
    return f"{figures.share(draft.share, language)}: {said}" if draft.choice == "draw" else said


def _days(days: int, language: Language) -> str:
    return Text(f"{days} days", f"{days} 天").in_(language)


def _money(value: object, currency: str, language: Language) -> str:
    return figures.money(value, currency, language, exact=True) if value else ""  # type: ignore[arg-type]
