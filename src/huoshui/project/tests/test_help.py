"""The guide inside the house: every menu line has its page, in both languages, and nothing in a page runs."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from huoshui.kernel.plugs import MENU
from huoshui.web import help as guide

pytestmark = pytest.mark.django_db

BEING_WRITTEN: frozenset[str] = frozenset()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_is_there_in_both_languages_and_has_a_title(language):
    for slug, page in guide.pages(language).items():
        assert (guide.folder() / f"{slug}{guide.SUFFIXES[language]}").is_file(), slug
        assert page.title, slug
        assert bool(re.search("[\u4e00-\u9fff]", page.title)) == (language == "zh") or slug == "api", slug


def test_every_line_of_the_menu_leads_to_a_page_of_the_guide():
    assert {entry.url for entry in MENU if not guide.page_about(entry.url)} <= BEING_WRITTEN


def test_the_mark_for_help_leads_to_the_page_about_this_page(pages):
    page = pages.get(reverse("house:version")).content.decode()
    assert reverse("web:help_page", args=["settings"]) in page
    found = pages.get(reverse("web:help_page", args=["customers"]))
    assert found.status_code == 200
    assert "<h1>" in found.content.decode()


def test_links_lead_inside_and_what_is_not_served_is_no_link(pages):
    body = str(guide.pages("en")["imports"].body)
    assert 'href="../' not in body
    assert "the reference" in body
    for address in re.findall(
        r'href="(/help/[^"#]*)', "".join(str(p.body) for p in guide.pages("en").values())
    ):
        assert pages.get(address).status_code == 200, address


def test_no_picture_is_taken_from_anywhere_else(pages):
    assert pages.get("/help/pictures/..%2F..%2Fpyproject.toml").status_code == 404
    assert pages.get("/help/pictures/README.md").status_code == 404
    assert pages.get(reverse("web:help_page", args=["nothing"])).status_code == 404


def test_html_in_a_page_is_shown_and_not_run(tmp_path):
    file = tmp_path / "x.md"
    file.write_text(
        "# T\n\n<script>alert(1)</script> [a](javascript:alert(1)) ![p](https://e.example/p.png)\n"
    )
    body = str(guide._read("x", file).body)
    assert "<script" not in body
    assert "javascript:" not in re.sub(r">[^<]*<", "><", body)
    assert "e.example" not in body
