"""A newcomer brings a first file in with a real browser: an empty house, a server, a worker."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import xlsxwriter

from drills.forking import begin, run
from tests.plugins.browser import LOCALES, Reader, Site, environment_of, serving

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

SMALL = [
    ("Invoice", "Customer ID", "InvoiceDate", "StockCode", "Description", "Quantity", "Price"),
    ("1001", "K1", "2024-05-01 10:00", "S1", "Lamp", "2", "10.00"),
    ("1001", "K1", "2024-05-01 10:00", "S2", "Candle <b>", "1", "5.50"),
    ("1002", "K2", "2024-05-02 11:00", "S1", "Lamp", "1", "10.00"),
    ("C1003", "K1", "2024-05-03 12:00", "S1", "Lamp", "-1", "10.00"),
    ("1004", "=1+1", "2024-05-03 12:00", "S1", "Lamp", "1", "cheap"),
]


SIGN_IN = """
import django
django.setup()
from tests.plugins.signed_in import sign_in
print(";".join(f"{name}={morsel.value}" for name, morsel in sign_in("manager").cookies.items()))
"""


@pytest.fixture(scope="module")
def shop(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An empty house in London under a real server, with a worker."""
    home = tmp_path_factory.mktemp("shop") / "house"
    settings = {"HUOSHUI_CURRENCY": "GBP", "HUOSHUI_TIME_ZONE": "Europe/London"}
    with serving(home, ("init",), **settings) as served:
        environment = environment_of(home, served.url) | settings
        told = run("-c", SIGN_IN, environment=environment).stdout.strip()
        cookies = tuple((name, value) for name, _, value in (one.partition("=") for one in told.split(";")))
        worker = begin("huoshui", "worker", environment=environment)
        try:
            yield Site(served.url, home, cookies)
        finally:
            worker.kill()
            worker.join()


def newcomer(browser: Browser, shop: Site, **wishes: object) -> Reader:
    context = browser.new_context(
        viewport={"width": int(str(wishes.get("width", 1440))), "height": 900},
        locale=LOCALES[str(wishes.get("language", "en"))],
        java_script_enabled=bool(wishes.get("scripts", True)),
        reduced_motion="reduce",
    )
    context.set_default_timeout(60_000)
    shop.let_in(context)
    return Reader(context, shop)


def book(path: Path, rows: Iterable[Sequence[object]]) -> Path:
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as made:
        sheet = made.add_worksheet("Year 2010")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return path


def bring_in(someone: Reader, path: Path, *, looked_at: bool = False) -> str:
    """Upload, look, try, load; the words of the result."""
    page = someone.open("/imports/new/")
    looks = [someone.findings] if looked_at else []
    for look in looks:
        assert look() == []
    page.set_input_files("#file", path)
    page.click("text=Upload and look at it")
    page.wait_for_selector("#hs-look")
    for look in looks:
        assert look() == []
    page.click("text=Dry run, nothing is written")
    page.wait_for_url("**/check/", timeout=240_000)
    for look in looks:
        assert look() == []
    assert someone.sideways == 0
    page.click("main button.btn-primary")
    page.wait_for_url("**/running/")
    page.wait_for_selector("text=Revenue of this load", timeout=240_000)
    for look in looks:
        assert look() == []
    return " ".join(page.inner_text("main").split())


def test_a_newcomer_loads_a_first_file_reads_the_revenue_and_takes_it_back(browser, shop, tmp_path):
    someone = newcomer(browser, shop)
    words = bring_in(someone, book(tmp_path / "first.xlsx", SMALL), looked_at=True)
    assert "Of 5 rows 4 were loaded" in words
    assert "GBP 25.50" in words
    page = someone.page
    page.click("text=Take it back")
    assert someone.findings() == []
    page.click("text=Take the load back")
    page.wait_for_url("**/jobs/*/")
    page.wait_for_selector("text=was taken back", timeout=60_000)
    assert someone.complaints == []


def test_a_newcomer_on_a_phone_without_scripts_gets_there_as_well(browser, shop, tmp_path):
    someone = newcomer(browser, shop, width=390, scripts=False)
    rows = [SMALL[0], ("2001", "K9", "2024-06-01 10:00", "S1", "Lamp", "3", "2.00")]
    page = someone.open("/imports/new/")
    page.set_input_files("#file", book(tmp_path / "second.xlsx", rows))
    page.click("text=Upload and look at it")
    page.select_option("select[name=kind]", "orders")
    page.click("text=Look again")
    assert "A column is needed for" in page.inner_text("main")
    page.select_option("select[name=kind]", "transactions")
    page.click("text=Look again")
    assert page.input_value("select[name=kind]") == "transactions"
    page.click("text=Dry run, nothing is written")
    assert "Of 1 rows 1 can be loaded" in page.inner_text("main")
