"""What a company is invented from, and what all its processes share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from huoshui.demo.draws import Draws, Numbers
from huoshui.demo.parameters import PARAMETERS, Parameters
from huoshui.demo.saying import said
from huoshui.demo.seasons import DAY, HOUR, Season
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Language

AFTERWARDS = 365
"""Days after the last one that are drawn too: what people do then stands in the truth, never in the house."""


class NotADemoDay(HuoshuiError):
    """The last day of the demo cannot be this one."""

    code = "not_a_demo_day"


def check_until(until: date, *, today: date) -> None:
    """Raise `NotADemoDay` for a last day that is not over yet, or so early that its years cannot be loaded."""
    if not date(1990, 1, 1) <= until < today:
        raise NotADemoDay(
            "The demo cannot end on this day",
            received=until.isoformat(),
            valid=f"a day from 1990-01-01 to {today - timedelta(days=1)}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Invention:
    """What a company is invented from: number of people, days of history, seed, last day, and the true numbers.

    ``language`` is what its names are in; it changes no draw, so that both give the same company.
    """

    customers: int
    days: int
    seed: int
    until: date
    parameters: Parameters = PARAMETERS
    language: Language = "zh"

    @property
    def first_day(self) -> date:
        """The day on which the shop opened."""
        return self.until - timedelta(days=self.days - 1)


@dataclass(frozen=True, slots=True)
class World:
    """What the processes of one part of the people see: the invention, the season and the random numbers.

    Times are whole seconds after the beginning of the first day, on the clock of the house.
    """

    invention: Invention
    season: Season
    arrivals: Numbers
    draws: Draws

    @classmethod
    def of(cls, invention: Invention) -> World:
        """The world of ``invention``, for the first part of its people."""
        season = Season.of(invention.first_day, invention.days + AFTERWARDS)
        hours = np.arange(1, invention.days * 24 + 1) / (invention.days * 24)
        arriving = hours ** (invention.parameters.growth - 1.0) * np.diff(season.inner[: len(hours) + 1])
        share = np.concatenate([[0.0], np.cumsum(arriving) / arriving.sum()])
        entropy = (invention.seed, invention.until.toordinal(), invention.days)
        return cls(invention, season, share, Draws(entropy))

    def for_part(self, part: int) -> World:
        """The same world with the random numbers of another part of the people."""
        return World(self.invention, self.season, self.arrivals, self.draws.for_part(part))

    @property
    def parameters(self) -> Parameters:
        """The true numbers."""
        return self.invention.parameters

    def said(self, value: Any) -> Any:
        """``value`` in the company's language, as `saying.said` says it."""
        return said(value, self.invention.language)

    @property
    def end(self) -> int:
        """The first second after the last day."""
        return self.invention.days * DAY

    @property
    def horizon(self) -> int:
        """The first second that is not drawn any more."""
        return self.end + AFTERWARDS * DAY

    def arriving(self, shares: Numbers) -> Numbers:
        """When the customers come who stand at ``shares`` (0 to 1) of all."""
        hours = np.arange(len(self.arrivals)) * float(HOUR)
        at = np.minimum(np.interp(shares, self.arrivals, hours), self.end - 1)
        return np.asarray(at.astype(np.int64))

    def clock(self, seconds: Numbers) -> pa.Array:
        """Times as local times, which name no zone."""
        start = np.datetime64(self.invention.first_day.isoformat(), "s")
        return pa.array(start + np.asarray(seconds, "timedelta64[s]"))
