"""The description of the API: what stands in the repository, and that the API does what it says."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, settings
from ninja import Schema
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from huoshui.kernel.actors import Role
from huoshui.project.api.root import api
from huoshui.project.cli import huoshui
from huoshui.project.cli.running import run as run_command
from huoshui.project.tests.conftest import SALES, settings_of
from huoshui.project.wsgi import application
from tests.plugins.programs import program
from tests.plugins.signed_in import HEADERS

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

KEPT = Path(__file__).resolve().parents[5] / "docs" / "api" / "openapi.json"
THOROUGH = os.environ.get("HUOSHUI_TEST_THOROUGH") == "1"
EXAMPLES = 300 if THOROUGH else 3
PHASES = [Phase.explicit, Phase.generate] if THOROUGH else [Phase.generate]
"""The explicit ones are some dozens for each operation: every border of every field."""
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def described() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), ensure_ascii=False))
    return found


def test_the_description_in_the_repository_is_that_of_the_code():
    """Other people's programs are made from it."""
    assert json.loads(KEPT.read_text("utf-8")) == described(), (
        "docs/api/openapi.json is not what the API does; when that is meant, write it anew: "
        "python docs/make_api.py"
    )


def test_no_two_shapes_have_one_name():
    """The description would show the one that comes last for both."""
    shapes = [one for one in of_all(Schema) if one.__module__.startswith("huoshui.project.api.")]
    names = Counter(one.__name__ for one in shapes)
    assert shapes
    assert [name for name, times in names.items() if times > 1] == []


def of_all(shape: type) -> set[type]:
    """All classes made from ``shape``."""
    direct: list[type] = shape.__subclasses__()
    return {*direct, *(deeper for one in direct for deeper in of_all(one))}


def test_every_operation_has_its_words_and_its_refusals():
    found = described()
    assert found["openapi"].startswith("3.1")
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], (path, method)
            assert {"4XX", "5XX"} < set(operation["responses"]), (path, method)
            keys = [one["name"] for one in operation["parameters"]]
            assert ("Idempotency-Key" in keys) == (method == "post" and not path.endswith("/imports/files"))


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("description")
    (folder / "sales.csv").write_text(SALES, encoding="utf-8")
    # What the server does between requests would end the transaction that the test lives in.
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    with django_db_blocker.unblock(), transaction.atomic(), settings_of(folder / "home"):
        file = str(folder / "sales.csv")
        assert run_command(huoshui, ["import", file, "--as", "transactions", "--source", "shop"]) == 0
        assert run_command(huoshui, ["refresh", "--as-of", "2024-03-01"]) == 0
        yield folder / "home"
        transaction.set_rollback(True)
    request_started.connect(close_old_connections)
    request_finished.connect(close_old_connections)


@pytest.fixture
def asking(house: Path, db: None, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The headers of a program of an administrator, who may ask as often as they like."""
    monkeypatch.setattr("huoshui.project.api.door.LIMIT", 10**6)
    secret = program(Role.ADMINISTRATOR).secret
    return {"Authorization": f"Bearer {secret}", "Host": HEADERS["host"], "Accept-Encoding": "identity"}


schema = schemathesis.openapi.from_dict(described())
schema.app = application


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=PHASES,
    suppress_health_check=list(HealthCheck),
    derandomize=not THOROUGH,
)
def test_whatever_is_sent_the_answer_is_one_that_was_described(case, asking: dict[str, str]):
    case.headers = {**(case.headers or {}), **asking}
    case.validate_response(case.call(), checks=CHECKS)
