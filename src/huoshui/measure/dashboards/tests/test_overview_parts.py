"""The parts of the overview against plain counting and against the one evaluator, and the customers behind them."""

from __future__ import annotations

import csv
import json
from collections import OrderedDict, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import transaction
from django.test import override_settings

from huoshui.data.connectors.services import ImportOptions, import_file
from huoshui.data.customers import listing
from huoshui.data.traits import services as traits
from huoshui.desk.organisation import services as organisation
from huoshui.desk.organisation.festivals import Calendar
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.charts import Chart
from huoshui.kernel.clock import AsOf, zone_named
from huoshui.kernel.plugs import HOUSE, POPULATIONS
from huoshui.know.value.populations import moving
from huoshui.lake import kept, open_lake
from huoshui.lake.house import Lake
from huoshui.lake.snapshot import Snapshot
from huoshui.measure.dashboards import queries
from huoshui.measure.dashboards.models import Answer
from huoshui.measure.dashboards.pages import overview as pages
from huoshui.measure.dashboards.queries import Overview, usual
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.periods import Period
from huoshui.web.address import Chosen

# Slow: whichever test comes first makes the house for all.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ZONE = zone_named("Asia/Shanghai")
NOW = datetime(2024, 6, 10, tzinfo=UTC)
AS_OF = date(2024, 6, 1)


def sales() -> list[tuple[str, str, str, str, str, int, int, str]]:
    """Forty customers who buy in rhythms of their own over two years; some anonymous sales, some returns."""
    rows = []
    number = 0
    for at in range(40):
        day = date(2022, 6, 1) + timedelta(days=at * 11)
        while day < AS_OF:
            number += 1
            moment = f"{day} {(7 * at) % 24:02d}:{number % 60:02d}"
            who = f"c{at}" if number % 17 else ""
            channel = ("web", "store", "")[number % 3]
            rows.append(
                (str(number), who, moment, f"p{number % 7}", f"Thing {number % 7}", 1, 10 + at, channel)
            )
            if number % 13 == 0:
                later = f"{day} 23:59"
                rows.append((f"C{number}", who, later, f"p{number % 7}", "", -1, 10 + at, channel))
            day += timedelta(days=9 + at * 3 % 80)
    return rows


@dataclass(frozen=True)
class House:
    lake: Lake
    tables: Snapshot
    view: Overview

    def overview(self, **more) -> Overview:
        return queries.overview(actor=CONSOLE, tables=self.tables, zone=ZONE, now=NOW, **more)

    def members(self, address: str) -> set[int]:
        """The customers that the address of a list shows."""
        return set(self.listed(address))

    def listed(self, address: str) -> list[int]:
        from django.http import QueryDict

        from huoshui.data.customers import asking

        asked = asking.read(QueryDict(urlsplit(address).query))
        found = listing.matching(actor=CONSOLE, tables=self.tables, conditions=asked.conditions)
        return [int(one) for one in found]


@contextmanager
def house_in(home: Path) -> Iterator[Lake]:
    with override_settings(HUOSHUI_HOME=home, HUOSHUI_LAKE=str(home / "lake"), HUOSHUI_STATED=frozenset()):
        organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW)
        lake = open_lake()
        yield lake
        lake.close()


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[House]:
    home: Path = tmp_path_factory.mktemp("house")
    with (home / "sales.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["invoice", "customer", "date", "sku", "description", "quantity", "price", "channel"])
        writer.writerows(sales())
    (home / "people.csv").write_text(
        "customer id,province\n" + "\n".join(f"c{at},{('浙江', '上海', '')[at % 3]}" for at in range(40))
    )
    with django_db_blocker.unblock(), transaction.atomic(), house_in(home) as lake:
        for name, kind in (("sales", "transactions"), ("people", "customers")):
            options = ImportOptions(source="shop")
            path = home / f"{name}.csv"
            import_file(actor=CONSOLE, lake=lake, path=path, kind=kind, options=options, now=NOW)
        for day in (date(2024, 5, 2), AS_OF):
            traits.refresh(actor=CONSOLE, lake=lake, as_of=AsOf.day(day, ZONE), now=NOW)
        tables = lake.snapshot()
        view = queries.overview(actor=CONSOLE, tables=tables, zone=ZONE, now=NOW)
        yield House(lake, tables, view)
        transaction.set_rollback(True)


def page_of(view: Overview) -> pages.Page:
    chosen = Chosen(period="30d", slice={})
    return pages.page(view, chosen=chosen, house=HOUSE(), calendar=Calendar(), language="zh")


@pytest.mark.parametrize("where", [{}, {"channel": "web", "province": "浙江"}])
def test_figures_of_all_days_compared_are_those_of_the_evaluator(house, where):
    view = house.view if not where else house.overview(where=where)
    every = [(view.period, view.lately), *((c.period, c.values) for c in view.compared.values())]
    assert len(every) >= 3
    for period, values in every:
        for slug, value in values.items():
            (cell,) = metrics.evaluate(slug, tables=house.tables, period=period, where=where)
            assert value == cell.value, (slug, period.label)
    for slug in ("revenue", "new_customers"):
        cells = metrics.evaluate(slug, tables=house.tables, period=view.period, by=("day",), where=where)
        known = {cell.dimensions["day"]: cell.value for cell in cells}
        assert {day: value for day, value in view.days[slug] if value} == {
            d: v for d, v in known.items() if v
        }


def test_products_and_places_are_those_of_the_evaluator(house):
    view = house.view
    cells = metrics.evaluate("revenue", tables=house.tables, period=view.period, by=("product",))
    known = {cell.dimensions["product"]: cell.value for cell in cells}
    assert len(view.top_products) == 5
    assert all(known[product.product_id] == product.revenue for product in view.top_products)
    assert view.places.by == "province"
    cells = metrics.evaluate("revenue", tables=house.tables, period=view.period, by=("province",))
    known = {cell.dimensions["province"]: cell.value for cell in cells}
    assert {place: now for place, now, _ in view.places.rows} == {
        place: known[place] for place in ("浙江", "上海")
    }


def test_cohorts_are_what_plain_counting_says(house):
    months: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for _, who, moment, _, _, quantity, *_ in sales():
        if who and quantity > 0:
            months[who].add((int(moment[:4]), int(moment[5:7])))
    for one in house.view.cohorts:
        began = (one.start.year, one.start.month)
        mine = [bought for bought in months.values() if min(bought) == began]
        assert one.size == len(mine)
        for age, active in enumerate(one.active):
            year, month = divmod(one.start.year * 12 + one.start.month - 1 + age, 12)
            assert active == sum((year, month + 1) in bought for bought in mine)
    assert sum(one.size for one in house.view.cohorts) > 0


def test_cohorts_are_the_same_when_traits_cannot_be_trusted(house):
    from huoshui.measure.dashboards.queries.people import by_cohort

    view = house.view
    since = date(2023, 6, 1)
    whole = by_cohort(house.tables, view.counted_until, since, {}, trusted=False)
    assert by_cohort(house.tables, view.counted_until, since, {}, trusted=True) == whole


def test_every_number_of_people_opens_to_just_these_customers(house):
    page = page_of(house.view)
    assert page.flow is not None
    assert page.cohorts is not None
    cells = [
        *((move.address, move.number) for _, line in page.flow.rows for move in line if move),
        *((cell.address, cell.text) for _, line in page.grid.rows for cell in line if cell.address),
        *((size.address, size.text) for _, size, _ in page.cohorts.rows),
    ]
    assert len(cells) > 20
    for address, number in cells[::3]:
        assert len(house.members(address)) == int(number), address
    (_, _, line), one = page.cohorts.rows[0], house.view.cohorts[0]
    for age, cell in enumerate(line[:3], start=1):
        assert cell is not None
        assert len(house.members(cell.address) if cell.address else ()) == one.active[age], cell.title
    active = next(
        s for s in page.stats if "metric:active_customers" in parse_qs(urlsplit(s.address).query)["in"][0]
    )
    assert len(house.members(active.address)) == house.view.lately["active_customers"]


def test_moves_are_told_from_what_was_kept_and_from_the_facts_alike(house):
    kept = house.view.flow
    assert kept.before == AsOf.day(date(2024, 5, 2), ZONE).at
    assert sum(kept.moves.values()) == sum(house.view.groups["stage"].values())
    groups = [
        moving("stage", "active", "active", before, kept.after).partition(":")
        for before in (kept.before, kept.before - timedelta(minutes=1))
    ]
    members = [
        set(house.tables.arrow(POPULATIONS[slug].members(house.tables, one))["customer_id"].to_pylist())
        for slug, _, one in groups
    ]
    assert members[0] == members[1]
    assert len(members[0]) == kept.moves["active", "active"]


def test_days_before_the_first_sale_are_unknown_and_not_zero(house):
    lately = Period.days(date(2022, 6, 10), date(2022, 7, 10), ZONE)
    view = house.overview(lately=lately, against="year")
    assert not view.compared["year"].known
    assert set(view.compared["year"].values.values()) == {None}
    page = page_of(view)
    assert all(stat.difference is None and stat.note == "那时还没有数据" for stat in page.stats)
    assert not [s for s in page.revenue.series if s.part]


def test_a_slice_without_sales_is_said_to_be_silent(house):
    nothing = replace(house.view, lately={"revenue": 0, "orders": 0})
    assert nothing.silent
    assert not nothing.empty
    assert not house.view.silent


def test_a_festival_is_compared_with_itself():
    first, last = date(2024, 2, 9), date(2024, 2, 16)
    lately = Period.days(first, last + timedelta(days=1), ZONE)
    other, festival = queries.days_compared(lately, Calendar())["festival"]
    assert festival is not None
    assert festival.slug == "spring_festival"
    assert (other.first_day, other.end_day) == (date(2023, 1, 21), date(2023, 1, 29))


def test_revenue_by_month_is_that_of_the_months(house):
    months = house.view.by_month
    assert len(months) == 12
    period = Period.days(date(2022, 6, 1), AS_OF, ZONE)
    cells = metrics.evaluate("revenue", tables=house.tables, period=period, by=("month",))
    known = {cell.dimensions["month"]: cell.value for cell in cells}
    for month, value, before in months:
        assert value == known[month]
        assert before == known[month.replace(year=month.year - 1)]


def test_charts_have_a_number_for_every_day(house):
    page = page_of(house.view)
    for chart in (page.revenue, page.customers, page.months):
        assert isinstance(chart, Chart)
        assert not chart.empty


def test_what_a_worker_has_made_ready_is_what_the_page_shows_in_every_process(house, monkeypatch):
    chosen, now = Chosen(period="30d", slice={}), NOW + timedelta(hours=1)
    asked = {"tables": house.tables, "house": HOUSE(), "calendar": Calendar(), "now": now}
    assert usual.prepare(**asked)
    assert not usual.prepare(**asked)

    monkeypatch.setattr(kept, "_kept", OrderedDict())  # another process
    view = usual.seen(chosen=chosen, **asked)
    assert view == house.overview(calendar=Calendar(), totals=False)
    assert view.first_order_at is not None

    ready = Answer.objects.get(page="overview")
    other = json.loads(ready.content)
    other["made"][1]["loads"] = 4711
    Answer.objects.update(content=json.dumps(other))
    monkeypatch.setattr(kept, "_kept", OrderedDict())
    assert usual.seen(chosen=chosen, **asked).loads == 4711
    for apart in ({"chosen": Chosen(period="7d", slice={})}, {"chosen": chosen, "moves": True}):
        assert usual.seen(**apart, **asked).loads == 2

    Answer.objects.update(content='{"made": ["Nothing", {}]}')
    monkeypatch.setattr(kept, "_kept", OrderedDict())
    assert usual.seen(chosen=chosen, **asked) == view


def test_every_point_of_the_curves_opens_to_the_customers_behind_it(house):
    page = page_of(house.view)
    for chart in (page.revenue, page.customers, page.months):
        for series in chart.series:
            assert list(map(bool, series.addresses)) == list(map(bool, series.values)), chart.title.en
    active = page.customers.series[0]
    busiest = max(range(len(active.values)), key=lambda at: active.values[at] or 0)
    assert len(house.members(active.addresses[busiest])) == active.values[busiest] != 0
    last = [parse_qs(urlsplit(series.addresses[-1]).query)["in"] for series in page.months.series]
    assert last == [["metric:revenue/2023-05-01..2023-06-01"], ["metric:revenue/2024-05-01..2024-06-01"]]


@pytest.mark.parametrize("slice_", [{}, {"channel": "web"}])
def test_other_days_show_the_same_whether_the_usual_ones_were_asked_for_before(house, monkeypatch, slice_):
    asked = {"tables": house.tables, "house": HOUSE(), "calendar": Calendar(), "now": NOW}
    others = [Chosen(period=period, slice=slice_) for period in ("90d", "2024-03-01..2024-03-31")]
    apart = []
    for chosen in others:
        monkeypatch.setattr(kept, "_kept", OrderedDict())  # another process, and nothing was written down
        apart.append(usual.seen(chosen=chosen, **asked))
    monkeypatch.setattr(kept, "_kept", OrderedDict())
    usual.seen(chosen=Chosen(period="30d", slice=slice_), **asked)
    monkeypatch.setattr("huoshui.measure.dashboards.queries.people.by_cohort", None)  # not asked for again
    assert [usual.seen(chosen=chosen, **asked) for chosen in others] == apart
