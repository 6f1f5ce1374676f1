"""Goals that companies set again and again, ready to be chosen: those of the mission among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from huoshui.kernel.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """A usual goal. ``variants`` are metric and target, the first whose metric there is; ``years`` its least length."""

    label: Text
    says: Text
    variants: tuple[tuple[str, str], ...]
    baseline: str = "year"
    path: str = "linear"
    years: int = 0


USUAL: Mapping[str, Usual] = {
    "market_share": Usual(
        label=Text("Market share of 5 %", "市场份额达到 5%"),
        says=Text("Entered by hand with its source.", "手工录入，注明来源。"),
        variants=(("market_share", "5 %"),),
        baseline="before",
    ),
    "sales_growth": Usual(
        label=Text("Sales growth of at least 20 %", "销售额增长不低于 20%"),
        says=Text("Against the same days a year before.", "与去年同期相比。"),
        variants=(("sales_growth_yoy", "20 %"), ("revenue", "+20 %")),
    ),
    "satisfaction": Usual(
        label=Text("Satisfaction of at least 90 %", "客户满意度不低于 90%"),
        says=Text("Answers of 4 or 5 of 5 among all answers.", "评分 4 或 5（满分 5）的占比。"),
        variants=(("csat", "90 %"),),
    ),
    "base_customers": Usual(
        label=Text("Base customers +20 %", "基础客户增长 20%"),
        says=Text("Customers who have bought, by the end.", "期末累计购买过的客户数。"),
        variants=(("total_customers", "+20 %"), ("customer_growth", "20 %")),
        baseline="before",
    ),
    "high_value_customers": Usual(
        label=Text("High-value customers +15 %", "高价值客户增长 15%"),
        says=Text("Customers of the value class high, by the end.", "期末价值等级为高的客户数。"),
        variants=(("high_value_customers", "+15 %"), ("high_value_growth", "15 %")),
        baseline="before",
    ),
    "cac": Usual(
        label=Text("CAC at most 5 % of the value of an order", "获客成本不超过单次交互价值的 5%"),
        says=Text("Spend per new customer against the average order.", "单个新客花费与平均订单金额之比。"),
        variants=(("cac_to_order_value", "5 %"),),
    ),
    "high_value_retention": Usual(
        label=Text("Retention of high-value customers of at least 90 %", "高价值客户留存率不低于 90%"),
        says=Text("Of those of a year before the end.", "以期末一年前的高价值客户为基数。"),
        variants=(("high_value_retention_12m", "90 %"),),
        baseline="before",
    ),
    "share_in_three_years": Usual(
        label=Text("Market share +10 points in three years", "三年内市场份额 +10 个百分点"),
        says=Text("Counts from the share entered before its first day.", "以开始前录入的份额为基线。"),
        variants=(("market_share", "+10 points"),),
        baseline="before",
        years=3,
    ),
    "monthly_sales": Usual(
        label=Text("Monthly sales", "月度销售额"),
        says=Text("Net revenue, 20 % above last year, month by month.", "净销售额，较去年 +20%，按月分解。"),
        variants=(("revenue", "+20 %"),),
        path="seasonal",
    ),
    "cost_of_customers": Usual(
        label=Text("Cost of winning a customer", "获客成本（CAC）"),
        says=Text("10 % below last year.", "较去年降低 10%。"),
        variants=(("cac", "-10 %"),),
    ),
    "nps": Usual(
        label=Text("Net promoter score", "净推荐值（NPS）"),
        says=Text("At least 50.", "不低于 50。"),
        variants=(("nps", "50"),),
    ),
}
MISSION = (
    "market_share",
    "sales_growth",
    "satisfaction",
    "base_customers",
    "high_value_customers",
    "cac",
    "high_value_retention",
    "share_in_three_years",
)
KPIS = ("monthly_sales", "cost_of_customers", "nps")
