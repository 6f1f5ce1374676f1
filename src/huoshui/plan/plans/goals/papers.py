"""The goal tree as elements of a paper: the same on the page of a plan, in a snapshot and in every export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from huoshui.kernel.papers import Element, Grid, Notice, Points, Run, Tone
from huoshui.kernel.texts import Language, Text
from huoshui.measure.metrics import queries as metrics
from huoshui.plan.plans.goals import sentences
from huoshui.plan.plans.goals.checking import PARTS_NAMED, Check
from huoshui.plan.plans.goals.pace import PACES, Pace
from huoshui.plan.plans.goals.standing import Standing

TONES: Mapping[Pace, Tone] = {
    "ahead": "good",
    "on_track": "good",
    "behind": "warning",
    "far_behind": "bad",
    "reached": "good",
    "missed": "bad",
    "not_begun": "muted",
    "unknown": "muted",
}
HEAD = (
    Text("Goal", "目标"),
    Text("Target", "目标值"),
    Text("Actual", "实际"),
    Text("By now", "此时应为"),
    Text("Pace", "进度"),
    Text("Forecast", "预测"),
    Text("Chance", "达成概率"),
    Text("Owner", "负责人"),
)
NONE = Text("No goals are set yet.", "还没有设定目标。")


def elements(
    standings: Sequence[Standing], checks: Sequence[Check], *, currency: str, language: Language
) -> tuple[Element, ...]:
    """A table of the tree, and below it what is not known, what does not add up, and what forecasts go by."""
    if not standings:
        return (Notice(text=NONE.in_(language), tone="muted"),)
    rows = tuple(_row(one, currency, language) for one in standings)
    tones = tuple((place, 4, TONES[one.pace]) for place, one in enumerate(standings))
    opens = tuple((place, 2, one.opens) for place, one in enumerate(standings) if one.opens)
    head = tuple(one.in_(language) for one in HEAD)
    if not any(row[-1] for row in rows):  # nobody answers for one: a column of nothing says less than none
        head, rows = head[:-1], tuple(row[:-1] for row in rows)
    table = Grid(
        title=Text("Goals and how they stand", "目标与进展").in_(language),
        head=head,
        rows=rows,
        numeric=(1, 2, 3, 5, 6),
        tones=tones,
        opens=opens,
    )
    colon = "：" if language == "zh" else ": "
    said = [f"{one.goal.name}{colon}{one.problem.in_(language)}" for one in standings if one.problem]
    said += [
        f"{one.goal.name}{colon}{words}" for one in checks for words in check_words(one, currency, language)
    ]
    said += sentences.levels(standings, currency, language)
    notes = (Points(items=tuple((Run(text=text),) for text in said)),) if said else ()
    return (table, *notes)


def check_words(one: Check, currency: str, language: Language) -> list[str]:
    """What is not in order with the parts of a goal; nothing where they add up."""
    said = [note.in_(language) for note in one.notes]
    if one.sum is not None and not one.sum.exact:
        metric = metrics.metric(one.goal.metric)
        off = sentences.written(metric, abs(one.sum.missing), currency, language)
        named = PARTS_NAMED[one.part]
        words = (
            Text(f"Its {named.en} lack {off} of the target.", f"各{named.zh}合计比目标少 {off}。")
            if one.sum.missing > 0
            else Text(f"Its {named.en} are {off} over the target.", f"各{named.zh}合计比目标多 {off}。")
        )
        said.append(words.in_(language))
    return said


def _row(one: Standing, currency: str, language: Language) -> tuple[str, ...]:
    indent = "\N{EM SPACE}" * one.goal.depth
    known = one.actual is not None

    def value(amount: Decimal | None) -> str:
        return sentences.written(one.metric, amount, currency, language) if amount is not None else "–"

    return (
        indent + one.goal.name,
        sentences.written(one.metric, one.target, currency, language),
        sentences.written(one.metric, one.actual, currency, language) if known or one.problem else "–",
        value(one.expected),
        PACES[one.pace].in_(language),
        value(one.forecast),
        sentences.percent(one.probability) if one.probability is not None else "–",
        one.goal.owner,
    )
