"""Experiments: published differences, sizes of textbooks, and whether intervals hold what they say."""

from __future__ import annotations

import csv
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from huoshui.science import experiments
from huoshui.science.errors import NotASetting
from huoshui.science.experiments import NotASample, NotEnoughPeople, Sample

UNKNOWN: Any = "share"  # what a program may still send
ALPHA = 0.001  # of each test by chance
DRAWS = 4_000


def not_above(hits, tries, rate):
    """Whether so many hits still fit a rate of at most this one."""
    return binom.sf(hits - 1, tries, rate) >= ALPHA


def not_below(hits, tries, rate):
    return binom.cdf(hits, tries, rate) >= ALPHA


@pytest.fixture(scope="module")
def hillstrom(test_data):
    """Outcomes by arm: {arm: {column: values}}; 64,000 customers of a shop, drawn at random."""
    with open(test_data("hillstrom/hillstrom.csv"), encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))
    arms = {}
    for arm in ("No E-Mail", "Mens E-Mail", "Womens E-Mail"):
        of_arm = [row for row in rows if row["segment"] == arm]
        arms[arm] = {
            name: np.array([float(row[name]) for row in of_arm])
            for name in ("visit", "conversion", "spend", "history", "recency")
        }
    return arms


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("arm", "column", "kind", "difference", "error", "z"),
    [
        ("Mens E-Mail", "visit", "proportion", 0.076590, 0.003386, 22.62),
        ("Mens E-Mail", "conversion", "proportion", 0.006805, 0.000921, 7.39),
        ("Mens E-Mail", "spend", "mean", 0.769827, 0.145247, 5.30),
        ("Womens E-Mail", "visit", "proportion", 0.045233, 0.003234, 13.98),
        ("Womens E-Mail", "conversion", "proportion", 0.003111, 0.000823, 3.78),
        ("Womens E-Mail", "spend", "mean", 0.424412, 0.130333, 3.26),
    ],
)
def test_published_differences_come_out_to_their_digits(hillstrom, arm, column, kind, difference, error, z):
    found = experiments.lift(hillstrom[arm][column], hillstrom["No E-Mail"][column], kind)
    assert round(found.estimate, 6) == difference
    assert round(found.standard_error, 6) == error
    assert found.estimate / found.standard_error == pytest.approx(z, abs=0.006)
    assert found.low == pytest.approx(found.estimate - 1.96 * error, rel=1e-3)
    assert found.relative == pytest.approx(difference / hillstrom["No E-Mail"][column].mean(), rel=1e-3)
    assert found.is_clear
    assert found.p_value < 0.002


@pytest.mark.real_data
def test_what_was_known_before_narrows_the_interval_and_leaves_the_difference(hillstrom):
    treated, control = hillstrom["Mens E-Mail"], hillstrom["No E-Mail"]
    plain = experiments.lift(treated["visit"], control["visit"], "mean")
    adjusted = experiments.lift(
        treated["visit"], control["visit"], "mean", covariate=(treated["recency"], control["recency"])
    )
    assert adjusted.method == "cuped"
    assert adjusted.standard_error < plain.standard_error
    assert adjusted.estimate == pytest.approx(plain.estimate, abs=plain.standard_error / 2)


@pytest.mark.real_data
def test_the_published_draw_was_fair(hillstrom):
    people = {arm: len(of["visit"]) for arm, of in hillstrom.items()}
    assert people == {"No E-Mail": 21_306, "Mens E-Mail": 21_307, "Womens E-Mail": 21_387}
    ratio = experiments.sample_ratio(people, dict.fromkeys(people, 1 / 3))
    assert not ratio.is_suspicious
    people["Mens E-Mail"] -= 800
    assert experiments.sample_ratio(people, dict.fromkeys(people, 1 / 3)).is_suspicious


def drawn(outcomes, before=None):
    """One `Sample` per row of outcomes, shape (draws, people)."""
    return [Sample.of(row, None if before is None else before[number]) for number, row in enumerate(outcomes)]


@pytest.mark.parametrize("share", [0.004, 0.02, 0.3])
def test_where_nothing_was_added_shares_seldom_say_so(share):
    random = np.random.default_rng(3)
    hits, hits_others = random.binomial(1500, share, 2_000), random.binomial(500, share, 2_000)
    found = [
        experiments.lift(Sample.of_sums(1500, hit, hit), Sample.of_sums(500, other, other))
        for hit, other in zip(map(float, hits), map(float, hits_others), strict=True)
    ]
    assert not_above(sum(one.p_value <= 0.05 for one in found), 2_000, 0.06 if share == 0.02 else 0.055)


def test_planted_effects_on_money_are_covered_and_found():
    """Money of few buyers: 4,000 experiments of 2 × 800 people, 5 % of whom buy for about 120."""
    random = np.random.default_rng(5)
    people, truth = 800, 0.03 * 120

    def outcomes(buyers):
        bought = random.random((DRAWS, people)) < buyers
        return bought * random.lognormal(math.log(120) - 0.125, 0.5, (DRAWS, people))

    treated, control = drawn(outcomes(0.08)), drawn(outcomes(0.05))
    found = [experiments.lift(one, other, "mean") for one, other in zip(treated, control, strict=True)]
    covered = sum(one.low <= truth <= one.high for one in found)
    assert not_below(covered, DRAWS, 0.945)
    assert not_above(covered, DRAWS, 0.96)
    spread = math.sqrt(np.mean([one.variance for one in (*treated, *control)]))
    wanted = experiments.power(people, people, baseline=6.0, effect=truth, kind="mean", spread=spread)
    assert sum(one.p_value < 0.05 for one in found) / DRAWS == pytest.approx(wanted, abs=0.03)


def test_a_covariate_narrows_without_losing_cover():
    random = np.random.default_rng(8)
    people, truth = 120, 4.0

    def arm(added):
        before = random.normal(50, 20, (DRAWS, people))
        return drawn(0.6 * before + random.normal(added, 12, (DRAWS, people)), before)

    pairs = list(zip(arm(truth), arm(0.0), strict=True))
    found = [experiments.lift(one, other, "mean") for one, other in pairs]
    covered = sum(one.low <= truth <= one.high for one in found)
    assert not_below(covered, DRAWS, 0.945)
    assert not_above(covered, DRAWS, 0.96)
    plain = [
        experiments.lift(
            Sample(one.n, one.mean, one.variance), Sample(other.n, other.mean, other.variance), "mean"
        )
        for one, other in pairs[:200]
    ]
    # 1 − ρ² of the variance stays: ρ² = 0.5.
    ratio = np.mean([one.standard_error for one in found]) / np.mean([one.standard_error for one in plain])
    assert ratio == pytest.approx(math.sqrt(0.5), abs=0.01)


@pytest.mark.slow
def test_looking_every_day_stays_valid_and_is_not_with_the_interval_of_the_end():
    """A/A: 2,000 experiments of 2 × 2,000 people, looked at 20 times."""
    random = np.random.default_rng(13)
    draws, looks, each = 2_000, 20, 100
    values = random.exponential(40.0, (2, draws, looks, each))
    totals, squares = (np.cumsum(part.sum(axis=3), axis=2) for part in (values, values**2))
    wrong = {"always": 0, "end": 0}
    for draw in range(draws):
        seen = {"always": False, "end": False}
        for look in range(looks):
            arms = [
                Sample.of_sums((look + 1) * each, float(totals[a, draw, look]), float(squares[a, draw, look]))
                for a in (0, 1)
            ]
            always = experiments.always_valid(arms[0], arms[1], "mean", expected=3.0)
            end = experiments.lift(arms[0], arms[1], "mean")
            seen["always"] |= always.is_clear
            seen["end"] |= end.is_clear
        for name, is_seen in seen.items():
            wrong[name] += is_seen
    assert not_above(wrong["always"], draws, 0.05)
    assert wrong["end"] > 0.15 * draws


def test_watching_costs_width_and_its_evidence_agrees_with_its_interval():
    random = np.random.default_rng(21)
    for _ in range(300):
        arms = drawn(random.exponential(40.0, (2, 400)) + random.choice([0.0, 9.0], (2, 1)))
        once = experiments.lift(arms[0], arms[1], "mean")
        watched = experiments.always_valid(arms[0], arms[1], "mean", expected=6.0)
        assert watched.low < once.low < once.high < watched.high
        assert watched.is_clear == (watched.p_value < 0.05)


@pytest.mark.parametrize(
    ("baseline", "effect", "each"),
    # 16 p q ÷ δ² of G. van Belle, "Statistical Rules of Thumb", 2008, and worked by hand from the printed formula.
    [(0.10, 0.02, 3_839), (0.50, 0.05, 1_562), (0.02, 0.01, 3_821)],
)
def test_sizes_are_those_of_the_textbook(baseline, effect, each):
    sizes = experiments.sample_size(baseline, effect)
    assert sizes.treated == sizes.control == pytest.approx(each, abs=2)
    reached = experiments.power(each, each, baseline=baseline, effect=effect)
    assert reached == pytest.approx(0.8, abs=0.001)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.001, 0.9),
    st.floats(0.05, 0.95),
    st.floats(0.01, 0.5),
    st.sampled_from(["proportion", "mean"]),
)
def test_size_power_and_the_smallest_effect_are_one_relation(baseline, part, share, kind):
    effect = (1 - baseline) * part * 0.3
    spread = 2.5 if kind == "mean" else None
    sizes = experiments.sample_size(baseline, effect, kind, spread=spread, control_share=share)
    if sizes.control <= 3:
        return  # rounding up to whole people is then no small step
    reached = experiments.power(
        sizes.treated, sizes.control, baseline=baseline, effect=effect, kind=kind, spread=spread
    )
    assert reached >= 0.7999
    least = experiments.detectable(sizes.treated, sizes.control, baseline=baseline, kind=kind, spread=spread)
    assert least is not None
    assert least <= effect * 1.0001
    fewest = experiments.control_size(sizes.total, baseline=baseline, effect=effect, kind=kind, spread=spread)
    assert fewest is not None
    assert fewest <= sizes.control + 1


def test_too_few_people_for_any_control_group_are_said_so():
    assert experiments.control_size(200, baseline=0.02, effect=0.005) is None
    assert experiments.detectable(5, 5, baseline=0.9) is None


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=30),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=30),
    st.booleans(),
)
def test_sums_say_the_same_as_people(treated, control, with_covariate):
    arms, sums = [], []
    for arm in (treated, control):
        y, x = (np.array(column, dtype=float) for column in zip(*arm, strict=True))
        arms.append((y, x))
        before = (x.sum(), (x**2).sum(), (x * y).sum()) if with_covariate else ()
        sums.append(Sample.of_sums(len(y), y.sum(), (y**2).sum(), *before, some=int((y != 0).sum())))
    covariate = (arms[0][1], arms[1][1]) if with_covariate else None
    try:
        people = experiments.lift(arms[0][0], arms[1][0], "mean", covariate=covariate)
    except NotEnoughPeople:
        return
    summed = experiments.lift(sums[0], sums[1], "mean")
    for name in ("estimate", "low", "high", "p_value"):
        assert getattr(summed, name) == pytest.approx(getattr(people, name), rel=1e-6, abs=1e-6)
        assert math.isfinite(getattr(people, name))
    assert people.low <= people.estimate <= people.high


def test_where_few_did_anything_the_width_stays_honest():
    nobody = experiments.lift(np.zeros(500), np.zeros(500))
    assert (nobody.estimate, nobody.method, nobody.relative) == (0.0, "newcombe", None)
    assert nobody.low < -0.005
    assert nobody.high > 0.005
    assert nobody.p_value == 1.0
    known = np.arange(500.0)
    assert experiments.lift(np.zeros(500), np.zeros(500), covariate=(known, known)).method == "newcombe"


@pytest.mark.parametrize("share", [0.005, 0.02, 0.05])
@pytest.mark.parametrize("spread", [0.0, 0.6, 1.0])
def test_money_of_few_has_an_interval_that_holds_where_the_usual_one_misses(spread, share):
    """2,000 experiments of 1,800 against 200 people who buy alike, of which few of the second arm do."""
    random = np.random.default_rng(7)
    missed = missed_by_welch = read = 0
    for _ in range(2_000):
        spent, others = (
            np.where(random.random(n) < share, np.exp(spread * random.standard_normal(n)), 0.0)
            for n in (1_800, 200)
        )
        if np.count_nonzero(others) >= 10 or not spent.any():
            continue
        found = experiments.lift(spent, others, "mean")
        assert found.method == "few"
        assert (found.p_value <= 0.05) == found.is_clear
        assert found.low <= found.estimate <= found.high
        sums = [(len(one), float(one.sum()), float((one * one).sum())) for one in (spent, others)]
        usual = experiments.lift(Sample.of_sums(*sums[0]), Sample.of_sums(*sums[1]), "mean")
        missed += not found.low <= 0 <= found.high
        missed_by_welch += not usual.low <= 0 <= usual.high
        read += 1
    assert not_above(missed, read, 0.055)
    assert missed_by_welch / read > 0.08, "as exact as it looks, it is wrong"


@pytest.mark.parametrize("bought", [0, 1, 3, 9])
def test_where_all_spend_the_same_the_mean_of_few_is_that_of_their_share(bought):
    control, treated = np.zeros(200), np.where(np.arange(1_800) % 20 == 0, 30.0, 0.0)
    control[:bought] = 30
    money, share = experiments.lift(treated, control, "mean"), experiments.lift(treated > 0, control > 0)
    assert (money.method, share.method) == ("few", "newcombe")
    for name in ("low", "high", "estimate"):
        assert getattr(money, name) == pytest.approx(30 * getattr(share, name))
    assert money.is_of_few
    with pytest.raises(NotEnoughPeople, match="too early"):
        experiments.always_valid(treated, control, "mean", expected=1)


def test_a_loss_of_few_is_said_to_be_too_few():
    lost, bought = np.zeros(200), np.zeros(200)
    lost[:3], bought[:4] = -20, 30
    with pytest.raises(experiments.TooFew) as few:
        experiments.lift(lost, bought, "mean")
    assert (few.value.treated, few.value.control, few.value.needed) == (3, 4, 10)


def test_a_mean_that_everybody_has_is_read_however_small_the_arm():
    assert experiments.lift([3.0, 4.0, 6.0], [1.0, 2.0, 2.5], "mean").method == "welch"


def test_chance_findings_among_many_groups_are_held_back():
    """40 groups of which nothing happened in 36: most single tests find some, the adjusted ones seldom."""
    random = np.random.default_rng(34)
    false = found = 0
    for _ in range(150):
        rates = [0.12] * 4 + [0.05] * 36
        groups = {
            str(n): (
                Sample.of_sums(900, *[float(random.binomial(900, rate))] * 2),
                Sample.of_sums(900, *[float(random.binomial(900, 0.05))] * 2),
            )
            for n, rate in enumerate(rates)
        }
        names = [int(name) for name, one in experiments.subgroups(groups).items() if one.is_found]
        false += sum(name >= 4 for name in names)
        found += len(names)
    assert not_above(false, found, 0.06)
    assert found - false > 0.9 * 4 * 150


def test_a_group_without_anybody_is_said_so():
    arms = {"few": ([1.0], [0.0]), "many": (np.repeat([0.0, 1.0], 50), np.repeat([0.0, 1.0], 50))}
    found = experiments.subgroups(arms)
    assert found["few"].lift is None
    assert "fewer than two" in str(found["few"].unknown)
    assert found["many"].adjusted == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("call", "refusal", "words"),
    [
        (lambda: experiments.lift([0, 1, math.nan], [0, 1]), NotASample, "1 of 3 people"),
        (lambda: experiments.lift([0, 2, 1], [0, 1, 1]), NotASample, "no shares"),
        (lambda: experiments.lift([[0, 1]], [0, 1]), NotASample, "shape"),
        (lambda: experiments.lift(["a"], [0, 1]), NotASample, "list"),
        (lambda: experiments.lift([0, 1], [0, 1], covariate=([1], [1, 2])), NotASample, "same people"),
        (lambda: experiments.lift([0, 1], [0, 1], covariate=([1, 2], None)), NotASample, "one arm only"),
        (lambda: experiments.lift([], [0, 1]), NotEnoughPeople, "fewer than two"),
        (lambda: experiments.lift([5, 5], [5, 5], "mean"), NotEnoughPeople, "same outcome"),
        (
            lambda: experiments.lift([1, 2, 3], [2, 4, 6], "mean", ([2, 4, 6], [4, 8, 12])),
            NotEnoughPeople,
            "explains every",
        ),
        (lambda: experiments.lift([0, 1], [0, 1], alpha=1.0), NotASetting, "error rate"),
        (lambda: experiments.lift([0, 1], [0, 1], UNKNOWN), NotASetting, "proportion, mean"),
        (lambda: experiments.always_valid([0, 1] * 9, [0, 1] * 9, expected=0.1), NotEnoughPeople, "early"),
        (lambda: experiments.always_valid([0, 1], [0, 1], expected=0.0), NotASetting, "not 0"),
        (lambda: experiments.sample_size(0.5, 0.0), NotASetting, "no difference"),
        (lambda: experiments.sample_size(0.5, 0.6), NotASetting, "1.1"),
        (lambda: experiments.sample_size(5.0, 0.6, "mean"), NotASetting, "spread"),
        (lambda: experiments.power(1, 10, baseline=0.1, effect=0.1), NotASetting, "two people"),
        (lambda: experiments.sample_ratio({"a": 1}, {"b": 1}), NotASetting, "do not fit"),
        (lambda: experiments.sample_ratio({"a": 0, "b": 0}, {"a": 1, "b": 1}), NotEnoughPeople, "Nobody"),
        (lambda: Sample.of_sums(2, 10.0, 1.0), NotASample, "these sums"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(call, refusal, words):
    with pytest.raises(refusal) as refused:
        call()
    assert words in str(refused.value)
