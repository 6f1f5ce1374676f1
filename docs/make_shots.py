"""Pictures of the pages: ``python docs/make_shots.py [--to FOLDER] [--home HOUSE] [PATH …]``, ``… --guide``.

Makes a demo house under a real server (or uses the one in HOUSE) and takes each page at 1440 and 390 px, in English and
Chinese, light and dark. Without a PATH: the overview, the list of customers, the first customer, the search and the
style page. With ``--guide``: the pictures of the guide, in each language of a company that speaks it, into
``docs/guide/pictures``.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import click
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.plugins import browser as pages  # noqa: E402 found by the path above

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = ((1440, 900), (390, 844))
GUIDE = ROOT / "docs" / "guide" / "pictures"
COMPANY = ("demo", "--customers", "2000", "--no-serve")
COLOURS = 128
POST = "smtp://127.0.0.1:2525?from=shop@example.org"
"""A demo house says that it can send where there is a mail server beside it; no picture sends anything."""
HAPPENS = f"""
import os, django
os.environ["HUOSHUI_SMTP_URL"] = "{POST}"
django.setup()
from docs import guide_company
guide_company.main()
"""
PATIENCE = 120_000
"""Milliseconds that a page may take: the first one that is asked for computes what others find there."""


@dataclass(frozen=True)
class Picture:
    """A picture of the guide: ``path`` may hold ``{customer}`` and such; narrow ones are as on a phone."""

    name: str
    path: str
    narrow: bool = False
    height: int = 900


PICTURES = (
    Picture("overview", "/", height=1100),
    Picture("overview-phone", "/", narrow=True),
    Picture("customers", "/customers/"),
    Picture("customers-phone", "/customers/", narrow=True),
    Picture("customer", "/customers/{customer}/", height=1000),
    Picture("customer-why", "/customers/{customer}/traits/stage/"),
    Picture("customer-orders", "/customers/{customer}/orders/"),
    Picture("metrics", "/metrics/"),
    Picture("traits", "/traits/"),
    Picture("value", "/value/"),
    Picture("lifecycle", "/lifecycle/"),
    Picture("cohorts", "/cohorts/"),
    Picture("dashboards", "/boards/1/", height=1000),
    Picture("alerts", "/metrics/alerts/{alert}/"),
    Picture("experiment", "/experiments/of/campaign:5/"),
    Picture("campaigns", "/campaigns/"),
    Picture("campaign", "/campaigns/{campaign}/edit/message/?who=K100001", height=1000),
    Picture("outbox", "/outbox/"),
    Picture("templates", "/templates/1/?who=K100001"),
    Picture("scripts", "/scripts/"),
    Picture("holdouts", "/holdouts/"),
    Picture("consent", "/privacy/customers/{consenting}/"),
    Picture("email", "/channels/email/"),
    Picture("api", "/api/docs/"),
    Picture("segment-building", "/segments/new/?from=sleeping"),
    Picture("segment", "/segments/value-class-high/"),
    Picture("imports", "/imports/"),
    Picture("upload", "/imports/new/"),
    Picture("tasks", "/work/"),
    Picture("tasks-phone", "/work/", narrow=True),
    Picture("colleagues", "/settings/colleagues/"),
    Picture("export", "/jobs/export/tasks/?view=all"),
    Picture("jobs", "/jobs/"),
    Picture("audit", "/settings/audit/"),
    Picture("organisation", "/settings/house/"),
    Picture("festivals", "/settings/house/festivals/", height=1000),
    Picture("attributes", "/customers/attributes/"),
    Picture("sources", "/imports/sources/"),
    Picture("data", "/settings/house/data/"),
    Picture("plans", "/plans/1/", height=1000),
    Picture("plan-goals", "/plans/1/goals/"),
    Picture("plan-measures", "/plans/1/measures/", height=1000),
    Picture("plan-budget", "/plans/1/budget/"),
    Picture("plan-reviews", "/plans/1/reviews/"),
    Picture("plan-export", "/plans/1/export/"),
    Picture("plan-share", "/plans/1/share/"),
    Picture("research", "/research/"),
)


@click.command(help=__doc__)
@click.option("--to", "folder", type=click.Path(path_type=Path), default=Path("shots"), show_default=True)
@click.option("--home", type=click.Path(path_type=Path, exists=True), help="a house that is there already")
@click.option("--guide", is_flag=True, help="the pictures of the guide")
@click.argument("paths", nargs=-1)
def main(folder: Path, home: Path | None, guide: bool, paths: tuple[str, ...]) -> None:
    """Take the pictures and print their names."""
    from playwright.sync_api import sync_playwright

    found = pages.chromium()
    if found is None:
        raise click.ClickException("no Chromium on this machine")
    pages.use_own_node()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(pages.FLAGS))
        if guide:
            for language in pages.LOCALES:
                with _house(home, (*COMPANY, "--language", language)) as site:
                    for file in _of_guide(started, site, language, paths):
                        click.echo(file)
            return
        with _house(home, pages.DEMO) as site:
            for file in _of_pages(started, site, folder, paths):
                click.echo(file)


@contextmanager
def _house(home: Path | None, first: tuple[str, ...]) -> Iterator[pages.Site]:
    if home is not None:
        with pages.serving(home, ("imports",)) as site:
            yield site
        return
    with (
        TemporaryDirectory() as made,
        pages.serving(Path(made) / "house", first, HUOSHUI_SMTP_URL=POST) as site,
    ):
        yield site


def _of_pages(started: Browser, site: pages.Site, folder: Path, paths: tuple[str, ...]) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths or usual(site):
        name = re.sub(r"\W+", "-", path).strip("-") or "overview"
        for language in pages.LOCALES:
            for theme in ("light", "dark"):
                for width, height in SIZES:
                    with _page(started, site, language, width, height, theme, path) as page:
                        file = folder / f"{name}.{language}.{width}.{theme}.png"
                        page.screenshot(path=file, full_page=True)
                    yield file


def _of_guide(started: Browser, site: pages.Site, language: str, names: tuple[str, ...]) -> Iterator[Path]:
    """The pictures in one language, with few colours: they stay small and are hardly to be told from the page."""
    GUIDE.mkdir(parents=True, exist_ok=True)
    shown = json.loads(site.ask("-c", HAPPENS, language))
    places = {"customer": first_customer(site), **shown}
    for picture in PICTURES:
        if names and picture.name not in names:
            continue
        width, height = (390, 844) if picture.narrow else (1440, picture.height)
        file = GUIDE / f"{picture.name}.{language}.png"
        with _page(started, site, language, width, height, "light", picture.path.format(**places)) as page:
            page.screenshot(path=file)
        few = Image.open(file).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        few.save(file, optimize=True)
        yield file


@contextmanager
def _page(
    started: Browser, site: pages.Site, language: str, width: int, height: int, theme: str, path: str
) -> Iterator[Page]:
    context = started.new_context(
        viewport={"width": width, "height": height},
        locale=pages.LOCALES[language],
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    if not path.startswith("/account/sign-in"):
        site.let_in(context)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    answer = page.goto(site.url + path)
    if answer is None or not answer.ok:
        raise click.ClickException(f"{path} answered {answer.status if answer else 'nothing'}")
    page.wait_for_load_state("networkidle")
    yield page
    context.close()


def usual(site: pages.Site) -> tuple[str, ...]:
    """The pages that everybody opens."""
    return ("/", "/customers/", f"/customers/{first_customer(site)}/", "/search/?q=K1", "/style/")


def first_customer(site: pages.Site) -> str:
    """The id of the customer who bought last."""
    with site.get("/customers/?sort=-frequency") as answer:
        found = re.search(r'href="/customers/(\d+)/', answer.read().decode())
    if found is None:
        raise click.ClickException("the house has no customers")
    return found[1]


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"the demo house could not be made: {error.stderr}")
