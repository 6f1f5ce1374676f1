"""How goals stand on a small shop: pace, forecast, causes, and what is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, TypeVar

import pytest

from huoshui.data.traits.tests.shop import LONDON, Shop
from huoshui.kernel.plugs import METRICS, House
from huoshui.plan.plans.goals import sentences
from huoshui.plan.plans.goals.checking import check
from huoshui.plan.plans.goals.errors import CannotSplit
from huoshui.plan.plans.goals.history import chart
from huoshui.plan.plans.goals.queries import GoalSeen
from huoshui.plan.plans.goals.splitting import by_dimension, into_quarters
from huoshui.plan.plans.goals.standing import standings
from huoshui.plan.plans.goals.targets import Said
from huoshui.plan.plans.goals.variance import diagnosis

# Slow: whichever test comes first loads the engine; each builds its figures anew.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

D = Decimal
HOUSE = House(name="A shop", currency="GBP", zone=LONDON, demo=False)
NOW = datetime(2024, 7, 1, 9, tzinfo=UTC)
CHANNELS = ("web", "shop", "app")
SEASON = (8, 7, 9, 10, 10, 9, 8, 8, 10, 11, 14, 18)


Given = TypeVar("Given")


def given(value: Given | None) -> Given:
    """The value, which has to be there."""
    assert value is not None
    return value


def built(*, until: date, weak: str = "", since: date = date(2024, 4, 1)) -> Shop:
    """Three and a half years of a seasonal shop with three channels; ``weak`` sells half ``since`` a day."""
    made = Shop()
    for n in range(1, 41):
        made.customer(n, created=f"2021-{n % 12 + 1:02d}-01", city=("Leeds", "Bath")[n % 2])
    day, count = date(2021, 1, 4), 0
    while day < until:
        for place, channel in enumerate(CHANNELS):
            amount = SEASON[day.month - 1] * (3 - place) * (100 + count % 7) // 10
            if channel == weak and day >= since:
                amount //= 2
            made.order(count % 40 + 1, f"{day} 12:00", str(amount), channel=channel)
            count += 1
        day += timedelta(days=3)
    return made


@pytest.fixture(scope="module")
def shop():
    return built(until=date(2024, 7, 1), weak="shop")


def goal(**said):
    values = {
        "id": 1,
        "plan_id": 1,
        "parent_id": None,
        "part": "",
        "depth": 0,
        "name": "Sales",
        "metric": "revenue",
        "cut": (),
        "first_day": date(2024, 1, 1),
        "last_day": date(2024, 12, 31),
        "baseline": D("80000"),
        "baseline_kind": "year",
        "baseline_of": (date(2023, 1, 1), date(2023, 12, 31)),
        "target": D("80000"),
        "said": Said(how="absolute", amount=D("80000")),
        "path": "linear",
        "points": (),
        "shares": tuple([1 / 12] * 12),
        "owner_id": None,
        "owner": "",
        "note": "",
        "usual": "",
        "version": 1,
        "made_at": NOW,
    }
    return GoalSeen(**{**values, **said})


def stand(tables: Any, *goals, end=date(2024, 7, 1)):
    return standings(plan_id=1, goals=goals, tables=tables, house=HOUSE, now=NOW, end=end)


def revenue(shop, first, end, channel=None):
    """By hand."""
    return sum(
        row["revenue"]
        for row in shop.rows["orders"]
        if first <= row["ordered_at"].astimezone(LONDON).date() < end and channel in (None, row["channel"])
    )


def test_a_sum_stands_at_what_was_sold_and_is_foretold_with_its_interval(shop):
    so_far = revenue(shop, date(2024, 1, 1), date(2024, 7, 1))
    one = stand(shop, goal(target=D(so_far) * 2))[0]
    assert one.actual == so_far
    assert one.expected == pytest.approx(D(so_far) * 2 * 182 / 366)
    assert (one.pace, one.problem) == ("on_track", None)
    assert one.low < one.forecast < one.high
    assert one.forecast > so_far
    assert 0 <= one.probability <= 1
    assert "in%3Ametric" in one.opens or "in=metric" in one.opens
    said = sentences.outlook(one, "GBP", "en")
    assert "probability" in said
    assert "forecast" in said
    assert "概率" in sentences.outlook(one, "GBP", "zh")


def test_a_harder_target_is_less_likely_and_a_cost_counts_the_other_way(shop):
    chances = [
        one.probability for one in stand(shop, *(goal(id=n, target=D(n * 9000)) for n in range(1, 14)))
    ]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] == 1.0
    assert chances[-1] < 0.05
    for one in stand(shop, goal(target=D(1)), goal(target=D(10**9))):
        if one.goal.target == 1:
            assert one.pace == "reached"
        else:
            assert (one.pace, one.feasible) == ("far_behind", "out_of_reach")


def test_a_seasonal_path_is_judged_by_the_seasons(shop):
    whole = revenue(shop, date(2023, 1, 1), date(2024, 1, 1))
    seasons = tuple(value / sum(SEASON) for value in SEASON)
    linear, seasonal = stand(
        shop, goal(target=D(whole)), goal(id=2, target=D(whole), path="seasonal", shares=seasons)
    )
    assert seasonal.expected < linear.expected  # the second half of the year brings more


def test_new_orders_move_the_goal_its_pace_and_its_cause():
    before, after = (
        built(until=date(2024, 7, 1)),
        built(until=date(2024, 7, 1), weak="web", since=date(2024, 1, 1)),
    )
    target = D(revenue(before, date(2024, 1, 1), date(2024, 7, 1))) * 2
    first, second = (stand(one, goal(target=target))[0] for one in (before, after))
    assert first.actual > second.actual
    assert (first.pace, second.pace) == ("on_track", "far_behind")
    assert second.probability < first.probability
    tables: Any = after
    found = diagnosis(second, tables=tables)
    assert found.splits[0].by == "channel"
    assert found.splits[0].rows[0].name.en == "web"
    assert found.splits[0].rows[0].change < 0


def test_the_parts_of_a_variance_add_up_exactly_and_the_planted_cause_comes_first(shop):
    one = stand(shop, goal(target=D(revenue(shop, date(2023, 1, 1), date(2024, 1, 1)))))[0]
    found = diagnosis(one, tables=shop)
    assert found.against == "path"
    assert {split.by for split in found.splits} >= {"channel", "city"}
    for split in found.splits:
        assert split.total == given(one.actual) - given(one.expected)
        assert sum(row.change for row in split.rows) == split.total
        for row in split.rows:
            assert given(row.after) - given(row.before) == row.change
    assert found.splits[0].by == "channel"
    assert found.splits[0].rows[0].name.en == "shop"
    said = sentences.cause(one, found, "GBP", "en")
    assert "from its path" in said[0]
    assert len(said) == 2


def test_a_ratio_is_told_by_mix_and_by_rate(shop):
    one = stand(shop, goal(metric="average_order_value", target=D(200), baseline=D(190)))[0]
    cells = [row["revenue"] for row in shop.rows["orders"] if row["ordered_at"].year == 2024]
    assert float(one.actual) == pytest.approx(float(sum(cells) / len(cells)), abs=0.001)
    assert one.expected == 200
    assert one.low < one.forecast < one.high
    found = diagnosis(one, tables=shop)
    assert found.ratio
    assert found.against == "before"
    for split in found.splits:
        assert sum(row.change for row in split.rows) == split.total
        assert all(given(row.mix) + given(row.rate) == row.change for row in split.rows)
    assert abs(found.splits[0].total - (given(found.after) - given(found.before))) <= D("0.01")
    assert len(sentences.cause(one, found, "GBP", "zh")) == 3


def test_a_count_and_a_level_are_foretold_from_spans_of_the_same_length(shop):
    count, level = stand(
        shop,
        goal(metric="active_customers", target=D(40)),
        goal(id=2, metric="retention_12m", target=D("0.9"), baseline=D("0.5")),
    )
    assert count.actual == 40
    assert count.pace == "reached"
    assert level.actual is not None
    assert level.expected is not None
    assert level.forecast is not None or level.foretold is not None


def test_what_cannot_be_known_is_unknown_and_never_nothing(shop):
    empty = Shop()
    one = stand(empty, goal())[0]
    assert (one.actual, one.pace, one.probability) == (None, "unknown", None)
    assert one.problem.en
    assert one.problem.zh
    assert sentences.outlook(one, "GBP", "en") == one.problem.en
    gone, cut, later, waiting, early = stand(
        shop,
        goal(metric="no_longer_there"),
        goal(id=2, cut=(("channel", "fax"),)),
        goal(id=3, first_day=date(2025, 1, 1), last_day=date(2025, 12, 31)),
        goal(id=4, target=None, said=Said(how="percent", amount=D(20)), baseline=None),
        goal(id=5, cut=(("no_such_dimension", "x"),)),
    )
    assert (gone.metric, gone.pace) == (None, "unknown")
    assert "no_longer_there" in gone.problem.zh
    assert (cut.actual, cut.pace) == (None, "unknown")
    assert later.pace == "not_begun"
    assert later.forecast is not None
    assert later.actual is None
    assert waiting.pace == "unknown"
    assert "baseline" in waiting.problem.en
    assert early.pace == "unknown"
    assert early.problem
    for one in (gone, cut, later, waiting, early):
        assert diagnosis(one, tables=shop).splits == () or one is waiting


def test_a_goal_that_is_over_is_reached_or_missed(shop):
    days = {"first_day": date(2023, 1, 1), "last_day": date(2023, 12, 31)}
    sold = D(revenue(shop, date(2023, 1, 1), date(2024, 1, 1)))
    reached, missed = stand(shop, goal(**days, target=sold), goal(id=2, **days, target=sold + 1))
    assert (reached.pace, reached.probability) == ("reached", 1.0)
    assert (missed.pace, missed.forecast) == ("missed", None)
    assert "came to" in sentences.outlook(missed, "GBP", "en")


def test_the_course_shows_actual_path_and_forecast(shop):
    one = stand(shop, goal(target=D(70000)))[0]
    drawn = given(chart(one, tables=shop, house=HOUSE))
    assert [series.part for series in drawn.series] == ["", "target", ""]
    actual, path, ahead = drawn.series
    assert len(drawn.places) == 12
    assert actual.values[5] == one.actual
    assert actual.values[6] is None
    assert path.values[-1] == 70000
    assert ahead.values[5] == one.actual
    last: Any = ahead.values[-1]
    assert float(last) == pytest.approx(float(given(one.forecast)), abs=1e-4)
    assert all(actual.addresses[:6])
    assert not any(actual.addresses[6:])
    assert chart(stand(shop, goal(metric="no_longer_there"))[0], tables=shop, house=HOUSE) is None


@pytest.mark.parametrize(
    "metric", ["average_order_value", "repeat_rate", "retention_12m", "active_customers"]
)
def test_every_way_of_gathering_has_a_course_and_a_sentence(shop, metric):
    one = stand(shop, goal(metric=metric, target=D("0.6"), baseline=D("0.4")))[0]
    drawn = given(chart(one, tables=shop, house=HOUSE))
    assert drawn.series[0].values[5] == one.actual
    for language in ("en", "zh"):
        assert sentences.outlook(one, "GBP", language)
        found = diagnosis(one, tables=shop)
        assert sentences.cause(one, found, "GBP", language)


# -- splitting ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["70000", "70000.01", "33333.33", "1000000000000.07"])
def test_quarters_and_channels_add_up_to_the_goal(shop, target):
    one = goal(target=D(target), path="seasonal", shares=tuple(value / sum(SEASON) for value in SEASON))
    metric = METRICS["revenue"]
    parts = into_quarters(one, metric)
    assert sum(D(part.target) for part in parts) == D(target)
    assert [part.first_day.month for part in parts] == [1, 4, 7, 10]
    assert D(parts[3].target) > D(parts[0].target)
    channels = by_dimension(one, metric, "channel", tables=shop, zone=LONDON, language="en")
    assert sum(D(part.target) for part in channels) == D(target)
    assert {part.cut["channel"] for part in channels} == set(CHANNELS)
    assert {part.part for part in channels} == {"channel"}
    made = tuple(
        goal(
            id=n + 2,
            parent_id=1,
            part="quarter",
            target=D(p.target),
            first_day=p.first_day,
            last_day=p.last_day,
        )
        for n, p in enumerate(parts)
    )
    assert check(one, "quarter", made, metric).fine
    less = check(one, "quarter", made[1:], metric)
    assert given(less.sum).missing == D(parts[0].target)
    assert not less.fine
    assert less.notes
    over = check(one, "quarter", (*made, made[0]), metric)
    assert given(over.sum).missing == -D(parts[0].target)


def test_what_does_not_add_up_says_so(shop):
    ratio = goal(metric="repeat_rate", target=D("0.5"), baseline=D("0.4"))
    parts = into_quarters(ratio, METRICS["repeat_rate"])
    assert {part.target for part in parts} == {"50 %"}
    seen = tuple(replace(ratio, id=n, parent_id=1, part="channel") for n in range(2, 4))
    found = check(ratio, "channel", seen, METRICS["repeat_rate"])
    assert found.sum is None
    assert found.fine
    assert "weighted" in given(found.why_not).en
    with pytest.raises(CannotSplit):
        into_quarters(goal(metric="active_customers"), METRICS["active_customers"])
    with pytest.raises(CannotSplit):
        into_quarters(goal(target=None), METRICS["revenue"])
    with pytest.raises(CannotSplit):
        by_dimension(goal(), METRICS["revenue"], "no_such", tables=shop, zone=LONDON, language="en")


def test_levels_of_quarters_follow_the_path():
    level = goal(metric="retention_12m", target=D("0.6"), baseline=D("0.4"))
    parts = into_quarters(level, METRICS["retention_12m"])
    values = [D(part.target.removesuffix(" %")) for part in parts]
    assert all(before < after for before, after in pairwise(values))
    assert values[-1] == 60


# -- how true the chances are ------------------------------------------------------------------------------------


def test_chances_of_past_goals_come_true_as_often_as_said():
    """Goals that ended, foretold as of days within them: the mean chance is the share that was reached.

    Targets lie around the year before, so that they know nothing of what came. Of 60 goals of 12 independent shops the
    number reached may differ from the sum of the chances by 3 standard errors √(Σ p (1 − p)), times √5: the five goals
    of a shop share what came.
    """
    import numpy as np

    draw = np.random.default_rng(20240701)
    chances, came = [], []
    for _shop in range(12):
        made = Shop()
        made.customer(1)
        level = 100.0
        for month in range(48):
            year, number = 2020 + month // 12, month % 12
            level *= float(np.exp(draw.normal(0, 0.03)))
            sold = level * SEASON[number] * float(np.exp(draw.normal(0, 0.05)))
            made.order(1, f"{year}-{number + 1:02d}-10 12:00", f"{sold:.2f}", channel="web")
        whole = revenue(made, date(2023, 1, 1), date(2024, 1, 1))
        year_before = revenue(made, date(2022, 1, 1), date(2023, 1, 1))
        for place, share in enumerate((0.8, 0.95, 1.0, 1.05, 1.25)):
            target = (D(year_before) * D(str(share))).quantize(D("0.01"))
            found = stand(
                made,
                goal(id=place, target=target, first_day=date(2023, 1, 1), last_day=date(2023, 12, 31)),
                end=date(2023, 6, 1),
            )[0]
            chances.append(found.probability)
            came.append(whole >= target)
    expected, error = sum(chances), sum(chance * (1 - chance) for chance in chances) ** 0.5
    assert abs(sum(came) - expected) < 3 * error * 5**0.5
    likely = [hit for chance, hit in zip(chances, came, strict=True) if chance > 0.9]
    unlikely = [hit for chance, hit in zip(chances, came, strict=True) if chance < 0.1]
    assert likely
    assert sum(likely) / len(likely) > 0.75
    assert unlikely
    assert sum(unlikely) / len(unlikely) < 0.25
