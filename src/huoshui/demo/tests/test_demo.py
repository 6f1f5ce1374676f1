"""``huoshui demo``: one command to a house with figures; the same again is quick, another one replaces it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from huoshui.demo import company, lives
from huoshui.demo.cast import CAST, COLLEAGUES
from huoshui.demo.tests.conftest import FEW, FEW_PEOPLE, huoshui
from huoshui.kernel.actors import Role
from huoshui.science import lifecycle, rfm

SMALL = (
    "demo",
    "--customers",
    "60",
    "--days",
    "120",
    "--until",
    "2024-06-30",
    "--months",
    "0",
    "--no-serve",
    "--json",
)

FIGURES = """
SELECT (SELECT count(*) FROM customers) AS customers,
       (SELECT count(*) FROM orders) AS orders,
       (SELECT sum(revenue) FROM order_lines) AS sold,
       (SELECT count(*) FROM order_lines) AS lines,
       (SELECT sum(revenue) FROM order_changes) AS returned,
       (SELECT count(*) FROM events) AS events,
       (SELECT count(DISTINCT visitor_id) FROM events) AS visitors,
       (SELECT count(*) FROM answers) AS answers,
       (SELECT avg(score) FROM answers WHERE metric = 'nps') AS nps,
       (SELECT count(*) FROM consents) AS consents,
       (SELECT sum(amount) FROM spend) AS spend,
       (SELECT count(*) FROM orders WHERE campaign IS NOT NULL) AS with_campaign
"""


@pytest.mark.slow
def test_the_demo_is_made_once_and_replaced_by_another(house, tmp_path: Path):
    assert house.figures["totals"]["customers"] == FEW.customers
    assert house.figures["totals"]["revenue"] > 0
    assert house.figures["as_of"].startswith("2026-06-30T16:00:00")
    again = huoshui(house.folder, *FEW_PEOPLE)
    assert json.loads(again.stdout)["computed_at"] == house.figures["computed_at"]
    assert "already" in again.stderr

    folder = Path(shutil.copytree(house.folder, tmp_path / "copy"))
    other = huoshui(folder, *SMALL, "--seed", "2")
    assert other.returncode == 0, other.stderr
    changed = json.loads(other.stdout)
    assert changed["totals"]["customers"] == 60
    assert changed["as_of"].startswith("2024-06-30T16:00:00")
    assert changed["loads"] == house.figures["loads"]
    story = json.loads((folder / "huoshui-demo-truth" / "truth.json").read_text(encoding="utf-8"))
    assert story["invention"]["seed"] == 2

    person = huoshui(folder, "customer", "K100001", "--json", home="huoshui-demo")
    assert json.loads(person.stdout)["profile"]["name"] == "陈晨"


def test_a_folder_of_something_else_is_not_taken_for_the_truth(tmp_path: Path):
    folder = tmp_path / "huoshui-demo-truth"
    folder.mkdir()
    (folder / "thesis.parquet").write_text("years of work")
    done = huoshui(tmp_path, *SMALL)
    assert done.returncode == 1
    assert "thesis.parquet" in done.stderr
    assert [file.name for file in folder.iterdir()] == ["thesis.parquet"]


@pytest.mark.slow
def test_the_figures_of_the_house_are_those_of_the_files(house, tmp_path):
    for name in ("files", "truth"):
        (tmp_path / name).mkdir()
    files = company.write(FEW, files=tmp_path / "files", truths=tmp_path / "truth")
    tables = {kind: pq.read_table(path) for kind, path in files.items()}
    rows, events, answers = tables["transactions"], tables["events"], tables["answers"]
    worth = pc.multiply(rows["单价"], rows["数量"])
    sold = pc.greater(rows["数量"], 0)
    nps = answers.filter(pc.equal(answers["metric"], "nps"))["score"]
    [found] = house.sql(FIGURES)
    assert {**found, "nps": round(found["nps"], 9)} == {
        "customers": FEW.customers,
        "orders": pc.count_distinct(rows["订单编号"]).as_py(),
        "sold": float(pc.sum(worth.filter(sold)).as_py()),
        "lines": pc.sum(sold).as_py(),
        "returned": float(pc.sum(worth.filter(pc.invert(sold))).as_py()),
        "events": events.num_rows,
        "visitors": pc.count_distinct(events["visitor"]).as_py(),
        "answers": answers.num_rows,
        "nps": round(pc.mean(nps).as_py(), 9),
        "consents": tables["consents"].num_rows,
        "spend": float(pc.sum(tables["spend"]["费用"]).as_py()),
        "with_campaign": pc.count_distinct(rows.filter(pc.is_valid(rows["活动"]))["订单编号"]).as_py(),
    }
    assert house.figures["totals"]["gross_revenue"] == found["sold"]
    for name in ("customers", "orders", "assignments", "sequences", "visitors"):
        beside = pq.read_table(house.truth / f"{name}.parquet")
        assert beside.equals(pq.read_table(tmp_path / "truth" / f"{name}.parquet")), name


@pytest.mark.slow
def test_the_cast_is_found_out_to_be_what_their_roles_say(house):
    orders = {row["会员编号"]: row["订单编号"] for row in lives.files_of_cast(FEW)["transactions"]}
    found = {
        row["order_id"]: row
        for row in house.sql(
            "SELECT o.order_id, t.* FROM orders o JOIN traits t USING (customer_id) WHERE o.order_id IN ("
            + ", ".join(f"'{order}'" for order in orders.values())
            + ")"
        )
    }
    for place, member in enumerate(CAST):
        traits = found[orders[lives.number(place)]]
        assert {name: traits[name] for name in member.becomes} == dict(member.becomes), member.role


@pytest.mark.slow
def test_the_demo_says_where_the_truth_is_and_who_the_cast_are(house):
    assert "huoshui-demo-truth" in house.told
    for member in CAST:
        assert f"{member.name.zh} ({member.role})" in house.told


def test_the_cast_are_eight_customers_and_three_colleagues():
    assert [member.role for member in CAST] == [
        "new",
        "loyal",
        "leaving",
        "won_back",
        "silent",
        "complaining",
        "advocate",
        "no_consent",
    ]
    assert [colleague.part for colleague in COLLEAGUES] == ["owner", "teammate", "stranger"]
    roles = {member.role for member in CAST}
    assert all(set(colleague.looks_after) <= roles for colleague in COLLEAGUES)
    assert all(colleague.email.endswith("@example.com") for colleague in COLLEAGUES)
    assert {colleague.role for colleague in COLLEAGUES} <= set(Role)
    for member in CAST:
        assert member.becomes["stage"] in lifecycle.STAGES
        assert member.becomes.get("value_class", "high") in rfm.VALUE_CLASSES
