"""The pages of metrics over a real house: one number everywhere, down to its customers, and metrics of people's own."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest
from django.apps import apps
from django.test import Client

from huoshui.kernel.actors import CONSOLE, Role
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.sheets import EXPORTS
from huoshui.measure.metrics import cells, own
from tests.plugins.signed_in import Colleague, Signed

# Slow: whichever test comes first makes the house for all.
pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.usefixtures("shop")]

FEBRUARY = "period=2024-02-01..2024-02-29"
TYPED = {
    "label_en": "Web revenue",
    "label_zh": "",
    "direction": "up",
    "above_what": "orders.sum.revenue",
    "above_column_0": "orders.revenue",
    "above_operator_0": ">",
    "above_value_0": "10.5",
    "below_what": "orders.rows.",
}


def main_of(answer) -> str:
    assert answer.status_code == 200
    return unescape(answer.content.decode().partition("<main")[2].partition("</main>")[0])


def words_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main_of(answer)))


def test_a_figure_is_the_same_on_the_page_the_command_line_and_in_sql(shop, pages: Client):
    for slug, expected, sql in (
        (
            "revenue",
            21,
            "SELECT sum(revenue) FROM (SELECT ordered_at AS moment, revenue FROM orders "
            "UNION ALL SELECT occurred_at, revenue FROM order_changes) "
            "WHERE moment >= '2024-02-01' AND moment < '2024-03-01'",
        ),
        (
            "orders",
            3,
            "SELECT count(*) FROM orders WHERE ordered_at >= '2024-02-01' AND ordered_at < '2024-03-01'",
        ),
    ):
        told = shop("metric", slug, "--from", "2024-02-01", "--to", "2024-02-29", "--json").json
        assert told["cells"][0]["value"] == expected
        (asked,) = shop("sql", sql, "--format", "csv").out.splitlines()[1:]
        assert float(asked) == expected
        assert re.search(
            rf"All\s+(GBP\s)?{expected}\s", words_of(pages.get(f"/metrics/{slug}/?{FEBRUARY}&grain=week"))
        )
        said = {"metric": [slug], "period": ["2024-02-01..2024-02-29"], "grain": ["week"]}
        sheet = EXPORTS["metric"].sheet(CONSOLE, said, "en")
        column = [field.key for field in sheet.fields].index("value")
        assert sum(row[column] for page in sheet.pages for row in page) == expected


def test_the_catalogue_is_on_the_command_line_too(shop):
    assert {"slug": "orders", "unit": "orders", "grain": "order"}.items() <= {
        one["slug"]: one for one in shop("metrics", "--json").json
    }["orders"].items()
    assert "average_order_value" in shop("metrics").out


def test_a_figure_split_by_product_opens_down_to_its_customers(pages: Client):
    page = main_of(pages.get(f"/metrics/revenue/?{FEBRUARY}&by=product&by=channel"))
    assert "灯 Lamp" in page
    assert "1 sale or change behind the figure is anonymous" in page
    assert "do not add up" not in page
    assert "do not add up" in main_of(pages.get(f"/metrics/orders/?{FEBRUARY}&by=product"))
    addresses = re.findall(r'href="(/customers/\?in=metric[^"]+product%3DL1[^"]*)"', page)
    cells = [unescape(address) for address in addresses if "2024-02-01..2024-03-01" in address]
    people = main_of(pages.get(cells[0]))
    assert "1 customer" in people
    assert "Revenue · 2024-02-01 – 2024-02-29 · Product: L1 · Channel: none" in people


def test_days_grains_and_slices_stand_in_the_address(pages: Client):
    answer = pages.get("/metrics/orders/?first=2024-01-01&last=2024-02-29&slice=country:France&by=category")
    assert answer["Location"] == (
        "/metrics/orders/?slice=country%3AFrance&by=category&period=2024-01-01..2024-02-29"
    )
    page = words_of(pages.get(answer["Location"]))
    assert "1 Jan 2024 – 29 Feb 2024" in page
    assert "Country: France" in page
    assert "2024-02-19 –" in page
    for address in (
        "?by=colour",
        "?by=channel&by=city&by=store",
        "?grain=hour",
        "?period=1990-01-01..2024-01-01&grain=day",
        "?slice=channel:tmall&by=day&period=soon",
    ):
        assert pages.get(f"/metrics/orders/{address}").status_code == 400
    assert pages.get("/metrics/retention_12m/?by=product").status_code == 400
    assert pages.get("/metrics/turnover/").status_code == 404


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "revenue",
        "revenue/2024-01-01",
        "revenue/2024-02-01..2024-01-01",
        "revenue/0001-01-01..2024-01-01",
        "revenue/2024-01-01..2024-02-01/channel",
        "turnover/2024-01-01..2024-02-01",
    ],
)
def test_an_address_of_no_figure_is_refused_in_a_sentence(pages: Client, argument: str):
    with pytest.raises(HuoshuiError):
        cells.read(argument)
    assert pages.get("/customers/", {"in": f"metric:{argument}"}).status_code in (400, 404)


def test_an_address_of_a_figure_means_what_it_was_made_of():
    cell = cells.CellAddress(
        slug="revenue",
        first=date(2024, 1, 1),
        end=date(2024, 2, 1),
        where={"channel": "a/b=ü", "city": None},
    )
    assert cell.argument == "revenue/2024-01-01..2024-02-01/channel=a%2Fb%3D%C3%BC/city="
    assert cells.read(cell.argument) == cell
    assert cells.sentence(cell.argument).zh == "净收入 · 2024-01-01 – 2024-01-31 · 渠道：a/b=ü · 城市：无"


def test_people_define_a_metric_and_change_and_retire_it(shop, pages: Colleague):
    part = pages.post("/metrics/preview/", TYPED).content.decode()
    assert "= " in part
    whole = pages.post("/metrics/new/", {**TYPED, "preview": "yes"})
    assert (whole.status_code, own.find("web_revenue")) == (200, None)
    assert unescape(part).strip() in main_of(whole)
    assert 'value="Web revenue"' in main_of(whole)
    assert "55.25" not in main_of(pages.get("/metrics/"))
    answer = pages.post("/metrics/new/", TYPED)
    assert answer["Location"] == "/metrics/web_revenue/"
    told = shop("metric", "web_revenue", "--from", "2024-01-01", "--to", "2024-02-29", "--json").json
    # 21 and 100 in two orders above 10.50, over all four.
    assert told["cells"][0] == {"value": 30.25, "numerator": 121, "denominator": 4}
    assert "Web revenue" in main_of(pages.get(f"/metrics/?{FEBRUARY}"))
    page = main_of(pages.get(f"/metrics/web_revenue/?{FEBRUARY}"))
    assert pages.user.name in page
    assert "sum of revenue of orders with revenue above zero where revenue is greater than 10.5" in page

    form = main_of(pages.get("/metrics/web_revenue/edit/"))
    assert 'value="10.5"' in form
    changed = {**TYPED, "seen": "1", "label_en": "Average of all", "above_column_0": ""}
    assert pages.post("/metrics/web_revenue/edit/", changed).status_code == 302
    late = pages.post("/metrics/web_revenue/edit/", {**changed, "label_en": "Too late"})
    assert late.status_code == 400
    assert "has saved version 2 meanwhile" in unescape(late.content.decode())
    assert own.one("web_revenue").content.label_en == "Average of all"
    assert pages.get("/about/metric:web_revenue/versions/").status_code in (200, 404)

    assert pages.post("/metrics/web_revenue/retire/").status_code == 302
    assert "Average of all" in main_of(pages.get("/metrics/")).partition("Retired")[2]
    assert pages.post("/metrics/web_revenue/bring-back/").status_code == 302
    assert "Retired" not in main_of(pages.get("/metrics/"))


def test_what_defines_no_metric_is_said_beside_the_form(pages: Client, signed_in: Signed):
    for typed, sentence in (
        ({"label_en": ""}, "A metric needs a label"),
        ({"slug": "revenue"}, "is taken"),
        ({"above_column_0": "events.name"}, "is not there"),
        ({"above_value_0": "much"}, "cannot have this value"),
        ({"below_what": "orders.average.revenue"}, "divided already"),
    ):
        answer = pages.post("/metrics/new/", {**TYPED, **typed})
        assert answer.status_code == 400
        assert sentence in unescape(answer.content.decode())
    viewer = signed_in(Role.VIEWER)
    assert viewer.get("/metrics/new/").status_code == 403
    assert "New metric" not in main_of(viewer.get("/metrics/"))


def test_a_metric_whose_attribute_is_gone_shows_a_sentence_and_no_figure(pages: Client):
    attributes = apps.get_model("customers", "Attribute").objects
    attributes.create(slug="pets", label_en="Pets", label_zh="宠物", type="integer", kind="ordinary")
    typed = {**TYPED, "above_what": "customers.sum.pets", "above_column_0": "", "below_what": ""}
    assert pages.post("/metrics/new/", {**typed, "slug": "pets"}).status_code == 302
    attributes.filter(slug="pets").delete()
    page = main_of(pages.get("/metrics/pets/"))
    assert "The metric needs the column pets of customers, which is not there" in page
    assert "No figure is shown" in page
    assert "not computable" in main_of(pages.get("/metrics/"))


@pytest.mark.parametrize(
    ("path", "asks"),
    [("/metrics/", 20), ("/metrics/revenue/?by=product&by=city", 20), ("/metrics/new/", 14)],
)
def test_a_page_asks_the_database_a_stated_number_of_times(
    pages: Client, django_assert_max_num_queries, path: str, asks: int
):
    pages.get(path)
    with django_assert_max_num_queries(asks):
        pages.get(path)
