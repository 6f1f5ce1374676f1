"""Random rules of segments against their written meaning, person by person: many more than the suite tries.

    python drills/rules.py --rules 10000              # on the embedded engine
    python drills/rules.py --rules 10000 --spark      # on Spark as well, by the same rules

Ends with 1 where one of three hundred people does not belong as the rule says, and prints the rule.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

PEOPLE = 300
AT_ONCE = 500
AT_ONCE_ON_SPARK = 100
"""Spark plans a query of five hundred rules for longer than it answers it."""


def main() -> int:
    """Try as many rules as were asked for; returns the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rules", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED", "1")))
    parser.add_argument("--spark", action="store_true", help="compute on Spark too")
    parser.add_argument("--master", default="local[*]", help="where Spark runs")
    choices = parser.parse_args()
    print(f"seed {choices.seed}")
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HUOSHUI_HOME"] = folder
        from django.core.management import call_command
        from huoshui.project import setting_up

        setting_up.prepare_django()
        call_command("migrate", verbosity=0)
        good = _tried(choices.rules, choices.seed, AT_ONCE, _embedded)
        if choices.spark:
            good &= _tried(
                choices.rules, choices.seed, AT_ONCE_ON_SPARK, lambda shop: _on_spark(shop, choices.master)
            )
    return 0 if good else 1


def _tried(rules: int, seed: int, at_once: int, engine: Callable[[Any], Any]) -> bool:
    """Whether every rule holds for exactly whom it says."""
    from huoshui.know.segments.tests import agreeing, people

    shop = people.shop_of(PEOPLE, Random(seed))
    persons = agreeing.persons_of(shop)
    random, wrong = Random(seed + 1), 0
    with engine(shop) as (name, tables, rows_of):
        for first in range(0, rules, at_once):
            some = min(at_once, rules - first)
            verdict = agreeing.agree(tables, rows_of, persons, random, rules=some, at_once=at_once)
            for who, rule in verdict.wrong[:3]:
                print(f"{name}: customer {who}: {json.dumps(rule, ensure_ascii=False, default=str)}")
            wrong += len(verdict.wrong)
            print(f"{name}: {first + some} rules, {wrong} disagreements", flush=True)
    return not wrong


Rows = Callable[[Any], Mapping[int, Mapping[str, Any]]]


@contextmanager
def _embedded(shop: Any) -> Iterator[tuple[str, Any, Rows]]:
    yield "DuckDB", shop, shop.rows_of


@contextmanager
def _on_spark(shop: Any, master: str) -> Iterator[tuple[str, Any, Rows]]:
    from huoshui.data.traits.tests.shop import LONDON
    from huoshui.know.segments.tests import agreeing
    from huoshui.lake.duck import EngineSettings
    from huoshui.lake.spark import SparkEngine

    with tempfile.TemporaryDirectory() as folder:
        engine = SparkEngine(
            EngineSettings(
                memory="1GiB",
                threads=0,
                time_zone=LONDON.key,
                temporary=Path(folder),
                engine="spark",
                spark_master=master,
            )
        )
        try:
            tables = agreeing.Elsewhere(shop, engine.session())
            yield "Spark", tables, tables.rows_of
        finally:
            engine.close()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    sys.exit(main())
