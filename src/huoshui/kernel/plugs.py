"""All extension points of the house on one page.

Upper rooms *declare* here when their app starts; lower rooms iterate without knowing who declared. A plug point
enters with two real users.

=============  ==================================================  ===========================================
plug           says                                                used by
=============  ==================================================  ===========================================
``LakeTable``  a table of the lake: grain, key, columns            ``lake`` writes and reads it
``Relation``   a named view of the facts as of a moment            traits and metrics compute over it
``Trait``      one value per customer                              ``data/traits`` computes; lists, pages read
``Prepar…``    what must be ready before traits are computed       ``know/models`` trains, ``data/traits`` asks for it
``Conseq…``    what follows from new traits, in the same write     ``know/segments``; ``data/traits`` runs it
``Metric``     one figure of the house                             ``measure/metrics`` evaluates
``MetricUse``  which pages show a metric                           ``measure/metrics`` says it on its page
``Popul…``     customers who have something in common              lists, exports and the API narrow down to them
``HOUSE_ZONE`` the time zone of the house                          ``lake`` (days of the engine), clocks of rooms
``HOUSE``      name, currency, zone of the house                   the shell of the pages (``web``), clocks of rooms
``ACTOR_OF``   the colleague of a number, as an actor              ``desk/jobs`` (who started a job), ``desk``
``Pages``      the addresses of a room's pages                     ``project`` puts them under the root
``MenuEntry``  a line of the menu                                  the shell of the pages (``web``)
``Search…``    what the search box finds                           the shell of the pages (``web``)
``Panel``      a part of another room's page                       pages of customers and tasks, the overview
``Subject…``   what tasks, comments and audit entries are about    ``desk`` names it and links to it
=============  ==================================================  ===========================================

Tables and expressions are Ibis, typed as ``Any`` here: the kernel imports nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.clock import AsOf
from huoshui.kernel.registries import Registry, Slot
from huoshui.kernel.texts import Language, Text

IbisTable = Any
IbisValue = Any


HOUSE_ZONE: Slot[ZoneInfo] = Slot("house zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What every page says of the house: ``demo`` marks an invented one; ``currency`` is an ISO 4217 code."""

    name: str
    currency: str
    zone: ZoneInfo
    demo: bool


HOUSE: Slot[House] = Slot("house")

ACTOR_OF: Slot[Callable[[int], Actor]] = Slot("colleague of a number")
"""The colleague as an actor, with the rights they have now; raises a refusal for people who are deactivated."""


# -- tables of the lake ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a lake table. ``type`` is an Ibis type name; ``doc`` says meaning and unit."""

    name: str
    type: str
    doc: str


@dataclass(frozen=True, kw_only=True)
class LakeTable:
    """A table of the lake.

    ``fact`` tables hold what happened: they get the provenance columns and keep superseded versions of a key
    (see `PROVENANCE`). The others are computed and overwritten or appended whole.

    ``whole`` names the columns by which a load replaces older rows (a prefix of ``key``; the order for lines).
    """

    slug: str
    doc: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    written_by: str
    kept: str
    fact: bool = True
    whole: tuple[str, ...] = ()
    statistics: tuple[str, ...] = ()
    sorted_by: tuple[str, ...] = ()
    kept_for: timedelta | None = None

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Declared columns and, for facts, provenance."""
        return self.columns + (PROVENANCE if self.fact else ())

    @property
    def replaced_by(self) -> tuple[str, ...]:
        """The columns that say which older rows a new row takes the place of (``source`` goes without saying)."""
        return self.whole or self.key


PROVENANCE = (
    Column("source", "string", "the system the row came from; part of every key"),
    Column("load_id", "int64", "the load that brought the row"),
    Column("ingested_at", "timestamp('UTC', 6)", "when it arrived"),
    Column("superseded_by", "int64", "the load that brought a newer version; empty while the row counts"),
)

LAKE_TABLES: Registry[LakeTable] = Registry("lake table")


# -- looking at the facts ----------------------------------------------------------------------------------------


class Tables(Protocol):
    """A consistent set of lake tables of one house version."""

    def table(self, slug: str) -> IbisTable:
        """The rows that count, without ``superseded_by``."""


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A named view of the facts as of a moment, such as *purchases*. Its table has a ``customer_id``."""

    slug: str
    doc: str
    build: Callable[[Tables, AsOf], IbisTable]


RELATIONS: Registry[Relation] = Registry("relation")


# -- traits ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Trait:
    """One value per customer, computed as of any moment.

    Exactly one of ``over`` and ``needs`` is given:

    * ``over``: the relation that is aggregated per customer; ``expression(rows, as_of)`` is an aggregate of it.
      All traits over one relation are computed in one pass.
    * ``needs``: other traits (and columns of ``customers``); ``expression(row, as_of)`` is a value, maybe with a
      window over all customers.

    ``empty`` is the value of a customer of whom the relation has no row. ``values`` names the codes of a trait
    whose values are codes, in their order.

    ``where`` says which rows a trait looks at: where all traits over a relation say it, others are not read. With
    ``per``, rows are first counted by customer and this value, and ``expression`` is an aggregate of those counts: the
    columns ``value`` (never empty) and ``times``.

    Of a trait that the house itself defined, ``defined_at`` is when its present meaning began: values computed before
    are of an earlier one. ``broken`` says why it has no values.
    """

    slug: str
    label: Text
    meaning: Text
    type: str
    unit: Text | None = None
    over: str | None = None
    needs: tuple[str, ...] = ()
    expression: Callable[[IbisTable, AsOf], IbisValue]
    empty: int | float | None = None
    values: Mapping[str, Text] = field(default_factory=dict)
    where: Callable[[IbisTable, AsOf], IbisValue] | None = None
    per: Callable[[IbisTable, AsOf], IbisValue] | None = None
    defined_at: datetime | None = None
    broken: Text | None = None

    def __post_init__(self) -> None:
        if (self.over is None) == (not self.needs):
            raise ValueError(
                f"trait {self.slug!r} must say either over which relation or which traits it needs"
            )


SHARE = Text("share", "占比")
"""The unit of traits that are a part of one: shown as percent."""

TRAITS: Registry[Trait] = Registry("trait")


class Prepares(Protocol):
    """What a room does before traits are computed as of a moment."""

    def __call__(self, *, actor: Actor, tables: Any, as_of: AsOf, now: datetime) -> None:
        """``tables`` is a snapshot of the lake."""


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """What must be there before traits are computed, such as models that some of them read."""

    slug: str
    run: Prepares


PREPARATIONS: Registry[Preparation] = Registry("preparation")


class Follows(Protocol):
    """What a room does when traits were computed, in the same write."""

    def __call__(self, *, tx: Any, as_of: AsOf, now: datetime) -> None:
        """``tx`` is the write of the lake that has the new traits and is not published yet."""


@dataclass(frozen=True, kw_only=True)
class Consequence:
    """What follows from new traits and becomes visible together with them, such as memberships of segments."""

    slug: str
    run: Follows


CONSEQUENCES: Registry[Consequence] = Registry("consequence")


# -- metrics -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One figure of the house: declared once, evaluated in one place, the same on every page and in every export.

    ``rows(scope)`` gives the contributions: an Ibis table with ``customer_id`` (empty for anonymous sales),
    ``numerator``, ``denominator`` (absent when the metric is a plain sum) and the columns ``scope.by``. The value
    of a cell is Σ numerator ÷ Σ denominator, or Σ numerator; the people of a cell are the customers with a
    numerator other than zero.

    ``direction`` says whether more is better (``up``), worse (``down``) or neither (``none``).

    ``unit``: a ``share`` is a part of one (growth may lie beyond); a ``score`` stands on the scale that the meaning
    names; ``times`` is a plain ratio. ``unit_word`` is written after a figure instead of the usual word of its unit.

    ``unknown`` says why there is no figure where no row says a numerator, for what a silent table does not make zero:
    without reports of spending nobody knows that nothing was spent. ``people(scope)`` are the rows whose customers a
    figure opens to, where they are not those of the numerator. ``of_people`` is false where facts without customers
    are in it, so that it cannot be cut to a group of them.

    ``alternatives`` are other metrics that answer the same question. ``slow`` metrics ask for traits as of days past,
    which takes about as long as a refresh for each: long lists leave them out. Values of ``entered`` ones are written
    by people.
    """

    slug: str
    label: Text
    meaning: Text
    numerator: Text
    denominator: Text | None = None
    unit: Literal["money", "orders", "customers", "share", "number", "score", "times", "months"]
    grain: Literal["order", "customer"]
    direction: Literal["up", "down", "none"] = "up"
    rows: Callable[[Any], IbisTable]
    unknown: Text | None = None
    people: Callable[[Any], IbisTable] | None = None
    of_people: bool = True
    alternatives: tuple[str, ...] = ()
    slow: bool = False
    entered: bool = False
    unit_word: Text | None = None


METRICS: Registry[Metric] = Registry("metric")


@dataclass(frozen=True, kw_only=True)
class MetricUse:
    """Where a room shows metrics: ``places(actor, metric)`` names the pages with it that the actor may see."""

    slug: str
    places: Callable[[Actor, str], Sequence[Hit]]


METRIC_USES: Registry[MetricUse] = Registry("use of metrics")


@dataclass(frozen=True, kw_only=True)
class AttributeUse:
    """What of a room speaks of attributes of customers: ``places()`` names it, by the slug of the attribute."""

    slug: str
    places: Callable[[], Mapping[str, Sequence[Text]]]


ATTRIBUTE_USES: Registry[AttributeUse] = Registry("use of attributes")


@dataclass(frozen=True, kw_only=True)
class Population:
    """A kind of groups of customers: those behind a cell of a metric, a cohort, those who moved to another stage.

    One group is written ``slug:argument``, as in ``/customers/?in=cohort:2024-03/2``; the argument says everything
    that decides who belongs to it, so that a stored address keeps its meaning.

    ``members(tables, argument)`` gives an Ibis table with the one column ``customer_id``, each once.
    ``sentence(argument)`` says in words who they are. Both raise a `HuoshuiError` when the argument means nothing.

    ``offered()`` are the groups that pages offer to choose from: their arguments with their names; nothing for kinds
    that are only opened from a figure. ``state(argument)`` is what members depend on besides the argument and the
    house version: answers that are kept are kept for it.
    """

    slug: str
    label: Text
    members: Callable[[Tables, str], IbisTable]
    sentence: Callable[[str], Text]
    offered: Callable[[], Sequence[tuple[str, Text]]] = tuple
    state: Callable[[str], Hashable] = str


POPULATIONS: Registry[Population] = Registry("population")


# -- pages -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Pages:
    """The pages of a room: ``urls`` is the module with its ``urlpatterns``, ``prefix`` where they begin."""

    slug: str
    prefix: str
    urls: str


PAGES: Registry[Pages] = Registry("pages")

MenuGroup = Literal["overview", "know", "plan", "act", "measure", "settings"]


@dataclass(frozen=True, kw_only=True)
class MenuEntry:
    """A line of the menu, which follows the loop.

    ``url`` is the name of a page that needs no arguments; ``place`` orders the lines of a group; people without
    ``right`` do not see it. ``icon`` is one of ``web/icons.txt``.
    """

    slug: str
    label: Text
    group: MenuGroup
    url: str
    icon: str
    place: int
    right: Right | None = None


MENU: Registry[MenuEntry] = Registry("menu entry")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing that was found: ``url`` is the name of its page with ``arguments``; ``note`` tells it from others."""

    title: str
    note: str
    url: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    icon: str


@dataclass(frozen=True, kw_only=True)
class SearchProvider:
    """One kind of thing that the search box finds.

    ``find(actor, words, language, limit)`` answers the best hits first, and only what the actor may see.
    """

    slug: str
    label: Text
    place: int
    find: Callable[[Actor, str, Language, int], Sequence[Hit]]


SEARCH: Registry[SearchProvider] = Registry("search provider")


# -- what other rooms show and speak of --------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A part that a room shows on the page of another: tasks on the page of a customer, "today" on the overview.

    ``template`` is rendered with what ``context(actor, subject, language)`` answers, beside ``request`` and
    ``subject`` (such as ``customer:482113095127844``, ``task:12`` or ``segment:vip``; empty on the overview). People
    without ``right`` do not see it.
    """

    slug: str
    label: Text
    page: Literal["customer", "overview", "task", "segment", "plan"]
    width: Literal["wide", "narrow"]
    place: int
    template: str
    context: Callable[[Actor, str, Language], Mapping[str, Any]]
    right: Right | None = None


PANELS: Registry[Panel] = Registry("panel")


@dataclass(frozen=True, kw_only=True)
class SubjectKind:
    """A kind of thing that tasks, comments, files and audit entries are about.

    A subject is written ``slug:id``. ``titles(actor, ids)`` names those that the actor may see, and only those;
    the page of one is the url ``url`` with the id as ``argument``.
    """

    slug: str
    label: Text
    url: str
    argument: str
    titles: Callable[[Actor, Sequence[str]], Mapping[str, str]]


SUBJECTS: Registry[SubjectKind] = Registry("kind of subject")
