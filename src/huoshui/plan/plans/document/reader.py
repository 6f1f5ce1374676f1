"""Who reads a plan, of which moment, and what a block needs to know of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from huoshui.kernel.actors import Actor
from huoshui.kernel.clock import AsOf
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import House
from huoshui.kernel.texts import Language, Text
from huoshui.measure.metrics.periods import Period, months_after
from huoshui.plan.plans.document.content import Block, Content
from huoshui.plan.plans.document.figures import Figures
from huoshui.plan.plans.queries import PlanSeen

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot


class CannotSay(Exception):
    """A block has nothing to show; ``words`` say why."""

    def __init__(self, words: Text) -> None:
        self.words = words
        super().__init__(words.en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads which plan, in which language, ``now``. ``end`` is the day after the last that figures know of.

    ``shared`` holds what several blocks need, by name, asked for once.
    """

    actor: Actor
    plan: PlanSeen
    content: Content
    tables: Snapshot
    house: House
    language: Language
    now: datetime
    end: date
    figures: Figures
    shared: dict[str, Any] = field(default_factory=dict)

    @property
    def as_of(self) -> AsOf:
        """The moment that segments are counted for."""
        return AsOf(at=self.now, zone=self.house.zone)

    @property
    def today(self) -> date:
        """The day of the house."""
        return self.now.astimezone(self.house.zone).date()

    def say(self, words: Text) -> str:
        """A text in the reader's language."""
        return words.in_(self.language)

    def refusal(self, error: HuoshuiError) -> str:
        """What a refusal of a room below says, in a sentence."""
        words = getattr(error, "words", None)
        said = self.say(words) if words else self.say(error.says) if error.says else error.problem
        colon = "：" if self.language == "zh" else ": "
        return f"{said}{colon}{error.received}" if error.received and len(error.received) < 60 else said

    def period(self, block: Block) -> Period:
        """The days that a block is about. Raises `CannotSay` where they lie after all figures."""
        said = block["period"] or "365d"
        end = self.end
        if said == "plan":
            first, end = self.plan.first_day, min(self.end, self.plan.last_day + timedelta(days=1))
        elif said == "year":
            first = (end - timedelta(days=1)).replace(month=1, day=1)
        else:
            days = said.removesuffix("d")
            first = end - timedelta(days=int(days) if days.isascii() and days.isdecimal() else 365)
        if first >= end:
            raise CannotSay(
                Text(
                    f"The plan begins on {first}; figures reach to {self.end - timedelta(days=1)}.",
                    f"计划从 {first} 开始，现有数据截至 {self.end - timedelta(days=1)}。",
                )
            )
        return Period.days(first, end, self.house.zone)

    @staticmethod
    def before(block: Block, period: Period) -> Period | None:
        """What the period of a block is compared with, or nothing."""
        first, after = period.first_day, period.end_day
        if block["compare"] == "year":
            return Period.days(months_after(first, -12), months_after(after, -12), period.zone)
        if block["compare"] == "previous":
            return Period.days(first - (after - first), first, period.zone)
        return None

    @staticmethod
    def cut(block: Block) -> tuple[tuple[str, str], ...]:
        """The slice of a block."""
        name, _sign, value = block["slice"].partition(":")
        return ((name, value),) if name and value else ()

    def days(self, period: Period) -> str:
        """A period in words."""
        return f"{period.first_day} – {period.end_day - timedelta(days=1)}"


def of_all(blocks: Sequence[Block], name: str) -> Mapping[str, None]:
    """What blocks name in one of their fields, each once, in their order."""
    return {block[name]: None for block in blocks if block[name]}
