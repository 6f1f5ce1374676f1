"""What customers say, and whether they may be written to, in a small shop computed by hand."""

from __future__ import annotations

from datetime import date

import pytest

from huoshui.data.traits import queries as traits
from huoshui.data.traits.tests.shop import LONDON, Shop, as_of
from huoshui.measure.metrics import queries
from huoshui.measure.metrics.errors import UnknownDimension
from huoshui.measure.metrics.periods import Period

MARCH = Period.month(2024, 3, LONDON)


@pytest.fixture(scope="module")
def shop():
    made = Shop()
    for n in range(1, 6):
        made.customer(n, city="Leeds" if n < 3 else "Bath")
    made.customer(6, created="2024-04-01")
    for who, day, score in ((1, "03-01", 10), (2, "03-02", 9), (3, "03-31 23:59", 6), (4, "03-05", 8)):
        made.answer(who, f"2024-{day}", "nps", score)
    made.answer(1, "2024-03-09", "nps", 0)
    made.answer(1, "2024-03-09", "nps", 11)  # not on the scale
    made.answer(5, "2024-04-01 00:00", "nps", 0)
    for score in (5, 4, 3, 1):
        made.answer(2, "2024-03-10", "csat", score)
    for score in (7, 4, 4):
        made.answer(3, "2024-03-10", "ces", score)
    made.consent(1, "2024-01-01", "email")
    made.consent(2, "2024-01-01", "email")
    made.consent(2, "2024-02-01", "email", "withdrawn")
    made.consent(3, "2024-01-01", "sms")
    made.consent(3, "2024-01-01", "sms", "withdrawn")  # of the same moment, withdrawal wins
    made.consent(4, "2024-01-01", "any")
    made.consent(4, "2024-02-01", "email", "withdrawn")
    made.consent(5, "2024-04-01 00:00", "wecom")
    made.consent(6, "2024-02-01", "email")
    return made


def cell(shop, slug, period=MARCH, **asked):
    (found,) = queries.evaluate(slug, tables=shop, period=period, **asked)
    return found


def people(shop, slug, period=MARCH):
    return set(shop.rows_of(queries.population(slug, tables=shop, period=period)))


def test_promoters_minus_detractors_in_hundredths(shop):
    found = cell(shop, "nps")
    assert (found.value, found.denominator) == (0, 5)  # 2 of 5 recommend, 2 advise against it
    assert cell(shop, "nps", where={"city": "Leeds"}).value == pytest.approx(100 / 3)
    assert people(shop, "nps") == {1, 2, 3}
    weeks = queries.evaluate("nps", tables=shop, period=MARCH, by=["week"])
    assert [one.value for one in weeks] == [100, -50, -100]


def test_satisfied_is_who_answers_four_or_five(shop):
    assert cell(shop, "csat").value == 0.5
    assert people(shop, "csat") == {2}


def test_effort_is_the_mean_answer(shop):
    assert cell(shop, "ces").value == 5


@pytest.mark.parametrize("slug", ["nps", "csat", "ces"])
def test_without_answers_nothing_is_known(shop, slug):
    found = cell(shop, slug, Period.month(2024, 1, LONDON))
    assert found.value is None
    assert queries.why_unknown(queries.metric(slug), found) is not None
    with pytest.raises(UnknownDimension):
        cell(shop, slug, where={"channel": "web"})


def test_reach_is_of_everybody_known_and_by_the_newest_statement(shop):
    assert people(shop, "consent_reach_email") == {1}
    assert people(shop, "consent_reach_sms") == {4}
    assert people(shop, "consent_reach") == {1, 4}
    assert cell(shop, "consent_reach").value == 2 / 5
    assert cell(shop, "consent_reach", where={"city": "Leeds"}).value == 1 / 2
    april = Period.month(2024, 4, LONDON)
    assert people(shop, "consent_reach", april) == {1, 4, 5, 6}


@pytest.mark.slow
def test_reach_by_channel_is_the_trait_of_that_channel(shop):
    for day in ("2024-01-15", "2024-02-15", "2024-05-01"):
        end = date.fromisoformat(day)
        period = Period.days(date(2024, 1, 1), end, LONDON)
        for channel in ("email", "sms", "phone", "wecom"):
            slug = f"marketable_{channel}"
            rows = shop.rows_of(traits.trait_table(shop, as_of(day), only=[slug]))
            expected = {who for who, row in rows.items() if row[slug]}
            assert people(shop, f"consent_reach_{channel}", period) == expected


def test_where_nobody_ever_spoke_reach_is_not_known(shop):
    found = cell(shop, "consent_reach", Period.month(2023, 6, LONDON))
    assert (found.value, found.denominator) == (None, 5)
    why = queries.why_unknown(queries.metric("consent_reach"), found)
    assert why is not None
    assert "Nobody has said" in why.en
