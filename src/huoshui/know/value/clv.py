"""The model of customer value: learnt from purchases, judged on the months it did not see, kept by ``know/models``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from huoshui.data.facts import relations
from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import IbisTable, Tables
from huoshui.kernel.texts import Text
from huoshui.know.models.kinds import MODELS, Judged, Line, ModelKind, Trained

SLUG = "clv"
UNIT = "D"
HOLDOUT = 180
SHORTEST_HOLDOUT = 14
DISCOUNT = 0.1
"""Per year, of what is still to come."""


@dataclass(frozen=True, slots=True)
class Histories:
    """The columns of `purchase_summary` as arrays; those of the hold-out where there is one."""

    columns: Mapping[str, Any]

    @property
    def of_buying(self) -> tuple[Any, Any, Any]:
        """Frequency, recency, T."""
        return self.columns["frequency"], self.columns["recency"], self.columns["T"]

    def __len__(self) -> int:
        return len(self.columns["frequency"])


def purchases_by_day(tables: Tables, as_of: AsOf) -> IbisTable:
    """Purchases with their ``day``."""
    rows = relations.purchases(tables, as_of)
    return rows.select("customer_id", "revenue", day=rows.ordered_at.date())


def histories(tables: Any, as_of: AsOf, *, holdout: int = 0) -> Histories:
    """The purchase histories of everybody as of a moment; the last ``holdout`` days are kept apart."""
    from huoshui.science.clv import purchase_summary

    at = as_of.at.astimezone(as_of.zone)
    last = (at - timedelta(microseconds=1)).date()
    table = purchase_summary(
        purchases_by_day(tables, as_of),
        as_of=at,
        calibration_end=last - timedelta(days=holdout) if holdout else None,
        unit=UNIT,
    )
    # Engines answer in any order, and sums of floats depend on it: the same data give the same model.
    found = tables.arrow(table).sort_by("customer_id")
    return Histories({name: found[name].to_numpy() for name in found.column_names})


def train(tables: Any, as_of: AsOf) -> Trained:
    """Learn how often customers buy, when they leave and what a purchase is worth.

    The last months, at most `HOLDOUT` days, are kept apart: of two models the one that foretold them better is fitted
    again on everything. Where nobody came back yet, a steady rate stands in.
    """
    import numpy as np

    from huoshui.science import clv
    from huoshui.science.clv.errors import NotEnoughPurchases

    whole = histories(tables, as_of)
    span = float(whole.columns["T"].max()) if len(whole) else 0.0
    chosen, judged = _judge(tables, as_of, int(min(HOLDOUT, span // 3)))
    repeaters = int((whole.columns["frequency"] > 0).sum())
    reasons: list[Text] = []
    model: Any
    if span <= 0:
        model = clv.SteadyRate.from_dict({"unit": UNIT, "params": {"r": 1e-9, "alpha": 1.0}})
        reasons.append(
            Text(
                "Nobody has been seen for a whole day yet: nothing is foretold",
                "还没有客户被观察满一天，无法预测",
            )
        )
    else:
        model = chosen(unit=UNIT)
        if repeaters:
            model.fit(*whole.of_buying)
        if not (repeaters and model.converged_):
            model = clv.SteadyRate(unit=UNIT).fit(*whole.of_buying)
            reasons.append(
                Text(
                    "Too few purchases for a model: a steady rate of purchase stands in, and nobody is taken to leave",
                    "购买太少，无法建模：暂按固定购买频率推算，且不考虑流失",
                )
            )
    if model.prior_used_:
        reasons.append(
            Text(
                "Few customers have come back: a weak prior joins in, and intervals are too narrow",
                "复购客户很少：已加入弱先验，区间偏窄",
            )
        )
    money: Any = None
    try:
        money = clv.GammaGamma(unit=UNIT).fit(whole.columns["frequency"], whole.columns["monetary_value"])
    except NotEnoughPurchases:
        reasons.append(
            Text(
                "Nobody came back yet: the usual value of a purchase stands in for everybody's",
                "还没有复购：以平均每次消费金额代替每位客户的金额",
            )
        )
    if judged is None and not reasons:
        reasons.append(
            Text(
                "The records are too short, or too few came back, for a test on months that were not seen",
                "数据时间太短或复购客户太少，尚无法用未参与训练的月份检验",
            )
        )
    if judged is not None and not judged.wins:
        reasons.append(
            Text(
                "In the months it did not see, a simple rule was nearer: read single values with care",
                "在未参与训练的月份里，简单规则更接近实际：单个客户的数值请谨慎解读",
            )
        )
    days = float((whole.columns["frequency"] + 1).sum()) if len(whole) else 0.0
    spent = float(_spent(tables, as_of))
    return Trained(
        name=model.NAME,
        content={
            "buying": model.as_dict(),
            "money": money and money.as_dict(),
            "usual_value": spent / days if days else 0.0,
        },
        enough=not reasons,
        reasons=tuple(reasons),
        data=_data(len(whole), repeaters, span, money, as_of),
        parameters=[line for one in (model, money) if one is not None for line in _parameters(one)]
        if np.isfinite(model.log_likelihood_)
        else [],
        judged=judged,
    )


def _judge(tables: Any, as_of: AsOf, days: int) -> tuple[Any, Judged | None]:
    """Which model foretold the last days better, and how well it did; without a test the modified one."""
    import numpy as np

    from huoshui.science import clv
    from huoshui.science.clv.errors import NotEnoughPurchases
    from huoshui.science.clv.fitting import THIN

    best: Any = clv.ModifiedBetaGeo
    if days < SHORTEST_HOLDOUT:
        return best, None
    past = histories(tables, as_of, holdout=days)
    if not len(past) or int((past.columns["frequency"] > 0).sum()) < THIN:
        return best, None
    came, ahead = past.columns["frequency_holdout"], past.columns["duration_holdout"]
    tests = []
    for kind in (clv.ModifiedBetaGeo, clv.BetaGeo):
        model = kind(unit=UNIT).fit(*past.of_buying)
        test = clv.backtest(model, *past.of_buying, came, ahead)
        tests.append((test.model.mean_absolute, kind, model, test))
    _, best, model, test = min(tests, key=lambda one: one[0])
    value, spent = past.columns["monetary_value"], past.columns["value_holdout"]
    try:
        money = clv.GammaGamma(unit=UNIT).fit(past.columns["frequency"], value)
        ends = clv.value_intervals(model, money, *past.of_buying, value, time=float(days))
        covered = float(np.mean((spent >= ends.low) & (spent <= ends.high)))
    except NotEnoughPurchases:
        covered = None
    return best, Judged(
        unit=Text("purchase days", "个购买日"),
        customers=test.customers,
        days=days,
        model=test.model.mean_absolute,
        rules=(
            (Text("everybody's steady rate", "固定频率"), test.steady.mean_absolute),
            (Text("each customer's own rate so far", "客户自身过往频率"), test.own_rate.mean_absolute),
        ),
        classes=[
            (f"{one.frequency}{'+' if one.and_more else ''}", one.customers, one.actual, one.predicted)
            for one in test.classes
        ],
        actual=test.actual,
        foretold=test.model.predicted,
        covered=covered,
    )


def _spent(tables: Any, as_of: AsOf) -> Any:
    rows = relations.purchases(tables, as_of)
    return tables.arrow(rows.aggregate(spent=rows.revenue.sum()))["spent"][0].as_py() or 0


def _data(customers: int, repeaters: int, span: float, money: Any, as_of: AsOf) -> list[Line]:
    lines = [
        Line(name=Text("Customers with a purchase", "有购买的客户"), value=_number(customers)),
        Line(name=Text("of them came back", "其中有复购"), value=_number(repeaters)),
        Line(name=Text("Days from the first purchase", "距首次购买天数"), value=_number(span)),
        Line(name=Text("Nothing later than", "数据截至"), value=Text(str(as_of), str(as_of))),
    ]
    if money is not None:
        lines.append(
            Line(
                name=Text("Correlation of value with frequency", "金额与频次的相关"),
                value=_number(money.dependence_, 2),
                note=Text("should be near 0", "应接近 0"),
            )
        )
    return lines


def _parameters(model: Any) -> list[Line]:
    told = model.summary()
    lines = [
        Line(
            name=Text(f"{name} ({told['model']})", f"{name}（{told['model']}）"),
            value=_number(one["value"], 4, one["standard_error"]),
            note=Text(**one["meaning"]),
        )
        for name, one in told["parameters"].items()
    ]
    likelihood = Text(f"Log-likelihood ({told['model']})", f"对数似然（{told['model']}）")
    return [*lines, Line(name=likelihood, value=_number(told["log_likelihood"] or 0.0, 2))]


def _number(value: float, digits: int = 0, error: float | None = None) -> Text:
    text = f"{value:,.{digits}f}"
    text = text if error is None else f"{text} ± {error:,.{digits}f}"
    return Text(text, text)


def declare() -> None:
    """Called once, when the app starts."""
    MODELS.declare(
        ModelKind(
            slug=SLUG,
            label=Text("Customer lifetime value", "客户终身价值"),
            meaning=Text(
                "How often each customer will buy, whether they are a customer still, and what they will spend in the "
                "next 12 months.",
                "每位客户今后的购买次数、是否仍为客户，以及未来 12 个月的消费金额。",
            ),
            train=train,
        )
    )
