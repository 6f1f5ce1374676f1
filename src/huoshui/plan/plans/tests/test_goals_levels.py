"""A level that changed is said where forecasts are: sentences, pages, papers and the API say it alike."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.db import transaction
from django.test import Client, override_settings

from huoshui.data.traits.tests.shop import Shop
from huoshui.desk.organisation import services as organisation
from huoshui.desk.users import queries as users
from huoshui.desk.users import services as people
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE, Right
from huoshui.kernel.papers import Points
from huoshui.kernel.texts import Language
from huoshui.lake import open_lake
from huoshui.lake.house import Lake
from huoshui.plan.plans.goals import papers, sentences
from huoshui.plan.plans.goals.levels import LevelChange
from huoshui.plan.plans.tests.test_goals_pages import NOW, add, load, made
from huoshui.plan.plans.tests.test_goals_standing import goal, stand

# Slow: whichever test comes first loads the engine; each shop is built anew.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SEASON = (8, 7, 9, 10, 10, 9, 8, 8, 10, 11, 14, 18)


def shop(*, since: date | None = None, more: float = 1.0, seed: int = 5) -> Shop:
    """Three and a half years of daily sales with a season; from ``since`` on they are so many times as much."""
    draw = np.random.default_rng(seed)
    made = Shop()
    for n in range(1, 21):
        made.customer(n, created="2020-12-01")
    day, count = date(2021, 1, 1), 0
    while day < date(2024, 7, 1):
        amount = SEASON[day.month - 1] * 10 * float(np.exp(draw.normal(0, 0.1)))
        amount *= more if since is not None and day >= since else 1.0
        made.order(count % 20 + 1, f"{day} 12:00", f"{amount:.2f}", channel="web")
        day, count = day + timedelta(days=3), count + 1
    return made


@pytest.fixture(scope="module")
def risen():
    return shop(since=date(2024, 1, 1), more=1.5)


def test_the_month_the_size_and_what_the_forecast_does_are_said_in_both_languages(risen):
    (one,) = stand(risen, goal(target=Decimal(60000)))
    assert isinstance(one.changed, LevelChange)
    assert one.changed.month == date(2024, 1, 1)
    assert not one.changed.spans
    assert one.changed.share == pytest.approx(0.5, abs=0.12)
    size = f"{one.changed.share:.0%}"
    assert sentences.level(one, "GBP", "en") == (
        f"The level changed in January 2024 (about +{size}): the forecast follows the new level."
    )
    assert (
        sentences.level(one, "GBP", "zh") == f"2024年1月起，水平发生了变化（约 +{size}）：预测以新水平为准。"
    )


def test_months_that_end_with_any_day_tell_the_same_month(risen):
    (one,) = stand(risen, goal(target=Decimal(60000)), end=date(2024, 6, 20))
    assert abs((one.changed.month - date(2024, 1, 1)).days) <= 31


def test_where_no_level_changed_nothing_is_said():
    (one,) = stand(shop(), goal(target=Decimal(60000)))
    assert one.forecast is not None
    assert one.changed is None
    assert sentences.level(one, "GBP", "en") == ""
    assert papers.elements([one], [], currency="GBP", language="en")[1:] == ()


def test_averages_fall_in_their_unit_and_figures_of_whole_spans_say_that_they_are():
    made = shop(since=date(2023, 12, 1), more=0.5)
    average, active = stand(
        made,
        goal(metric="average_order_value", target=Decimal(100)),
        goal(id=2, metric="active_customers", target=Decimal(20)),
    )
    assert average.changed.month == date(2023, 12, 1)
    assert "−" in sentences.level(average, "GBP", "en")
    assert active.changed is None or active.changed.spans


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Goal 0, Goal 1, Goal 2 and 1 more: The level changed in January 2024"),
        ("zh", "Goal 0、Goal 1、Goal 2 等 4 个目标：2024年1月起"),
    ],
)
def test_a_paper_says_it_once_for_all_goals_whose_forecasts_go_by_it(risen, language: Language, said):
    four = stand(risen, *(goal(id=n, name=f"Goal {n}", target=Decimal(60000 + n)) for n in range(4)))
    (_table, notes) = papers.elements(four, [], currency="GBP", language=language)
    assert isinstance(notes, Points)
    assert len(notes.items) == 1
    assert notes.items[0][0].text.startswith(said)


def changed(one, **said):
    known = {"month": date(2024, 3, 1), "spans": False, "by": Decimal("-0.05"), "share": -0.1, "sure": 0.7}
    return replace(one, changed=LevelChange(**{**known, **said}))


def test_what_is_not_sure_is_called_likely_and_shares_are_told_in_points(risen):
    (one,) = stand(risen, goal(metric="repeat_rate", target=Decimal("0.5")))
    assert sentences.level(changed(one), "GBP", "en") == (
        "The level probably changed in March 2024 (about −5.0 pts): the forecast mostly follows the new level."
    )
    assert sentences.level(changed(one, spans=True, sure=0.95), "GBP", "zh") == (
        "截至2024年3月及以后的数值处于新的水平（约 −5.0 个百分点）：预测以新水平为准。"
    )
    (sold,) = stand(risen, goal(target=Decimal(60000)))
    assert "(about +GBP" in sentences.level(changed(sold, share=None, by=Decimal(300)), "GBP", "en")


# -- pages -------------------------------------------------------------------------------------------------------


def sales() -> str:
    """Two and a half years of a shop that sells twice as much from March 2024 on."""
    draw = random.Random(3)
    rows, day = ["invoice,customer,date,sku,description,quantity,price,channel"], date(2022, 1, 3)
    while day < date(2024, 7, 1):
        price = (20 + draw.randint(0, 4)) * (2 if day >= date(2024, 3, 1) else 1)
        rows.append(f"{day}-{len(rows)},m{len(rows) % 23},{day} 10:00,lamp,Lamp,1,{price},web")
        day += timedelta(days=2)
    return "\n".join(rows) + "\n"


@pytest.fixture(scope="module")
def risen_house(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Lake]:
    """Made once."""
    home = tmp_path_factory.mktemp("levels")
    put = override_settings(HUOSHUI_HOME=home, HUOSHUI_LAKE=str(home / "lake"), HUOSHUI_STATED=frozenset())
    with django_db_blocker.unblock(), transaction.atomic(), put:
        organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW, name="活水商城")
        lake = open_lake()
        load(home, lake, "sales.csv", sales())
        yield lake
        lake.close()
        transaction.set_rollback(True)


def test_the_page_of_a_goal_the_tree_and_the_api_say_it_in_the_language_of_the_reader(risen_house, signed_in):
    owner = users.actor_of(signed_in("manager").user.pk)
    lifetime, rights = timedelta(days=1), [Right.CUSTOMERS_VIEW]
    token = people.make_token(actor=owner, name="program", rights=rights, lifetime=lifetime, now=clock.now())
    plan = made()
    year = add(plan, name="Sales", target="9000")
    add(plan, name="Half", target="5000", last_day=date(2024, 12, 30))
    for language, said, both in (
        (
            "en",
            r"The level changed in March 2024 \(about \+\d+%\)",
            r"Sales, Half: The level changed in March 2024",
        ),
        ("zh-hans", r"2024年3月起，水平发生了变化（约 \+\d+%）", r"Sales、Half：2024年3月起"),
    ):
        pages = signed_in("operator")
        pages.cookies["huoshui_language"] = language
        shown = pages.get(f"/plans/{plan}/goals/{year}/").content.decode()
        assert re.search(said, shown)
        listed = pages.get(f"/plans/{plan}/goals/").content.decode()
        assert re.search(both, listed)
        program = Client(
            headers={"host": "127.0.0.1", "authorization": f"Bearer {token}", "accept-language": language}
        )
        told = program.get(f"/api/plans/{plan}/goals/{year}").json()["level_changed"]
        assert (told["month"], told["spans"]) == ("2024-03-01", False)
        assert 0.6 < told["sure"] <= 1
        assert told["share"] == pytest.approx(1, abs=0.2)
        assert re.match(said, told["said"])
