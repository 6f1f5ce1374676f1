"""Processes that tests begin as forks are what a program that is started would be."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from drills.forking import run
from tests.plugins.browser import environment_of

LOOK = """
import json, sys
from django.apps import apps
from django.conf import settings
before = [settings.configured, apps.ready, len(apps.app_configs)]
import django
django.setup()
from django.urls import get_resolver
from huoshui.desk.jobs import kinds
from huoshui.kernel import outreach, plugs, registries, sheets, watching
declared = {
    found.noun: sorted(found.declared)
    for module in (kinds, outreach, plugs, sheets, watching)
    for found in vars(module).values()
    if isinstance(found, registries.Registry)
}
print(json.dumps({
    "before": before,
    "stated": [settings.HUOSHUI_CURRENCY, str(settings.HUOSHUI_HOME), settings.HUOSHUI_STAGE_DAYS],
    "meaning": plugs.TRAITS["stage"].meaning.en,
    "apps": [config.name for config in apps.get_app_configs()],
    "models": sorted(model._meta.label for model in apps.get_models()),
    "declared": declared,
    "addresses": sorted(str(pattern.pattern) for pattern in get_resolver().url_patterns),
}))
"""


@pytest.mark.slow
def test_a_fork_reads_its_own_settings_and_declares_what_a_program_that_is_started_does(tmp_path: Path):
    of_each: list[dict[str, Any]] = []
    for name, days in (("one", "20,40,80"), ("two", "30,60,90")):
        environment = environment_of(tmp_path / name, "http://127.0.0.1:1")
        environment |= {"HUOSHUI_CURRENCY": "GBP", "HUOSHUI_STAGE_DAYS": days}
        forked = run("-c", LOOK, environment=environment)
        assert forked.returncode == 0, forked.stderr
        of_each.append(json.loads(forked.stdout))
    started = subprocess.run(
        [sys.executable, "-c", LOOK], env=environment, capture_output=True, text=True, check=True
    )
    assert of_each[1] == json.loads(started.stdout)
    assert of_each[0]["before"] == [False, False, 0]
    assert of_each[0]["stated"] == ["GBP", str(tmp_path / "one"), [20, 40, 80]]
    assert of_each[0]["meaning"] != of_each[1]["meaning"]
    assert len(of_each[0]["declared"]) > 15
