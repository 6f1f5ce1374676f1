"""Experiments: what an action added, how sure that is, and how many people it takes to know.

Promises: differences of shares and means between people who were treated and people who were not, with intervals that
hold what they say; a reading that stays valid however often it is looked at; sizes and power before the start; a check
whether the draw went wrong. An arm is an array with one value per person, or a `Sample` of what must be known of it, so
that a million people need not leave the lake. Analysis is by intention to treat: everybody who was drawn counts,
reached or not.
"""

from huoshui.science.experiments.checks import SampleRatio, Subgroup, sample_ratio, subgroups
from huoshui.science.experiments.differences import Lift, always_valid, lift
from huoshui.science.experiments.errors import NotASample, NotEnoughPeople, TooFew
from huoshui.science.experiments.planning import Sizes, control_size, detectable, power, sample_size
from huoshui.science.experiments.samples import Kind, Sample
from huoshui.science.experiments.winsorising import Winsorised, winsorised

__all__ = [
    "Kind",
    "Lift",
    "NotASample",
    "NotEnoughPeople",
    "Sample",
    "SampleRatio",
    "Sizes",
    "Subgroup",
    "TooFew",
    "Winsorised",
    "always_valid",
    "control_size",
    "detectable",
    "lift",
    "power",
    "sample_ratio",
    "sample_size",
    "subgroups",
    "winsorised",
]
