"""The form of a block, and of a plan as a whole: what can be chosen, and what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import QueryDict

from huoshui.data.customers.conditions import offered_populations
from huoshui.kernel.actors import Actor
from huoshui.kernel.plugs import TRAITS
from huoshui.kernel.texts import Language, Text
from huoshui.know.research import queries as research
from huoshui.know.segments import queries as segments
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.dimensions import IN, named
from huoshui.plan.plans.document.content import Block
from huoshui.plan.plans.document.kinds import COMPARISONS, GROUPS, KINDS, LOOKS, PERIODS, TIMES, Look

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot

Options = Sequence[tuple[str, str]]
Groups = Sequence[tuple[str, Options]]
CHOOSE = Text("choose one", "请选择")
EVERYTHING = Text("everything", "全部")
NO_MORE = Text("(no longer there)", "（已不存在）")
NOT_BY = ("day", "week", "month", "quarter", "year", "product")
"""Dimensions that a block is not split by: times are offered by themselves, products are too many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field of the form. ``chosen`` are the codes that are chosen where it takes several."""

    name: str
    label: str
    help: str
    look: Look
    value: str
    longest: int
    groups: Groups = ()
    chosen: tuple[str, ...] = ()
    rows: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A block in its form."""

    label: str
    says: str
    fields: Sequence[Field]


def form(block: Block, *, actor: Actor, tables: Snapshot, language: Language) -> Form:
    """The form of a block with what it says."""
    kind = KINDS[block.kind]
    fields = []
    for one in kind.fields:
        groups = _offered(block.kind, one.name, actor, tables, language)
        value, chosen = block[one.name], block.several(one.name)
        if groups:
            known = {code for _label, options in groups for code, _words in options}
            missing = [c for c in (chosen if one.look == "choices" else (value,)) if c not in known]
            gone = [(code, f"{code} {NO_MORE.in_(language)}") for code in missing if code]
            if one.look == "choice" and value not in known and not value:
                gone = [("", CHOOSE.in_(language))]
            # What vanished stays chosen, and says so: looking at a form changes nothing.
            groups = [*([("", gone)] if gone else []), *groups]
        fields.append(
            Field(
                name=one.name,
                label=one.label.in_(language),
                help=one.help.in_(language) if one.help else "",
                look=one.look,
                value=value,
                longest=one.longest,
                groups=groups,
                chosen=chosen,
                rows=14 if one.longest > 5000 else 4,
            )
        )
    return Form(label=kind.label.in_(language), says=kind.says.in_(language), fields=fields)


def read(sent: QueryDict, block: Block) -> dict[str, str]:
    """What the form says of a block of this kind. Of several, those that were chosen before keep their order."""
    values = {}
    for one in KINDS[block.kind].fields:
        if one.look == "choices":
            sent_codes = [code for code in sent.getlist(one.name) if code and "," not in code]
            kept = [code for code in block.several(one.name) if code in sent_codes]
            values[one.name] = ",".join(dict.fromkeys([*kept, *sent_codes]))
        elif one.name in sent:
            values[one.name] = str(sent[one.name])
    return values


def _offered(
    kind: str, name: str, actor: Actor, tables: Snapshot, language: Language
) -> list[tuple[str, Options]]:
    fixed: Mapping[str, Mapping[str, Text]] = {
        "period": PERIODS,
        "compare": COMPARISONS,
        "look": LOOKS,
        "group": GROUPS,
    }
    if name in fixed:
        return [("", _said(fixed[name], language))]
    if name in ("metric", "metrics"):
        return [("", [(one.slug, one.label.in_(language)) for one in metrics.catalogue()])]
    if name == "segment":
        return [("", _said(segments.names(), language))]
    if name == "by":
        split = [
            (one.slug, one.label.in_(language))
            for one in metrics.dimensions(tables)
            if one.slug not in NOT_BY
        ]
        times = _said(TIMES, language) if kind == "chart" else []
        return [(Text("Time", "时间").in_(language), times), ("", split)] if times else [("", split)]
    if name == "slice":
        return _slices(language)
    if name == "cites":
        offered = [(one.key, one.title) for one in research.citations(actor=actor)]
        return [("", offered)] if offered else []
    return []


def _slices(language: Language) -> list[tuple[str, Options]]:
    groups: list[tuple[str, Options]] = [("", [("", EVERYTHING.in_(language))])]
    if of_people := [(f"{IN}:{group}", name.in_(language)) for group, name in offered_populations()]:
        groups.append((named(IN).in_(language), of_people))
    for trait in TRAITS:
        if trait.values:
            codes = [(f"{trait.slug}:{code}", text.in_(language)) for code, text in trait.values.items()]
            groups.append((trait.label.in_(language), codes))
    return groups


def _said(offered: Mapping[str, Text], language: Language) -> list[tuple[str, str]]:
    return [(code, text.in_(language)) for code, text in offered.items()]
