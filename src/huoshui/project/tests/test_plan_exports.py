"""``huoshui plan``: exports of the snapshot that is asked for, or of now, and goals."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.plan.plans.document import editing, services
from huoshui.project.tests.conftest import SALES, loaded

pytestmark = [pytest.mark.django_db, pytest.mark.slow]  # a house is made


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A house of a few sales."""
    folder = tmp_path_factory.mktemp("exports")
    with django_db_blocker.unblock(), loaded(folder, transactions=SALES):
        yield


def test_a_snapshot_is_exported_by_its_number_and_an_unchanged_plan_by_the_last_one(
    house, command_line, tmp_path: Path
):
    today = clock.now().date()
    plan = services.create(
        actor=CONSOLE,
        title="Plan",
        template="blank",
        first_day=today,
        last_day=today + timedelta(days=90),
        language="en",
        now=clock.now(),
    )

    def ran(name: str, *said: object) -> bytes:
        file = tmp_path / f"{name}.pdf"
        answer = command_line("plan", "export", plan, "--to", file, *said, "--language", "en")
        assert answer.code == 0, answer.err
        return file.read_bytes()

    first = ran("first")
    assert ran("again") == first, "nothing changed: the last one again"
    editing.add_part(actor=CONSOLE, plan_id=plan, title="More", now=clock.now())
    second = ran("second")
    assert second != first, "without a number: of now"
    assert ran("old", "--snapshot", 1) == first
    assert ran("new", "--snapshot", 2) == second
    refused = command_line("plan", "export", plan, "--to", tmp_path / "no.pdf", "--snapshot", 99)
    assert (refused.code, "99" in refused.err) == (1, True)
    assert not (tmp_path / "no.pdf").exists()


def test_a_goal_is_set_and_read_on_the_command_line(house, command_line):
    plan = services.create(
        actor=CONSOLE,
        title="Plan",
        template="blank",
        first_day=date(2025, 1, 1),
        last_day=date(2025, 12, 31),
        language="en",
        now=clock.now(),
    )
    said = ("plan", "set-goal", plan, "revenue", "+20 %", "--baseline", "year", "--language", "en", "--json")
    made = command_line(*said)
    assert made.code == 0, made.err
    goal = json.loads(made.out)
    assert Decimal(goal["baseline"]) > 0
    assert Decimal(goal["target"]) == Decimal(goal["baseline"]) * Decimal("1.2")
    assert (goal["name"], goal["first_day"]) == ("Revenue", "2025-01-01")
    part = command_line(
        *("plan", "set-goal", plan, "revenue", "5000", "--where", "channel=web", "--to", "2025-06-30")
    )
    assert part.code == 0, part.err
    listed = json.loads(command_line("plan", "goals", plan, "--json").out)
    assert [one["slice"] for one in listed] == [{}, {"channel": "web"}]
    refused = command_line("plan", "set-goal", plan, "revenue", "much")
    assert (refused.code, "not clear" in refused.err) == (1, True)
