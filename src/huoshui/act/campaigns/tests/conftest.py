"""A house of people with segments by city, a template, and a channel that writes down what it is handed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from huoshui.act.campaigns import following, queries, services
from huoshui.act.campaigns.drafts import Draft, VariantDraft
from huoshui.act.campaigns.queries import Described, Progress
from huoshui.act.messages.tests.conftest import NOON, Clock, Post, agree, work
from huoshui.act.templates import services as templates
from huoshui.act.templates.content import Content, Words
from huoshui.data.customers.queries import births
from huoshui.data.customers.tests.factories import make_customers, make_house
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE, Actor, Role, actor_of_role
from huoshui.kernel.outreach import CHANNELS
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.know.segments import services as segments
from huoshui.lake.duck import EngineSettings, arrow_schema
from huoshui.lake.house import Lake

LONDON = ZoneInfo("Europe/London")
OPERATOR = actor_of_role("Lin", Role.OPERATOR)
MANAGER = actor_of_role("Zheng", Role.MANAGER)


class Street:
    """A lake with people of two cities; ``north`` and ``south`` are segments."""

    def __init__(self, lake: Lake, post: Post, wall: Clock) -> None:
        self.lake, self.post, self.wall = lake, post, wall
        self.people = make_customers(*(f"p{number}" for number in range(12)))
        self.births: dict[int, int] = {}
        self.cities = {who: "north" if at % 2 else "south" for at, who in enumerate(self.people)}
        self.write()
        for city in ("north", "south"):
            rule = {"attribute": "city", "op": "=", "value": city}
            segments.add(actor=CONSOLE, name=city, rule=rule, now=wall.now)
        self.template = templates.create(
            actor=CONSOLE,
            content=Content(name="Spring", words={"en": Words(subject="AD: spring", body="Hello")}),
            now=wall.now,
        )

    def write(self) -> None:
        rows = [
            {
                "customer_id": who,
                "created_at": NOON - timedelta(days=400),
                "load_id": 1,
                "city": city,
                "birth_year": self.births.get(who),
            }
            for who, city in self.cities.items()
        ]
        schema = arrow_schema(LAKE_TABLES["customers"].all_columns)
        with self.lake.write("people") as tx:
            tx.overwrite("customers", pa.Table.from_pylist(rows, schema=schema))

    def of(self, city: str) -> list[int]:
        return [who for who, theirs in self.cities.items() if theirs == city]

    def draft(self, **changes: Any) -> Draft:
        said: dict[str, Any] = {
            "name": "Spring mail",
            "audience": {"any": [{"segment": "north"}, {"segment": "south"}]},
            "channel": "post",
            "variants": [VariantDraft(template_id=self.template, template_version=1)],
            "choice": "unknown",
            "share": 0.0,
            "plan": "now",
        }
        return Draft(**(said | changes))

    def made(self, **changes: Any) -> int:
        return services.make(actor=CONSOLE, draft=self.draft(**changes), now=self.wall.now)

    def started(self, *, expected: int = 12, **changes: Any) -> int:
        number = self.made(**changes)
        services.submit(actor=CONSOLE, number=number, expected=expected, zone=LONDON, now=self.wall.now)
        services.start(actor=CONSOLE, number=number, zone=LONDON, now=self.wall.now)
        return number

    def follow(self) -> None:
        following.follow(actor=CONSOLE, lake=self.lake, now=self.wall.now)

    def deliver(self) -> None:
        work("post", times=50)

    def progress(self, number: int) -> Progress:
        found = queries.progress(number, actor=CONSOLE, now=self.wall.now)
        assert found.adds_up, found
        return found

    def look(self, number: int) -> Described:
        return queries.campaign(number, actor=CONSOLE)


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Clock:
    wall = Clock(NOON)
    monkeypatch.setattr(clock, "now", wall)
    return wall


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Post:
    post = Post()
    monkeypatch.setitem(CHANNELS._by_slug, "post", post.channel("post"))
    return post


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> EngineSettings:
    folder = tmp_path_factory.mktemp("engine")
    return EngineSettings(memory="400MiB", threads=1, time_zone="Europe/London", temporary=folder)


@pytest.fixture
def street(
    tmp_path: Any,
    db: None,
    engine: EngineSettings,
    post: Post,
    wall: Clock,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Street]:
    make_house()
    lake = Lake(tmp_path / "lake", engine)
    monkeypatch.setattr(births, "open_lake", lambda: lake)
    made = Street(lake, post, wall)
    for who in made.people:
        agree(who)
    yield made
    made.lake.close()


def actor(number: int, role: Role) -> Actor:
    """A colleague with a number."""
    plain = actor_of_role(f"colleague {number}", role)
    return Actor(name=plain.name, rights=plain.rights, user_id=number)


def at(text: str, zone: ZoneInfo = LONDON) -> datetime:
    """A moment as the clocks of a zone show it."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)
