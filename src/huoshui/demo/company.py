"""Inventing the company: the processes put together, part by part of the people, and written as a shop's files.

The order of the processes is the order of causes: who people are → own orders → what follows on them → what they
live through → who is driven away → campaigns → visits and answers. Parts of the people do not know of each other, so
a million customers need no more memory than the tables of one part.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from huoshui.demo import campaigns, experience, lives, people, sales, truth, visits
from huoshui.demo import orders as ordering
from huoshui.demo.campaigns import Assignments
from huoshui.demo.catalogue import CAMPAIGNS
from huoshui.demo.columns import headed
from huoshui.demo.draws import Numbers
from huoshui.demo.experience import Experience
from huoshui.demo.invention import Invention, World
from huoshui.demo.orders import Orders, Sequences
from huoshui.demo.people import Agreed, People
from huoshui.kernel.texts import Language

PART = 50_000
KINDS = ("products", "customers", "transactions", "events", "answers", "consents", "spend")
"""The shop's files, in the order in which they are to be loaded."""


@dataclass(frozen=True, slots=True)
class Life:
    """A part of the people with all they do, up to the horizon; orders stand in the order of their times."""

    people: People
    orders: Orders
    lived: Experience
    sequences: Sequences
    assigned: Assignments
    agreed: dict[str, Agreed]
    left_at: Numbers
    driven_away: Numbers


def live(world: World, first: int, count: int) -> Life:
    """The part of the people who stand at ``first`` to ``first + count`` of all; no files, no money."""
    folk = people.draw_people(world, first, count)
    agreed = people.consents(world, folk)
    orders, sequences = ordering.follow_ups(world, folk, ordering.own_orders(world, folk))
    lived = experience.live_through(world, folk, orders, "experience")
    driven_away = experience.driven_away_at(folk, orders, lived, 4 * world.horizon)
    left_at = np.minimum(folk.leaves_at, driven_away)
    stays = orders.at < np.minimum(left_at, world.horizon)[orders.buyer]
    orders, lived = orders.take(stays), lived.take(stays)
    orders, assigned = campaigns.run(world, folk, orders, left_at, agreed)
    won = orders.take(np.arange(len(lived), len(orders)))
    lived = lived.and_then(experience.live_through(world, folk, won, "experience of campaign orders"))
    in_time = np.argsort(orders.at, kind="stable")
    orders, lived = orders.take(in_time), lived.take(in_time)
    return Life(folk, orders, lived, sequences, assigned, agreed, left_at, driven_away)


def write(
    invention: Invention,
    *,
    files: Path,
    truths: Path,
    tell: Callable[[float], None] = lambda _share: None,
) -> dict[str, Path]:
    """Invent the company: its files into the folder ``files``, the truth into ``truths``. Both folders must exist.

    Returns the files by kind of import, in the order in which they are to be loaded; kinds without a row have none.
    The same invention writes the same rows.
    """
    world = World.of(invention)
    hand_written = lives.files_of_cast(invention)
    start = len(lives.members(invention))
    parts = max(1, -(-(invention.customers - start) // PART))
    with ExitStack() as stack:
        shop = stack.enter_context(_Folder(files, invention.language))
        true = stack.enter_context(_Folder(truths, invention.language))
        told = _Told(shop, true, hand_written)
        for part in range(parts):
            first = start + part * PART
            count = min(PART, invention.customers - first)
            told.tell(world.for_part(part), live(world.for_part(part), first, count))
            tell((part + 1) / parts)
        shop.write("products", sales.products_file(world))
        shop.write("spend", sales.spend_file(world, told.messages))
    truth.write_story(truths, invention, shop.rows, told.views)
    return {kind: shop.path(kind) for kind in KINDS if shop.rows.get(kind)}


class _Folder:
    """Parquet files that grow part by part, their heads in one language."""

    def __init__(self, folder: Path, language: Language) -> None:
        self.folder, self.language = folder, language
        self.rows: dict[str, int] = {}
        self._writers: dict[str, pq.ParquetWriter] = {}

    def __enter__(self) -> _Folder:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._writers.values():
            writer.close()

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"

    def write(self, name: str, table: pa.Table) -> None:
        table = headed(table, self.language)
        if name not in self._writers:
            self._writers[name] = pq.ParquetWriter(self.path(name), table.schema, compression="zstd")
        self._writers[name].write_table(table)
        self.rows[name] = self.rows.get(name, 0) + table.num_rows


class _Told:
    """Tells the lives of each part to the files; counts on where the part before ended."""

    def __init__(self, shop: _Folder, true: _Folder, hand_written: dict[str, list[lives.Row]]) -> None:
        self.shop, self.true, self.hand_written = shop, true, hand_written
        self.orders = len(hand_written["truth/orders"])
        self.visitors = 1
        self.messages = np.zeros(len(CAMPAIGNS), int)
        self.views = {"ordered": 0, "not_ordered": 0}

    def tell(self, world: World, life: Life) -> None:
        folk, assigned = life.people, life.assigned
        past = int(np.searchsorted(life.orders.at, world.end))
        seen = visits.visit(
            world, folk, life.orders.take(slice(past)), life.lived.take(slice(past)), assigned, life.left_at
        )
        self.views["ordered"] += seen.three_views_ordered
        self.views["not_ordered"] += seen.three_views_idle
        self.messages += np.bincount(assigned.campaign[assigned.treated], minlength=len(CAMPAIGNS))
        number = 1 + self.shop.rows.get("events", 0), 1 + self.shop.rows.get("answers", 0)
        self._file("customers", people.customers_file(world, folk))
        self._file("events", visits.events_file(world, folk, seen.events, number[0], self.visitors))
        self._file("answers", experience.answers_file(world, folk, life.orders, life.lived, number[1]))
        self._file("consents", people.consents_file(world, folk, campaigns.opted_out(assigned)))
        self._truth("assignments", truth.assignments_table(world, folk, assigned))
        self._truth("sequences", truth.sequences_table(world, folk, life.sequences, life.left_at))
        self._truth("visitors", truth.visitors_table(folk, seen.visitors, self.visitors))
        self.visitors += int(seen.events.who[seen.events.anonymous].max(initial=-1)) + 1
        self._sales(world, life, past)

    def _sales(self, world: World, life: Life, past: int) -> None:
        """Orders of the people with the anonymous ones between them."""
        folk, strangers = life.people, ordering.walk_ins(world, past)
        orders = life.orders.and_then(strangers)
        lived = life.lived.and_then(_untroubled(len(strangers)))
        in_time = np.argsort(orders.at, kind="stable")
        orders, lived = orders.take(in_time), lived.take(in_time)
        lines = sales.lines_of(world, folk, orders, lived)
        self._truth(
            "customers",
            truth.customers_table(world, folk, orders, lines, life.left_at, life.driven_away),
        )
        past += len(strangers)
        orders, lines = orders.take(slice(past)), lines.take(lines.order < past)
        self._file("transactions", sales.transactions_file(world, folk, orders, lines, self.orders))
        self._truth("orders", truth.orders_table(orders, lived.take(slice(past)), self.orders))
        self.orders += past

    def _file(self, kind: str, table: pa.Table) -> None:
        self._write(self.shop, kind, table, self.hand_written.pop(kind, []))

    def _truth(self, name: str, table: pa.Table) -> None:
        self._write(self.true, name, table, self.hand_written.pop(f"truth/{name}", []))

    @staticmethod
    def _write(folder: _Folder, name: str, table: pa.Table, cast: list[lives.Row]) -> None:
        if cast:
            table = pa.concat_tables([lives.as_table(cast, table.schema), table])
        folder.write(name, table)


def _untroubled(count: int) -> Experience:
    """What becomes of orders of nobody known: nothing."""
    no = np.zeros(count, bool)
    return Experience(np.ones(count, np.int64), no, no, no, np.zeros(count, np.int64), no, no)
