"""Kill writers of the lake, many at once and beside compaction, and count what is in it.

    python drills/writers.py --rounds 24 --kills 60 --seed 1

First, ``rounds`` times: two to four writers, each publishing order after order, and one that merges all files without
end; all of them are killed at a random moment. Every order that was acknowledged is there, once; the table opens; the
lake's engine and deltalake count the same. Orders whose writer died between commit and acknowledgement may be there.

Then, ``kills`` times: one process moves numbered orders into the lake and is killed at a random moment, also between
the commit and the house version. In the end there are exactly the orders 1 … n, and n is the number the lake knows.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import TextIO
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from drills.forking import begin  # noqa: E402 the folders above are no packages of the environment

FOR_EVER = 2_000
"""Orders that one writer would publish; nobody lives that long."""
OTHERS = 20_000
"""The numbers of orders that are not the mover's start here."""


@dataclass(frozen=True)
class Writer:
    """A process that writes, and the lines in which it tells what it published."""

    process: ForkServerProcess
    told: TextIO


class Shop:
    """A lake and its database in a folder, and the processes that write to it."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "lake"
        self.database = folder / "house.sqlite3"
        from huoshui.lake.tests.writer import configure

        configure(self.database)
        from django.core.management import call_command
        from huoshui.lake.house import Lake
        from huoshui.lake.storage import LocalFolder
        from huoshui.lake.tests.shop import engine_settings

        call_command("migrate", "lake", verbosity=0)
        self.lake = Lake(LocalFolder(self.root), engine_settings(folder / "tmp"))

    def start(self, verb: str, first: int = 1, count: int = FOR_EVER) -> Writer:
        """A process that writes; see `huoshui.lake.tests.writer`."""
        words = (str(self.database), str(self.root), verb, str(first), str(count))
        reading, writing = os.pipe()
        process = begin("huoshui.lake.tests.writer", *words, environment=os.environ, out=writing)
        os.close(writing)
        return Writer(process, os.fdopen(reading))

    def numbers(self) -> list[int]:
        """The orders that are published, as often as they are."""
        self.lake.recover()
        rows = self.lake.snapshot().table("orders").select("order_id").to_pyarrow()
        return sorted(int(name.removeprefix("o")) for name in rows["order_id"].to_pylist())

    def rows_by_deltalake(self) -> int:
        """What another program counts that knows Delta tables."""
        from deltalake import DeltaTable

        return int(DeltaTable(str(self.root / "orders")).count())


def killed(writers: list[Writer], moment: float) -> set[int]:
    """Kill all ``moment`` seconds after the first acknowledged something; the numbers they acknowledged."""
    told = [writers[0].told.readline()]
    time.sleep(moment)
    for writer in writers:
        writer.process.kill()
    for writer in writers:
        with writer.told:
            told += writer.told.readlines()
        writer.process.join()
    return {int(line) for line in told if line.endswith("\n")}


def many_writers(shop: Shop, *, rounds: int, chance: random.Random, busy: float) -> list[str]:
    """Writers and a merger, all killed, again and again."""
    acknowledged: set[int] = set()
    wrong: list[str] = []
    for round_ in range(rounds):
        writers = chance.randint(2, 4)
        firsts = [OTHERS + (round_ * 4 + w) * FOR_EVER for w in range(writers)]
        processes = [shop.start("plain", first) for first in firsts] + [shop.start("compact")]
        acknowledged |= killed(processes, chance.random() * busy)
        there = shop.numbers()
        if len(there) != len(set(there)):
            wrong.append(f"round {round_}: an order is there twice")
        if lost := acknowledged - set(there):
            wrong.append(f"round {round_}: {len(lost)} acknowledged orders are lost, such as {min(lost)}")
        if (other := shop.rows_by_deltalake()) != len(there):
            wrong.append(f"round {round_}: deltalake counts {other} rows, the engine {len(there)}")
        beyond = len(set(there) - acknowledged)
        if beyond > (round_ + 1) * 4:
            wrong.append(f"round {round_}: {beyond} orders are there that nobody acknowledged")
        if missing := shop.lake.missing_files():
            wrong.append(f"round {round_}: files are missing: {missing[:3]}")
    print(f"writers: {rounds} rounds, {len(acknowledged)} orders acknowledged, {len(wrong)} failures")
    return wrong


def one_mover(shop: Shop, *, kills: int, chance: random.Random, busy: float) -> list[str]:
    """A process that moves numbered orders, killed and started again where it stood."""
    wrong: list[str] = []
    before, unpublished = 0, 0
    base = shop.numbers()
    for number in range(kills):
        acknowledged = killed([shop.start("append", before + 1)], chance.random() * busy)
        folder = shop.lake.folder("orders")
        version = folder.version()
        unpublished += version > shop.lake.snapshot().versions.get("orders", 0)
        moved = [n for n in shop.numbers() if n < OTHERS]
        known = shop.lake.folder("orders").transaction_version("spool") or 0
        if moved != list(range(1, known + 1)):
            wrong.append(
                f"kill {number}: the lake knows {known} and has {len(moved)}, of which {len(set(moved))} once"
            )
        if acknowledged and known < max(acknowledged):
            wrong.append(f"kill {number}: {max(acknowledged)} was acknowledged, the lake knows {known}")
        before = known
    if [n for n in shop.numbers() if n >= OTHERS] != [n for n in base if n >= OTHERS]:
        wrong.append("orders of others changed")
    print(f"mover: {kills} kills, {unpublished} before publication, {before} orders, {len(wrong)} failures")
    return wrong


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=24)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or random.randrange(10**6)))
    parser.add_argument("--busy", type=float, default=3.0, help="seconds that writers are busy at most")
    parser.add_argument("--without-recovery", action="store_true", help="to see that the drill notices")
    given = parser.parse_args()
    print(f"seed {given.seed}")
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="huoshui-drill-", ignore_cleanup_errors=True) as folder:
        shop = Shop(Path(folder))
        if given.without_recovery:
            patch.object(shop.lake, "recover", dict).start()
        wrong = many_writers(shop, rounds=given.rounds, chance=chance, busy=given.busy)
        wrong += one_mover(shop, kills=given.kills, chance=chance, busy=given.busy)
        shop.lake.close()
    for line in wrong:
        print(f"  {line}")
    print("nothing lost, nothing twice" if not wrong else f"repeat with --seed {given.seed}")
    sys.stdout.flush()
    os._exit(bool(wrong))


if __name__ == "__main__":
    main()
