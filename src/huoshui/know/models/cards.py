"""The card of a model as templates show it: ``{% include "models/_card.html" %}`` with ``card``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huoshui.kernel.charts import Chart, Series
from huoshui.kernel.texts import Language, Text
from huoshui.know.models.kinds import Judged, Line, ModelKind, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is said of a model; ``trained_at`` is empty before the first training."""

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
        errors=_errors(judged, language) if judged else (),
        covered="" if judged is None or judged.covered is None else f"{judged.covered * 100:.1f}%",
        chart=_chart(judged) if judged else None,
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


def _errors(judged: Judged, language: Language) -> list[tuple[str, str]]:
    own = Text("this model", "本模型")
    return [(name.in_(language), f"{error:.3f}") for name, error in ((own, judged.model), *judged.rules)]


def _chart(judged: Judged) -> Chart | None:
    if not judged.classes:
        return None
    return Chart(
        kind="bar",
        title=Text("Came and foretold, per customer", "实际与预测，人均"),
        axis=Text("Repeat purchases before", "此前复购次数"),
        unit="count",
        places=tuple(Text(name, name) for name, *_ in judged.classes),
        series=(
            Series(
                name=Text("came", "实际"), values=tuple(round(came, 3) for _, _, came, _ in judged.classes)
            ),
            Series(
                name=Text("foretold", "预测"),
                values=tuple(round(told, 3) for _, _, _, told in judged.classes),
                colour="c0",
            ),
        ),
    )
