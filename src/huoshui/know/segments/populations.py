"""Segments as populations: lists, exports and metrics narrow down to them by ``in=segment:SLUG``."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import UTC, datetime, timedelta

from huoshui.data.traits import queries as traits
from huoshui.kernel.clock import AsOf, now
from huoshui.kernel.plugs import HOUSE, POPULATIONS, TRAITS, IbisTable, Population, Tables
from huoshui.kernel.texts import Text
from huoshui.know.segments import memberships, queries
from huoshui.know.segments.errors import NotAMove
from huoshui.know.segments.rules import Not, Value, clauses
from huoshui.lake.snapshot import Snapshot


def declare() -> None:
    """Called once, when the app starts."""
    POPULATIONS.declare(
        Population(
            slug="segment",
            label=Text("Segment", "分群"),
            members=_members,
            sentence=_sentence,
            offered=_offered,
            state=_state,
        ),
        Population(
            slug="outside_segment",
            label=Text("Outside a segment", "不属于分群"),
            members=_others,
            sentence=_others_sentence,
            state=_state,
        ),
        Population(
            slug="segment_moved",
            label=Text("Entered or left a segment", "进入或离开分群"),
            members=_moved,
            sentence=_moved_sentence,
        ),
    )


def moved(slug: str, move: str, at: datetime) -> str:
    """The group of those who entered (``entered``) or ``left`` a segment at a moment."""
    return f"segment_moved:{slug}/{move}/{at.astimezone(UTC).isoformat().replace('+00:00', 'Z')}"


def _members(tables: Tables, slug: str) -> IbisTable:
    return queries.members(tables, _moment(tables), queries.rule_of(slug))


def _others(tables: Tables, slug: str) -> IbisTable:
    return queries.members(tables, _moment(tables), Not(queries.rule_of(slug)))


def _moment(tables: Tables) -> AsOf:
    refreshed = traits.last_refresh(tables=tables) if isinstance(tables, Snapshot) else None
    return AsOf(at=refreshed[0] if refreshed else now(), zone=HOUSE().zone)


def _moved(tables: Tables, argument: str) -> IbisTable:
    slug, move, at = _move_of(argument)
    rows = memberships.moves(tables, slug, since=at, until=at + timedelta(microseconds=1))
    return rows.filter(rows.move == move).select("customer_id").distinct()


def _moved_sentence(argument: str) -> Text:
    slug, move, at = _move_of(argument)
    name, day = queries.segment(slug).name, f"{at.astimezone(HOUSE().zone):%Y-%m-%d %H:%M}"
    if move == "entered":
        return Text(f"entered the segment “{name}” on {day}", f"{day} 进入分群“{name}”")
    return Text(f"left the segment “{name}” on {day}", f"{day} 离开分群“{name}”")


def _move_of(argument: str) -> tuple[str, str, datetime]:
    slug, _, rest = argument.partition("/")
    move, _, moment = rest.partition("/")
    try:
        at = datetime.fromisoformat(moment)
        if move not in ("entered", "left") or at.tzinfo is None or not 1900 <= at.year <= 2200:
            raise ValueError
    except ValueError as error:
        raise NotAMove(
            "This is no move of a segment",
            received=repr(argument[:80]),
            valid="SEGMENT/entered/MOMENT or SEGMENT/left/MOMENT, such as vip/left/2024-03-01T00:00:00Z",
        ) from error
    return slug, move, at.astimezone(UTC)


def _others_sentence(slug: str) -> Text:
    name = queries.segment(slug).name
    return Text(f"not in segment “{name}”", f"不属于分群“{name}”")


def _sentence(slug: str) -> Text:
    name = queries.segment(slug).name
    return Text(f"in segment “{name}”", f"属于分群“{name}”")


def _offered() -> list[tuple[str, Text]]:
    return list(queries.names().items())


def _state(slug: str) -> Hashable:
    rule = queries.rule_of(slug)
    others = queries.resolve(rule)
    looked_at = [clause for one in (rule, *others.values()) for _, clause in clauses(one)]
    of_traits = sorted({c.slug for c in looked_at if isinstance(c, Value) and c.of == "trait"})
    # A trait that the house defined otherwise since the last refresh is computed anew.
    return rule, tuple(sorted(others.items())), tuple((one, TRAITS[one].defined_at) for one in of_traits)
