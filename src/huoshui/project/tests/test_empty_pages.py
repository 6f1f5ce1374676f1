"""The first pages of a house that holds nothing yet, or is not founded."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_an_empty_house_says_what_to_do_first(home: Path, pages: Client, command_line):
    assert command_line("init").code == 0
    for path, words in (("/", "Nothing has been loaded yet"), ("/customers/", "No customers yet")):
        answer = pages.get(path)
        assert answer.status_code == 200
        assert words in answer.content.decode()
        assert "huoshui import" in answer.content.decode()


def test_before_the_house_is_founded_the_page_says_how(home: Path, pages: Client):
    answer = pages.get("/")
    assert answer.status_code == 400
    assert "huoshui init" in answer.content.decode()
