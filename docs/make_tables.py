"""Write the tables of the pages in this folder from what the code declares.

    .venv/bin/python docs/make_tables.py

Each table stands between ``<!-- table: NAME -->`` and ``<!-- end of table -->``; everything else is written by hand.
``tests/test_docs.py`` checks that the pages are in step.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from huoshui.kernel.texts import Language

HERE = Path(__file__).resolve().parent
PAGES: dict[str, Language] = {
    "traits-and-metrics.md": "en",
    "traits-and-metrics.zh-CN.md": "zh",
    "imports.md": "en",
    "imports.zh-CN.md": "zh",
    "demo.md": "en",
    "demo.zh-CN.md": "zh",
    "security.md": "en",
    "security.zh-CN.md": "zh",
}
MARK = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end of table -->)", re.DOTALL)
MOST_NAMES = 4

Rows = Iterable[Sequence[str]]


def rendered(page: str) -> str:
    """The text of ``page`` as it should be. Django must be set up. Raises ``KeyError`` for an unknown table."""
    language = PAGES[page]

    def table(match: re.Match[str]) -> str:
        name, _, argument = match[2].partition(":")
        lines = _lines(*TABLES[name](language, argument))
        return f"{match[1]}\n{lines}\n\n{match[3]}"

    return MARK.sub(table, (HERE / page).read_text(encoding="utf-8"))


def _lines(head: Sequence[str], rows: Rows) -> str:
    ruler = ["---"] * len(head)
    return "\n".join(f"| {' | '.join(_cell(c) for c in row)} |" for row in (head, ruler, *rows))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _traits(language: Language, _: str) -> tuple[Sequence[str], Rows]:
    from huoshui.kernel.plugs import TRAITS

    zh = language == "zh"
    head = ("特征", "名称", "含义", "单位", "类型") if zh else ("trait", "name", "meaning", "unit", "type")
    rows = [
        (
            f"`{trait.slug}`",
            trait.label.in_(language),
            trait.meaning.in_(language),
            trait.unit.in_(language) if trait.unit else "",
            f"`{trait.type}`",
        )
        for trait in TRAITS
    ]
    return head, rows


def _codes(language: Language, slug: str) -> tuple[Sequence[str], Rows]:
    from huoshui.kernel.plugs import TRAITS

    head = ("代码", "名称") if language == "zh" else ("code", "name")
    values = TRAITS[slug].values.items()
    return head, [(f"`{code}`", label.in_(language)) for code, label in values]


def _metrics(language: Language, _: str) -> tuple[Sequence[str], Rows]:
    from huoshui.kernel.plugs import METRICS

    zh = language == "zh"
    head = ("指标", "名称", "分子", "分母") if zh else ("metric", "name", "numerator", "denominator")
    rows = [
        (
            f"`{metric.slug}`",
            metric.label.in_(language),
            metric.numerator.in_(language),
            metric.denominator.in_(language) if metric.denominator else "",
        )
        for metric in METRICS
    ]
    return head, rows


def _meanings(language: Language, _: str) -> tuple[Sequence[str], Rows]:
    from huoshui.kernel.plugs import METRICS

    zh = language == "zh"
    head = ("指标", "含义、退货与匿名销售") if zh else ("metric", "meaning, returns and anonymous sales")
    return head, [(f"`{metric.slug}`", metric.meaning.in_(language)) for metric in METRICS]


def _grid(language: Language, _: str) -> tuple[Sequence[str], Rows]:
    from huoshui.science import rfm

    names = {one.code: one.label.in_(language) for one in rfm.SEGMENTS}
    rows = [
        (f"**R = {r}**", *(names[code] for code in rfm.SEGMENT_GRID[r]))
        for r in sorted(rfm.SEGMENT_GRID, reverse=True)
    ]
    return ("", *(f"F = {f}" for f in range(1, 6))), rows


def _segments(language: Language, _: str) -> tuple[Sequence[str], Rows]:
    from huoshui.science import rfm

    zh = language == "zh"
    head = ("代码", "名称", "特点") if zh else ("code", "name", "who they are")
    return head, [(f"`{s.code}`", s.label.in_(language), s.meaning.in_(language)) for s in rfm.SEGMENTS]


def _fields(language: Language, slug: str) -> tuple[Sequence[str], Rows]:
    from huoshui.data.connectors.kinds import KINDS

    kind = KINDS[slug]
    alone = {group[0] for group in kind.required if len(group) == 1}
    one_of = {name for group in kind.required if len(group) > 1 for name in group}

    def needed(name: str) -> str:
        if language == "zh":
            return "必需" if name in alone else "其一必需" if name in one_of else ""
        return "yes" if name in alone else "one of these" if name in one_of else ""

    if language == "zh":
        head: Sequence[str] = ("字段", "必需", "可识别的列名（部分）")
        return head, [(f"`{f.name}`", needed(f.name), _names(f.aliases, chinese=True)) for f in kind.fields]
    head = ("field", "needed", "type", "meaning", "some of the column names understood")
    rows = [
        (
            f"`{f.name}`",
            needed(f.name),
            f.type,
            f.doc,
            ", ".join(n for n in (_names(f.aliases, chinese=False), _names(f.aliases, chinese=True)) if n),
        )
        for f in kind.fields
    ]
    return head, rows


def _profiles(language: Language, _: str) -> tuple[Sequence[str], Rows]:
    from huoshui.data.connectors.tools import TOOLS

    zh = language == "zh"
    head = (
        ("档案", "内容", "`--as`", "识别依据的列", "格式来自")
        if zh
        else (("profile", "what", "`--as`", "recognised by", "format known from"))
    )
    guessed = "推测" if zh else "guessed"
    rows = [
        (
            f"`{tool.name}`",
            tool.label.in_(language),
            f"`{tool.kind}`",
            ("、" if zh else ", ").join(tool.signature),
            tool.documented or guessed,
        )
        for tool in TOOLS.values()
    ]
    return head, rows


def _reasons(language: Language, _: str) -> tuple[Sequence[str], Rows]:
    from huoshui.data.connectors.reasons import REASONS

    head = ("代码", "原因") if language == "zh" else ("code", "reason")
    return head, [(f"`{reason.code}`", reason.text.in_(language)) for reason in REASONS]


def _rights(language: Language, _: str) -> tuple[Sequence[str], Rows]:
    from huoshui.desk.users.words import RIGHTS, SHORT_ROLES
    from huoshui.kernel.actors import RIGHTS as OF_ROLE

    head = ("权限", "含义") if language == "zh" else ("right", "lets people")
    rows = [
        (f"`{right}`", words.in_(language), *("✓" if right in OF_ROLE[role] else "" for role in SHORT_ROLES))
        for right, words in RIGHTS.items()
    ]
    return (*head, *(role.in_(language) for role in SHORT_ROLES.values())), rows


def _demo(language: Language, subject: str) -> tuple[Sequence[str], Rows]:
    from huoshui.demo import papers

    return papers.table(subject, language)


def _names(aliases: Sequence[str], *, chinese: bool) -> str:
    wanted = [a for a in aliases if any("\u4e00" <= c <= "\u9fff" for c in a) == chinese]
    return ("、" if chinese else ", ").join(wanted[:MOST_NAMES])


TABLES: dict[str, Callable[[Language, str], tuple[Sequence[str], Rows]]] = {
    "traits": _traits,
    "codes": _codes,
    "metrics": _metrics,
    "metric-meanings": _meanings,
    "rfm-grid": _grid,
    "rfm-segments": _segments,
    "fields": _fields,
    "profiles": _profiles,
    "reasons": _reasons,
    "rights": _rights,
    "demo": _demo,
}


def main() -> None:
    """Write all pages anew."""
    for name in [name for name in os.environ if name.startswith("HUOSHUI_")]:
        del os.environ[name]
    os.environ["DJANGO_SETTINGS_MODULE"] = "huoshui.project.settings"
    os.chdir(HERE)  # so that no huoshui.toml of a house is read
    import django

    django.setup()
    for page in PAGES:
        (HERE / page).write_text(rendered(page), encoding="utf-8")


if __name__ == "__main__":
    main()
