"""What a template says to whom: fields, defaults, formats, languages, neutral words, and nothing smuggled in."""

from __future__ import annotations

import re
from html import escape

import pytest
from django.apps import apps
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from huoshui.act.templates import checking, merging, queries, services
from huoshui.act.templates.content import Content, Words, checked
from huoshui.act.templates.errors import NotATemplate, TemplateChanged
from huoshui.act.templates.layout import layout
from huoshui.act.templates.rendering import joined
from huoshui.act.templates.tests.conftest import NOW, keep, words
from huoshui.data.customers.tests.factories import make_customers, tell
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed

HARMLESS = (
    "{% raw %}", "${7*7}", "#{7*7}", "%s %(x)s %d", "{0.__class__}", "{self}", "<%= 7*7 %>", "<% import os %>",
    "*{7*7}", "@{7*7}", "[[${7*7}]]", "{ name }", "$name", "%name%",
    "<script>alert(1)</script>", "<img src=x onerror=a>",
    "[a](javascript:alert(1))", "&#123;&#123;name&#125;&#125;", "\\{\\{ name \\}\\}", "[x]: data:text/html,1",
)  # fmt: skip
REFUSED = (
    "{{ settings.SECRET_KEY }}", "{{ name.__class__ }}", "{{7*7}}", "{{ ''.__class__.__mro__ }}", "{{ config }}",
    "{{ name|safe|upper }}", "{{ name() }}", "{{ name['x'] }}", "{{ request.user }}", "{% load x %}",
    "{{ {{ name }} }}",
    "{{ name", "name }}", "{% include 'x' %}", "{{#if name}}x{{/if}}", "{{{name}}}", "{{ name | {{ city }} }}",
    "{{ phone }}", "{{ email }}", "{{ name : money }}", "{{ monetary : date }}", "{{ NAME }}", "{{ name |\n x }}",
    "[a](https://x.example/{{ name }})", "![a](https://x.example/{{ name }}.png)", "![a](http://x.example/a.png)",
    "[a](/customers/)", "[a](https://user@x.example/)", "[a](ftp://x.example/)", "a\ue000b", "a\x00b",
)  # fmt: skip


def said(template_id, people, **how):
    found = services.render_many(
        template_id=template_id,
        version=how.pop("version", 0),
        customer_ids=people,
        neutral=how.pop("neutral", ()),
        **how,
    )
    return {
        one: (message.content.text.strip() if message.content else message.refusal)
        for one, message in found.items()
    }


def test_each_person_is_told_what_is_known_of_them_in_their_language(street):
    number = keep(
        zh=words(
            "{{ name | 朋友 }}：{{ monetary : exact | 0 }}，{{ last_order_at | 无 }}，{{ stage | 无 }}，{{ city | 无 }}"
        ),
        en=words(
            "{{ name | friend }}: {{ monetary | 0 }}, {{ last_order_at : day | none }}, {{ stage | none }}"
        ),
    )
    assert said(number, street.all) == {
        street.mei: "王梅：¥1,698.50，2026年3月1日，活跃，上海",
        street.ann: "Ann: 0, none, Silent",
        street.nobody: "朋友：0，无，无，无",
    }


def test_who_lacks_a_value_without_default_gets_no_message_and_is_told_of(street):
    number = keep(zh=words("{{ monetary }}"))
    assert said(number, [*street.all, 123_456_789_012_345]) == {
        street.mei: "¥1,699",
        street.ann: "no_value",
        street.nobody: "no_value",
        123_456_789_012_345: "no_customer",
    }
    found = checking.checks(template_id=number, version=1, channel="email", marketing=True)
    assert any("monetary" in problem.words.en and not problem.stops for problem in found)


def test_people_who_want_nothing_of_theirs_all_get_the_same(street):
    number = keep(
        zh=words("{{ name | 朋友 }} {{ monetary | 0 }} {{ house.name | 我们 }}"),
        en=words("{{ name | friend }}"),
        neutral_en=words("Dear customer"),
    )
    everybody = said(number, street.all, neutral=set(street.all))
    assert set(everybody.values()) == {"朋友 0 我们"}
    tell([street.ann], name=["Another"], valid_from=NOW)
    assert said(number, street.all, neutral=set(street.all)) == everybody


def test_what_was_typed_in_counts_at_once(street):
    typed = apps.get_model("customers", "HandValue")
    typed.objects.create(customer_id=street.mei, name="city", value="杭州", valid_from=NOW)
    assert said(keep(zh=words("{{ city | 无 }}")), [street.mei]) == {street.mei: "杭州"}


VALUES = (*HARMLESS, "{{ monetary }}", "\ue0000\ue001", "a\r\nBcc: x@example.com", "**b**", "</title><b>")


def test_a_value_is_never_read_again(street):
    people = make_customers(*(f"hostile{at}" for at in range(len(VALUES))))
    tell(people, name=list(VALUES))
    number = keep(zh=words("甲 {{ name | 朋友 }} 乙 {{ city | 无 }}", subject="广告 {{ name | 朋友 }}"))
    messages = services.render_many(template_id=number, version=1, customer_ids=people, neutral=())
    for who, value in zip(people, VALUES, strict=True):
        message = messages[who].content
        assert message is not None
        shown = merging.plain(value)
        assert message.text == f"甲 {shown} 乙 无\n"
        assert message.subject == merging.plain(f"广告 {shown}")
        assert not {"\r", "\n"} & set(message.subject)
        assert f"甲 {escape(shown)} 乙 无</p>" in message.html
        assert f"<title>广告 {escape(shown)}</title>" in message.html
        assert not re.search("<script|<b>|<img|<strong", message.html)
        assert settings.SECRET_KEY not in message.html


def test_what_other_languages_would_run_is_printed_as_it_stands_or_refused(street):
    printed = 0
    for text in HARMLESS:
        try:
            there = checked(Content(name="x", words={"zh": words(f"甲 {text} 乙", subject="广告")}))
        except NotATemplate:
            continue
        printed += 1
        message = checking.sample(there.words["zh"].layout("zh"), "zh")
        assert "49" not in message.html
        assert not re.search("<script|<img|href=.(javascript|data)", message.html)
        assert settings.SECRET_KEY not in message.html + message.text
    assert printed > 12


def test_what_is_no_field_is_refused_before_anything_is_kept(street):
    for text in REFUSED:
        with pytest.raises(NotATemplate):
            keep(zh=words(f"甲 {text} 乙"))
    assert queries.templates() == []


@given(value=st.text(max_size=60), other=st.text(max_size=60))
def test_any_two_values_stand_beside_each_other_as_they_are(value, other):
    there = layout("s", "<{{ name }}|{{ city }}>", "zh")
    clean = [merging.plain(value), merging.plain(other)]
    made = joined(there, clean, ())
    assert made.text == f"<{clean[0]}|{clean[1]}>\n"


def test_a_link_alone_is_a_button_and_every_link_is_followed_through_the_house(street):
    number = keep(
        zh=words(
            "[去看](https://shop.example/a?b=1&c=2)\n\n又 [去](https://shop.example/b) <https://shop.example/a?b=1&c=2>"
        )
    )
    message = services.render_many(
        template_id=number,
        version=1,
        customer_ids=[street.mei],
        neutral=(),
        link=lambda url, who: f"https://h/{who}?{url[-3:]}&",
        pixel=lambda who: f"https://h/{who}.gif",
    )[street.mei].content
    assert message is not None
    assert message.html.count(f'href="https://h/{street.mei}?c=2&amp;"') == 2
    assert message.html.count("display:inline-block") == 1
    assert f'<img src="https://h/{street.mei}.gif"' in message.html
    assert 'href="https://shop.example' not in message.html
    assert message.text.startswith(f"去看 ( https://h/{street.mei}?c=2& )")


def test_a_version_stays_what_it_was(street):
    number = keep(zh=words("一"))
    content = queries.template(number).content
    second = services.save(
        actor=CONSOLE,
        template_id=number,
        seen=1,
        content=Content(name=content.name, words={"zh": Words(subject="广告", body="二")}),
        now=NOW,
    )
    assert second == 2
    assert said(number, [street.mei], version=1) == {street.mei: "一"}
    assert said(number, [street.mei]) == {street.mei: "二"}
    with pytest.raises(TemplateChanged) as told:
        services.save(actor=CONSOLE, template_id=number, seen=1, content=content, now=NOW)
    assert [change.field for change in told.value.changes] == ["words.zh.subject", "words.zh.body"]
    with pytest.raises(NotAllowed):
        services.retire(actor=actor_of_role("a", Role.ANALYST), template_id=number, now=NOW)


@pytest.mark.parametrize(
    ("subject", "channel", "marketing", "stops"),
    [
        ("你好", "email", True, True), ("广告：你好", "email", True, False), ("【广告】你好", "email", True, False),
        ("AD: x", "email", True, False), ("ADMIRE", "email", True, True), ("你好", "email", False, False),
        ("", "email", False, True), ("你好", "task", True, False),
    ],
)  # fmt: skip
def test_a_marketing_letter_says_in_its_subject_that_it_is_one(street, subject, channel, marketing, stops):
    number = keep(zh=words("你好", subject=subject))
    found = checking.checks(template_id=number, version=1, channel=channel, marketing=marketing)
    told = [one for one in found if one.stops and "主题" in one.words.zh]
    assert bool(told) == stops
    services.mark_subjects(actor=CONSOLE, marked=False, now=NOW)
    found = checking.checks(template_id=number, version=1, channel=channel, marketing=marketing)
    assert bool([one for one in found if one.stops and "主题" in one.words.zh]) == (not subject and stops)


def test_a_marketing_text_message_is_signed_and_can_be_refused(street):
    bad = checking.checks(
        template_id=keep(zh=words("领取优惠券 {{ name | 朋 }}")), version=1, channel="sms", marketing=True
    )
    assert [one.stops for one in bad] == [True, True, False, False, False]
    good = checking.checks(
        template_id=keep(zh=words("【活水】新品上市 拒收请回复R")), version=1, channel="sms", marketing=True
    )
    assert not [one for one in good if one.stops]
