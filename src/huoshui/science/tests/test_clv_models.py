"""What holds for every model of repeat buying, whatever the data: rules, independent formulas, refusals."""

from __future__ import annotations

import json
import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import simpson
from scipy.special import betaln, gammaln, hyp2f1

from huoshui.science.clv import (
    BetaGeo,
    GammaGamma,
    ModifiedBetaGeo,
    ParetoNBD,
    SteadyRate,
    backtest,
    simulate,
    tracking_curve,
    value_customers,
    value_intervals,
)
from huoshui.science.clv.errors import NotASummary, NotEnoughPurchases, NotFitted
from huoshui.science.clv.histories import gather
from huoshui.science.errors import NotASetting

BG_PARAMS = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
BG = {"unit": "W", "params": BG_PARAMS}
PARETO = {"unit": "W", "params": {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}}
MONEY = {"params": {"p": 6.25, "q": 3.74, "v": 15.44}}
FITTED = [BetaGeo.from_dict(BG), ModifiedBetaGeo.from_dict(BG), ParetoNBD.from_dict(PARETO)]
LEAVING = [BetaGeo, ModifiedBetaGeo, ParetoNBD]

POSITIVE = st.floats(-3, 3).map(math.exp)
PARAMETERS = st.tuples(POSITIVE, POSITIVE, POSITIVE, POSITIVE)
HISTORY = st.tuples(st.integers(0, 300), st.floats(0, 1), st.floats(0.01, 1000))


def model_of(kind, parameters):
    names = kind.PARAMETERS
    return kind.from_dict({"unit": "W", "params": dict(zip(names, parameters, strict=True))})


def some(kind=BetaGeo, number=600, seed=5, unit="W"):
    ages = np.random.default_rng(seed).integers(20, 60, number)
    given_ = BG if kind is not ParetoNBD else PARETO
    return simulate(
        kind.from_dict({**given_, "unit": unit}), GammaGamma.from_dict(MONEY), ages, ahead=52, seed=seed
    )


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(LEAVING), PARAMETERS, HISTORY)
def test_a_chance_lies_between_0_and_1_and_forecasts_are_not_negative(kind, parameters, history):
    x, share, end = history
    model = model_of(kind, parameters)
    recency = share * end if x else 0.0
    alive = model.probability_alive(x, recency, end)
    assert 0 <= alive[0] <= 1
    soon, later = model.expected_purchases([1.0, 2.0], x, recency, end)
    assert 0 <= soon <= later * (1 + 1e-6) + 1e-12
    assert model.expected_purchases(0.0, x, recency, end)[0] == pytest.approx(0.0, abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(LEAVING), PARAMETERS, st.integers(1, 300), st.floats(0.01, 1000))
def test_who_bought_later_is_likelier_to_be_alive(kind, parameters, x, end):
    recency = np.linspace(0, end, 40)
    alive = model_of(kind, parameters).probability_alive(np.full(40, x), recency, np.full(40, end))
    assert (np.diff(alive) >= -1e-9).all()


@settings(max_examples=25, deadline=None)
@given(PARAMETERS, st.integers(0, 60), st.floats(0, 1), st.floats(0.01, 100))
def test_the_integral_of_pareto_is_that_of_an_independent_quadrature(parameters, x, share, end):
    last = share * end if x else 0.0
    r, alpha, s, beta = parameters
    found, _, _ = ParetoNBD()._objective(gather(x, last, end, 1.0))(np.log(parameters))

    def gone(y):
        return s * np.exp(
            -(r + x) * np.log((alpha + y) / (alpha + last)) - (s + 1) * np.log((beta + y) / (beta + last))
        ) / (beta + last)  # fmt: skip

    # Simpson's rule, on pieces that grow with the distance from where the integrand is largest.
    left = 0.0
    for one, other in pairwise(last + (end - last) * np.concatenate(([0.0], np.logspace(-7, 0, 120)))):
        points = np.linspace(one, other, 21)
        left += simpson(gone(points), x=points)
    stays = math.exp(
        -(r + x) * math.log((alpha + end) / (alpha + last)) - s * math.log((beta + end) / (beta + last))
    )
    expected = (
        gammaln(r + x) - gammaln(r) + r * math.log(alpha) + s * math.log(beta)
        + math.log(left + stays) - (r + x) * math.log(alpha + last) - s * math.log(beta + last)
    )  # fmt: skip
    assert found == pytest.approx(expected, abs=1e-6)


def test_the_likelihood_of_pareto_is_the_printed_one():
    # Appendix of the paper of 2005, with its hypergeometric functions, for alpha < beta.
    r, alpha, s, beta = 0.553, 10.578, 0.606, 11.669
    x, last, end = np.array([2.0, 1.0, 0.0]), np.array([30.43, 1.71, 0.0]), np.array([38.86, 38.86, 30.0])

    def part(moment):
        z = (beta - alpha) / (beta + moment)
        return hyp2f1(r + s + x, r + x, r + s + x + 1, z) / (beta + moment) ** (r + s + x)

    gone = s / (r + s + x) * (part(last) - part(end))
    stays = 1 / ((alpha + end) ** (r + x) * (beta + end) ** s)
    expected = (
        gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
        + np.log(stays + gone)
    )  # fmt: skip
    found, _, _ = ParetoNBD()._objective(gather(x, last, end, np.ones(3)))(np.log([r, alpha, s, beta]))
    assert found == pytest.approx(expected.sum(), abs=1e-9)


def test_the_likelihood_of_beta_geo_is_the_printed_one():
    r, alpha, a, b = BG_PARAMS.values()
    x, last, end = np.array([2.0, 1.0, 0.0]), np.array([30.43, 1.71, 0.0]), np.array([38.86, 38.86, 30.0])
    stays = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + end)
    gone = betaln(a + 1, np.maximum(b + x - 1, 0.1)) - betaln(a, b) - (r + x) * np.log(alpha + last)
    expected = (
        gammaln(r + x) - gammaln(r) + r * np.log(alpha) + np.where(x > 0, np.logaddexp(stays, gone), stays)
    )
    model = BetaGeo()
    found, _, _ = model._objective(gather(x, last, end, np.ones(3)))(np.log([r, alpha, a, b]))
    assert found == pytest.approx(expected.sum(), abs=1e-10)


@pytest.mark.parametrize("kind", [*LEAVING, GammaGamma])
def test_slopes_and_curvatures_are_those_of_the_likelihood(kind):
    data = some()
    if kind is GammaGamma:
        from huoshui.science.clv import gamma_gamma

        used = data.frequency > 0
        ones = np.ones(int(used.sum()))
        objective = gamma_gamma._objective(data.frequency[used], data.monetary_value[used], ones)
        place = np.log([5.0, 3.0, 12.0])
    else:
        objective = kind()._objective(gather(data.frequency, data.recency, data.T))
        place = np.log([0.4, 6.0, 0.9, 3.0])
    _, slope, curvature = objective(place)
    steps = 1e-5 * np.eye(len(place))
    values = [(objective(place + step)[0] - objective(place - step)[0]) / 2e-5 for step in steps]
    slopes = [(objective(place + step)[1] - objective(place - step)[1]) / 2e-5 for step in steps]
    assert slope == pytest.approx(np.array(values), rel=1e-5, abs=1e-3)
    assert curvature == pytest.approx(np.array(slopes), rel=1e-5, abs=1e-4)


@pytest.mark.parametrize("model", FITTED, ids=lambda one: type(one).__name__)
def test_the_distribution_of_purchases_has_the_expected_mean(model):
    data = some()
    chances = model.purchase_distribution(10.0, data.frequency, data.recency, data.T, 200)
    assert chances.sum(axis=1) == pytest.approx(1.0)
    assert chances.min() >= -1e-12
    mean = chances @ np.arange(201)
    assert mean == pytest.approx(
        model.expected_purchases(10.0, data.frequency, data.recency, data.T), rel=1e-4
    )


@pytest.mark.parametrize("kind", LEAVING)
def test_weights_equal_duplicates(kind):
    data = some(kind, 300)
    weights = np.random.default_rng(3).integers(1, 4, 300)
    weighed = kind(unit="W").fit(data.frequency, data.recency, data.T, weights)
    columns = (np.repeat(one, weights) for one in (data.frequency, data.recency, data.T))
    repeated = kind(unit="W").fit(*columns)
    assert weighed.log_likelihood_ == pytest.approx(repeated.log_likelihood_, abs=1e-6)
    assert list(weighed.params_.values()) == pytest.approx(list(repeated.params_.values()), rel=1e-4)
    money = GammaGamma().fit(data.frequency, data.monetary_value, weights)
    again = GammaGamma().fit(*(np.repeat(one, weights) for one in (data.frequency, data.monetary_value)))
    assert list(money.params_.values()) == pytest.approx(list(again.params_.values()), rel=1e-4)


@pytest.mark.parametrize("kind", LEAVING)
def test_the_unit_of_time_changes_nothing_but_times(kind):
    data = some(kind)
    weeks = kind(unit="W").fit(data.frequency, data.recency, data.T)
    days = kind(unit="D").fit(data.frequency, data.recency * 7, data.T * 7)
    for name in kind.PARAMETERS:
        factor = 7 if name in kind.TIMES else 1
        assert days.params_[name] == pytest.approx(factor * weeks.params_[name], rel=1e-5)
    # A density by time: seven days for each week of every repeat purchase.
    shift = data.frequency.sum() * math.log(7)
    assert days.log_likelihood_ + shift == pytest.approx(weeks.log_likelihood_, abs=1e-5)
    by_weeks = weeks.lifetime_value(data.frequency, data.recency, data.T, 10.0)
    by_days = days.lifetime_value(data.frequency, data.recency * 7, data.T * 7, 10.0)
    assert by_days == pytest.approx(by_weeks, rel=1e-4)


def test_the_unit_of_money_changes_nothing_but_money():
    data = some()
    yuan = GammaGamma().fit(data.frequency, data.monetary_value)
    fen = GammaGamma().fit(data.frequency, data.monetary_value * 100)
    assert fen.params_["v"] == pytest.approx(100 * yuan.params_["v"], rel=1e-5)
    assert fen.params_["p"] == pytest.approx(yuan.params_["p"], rel=1e-5)


def test_discounting_is_the_sum_over_months():
    model = FITTED[0]
    month = 365.25 / 12 / 7
    ahead = [model.expected_purchases(month * i, 2, 30.43, 38.86)[0] for i in range(13)]
    by_hand = sum(20.0 * (ahead[i] - ahead[i - 1]) / 1.1 ** (i / 12) for i in range(1, 13))
    assert model.lifetime_value(2, 30.43, 38.86, 20.0)[0] == pytest.approx(by_hand)
    undiscounted = model.lifetime_value(2, 30.43, 38.86, 20.0, discount_rate=0.0)[0]
    assert undiscounted == pytest.approx(20.0 * ahead[12])


def test_equal_rows_computed_once_give_the_answers_of_single_rows():
    data = some(number=3000)
    recency = np.minimum(np.ceil(data.recency), data.T)
    for model in FITTED:
        whole = model.lifetime_value(data.frequency, recency, data.T, 1.0)
        part = model.lifetime_value(data.frequency[:50], recency[:50], data.T[:50], 1.0)
        assert whole[:50] == pytest.approx(part, rel=1e-12)


def test_a_forecast_does_not_jump_where_a_formula_divides_by_zero():
    for kind, position in ((BetaGeo, 2), (ParetoNBD, 2)):
        around = []
        for value in (1 - 1e-4, 1.0, 1 + 1e-4):
            parameters = [0.5, 5.0, 0.8, 3.0]
            parameters[position] = value
            around.append(model_of(kind, parameters).expected_purchases(52.0, 3, 20.0, 30.0)[0])
        assert around[1] == pytest.approx((around[0] + around[2]) / 2, rel=1e-5)


def test_the_chance_to_be_a_customer_has_ends_as_wide_as_the_data_are_few():
    truth, widths = model_of(BetaGeo, [0.6, 5.0, 0.8, 2.5]), []
    for number in (1_000, 16_000):
        data = simulate(truth, None, np.full(number, 78.0), ahead=1, seed=5)
        fitted = BetaGeo(unit="W").fit(data.frequency, data.recency, data.T)
        low, high = fitted.probability_alive_interval([0, 3, 3], [0.0, 20.0, 77.0], [30.0, 60.0, 78.0])
        middle = fitted.probability_alive([0, 3, 3], [0.0, 20.0, 77.0], [30.0, 60.0, 78.0])
        assert ((low <= middle) & (middle <= high)).all()
        assert low[0] == high[0] == 1  # by this model, who never came back never left
        widths.append(high[1] - low[1])
    assert 2.5 < widths[0] / widths[1] < 6.5  # four times, up to chance
    narrow, wide = (fitted.probability_alive_interval(3, 20.0, 60.0, level) for level in (0.5, 0.99))
    assert wide[0] < narrow[0] < narrow[1] < wide[1]
    with pytest.raises(NotASetting):
        fitted.probability_alive_interval(3, 20.0, 60.0, 1.0)
    ends = BetaGeo.from_dict({"params": truth.params_}).probability_alive_interval([3], [20.0], [60.0])
    assert np.isnan(ends).all()  # how sure these parameters are, nobody said


def test_a_model_survives_its_way_through_json():
    data = some()
    fitted = BetaGeo(unit="W").fit(data.frequency, data.recency, data.T)
    back = BetaGeo.from_dict(json.loads(json.dumps(fitted.as_dict())))
    assert back.summary() == fitted.summary()
    with pytest.raises(NotASummary):
        ParetoNBD.from_dict(fitted.as_dict())
    for end, same in zip(
        fitted.probability_alive_interval(3, 20.0, 30.0),
        back.probability_alive_interval(3, 20.0, 30.0),
        strict=True,
    ):
        assert same == pytest.approx(end, rel=1e-8)
    told = fitted.summary()["parameters"]["alpha"]
    assert told["low"] < told["value"] < told["high"]
    assert told["unit"] == "W"


def test_thin_data_are_joined_by_a_prior_and_thick_ones_are_not():
    data = some(number=40)
    assert BetaGeo(unit="W").fit(data.frequency, data.recency, data.T).prior_used_
    thick = some(number=2000)
    free = BetaGeo(unit="W").fit(thick.frequency, thick.recency, thick.T)
    assert not free.prior_used_
    assert (
        free.params_ == BetaGeo(unit="W", prior="never").fit(thick.frequency, thick.recency, thick.T).params_
    )


def test_value_intervals_without_a_model_of_money_count_purchases():
    found = value_intervals(FITTED[0], None, 2, 30.43, 38.86, 20.0, time=39.0)
    assert found.low[0] == 0.0
    assert found.high[0] % 20.0 == 0.0
    chances = FITTED[0].purchase_distribution(39.0, 2, 30.43, 38.86, 60)[0]
    number = int(found.high[0] / 20)
    assert chances[: number + 1].sum() >= 0.95 > chances[:number].sum()


BAD = {
    "a last purchase after the end": ([1], [4], [3]),
    "a missing value": ([1], [math.nan], [3]),
    "nothing": ([None], [1], [3]),
    "a negative number": ([-1], [0], [3]),
    "half a purchase": ([0.5], [1], [3]),
    "a first purchase after the end": ([0], [0], [-3]),
    "a last repeat without a repeat": ([0], [2], [3]),
    "a word": (["x"], [1], [3]),
    "columns of two lengths": ([1, 2], [1, 2, 3], [3, 3, 3]),
}


@pytest.mark.parametrize("columns", BAD.values(), ids=list(BAD))
@pytest.mark.parametrize("kind", [*LEAVING, SteadyRate])
def test_histories_that_cannot_be_are_refused(kind, columns):
    with pytest.raises(NotASummary) as refused:
        kind().fit(*columns)
    assert refused.value.valid


def test_what_cannot_be_answered_is_refused():
    with pytest.raises(NotEnoughPurchases):
        BetaGeo().fit([], [], [])
    with pytest.raises(NotEnoughPurchases):
        BetaGeo().fit([0, 0], [0, 0], [0, 0])
    with pytest.raises(NotEnoughPurchases):
        GammaGamma().fit([1, 2], [0.0, -3.0])
    with pytest.raises(NotASummary):
        BetaGeo().fit([1], [1], [2], [-1])
    with pytest.raises(NotFitted):
        BetaGeo().probability_alive(1, 1, 2)
    with pytest.raises(NotASetting):
        BetaGeo(unit="H")
    with pytest.raises(NotASetting):
        BetaGeo(prior="sometimes")
    with pytest.raises(NotASetting):
        FITTED[0].expected_purchases(-1, 1, 1, 2)
    with pytest.raises(NotASetting):
        FITTED[0].lifetime_value(1, 1, 2, 10.0, discount_rate=-1)
    with pytest.raises(NotASetting):
        value_intervals(FITTED[0], None, 1, 1, 2, 10.0, time=1, level=95)
    with pytest.raises(NotEnoughPurchases):
        backtest(FITTED[0], [1], [1], [2], [0], [0])
    with pytest.raises(NotASetting):
        tracking_curve(FITTED[0], [0.0], [math.nan], [1.0])


ODD = {
    "nobody": ([], [], [], []),
    "one customer": ([3], [20], [50], [12.0]),
    "one who bought once": ([0], [0], [50], [0.0]),
    "one who bought today": ([0], [0], [0], [0.0]),
    "all the same": ([3] * 500, [20] * 500, [50] * 500, [12.0] * 500),
    "all bought once": ([0] * 300, [0] * 300, list(range(300)), [0.0] * 300),
    "all gave their money back": ([2] * 300, np.linspace(1, 50, 300), [60] * 300, [-5.0] * 300),
    "all for nothing": ([2] * 300, np.linspace(1, 50, 300), [60] * 300, [0.0] * 300),
    "very many purchases": ([1000] * 110, [900] * 110, [1000] * 110, np.linspace(1, 9, 110)),
    "all buy to the last day": ([10] * 200, [100] * 200, [100] * 200, [5.0] * 200),
    "all left at once": ([1] * 200, [1] * 200, list(range(100, 300)), [5.0] * 200),
}


@pytest.mark.parametrize("columns", ODD.values(), ids=list(ODD))
@pytest.mark.parametrize("kind", LEAVING)
def test_odd_data_get_an_answer_in_finite_numbers(kind, columns):
    found = value_customers(*columns, usual_value=10.0, model=kind())
    for column in (found.expected_orders_90d, found.clv_12m, found.clv_12m_low, found.clv_12m_high):
        assert column is None or (
            np.isfinite(column).all() and (column >= 0).all() and len(column) == len(columns[0])
        )
    assert found.reasons
    assert json.dumps(found.model.summary(), allow_nan=False)
