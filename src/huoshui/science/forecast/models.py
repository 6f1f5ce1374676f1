"""The family of models over one series, on the scale that fits it better."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from huoshui.science.forecast import breaks as breaking
from huoshui.science.forecast import smoothing, weighing
from huoshui.science.forecast.breaks import Breaks
from huoshui.science.forecast.smoothing import Array, Family, Run
from huoshui.science.forecast.weighing import Evidence, Weighed

NOTHING = 1e-12
"""Less weight than this is none."""
LIKELY = 0.5
"""Something likely happened once where models with it have more of the weight than this."""
TOLD = 0.6
"""A level that changed is told of above this: of the last value nobody knows, and each side has a half."""


@dataclass(frozen=True, slots=True)
class Change:
    """A level that changed and stayed.

    ``at`` is the place of the first value of the new level, ``by`` how much higher that is (lower: below zero) in the
    unit of the series, and ``share`` the same as a part of the level before; ``None`` where that is not above zero.
    ``sure`` is the weight of the models that go by it, more than `TOLD`: of 300 simulated series of 48 months without a
    change, steady, with a trend or with heavy tails, none was said to have one; of 100 whose level wanders every month,
    5 (`science/tests/test_forecast_changes.py`).
    """

    at: int
    by: float
    share: float | None
    sure: float


@dataclass(frozen=True, slots=True)
class Told:
    """Steps as told from one origin, on the scale of the models.

    ``responses`` is by how much an error moves the steps after it, ``sigma`` its standard deviation. ``apart``
    (alternatives × steps) is by how much models, and what may have happened, disagree (S. T. Buckland, K. P. Burnham
    and N. H. Augustin, "Model selection: an integral part of inference", Biometrics 53 (2), 1997).
    """

    middle: Array
    responses: Array
    sigma: float
    apart: Array

    @property
    def covariance(self) -> Array:
        """Of the steps: errors to come, and what the models disagree about."""
        root = self.root
        found: Array = root @ root.T + self.apart.T @ self.apart
        return found

    @property
    def root(self) -> Array:
        """Of the covariance of errors to come."""
        steps = len(self.middle)
        row = np.concatenate([np.zeros(steps - 1), [1.0], self.responses[: steps - 1]])
        at = np.arange(steps)
        found: Array = self.sigma * row[steps - 1 + at[:, None] - at[None, :]]
        return found

    @property
    def noise(self) -> Array:
        """The variance of each step from errors to come alone."""
        grown = np.concatenate([[1.0], self.responses[:-1] ** 2])
        found: Array = self.sigma**2 * np.cumsum(grown)
        return found

    @property
    def variance(self) -> Array:
        """The variance of each step."""
        found: Array = self.noise + (self.apart**2).sum(axis=0)
        return found


@dataclass(frozen=True, slots=True)
class Model:
    """The family, run over a series on one scale. ``used`` is the season of the models, 1 where none can be learnt."""

    values: Array
    season: int
    used: int
    steps: int
    scale: str
    members: Family
    run: Run
    breaks: Breaks
    evidence: Evidence

    @classmethod
    def of(cls, values: Array, *, season: int, steps: int) -> Model:
        """Run over the values and their logarithms, as far as they have any, and keep what fits better."""
        made = cls._on("plain", values, season=season, steps=steps)
        if (values <= 0).any():
            return made
        logs = cls._on("log", values, season=season, steps=steps)
        # The likelihood of the values themselves: that of the logarithms times their derivative.
        known = len(values)
        counted = 0.5 ** (np.arange(known - 1, -1, -1) / logs.run.halved)
        merit = logs.weighed(known).best + 2 * float(counted @ np.log(values))
        return logs if merit < made.weighed(known).best else made

    @classmethod
    def _on(cls, scale: str, values: Array, *, season: int, steps: int) -> Model:
        used = season if len(values) >= 2 * season else 1
        members = smoothing.family(used)
        scaled = np.log(values) if scale == "log" else values
        run = smoothing.run(scaled, season=used, steps=steps, members=members)
        if used == season:
            seen = breaking.find(scaled, season=used, steps=steps, members=members)
        else:  # a season that nobody knows yet would look like breaks
            seen = breaking.none(len(values), members, steps)
        return cls(values, season, used, steps, scale, members, run, seen, weighing.gather(run, seen))

    @property
    def scaled(self) -> Array:
        """The values on the scale of the models."""
        return np.log(self.values) if self.scale == "log" else self.values

    @property
    def unsure(self) -> float:
        """By how much the variance grows as the parts of the models are themselves estimated.

        The final prediction error of H. Akaike ("Fitting autoregressive models for prediction", Annals of the
        Institute of Statistical Mathematics 21, 1969), to the first order.
        """
        known = len(self.values)
        return 1.0 + float(self.weighed(known).members @ self.members.parts) / known

    def weighed(self, known: int) -> Weighed:
        """The alternatives when ``known`` values were known."""
        return weighing.weigh(self.evidence, self.breaks, self.members, known=known)

    def happened(self) -> list[int]:
        """The places where something likely happened once, as is known in the end."""
        likely = self.weighed(len(self.values)).shares[1:].sum(axis=1)
        return [
            int(at) for at in np.unique(self.breaks.at) if float(likely[self.breaks.at == at].sum()) > LIKELY
        ]

    def level_changed(self) -> Change | None:
        """The level that changed and stayed and that what is told goes by; ``None`` where it goes by none.

        Models with the change have more than `TOLD` of all weight together.
        """
        weighed = self.weighed(len(self.values))
        levels = np.flatnonzero(self.breaks.stays)
        likely = weighed.shares[1 + levels].sum(axis=1)
        if not len(levels) or float(likely.max()) <= TOLD:
            return None
        place = levels[int(likely.argmax())]
        at, sure = int(self.breaks.at[place]), float(likely.max())
        # The shape is that of the values before: its size is how much higher these were.
        size = float(weighed.shares[1 + place] @ weighed.sizes[place]) / sure
        before = float(self.values[max(at - self.season, 0) : at].mean())
        if self.scale == "log":
            share = float(np.expm1(-size))
            return Change(at=at, by=share * before, share=share, sure=sure)
        return Change(at=at, by=-size, share=-size / before if before > 0 else None, sure=sure)

    def told(self, known: int) -> Told:
        """What is told when ``known`` values are known, by nothing but these."""
        weighed = self.weighed(known)
        shares, sizes = weighed.shares, weighed.sizes
        plain = self.run.ahead[known]
        ahead = np.concatenate([plain[None], plain[None] - sizes[..., None] * self.breaks.ahead[:, known]])
        ahead, flat = ahead.reshape(-1, self.steps), shares.ravel()
        counted = flat > NOTHING  # most weigh nothing
        ahead, flat = ahead[counted], flat[counted]
        middle = flat @ ahead
        apart = (ahead - middle) * np.sqrt(flat)[:, None]
        errors = self.run.errors[:known] @ weighed.members
        for shaped, share in zip(self.breaks.errors, sizes * shares[1:], strict=True):
            errors -= shaped[:known] @ share
        return Told(
            middle=middle,
            responses=weighed.members @ self.run.responses,
            sigma=self._sigma(errors, weighed.members),
            apart=apart,
        )

    def _sigma(self, errors: Array, members: Array) -> float:
        """The standard deviation of an error one step ahead.

        Errors while the beginning was learnt are too small: they are counted by the freedom they leave.
        """
        known = len(errors)
        learnt = min(self.run.learnt, known)
        early, late = (errors[:learnt] ** 2).sum(), (errors[learnt:] ** 2).sum()
        parts = float(members @ self.members.parts)
        freedom = max(learnt - parts, learnt / 4, 1.0) if self.used > 1 else max(learnt - 1.0, 1.0)
        return float(np.sqrt((early + late) / (freedom + known - learnt)))
