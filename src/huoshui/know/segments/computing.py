"""One computation of memberships: who belongs now and did not, or the other way round, of all customers or of some.

What it finds is published as one: the moves in the lake, sizes and standing of the segments, and the facts `Segment
Entered` and `Segment Exited` in the fact queue.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import numpy.typing as npt
import pyarrow as pa
from django.db.models import Max
from ibis.common.annotations import ValidationError
from ibis.common.exceptions import IbisError

from huoshui.data.facts import queue
from huoshui.kernel.clock import AsOf
from huoshui.kernel.texts import Text
from huoshui.know.segments import changes, compiling, memberships, reasons, telling
from huoshui.know.segments.applying import Applicable, applicable
from huoshui.know.segments.choosing import Chosen
from huoshui.know.segments.memberships import Cause
from huoshui.know.segments.models import Computed, Size, Standing
from huoshui.know.segments.tables import MEMBERSHIPS
from huoshui.know.segments.telling import ENTERED, EXITED, Moved
from huoshui.lake.duck import arrow_schema
from huoshui.lake.errors import LakeDamaged, QueryFailed
from huoshui.lake.snapshot import Snapshot

if TYPE_CHECKING:
    from huoshui.lake.writing import Write

RULES_OF_A_QUERY = 100
READABLE = timedelta(days=6)
"""How long what the lake held at a computation can be read again: files are kept for seven days."""

MANY_FILES = 16
_MOMENT = pa.timestamp("us", "UTC")
_TICK = timedelta(microseconds=1)
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Done:
    """What a computation did: segments, customers looked at (-1 for everybody), moves, and how many were told."""

    segments: int = 0
    broken: int = 0
    customers: int = 0
    entered: int = 0
    left: int = 0
    told: int = 0
    seconds: float = 0.0


_Ids = npt.NDArray[np.int64]
_Causes = npt.NDArray[np.object_]
_Ranks = tuple[_Ids, _Ids]
_NOBODY: _Ranks = (np.empty(0, np.int64), np.empty(0, np.int64))


@dataclass(frozen=True, slots=True)
class _Move:
    """Customers, rising, why each of them may move, and which of them enter and leave a segment."""

    ids: _Ids
    causes: _Causes
    entered: npt.NDArray[np.bool_]
    left: npt.NDArray[np.bool_]


_NO_MOVE = _Move(np.empty(0, np.int64), np.empty(0, object), np.empty(0, bool), np.empty(0, bool))
_OF_LEAVERS = ["of", "who", "until", "its_version", "why"]


class Computation:
    """One computation inside a write."""

    def __init__(self, tx: Write, as_of: AsOf, now: datetime, cause: Cause | None = None) -> None:
        self.tx, self.as_of, self.now, self.cause = tx, as_of, now, cause
        self.began = time.perf_counter()
        self.tables: Snapshot = tx.snapshot
        self.known, self.problems = applicable()
        self.standings = {one.slug: one for one in Standing.objects.all()}
        self.computed = {one.what: one for one in Computed.objects.all()}
        self.last_sizes = dict(
            Size.objects.values("slug").annotate(last=Max("at")).values_list("slug", "last")
        )
        self.entered: list[pa.Table] = []
        self.leavers: list[pa.Table] = []
        self.told: list[pa.Table] = []
        self.moved: list[Moved] = []
        self.before: tuple[Snapshot, AsOf] | None = None
        self.noted: list[Standing] = []
        self.sizes: list[Size] = []
        self.done = Done(segments=len(self.known), broken=len(self.problems))

    def everybody(self, only: str = "", *, with_traits: bool = False) -> Done:
        """All customers. What loads brought since the last new traits may change these only now, and is not told."""
        chosen = [one for one in self.known if only in ("", one.slug)]
        last = self.computed.get("traits")
        passed = last is not None and last.as_of < self.as_of.at
        ranks = self._ranks(last)
        otherwise: Cause = "import" if ranks is None else "time" if passed else "definition"
        self._compute(chosen, None, ranks or _NOBODY, otherwise)
        self.done.customers = -1
        return self._finish(*(() if only else ("traits", "changes") if with_traits else ("changes",)))

    def changed(self) -> Done:
        """Those whom something changed since the last computation; everybody where that cannot be told any more."""
        last = self.computed.get("changes")
        ranks = self._ranks(last)
        if last is None or ranks is None or last.as_of > self.as_of.at:
            return self.everybody()
        then = AsOf(at=last.as_of, zone=self.as_of.zone)
        anew = [one for one in self.known if self._is_new(one) or self._moves_by_itself(one, then)]
        rest = [one for one in self.known if one not in anew]
        people = ranks[0]
        if last.as_of < self.as_of.at:
            about = [clause for one in rest for clause in one.clauses()]
            due = changes.due(self.tables, then, self.as_of, about)
            if due is not None:
                people = np.union1d(people, self.tables.arrow(due)["customer_id"].to_numpy())
        self.done.customers = len(people)
        self._compute(anew, None, ranks, "time")
        chosen = self.tables.session.hold(pa.table({"customer_id": people}))
        self._compute(rest if len(people) else [], chosen, ranks, "time")
        self._note(rest if not len(people) else [], {})
        return self._finish("changes")

    def _is_new(self, one: Applicable) -> bool:
        standing = self.standings.get(one.slug)
        return standing is None or standing.meaning != one.meaning

    def _moves_by_itself(self, one: Applicable, then: AsOf) -> bool:
        return changes.concerns_everybody(one.clauses(), then, self.as_of)

    def _ranks(self, last: Computed | None) -> _Ranks | None:
        """Who was touched since ``last``; nothing where that cannot be told, because it is too long ago."""
        if last is None or self.now - last.computed_at > READABLE:
            return None
        lake, session = self.tables.lake, self.tables.session
        # Facts as they were computed from; the other tables, such as traits, as they are before this write.
        others = {slug: n for slug, n in lake.snapshot().versions.items() if slug not in changes.watched()}
        versions = {**others, **last.tables}
        then = Snapshot(lake=lake, session=session, version=0, versions=versions)
        try:
            found = changes.touched(then, self.tables)
            self.before = then, AsOf(at=last.as_of, zone=self.as_of.zone)
            if found is None:
                return _NOBODY
            rows = self.tables.arrow(found).sort_by("customer_id")
        except LakeDamaged:  # an erasure has removed what the lake held then
            return None
        return rows["customer_id"].to_numpy(), rows["rank"].to_numpy()

    # -- who moves ---------------------------------------------------------------------------------------------------

    def _compute(
        self, segments: Sequence[Applicable], customers: Any, ranks: _Ranks, otherwise: Cause
    ) -> None:
        for start in range(0, len(segments), RULES_OF_A_QUERY):
            part = segments[start : start + RULES_OF_A_QUERY]
            try:
                moved = self.tables.arrow(self._moved(part, customers)).sort_by("customer_id")
            except (IbisError, ValidationError, QueryFailed) as error:
                self._one_by_one(part, customers, ranks, otherwise, error)
                continue
            ids = moved["customer_id"].to_numpy()
            causes = _causes(ids, ranks, self.cause, otherwise)
            self._note(
                part,
                {
                    one.slug: _Move(
                        ids=ids,
                        causes=causes,
                        entered=moved[f"e{number}"].to_numpy(),
                        left=moved[f"l{number}"].to_numpy(),
                    )
                    for number, one in enumerate(part)
                },
            )

    def _one_by_one(
        self,
        segments: Sequence[Applicable],
        customers: Any,
        ranks: _Ranks,
        otherwise: Cause,
        error: Exception,
    ) -> None:
        """Where the engine refuses a rule, that segment is broken and the others are computed all the same."""
        if len(segments) > 1:
            for one in segments:
                self._compute([one], customers, ranks, otherwise)
            return
        said = str(error).strip().splitlines()[0]
        self.problems[segments[0].slug] = Text(f"It cannot be computed: {said}", f"无法计算：{said}")
        self.done.broken += 1

    def _moved(self, segments: Sequence[Applicable], customers: Any) -> Any:
        """A row for each customer who enters or leaves one of the segments: ``customer_id``, and for the segment of
        number N whether they enter, ``eN``, and leave, ``lN``."""
        tables = Chosen(self.tables, self.as_of, customers)
        rules = {f"h{number}": one.rule for number, one in enumerate(segments)}
        others = dict(pair for one in segments for pair in one.others.items())
        holds = compiling.table(tables, self.as_of, rules, segments=others)
        rows = tables.table(MEMBERSHIPS.slug)
        rows = memberships.open_rows(rows.filter(rows.segment.isin([one.slug for one in segments])))
        was = {f"w{number}": (rows.segment == one.slug).any() for number, one in enumerate(segments)}
        before = rows.group_by("customer_id").aggregate(**was).rename(was_id="customer_id")
        both = holds.outer_join(before, holds.customer_id == before.was_id)
        found: dict[str, Any] = {}
        for number in range(len(segments)):
            is_in, was_in = both[f"h{number}"].fill_null(False), both[f"w{number}"].fill_null(False)
            found |= {f"e{number}": is_in & ~was_in, f"l{number}": was_in & ~is_in}
        moved = both.select(customer_id=ibis.coalesce(both.customer_id, both.was_id), **found)
        # One flat call: a hundred times "or" would be nested a hundred deep.
        return moved.filter(ibis.greatest(*(moved[name].cast("int8") for name in found)) > 0)

    # -- what is kept ------------------------------------------------------------------------------------------------

    def _note(self, segments: Sequence[Applicable], moves: Mapping[str, _Move]) -> None:
        """Note how the segments stand now, who moved, and what of that is told."""
        for one in segments:
            standing = self.standings.get(one.slug) or Standing(slug=one.slug, moved_at=_LONG_AGO)
            move = moves.get(one.slug, _NO_MOVE)
            came, went = move.ids[move.entered], move.ids[move.left]
            why = move.causes
            if self._is_new(one):
                why = np.full(len(move.ids), "definition" if one.slug in self.standings else "first", object)
            if len(came) or len(went):
                # Moments of one segment rise, also where the house looks back at an earlier day.
                standing.moved_at = max(self.as_of.at, standing.moved_at + _TICK)
                self.entered.append(self._rows(one, came, why[move.entered], standing.moved_at))
                self.leavers.append(self._rows(one, went, why[move.left], standing.moved_at))
                self.moved.append(Moved(one, ENTERED, came, why[move.entered], standing.moved_at))
                self.moved.append(Moved(one, EXITED, went, why[move.left], standing.moved_at))
            standing.size += len(came) - len(went)
            self._remember(one, standing, len(came), len(went), why)
            standing.version, standing.meaning = one.version, one.meaning
            standing.as_of, standing.computed_at = self.as_of.at, self.now
            standing.problem_en = standing.problem_zh = ""
            self.noted.append(standing)
            self.done.entered += len(came)
            self.done.left += len(went)

    def _rows(self, one: Applicable, ids: _Ids, why: _Causes, at: datetime) -> pa.Table:
        columns = {
            "segment": pa.repeat(one.slug, len(ids)),
            "customer_id": pa.array(ids, pa.int64()),
            "entered_at": pa.repeat(pa.scalar(at, _MOMENT), len(ids)),
            "left_at": pa.nulls(len(ids), _MOMENT),
            "version": pa.repeat(pa.scalar(one.version, pa.int64()), len(ids)),
            "reason": pa.array(why, pa.string()),
        }
        return pa.table(columns)

    def _tell(self) -> None:
        """Find out which clauses moved somebody, and tell what really happened."""
        moved = [one for one in self.moved if one.explained]
        found = reasons.of_moves((self.tables, self.as_of), self.before, telling.people(moved))
        for size in self.sizes:
            size.clauses = telling.clauses(found.get(size.slug, {}))
        for move in moved:
            facts = telling.facts(move, found.get(move.one.slug, {}), self.now)
            if facts is not None:
                self.told.append(facts)
                self.done.told += facts.num_rows

    def _remember(self, one: Applicable, standing: Standing, came: int, went: int, why: _Causes) -> None:
        """A row of sizes, where there was a move or none of this day is there."""
        last = self.last_sizes.get(one.slug)
        if not (came or went):
            if last is not None and _day(last, self.as_of) >= _day(self.as_of.at, self.as_of):
                return
            standing.moved_at = max(self.as_of.at, standing.moved_at + _TICK)
        named, times = (
            np.unique(why, return_counts=True) if len(why) else (["first" if last is None else "time"], [1])
        )
        self.sizes.append(
            Size(
                slug=one.slug,
                at=standing.moved_at,
                size=standing.size,
                entered=came,
                left=went,
                version=one.version,
                cause=named[int(np.argmax(times))],
            )
        )

    def _finish(self, *what: str) -> Done:
        self._tell()
        rows = pa.concat_tables([self._rows_of_nobody(), *self.entered, *self._left()])
        if rows.num_rows:
            self.tx.append(MEMBERSHIPS.slug, rows)
        files = self.tx.snapshot.sizes(MEMBERSHIPS.slug)
        if len(files) >= MANY_FILES:
            self.tx.merge(MEMBERSHIPS.slug, self.tx.snapshot.fetch(MEMBERSHIPS.slug, files))
        self.tx.when_published(partial(self._publish, what, watched(self.tables)))
        self.done.seconds = time.perf_counter() - self.began
        return self.done

    def _left(self) -> list[pa.Table]:
        """The rows that end the stays of those who leave: each says since when they had belonged."""
        leavers = pa.concat_tables([self._rows_of_nobody(), *self.leavers])
        if not leavers.num_rows:
            return []
        held = self.tables.session.hold(leavers.drop_columns(["entered_at"]).rename_columns(_OF_LEAVERS))
        rows = self.tables.table(MEMBERSHIPS.slug)
        rows = rows.filter(rows.segment.isin(leavers["segment"].unique().to_pylist()))
        rows = memberships.open_rows(rows).select("segment", "customer_id", "entered_at")
        both = rows.inner_join(held, [rows.segment == held.of, rows.customer_id == held.who])
        moments = {one.slug: one.moved_at for one in self.noted}
        found = self.tables.arrow(both.select("segment", "customer_id", "entered_at", "its_version", "why"))
        left_at = pa.array([moments[slug] for slug in found["segment"].to_pylist()], _MOMENT)
        columns = {
            "segment": found["segment"],
            "customer_id": found["customer_id"],
            "entered_at": found["entered_at"].cast(_MOMENT),
            "left_at": left_at,
            "version": found["its_version"],
            "reason": found["why"],
        }
        return [pa.table(columns)]

    def _publish(self, what: Sequence[str], tables: Mapping[str, int]) -> None:
        """In the database transaction that publishes the moves."""
        known = {one.slug for one in self.known}
        for slug, problem in self.problems.items():
            standing = self.standings.get(slug) or Standing(
                slug=slug, version=1, as_of=self.as_of.at, computed_at=self.now, moved_at=_LONG_AGO
            )
            standing.meaning = ""
            standing.problem_en, standing.problem_zh = problem.en[:500], problem.zh[:500]
            self.noted.append(standing)
        for slug, standing in self.standings.items():
            if slug not in known and slug not in self.problems and standing.meaning:
                standing.meaning = ""  # put away: when it is back its rule is as good as new
                self.noted.append(standing)
        names = [f.name for f in Standing._meta.concrete_fields if not f.primary_key]
        Standing.objects.bulk_create(
            self.noted, update_conflicts=True, unique_fields=["slug"], update_fields=names
        )
        Size.objects.bulk_create(self.sizes)
        for one in what:
            values = {"tables": tables, "as_of": self.as_of.at, "computed_at": self.now}
            Computed.objects.update_or_create(what=one, defaults=values)
        if self.told:
            queue.enqueue(table="events", rows=pa.concat_tables(self.told), now=self.now)

    @staticmethod
    def _rows_of_nobody() -> pa.Table:
        return arrow_schema(MEMBERSHIPS.columns).empty_table()


def watched(tables: Snapshot) -> dict[str, int]:
    """The versions of the tables whose changes can move customers."""
    return {slug: tables.versions[slug] for slug in changes.watched() if slug in tables.versions}


def _causes(ids: _Ids, ranks: _Ranks, cause: Cause | None, otherwise: Cause) -> _Causes:
    """Why each of ``ids`` moved: what touched them, else ``otherwise``."""
    why: _Causes = np.full(len(ids), otherwise, object)
    people, by_rank = ranks
    if len(people):
        places = np.minimum(np.searchsorted(people, ids), len(people) - 1)
        found = people[places] == ids
        names = np.array(changes.BY_RANK, object)
        why[found] = cause or names[by_rank[places[found]]]
    return why


def _day(moment: datetime, as_of: AsOf) -> date:
    return moment.astimezone(as_of.zone).date()
