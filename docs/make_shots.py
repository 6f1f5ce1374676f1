"""Pictures of the pages, to be looked at: ``python docs/make_shots.py [--to FOLDER] [PATH …]``.

Makes a demo house under a real server and takes each page at 1440 and 390 px, in English and Chinese, light and dark.
Without a PATH: the overview, the list of customers, the first customer, the search and the style page.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from tests.plugins import browser as pages  # noqa: E402 found by the path above

SIZES = ((1440, 900), (390, 844))


@click.command(help=__doc__)
@click.option("--to", "folder", type=click.Path(path_type=Path), default=Path("shots"), show_default=True)
@click.argument("paths", nargs=-1)
def main(folder: Path, paths: tuple[str, ...]) -> None:
    """Take the pictures and print their names."""
    from playwright.sync_api import sync_playwright

    found = pages.chromium()
    if found is None:
        raise click.ClickException("no Chromium on this machine")
    folder.mkdir(parents=True, exist_ok=True)
    pages.use_own_node()
    with pages.serving(folder / "house") as site, sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(pages.FLAGS))
        for path in paths or usual(site):
            name = re.sub(r"\W+", "-", path).strip("-") or "overview"
            for language, locale in pages.LOCALES.items():
                for theme in ("light", "dark"):
                    for width, height in SIZES:
                        context = started.new_context(
                            viewport={"width": width, "height": height},
                            locale=locale,
                            color_scheme="dark" if theme == "dark" else "light",
                            reduced_motion="reduce",
                        )
                        if not path.startswith("/account/sign-in"):
                            site.let_in(context)
                        page = context.new_page()
                        page.goto(site.url + path)
                        page.wait_for_load_state("networkidle")
                        file = folder / f"{name}.{language}.{width}.{theme}.png"
                        page.screenshot(path=file, full_page=True)
                        click.echo(file)
                        context.close()


def usual(site: pages.Site) -> tuple[str, ...]:
    """The pages that everybody opens."""
    with site.get("/customers/") as answer:
        customer = re.search(r'href="(/customers/\d+/)', answer.read().decode())
    first = (customer[1],) if customer else ()
    return ("/", "/customers/", *first, "/search/?q=K1", "/style/")


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"the demo house could not be made: {error.stderr}")
