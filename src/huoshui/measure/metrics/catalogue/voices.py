"""What customers say in surveys: recommendation, satisfaction, effort."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ibis

from huoshui.kernel.plugs import IbisTable, Metric
from huoshui.kernel.texts import Text
from huoshui.measure.metrics.catalogue.contributions import ONE
from huoshui.measure.metrics.scope import Scope

NO_ANSWERS = Text("Nobody answered in these days", "这些日子没有答卷")
EVERY = Text(
    "Every answer of the period counts, also several of one customer and anonymous ones. Returns have no part in it.",
    "期内每份答卷都计入，包括同一客户的多份答卷与匿名答卷。与退货无关。",
)


def _answers(metric: str, low: int, high: int, counted: Callable[[Any], Any]) -> Callable[[Scope], IbisTable]:
    def rows(scope: Scope) -> IbisTable:
        def read() -> Any:
            answers = scope.facts.table("answers")
            return answers.select("customer_id", "source", "metric", "score", at=answers.answered_at)

        every = scope.once("answers", read)
        of_it = every.filter(every.metric == metric, every.score >= low, every.score <= high)
        found = scope.cut(of_it, ("source",))
        return found.select("customer_id", *scope.by, numerator=counted(found.score), denominator=ONE)

    return rows


def _recommends(score: Any) -> Any:
    return ibis.cases((score >= 9, 100), (score <= 6, -100), else_=0).cast("int64")


def _content(score: Any) -> Any:
    return (score >= 4).cast("int64")


def _as_it_is(score: Any) -> Any:
    return score.cast("float64")


NPS = Metric(
    slug="nps",
    label=Text("Net promoter score (NPS)", "净推荐值（NPS）"),
    meaning=Text(
        "Share of promoters (9 or 10 of 10) minus share of detractors (0 to 6), times 100: from −100 to 100. "
        f"{EVERY.en}",
        f"推荐者（9–10 分）占比减去贬损者（0–6 分）占比，乘以 100，介于 −100 与 100 之间。{EVERY.zh}",
    ),
    numerator=Text("100 × (promoters − detractors)", "100 ×（推荐者数 − 贬损者数）"),
    denominator=Text("answers to NPS questions in the period", "期内 NPS 答卷数"),
    unit="score",
    grain="customer",
    rows=_answers("nps", 0, 10, _recommends),
    unknown=NO_ANSWERS,
)

CSAT = Metric(
    slug="csat",
    label=Text("Satisfaction (CSAT)", "满意度（CSAT）"),
    meaning=Text(
        f"Share of the answers on satisfaction that are 4 or 5, on the scale from 1 to 5. {EVERY.en}",
        f"满意度答卷中 4 分或 5 分（满分 5 分）的占比。{EVERY.zh}",
    ),
    numerator=Text("answers of 4 or 5", "4 分或 5 分的答卷数"),
    denominator=Text("answers on satisfaction in the period", "期内满意度答卷数"),
    unit="share",
    grain="customer",
    rows=_answers("csat", 1, 5, _content),
    unknown=NO_ANSWERS,
)

CES = Metric(
    slug="ces",
    label=Text("Customer effort score (CES)", "客户费力度（CES）"),
    meaning=Text(
        f"Average answer on how easy it was, on the scale from 1 to 7, where 7 is very easy. {EVERY.en}",
        f"“办事是否轻松”的平均分，1 至 7 分，7 分为非常轻松。{EVERY.zh}",
    ),
    numerator=Text("scores on effort in the period", "期内费力度得分之和"),
    denominator=Text("answers on effort in the period", "期内费力度答卷数"),
    unit="score",
    grain="customer",
    rows=_answers("ces", 1, 7, _as_it_is),
    unknown=NO_ANSWERS,
)

CATALOGUE = (NPS, CSAT, CES)
