"""Eight campaigns due in one minute for the same people in eight zones, over nights in which clocks change (OUT-06)."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from huoshui.act.messages import queries, services
from huoshui.act.messages.models import Message, Rules
from huoshui.act.messages.tests.conftest import agree, work
from huoshui.data.customers.tests.factories import make_customers, make_house
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.outreach import Handed, Outcome

ZONES = (
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Shanghai",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)
PRIORITIES = (0, 2, 5, 1, 5, 0, 3, 2)
"""Of the eight campaigns, by their order: the third wins, being older than the fifth."""
DAYS = 2
NIGHTS = {
    "America springs forward": datetime(2026, 3, 7, tzinfo=UTC),
    "Lord Howe falls back by half an hour": datetime(2026, 4, 4, tzinfo=UTC),
    "Europe falls back": datetime(2026, 10, 24, tzinfo=UTC),
}


def to_the_end(wall) -> None:
    """Both lanes work whenever something becomes due, until nothing waits any more."""
    while waiting := Message.objects.filter(state="pending").order_by("not_before").first():
        moment = max(waiting.not_before, wall.now)
        for now in (
            moment - timedelta(minutes=1),
            moment,
            *(moment + timedelta(seconds=6 * n) for n in (1, 2)),
        ):
            wall.now = max(now, wall.now)
            for lane in ("other", "post"):
                work(lane, times=9, worker=lane)


@pytest.mark.slow
@pytest.mark.parametrize("first", NIGHTS.values(), ids=NIGHTS)
def test_each_gets_one_a_day_of_their_own_out_of_the_night_and_it_is_foreseeable_which(db, post, wall, first):
    wall.now = first - timedelta(minutes=10)
    make_house()
    Rules.objects.create(id=1, cap_day=1, cap_week=None)
    people = dict(zip(make_customers(*(str(n) for n in range(len(ZONES)))), ZONES, strict=True))
    for one in people:
        agree(one)
    came: list[tuple[int, str, datetime]] = []

    def answer(message):
        came.append((message.customer_id, message.content.subject, wall.now))
        return Handed(outcome=Outcome.SENT)

    post.answer = answer
    for day in range(DAYS):
        for number, priority in enumerate(PRIORITIES, 1):
            rows = {
                "customer_id": pa.array(people, pa.int64()),
                "zone": [*people.values()],
                "occurrence": [f"day {day}"] * len(people),
                "not_before": pa.array(
                    [first + timedelta(days=day)] * len(people), pa.timestamp("us", "UTC")
                ),
            }
            services.enqueue(
                actor=CONSOLE,
                origin="test",
                origin_id=number,
                channel="post" if number % 2 else "other",
                marketing=True,
                priority=priority,
                rows=pa.table(rows),
                now=wall.now,
            )
    to_the_end(wall)
    for one, zone in people.items():
        theirs = [(subject, at.astimezone(ZoneInfo(zone))) for who, subject, at in came if who == one]
        days = Counter(at.date() for _subject, at in theirs)
        assert max(days.values()) == 1, (zone, theirs)
        assert [subject for subject, _at in theirs] == ["3"] * DAYS, (zone, theirs)
        assert all(8 <= at.hour < 21 for _subject, at in theirs), (zone, theirs)
    for number in range(1, len(PRIORITIES) + 1):
        counts = queries.counts(origin="test", origin_id=number, now=wall.now)
        assert counts.audience == DAYS * len(people)
        assert counts.by_state["sent"] + counts.by_reason.get("cap_day", 0) == counts.audience
