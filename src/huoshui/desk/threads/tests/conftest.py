"""What tests of threads stand on: colleagues, and tasks as what they speak of."""

from __future__ import annotations

from pathlib import Path

import pytest

from huoshui.desk.worklist import services as worklist
from huoshui.desk.worklist.services import Draft
from huoshui.desk.worklist.tests.people import NOW


@pytest.fixture(autouse=True)
def home(settings, tmp_path: Path) -> Path:
    """A home of its own for the files of each test."""
    settings.HUOSHUI_HOME = tmp_path
    return tmp_path


@pytest.fixture
def about():
    """Make something to speak of, which its maker sees: ``about(mei)``."""

    def make(actor, title: str = "回访王芳") -> str:
        task_id = worklist.add(actor=actor, draft=Draft(title=title), now=NOW)
        return f"task:{task_id}"

    return make
