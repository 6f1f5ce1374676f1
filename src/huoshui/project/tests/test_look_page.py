"""The page of how documents look: what it changes, what it refuses in which words, and the way back."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.urls import reverse
from PIL import Image

from huoshui.desk.audit import queries as audit
from huoshui.desk.organisation import looking, services
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _founded():
    with override_settings(HUOSHUI_STATED=frozenset()):
        services.found(actor=CONSOLE, currency="GBP", time_zone="Europe/London", now=clock.now())
        yield


def logo() -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (300, 90), "#1F3A8A").save(file, format="PNG")
    return SimpleUploadedFile("logo.png", file.getvalue(), content_type="image/png")


def save(pages, **typed):
    return pages.post(reverse("house:look"), {"colour": "#1f3a8a", "accent": "#d97706", **typed}, follow=True)


def test_colours_and_logo_are_saved_shown_and_noted(pages):
    page = save(pages, logo=logo()).content.decode()
    assert 'fill="#1F3A8A"' in page
    shown = pages.get(reverse("house:look_logo"))
    assert (shown.headers["Content-Type"], shown.content[:4]) == ("image/png", b"\x89PNG")
    [act] = audit.find(actor=CONSOLE, asked=audit.Asked(act="look.changed")).acts
    assert act.detail == {"look": 1, "fields": ["colours", "logo"]}


def test_a_pale_colour_is_told_in_a_sentence(pages):
    page = save(pages, colour="#ffe066").content.decode()
    assert "#FFE066 on white has a contrast of 1.3" in page
    assert "text needs 4.5" in page


def test_a_file_that_is_no_logo_is_refused_in_a_sentence_and_nothing_changes(pages):
    answer = save(pages, logo=SimpleUploadedFile("logo.svg", b"<svg/>"))
    assert answer.status_code == 400
    assert "no PNG or JPEG" in answer.content.decode()
    assert looking.look_number() == 0


def test_the_look_before_comes_back_and_parts_are_taken_away(pages):
    save(pages, logo=logo())
    pages.post(reverse("house:look_remove"), {"what": "logo"})
    assert pages.get(reverse("house:look_logo")).status_code == 404
    pages.post(reverse("house:look_undo"))
    assert pages.get(reverse("house:look_logo")).status_code == 200
    pages.post(reverse("house:look_remove"), {"what": "all"})
    assert looking.look_number() == 0


@pytest.mark.parametrize("name", ["look", "look_logo", "look_undo", "look_remove"])
def test_who_does_not_manage_the_house_comes_to_none_of_it(signed_in, stranger, name):
    method = "get" if name in ("look", "look_logo") else "post"
    address = reverse(f"house:{name}")
    assert getattr(signed_in("viewer"), method)(address).status_code == 403
    assert getattr(stranger, method)(address).status_code == 302
    assert looking.look_number() == 0


def test_taking_back_and_away_are_acts_and_no_links(pages):
    for name in ("look_undo", "look_remove"):
        assert pages.get(reverse(f"house:{name}")).status_code == 405
