"""The log of a server tells where something failed and nothing of whom it failed for."""

from __future__ import annotations

import logging
import sys

from huoshui.project.logs import WithoutTexts


def written(message: str, *arguments: object, failed: bool = False) -> str:
    failure = sys.exc_info() if failed else None
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, message, arguments, failure)
    return WithoutTexts().format(record)


def test_the_texts_of_a_failure_and_its_cause_stay_out():
    phone, name = "+".join(["138", "0013", "8000"]), "王" + "梅"
    try:
        try:
            raise ValueError(phone)
        except ValueError as error:
            raise RuntimeError(name) from error
    except RuntimeError:
        line = written("Internal Server Error: %s", "/customers/1/", failed=True)
    assert "Internal Server Error: /customers/1/" in line
    assert "builtins.RuntimeError" in line
    assert "builtins.ValueError" in line
    assert "test_logs.py" in line
    assert phone not in line
    assert name not in line


def test_a_line_break_cannot_forge_a_line():
    assert "\n" not in written("Not Found: %s", "/x\r\n2026-01-01 INFO huoshui: all is well")


def test_a_link_by_which_somebody_comes_in_is_not_written_out():
    line = written("Internal Server Error: %s", "/account/link/hs-very-secret/")
    assert "secret" not in line
    assert "/account/link/.../" in line
