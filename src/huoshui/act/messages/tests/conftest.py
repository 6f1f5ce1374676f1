"""A channel and an origin that write down what they are asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Any

import pyarrow as pa
import pytest

from huoshui.act.messages import delivering, services
from huoshui.data.customers.tests.factories import make_customers, make_house
from huoshui.data.privacy import services as privacy
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.outreach import (
    CHANNELS,
    ORIGINS,
    Channel,
    Content,
    Handed,
    Origin,
    Outcome,
    Outgoing,
    Said,
    Wanted,
)
from huoshui.kernel.texts import Text

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Post:
    """A channel that keeps what it is handed, and answers as ``answer`` says."""

    def __init__(self) -> None:
        self.handed: list[Outgoing] = []
        self.answer: Callable[[Outgoing], Handed] = lambda _message: Handed(
            outcome=Outcome.SENT, answer="250"
        )
        self.why: Text | None = None
        self.nowhere: set[int] = set()

    def hand_over(self, message: Outgoing) -> Handed:
        self.handed.append(message)
        return self.answer(message)

    @contextmanager
    def open(self) -> Iterator[Post]:
        yield self

    def channel(self, slug: str) -> Channel:
        return Channel(
            slug=slug,
            label=Text("Post", "信"),
            consent="email",
            addresses=lambda ids: {one: f"{one}@example.com" for one in ids if one not in self.nowhere},
            problems=lambda _content, _marketing: (),
            unready=lambda: self.why,
            open=self.open,
        )

    @property
    def to(self) -> list[int]:
        return [message.customer_id for message in self.handed]


class Clock:
    """The clock on the wall, as the test says."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **much: float) -> None:
        self.now += timedelta(**much)


def write(origin_id: int, wanted: Collection[Wanted]) -> Mapping[str, Said]:
    return {
        one.key: Said(content=Content(subject=f"{origin_id}", text=f"to {one.customer_id}"), language="en")
        for one in wanted
    }


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    post = Post()
    for slug in ("post", "other"):
        monkeypatch.setitem(CHANNELS._by_slug, slug, post.channel(slug))
    origin = Origin(
        slug="test",
        label=Text("Test", "测试"),
        write=write,
        title=lambda n: f"Test {n}",
        address=lambda n: "/",
    )
    monkeypatch.setitem(ORIGINS._by_slug, "test", origin)
    return post


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Clock:
    wall = Clock(NOON)
    monkeypatch.setattr(clock, "now", wall)
    return wall


@pytest.fixture
def people(db: None, post: Post, wall: Clock) -> list[int]:
    """Six customers of a British house; the first five agree to e-mail."""
    return _six()


@pytest.fixture
def people_of_both(database: str, post: Post, wall: Clock) -> list[int]:
    """The same, on SQLite and on PostgreSQL."""
    return _six()


def _six() -> list[int]:
    make_house()
    people = make_customers(*"abcdef")
    for customer_id in people[:5]:
        agree(customer_id)
    return people


def agree(customer_id: int, state: str = "granted") -> None:
    privacy.say(
        actor=CONSOLE,
        customer_id=customer_id,
        purpose="marketing",
        channel="email",
        state=state,
        wording="",
        source="test",
        evidence="a form",
        now=clock.now(),
    )


def want(
    people: Sequence[int], *, of: int = 1, channel: str = "post", marketing: bool = True, **said: Any
) -> int:
    """Enqueue a message of campaign ``of`` to each; columns by name, of one value each."""
    columns = {
        field.name: pa.array([said.pop(field.name)] * len(people), field.type)
        for field in services.COLUMNS
        if field.name in said
    }
    return services.enqueue(
        actor=CONSOLE,
        origin="test",
        origin_id=of,
        channel=channel,
        marketing=marketing,
        rows=pa.table({"customer_id": pa.array(people, pa.int64()), **columns}),
        now=clock.now(),
        **said,
    )


def work(channel: str = "post", times: int = 5, worker: str = "w") -> None:
    """A worker looks so often at the lane."""
    serving = delivering.Serving(channel)
    for _ in range(times):
        if not serving.look(worker, Event()):
            return
