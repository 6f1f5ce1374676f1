"""Whether an experiment can be believed: how it was drawn, and how often chance finds something among many groups.

Sources: A. Fabijan and others, "Diagnosing sample ratio mismatch in online controlled experiments", KDD 2019;
Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate", Journal of the Royal Statistical Society B 57,
1995.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scipy.stats import chisquare, false_discovery_control

from huoshui.science.errors import NotASetting
from huoshui.science.experiments.differences import Lift, lift
from huoshui.science.experiments.errors import NotEnoughPeople
from huoshui.science.experiments.samples import Kind

# A fair draw looks this unlikely once in a thousand experiments: the usual limit, for everybody reads this test.
SUSPICIOUS = 0.001


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """Whether the arms have the sizes that were drawn: ``p_value`` of the chi-squared test, ``expected`` people."""

    p_value: float
    expected: dict[str, float]

    @property
    def is_suspicious(self) -> bool:
        """Whether people were lost or added on one side: the result then says nothing, whatever its interval."""
        return self.p_value < SUSPICIOUS


def sample_ratio(people: Mapping[str, int], shares: Mapping[str, float]) -> SampleRatio:
    """Compare the people found in each arm with the shares that they were drawn with.

    Parameters
    ----------
    people
        How many are in each arm.
    shares
        The part of all people that each arm was to have, larger than 0; they are taken in proportion.

    Raises
    ------
    NotASetting
        For arms that are not the same in both, or shares that are not larger than 0.
    NotEnoughPeople
        When nobody was drawn.
    """
    if set(people) != set(shares) or len(people) < 2:
        raise NotASetting(
            "The arms do not fit",
            received=f"{sorted(people)} and {sorted(shares)}",
            valid="two arms or more, the same",
        )
    if min(shares.values()) <= 0 or min(people.values()) < 0:
        raise NotASetting("These are no shares", received=str(dict(shares)), valid="each larger than 0")
    number, whole = sum(people.values()), sum(shares.values())
    if not number:
        raise NotEnoughPeople("Nobody was drawn")
    expected = {arm: number * share / whole for arm, share in shares.items()}
    p_value = float(chisquare([people[arm] for arm in expected], list(expected.values())).pvalue)
    return SampleRatio(p_value, expected)


@dataclass(frozen=True, slots=True)
class Subgroup:
    """One of many groups looked at: its difference (None with the reason in ``unknown``), and what is left of it.

    ``adjusted`` is the p-value that allows for the number of groups; ``is_found`` when it stays below the rate.
    """

    lift: Lift | None
    adjusted: float | None
    is_found: bool
    unknown: NotEnoughPeople | None = None


def subgroups(
    arms: Mapping[str, tuple[Any, Any]], kind: Kind = "proportion", *, alpha: float = 0.05, rate: float = 0.05
) -> dict[str, Subgroup]:
    """The difference in each of several groups, with the share of false findings among the findings held at ``rate``.

    Parameters
    ----------
    arms
        ``(treated, control)`` of each group, as for `lift`.
    kind, alpha
        As for `lift`; ``alpha`` is that of each single interval.
    rate
        Of false discoveries, between 0 and 1 (Benjamini and Hochberg; groups that share people are allowed as long
        as they do not work against one another).
    """
    if not 0 < rate < 1:
        raise NotASetting("This is not a rate", received=f"{rate}", valid="between 0 and 1")
    found: dict[str, Lift] = {}
    unknown: dict[str, NotEnoughPeople] = {}
    for name, (treated, control) in arms.items():
        try:
            found[name] = lift(treated, control, kind, alpha=alpha)
        except NotEnoughPeople as why:
            unknown[name] = why
    p_values = [one.p_value for one in found.values()]
    left = dict(zip(found, false_discovery_control(p_values).tolist(), strict=True)) if found else {}
    return {
        name: Subgroup(found[name], left[name], left[name] <= rate)
        if name in found
        else Subgroup(None, None, False, unknown[name])
        for name in arms
    }
