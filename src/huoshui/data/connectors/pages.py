"""Values of the pages of imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.data.connectors.models import Load
from huoshui.data.connectors.reasons import reason_of
from huoshui.data.connectors.refusals import Refusal, refusal_in
from huoshui.data.connectors.refusals import said as said_of
from huoshui.data.connectors.tools import TOOLS
from huoshui.data.connectors.understanding import WHY
from huoshui.data.connectors.words import FIELD_WORDS, KIND_WORDS, RULES, TABLE_WORDS
from huoshui.data.privacy.reach import Reach
from huoshui.data.privacy.words import CHANNELS
from huoshui.desk.jobs.queries import Work
from huoshui.kernel.texts import Language, Text
from huoshui.web import figures
from huoshui.web.lists import Fact, Part, Progress, Tone

STATES: dict[str, tuple[Text, Tone]] = {
    "loading": (Text("loading", "导入中"), "info"),
    "loaded": (Text("loaded", "已导入"), "good"),
    "undoing": (Text("being undone", "撤销中"), "info"),
    "undone": (Text("undone", "已撤销"), ""),
    "failed": (Text("failed", "失败"), "bad"),
}


@dataclass(frozen=True, slots=True)
class Why:
    """A reason for rejected rows: how many, and the first of them."""

    words: str
    rows: int
    example: str


def steps(at: int) -> list[dict[str, Any]]:
    """The five steps of an import; ``at`` is the number of the one that the page shows."""
    names = (_("File"), _("Fields"), _("Dry run"), _("Import"), _("Result"))
    return [
        {"number": n, "name": name, "done": n < at, "current": n == at}
        for n, name in enumerate(names, start=1)
    ]


def kind_in(kind: str, language: Language) -> str:
    """The kind of an import in words."""
    return KIND_WORDS[kind].in_(language) if kind in KIND_WORDS else kind


def field_in(name: str, language: Language) -> str:
    """A field of an import in words."""
    return FIELD_WORDS[name].in_(language) if name in FIELD_WORDS else name


def split(report: Mapping[str, Any], language: Language) -> list[Part]:
    """Loaded and rejected rows as parts of the whole."""
    parts = [
        (Text("usable", "可导入") if report.get("dry_run") else Text("loaded", "已导入"), "loaded", "c1"),
        (Text("rejected", "拒绝"), "rejected", "c2"),
    ]
    return [
        Part(
            label=words.in_(language),
            number=figures.count(report.get(name, 0), language),
            size=float(report.get(name, 0)),
            colour=colour,
        )
        for words, name, colour in parts
    ]


def counts(numbers: Mapping[str, int], language: Language) -> list[Fact]:
    """Numbers by table."""
    return [
        Fact(
            name=TABLE_WORDS[slug].in_(language) if slug in TABLE_WORDS else slug,
            value=figures.count(number, language),
        )
        for slug, number in numbers.items()
    ]


def reach(found: Reach | None, language: Language) -> list[Fact]:
    """Of how many people, how many marketing reaches by each channel, and how many it does not reach at all."""
    if found is None:
        return []
    by = [
        Fact(name=CHANNELS[one].in_(language), value=figures.count(n, language))
        for one, n in found.by.items()
    ]
    return [
        Fact(name=_("people"), value=figures.count(found.people, language)),
        *by,
        Fact(name=_("agreed to no marketing"), value=figures.count(found.silent, language)),
    ]


def rules(report: Mapping[str, Any], language: Language) -> list[Fact]:
    """The oddities of the file and what was done about them."""
    return [
        Fact(name=RULES[slug].in_(language) if slug in RULES else slug, value=figures.count(number, language))
        for slug, number in report.get("rules", {}).items()
    ]


def whys(report: Mapping[str, Any], language: Language) -> list[Why]:
    """Why rows were rejected, most frequent first, each with the first row of it that is known."""
    names = sorted({r["field"] for r in report.get("rejections", ()) if r["field"]}, key=len, reverse=True)
    firsts = report.get("first_rejects", ())
    found = []
    for given, rows in report.get("reasons", {}).items():
        name = next((n for n in names if given.startswith(f"{n} ")), "")
        words = given[len(name) :].strip()
        try:
            reason = reason_of(words).in_(language, words)
        except LookupError:
            reason = words
        column = report.get("mapping", {}).get(name, "")
        example = next((f for f in firsts if f["column"] == column and _is(f["reason"], words)), None)
        found.append(
            Why(
                words=f"{field_in(name, language)}{'' if language == 'zh' else ' '}{reason}"
                if name
                else reason,
                rows=rows,
                example=_example(example, language) if example else "",
            )
        )
    return found


def firsts(report: Mapping[str, Any], language: Language) -> list[dict[str, Any]]:
    """The first rejected rows: line, column and reason, in the language of the reader and not of who tried."""
    return [
        {**first, "reason": _told_in(first["reason"], report, language)}
        for first in report.get("first_rejects", ())
    ]


def understood(report: Mapping[str, Any], language: Language) -> list[Fact]:
    """How the file was read, and why so."""
    tool = TOOLS.get(report.get("profile", ""))
    separators = {",": _("comma"), "\t": _("tab"), ";": _("semicolon"), "|": _("bar")}
    parts = [
        (_("Profile"), tool.label.in_(language) if tool else report.get("profile", ""), "profile"),
        (_("Source"), report.get("source", ""), "source"),
        (_("Currency of the amounts"), report.get("currency", ""), "currency"),
        (_("Time zone of the times"), report.get("time_zone", ""), "time_zone"),
        (_("Encoding"), report.get("encoding", "").upper(), ""),
        (_("Cells are separated by"), separators.get(report.get("delimiter", ""), ""), ""),
        (_("Sheet"), report.get("sheet", ""), ""),
    ]
    why = report.get("why", {})
    return [
        Fact(name=name, value=value, why=WHY[why[code]].in_(language) if why.get(code) in WHY else "")
        for name, value, code in parts
        if value
    ]


def mapping(report: Mapping[str, Any], language: Language) -> list[Fact]:
    """Which column was read as what."""
    cents = report.get("cents", ())
    hundredths = _("hundredths")
    return [
        Fact(name=field_in(name, language), value=f"{column} ({hundredths})" if name in cents else column)
        for name, column in report.get("mapping", {}).items()
    ]


def failure(load: Load, language: Language) -> Refusal | None:
    """Why a load failed, in words."""
    if load.state != Load.State.FAILED:
        return None
    parts = load.report.get("refusal") or {}
    return (
        refusal_in(language, parts)
        if parts
        else Refusal("", said_of(load.report.get("failed", ""), language))
    )


def progress(work: Work, language: Language, *, title: str, poll: str) -> Progress:
    """A job as the page of an import shows it."""
    note = work.note.in_(language) if work.note else ""
    if work.cancelling and not work.ended:
        note = _("It comes to a stop …")
    elif work.state == "waiting":
        note = _("Waits for a worker.")
    return Progress(
        title=title,
        state=work.state,
        note=note,
        share=min(1.0, work.done / work.of) if work.of and work.done is not None else None,
        poll=poll,
        cancel="" if work.cancelling else reverse("jobs:cancel", args=[work.id]),
    )


def size(number: int) -> str:
    """A size of a file."""
    for unit, bytes_ in (("GB", 1024**3), ("MB", 1024**2), ("KB", 1024)):
        if number >= bytes_:
            return f"{number / bytes_:.1f} {unit}"
    return f"{number} B"


def _told_in(told: str, report: Mapping[str, Any], language: Language) -> str:
    """The reason of a rejected row in ``language``; the cell that it quotes stays."""
    for given in report.get("reasons", {}):
        words = given
        while words:
            try:
                reason = reason_of(words)
            except LookupError:
                words = words.partition(" ")[2]
                continue
            for ending in (words, reason.in_("zh", words)):
                if told.endswith(ending):
                    return told.removesuffix(ending) + reason.in_(language, words)
            break
    return told


def _is(told: str, words: str) -> bool:
    """Whether a rejected row was told for the reason whose English words are given; it quotes its cell before them."""
    try:
        reason = reason_of(words)
    except LookupError:
        return told.endswith(words)
    return told.endswith((words, reason.in_("zh", words)))


def _example(first: Mapping[str, Any], language: Language) -> str:
    cell = first["reason"].partition("” ")[0]
    cell = f" {cell}”" if cell.startswith("“") else ""
    return f"第 {first['line']} 行{cell}" if language == "zh" else f"line {first['line']}{cell}"
