"""What an experiment says: kept as moments, read with intervals each time it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any

from huoshui.science import experiments
from huoshui.science.experiments import Kind, Lift, NotEnoughPeople, Sample, SampleRatio, Subgroup

Arms = Mapping[str, Sample]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The moments of one outcome, by arm, and by column → value → arm."""

    name: str
    kind: Kind
    arms: Arms
    groups: Mapping[str, Mapping[str, Arms]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is kept of a table of results: how many ``people`` each arm has, and the moments of each outcome.

    ``control_share`` is the part that was to be held out; None where all arms were to be of one size. ``before`` names
    the covariate, or is empty. ``weights`` are the sizes of arms of which neither is true; they are not kept.
    """

    arm: str
    control: str
    people: Mapping[str, int]
    control_share: float | None
    before: str
    outcomes: tuple[Outcome, ...]
    weights: Mapping[str, float] | None = None

    @property
    def treated(self) -> list[str]:
        """The arms that were treated, in order."""
        return [arm for arm in self.people if arm != self.control]

    def as_json(self) -> dict[str, Any]:
        """As plain values, from which `from_json` makes it again."""
        return {
            "arm": self.arm,
            "control": self.control,
            "people": dict(self.people),
            "control_share": self.control_share,
            "before": self.before,
            "outcomes": [
                {
                    "name": one.name,
                    "kind": one.kind,
                    "arms": _plain(one.arms),
                    "groups": {
                        column: {value: _plain(arms) for value, arms in parts.items()}
                        for column, parts in one.groups.items()
                    },
                }
                for one in self.outcomes
            ],
        }


def from_json(kept: Mapping[str, Any]) -> Found:
    """What `Found.as_json` wrote."""
    return Found(
        arm=kept["arm"],
        control=kept["control"],
        people=kept["people"],
        control_share=kept["control_share"],
        before=kept["before"],
        outcomes=tuple(
            Outcome(
                name=one["name"],
                kind=one["kind"],
                arms=_arms(one["arms"]),
                groups={
                    column: {value: _arms(arms) for value, arms in parts.items()}
                    for column, parts in one["groups"].items()
                },
            )
            for one in kept["outcomes"]
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One treated arm against the control group: the difference, or why it cannot be known."""

    arm: str
    treated: Sample
    control: Sample
    lift: Lift | None
    unknown: NotEnoughPeople | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an experiment says.

    ``ratio`` tells whether the arms have the sizes they were drawn with. ``lines`` are by outcome; ``groups`` by
    outcome and arm: ``(column, value)`` → what was added there, held against chance findings over all of them.
    """

    found: Found
    ratio: SampleRatio
    lines: Mapping[str, tuple[Line, ...]]
    groups: Mapping[tuple[str, str], Mapping[tuple[str, str], Subgroup]]


def read(found: Found) -> Reading:
    """Read the differences with intervals of 95 %; a covariate that is known is used."""
    return Reading(
        found=found,
        ratio=experiments.sample_ratio(found.people, _shares(found)),
        lines={one.name: tuple(_line(one, arm, found) for arm in found.treated) for one in found.outcomes},
        groups={
            (one.name, arm): _groups(one, arm, found)
            for one in found.outcomes
            if one.groups
            for arm in found.treated
        },
    )


def _line(outcome: Outcome, arm: str, found: Found) -> Line:
    treated, control = outcome.arms[arm], outcome.arms[found.control]
    try:
        lift, unknown = experiments.lift(treated, control, outcome.kind), None
    except NotEnoughPeople as error:
        lift, unknown = None, error
    return Line(arm=arm, treated=treated, control=control, lift=lift, unknown=unknown)


def _groups(outcome: Outcome, arm: str, found: Found) -> dict[tuple[str, str], Subgroup]:
    places = {
        f"{column}\0{value}": (column, value) for column, parts in outcome.groups.items() for value in parts
    }
    read = experiments.subgroups(
        {
            name: (outcome.groups[column][value][arm], outcome.groups[column][value][found.control])
            for name, (column, value) in places.items()
        },
        outcome.kind,
    )
    return {places[name]: one for name, one in read.items()}


def _shares(found: Found) -> Mapping[str, float]:
    if found.weights is not None:
        return found.weights
    if found.control_share is None:
        return dict.fromkeys(found.people, 1.0)
    rest = (1 - found.control_share) / len(found.treated)
    return {arm: found.control_share if arm == found.control else rest for arm in found.people}


def _plain(arms: Arms) -> dict[str, list[float | None]]:
    return {arm: list(astuple(sample)) for arm, sample in arms.items()}


def _arms(kept: Mapping[str, Any]) -> dict[str, Sample]:
    return {arm: Sample(*values) for arm, values in kept.items()}
