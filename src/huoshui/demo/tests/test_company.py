"""The invented company as files: the same from the same seed, plausible, in step with its truth, and nobody's data."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import numpy as np
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from huoshui.demo import company, invention
from huoshui.demo.catalogue import CHANNELS, FOLLOW_UPS, PRODUCTS
from huoshui.demo.draws import Draws
from huoshui.demo.invention import Invention
from huoshui.demo.seasons import HOURS, MONTHS, WEEKDAYS, spring_festival
from huoshui.demo.tests.conftest import UNTIL, Shop
from huoshui.demo.tests.judging import REJECTED, share_deviates

SMALL = Invention(customers=150, days=400, seed=1, until=UNTIL)
TIMES = {
    "customers": "注册时间",
    "transactions": "下单时间",
    "events": "occurred_at",
    "consents": "given_at",
    "answers": "answered_at",
}


def write(folder, asked, name="one"):
    made = Shop(folder / name / "files", folder / name / "truth")
    for one in (made.files, made.truths):
        one.mkdir(parents=True)
    company.write(asked, files=made.files, truths=made.truths)
    return made


def prints(made):
    """A fingerprint of every file of the company and of its truth."""
    files = sorted([*made.files.iterdir(), *made.truths.iterdir()])
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_the_same_seed_and_last_day_give_the_same_company_on_any_number_of_threads(tmp_path):
    one = prints(write(tmp_path, SMALL))
    threads = pa.cpu_count()
    pa.set_cpu_count(1)
    try:
        other = prints(write(tmp_path, SMALL, "other"))
    finally:
        pa.set_cpu_count(threads)
    assert one == other


@pytest.mark.parametrize("change", [{"seed": 2}, {"until": date(2026, 6, 29)}, {"days": 399}])
def test_another_seed_or_day_gives_another_company(tmp_path, change):
    one, other = prints(write(tmp_path, SMALL)), prints(write(tmp_path, replace(SMALL, **change), "other"))
    assert one["transactions.parquet"] != other["transactions.parquet"]


def test_a_process_does_not_change_another_and_parts_differ():
    draws = Draws((1, 2, 3))
    alone = draws.of("orders").random(5)
    draws.of("something new").random(1_000)
    assert (draws.of("orders").random(5) == alone).all()
    assert (draws.for_part(1).of("orders").random(5) != alone).all()


def test_nothing_happens_after_the_last_day_or_before_the_first(tmp_path):
    made = write(tmp_path, SMALL)
    for kind, name in TIMES.items():
        found = pc.min_max(made.file(kind)[name]).as_py()
        assert found["max"].date() <= SMALL.until, kind
        assert found["min"].date() >= SMALL.first_day, kind


def test_everybody_is_invented_and_can_be_read(shop):
    customers = shop.file("customers")
    phones = pc.drop_null(customers["手机"])
    assert pc.all(pc.starts_with(phones, "+861990")).as_py()
    for phone in phones.to_pylist()[:100]:
        assert phonenumbers.is_possible_number(phonenumbers.parse(phone))
    assert pc.all(pc.ends_with(pc.drop_null(customers["邮箱"]), "@example.com")).as_py()
    years = pc.drop_null(customers["出生年份"]).to_numpy()
    assert np.mean((years >= UNTIL.year - 50) & (years <= UNTIL.year - 30)) > 0.8


def test_returns_name_their_order_and_follow_it(shop):
    rows = shop.file("transactions")
    sold = rows.filter(pc.greater(rows["数量"], 0)).group_by("订单编号").aggregate([("下单时间", "max")])
    back = rows.filter(pc.less(rows["数量"], 0)).join(sold, "订单编号")
    assert back.num_rows > 1_000
    assert pc.all(pc.greater(back["下单时间"], back["下单时间_max"])).as_py()


def test_lines_of_an_order_stand_together(shop):
    rows = shop.file("transactions")
    sold = rows.filter(pc.greater(rows["数量"], 0))["订单编号"].to_numpy()
    begins = np.concatenate([[True], sold[1:] != sold[:-1]])
    assert begins.sum() == len(np.unique(sold))


@pytest.mark.parametrize(("customers", "days"), [(1, 1), (2, 40), (3, 3_650), (9, 30)])
def test_the_smallest_company_has_its_files(tmp_path, customers, days):
    made = write(tmp_path, Invention(customers=customers, days=days, seed=1, until=UNTIL))
    assert made.file("customers").num_rows == customers
    assert made.file("spend").num_rows == days * 4
    assert made.truth("customers").num_rows == customers


def test_parts_of_the_people_share_no_number(tmp_path, monkeypatch):
    monkeypatch.setattr(company, "PART", 100)
    made = write(tmp_path, replace(SMALL, customers=420))
    for table, key in (
        (made.file("customers"), "会员编号"),
        (made.file("customers"), "手机"),
        (made.file("events"), "message_id"),
        (made.file("answers"), "answer_id"),
        (made.file("consents"), "evidence"),
        (made.truth("orders"), "order"),
        (made.truth("visitors"), "visitor"),
    ):
        values = pc.drop_null(table[key])
        assert pc.count_distinct(values).as_py() == len(values), key
    orders = made.file("transactions")["订单编号"]
    assert set(orders.unique().to_pylist()) == set(made.truth("orders")["order"].to_pylist())
    visitors = set(pc.drop_null(made.file("events")["visitor"]).to_pylist())
    assert set(made.truth("visitors")["visitor"].to_pylist()) <= visitors


def test_a_day_that_is_not_over_is_refused():
    today = date(2026, 7, 1)
    invention.check_until(date(2026, 6, 30), today=today)
    for wrong in (today, date(1980, 1, 1)):
        with pytest.raises(invention.NotADemoDay, match="cannot end on this day"):
            invention.check_until(wrong, today=today)


def test_seasons_have_mean_one_and_the_festival_moves():
    assert (sum(WEEKDAYS), sum(MONTHS), sum(HOURS)) == pytest.approx((7, 12, 24))
    for known in (
        date(1985, 2, 20),
        date(2004, 1, 22),
        date(2015, 2, 19),
        date(2023, 1, 22),
        date(2026, 2, 17),
    ):
        assert abs((spring_festival(known.year) - known).days) <= 1


def test_revenue_and_orders_of_the_files_are_those_of_the_truth(shop):
    rows = shop.file("transactions")
    sold = rows.filter(pc.greater(rows["数量"], 0))
    named = sold.filter(pc.is_valid(sold["会员编号"]))
    truth = shop.truth("customers")
    paid = pc.sum(pc.multiply(named["单价"], named["数量"])).as_py()
    assert float(paid) == pytest.approx(pc.sum(truth["revenue"]).as_py(), abs=0.01)
    assert pc.count_distinct(named["订单编号"]).as_py() == pc.sum(truth["orders"]).as_py()
    assert shop.truth("orders").num_rows == pc.count_distinct(sold["订单编号"]).as_py()
    assert shop.story["rows"] == {
        kind: pq.read_metadata(shop.files / f"{kind}.parquet").num_rows for kind in company.KINDS
    }


def test_spend_divided_by_newcomers_comes_to_the_cost_of_the_channel(shop):
    spend, truth = shop.file("spend"), shop.truth("customers")
    truth = truth.filter(pc.is_null(truth["role"]))
    for channel in CHANNELS:
        if not channel.cac:
            continue
        amount = float(pc.sum(spend.filter(pc.equal(spend["渠道"], channel.name.zh))["费用"]).as_py())
        newcomers = pc.sum(pc.equal(truth["channel"], channel.name.zh)).as_py()
        expected = truth.num_rows * channel.share
        assert abs(newcomers - expected) < REJECTED * np.sqrt(expected)
        assert amount / expected == pytest.approx(channel.cac, rel=0.04)


def test_sixty_percent_of_lock_buyers_who_stay_buy_a_camera_within_three_months(shop):
    rule = next(r for r in FOLLOW_UPS if (r.first, r.then) == ("QM-S04", "QM-S03"))
    rows, truth = shop.file("transactions"), shop.truth("customers")
    stays = truth.filter(pc.or_(pc.is_null(truth["left_at"]), truth["alive"]))["customer"]
    rows = rows.filter(
        pc.and_(pc.greater(rows["数量"], 0), pc.is_in(rows["会员编号"], stays.combine_chunks()))
    )
    lock, camera = (rows.filter(pc.equal(rows["商品编号"], p)) for p in (rule.first, rule.then))
    bought = lock.group_by("会员编号").aggregate([("下单时间", "min")]).rename_columns(["会员编号", "first"])
    pairs = camera.select(["会员编号", "下单时间"]).join(bought, "会员编号", join_type="inner")
    lag = pc.subtract(pairs["下单时间"], pairs["first"]).cast("int64").to_numpy() / 86_400_000
    soon = pairs.filter(pa.array((lag > 0) & (lag <= rule.days)))["会员编号"].unique()
    seen = pc.less(
        bought["first"], pc.subtract(pc.max(rows["下单时间"]), pa.scalar(rule.days * 86_400, "duration[s]"))
    )
    judged = bought.filter(seen)["会员编号"]
    follows = pc.is_in(judged, soon).to_numpy()
    # Cameras are bought without a lock too, so there may be more of them, not fewer.
    assert share_deviates(follows, rule.probability) > -REJECTED
    assert follows.mean() < rule.probability + 0.12


def test_answers_follow_from_what_people_lived_through(shop):
    answers = shop.file("answers")
    score = answers["score"].to_numpy()
    metric = answers["metric"].to_numpy()
    for name, least, most in (("nps", 0, 10), ("csat", 1, 5), ("ces", 1, 7)):
        found = score[metric == name]
        assert (found.min(), found.max()) == (least, most)
    bad = _orders_gone_wrong(shop)
    nps = answers.filter(pc.equal(answers["metric"], "nps"))
    unhappy = pc.is_in(nps["customer"], bad).to_numpy()
    content, upset = score[metric == "nps"][~unhappy], score[metric == "nps"][unhappy]
    error = np.sqrt(content.var() / len(content) + upset.var() / len(upset))
    assert (content.mean() - upset.mean()) / error > REJECTED


def _orders_gone_wrong(shop):
    """Customers with an order that was late, had a fault or was complained about."""
    told = shop.truth("orders")
    wrong = told.filter(pc.or_(pc.or_(told["late"], told["fault"]), told["complained"]))["order"]
    rows = shop.file("transactions")
    return pc.drop_null(rows.filter(pc.is_in(rows["订单编号"], wrong.combine_chunks()))["会员编号"]).unique()


def test_three_views_lead_to_an_order_more_often_than_one(shop):
    events = shop.file("events")
    views = events.filter(
        pc.and_(pc.equal(events["event"], "Product Viewed"), pc.is_valid(events["session_id"]))
    )
    counted = views.group_by("session_id").aggregate([("product_id", "count")])
    often = set(counted.filter(pc.greater_equal(counted["product_id_count"], 3))["session_id"].to_pylist())
    story = shop.story["three_views"]
    assert len(often) == pytest.approx(story["ordered"] + story["not_ordered"], rel=0.02)
    assert 0.4 < story["share_that_orders"] < 0.8


def test_the_truth_says_what_each_of_its_columns_means(shop):
    told = shop.story
    for name, columns in told["files"].items():
        assert list(columns) == shop.truth(name).column_names
    assert told["parameters"]["rate_shape"]["value"] == 1.2
    assert {c["slug"] for c in told["campaigns"]} == set(shop.truth("assignments")["campaign"].to_pylist())


def test_rules_start_with_main_products_only():
    starts = {rule.first for rule in FOLLOW_UPS}
    assert not any(product.further for product in PRODUCTS if product.number in starts)
