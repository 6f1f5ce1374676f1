"""The outbox with everything that may happen to it, as a machine that draws what happens next.

The other side is `Provider`: it writes down what it took, and checks of each message, at the moment at which it comes,
whether it may come at all. While a message is under way anything may happen besides: a person withdraws, a colleague
pauses or stops, another worker works, this one is taken for dead, the clock jumps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from threading import Event
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from huoshui.act.messages import claiming, delivering, holding
from huoshui.act.messages.keys import parts_of
from huoshui.act.messages.models import Message
from huoshui.act.messages.tests.conftest import Clock, Post
from huoshui.kernel.outreach import Handed, Outcome, Outgoing

HOUSE = "Europe/London"

ANSWERS = {
    "taken": (True, Outcome.SENT),
    "refused": (False, Outcome.REFUSED),
    "busy": (False, Outcome.LATER),
    "hangs": (False, Outcome.UNKNOWN),
    "drops after the message": (True, Outcome.UNKNOWN),
}
RAISES, DIES_BEFORE, DIES_AFTER, SLEEPS = "raises", "dies before", "dies after", "sleeps before"
ALL_ANSWERS = (*ANSWERS, RAISES, DIES_BEFORE, DIES_AFTER, SLEEPS)
"""What may become of a message that was claimed. The last three are the worker's: it is killed before the other side
has the message, or after; or it sleeps so long that others take it for dead, and wakes up."""

PLACE = holding.DEAD_AFTER + 1


class Killed(BaseException):
    """The worker's process is no more."""


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of the next message, and what happens meanwhile, before the other side has it or after."""

    answer: str = "taken"
    meanwhile: Callable[[], None] | None = None
    before: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """A message as the other side took it."""

    key: str
    customer_id: int
    errand: int
    marketing: bool
    day: date


@dataclass
class Truth:
    """What the house was told, kept beside it: what may go is judged by this and not by what the house says."""

    agreed: set[int]
    resting: set[int] = field(default_factory=set)
    """Errands that are paused or stopped."""
    shut: set[str] = field(default_factory=set)
    """Lanes that a colleague stopped."""
    caps: tuple[int | None, int | None] = (1, 3)
    quiet: tuple[int, int] = (21 * 60, 8 * 60)
    again: Counter[str] = field(default_factory=Counter)
    """How often a person decided that a message goes once more."""
    forgiven: set[str] = field(default_factory=set)
    """Keys that do not count for caps any more: dropped, sent again, come back."""


class Provider:
    """The other side of both lanes, and the workers on this one."""

    def __init__(self, post: Post, wall: Clock, truth: Truth) -> None:
        self.wall, self.truth = wall, truth
        self.taken: list[Taken] = []
        self.moment = 0.0
        self.plan: list[Step] = []
        self.dying = False
        self.working: list[int] = []
        """Whom the messages under way are for, the outermost first."""
        self.wrong: list[str] = []
        self._servings: dict[tuple[str, str], delivering.Serving] = {}
        self._rules = (truth.caps, truth.quiet)
        post.answer, post.handed = self.hand_over, []

    # -- the worker --------------------------------------------------------------------------------------------

    def look(self, channel: str, worker: str, plan: Sequence[Step] = ()) -> bool:
        """One look of a worker at a lane, with what is to become of its messages; whether there was anything."""
        outer = self.plan, self._rules
        self.plan, self._rules = list(plan), (self.truth.caps, self.truth.quiet)
        serving = self._servings.setdefault((worker, channel), delivering.Serving(channel))
        try:
            return serving.look(worker, Event())
        except Killed:
            del self._servings[worker, channel]
            return True
        finally:
            self.plan, self._rules = outer
            self.dying = False

    def sleep(self, seconds: float) -> None:
        """The monotonic clock goes on."""
        self.moment += max(seconds, 30.0)

    @contextmanager
    def clocks(self) -> Iterator[None]:
        """Both clocks are the machine's, while inside; and a killed process ends nothing in good order."""
        end, claim = holding.end, claiming.claim
        fake = SimpleNamespace(monotonic=lambda: self.moment, sleep=self.sleep)

        def ends(holder_id: int, *, now: datetime) -> int:
            return 0 if self.dying else end(holder_id, now=now)

        def claims(*given: Any, **named: Any) -> claiming.Claim:
            found = claim(*given, **named)
            if found.mine and self.plan and self.plan[0].answer == SLEEPS:
                self.plan.pop(0)
                self.moment += PLACE
            return found

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(holding, "time", fake)
            patch.setattr(delivering, "time", fake)
            patch.setattr(holding, "end", ends)
            patch.setattr(claiming, "claim", claims)
            yield

    # -- the other side ----------------------------------------------------------------------------------------

    def hand_over(self, message: Outgoing) -> Handed:
        """Take a message or not, as the plan says."""
        step = self.plan.pop(0) if self.plan else Step()
        parts = parts_of(message.key)
        assert parts is not None
        row = Message.objects.select_related("errand").get(pk=parts[0], seal=parts[1])
        now = self.wall.now
        day = now.astimezone(ZoneInfo(row.zone or HOUSE)).date()
        self._judge(row, message, day, now)
        if step.answer == DIES_BEFORE:
            self._die()
        if step.before:
            self._meanwhile(step, message)
        took, outcome = ANSWERS.get(step.answer, (True, Outcome.UNKNOWN))
        if took:
            self.taken.append(
                Taken(message.key, message.customer_id, row.errand.origin_id, row.errand.marketing, day)
            )
        if not step.before:
            self._meanwhile(step, message)
        if step.answer == DIES_AFTER:
            self._die()
        if step.answer == RAISES:
            raise RuntimeError(step.answer)
        return Handed(outcome=outcome, answer=step.answer)

    def _die(self) -> None:
        self.dying = True
        raise Killed

    def _meanwhile(self, step: Step, message: Outgoing) -> None:
        if step.meanwhile is None:
            return
        self.working.append(message.customer_id)
        try:
            step.meanwhile()
        finally:
            self.working.pop()

    def _judge(self, row: Message, message: Outgoing, day: date, now: datetime) -> None:
        """Whether this message may come at this moment. What is wrong is kept: an error here is one of the channel."""
        truth, (caps, quiet), zone = self.truth, self._rules, ZoneInfo(row.zone or HOUSE)
        errand, who = row.errand, message.customer_id
        before = [one for one in self.taken if one.key == message.key]
        if row.state != "claimed":
            self.wrong.append(f"{message.key} comes while it is {row.state}")
        if errand.origin_id in truth.resting:
            self.wrong.append(f"{message.key} comes though its errand rests")
        if errand.channel in truth.shut:
            self.wrong.append(f"{message.key} comes on a lane that is stopped")
        if not errand.marketing:
            return
        if who not in truth.agreed:
            self.wrong.append(f"{message.key} comes against the will of {who}")
        if len(before) > truth.again[message.key]:
            self.wrong.append(f"{message.key} comes twice")
        minute = now.astimezone(zone).hour * 60 + now.astimezone(zone).minute
        begin, end = quiet
        if (minute >= begin or minute < end) if begin > end else begin <= minute < end:
            self.wrong.append(f"{message.key} comes at {minute} minutes of a quiet day")
        had = {
            one.key: one.day
            for one in self.taken
            if one.marketing
            and one.customer_id == who
            and one.key != message.key
            and one.key not in truth.forgiven
        }
        for most, days in zip(caps, (1, 7), strict=True):
            within = sum(timedelta(0) <= day - then < timedelta(days) for then in had.values())
            if most is not None and within >= most:
                self.wrong.append(f"{message.key} is number {within + 1} within {days} days")
