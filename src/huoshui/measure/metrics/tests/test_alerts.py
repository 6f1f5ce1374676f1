"""Alerts: what fires, one task and one letter while it lasts, no figure is never 0, and their pages."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.apps import apps
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from huoshui.data.connectors.services import ImportOptions, import_file
from huoshui.data.traits import services as traits
from huoshui.desk.jobs import running
from huoshui.desk.jobs.kinds import PERIODIC
from huoshui.desk.organisation import services as organisation
from huoshui.desk.users import queries as users
from huoshui.desk.worklist import queries as tasks
from huoshui.desk.worklist import services as worklist
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.clock import AsOf, zone_named
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.plugs import HOUSE, METRICS
from huoshui.lake import open_lake
from huoshui.lake.snapshot import Snapshot
from huoshui.measure.metrics.alerts import checking, jobs, queries, services
from huoshui.measure.metrics.alerts.course import GONE, SLOW, Course, course
from huoshui.measure.metrics.alerts.errors import NoSuchAlert, NotAnAlert, NotYourAlert
from huoshui.measure.metrics.errors import UnknownMetric
from huoshui.measure.metrics.models import Alert
from huoshui.measure.metrics.pages.alerts import chart

# Slow: whichever test comes first makes the house for all.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ZONE = zone_named("Asia/Shanghai")
HEAD = "invoice,customer,date,sku,description,quantity,price,channel\n"
FIRST = date(2023, 10, 2)  # a Monday
BAD, GOOD, SILENT = date(2024, 3, 4), date(2024, 3, 11), date(2024, 3, 25)
"""The days of three refreshes: after a week of a fifth of the usual, a usual one, and two of nothing at all."""


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 1, tzinfo=UTC)


def sales(first: date, end: date) -> str:
    """One sale a day, in turn online and in a store, about 100; a fifth of it in the week before `BAD`."""
    rows = []
    for number in range((end - first).days):
        day = first + timedelta(days=number)
        price = 100 + (number * 7) % 11 - 5
        if BAD - timedelta(days=7) <= day < BAD:
            price //= 5
        channel = ("online", "store")[number % 2]
        rows.append(f"{day:%Y%m%d},c{number % 9},{day} 09:00,lamp,Lamp,1,{price},{channel}\n")
    return HEAD + "".join(rows)


@dataclass(frozen=True)
class House:
    """What is known on each of the three days."""

    known: dict[date, Snapshot]

    def check(self, alert_id: int, day: date) -> str:
        return jobs.check_one(alert_id, tables=self.known[day], house=HOUSE(), now=at(day))


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[House]:
    """The house of the three days, made once."""
    home: Path = tmp_path_factory.mktemp("alerts")
    put = override_settings(HUOSHUI_HOME=home, HUOSHUI_LAKE=str(home / "lake"), HUOSHUI_STATED=frozenset())
    with django_db_blocker.unblock(), transaction.atomic(), put:
        organisation.found(
            actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=at(BAD), name="活水商城"
        )
        lake, known = open_lake(), {}
        for day, since, until in ((BAD, FIRST, BAD), (GOOD, BAD, GOOD), (SILENT, None, None)):
            if since and until:
                (home / "sales.csv").write_text(sales(since, until))
                import_file(
                    actor=CONSOLE,
                    lake=lake,
                    path=home / "sales.csv",
                    kind="transactions",
                    options=ImportOptions(strict=True),
                    now=at(day),
                )
            traits.refresh(actor=CONSOLE, lake=lake, as_of=AsOf.day(day, ZONE), now=at(day))
            known[day] = lake.snapshot()
        yield House(known)
        lake.close()
        transaction.set_rollback(True)


@pytest.fixture
def mei(signed_in):
    return signed_in("operator", email="mei@example.org", name="Mei")


@pytest.fixture
def taken(settings) -> Iterator[list[Any]]:
    """What a real mail server took."""

    class Server:
        async def handle_DATA(self, _server, _session, envelope):  # noqa: N802 aiosmtpd calls it
            letters.append(message_from_bytes(envelope.content, policy=policy.default))
            return "250 OK"

    letters: list[Any] = []
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(Server(), hostname="127.0.0.1", port=port)
    controller.start()
    settings.HUOSHUI_SMTP = SimpleNamespace(
        host="127.0.0.1", port=port, user="", password="", tls="none", sender="crm@example.org"
    )
    yield letters
    controller.stop()


def asked(house, client, **said: Any) -> int:
    """The number of an alert that the colleague asked for: weekly revenue below 500, if nothing else is said."""
    plain = {"metric": "revenue", "kind": "below", "grain": "week", "bound": Decimal(500), **said}
    actor = users.actor_of(client.user.pk)
    return services.ask(actor=actor, tables=house.known[BAD], now=at(BAD), **plain)


def seen(alert_id: int) -> queries.AlertSeen:
    return queries.alert(actor=CONSOLE, alert_id=alert_id)


def tasks_of(client) -> list[Any]:
    return list(
        apps.get_model("worklist", "Task").objects.filter(owner=client.user, source="alert").order_by("pk")
    )


def work() -> None:
    found = apps.get_model("jobs", "Job")
    while waiting := found.objects.filter(state="waiting").order_by("id").first():
        assert running.run_now(waiting.pk) == "done"


# -- what fires -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, "firing"),
        ({"bound": Decimal(10)}, "quiet"),
        ({"kind": "above", "bound": Decimal(100)}, "firing"),
        ({"kind": "above"}, "quiet"),
        ({"grain": "day", "bound": Decimal(50)}, "firing"),
        ({"grain": "month", "bound": Decimal(500)}, "quiet"),
        ({"where": {"channel": "store"}, "bound": Decimal(100)}, "firing"),
        ({"kind": "unusual", "bound": None}, "firing"),
        ({"kind": "unusual", "bound": None, "metric": "orders"}, "quiet"),
        # The seventh day like this is no longer unusual.
        ({"kind": "unusual", "bound": None, "grain": "day"}, "quiet"),
        ({"kind": "unusual", "bound": None, "grain": "month"}, "learning"),
    ],
)
def test_an_alert_says_how_the_last_whole_period_stands(house, mei, said, state):
    number = asked(house, mei, **said)
    assert house.check(number, BAD) == state
    found = seen(number)
    assert found.state == state
    assert found.said is not None
    assert len(tasks_of(mei)) == (state == "firing")


def test_what_is_said_has_the_figure_and_the_line(house, mei):
    number = asked(house, mei)
    house.check(number, BAD)
    said = seen(number).said
    assert said is not None
    assert said.en.startswith("Revenue of 2024-02-26")
    assert said.en.endswith("below ¥500")
    assert "低于 ¥500" in said.zh
    assert seen(number).period == date(2024, 2, 26)


def test_periods_are_whole():
    assert checking.last_whole(date(2024, 3, 4), "week", ZONE).first_day == date(2024, 2, 26)
    assert checking.last_whole(date(2024, 3, 3), "week", ZONE).first_day == date(2024, 2, 19)
    assert checking.last_whole(date(2024, 3, 1), "month", ZONE).first_day == date(2024, 2, 1)
    assert checking.last_whole(date(2024, 2, 29), "month", ZONE).first_day == date(2024, 1, 1)
    assert checking.last_whole(date(2024, 3, 31), "quarter", ZONE).first_day == date(2023, 10, 1)
    assert checking.last_whole(date(2024, 3, 4), "day", ZONE).first_day == date(2024, 3, 3)


# -- once ------------------------------------------------------------------------------------------------------


def test_one_task_and_one_letter_while_it_lasts(house, mei, taken):
    number = asked(house, mei)
    for _ in range(3):
        house.check(number, BAD)
    work()
    [task] = tasks_of(mei)
    assert task.title == "Alert: Revenue of a week: below ¥500"
    assert task.subject == f"alert:{number}"
    [letter] = taken
    assert letter["To"] == "mei@example.org"
    assert letter["Subject"] == "Alert: Revenue of a week: below ¥500"
    assert f"/metrics/alerts/{number}/" in letter.get_body(("plain",)).get_content()
    [entry] = apps.get_model("audit", "Entry").objects.filter(act="alert.fired")
    assert entry.subject == f"alert:{number}"


def test_it_fires_again_after_it_recovered_and_the_task_is_done(house, mei):
    number = asked(house, mei)
    assert [house.check(number, day) for day in (BAD, GOOD)] == ["firing", "quiet"]
    [task] = tasks_of(mei)
    assert house.check(number, BAD) == "firing"  # while that task is open
    assert tasks_of(mei) == [task]
    worklist.done(actor=users.actor_of(mei.user.pk), task_id=task.pk, now=at(BAD))
    assert [house.check(number, day) for day in (GOOD, BAD)] == ["quiet", "firing"]
    assert len(tasks_of(mei)) == 2
    assert seen(number).task_id == tasks_of(mei)[1].pk


@pytest.mark.parametrize("said", [{}, {"kind": "unusual", "bound": None}, {"where": {"channel": "store"}}])
def test_data_that_vanished_are_said_and_never_taken_for_nothing(house, mei, taken, said):
    number = asked(house, mei, **said)
    assert house.check(number, SILENT) == "unknown"
    words = seen(number).said
    assert words is not None
    assert "is an import missing?" in words.en
    assert "是否缺少导入" in words.zh
    assert tasks_of(mei) == []
    work()
    [letter] = taken
    assert letter["Subject"].startswith("No figure: ")
    assert house.check(number, SILENT) == "unknown"
    work()
    assert len(taken) == 1


def test_nothing_in_a_slice_is_a_figure_where_the_house_recorded_something(house, mei):
    number = asked(house, mei, where={"channel": "fair"}, bound=Decimal(1))
    assert house.check(number, BAD) == "firing"


def test_a_ratio_of_nothing_is_unknown(house, mei):
    number = asked(house, mei, metric="average_order_value", bound=Decimal(50))
    assert house.check(number, SILENT) == "unknown"
    assert tasks_of(mei) == []


def test_a_metric_that_is_gone_is_unknown(house, mei):
    number = asked(house, mei)
    Alert.objects.filter(pk=number).update(metric="turnover")
    assert house.check(number, BAD) == "unknown"
    assert seen(number).metric is None


def test_nobody_is_told_who_left(house, mei, taken):
    number = asked(house, mei)
    apps.get_model("users", "User").objects.filter(pk=mei.user.pk).update(is_active=False)
    assert house.check(number, BAD) == "new"
    work()
    assert (tasks_of(mei), taken) == ([], [])


def test_who_wants_no_mail_gets_a_task_only(house, mei, taken):
    house.check(asked(house, mei, mail=False), BAD)
    work()
    assert len(tasks_of(mei)) == 1
    assert taken == []


def test_letters_are_in_the_language_of_who_asked(house, mei, taken):
    mei.user.language = "zh-hans"
    mei.user.save()
    house.check(asked(house, mei), BAD)
    work()
    [letter] = taken
    assert letter["Subject"] == "预警：一周的净销售额低于 ¥500" or letter["Subject"].startswith(
        "预警：一周的"
    )


def test_the_clock_looks_at_all(house, mei):
    number = asked(house, mei)
    jobs.check(SimpleNamespace(now=at(SILENT)))  # the newest snapshot of the house
    assert seen(number).state == "unknown"
    assert PERIODIC[jobs.CHECK].every == timedelta(minutes=5)


# -- what is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"metric": "turnover"}, UnknownMetric),
        ({"kind": "sideways"}, NotAnAlert),
        ({"grain": "hour"}, NotAnAlert),
        ({"bound": None}, NotAnAlert),
        ({"bound": Decimal("NaN")}, NotAnAlert),
        ({"bound": Decimal(10) ** 15}, NotAnAlert),
        ({"metric": "retention_12m", "where": {"product": "lamp"}}, NotAnAlert),
    ],
)
def test_what_is_no_alert_is_refused(house, mei, said, refusal):
    with pytest.raises(refusal):
        asked(house, mei, **said)
    assert not Alert.objects.exists()


def test_an_alert_needs_a_colleague_who_may(house, signed_in):
    with pytest.raises(NotAllowed):
        asked(house, signed_in("viewer"))
    with pytest.raises(NotAnAlert):
        services.ask(
            actor=CONSOLE,
            metric="revenue",
            kind="below",
            grain="week",
            bound=Decimal(1),
            tables=house.known[BAD],
            now=at(BAD),
        )


def test_an_alert_is_ended_by_who_asked_or_a_manager(house, mei, signed_in):
    first, second = asked(house, mei), asked(house, mei)
    other = users.actor_of(signed_in("operator").user.pk)
    with pytest.raises(NotYourAlert):
        services.end(actor=other, alert_id=first, now=at(BAD))
    services.end(actor=users.actor_of(mei.user.pk), alert_id=first, now=at(BAD))
    services.end(actor=actor_of_role("boss", Role.MANAGER), alert_id=second, now=at(BAD))
    with pytest.raises(NoSuchAlert):
        services.end(actor=CONSOLE, alert_id=first, now=at(BAD))
    assert not queries.alerts(actor=CONSOLE)


# -- changed, ended and taken up again -------------------------------------------------------------------------


def changed(house, client, number: int, **said: Any) -> None:
    plain = {"kind": "below", "grain": "week", "bound": Decimal(500), "mail": True, **said}
    actor = users.actor_of(client.user.pk)
    services.change(actor=actor, alert_id=number, tables=house.known[BAD], now=at(GOOD), **plain)


def test_a_changed_line_is_looked_at_anew_and_rings_though_the_old_task_is_open(house, mei, taken):
    number = asked(house, mei)
    house.check(number, BAD)
    changed(house, mei, number, bound=Decimal(10))
    assert (seen(number).state, seen(number).said) == ("new", None)
    assert house.check(number, BAD) == "quiet"
    changed(house, mei, number, bound=Decimal(600), grain="week")
    assert jobs.check_one(
        number, tables=house.known[BAD], house=HOUSE(), now=at(GOOD) + timedelta(hours=1)
    ) == ("firing")
    assert len(tasks_of(mei)) == 2
    acts = apps.get_model("audit", "Entry").objects.filter(subject=f"alert:{number}").order_by("pk")
    assert [one.act for one in acts] == [
        *("alert.asked", "alert.fired", "alert.changed", "alert.changed", "alert.fired")
    ]


def test_a_change_of_letters_alone_forgets_nothing(house, mei):
    number = asked(house, mei)
    house.check(number, BAD)
    changed(house, mei, number, mail=False)
    found = seen(number)
    assert (found.state, found.mail) == ("firing", False)
    assert house.check(number, BAD) == "firing"
    assert len(tasks_of(mei)) == 1


@pytest.mark.parametrize(
    "said", [{"kind": "sideways"}, {"grain": "hour"}, {"bound": None}, {"bound": Decimal("Infinity")}]
)
def test_a_change_to_what_is_no_alert_is_refused(house, mei, said):
    number = asked(house, mei)
    with pytest.raises(NotAnAlert):
        changed(house, mei, number, **said)
    assert seen(number).bound == Decimal(500)


def test_only_who_asked_or_a_manager_changes_ends_and_takes_up_again(house, mei, signed_in):
    number = asked(house, mei)
    other, manager = signed_in("operator"), signed_in("manager")
    with pytest.raises(NotYourAlert):
        changed(house, other, number)
    changed(house, manager, number, bound=Decimal(400))
    services.end(actor=users.actor_of(manager.user.pk), alert_id=number, now=at(BAD))
    with pytest.raises(NotYourAlert):
        services.restore(actor=users.actor_of(other.user.pk), alert_id=number, now=at(BAD))
    with pytest.raises(NoSuchAlert):
        changed(house, mei, number)
    services.restore(actor=users.actor_of(mei.user.pk), alert_id=number, now=at(BAD))
    with pytest.raises(NoSuchAlert):
        services.restore(actor=users.actor_of(mei.user.pk), alert_id=number, now=at(BAD))
    assert (seen(number).owner, seen(number).bound) == ("Mei", Decimal(400))


def test_an_ended_alert_waits_for_nothing_and_comes_back_as_it_was(house, mei):
    number = asked(house, mei)
    services.end(actor=users.actor_of(mei.user.pk), alert_id=number, now=at(BAD))
    assert house.check(number, BAD) == ""
    with pytest.raises(NoSuchAlert):
        seen(number)
    services.restore(actor=users.actor_of(mei.user.pk), alert_id=number, now=at(BAD))
    assert house.check(number, BAD) == "firing"


def test_alerts_that_ended_leave_room_for_others(house, mei, monkeypatch):
    monkeypatch.setattr(services, "MOST", 1)
    first = asked(house, mei)
    with pytest.raises(NotAnAlert):
        asked(house, mei)
    services.end(actor=users.actor_of(mei.user.pk), alert_id=first, now=at(BAD))
    asked(house, mei)
    with pytest.raises(NotAnAlert):
        services.restore(actor=users.actor_of(mei.user.pk), alert_id=first, now=at(BAD))


# -- its past --------------------------------------------------------------------------------------------------


def past(house, number: int, day: date = BAD) -> Course:
    return course(actor=CONSOLE, alert_id=number, end=day, tables=house.known[day], house=HOUSE())


def test_the_past_has_the_figures_the_line_and_when_it_rang(house, mei):
    number = asked(house, mei)
    house.check(number, BAD)
    found = past(house, number)
    assert [ring.period for ring in found.rings] == [date(2024, 2, 26)]
    assert found.places[-1].value == pytest.approx(140, abs=10)
    assert found.places[-2].value == pytest.approx(700, abs=20)
    drawn = chart(found, house=HOUSE())
    assert drawn is not None
    assert [series.part for series in drawn.series] == ["", "target"]
    assert set(drawn.series[1].values) == {Decimal(500)}
    assert [note.place for note in drawn.notes] == [len(found.places) - 1]
    # Before the first sale nothing was counted: that is no figure, and not 0.
    before = [place.value for place in found.places if place.period.end_day <= FIRST]
    assert before
    assert set(before) == {None}


def test_what_was_expected_is_drawn_for_what_is_unusual(house, mei):
    number = asked(house, mei, kind="unusual", bound=None)
    house.check(number, BAD)
    found = past(house, number)
    told = [
        (one.low, one.value, one.high)
        for one in found.places
        if one.low is not None and one.value is not None and one.high is not None
    ]
    assert [low <= value <= high for low, value, high in told] == [True] * 7 + [False]
    said = found.alert.said
    assert said is not None
    low = re.search(r"expected ¥([\d,]+)", said.en)
    assert low is not None
    assert float(low[1].replace(",", "")) == pytest.approx(told[-1][0], abs=1)
    drawn = chart(found, house=HOUSE())
    assert drawn is not None
    assert [series.part for series in drawn.series] == ["", "previous", "previous"]


@pytest.mark.parametrize("grain", ["day", "month", "quarter"])
def test_periods_of_every_length_have_a_past(house, mei, grain):
    found = past(house, asked(house, mei, grain=grain))
    assert chart(found, house=HOUSE()) is not None


def test_a_metric_that_is_gone_or_slow_has_no_chart_and_says_why(house, mei):
    number = asked(house, mei)
    Alert.objects.filter(pk=number).update(metric="gone")
    assert past(house, number).problem == GONE
    slow = next(one.slug for one in METRICS if one.slow)
    Alert.objects.filter(pk=number).update(metric=slow)
    assert past(house, number).problem == SLOW
    assert "There is no chart" in main_of(mei.get(f"/metrics/alerts/{number}/"))


# -- pages -----------------------------------------------------------------------------------------------------


def main_of(answer) -> str:
    assert answer.status_code == 200
    text: str = answer.content.decode()
    return text.partition("<main")[2].partition("</main>")[0]


def test_an_alert_is_asked_for_seen_and_ended_on_pages(house, mei):
    assert "No alerts yet" in main_of(mei.get("/metrics/alerts/"))
    chosen = mei.get("/metrics/alerts/new/?metric=revenue")
    assert chosen["Location"] == "/metrics/revenue/alerts/"
    form = main_of(mei.get("/metrics/revenue/alerts/?slice=channel:store"))
    assert "CNY" in form
    assert "store" in form
    typed = {"kind": "below", "grain": "week", "bound": "100", "mail": "on"}
    assert mei.post("/metrics/revenue/alerts/?slice=channel:store", typed).status_code == 302
    row = Alert.objects.get()
    assert (row.where, row.bound, row.mail) == ({"channel": "store"}, Decimal(100), True)
    house.check(row.pk, BAD)
    table = main_of(mei.get("/metrics/alerts/"))
    assert "beyond the line" in table
    assert "Channel: store" in table
    page = main_of(mei.get(f"/metrics/alerts/{row.pk}/"))
    assert "/metrics/revenue/?slice=channel:store" in page
    assert f"/tasks/{tasks_of(mei)[0].pk}/" in page or f"/work/{tasks_of(mei)[0].pk}/" in page
    chinese = mei.get(f"/metrics/alerts/{row.pk}/", headers={"accept-language": "zh-hans"})
    assert "低于" in main_of(chinese)
    assert mei.post(f"/metrics/alerts/{row.pk}/end/").status_code == 302
    assert not queries.alerts(actor=CONSOLE)


def test_a_share_is_typed_in_percent(house, mei):
    typed = {"kind": "below", "grain": "month", "bound": "12.5"}
    assert mei.post("/metrics/repeat_rate/alerts/", typed).status_code == 302
    row = Alert.objects.get()
    assert (row.bound, row.mail) == (Decimal("0.125"), False)
    assert "12.5%" in seen(row.pk).rule.en


@pytest.mark.parametrize(
    "typed",
    [
        {"kind": "below", "grain": "week", "bound": ""},
        {"kind": "below", "grain": "hour", "bound": "1"},
        {"kind": "<b>", "grain": "week", "bound": "1"},
        {"kind": "below", "grain": "week", "bound": "much"},
    ],
)
def test_a_form_that_says_nothing_is_shown_again(house, mei, typed):
    answer = mei.post("/metrics/revenue/alerts/", typed)
    assert answer.status_code == 400
    assert not Alert.objects.exists()


def test_pages_refuse_who_may_not_and_what_is_not_there(house, mei, signed_in, stranger):
    number = asked(house, mei)
    viewer = signed_in("viewer")
    assert "New alert" not in main_of(viewer.get("/metrics/alerts/"))
    assert viewer.post("/metrics/revenue/alerts/", {}).status_code == 403
    assert viewer.post(f"/metrics/alerts/{number}/end/").status_code == 403
    assert stranger.get("/metrics/alerts/").status_code == 302
    assert mei.get("/metrics/alerts/999999999999999999999/").status_code == 404
    assert mei.get("/metrics/turnover/alerts/").status_code == 404
    assert mei.get(f"/metrics/alerts/{number}/end/").status_code == 405


def test_hostile_words_of_a_slice_stay_words(house, mei):
    asked(house, mei, where={"channel": "<script>x</script>"})
    assert "<script>x" not in main_of(mei.get("/metrics/alerts/"))


def test_a_task_names_its_alert(house, mei):
    number = asked(house, mei)
    house.check(number, BAD)
    (task,) = tasks_of(mei)
    with translation.override("en"):
        assert ": below" in queries.SUBJECT.titles(CONSOLE, [str(number)])[str(number)]
    assert tasks.task(actor=CONSOLE, task_id=task.pk).subject == f"alert:{number}"


def test_many_alerts_are_shown_with_as_many_questions_as_two(house, mei):
    def count() -> int:
        with CaptureQueriesContext(connection) as asked_for:
            main_of(mei.get("/metrics/alerts/"))
        return len(asked_for)

    for _ in range(2):
        asked(house, mei, where={"channel": "store"})
    few = count()
    for metric in ("orders", "repeat_rate", "average_order_value", "revenue"):
        house.check(asked(house, mei, metric=metric, where={}), BAD)
    assert count() <= few


def test_an_alert_is_edited_and_its_end_undone_on_pages(house, mei):
    number = asked(house, mei, metric="repeat_rate", bound=Decimal("0.125"))
    form = main_of(mei.get(f"/metrics/alerts/{number}/edit/"))
    assert 'value="12.5"' in form
    typed = {"kind": "above", "grain": "month", "bound": "40"}
    answer = mei.post(f"/metrics/alerts/{number}/edit/", typed)
    assert answer["Location"] == f"/metrics/alerts/{number}/"
    found = seen(number)
    assert (found.kind, found.grain, found.bound, found.mail) == ("above", "month", Decimal("0.4"), False)
    assert mei.post(f"/metrics/alerts/{number}/edit/", {**typed, "bound": "much"}).status_code == 400
    ended = mei.post(f"/metrics/alerts/{number}/end/", follow=True).content.decode()
    assert f"/metrics/alerts/{number}/restore/" in ended
    assert mei.get(f"/metrics/alerts/{number}/").status_code == 404
    assert mei.post(f"/metrics/alerts/{number}/restore/").status_code == 302
    assert "Edit" in main_of(mei.get(f"/metrics/alerts/{number}/"))


def test_the_page_of_an_alert_shows_its_chart_and_rings_in_both_languages(house, mei):
    number = asked(house, mei)
    assert "It has not rung yet" in main_of(mei.get(f"/metrics/alerts/{number}/"))
    house.check(number, BAD)
    page = main_of(mei.get(f"/metrics/alerts/{number}/"))
    assert "hs-chart" in page
    assert "When it rang" in page
    assert page.count("below ¥500") >= 2
    chinese = main_of(mei.get(f"/metrics/alerts/{number}/", headers={"accept-language": "zh-hans"}))
    assert "界限" in chinese
    assert "低于 ¥500" in chinese


def test_editing_is_refused_to_who_may_not(house, mei, signed_in, stranger):
    number = asked(house, mei)
    viewer, other = signed_in("viewer"), signed_in("operator")
    typed = {"kind": "below", "grain": "week", "bound": "1"}
    assert viewer.post(f"/metrics/alerts/{number}/edit/", typed).status_code == 403
    assert viewer.post(f"/metrics/alerts/{number}/restore/").status_code == 403
    assert other.post(f"/metrics/alerts/{number}/edit/", typed).status_code in (400, 403)
    assert stranger.get(f"/metrics/alerts/{number}/edit/").status_code == 302
    assert mei.get("/metrics/alerts/999999999999999999999/edit/").status_code == 404
    assert mei.get(f"/metrics/alerts/{number}/restore/").status_code == 405
    assert mei.post(f"/metrics/alerts/{number}/restore/").status_code == 404
    assert seen(number).bound == Decimal(500)
    assert f"/metrics/alerts/{number}/edit/" not in main_of(viewer.get(f"/metrics/alerts/{number}/"))
