"""Tags and filters of every template: components, icons, figures, addresses."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django import template
from django.http import QueryDict
from django.template.base import FilterExpression, Node, NodeList, Parser, Token, token_kwargs
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from huoshui.kernel import actors, clock
from huoshui.kernel.texts import Text
from huoshui.web import charts, components, figures, help, shell

register = template.Library()

# What a component sees of the page around it.
SHARED = ("csrf_token", "request", "language", "house", "kept", "actor")


class SlotNode(Node):
    """Content for a named place of the component around it."""

    def __init__(self, name: str, content: NodeList) -> None:
        self.name, self.nodelist = name, content

    def render(self, context: Context) -> str:
        """Nothing: the component renders it."""
        return ""


class ComponentNode(Node):
    """A component with what it was given."""

    def __init__(
        self, of: components.Component, given: dict[str, FilterExpression], content: NodeList
    ) -> None:
        self.of, self.given, self.nodelist = of, given, content
        self.slots = {node.name: node.nodelist for node in content if isinstance(node, SlotNode)}

    def render(self, context: Context) -> SafeString:
        """The component's template with its values."""
        slots: dict[str, str] = {
            name: content.render(context).strip() for name, content in self.slots.items()
        }
        if "content" in self.of.slots:
            slots["content"] = self.nodelist.render(context).strip()
        given = {name: value.resolve(context) for name, value in self.given.items()}
        inside = context.new(components.values(self.of, given, {n: SafeString(s) for n, s in slots.items()}))
        for name in SHARED:
            inside.setdefault(name, context.get(name, ""))
        engine: Any = context.template
        found = engine.engine.get_template(self.of.template)
        rendered: SafeString = found.render(inside)
        return rendered


def _parse(parser: Parser, token: Token, content: NodeList | None = None) -> ComponentNode:
    tag, *bits = token.split_contents()
    if not bits or bits[0][0] not in "\"'":
        raise template.TemplateSyntaxError(
            f'{tag} takes the name of a component in quotes: {{% {tag} "tag" … %}}'
        )
    try:
        of = components.component(bits[0][1:-1])
    except KeyError as error:
        raise template.TemplateSyntaxError(str(error.args[0])) from error
    rest = bits[1:]
    given = token_kwargs(rest, parser)
    if rest:
        raise template.TemplateSyntaxError(f"{tag} takes name=value, not {' '.join(rest)}")
    if content is None:
        content = NodeList()
        if tag == "component":
            content = parser.parse(("endcomponent",))
            parser.delete_first_token()
    node = ComponentNode(of, given, content)
    complaint = components.complaint(of, list(given), list(node.slots))
    if complaint:
        raise template.TemplateSyntaxError(complaint)
    return node


@register.tag("component")
def component_tag(parser: Parser, token: Token) -> ComponentNode:
    """``{% component "card" title=… %} content {% slot "actions" %} … {% endslot %} {% endcomponent %}``"""
    return _parse(parser, token)


@register.tag("show")
def show_tag(parser: Parser, token: Token) -> ComponentNode:
    """``{% show "tag" text=… %}``: a component without content."""
    return _parse(parser, token)


@register.tag("slot")
def slot_tag(parser: Parser, token: Token) -> SlotNode:
    """``{% slot "actions" %} … {% endslot %}`` directly inside a component."""
    bits = token.split_contents()
    if len(bits) != 2:
        raise template.TemplateSyntaxError('slot takes one name: {% slot "actions" %}')
    content = parser.parse(("endslot",))
    parser.delete_first_token()
    return SlotNode(bits[1].strip("\"'"), content)


@cache
def icons() -> frozenset[str]:
    """The icons of the sprite."""
    return frozenset((Path(__file__).parents[1] / "icons.txt").read_text("utf-8").split())


@register.simple_tag
def icon(name: str, extra: str = "") -> str:
    """An icon of the sprite, hidden from screen readers; raises ``KeyError`` for one that is not in it."""
    return _drawn(name, extra, static("vendor/icons.svg"))


@lru_cache(maxsize=1024)
def _drawn(name: str, extra: str, sprite: str) -> SafeString:
    """Pages have dozens of icons, of which most are the same."""
    if name not in icons():
        raise KeyError(f"there is no icon {name!r}; add it to web/icons.txt")
    return format_html(
        '<svg class="ti {}" aria-hidden="true"><use href="{}"></use></svg>', extra, f"{sprite}#{name}"
    )


@register.simple_tag(takes_context=True)
def link(context: Context, name: str, *arguments: Any, **named: Any) -> str:
    """The address of a page with the period and slice that the reader has chosen."""
    return reverse(name, args=arguments, kwargs=named) + str(context.get("kept", ""))


@register.simple_tag(takes_context=True)
def export_link(context: Context, slug: str, **conditions: Any) -> str:
    """A button to the page that gives the list ``slug`` as a file, as it stands there; and back here afterwards."""
    request = context["request"]
    query = QueryDict(mutable=True) if conditions else request.GET.copy()
    query.update({name: str(value) for name, value in conditions.items()})
    for place in ("page", "before"):  # the whole list, from whichever of its pages
        query.pop(place, None)
    query["back"] = request.get_full_path()
    address = f"{reverse('jobs:export', args=[slug])}?{query.urlencode()}"
    return format_html(
        '<a class="btn btn-plain" href="{}">{}{}</a>', address, icon("download"), gettext("Export")
    )


@register.simple_tag(takes_context=True)
def help_address(context: Context) -> str:
    """The page of the guide that is about this page, else its index."""
    found = context["request"].resolver_match
    slug = help.page_about(found.view_name) if found else ""
    return reverse("web:help_page", args=[slug]) if slug else reverse("web:help")


@register.filter
def said(text: Text) -> str:
    """A `Text` in the language of the page."""
    return text.in_(shell.language_now())


@register.filter
def called(by: str) -> str:
    """Who did something: a colleague's name, or words for the command line and for nobody."""
    return actors.called(by).in_(shell.language_now())


@register.filter
def count(value: Any) -> str:
    """A number with all its digits."""
    return figures.count(value, shell.language_now())


@register.simple_tag(takes_context=True)
def near(context: Context, moment: datetime) -> str:
    """A moment as people say it, in the zone of the house."""
    house = context.get("house")
    zone = house.zone if house else clock.zone_named("UTC")
    return figures.near(moment, clock.now(), zone, shell.language_now())


@register.filter
def long_day(value: date) -> str:
    """A day in a sentence."""
    return figures.day(value, shell.language_now())


@register.filter
def initials(name: str) -> str:
    """What stands in an avatar: the first 汉字, or the first letters of first and last Latin name."""
    words = name.split()
    if not words:
        return "·"
    if not words[0][0].isascii():
        return words[0][0]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@register.filter
def tint(name: str) -> str:
    """One of five tints, always the same for a name."""
    return "abcde"[hashlib.sha256(name.encode()).digest()[0] % 5]


@register.simple_tag
def options(chart: Any) -> str:
    """The options of a chart for the browser, as JSON that is safe inside a script element."""
    return charts.script(chart, shell.language_now())


@register.simple_tag
def chart_table(chart: Any) -> tuple[list[str], list[list[tuple[str, str]]]]:
    """Heads and rows of a chart's table, each cell with the page that it opens to."""
    return charts.linked(chart, shell.language_now())


@register.simple_tag
def chart_matrix(chart: Any) -> tuple[list[str], list[tuple[str, list[charts.Cell]]]]:
    """Heads and shaded rows of a heat chart."""
    return charts.matrix(chart, shell.language_now())


@register.simple_tag
def legend(chart: Any) -> list[tuple[str, str, str]]:
    """Name, colour and part of each series."""
    language = shell.language_now()
    return [(s.name.in_(language), chart.colour_of(i), s.part) for i, s in enumerate(chart.series)]


@register.simple_tag
def svg_percent(share: float | None) -> str:
    """A share between 0 and 1 as a length of an SVG."""
    return f"{min(1.0, max(0.0, float(share or 0))) * 100:.2f}%"


@register.simple_tag
def split_rects(parts: Any) -> list[tuple[Any, str, str]]:
    """Where each part of a whole begins and how wide it is."""
    whole = sum(part.size for part in parts) or 1
    placed, x = [], 0.0
    for part in parts:
        width = part.size / whole * 100
        placed.append((part, f"{x:.3f}%", f"{max(0.0, width - 0.25):.3f}%"))
        x += width
    return placed


@register.simple_tag
def field_input(field: Any) -> Any:
    """The input of a form field with the class of its kind; Django ties it to its help and errors."""
    kind = getattr(field.field.widget, "input_type", "textarea")
    look = {"checkbox": "form-check-input", "select": "form-select"}.get(kind, "form-control")
    return field.as_widget(attrs={"class": look})


@register.simple_tag
def svg_share(part: float, whole: float) -> float:
    """What part is of whole, 0 where there is no whole."""
    return float(part) / float(whole) if whole else 0.0
