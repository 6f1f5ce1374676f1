"""A house with three people, of whom the lake knows something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from django.db import transaction
from django.test import override_settings

from huoshui.act.templates import services
from huoshui.act.templates.content import Content, Words
from huoshui.data.customers.tests.factories import make_customers, make_house, tell
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake import open_lake
from huoshui.lake.duck import arrow_schema

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Street:
    """Mei lives in China and has bought; Ann lives in Britain; of the third nothing is known."""

    mei: int
    ann: int
    nobody: int

    @property
    def all(self) -> list[int]:
        return [self.mei, self.ann, self.nobody]


def rows(slug: str, *said: dict[str, object]) -> pa.Table:
    schema = arrow_schema(LAKE_TABLES[slug].all_columns)
    whole = [{name: row.get(name) for name in schema.names} for row in said]
    return pa.Table.from_pylist(whole, schema=schema)


def fill(mei: int, ann: int, nobody: int) -> None:
    people = [
        {"customer_id": mei, "created_at": NOW, "country": "中国", "city": "上海"},
        {"customer_id": ann, "created_at": NOW, "country": "GB"},
        {"customer_id": nobody, "created_at": NOW},
    ]
    bought = {"monetary": Decimal("1698.5"), "last_order_at": datetime(2026, 2, 28, 20, tzinfo=UTC)}
    traits = [
        {"customer_id": mei, "as_of": NOW, "computed_at": NOW, "stage": "active", **bought},
        {"customer_id": ann, "as_of": NOW, "computed_at": NOW, "stage": "silent"},
    ]
    with open_lake().write("a street") as tx:
        tx.overwrite("customers", rows("customers", *people))
        tx.overwrite("traits", rows("traits", *traits))


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Street]:
    home: Path = tmp_path_factory.mktemp("street")
    chosen = override_settings(HUOSHUI_HOME=home, HUOSHUI_LAKE=str(home / "lake"))
    with django_db_blocker.unblock(), transaction.atomic(), chosen:
        make_house("CNY", "Asia/Shanghai")
        there = Street(*make_customers("mei", "ann", "nobody"))
        tell([there.mei, there.ann], name=["王梅", "Ann"])
        fill(there.mei, there.ann, there.nobody)
        yield there
        open_lake().close()
        transaction.set_rollback(True)


@pytest.fixture
def street(built: Street, db: None) -> Street:
    """Built once; what a test does to it is taken back."""
    return built


def words(body: str, subject: str = "广告：你好") -> Words:
    return Words(subject=subject, body=body)


def keep(name: str = "Hello", **said: Words) -> int:
    """A template that says ``zh``, ``en``, ``neutral_zh``, ``neutral_en``."""
    content = Content(
        name=name,
        words={one: said[one] for one in ("zh", "en") if one in said},
        neutral={one: said[f"neutral_{one}"] for one in ("zh", "en") if f"neutral_{one}" in said},
    )
    return services.create(actor=CONSOLE, content=content, now=NOW)
