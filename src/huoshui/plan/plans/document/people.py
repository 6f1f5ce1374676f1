"""Blocks about people: a segment in a sentence and numbers, and a persona with the figures of its segment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlencode

from django.urls import reverse

from huoshui.kernel.clock import AsOf
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.papers import Element, Fact, Facts, Grid, Heading, Notice, Paragraph, Quote
from huoshui.kernel.texts import Text
from huoshui.know.segments import queries as segments
from huoshui.know.segments.queries import Count, Described
from huoshui.lake.kept import kept
from huoshui.measure.metrics.cells import of_period
from huoshui.measure.metrics.dimensions import IN
from huoshui.measure.metrics.periods import Period
from huoshui.plan.plans.document.content import Block
from huoshui.plan.plans.document.figures import Ask
from huoshui.plan.plans.document.measured import NOT_SET
from huoshui.plan.plans.document.reader import CannotSay, Reader
from huoshui.plan.plans.document.words import plain, points
from huoshui.web import figures

FACTS_OF_PERSONAS = ("average_order_value", "orders", "revenue")
"""The metrics of its segment that stand on a persona, of the last 365 days."""
DAYS = 365
GONE = Text("There is no segment “{}” any more.", "分群“{}”已不存在。")
UNCOUNTED = Text(
    "This segment cannot be counted: its rule means nothing any more.", "这个分群无法统计：规则已失效。"
)


def segment(block: Block, reader: Reader) -> tuple[Element, ...]:
    """Who they are, how many, and which share of all customers."""
    if not block["segment"]:
        raise CannotSay(NOT_SET)
    described = _described(block["segment"], reader)
    said: list[Element] = [
        Heading(text=reader.say(_known(reader)[described.slug]), level=3),
        Paragraph(words=plain(reader.say(described.sentence))),
    ]
    counted = _counts(reader).get(described.slug)
    if counted is None:
        return (*said, Notice(text=reader.say(UNCOUNTED)))
    return (*said, Facts(facts=_sizes(described.slug, counted, reader)))


def asks_of_persona(block: Block, reader: Reader) -> list[Ask]:
    """What a persona asks for, of its segment."""
    if not block["segment"] or block["segment"] not in _known(reader):
        return []
    return [
        Ask(metric=slug, period=_year(reader), cut=((IN, f"segment:{block['segment']}"),))
        for slug in FACTS_OF_PERSONAS
    ]


def persona(block: Block, reader: Reader) -> tuple[Element, ...]:
    """A persona: computed facts of its segment, then what people wrote."""
    name = block["name"] or reader.say(Text("Persona without a name", "未命名画像"))
    said: list[Element] = [Heading(text=name, level=3)]
    if block["story"]:
        said.append(Paragraph(words=plain(block["story"])))
    if block["segment"]:
        said += _of_segment(block, reader)
    columns = [
        (reader.say(label), [line[0].text for line in points(block[field])])
        for field, label in (
            ("pains", Text("Pains", "痛点")),
            ("expectations", Text("Expectations", "期望")),
            ("behaviour", Text("Behaviour", "行为")),
        )
        if block[field]
    ]
    if columns:
        cells = tuple("\n".join(lines) for _label, lines in columns)
        said.append(Grid(title="", head=tuple(label for label, _lines in columns), rows=(cells,)))
    if block["case"]:
        by = reader.say(Text("a real case", "真实案例"))
        said.append(Quote(words=plain(block["case"]), by=by))
    return tuple(said)


def _of_segment(block: Block, reader: Reader) -> list[Element]:
    try:
        described = _described(block["segment"], reader)
    except CannotSay as error:
        return [Notice(text=reader.say(error.words))]
    counted = _counts(reader).get(described.slug)
    if counted is None:
        return [Notice(text=reader.say(UNCOUNTED))]
    facts, problems = list(_sizes(described.slug, counted, reader)), []
    for ask in asks_of_persona(block, reader):
        try:
            declared = reader.figures.metric(ask.metric)
            value = reader.figures.value(ask)
        except HuoshuiError as error:
            problems.append(Notice(text=reader.refusal(error)))
            continue
        if not value:
            continue  # nobody of them bought in these days, which their number says
        facts.append(
            Fact(
                label=reader.say(declared.label),
                value=str(figures.headline(declared, value, reader.house.currency, reader.language)),
                note=reader.say(Text(f"last {DAYS} days", f"最近 {DAYS} 天")),
                opens=of_period(ask.metric, ask.period, dict(ask.cut)).customers,
            )
        )
    name = _known(reader)[described.slug]
    note = Text(f"Segment: {name.en}", f"分群：{name.zh}")
    return [Paragraph(words=plain(reader.say(note))), Facts(facts=tuple(facts)), *problems]


def _sizes(slug: str, counted: Count, reader: Reader) -> tuple[Fact, ...]:
    address = f"{reverse('customers:list')}?{urlencode({'in': f'segment:{slug}'})}"
    day = Period.before(AsOf(at=counted.as_of, zone=reader.house.zone), days=1).first_day
    share = counted.count / counted.customers if counted.customers else None
    return (
        Fact(
            label=reader.say(Text("Customers", "客户数")),
            value=figures.count(counted.count, reader.language),
            note=reader.say(Text(f"as of {day}", f"截至 {day}")),
            opens=address if counted.count else "",
        ),
        Fact(
            label=reader.say(Text("Share of all customers", "占全部客户")),
            value=figures.share(share, reader.language),
            note=reader.say(
                Text(
                    f"of {figures.count(counted.customers, 'en')}",
                    f"共 {figures.count(counted.customers, 'zh')} 位客户",
                )
            ),
        ),
    )


def _known(reader: Reader) -> Mapping[str, Text]:
    if "segments" not in reader.shared:
        reader.shared["segments"] = segments.names()
    found: Mapping[str, Text] = reader.shared["segments"]
    return found


def _described(slug: str, reader: Reader) -> Described:
    if slug not in _known(reader):
        raise CannotSay(Text(GONE.en.format(slug), GONE.zh.format(slug)))
    key = f"segment {slug}"
    if key not in reader.shared:
        reader.shared[key] = segments.segment(slug)
    found: Described = reader.shared[key]
    return found


def _counts(reader: Reader) -> Mapping[str, Count]:
    """The sizes of all segments that the plan names, counted in one query for each house version and rule."""
    if "counts" not in reader.shared:
        wanted = sorted({one["segment"] for one in reader.content if one.kind in ("segment", "persona")})
        slugs = [slug for slug in wanted if slug in _known(reader)]
        rules = tuple((slug, version) for slug, version, _rule in segments.written() if slug in slugs)
        as_of = segments.moment(tables=reader.tables, zone=reader.house.zone, now=reader.now)
        key = ("segments of plans", str(reader.tables.lake.root), reader.tables.version, rules)
        reader.shared["counts"] = kept(
            key, lambda: segments.counts(tables=reader.tables, as_of=as_of, slugs=slugs)
        )
    found: Mapping[str, Count] = reader.shared["counts"]
    return found


def _year(reader: Reader) -> Period:
    return Period.days(reader.end - timedelta(days=DAYS), reader.end, reader.house.zone)
