"""Stories of `docs/stories.md` that are questions today, asked of the demo company in plain SQL.

Each answer is counted a second time from the files the company was invented as.
"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import datetime, time, timedelta

import pyarrow.parquet as pq
import pytest

from huoshui.demo import company
from huoshui.demo.tests.conftest import FEW, UNTIL, huoshui

pytestmark = pytest.mark.slow

FOLLOWED = """
WITH bought AS (
    SELECT customer_id, min(ordered_at) FILTER (product_id = 'QM-S04') AS lock
    FROM order_lines WHERE customer_id IS NOT NULL GROUP BY customer_id)
SELECT count(DISTINCT bought.customer_id) AS buyers,
       count(DISTINCT later.customer_id) AS followers
FROM bought LEFT JOIN order_lines AS later
  ON later.customer_id = bought.customer_id AND later.product_id = 'QM-S03'
 AND later.ordered_at > bought.lock AND later.ordered_at <= bought.lock + INTERVAL 90 DAY
WHERE bought.lock IS NOT NULL
"""

UNSEEN = """
SELECT customer_id, recency, frequency, monetary FROM traits
WHERE recency >= 90 ORDER BY monetary DESC, customer_id
"""

LOOKING = """
SELECT viewed.customer_id, viewed.product_id, count(*) AS times
FROM events AS viewed ANTI JOIN order_lines AS bought USING (customer_id, product_id)
WHERE viewed.name = 'Product Viewed' AND viewed.product_id IS NOT NULL AND viewed.customer_id IS NOT NULL
  AND viewed.occurred_at >= TIMESTAMPTZ '2026-06-01 00:00:00+08'
GROUP BY viewed.customer_id, viewed.product_id HAVING count(*) >= 3
"""

LATE = "SELECT customer_id, stage, overdue_ratio FROM traits WHERE overdue_ratio > 1.5 AND stage <> 'lost'"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The tables of the shop as rows, by kind."""
    made = company.write(FEW, files=tmp_path_factory.mktemp("files"), truths=tmp_path_factory.mktemp("truth"))
    return {kind: pq.read_table(made[kind]).to_pylist() for kind in ("transactions", "events")}


def our_id(house, number):
    shown = huoshui(house.folder, "customer", number, "--json", home="huoshui-demo")
    return json.loads(shown.stdout)["customer_id"]


def purchases(files, product):
    """Moments at which each customer bought the product, by the shop's number."""
    found = defaultdict(list)
    for row in files["transactions"]:
        if row["会员编号"] and row["商品编号"] == product and row["数量"] > 0:
            found[row["会员编号"]].append(row["下单时间"])
    return found


def test_how_many_buy_one_thing_within_three_months_of_another(house, files):
    [answer] = house.sql(FOLLOWED)
    locks, cameras = purchases(files, "QM-S04"), purchases(files, "QM-S03")
    followers = [
        who
        for who, bought in locks.items()
        if any(min(bought) < later <= min(bought) + timedelta(days=90) for later in cameras.get(who, ()))
    ]
    assert (answer["buyers"], answer["followers"]) == (len(locks), len(followers))
    assert answer["followers"] > answer["buyers"] / 3, "the company was invented with this habit"


def test_who_was_not_seen_for_three_months(house, files):
    answer = house.sql(UNSEEN)
    last: dict[str, datetime] = {}
    for row in files["transactions"]:
        if row["会员编号"] and row["数量"] > 0:
            at = row["下单时间"]
            last[row["会员编号"]] = max(at, last.get(row["会员编号"], at))
    end = datetime.combine(UNTIL + timedelta(days=1), time())
    assert len(answer) == sum(1 for at in last.values() if (end - at).days >= 90)
    assert our_id(house, "K100005") in {row["customer_id"] for row in answer}
    worth = [float(row["monetary"]) for row in answer]
    assert worth == sorted(worth, reverse=True)


def test_who_viewed_a_product_three_times_and_did_not_buy_it(house):
    answer = house.sql(LOOKING)
    assert (our_id(house, "K100001"), "QM-S03", 3) in {tuple(row.values()) for row in answer}


def test_who_is_late_by_their_own_rhythm(house):
    answer = house.sql(LATE)
    assert our_id(house, "K100003") in {row["customer_id"] for row in answer}
    assert {row["stage"] for row in answer} <= {"new", "active", "silent"}
