"""Every sentence of the pages stands in Chinese, none twice, none left over."""

from __future__ import annotations

import re

import polib
import pytest

from tests import messages

PLACES = re.compile(r"%\((\w+)\)s")


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(messages.CATALOGUE))


def test_the_catalogue_is_in_step_with_the_sources(catalogue: polib.POFile):
    known = {entry.msgid: entry.msgid_plural for entry in catalogue}
    assert known == messages.used(), "bring it up to date: python -m tests.messages"


def test_nothing_is_untranslated_or_doubtful(catalogue: polib.POFile):
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def test_a_translation_has_the_places_of_its_sentence(catalogue: polib.POFile):
    for entry in catalogue:
        said = entry.msgstr_plural.get(0, entry.msgstr)
        named = set(PLACES.findall(entry.msgid)) | set(PLACES.findall(entry.msgid_plural))
        assert set(PLACES.findall(said)) <= named, entry.msgid
        if not entry.msgid_plural:
            assert set(PLACES.findall(said)) == named, entry.msgid


def test_a_translation_with_places_can_be_filled_in(catalogue: polib.POFile):
    """Where a percent sign stands alone, Django would show the English sentence instead."""
    for entry in catalogue:
        places = dict.fromkeys(PLACES.findall(entry.msgid + entry.msgid_plural), "x")
        for said in (entry.msgid, *(entry.msgstr_plural.values() or [entry.msgstr])):
            assert not places or said % places, entry.msgid


def test_the_sentences_of_a_template_are_found():
    found = messages.used()
    assert "Search customers and pages" in found
    assert found["One field is to be changed."] == "%(number)s fields are to be changed."
