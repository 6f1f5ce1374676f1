"""Random numbers: a stream of its own for every process and every part of the people.

A stream depends on seed, last day, number of days, the name of the process and the part, and on nothing else
(``numpy.random.SeedSequence`` with a spawn key). So a further process changes no other one, and parts could be drawn
in any order or at once.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[Any]
"""A column: one number per person, order or event."""


@dataclass(frozen=True, slots=True)
class Draws:
    """Gives the stream of a process; ``part`` counts the parts of the people from 0."""

    entropy: tuple[int, ...]
    part: int = 0

    def of(self, process: str) -> np.random.Generator:
        """The stream of ``process``, always from its beginning."""
        key = (zlib.crc32(process.encode()), self.part)
        return np.random.default_rng(np.random.SeedSequence(self.entropy, spawn_key=key))

    def for_part(self, part: int) -> Draws:
        """The same company's streams for another part of the people."""
        return Draws(self.entropy, part)


def chosen(draw: np.random.Generator, weights: Numbers, count: int) -> Numbers:
    """``count`` places of ``weights``, each with a probability in proportion to its weight."""
    edges = np.cumsum(weights / weights.sum())
    return np.asarray(np.searchsorted(edges[:-1], draw.random(count), side="right"))


def race(draw: np.random.Generator, weights: Numbers) -> Numbers:
    """For each row of ``weights`` one place, with a probability in proportion to its weight.

    The place whose exponential waiting time ends first: P(k first) = w_k ÷ Σ w.
    """
    waiting = draw.standard_exponential(weights.shape, dtype=np.float32)
    with np.errstate(divide="ignore"):
        return np.asarray(np.argmin(waiting / weights, axis=1))
