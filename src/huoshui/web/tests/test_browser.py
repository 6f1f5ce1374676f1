"""The pages in a real browser: what a newcomer meets, in both languages and themes, with and without scripts."""

from __future__ import annotations

import gzip
import random
import re

import pytest

from tests.plugins.browser import Readers, Site

# The house is made and the server started for the first of these tests.
pytestmark = pytest.mark.slow

PAGES = (
    "/",
    "/metrics/",
    "/traits/",
    "/traits/new/",
    "/customers/",
    "/customers/?stage=silent&sort=-net_monetary",
    "/search/?q=K1",
    "/segments/",
    "/segments/new/list/",
    "/templates/",
    "/templates/new/",
    "/campaigns/",
    "/plans/",
    "/plans/1/",
    "/research/",
    "/work/",
    "/work/all/?view=all&state=any",
    "/inbox/",
    "/jobs/",
    "/imports/",
    "/imports/new/",
    "/imports/1/",
    "/imports/1/undo/",
    "/boards/1/",
    "/boards/1/edit/",
    "/style/",
    "/account/",
    "/settings/colleagues/1/",
)
ALIKE = (
    ("/customers/new/", "/work/add/", "/scripts/new/", "/settings/colleagues/invite/"),
    ("/campaigns/new/", "/campaigns/past/", "/experiments/new/"),
    ("/experiments/", "/experiments/total/"),
    ("/metrics/alerts/", "/metrics/revenue/alerts/"),
    ("/outbox/", "/holdouts/", "/channels/"),
    ("/imports/mappings/", "/customers/views/"),
    ("/account/password/", "/account/second-step/", "/account/tokens/"),
    ("/settings/colleagues/", "/settings/teams/", "/settings/audit/", "/settings/mail/"),
    ("/settings/house/look/", "/customers/attributes/"),
)
"""Pages of one shape: of each group one is looked at, another in every run; the order of the run repeats it.

A campaign, its steps and its result are looked at by the story of campaigns.
"""
OUTSIDE = ("/account/sign-in/", "/account/forgot/")
FIRST_PAINT = 250 * 1024


OF_A_CUSTOMER = ("", "orders/", "traits/", "traits/net_monetary/", "about/", "edit/")
WIDTHS = (1440, 1024, 768, 360)


def pages_of(site: Site) -> tuple[str, ...]:
    """The pages of the house, one of those that are alike, and those of the customer of the list who is first."""
    with site.get("/customers/") as answer:
        found = re.search(r'href="(/customers/\d+/)', answer.read().decode())
    assert found is not None
    return (*PAGES, *map(random.choice, ALIKE), *(found[1] + part for part in OF_A_CUSTOMER))


def test_every_page_reads_well_in_both_themes_at_every_width_and_keeps_the_policy(
    reader: Readers, site: Site
):
    """Each page is loaded once: axe looks at it, at its colours in the dark, and it is made narrower and narrower."""
    someone = reader(language="zh")
    wrong: dict[str, object] = {}
    for path in pages_of(site):
        page = someone.open(path)
        found = someone.findings()
        page.emulate_media(color_scheme="dark")
        # The browser tells the page of the change when it next draws, not at once.
        page.wait_for_selector("html[data-bs-theme=dark]", state="attached")
        found += someone.findings(only="color-contrast")
        page.emulate_media(color_scheme="light")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            if someone.sideways:
                found.append(f"{someone.sideways} px too wide at {width} px")
        page.set_viewport_size({"width": WIDTHS[0], "height": 900})
        if found:
            wrong[path] = found
    assert wrong == {}
    assert someone.complaints == []


def test_every_page_fits_a_telephone_in_english(reader: Readers, site: Site):
    someone = reader(language="en", width=360, theme="dark")
    wide = {}
    for path in pages_of(site):
        page = someone.open(path)
        assert (
            not re.search("[\u4e00-\u9fff]", page.inner_text("h1").replace("演示", ""))
            or path.startswith(("/customers/", "/boards/", "/plans/"))  # named by people
        )
        if someone.sideways:
            wide[path] = someone.sideways
    assert wide == {}
    assert someone.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_door_of_the_house_is_as_open_to_all(reader: Readers, theme: str):
    stranger = reader(language="zh" if theme == "dark" else "en", theme=theme, width=360, signed_in=False)
    for path in OUTSIDE:
        stranger.open(path)
        assert stranger.findings() == [], path
        assert stranger.sideways == 0, path
    assert stranger.complaints == []


def test_a_newcomer_finds_a_customer_and_learns_why_with_the_keyboard(reader: Readers):
    someone = reader(language="zh")
    page = someone.open("/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "hs-search"
    page.keyboard.type("K100001")
    page.wait_for_selector("#hs-found a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/*/")
    name = page.inner_text("h1")
    page.wait_for_load_state("networkidle")
    assert name in page.title()  # not that of a part that came later
    page.locator(".hs-seg a", has_text="订单").press("Enter")
    page.wait_for_url("**kind=**")
    assert page.inner_text(".hs-seg [aria-current]") == "订单"
    assert page.inner_text("h1") == name
    page.locator("a", has_text="资料").first.press("Enter")
    page.wait_for_url("**/about/")
    assert "K100001" in page.inner_text("main")
    page.locator("main a", has_text="特征").first.press("Enter")
    page.wait_for_url("**/traits/")
    page.locator(".hs-facts a", has_text="为什么").first.press("Enter")
    page.wait_for_url("**/traits/*/")
    assert "计算依据" in page.inner_text("main")
    assert someone.complaints == []


def test_charts_are_drawn_follow_the_theme_and_show_a_tooltip_under_the_policy(reader: Readers):
    someone = reader(language="zh")
    page = someone.open("/")
    line = page.locator(".hs-chart svg path[stroke-width='2.25']").first
    light = line.get_attribute("stroke")
    assert light
    font = page.evaluate("getComputedStyle(document.querySelector('.hs-chart svg text')).fontFamily")
    assert "Noto Sans" in font or "Huoshui SC" in font
    page.mouse.move(700, 560)
    page.wait_for_timeout(300)
    page.click("summary[aria-label='深浅色']")
    page.click("button[value='dark']")
    page.wait_for_function("document.documentElement.dataset.bsTheme === 'dark'")
    page.wait_for_selector(
        f".hs-chart svg path[stroke-width='2.25']:not([stroke='{light}'])", state="attached"
    )
    assert someone.complaints == []
    again = someone.open("/")
    assert again.get_attribute("html", "data-bs-theme") == "dark"


def test_without_scripts_pages_read_and_forms_work(reader: Readers):
    someone = reader(language="en", scripts=False, width=390)
    page = someone.open("/")
    assert page.locator(".hs-chart-table table").first.is_visible()
    page.click("button[lang='zh-Hans']")
    assert page.get_attribute("html", "lang") == "zh-Hans"
    assert page.inner_text("h1") == "总览"
    someone.open("/search/")
    page.fill("main input[name=q]", "K100001")
    page.click("main form button")
    assert page.locator("main .hs-hits a").count() == 1
    someone.open("/customers/")
    page.click("summary.add")
    page.select_option("#add-stage", "lost")
    page.click(".hs-conditions button")
    assert "stage=lost" in page.url
    assert page.locator(".hs-chip.on").count() == 1


def test_the_period_stays_in_the_address_from_page_to_page(reader: Readers):
    someone = reader(language="en")
    page = someone.open("/?period=90d")
    page.click("nav.hs-rail >> text=Customers")
    assert "period=90d" in page.url
    page.click("nav.hs-rail >> text=Overview")
    assert page.get_attribute(".hs-seg [aria-current]", "href") == "/?period=90d"


def test_the_menu_opens_on_a_phone_and_the_focus_is_seen(reader: Readers):
    someone = reader(language="zh", width=390, height=844)
    page = someone.open("/customers/")
    assert not page.is_visible("#hs-rail")
    page.click(".hs-menu-btn")
    assert page.is_visible("#hs-rail")
    page.click("#hs-rail >> text=总览")
    page.wait_for_url("**/")
    assert page.inner_text("h1") == "总览"


def test_chinese_is_never_shown_as_boxes(reader: Readers):
    """Where the machine has no font with Chinese, the slices are loaded: here the family is asked for alone."""
    someone = reader(language="zh")
    page = someone.open("/style/")
    loaded = page.evaluate(
        """async () => { await document.fonts.load('16px "Huoshui SC"', '客户欧阳雪沉默唤回鑫淼');
           return [...document.fonts].filter(f => f.family.includes('Huoshui SC') && f.status === 'loaded').length }"""
    )
    assert loaded >= 1
    assert page.evaluate("document.fonts.check('16px \"Huoshui SC\"', '客户')")


def test_the_first_page_is_light(site: Site):
    """What has to arrive before the first paint, packed: the page, its styles, and the scripts in its head."""

    def packed(path: str) -> int:
        with site.get(path, **{"Accept-Encoding": "gzip"}) as answer:
            body: bytes = answer.read()
            packed_already = answer.headers.get("Content-Encoding") == "gzip"
        return len(body if packed_already else gzip.compress(body))

    with site.get("/") as answer:
        head = answer.read().decode().partition("</head>")[0]
    # Deferred scripts come after the paint: they are counted, but for the drawing of charts.
    needed = [a for a in re.findall(r'(?:src|href)="(/static/[^"]+)"', head) if "echarts" not in a]
    assert any("tabler" in address for address in needed)
    sizes = {address: packed(address) for address in ["/", *needed]}
    assert sum(sizes.values()) < FIRST_PAINT, sizes


def test_static_files_are_packed_and_may_be_kept(site: Site):
    with site.get("/") as answer:
        address = re.search(r'"(/static/vendor/tabler/[^"]+\?v=[0-9a-f]{12})"', answer.read().decode())
    assert address is not None
    with site.get(address[1], **{"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert "immutable" in answer.headers["Cache-Control"]


def test_what_cannot_be_fetched_is_said_and_the_page_stays(reader: Readers):
    someone = reader(language="en")
    page = someone.open("/customers/")
    page.route("**/search/**", lambda route: route.abort())
    page.keyboard.press("Control+k")
    page.keyboard.type("mei")
    page.wait_for_selector(".hs-lost")
    assert "could not be fetched" in page.inner_text(".hs-lost")
    assert page.locator("table tbody tr").count() > 5


def test_a_dialog_asks_and_lets_go_with_the_keyboard(reader: Readers):
    someone = reader(language="en")
    page = someone.open("/style/")
    page.click("[data-opens='sample-ask']")
    assert page.is_visible("dialog#sample-ask")
    assert someone.findings() == []
    page.keyboard.press("Escape")
    assert not page.is_visible("dialog#sample-ask")
    assert someone.complaints == []
