"""Houses that run on Spark: one cluster of two executors for the whole run, in processes of their own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyspark
import pytest
from django.test import override_settings

from huoshui.act.campaigns import past
from huoshui.data.connectors.tests.house import House, founded
from huoshui.data.customers import queries as customers
from huoshui.data.facts import queue
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.clock import AsOf
from huoshui.know.custom import definitions, own
from huoshui.know.custom import services as custom
from huoshui.know.models import services as models
from tests.spark import shop

MASTER = os.environ.get("HUOSHUI_TEST_SPARK_MASTER", "local-cluster[2,1,2048]")
THOROUGH = os.environ.get("HUOSHUI_TEST_THOROUGH") == "1"
ZONES = ["Europe/London", "Asia/Shanghai"] if THOROUGH else ["Europe/London"]
"""A zone with summer time; asked to be thorough, one without as well, which takes twice as long."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        # PySpark leaves it to the garbage collector to close its connections to the JVM.
        item.add_marker(pytest.mark.filterwarnings("ignore::ResourceWarning"))
        item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))


@pytest.fixture(scope="session", autouse=True)
def on_spark() -> Iterator[None]:
    """Every lake that is opened has its analysis done by the cluster."""
    with override_settings(HUOSHUI_ENGINE="spark", HUOSHUI_SPARK_MASTER=MASTER):
        yield
    # Executors of a local cluster leave their logs beside Spark's own files, wherever else they work.
    shutil.rmtree(Path(pyspark.__file__).parent / "work", ignore_errors=True)


@pytest.fixture(scope="module", params=ZONES)
def house(
    request: pytest.FixtureRequest,
    django_db_setup,
    django_db_blocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    """The shop of `shop.files`, loaded by the imports."""
    zone = ZoneInfo(request.param)
    # Brackets and signs in the folder's name mean themselves.
    folder = tmp_path_factory.mktemp("my [house] 活水 {a}=b,c 100%")
    with django_db_blocker.unblock(), founded(folder, time_zone=zone.key) as made:
        for kind, content in shop.files(zone):
            currency = "GBP" if kind == "transactions" else None
            report = made.load(content, kind, source="shop", currency=currency, now=shop.NOW)
            assert not report.rejected, report.first_rejects
        write_to_people(made, zone)
        learnt = AsOf.day(shop.LEARNT, zone)
        for slug, plain in shop.OWN_TRAITS.items():
            meaning = own.Content(label_en=slug, definition=definitions.read(dict(plain)))
            tables = made.lake.snapshot().embedded()
            custom.define(actor=CONSOLE, slug=slug, content=meaning, tables=tables, now=shop.NOW)
        models.train_due(actor=CONSOLE, tables=made.lake.snapshot().embedded(), as_of=learnt, now=shop.NOW)
        yield made


def write_to_people(made: House, zone: ZoneInfo) -> None:
    """Campaigns of the past over the turns of clocks, so that there is something that they added."""
    numbers = pa.array([f"C{number}" for number in range(1, 61)])
    ids = customers.known(source="shop", kind="number", values=numbers)["customer_id"]
    people = pa.table({"customer_id": ids, "held": pa.array([number % 3 == 0 for number in range(60)])})
    for day, horizon in ((date(2023, 3, 20), 14), (date(2023, 10, 20), 30), (date(2024, 3, 11), 14)):
        once = past.Past(
            name=f"Letter of {day}",
            channel="sms",
            at=datetime.combine(day, time(10), tzinfo=zone),
            goal="orders",
            horizon_days=horizon,
            share=0.33,
        )
        past.record(actor=CONSOLE, past=once, people=people, zone=zone, now=shop.NOW)
    queue.drain(lake=made.lake, now=shop.NOW)


@pytest.fixture
def founded_house(db, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """An empty house in London."""
    with founded(tmp_path_factory.mktemp("house")) as made:
        yield made
