"""Components take what they declare and nothing else, and escape what they are given."""

from __future__ import annotations

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.template.loader import get_template
from django.utils import translation

from huoshui.kernel.texts import Text
from huoshui.web.components import COMPONENTS
from huoshui.web.lists import Column, Listing
from huoshui.web.templatetags import ui

HOSTILE = '"><img src=x onerror=__x(1)></script>{{7*7}}'


def rendered(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize("name", COMPONENTS)
def test_every_component_has_its_template_and_says_when_to_use_it(name: str):
    get_template(COMPONENTS[name].template)
    assert len(COMPONENTS[name].doc) > 20


def test_a_name_that_a_component_does_not_take_is_an_error_at_once():
    with pytest.raises(TemplateSyntaxError, match="tag takes no colour; it takes text, tone, icon, dot"):
        Template('{% show "tag" text="x" colour="red" %}')
    with pytest.raises(TemplateSyntaxError, match="card takes no footer"):
        Template('{% component "card" %}{% slot "footer" %}x{% endslot %}{% endcomponent %}')
    with pytest.raises(TemplateSyntaxError, match="tag needs text"):
        Template('{% show "tag" tone="good" %}')
    with pytest.raises(TemplateSyntaxError, match="there is no component 'button'"):
        Template('{% show "button" %}')


def test_content_and_slots_stand_in_their_places():
    shown = rendered(
        '{% component "card" title="Traits" %}body{% slot "actions" %}<a>all</a>{% endslot %}{% endcomponent %}'
    )
    assert shown.index("Traits") < shown.index("<a>all</a>") < shown.index("body")
    assert "<footer>" not in shown


@pytest.mark.parametrize(
    "text",
    [
        '{% show "tag" text=x %}',
        '{% show "avatar" name=x %}',
        '{% component "card" title=x note=x %}{{ x }}{% endcomponent %}',
        '{% component "empty" title=x text=x %}{{ x }}{% endcomponent %}',
        '{% show "stat" label=x value=x note=x address=x %}',
        '{% component "alert" %}{{ x }}{% endcomponent %}',
    ],
)
def test_what_is_given_is_escaped(text: str):
    shown = rendered(text, x=HOSTILE)
    assert "<img" not in shown
    assert "</script>" not in shown


def test_an_icon_that_is_not_in_the_sprite_is_an_error():
    with pytest.raises(KeyError, match="add it to"):
        ui.icon("no-such-icon")


@pytest.mark.parametrize(
    ("name", "shown"),
    [("陈雨桐", "陈"), ("欧阳雪", "欧"), ("Liam Novak", "LN"), ("mei", "M"), ("", "·"), ("  ", "·")],
)
def test_an_avatar_shows_the_surname_or_initials(name: str, shown: str):
    assert ui.initials(name) == shown


def test_a_list_says_where_one_is_and_keeps_everything_but_the_page():
    columns = [
        Column(key="name", label="Name", sort=True),
        Column(key="spent", label="Spent", sort=True, number=True),
    ]
    one = Listing(
        path="/c/",
        query=[("stage", "silent"), ("sort", "-spent")],
        page=2,
        size=10,
        total=25,
        sort="-spent",
        columns=columns,
        chosen=["name", "spent"],
    )
    assert (one.first, one.last, one.pages) == (11, 20, 3)
    assert one.next == "/c/?stage=silent&sort=-spent&page=3"
    assert one.previous == "/c/?stage=silent&sort=-spent"
    (name, to_name, name_order), (_spent, to_spent, spent_order) = one.heads
    assert name.key == "name"
    assert (to_name, name_order) == ("/c/?stage=silent&sort=name", "")
    assert (to_spent, spent_order) == ("/c/?stage=silent&sort=spent", "descending")


@pytest.mark.parametrize(("language", "said"), [("en", "The command line"), ("zh-hans", "命令行")])
def test_who_did_something_is_called_by_name_and_the_command_line_in_words(language: str, said: str):
    with translation.override(language):
        assert rendered("{{ by|called }}", by="console") == said
        assert rendered("{{ by|called }}", by="Mei <b>") == "Mei &lt;b&gt;"


@pytest.mark.parametrize(("language", "said"), [("en", "customer"), ("zh-hans", "客户")])
def test_a_text_is_said_in_the_language_of_the_page(language: str, said: str):
    with translation.override(language):
        assert rendered("{{ text|said }}", text=Text("customer", "客户")) == said
