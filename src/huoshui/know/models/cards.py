"""The card of a model as templates show it: ``{% include "models/_card.html" %}`` with ``card``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huoshui.kernel.charts import Chart, Series, Unit
from huoshui.kernel.texts import Language, Text
from huoshui.know.models.kinds import Judged, Line, ModelKind, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is said of a model; ``trained_at`` is empty before the first training.

    What is counted, not trained, has a card too (`counted`): its ``number`` is 0, and ``trained_at`` is its moment.
    ``measure`` says what ``errors`` are.
    """

    title: str
    meaning: str
    name: str
    number: int
    enough: bool
    trained_at: datetime | None
    as_of: datetime | None
    reasons: Sequence[str]
    data: Sequence[tuple[str, str, str]]
    parameters: Sequence[tuple[str, str, str]]
    verdict: str
    wins: bool
    measure: str
    errors: Sequence[tuple[str, str]]
    covered: str
    chart: Chart | None


def card(kind: ModelKind, version: Version | None, language: Language) -> Card:
    """The card of the version in use."""
    trained = version.trained if version else None
    judged = trained.judged if trained else None
    return Card(
        title=kind.label.in_(language),
        meaning=kind.meaning.in_(language),
        name=trained.name.in_(language) if trained else "",
        number=version.number if version else 0,
        enough=bool(trained and trained.enough),
        trained_at=version.trained_at if version else None,
        as_of=version.as_of if version else None,
        reasons=[one.in_(language) for one in trained.reasons] if trained else (),
        data=_lines(trained.data, language) if trained else (),
        parameters=_lines(trained.parameters, language) if trained else (),
        verdict=_verdict(judged).in_(language) if judged else "",
        wins=bool(judged and judged.wins),
        measure=_measure(judged).in_(language) if judged else "",
        errors=_errors(judged, language) if judged else (),
        covered="" if judged is None or judged.covered is None else f"{judged.covered * 100:.1f}%",
        chart=_chart(judged) if judged else None,
    )


def counted(
    *,
    title: Text,
    meaning: Text,
    name: Text,
    at: datetime,
    reasons: Sequence[Text],
    data: Sequence[Line],
    verdict: Text | None,
    measure: Text | None,
    errors: Sequence[tuple[Text, str]],
    wins: bool,
    chart: Chart | None,
    language: Language,
) -> Card:
    """The card of a rule or a count as of ``at``: nothing is trained, but it is judged as models are.

    The data suffice where there are no ``reasons`` against it. ``errors`` are in words, the rule's own first.
    """
    return Card(
        title=title.in_(language),
        meaning=meaning.in_(language),
        name=name.in_(language),
        number=0,
        enough=not reasons,
        trained_at=at,
        as_of=at,
        reasons=[one.in_(language) for one in reasons],
        data=_lines(data, language),
        parameters=(),
        verdict=verdict.in_(language) if verdict else "",
        wins=wins,
        measure=measure.in_(language) if measure else "",
        errors=[(one.in_(language), figure) for one, figure in errors],
        covered="",
        chart=chart,
    )


def _lines(lines: Sequence[Line], language: Language) -> list[tuple[str, str, str]]:
    return [
        (line.name.in_(language), line.value.in_(language), line.note.in_(language) if line.note else "")
        for line in lines
    ]


def _verdict(judged: Judged) -> Text:
    off = (judged.foretold / judged.actual - 1) * 100 if judged.actual else 0.0
    total = Text(
        f"In the {judged.days} days it did not see, it foretold {judged.foretold:,.0f} {judged.unit.en}; "
        f"{judged.actual:,.0f} came ({off:+.1f}%).",
        f"在未参与训练的 {judged.days} 天里，预计 {judged.foretold:,.0f} {judged.unit.zh}，实际 {judged.actual:,.0f} 个"
        f"（{off:+.1f}%）。",
    )
    best = min(judged.rules, key=lambda rule: rule[1])
    beat = (
        Text(
            f"For single customers it is nearer than {best[0].en}.",
            f"对单个客户的预测优于“{best[0].zh}”这一简单规则。",
        )
        if judged.wins
        else Text(
            f"For single customers {best[0].en} was nearer.",
            f"对单个客户，“{best[0].zh}”这一简单规则更接近实际。",
        )
    )
    return Text(f"{total.en} {beat.en}".replace("-", "−"), f"{total.zh}{beat.zh}".replace("-", "−"))


def _measure(judged: Judged) -> Text:
    return Text(
        f"Mean error per customer, in {judged.unit.en}", f"每位客户的平均误差（单位：{judged.unit.zh}）"
    )


def _errors(judged: Judged, language: Language) -> list[tuple[str, str]]:
    own = Text("this model", "本模型")
    return [(name.in_(language), f"{error:.3f}") for name, error in ((own, judged.model), *judged.rules)]


def _chart(judged: Judged) -> Chart | None:
    if not judged.classes:
        return None
    return came_and_foretold(
        title=Text("Came and foretold, per customer", "实际与预测，人均"),
        axis=Text("Repeat purchases before", "此前复购次数"),
        unit="count",
        rows=[(Text(name, name), round(came, 3), round(told, 3)) for name, _, came, told in judged.classes],
    )


def came_and_foretold(
    *, title: Text, axis: Text, unit: Unit, rows: Sequence[tuple[Text, float, float | None]]
) -> Chart:
    """The plot of a back-test: for each class what came, beside what was foretold (None: nothing could be)."""
    return Chart(
        kind="bar",
        title=title,
        axis=axis,
        unit=unit,
        places=tuple(name for name, _, _ in rows),
        series=(
            Series(name=Text("came", "实际"), values=tuple(came for _, came, _ in rows)),
            Series(name=Text("foretold", "预测"), values=tuple(told for *_, told in rows), colour="c0"),
        ),
    )
