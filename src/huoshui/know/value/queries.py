"""What the page of value shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from huoshui.data.customers import listing
from huoshui.data.customers.conditions import Conditions
from huoshui.data.customers.listing import Row
from huoshui.data.traits import queries as traits
from huoshui.data.traits.standing import standing
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import HOUSE, TRAITS
from huoshui.lake.kept import kept
from huoshui.science import rfm

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

TOP = 10
FORETOLD = ("clv_12m", "clv_12m_low", "clv_12m_high", "p_alive", "stage")
BINS = (1, 2, 5)
STEPS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Customers in a cell of R × F now and on the earlier day."""

    r: int
    f: int
    customers: int
    before: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Customers in a cell of the value matrix, what they spent so far, and the class that the cell belongs to."""

    r: int
    worth: int
    value_class: str
    customers: int
    spent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Customers of a value class: how many, what they spent so far, what is expected of them in 12 months, and how many
    of them are customers still; the last two None without a model."""

    customers: int
    spent: float
    expected: float | None
    alive: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """Value of the customers as of the last refresh, beside ``since``. Money in house currency.

    ``moves`` counts customers by (class before, class now), None for no class. ``bins`` holds (from, to, customers) of
    the value of 12 months. ``spent_share`` and ``expected_share`` say what part the best 10, 20 … 100 % make up.
    """

    as_of: datetime
    since: date
    until: date
    cells: Sequence[Cell]
    classes: Mapping[str, Group]
    matrix: Sequence[Worth]
    moves: Mapping[tuple[str | None, str | None], int]
    bins: Sequence[tuple[float, float, int]]
    spent_share: Sequence[float]
    expected_share: Sequence[float]
    customers: int
    spent: float
    expected: float | None


def value(*, actor: Actor, tables: Snapshot, days: int) -> Value | None:
    """Value as of the last refresh and what moved within ``days`` days before; None before the first refresh.

    Raises `NotAllowed`.
    """
    actor.require(Right.CUSTOMERS_VIEW)
    refreshed = traits.last_refresh(tables=tables)
    if refreshed is None:
        return None
    as_of = refreshed[0]
    return kept(("value", str(tables.lake.root), tables.version, days), lambda: _value(tables, as_of, days))


def most_valuable(*, actor: Actor, tables: Snapshot) -> Sequence[Row]:
    """The `TOP` customers of whom most is expected in 12 months, with `FORETOLD`, of those whom the actor sees.

    Raises `NotAllowed`.
    """
    expecting = Conditions(filled=("clv_12m",))
    found = listing.find(
        actor=actor, tables=tables, conditions=expecting, columns=FORETOLD, sort="-clv_12m", size=TOP
    )
    return found.rows


def day_of(as_of: datetime) -> date:
    """The day of the house whose 00:00 is at, or just before, a moment."""
    return as_of.astimezone(HOUSE().zone).date()


@contextmanager
def kept_apart(tables: Snapshot, expression: Any) -> Iterator[Any]:
    """The answer of an expression as a table: computed once, where several questions are asked of it."""
    computed = tables.session.keep(expression)
    try:
        yield computed
    finally:
        tables.session.drop(computed)


def _value(tables: Snapshot, as_of: datetime, days: int) -> Value:
    import numpy as np

    until = day_of(as_of)
    since = until - timedelta(days=days)
    stored = tables.table("traits")
    grouped = stored.group_by("value_class").aggregate(
        customers=stored.count(),
        spent=stored.monetary.sum().cast("float64"),
        expected=stored.clv_12m.sum().cast("float64"),
        alive=stored.p_alive.sum(),
    )
    classes = {row["value_class"]: row for row in tables.arrow(grouped).to_pylist()}
    slugs, zone = ("r_score", "f_score", "value_class"), HOUSE().zone
    with kept_apart(tables, standing(tables, AsOf.day(since, zone), slugs)) as before:
        after = standing(tables, AsOf.day(until, zone), slugs)
        moved = tables.arrow(rfm.movement(before, after, by=slugs)).to_pylist()
    scores = stored.select("monetary", r=stored.r_score, f=stored.f_score, m=stored.m_score)
    matrix = tables.arrow(rfm.value_matrix(scores)).to_pylist()
    buyers = stored.filter(stored.frequency > 0)
    columns = tables.arrow(
        buyers.select(spent=buyers.monetary.cast("float64"), expected=buyers.clv_12m.cast("float64"))
    )
    spent, expected = (columns[name].drop_null().to_numpy() for name in ("spent", "expected"))
    return Value(
        as_of=as_of,
        since=since,
        until=until,
        cells=_cells(moved),
        classes={code: _group(classes.get(code)) for code in TRAITS["value_class"].values},
        matrix=_matrix(matrix),
        moves=_moves(moved),
        bins=_bins(np.sort(expected)),
        spent_share=_shares(spent),
        expected_share=_shares(expected),
        customers=len(spent),
        spent=float(spent.sum()),
        expected=float(expected.sum()) if len(expected) else None,
    )


def _group(row: Mapping[str, Any] | None) -> Group:
    if row is None:
        return Group(customers=0, spent=0.0, expected=None, alive=None)
    return Group(
        customers=row["customers"], spent=row["spent"] or 0.0, expected=row["expected"], alive=row["alive"]
    )


def _cells(moved: Sequence[Mapping[str, Any]]) -> list[Cell]:
    now: dict[tuple[Any, Any], int] = {}
    then: dict[tuple[Any, Any], int] = {}
    for row in moved:
        for counts, when in ((now, "after"), (then, "before")):
            place = row[f"r_score_{when}"], row[f"f_score_{when}"]
            counts[place] = counts.get(place, 0) + row["customers"]
    scores = range(1, rfm.QUANTILES + 1)
    return [
        Cell(r=r, f=f, customers=now.get((r, f), 0), before=then.get((r, f), 0))
        for r in reversed(scores)
        for f in scores
    ]


def _matrix(found: Sequence[Mapping[str, Any]]) -> list[Worth]:
    """The whole matrix, best first, with empty cells."""
    known = {(row["r"], row["worth"]): (row["customers"], float(row["monetary"] or 0)) for row in found}
    cells = []
    for r, worth in sorted(rfm.CELLS, reverse=True):
        customers, spent = known.get((r, worth), (0, 0.0))
        cells.append(
            Worth(r=r, worth=worth, value_class=rfm.class_of(r, worth), customers=customers, spent=spent)
        )
    return cells


def _moves(moved: Sequence[Mapping[str, Any]]) -> dict[tuple[str | None, str | None], int]:
    counts: dict[tuple[str | None, str | None], int] = {}
    for row in moved:
        pair = row["value_class_before"], row["value_class_after"]
        if pair != (None, None):
            counts[pair] = counts.get(pair, 0) + row["customers"]
    return counts


def _bins(values: Any) -> list[tuple[float, float, int]]:
    """Counts between 0, 1, 2, 5, 10, 20 …: from the first edge that leaves a hundredth below it to the last needed."""
    import numpy as np

    if not len(values):
        return []
    top = max(float(values[-1]), 1.0)
    edges = [float(step * 10**power) for power in range(15) for step in BINS]
    edges = edges[: next((n for n, edge in enumerate(edges) if edge > top), len(edges) - 1) + 1]
    first = next((n for n, edge in enumerate(edges) if np.searchsorted(values, edge) > len(values) / 100), 0)
    edges = [0.0, *edges[first:]]
    places = np.searchsorted(values, edges[1:], side="left")
    counts = np.diff(places, prepend=0)
    return [(low, high, int(n)) for low, high, n in zip(edges, edges[1:], counts, strict=False)]


def _shares(values: Any) -> list[float]:
    """What part of the sum the greatest tenth, two tenths … make up; empty where there is no sum."""
    import numpy as np

    total = float(values.sum()) if len(values) else 0.0
    if total <= 0:
        return []
    summed = np.cumsum(np.sort(values)[::-1])
    ends = np.ceil(len(values) * np.arange(1, STEPS + 1) / STEPS).astype(int) - 1
    return [float(one) for one in summed[ends] / total]
