"""Boards: what they show, who may, two editors at once, and letters through a real mail server."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email import message_from_bytes, policy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from aiosmtpd.controller import Controller
from django.apps import apps
from django.db import transaction
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from huoshui.data.connectors.services import ImportOptions, import_file
from huoshui.data.traits import services as traits
from huoshui.desk.jobs import running
from huoshui.desk.organisation import services as organisation
from huoshui.desk.threads import queries as threads
from huoshui.desk.users import queries as users
from huoshui.documents import pictures
from huoshui.kernel.actors import CONSOLE, Actor, Right
from huoshui.kernel.charts import Chart, Series
from huoshui.kernel.clock import AsOf, zone_named
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import Text
from huoshui.lake import open_lake
from huoshui.lake.snapshot import Snapshot
from huoshui.measure.dashboards.boards import blocks, forms, jobs, queries, reading, services, words
from huoshui.measure.dashboards.boards.blocks import Block, Content
from huoshui.measure.dashboards.boards.errors import (
    BoardChanged,
    NoSuchBoard,
    NoSuchSubscription,
    NotABoard,
    NotYourBoard,
)
from huoshui.measure.dashboards.models import Board, Subscription
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.periods import Period
from huoshui.web import charts

# Slow: whichever test comes first makes the house for all.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ZONE = zone_named("Asia/Shanghai")
NOW = datetime(2024, 3, 1, 1, 30, tzinfo=UTC)
SALES = """\
invoice,customer,date,sku,description,quantity,price,channel
1,mei,2024-02-20 09:00,lamp,Lamp,1,20,online
2,tom,2024-02-25 09:00,lock,Lock,1,100,store
3,mei,2024-01-20 09:00,lamp,Lamp,1,30,online
"""
REVENUE = Block(kind="metric", metric="revenue", period="30d")
BY_DAY = Block(kind="chart", metric="revenue", by="day", period="30d")
CONTENT = Content(title="周报", blocks=(REVENUE, Block(kind="section", title="Days"), BY_DAY))


@dataclass(frozen=True)
class House:
    """The house with the sales, and what it was before they came."""

    tables: Snapshot
    before: Snapshot

    def shown(self, *made: Block, actor: Actor = CONSOLE, **said: Any) -> list[reading.Shown]:
        """The blocks as ``actor`` sees them, in English."""
        tables = said.pop("tables", self.tables)
        reader = reading.Reader(
            **{"actor": actor, "house": HOUSE(), "language": "en", "now": NOW, "cut": {}, **said}
        )
        page = reading.page(Content(title="x", blocks=made), tables=tables, reader=reader)
        return [block for section in page.sections for block in section.blocks]


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[House]:
    """Three sales as of 1 March 2024, made once."""
    home: Path = tmp_path_factory.mktemp("boards")
    (home / "sales.csv").write_text(SALES)
    put = override_settings(HUOSHUI_HOME=home, HUOSHUI_LAKE=str(home / "lake"), HUOSHUI_STATED=frozenset())
    with django_db_blocker.unblock(), transaction.atomic(), put:
        organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW, name="活水商城")
        lake = open_lake()
        before = lake.snapshot()
        import_file(
            actor=CONSOLE,
            lake=lake,
            path=home / "sales.csv",
            kind="transactions",
            options=ImportOptions(strict=True),
            now=NOW,
        )
        traits.refresh(actor=CONSOLE, lake=lake, as_of=AsOf.day(date(2024, 3, 1), ZONE), now=NOW)
        yield House(lake.snapshot(), before)
        lake.close()
        transaction.set_rollback(True)


# -- what blocks show --------------------------------------------------------------------------------------------


def test_a_figure_is_that_of_the_evaluator_and_opens_its_customers(house):
    (shown,) = house.shown(REVENUE)
    period = Period.days(date(2024, 1, 31), date(2024, 3, 1), ZONE)
    assert metrics.evaluate("revenue", tables=house.tables, period=period)[0].value == Decimal(120)
    assert (shown.exact, shown.was) == ("¥120", "was ¥30")
    assert "revenue%2F2024-01-31..2024-03-01" in shown.address


def test_period_and_slice_of_the_page_hold_for_all_blocks(house):
    shown, chart = house.shown(REVENUE, BY_DAY, period="7d", cut={"channel": "store"})
    assert shown.exact == "¥100"
    assert chart.chart is not None
    assert len(chart.chart.places) == 7
    assert sum(value or 0 for value in chart.chart.series[0].values) == 100


@pytest.mark.parametrize(
    ("block", "said", "sentence"),
    [
        (replace(REVENUE, metric="gone"), {}, "no metric “gone”"),
        (replace(BY_DAY, metric="gone"), {}, "no metric “gone”"),
        (replace(REVENUE, metric=""), {}, "not filled in"),
        (replace(REVENUE, slice="channel:nowhere"), {}, "data are gone"),
        (replace(REVENUE, slice="nothing:x"), {}, "nothing"),
        (replace(BY_DAY, by="nothing"), {}, "nothing"),
        (REVENUE, {"period": "2031-01-01..2031-01-31"}, "reach to 2024-02-29"),
        (REVENUE, {"period": "2020-01-01..2020-01-31"}, "data are gone"),
        (BY_DAY, {"period": "1990-01-01..2024-01-31"}, "Too many places"),
        (Block(kind="list", view="4711"), {}, "not shared with you"),
        (Block(kind="list", group="nobody:x"), {}, "means nothing"),
    ],
)
def test_a_block_that_cannot_be_shown_says_why_and_shows_no_zero(house, block, said, sentence):
    (shown,) = house.shown(block, **said)
    assert sentence in shown.problem
    assert (shown.value, shown.exact, shown.chart, shown.lines) == ("", "", None, ())


def test_when_the_data_are_gone_no_figure_is_zero(house):
    made = [replace(block, period="30d") for block in (REVENUE, BY_DAY)]
    people = Block(kind="metric", metric="customers_by_stage")
    for shown in house.shown(*made, people, replace(BY_DAY, by="channel"), tables=house.before):
        assert shown.problem, shown.title
        assert shown.exact == ""


def test_a_true_zero_is_a_zero(house):
    (shown,) = house.shown(replace(REVENUE, slice="channel:online"), period="2024-02-23..2024-02-24")
    assert (shown.problem, shown.exact) == ("", "¥0")


def test_people_by_week_are_those_of_each_week(house):
    (shown,) = house.shown(replace(BY_DAY, metric="active_customers", by="week", compare=""))
    assert shown.problem == ""
    assert shown.chart is not None
    assert len(shown.chart.places) == len(shown.chart.series[0].values) == 5


def test_a_list_holds_only_whom_its_reader_sees(house, signed_in):
    (everybody,) = house.shown(Block(kind="list"))
    assert (everybody.total, len(everybody.lines)) == (2, 2)
    own = users.actor_of(signed_in("operator", scope="own").user.pk)
    (nobody,) = house.shown(Block(kind="list"), actor=own)
    assert (nobody.total, nobody.lines) == (0, ())
    with pytest.raises(NotAllowed):
        house.shown(REVENUE, actor=Actor(name="stranger", rights=frozenset()))


@given(st.text(alphabet="<>&\"'*[]()-ab \n/:" + "https", max_size=60))
def test_a_text_brings_no_markup_of_its_own(text):
    made = words.html(text)
    tags = set(re.findall(r"<[^>]*>", made))
    allowed = r'</?(p|ul|ol|li|b|em|a)>|<br>|<a href="https?://[^"<>]*" rel="noopener noreferrer">'
    assert [tag for tag in tags if not re.fullmatch(allowed, tag)] == []
    assert "<" not in re.sub(r"<[^>]*>", "", made)


def test_a_text_knows_bold_lists_and_links():
    assert words.html(
        "**a** *b*\n\n- c\n- d\n\n[e](https://x.example/?a=1&b=2) [f](javascript:alert(1))"
    ) == (
        "<p><b>a</b> <em>b</em></p>\n<ul><li>c</li><li>d</li></ul>\n"
        '<p><a href="https://x.example/?a=1&amp;b=2" rel="noopener noreferrer">e</a> [f](javascript:alert(1))</p>'
    )


@pytest.mark.parametrize("kind", ["line", "bar", "stack"])
def test_page_and_picture_draw_the_same_numbers(kind):
    values: tuple[Any, ...] = (Decimal("10.25"), None, 7, 3)
    chart = Chart(
        kind=kind,
        title=Text("t", "标题"),
        axis=Text("Day", "日"),
        unit="count",
        places=tuple(date(2024, 1, 1 + n) for n in range(4)),
        series=(
            Series(name=Text("a", "甲"), values=values),
            Series(name=Text("b", "乙"), values=(1, 2, 3, 4)),
        ),
    )
    page = {one["name"]: one["data"] for one in charts.option(chart, "zh")["series"]}
    drawn = pictures.figure(chart, "zh", places=["一", "二", "三", "四"], write=str)
    (axes,) = drawn.axes
    if kind == "line":
        picture = {
            str(line.get_label()): np.asarray(line.get_ydata(), dtype=float).tolist() for line in axes.lines
        }
    elif kind == "bar":
        picture = {str(bars.get_label()): [bar.get_height() for bar in bars] for bars in axes.containers}
    else:
        picture, below = {}, [0.0] * 4
        for area in axes.collections:
            corners = np.asarray(area.get_paths()[0].vertices, dtype=float).tolist()
            tops = [max(y for x, y in corners if x == place) for place in range(4)]
            picture[str(area.get_label())] = [top - base for top, base in zip(tops, below, strict=True)]
            below = tops
        page = {name: [number or 0 for number in numbers] for name, numbers in page.items()}
    for name, numbers in page.items():
        assert [None if y != y else y for y in picture[name]] == numbers


# -- composing ---------------------------------------------------------------------------------------------------


@given(st.integers(0, 6), st.integers(-1, 7), st.sampled_from(["up", "down", "copy", "remove", "x"]))
def test_a_button_never_loses_a_block_but_the_one_it_removes(count, at, act):
    made = tuple(Block(kind="text", text=str(n)) for n in range(count))
    after, _focus = forms.acted(Content(title="x", blocks=made), f"{act}:{at}")
    texts = [block.text for block in after.blocks]
    there = 0 <= at < count
    expected = sorted(str(n) for n in range(count))
    if there and act == "copy":
        expected = sorted([*expected, str(at)])
    if there and act == "remove":
        expected.remove(str(at))
    assert sorted(texts) == expected


def test_what_is_kept_is_read_as_it_was_and_what_is_unknown_is_left_out():
    assert blocks.from_json(blocks.as_json(CONTENT)) == CONTENT
    assert blocks.from_json(
        {"title": "x", "blocks": [{"kind": "video"}, 3, {"kind": "text", "more": 1}]}
    ) == (Content(title="x", blocks=(Block(kind="text"),)))


@pytest.mark.parametrize(
    "content",
    [
        Content(title=" "),
        Content(title="x" * 201),
        Content(title="x", blocks=(Block(kind="text", text="x" * 5001),)),
        Content(title="x", blocks=(replace(REVENUE, period="3d"),)),
        Content(title="x", blocks=(Block(kind="section"),) * 41),
    ],
)
def test_what_cannot_be_a_board_is_refused(house, content):
    with pytest.raises(NotABoard):
        services.create(actor=CONSOLE, content=content, now=NOW)


def test_of_two_editors_the_second_is_told_and_both_versions_are_kept(house, signed_in):
    page_of_mei, page_of_tom = signed_in("manager", name="Mei"), signed_in("manager", name="Tom")
    mei, tom = (users.actor_of(page.user.pk) for page in (page_of_mei, page_of_tom))
    board_id = services.create(actor=mei, content=CONTENT, now=NOW)
    services.share(actor=mei, board_id=board_id, sharing="all", roles=[], now=NOW)
    first, second = (replace(CONTENT, title=title) for title in ("Mei's", "Tom's"))
    assert services.save(actor=mei, board_id=board_id, seen=1, content=first, now=NOW) == 2
    with pytest.raises(BoardChanged) as told:
        services.save(actor=tom, board_id=board_id, seen=1, content=second, now=NOW)
    assert (told.value.by, told.value.version) == ("Mei", 2)
    assert [change.after for change in told.value.changes] == ["Mei's"]
    assert queries.board(actor=tom, board_id=board_id).content == first
    assert services.save(actor=tom, board_id=board_id, seen=2, content=second, now=NOW) == 3
    kept = threads.versions(actor=mei, subject=f"board:{board_id}")
    assert [one.content["title"] for one in kept] == ["Tom's", "Mei's", "周报"]
    told_mei, told_tom = (
        "Tom has saved it since you did" in page.get(f"/boards/{board_id}/").content.decode()
        for page in (page_of_mei, page_of_tom)
    )
    assert (told_mei, told_tom) == (True, False)


def test_a_board_is_seen_by_whom_it_is_shared_with(house, signed_in):
    owner, viewer, manager = (
        users.actor_of(signed_in(role).user.pk) for role in ("analyst", "viewer", "manager")
    )
    board_id = services.create(actor=owner, content=CONTENT, now=NOW)

    def sees(actor: Actor) -> bool:
        return board_id in [one.id for one in queries.boards(actor=actor)]

    assert [sees(one) for one in (owner, viewer, manager)] == [True, False, False]
    services.share(actor=owner, board_id=board_id, sharing="roles", roles=["viewer"], now=NOW)
    assert [sees(one) for one in (owner, viewer, manager)] == [True, True, False]
    with pytest.raises(NoSuchBoard):
        services.save(actor=manager, board_id=board_id, seen=1, content=CONTENT, now=NOW)
    services.share(actor=owner, board_id=board_id, sharing="all", roles=["viewer"], now=NOW)
    assert sees(manager)
    with pytest.raises(NotYourBoard):
        services.delete(actor=manager, board_id=board_id, now=NOW)
    copied = services.copy(actor=manager, board_id=board_id, now=NOW)
    assert queries.board(actor=manager, board_id=copied).content.blocks == CONTENT.blocks
    with pytest.raises(NotABoard):
        services.share(actor=owner, board_id=board_id, sharing="roles", roles=[], now=NOW)
    services.delete(actor=owner, board_id=board_id, now=NOW)
    assert not sees(owner)
    services.restore(actor=owner, board_id=board_id, now=NOW)
    assert sees(owner)


def test_a_board_is_composed_by_buttons_of_one_form(house, signed_in, django_assert_max_num_queries):
    client = signed_in("manager")
    assert "New board" in client.get("/boards/").content.decode()
    form = {"title": "<b>周报</b>", "n": "0", "version": "0", "act": "add:metric"}
    page = client.post("/boards/new/", form).content.decode()
    assert "Not saved yet" in page
    assert 'name="b0-metric"' in page
    assert not Board.objects.filter(owner=client.user).exists()
    form |= {"n": "2", "b0-kind": "text", "b0-text": "<script>alert(1)</script>", "b1-kind": "metric"}
    form |= {"b1-metric": "revenue", "act": "up:1"}
    page = client.post("/boards/new/", form).content.decode()
    assert page.index('id="b0-metric"') < page.index('id="b1-text"')
    answer = client.post("/boards/new/", form | {"act": "save"})
    page = client.get(answer["location"]).content.decode()
    assert "&lt;b&gt;周报&lt;/b&gt;" in page
    assert "<script>alert" not in page
    with django_assert_max_num_queries(14):
        client.get(answer["location"])
    edit = f"{answer['location']}edit/"
    assert client.post(edit, form | {"version": "1", "title": "A", "act": "save"}).status_code == 302
    late = client.post(edit, form | {"version": "1", "title": "B", "act": "save"})
    assert late.status_code == 409
    assert 'value="B"' in late.content.decode()
    assert 'name="version" value="2"' in late.content.decode()
    assert client.post(edit, form | {"version": "2", "title": " ", "act": "save"}).status_code == 400


# -- by mail -----------------------------------------------------------------------------------------------------


@given(
    st.sampled_from(["day", "week", "month"]),
    st.integers(0, 23),
    st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 bounds have none
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
)
def test_a_subscription_is_due_later_and_at_its_hour_of_the_house(every, hour, after, zone):
    due = services.following(every, hour, after=after, zone=zone_named(zone))
    local = due.astimezone(zone_named(zone))
    assert after < due <= after + timedelta(days={"day": 2, "week": 8, "month": 32}[every])
    assert local.hour in (hour, hour + 1)  # the hour that summer time leaves out comes as the next one
    assert {"day": True, "week": local.weekday() == 0, "month": local.day == 1}[every]


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


def subscribed(client: Any, content: Content = CONTENT) -> Subscription:
    """A board of a colleague that they get every day at nine, which is now due."""
    actor = users.actor_of(client.user.pk)
    board_id = services.create(actor=actor, content=content, now=NOW)
    answer = client.post(f"/boards/{board_id}/subscribe/", {"every": "day", "hour": "9"})
    assert answer.status_code == 302
    Subscription.objects.filter(board_id=board_id).update(next_at=NOW - timedelta(minutes=30))
    return Subscription.objects.get(board_id=board_id)


def job(now: datetime = NOW) -> Any:
    """A job as its function sees it."""
    return SimpleNamespace(now=now, actor=Actor(name="clock", rights=frozenset(Right)))


def work() -> None:
    """Run all jobs that wait."""
    found = apps.get_model("jobs", "Job")
    while waiting := found.objects.filter(state="waiting").order_by("id").first():
        assert running.run_now(waiting.pk) == "done"


def test_a_board_arrives_with_picture_table_and_a_way_out(house, signed_in, taken, client):
    reader = signed_in("manager", email="mei@example.org")
    row = subscribed(reader)
    jobs.start_due(job())
    jobs.start_due(job())
    work()
    [letter] = taken
    assert letter["To"] == "mei@example.org"
    assert letter["Subject"].startswith("周报 · ")
    html = letter.get_body(("html",)).get_content()
    assert "¥120" in html
    assert re.search(r'<img src="cid:chart1"[^>]* alt="Revenue by day">', html)
    assert "<td>¥100</td>" in html
    [picture] = [part for part in letter.walk() if part.get_content_type() == "image/png"]
    assert picture["Content-ID"] == "<chart1>"
    assert "¥120" in letter.get_body(("plain",)).get_content()
    row.refresh_from_db()
    assert row.next_at == datetime(2024, 3, 2, 1, tzinfo=UTC)

    link = re.sub(r"^https?://[^/]+", "", letter["List-Unsubscribe"].strip("<>"))
    asked = client.get(link, headers={"host": "127.0.0.1"})
    assert asked.status_code == 200
    assert Subscription.objects.filter(pk=row.pk).exists()
    done = client.post(link, {"List-Unsubscribe": "One-Click"}, headers={"host": "127.0.0.1"})
    assert done.status_code == 200
    assert not Subscription.objects.filter(pk=row.pk).exists()
    with pytest.raises(NoSuchSubscription):
        services.leave(link.rstrip("/").rpartition("/")[2], now=NOW)


def test_two_workers_send_one_letter(house, signed_in, taken):
    row = subscribed(signed_in("manager"))
    for _worker in range(2):
        jobs.write(job(), subscription_id=row.pk, due=NOW.isoformat())
    work()
    assert len(taken) == 1
    jobs.write(job(), subscription_id=row.pk, due=(NOW + timedelta(days=1)).isoformat())
    work()
    assert len(taken) == 2


@pytest.mark.parametrize("what", ["deactivated", "deleted", "unshared", "no server"])
def test_nothing_goes_to_who_may_not_or_cannot(house, signed_in, taken, settings, what):
    reader = signed_in("manager")
    row = subscribed(reader)
    if what == "deactivated":
        type(reader.user).objects.filter(pk=reader.user.pk).update(is_active=False)
    elif what == "deleted":
        Board.objects.update(deleted_at=NOW)
    elif what == "unshared":
        Board.objects.update(owner=signed_in("manager").user)
    else:
        settings.HUOSHUI_SMTP = None
        page = reader.get(f"/boards/{row.board_id}/").content.decode()
        assert "there is no mail server" in page
    jobs.start_due(job())
    work()
    assert taken == []
    assert not apps.get_model("mail", "Letter").objects.exists()


def test_a_letter_counts_customers_within_the_scope_of_its_reader_and_names_none(house, signed_in, taken):
    everybody = Content(title="x", blocks=(Block(kind="list"),))
    subscribed(signed_in("manager"), everybody)
    subscribed(signed_in("operator", scope="own"), everybody)
    jobs.start_due(job())
    work()
    texts = [letter.get_body(("plain",)).get_content() for letter in taken]
    assert sorted(re.findall(r"(\d+) customers?", text)[0] for text in texts) == ["0", "2"]
    assert not any(re.search(r"\b(mei|tom)\b", text) for text in texts)
