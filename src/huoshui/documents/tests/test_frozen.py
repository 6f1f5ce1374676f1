"""Whatever a paper says, it is kept and comes back exactly, and is kept in one way only."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.documents import frozen
from huoshui.documents.frozen import NotAPaper
from huoshui.kernel import papers
from huoshui.kernel.charts import Chart, Note, Series
from huoshui.kernel.papers import Paper
from huoshui.kernel.texts import Text

# Surrogates, zero bytes and text that runs the other way are among them.
TEXTS = st.text(st.characters(), max_size=20) | st.sampled_from(
    ("", "\x00", "\ud800", "\u202eexe", "<b>", '"\\', "长" * 40)
)
SAID = TEXTS.filter(bool)
NUMBERS = (
    st.integers(-(2**70), 2**70)
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.floats(allow_nan=False, allow_infinity=False)
)
TONES: st.SearchStrategy[papers.Tone] = st.sampled_from(get_args(papers.Tone))
PARTS: st.SearchStrategy[Any] = st.sampled_from(("", "previous", "target"))
DAYS = st.dates()
WORDS = st.lists(
    st.builds(papers.Run, text=TEXTS, bold=st.booleans(), italic=st.booleans(), link=TEXTS), max_size=3
).map(tuple)


@st.composite
def grids(draw: st.DrawFn) -> papers.Grid:
    head = tuple(draw(st.lists(TEXTS, min_size=1, max_size=4)))
    row = st.tuples(*(TEXTS for _ in head))
    cell = st.tuples(st.integers(0, 3), st.integers(0, 3))
    return papers.Grid(
        title=draw(TEXTS),
        head=head,
        rows=tuple(draw(st.lists(row, max_size=3))),
        numeric=tuple(draw(st.lists(st.integers(0, 3), max_size=2))),
        total=draw(st.booleans()),
        note=draw(TEXTS),
        tones=tuple((*draw(cell), tone) for tone in draw(st.lists(TONES, max_size=2))),
        opens=tuple((*draw(cell), page) for page in draw(st.lists(TEXTS, max_size=2))),
    )


@st.composite
def drawings(draw: st.DrawFn) -> papers.Drawing:
    said = st.builds(Text, SAID, SAID)
    named = st.lists(DAYS, max_size=4) | st.lists(said, max_size=4)
    places: tuple[date | Text, ...] = tuple(draw(named))
    series = tuple(
        Series(name=draw(said), values=tuple(draw(st.none() | NUMBERS) for _ in places), part=part)
        for part in draw(st.lists(PARTS, max_size=2))
    )
    notes = tuple(Note(place=at, text=draw(said)) for at in range(min(1, len(places))))
    chart = Chart(
        kind=draw(st.sampled_from(("line", "bar", "stack", "heat"))),
        title=draw(said),
        axis=draw(said),
        unit=draw(st.sampled_from(("count", "share"))),
        places=places,
        series=series,
        monthly=draw(st.booleans()),
        notes=notes,
    )
    return papers.Drawing(chart=chart, alternative=draw(TEXTS), note=draw(TEXTS))


FACTS = st.builds(papers.Fact, label=TEXTS, value=TEXTS, note=TEXTS, tone=TONES, opens=TEXTS)
BARS = st.builds(
    papers.Bar,
    name=TEXTS,
    who=TEXTS,
    start=DAYS,
    end=DAYS,
    done=st.floats(0, 1),
    after=st.lists(st.integers(0, 9), max_size=2).map(tuple),
    tone=TONES,
)
ELEMENTS = st.one_of(
    st.builds(papers.Heading, text=TEXTS, level=st.sampled_from((2, 3))),
    st.builds(papers.Paragraph, words=WORDS),
    st.builds(papers.Points, items=st.lists(WORDS, max_size=3).map(tuple), numbered=st.booleans()),
    st.builds(papers.Quote, words=WORDS, by=TEXTS),
    st.builds(papers.Facts, facts=st.lists(FACTS, max_size=3).map(tuple)),
    st.builds(papers.Notice, text=TEXTS, tone=TONES),
    st.builds(
        papers.Schedule,
        title=TEXTS,
        first=DAYS,
        last=DAYS,
        bars=st.lists(BARS, max_size=3).map(tuple),
        today=st.none() | DAYS,
        alternative=TEXTS,
    ),
    grids(),
    drawings(),
)
BLOCKS = st.builds(papers.Block, key=TEXTS, elements=st.lists(ELEMENTS, max_size=3).map(tuple))
PARTS = st.builds(papers.Part, slug=TEXTS, title=TEXTS, blocks=st.lists(BLOCKS, max_size=2).map(tuple))
PAPERS = st.builds(
    Paper,
    title=TEXTS,
    subtitle=TEXTS,
    organisation=TEXTS,
    language=st.sampled_from(("en", "zh")),
    facts=st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple),
    parts=st.lists(PARTS, max_size=2).map(tuple),
    sources=st.lists(TEXTS, max_size=2).map(tuple),
)


@settings(deadline=None, max_examples=50)
@given(paper=PAPERS)
def test_whatever_a_paper_says_comes_back_exactly(paper):
    text = frozen.freeze(paper)
    again = frozen.thaw(text)
    assert again == paper
    assert frozen.freeze(again) == text, "one paper is one text"
    assert text.isascii(), "no database changes a letter of it"
    assert "\x00" not in text


def test_an_amount_keeps_its_digits_and_a_number_its_kind():
    values = (Decimal("1.10"), 1, 1.0, None, 10**30, 0.1 + 0.2)
    series = Series(name=Text("a", "甲"), values=values)
    chart = Chart(
        kind="line",
        title=Text("t", "题"),
        axis=Text("x", "轴"),
        unit="count",
        places=tuple(date(2026, 1, day) for day in range(1, 7)),
        series=(series,),
    )
    block = papers.Block(key="k", elements=(papers.Drawing(chart=chart, alternative="a"),))
    paper = Paper(
        title="t",
        subtitle="",
        organisation="o",
        language="en",
        facts=(),
        parts=(papers.Part(slug="s", title="S", blocks=(block,)),),
    )
    (drawn,) = frozen.thaw(frozen.freeze(paper)).parts[0].blocks[0].elements
    assert isinstance(drawn, papers.Drawing)
    back = drawn.chart.series[0].values
    assert [repr(one) for one in back] == [repr(one) for one in values]


@settings(deadline=None)
@given(
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | TEXTS,
        lambda one: st.lists(one, max_size=3) | st.dictionaries(TEXTS, one, max_size=3),
        max_leaves=8,
    )
)
def test_whatever_else_was_kept_is_refused_by_its_name(value):
    with pytest.raises(NotAPaper):
        frozen.thaw(json.dumps(value))
