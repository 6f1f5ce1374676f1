"""What the campaigns of the invented company added, as tables of results: a row for everybody who was drawn.

The treated and the control group were drawn by lot, so the reading of such a table must find the true effect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from huoshui.demo.catalogue import CAMPAIGNS, Campaign
from huoshui.kernel.actors import Actor
from huoshui.measure.experiments import services
from huoshui.measure.experiments.results import Asked

BEFORE = timedelta(days=365)
GROUPS = "此前一年"
ASKED = Asked(arm="分组", control="对照组", outcomes=("下单", "订单数", "消费额"), before="此前一年消费额")


def read(*, actor: Actor, transactions: Path, truths: Path, control_share: float, now: datetime) -> list[int]:
    """Read each campaign from the file of the shop and the lots that were drawn; their numbers, the newest last."""
    numbers = []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "results.parquet"
        for campaign, table in tables(transactions, truths):
            pq.write_table(table, path)
            groups = (GROUPS,) if len(pc.unique(table[GROUPS])) > 1 else ()
            numbers.append(
                services.read(
                    actor=actor,
                    name=campaign.name,
                    note=f"{campaign.window} 天内的订单，随机留出对照组",
                    path=path,
                    file_name=f"{campaign.slug}.parquet",
                    asked=replace(ASKED, groups=groups, control_share=control_share),
                    now=now,
                )
            )
    return numbers


def tables(transactions: Path, truths: Path) -> Iterator[tuple[Campaign, pa.Table]]:
    """Each campaign that anybody was drawn for, with its table of results."""
    drawn = pq.read_table(
        truths / "assignments.parquet", columns=["customer", "campaign", "assigned_at", "treated"]
    )
    lines = pq.read_table(transactions, columns=["订单编号", "会员编号", "下单时间", "数量", "单价"])
    lines = lines.filter(pc.is_valid(lines["会员编号"]))
    for campaign in CAMPAIGNS:
        ours = drawn.filter(pc.equal(drawn["campaign"], campaign.slug))
        if ours.num_rows and len(pc.unique(ours["treated"])) == 2:
            yield campaign, _results(ours, lines, campaign)


def _results(drawn: pa.Table, lines: pa.Table, campaign: Campaign) -> pa.Table:
    """Orders and revenue of the window, and revenue of the year before, of everybody drawn."""
    start = drawn["assigned_at"][0].as_py()
    at = lines["下单时间"]
    window = lines.filter(
        pc.and_(pc.greater_equal(at, start), pc.less(at, start + timedelta(days=campaign.window)))
    )
    earlier = lines.filter(pc.and_(pc.greater_equal(at, start - BEFORE), pc.less(at, start)))
    orders = (
        window.filter(pc.greater(window["数量"], 0))
        .group_by("会员编号")
        .aggregate([("订单编号", "count_distinct")])
    )
    number = _of(drawn, orders, "订单编号_count_distinct")
    spent, before = _of(drawn, _revenue(window), "revenue"), _of(drawn, _revenue(earlier), "revenue")
    return pa.table(
        {
            "分组": pc.if_else(drawn["treated"], "触达组", "对照组"),
            "下单": np.where(number > 0, "是", "否"),
            "订单数": number.astype(np.int64),
            "消费额": np.round(spent, 2),
            "此前一年消费额": np.round(before, 2),
            GROUPS: np.where(before > 0, "买过", "没有买过"),
        }
    )


def _revenue(lines: pa.Table) -> pa.Table:
    paid = pc.multiply(lines["数量"].cast(pa.float64()), lines["单价"].cast(pa.float64()))
    by = pa.table({"会员编号": lines["会员编号"], "revenue": paid}).group_by("会员编号")
    return by.aggregate([("revenue", "sum")]).rename_columns(["会员编号", "revenue"])


def _of(drawn: pa.Table, found: pa.Table, column: str) -> np.ndarray:
    """The numbers of everybody drawn, 0 for those of whom nothing was found."""
    place = pc.index_in(drawn["customer"], value_set=found["会员编号"].combine_chunks())
    return np.asarray(
        pc.fill_null(found[column].combine_chunks().cast(pa.float64()).take(place), 0.0).to_numpy()
    )
