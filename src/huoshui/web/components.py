"""The components of the pages: what each is for, what it takes, and its template.

A page writes ``{% show "tag" text=… tone="good" %}`` or, with content, ``{% component "card" title=… %} …
{% slot "actions" %} … {% endslot %} {% endcomponent %}``. A name that a component does not take is an error when the
template is read; one left out has the default declared here. The style page shows all of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

NEEDED = object()
"""The default of what must be given."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a component takes."""

    doc: str
    default: Any = NEEDED

    @property
    def needed(self) -> bool:
        """Whether it must be given."""
        return self.default is NEEDED


@dataclass(frozen=True, slots=True)
class Component:
    """A component: ``doc`` says when to use it, ``slots`` what may stand inside (``content`` is the rest)."""

    name: str
    doc: str
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    slots: Mapping[str, str] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The name of its template."""
        return f"huoshui/components/{self.name}.html"


COMPONENTS: dict[str, Component] = {}


def _declare(name: str, doc: str, /, *, slots: Mapping[str, str] | None = None, **parameters: Any) -> None:
    given = {n: Parameter(*p) if isinstance(p, tuple) else Parameter(p) for n, p in parameters.items()}
    COMPONENTS[name] = Component(name, doc, given, slots or {})


_declare(
    "head",
    "The head of a page: title, one grey line that says what, how many and as of when; at most two plain actions and "
    "one primary.",
    slots={"content": "actions, at the right", "beside": "tags beside the title", "sub": "the grey line"},
    title="the page's h1",
)
_declare(
    "card",
    "One thought on a page. Related figures share a card; no card inside a card.",
    slots={
        "content": "the body",
        "actions": "small buttons at the right of the title",
        "foot": "a last line",
    },
    title=("its h2", ""),
    note=("grey words beside the title", ""),
    span=("columns of 12 on wide screens, 3 to 9; 0 for all", 0),
    label=("its name for screen readers where it has no title", ""),
    flush=("without padding, for tables", False),
)
_declare(
    "stat",
    "A headline figure: value, difference, what it was, sparkline. At most six in a row of class hs-kpis.",
    label="what is counted",
    value="a Figure of web/figures.py, or a text",
    difference=("a Difference of web/figures.py", None),
    note=("what it is compared with", ""),
    spark=("a Spark of web/charts.py", None),
    also=("a second comparison: a Difference and what it is compared with", None),
    address=("where the number opens to its customers", ""),
)
_declare(
    "tag",
    "One state, with a word. good, warn, bad, info, brand, or plain.",
    text="the word",
    tone=("good, warn, bad, info, brand or empty", ""),
    icon=("an icon in front", ""),
    dot=("a dot in a chart colour, c0 to c6", ""),
)
_declare(
    "tags",
    "Several words of one kind, such as the tags of a customer.",
    texts="the words",
    none=("said when there are none", ""),
)
_declare(
    "avatar",
    "A person: the first 汉字 of the name, or Latin initials; the tint follows from the name.",
    name="the name",
    size=("sm, md or lg", "md"),
)
_declare(
    "alert",
    "A remark in place: what happened, why, what to do.",
    slots={"content": "the words; links may stand in them"},
    tone=("good, warn, bad, brand or empty", ""),
    icon=("an icon; each tone has its own", ""),
)
_declare(
    "empty",
    "What stands where nothing is yet: what it is, why there is none, the first step.",
    slots={"content": "the first step, as a button"},
    title="what there is none of",
    text=("why, and what it is for", ""),
    icon=("an icon", "sparkles"),
    small=("inside a card", False),
)
_declare(
    "table",
    "A list: sorting and choice of columns in the address, pages below, a place for export and bulk actions.",
    slots={
        "content": "the rows",
        "actions": "at the right above: export …",
        "foot": "at the left of the pages",
    },
    caption="what the table lists, for screen readers",
    columns="Column values of web/lists.py",
    listing=("a Listing of web/lists.py: sorting, pages, choice of columns", None),
    first=("the head of a first column that is always shown and not sorted by", ""),
    two=("rows have two lines", False),
    tight=("rows are narrow", False),
)
_declare(
    "filters",
    "The conditions in force as chips, each removable, and a search box. Works by GET, without JavaScript.",
    slots={"content": "fields of further conditions", "actions": "at the right"},
    listing="a Listing of web/lists.py",
    placeholder="what the search box finds",
)
_declare(
    "pager",
    "Pages of a list: where one is, how many, previous and next.",
    listing="a Listing of web/lists.py",
    note=("words behind", ""),
)
_declare(
    "tabs",
    "Sections of an object or saved views, with counts.",
    tabs="Tab values of web/lists.py",
    label="what they are, for screen readers",
)
_declare(
    "choice",
    "One of at most five views, as a row.",
    tabs="Tab values of web/lists.py",
    label="what is chosen, for screen readers",
)
_declare(
    "field",
    "A field of a form with its label, help and what is wrong with it.",
    field="a bound field of a Django form",
)
_declare(
    "form_errors",
    "What is wrong with a form as a whole, and how many fields are to be changed.",
    form="a bound Django form",
)
_declare(
    "timeline",
    "What happened, newest first, by day.",
    moments="Moment values of web/lists.py",
)
_declare(
    "facts",
    "Names and values. Each value may say why it is so.",
    facts="Fact values of web/lists.py",
)
_declare(
    "why",
    "Why a value is what it is: meaning, from what it was computed, when. Opens in place, without JavaScript.",
    slots={"content": "the reason"},
    of="what is explained",
)
_declare(
    "progress",
    "Work in the background. Asks for news by itself; one may leave.",
    job="a Progress of web/lists.py",
)
_declare(
    "bar",
    "A share of a whole, up to a goal. The word or number stands beside it.",
    share="0 to 1",
    label="said to screen readers",
    tone=("good, warn, bad or empty", ""),
    goal=("where it should be today, 0 to 1", None),
)
_declare(
    "meter",
    "An ordered level in five steps, with its number beside it.",
    level="0 to 5",
    tone=("good, warn, bad or empty", ""),
)
_declare(
    "split",
    "Parts of a whole with their numbers. Not a pie.",
    parts="Part values of web/lists.py",
    label="what is split",
)
_declare(
    "confirm",
    "Asks before what cannot be undone. The button is a link to a page that asks, so it works without JavaScript.",
    slots={"content": "what will happen and cannot be undone"},
    name="an id on the page",
    title="the question",
    button="verb and object, on the button that does it",
    address="where the POST goes",
    opener=("the word on the button that opens it", ""),
    ask=("a page that asks the same without JavaScript", ""),
    keep=("the word on the button that does nothing", ""),
)
_declare(
    "toast",
    "The result of an act at the foot of the page, with undo. Shown by the shell: web/undo.py.",
    toast="a Toast of web/undo.py",
)
_declare(
    "chart",
    "A chart with its table one click away; without JavaScript the table stands there.",
    chart="a Chart of kernel/charts.py",
    size=("sm, md or lg", "md"),
)
_declare(
    "matrix",
    "A two-way table whose cells are coloured by their size. A real table, no script.",
    chart="a Chart of kind heat of kernel/charts.py",
)


def component(name: str) -> Component:
    """The component; raises ``KeyError`` with the names that there are."""
    if name not in COMPONENTS:
        raise KeyError(f"there is no component {name!r}; there are {', '.join(sorted(COMPONENTS))}")
    return COMPONENTS[name]


def values(of: Component, given: Mapping[str, Any], slots: Mapping[str, Any]) -> dict[str, Any]:
    """What the template gets: what was given, else the defaults; empty slots are empty texts."""
    left = {n: p.default for n, p in of.parameters.items() if not p.needed}
    return {**left, **dict.fromkeys(of.slots, ""), **given, **slots}


def complaint(of: Component, given: Sequence[str], slots: Sequence[str]) -> str:
    """What is wrong with these names, or nothing."""
    unknown = [n for n in given if n not in of.parameters] + [n for n in slots if n not in of.slots]
    if unknown:
        return f"{of.name} takes no {', '.join(unknown)}; it takes {', '.join([*of.parameters, *of.slots])}"
    missing = [n for n, p in of.parameters.items() if p.needed and n not in given]
    return f"{of.name} needs {', '.join(missing)}" if missing else ""
