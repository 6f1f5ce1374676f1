"""Research: what is kept has a source, is put away and never lost, and plans cite it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.apps import apps
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from huoshui.know.research import drafts, pages, queries, services
from huoshui.know.research.drafts import Competitor, Figure, Note, Origin
from huoshui.know.research.errors import NoSuchResearch, NotResearch, ResearchChanged

NOW = datetime(2026, 3, 4, 5, tzinfo=UTC)
ORIGIN = Origin(
    source="Yearbook 2025, page 12", day=date(2025, 12, 1), link="https://example.com/y", confidence="high"
)
VIEWER = actor_of_role("viewer", Role.VIEWER)
MARKET = Figure(
    name="市场规模", unit="百万元", values={2023: Decimal(129), 2025: Decimal("156.5")}, origin=ORIGIN
)
RIVAL = Competitor(
    name="智居", about="单品多", origin=ORIGIN, scores={"Price": (5, "a third below"), "Service": (2, "")}
)
HEARD = Note(who="W., 37", words="Nobody could draw it\nfor me.", means="The drawing decides.", origin=ORIGIN)


@pytest.mark.django_db
@pytest.mark.parametrize("draft", [MARKET, RIVAL, HEARD], ids=["figure", "competitor", "note"])
def test_what_is_kept_comes_back_as_it_was_said(draft):
    number = services.add(actor=CONSOLE, draft=draft, now=NOW)
    kind = services.KIND_OF[type(draft)]
    assert queries.entry(kind, number, actor=VIEWER).draft == draft
    assert [one.id for one in queries.entries(kind, actor=VIEWER)] == [number]


@pytest.mark.django_db
def test_a_citation_leads_back_and_stays_when_its_entry_is_put_away():
    number = services.add(actor=CONSOLE, draft=MARKET, now=NOW)
    (one,) = queries.citations(actor=VIEWER)
    assert (one.key, one.text) == (f"figure:{number}", "市场规模: 156.5 百万元 (2025)")
    assert (one.source, one.link, one.day) == (ORIGIN.source, ORIGIN.link, ORIGIN.day)
    services.retire(actor=CONSOLE, kind="figure", entry_id=number, now=NOW)
    assert queries.citations(actor=VIEWER) == ()
    assert queries.cited([one.key, "figure:999", "nonsense", "note:x"]) == {one.key: one}
    services.bring_back(actor=CONSOLE, kind="figure", entry_id=number, now=NOW)
    assert len(queries.citations(actor=VIEWER)) == 1


@pytest.mark.django_db
def test_of_two_who_write_the_second_is_told_and_nothing_is_stored():
    number = services.add(actor=CONSOLE, draft=HEARD, now=NOW)
    first = Note(who="W., 37", words="first", origin=ORIGIN)
    assert services.change(actor=CONSOLE, entry_id=number, seen=1, draft=first, now=NOW) == 2
    with pytest.raises(ResearchChanged):
        services.change(actor=CONSOLE, entry_id=number, seen=1, draft=HEARD, now=NOW)
    assert queries.entry("note", number, actor=VIEWER).draft == first


@pytest.mark.django_db
@pytest.mark.parametrize(
    "draft",
    [
        Figure(name="x", unit="y", values={}, origin=ORIGIN),
        Figure(name=" ", unit="y", values={2025: Decimal(1)}, origin=ORIGIN),
        Competitor(name="x", scores={"Price": (6, "")}, origin=ORIGIN),
        Competitor(name="x\0", origin=ORIGIN),
        Note(who="x", words=" ", origin=ORIGIN),
        Note(who="x", words="y", kind="rumour", origin=ORIGIN),
        Note(who="x", words="y", segment="no-such", origin=ORIGIN),
        Note(who="x", words="y", origin=Origin(source="", day=NOW.date())),
        Note(who="x", words="y", origin=Origin(source="s", day=NOW.date(), link="javascript:alert(1)")),
        Note(who="x", words="y", origin=Origin(source="s", day=NOW.date(), confidence="sure")),
        Note(who="x" * 121, words="y", origin=ORIGIN),
    ],
)
def test_what_says_nothing_or_has_no_source_is_refused_in_words(draft):
    with pytest.raises(NotResearch) as refused:
        services.add(actor=CONSOLE, draft=draft, now=NOW)
    assert refused.value.words.zh
    assert refused.value.words.en
    assert queries.citations(actor=VIEWER) == ()


@pytest.mark.django_db
def test_a_viewer_reads_and_writes_nothing():
    with pytest.raises(NotAllowed):
        services.add(actor=VIEWER, draft=HEARD, now=NOW)
    with pytest.raises(NotAllowed):
        services.compare_by(actor=VIEWER, names=["Price"], now=NOW)
    with pytest.raises(NoSuchResearch):
        queries.entry("note", 2**70, actor=VIEWER)


@given(
    st.dictionaries(
        st.integers(1900, 2200), st.decimals(-(10**12), 10**12, places=3), min_size=1, max_size=20
    )
)
def test_values_by_year_are_read_as_they_are_written(values):
    assert drafts.years("\n".join(f" {year}：{value} " for year, value in values.items())) == values


@pytest.mark.parametrize("line", ["2025", "x: 1", "2025: NaN", "2025: 1e99", "1800: 1", "2025: 1\n2025: 2"])
def test_a_line_that_says_no_year_and_value_is_named(line):
    with pytest.raises(NotResearch) as refused:
        drafts.years(line)
    assert refused.value.received


def test_the_best_of_a_criterion_is_marked_and_nothing_where_nobody_has_a_score():
    def entry(number: int, draft: Competitor) -> queries.Entry:
        return queries.Entry(
            kind="competitor", id=number, draft=draft, version=1, changed_at=NOW, retired=False
        )

    ours = Competitor(name="us", ours=True, origin=ORIGIN, scores={"Price": (3, ""), "Care": (None, "soon")})
    rows = pages.matrix([entry(1, ours), entry(2, RIVAL)], ["Price", "Care"])
    assert [[(cell.score, cell.best) for cell in row.cells] for row in rows] == [
        [(3, False), (5, True)],
        [(None, False), (None, False)],
    ]


def test_a_year_without_a_value_is_a_gap_in_the_trend():
    assert pages.trend(MARKET).series[0].values == (Decimal(129), None, Decimal("156.5"))


@pytest.mark.django_db
def test_pages_show_what_is_kept_in_both_languages_and_write_it(pages):
    assert pages.get(reverse("research:list")).status_code == 200
    sent = {
        "name": "智居",
        "about": "<b>便宜</b>",
        "source": "门店走访",
        "day": "2026-01-05",
        "confidence": "low",
    }
    assert pages.post(reverse("research:new", args=["competitor"]), sent).status_code == 302
    pages.post(reverse("research:compare_by"), {"criteria": "价格\n服务\n"})
    there = queries.entries("competitor", actor=VIEWER)[0]
    sent |= {"score_0": "5", "remark_0": "低三成", "seen": "1"}
    assert pages.post(reverse("research:edit", args=["competitor", there.id]), sent).status_code == 302
    for language in ("zh-hans", "en"):
        text = pages.get(reverse("research:list"), headers={"accept-language": language}).content.decode()
        assert "5 / 5" in text
        assert "低三成" in text
        assert "&lt;b&gt;便宜" in text
        assert "<b>便宜" not in text
    for kind in ("figure", "note"):
        assert pages.get(reverse("research:kind", args=[kind])).status_code == 200
    figure = {
        "name": "规模",
        "unit": "亿元",
        "values": "2024: 10\n2025: 12",
        "source": "年鉴",
        "day": "2026-01-05",
        "confidence": "high",
    }
    assert pages.post(reverse("research:new", args=["figure"]), figure).status_code == 302
    assert "+20.0%" in pages.get(reverse("research:kind", args=["figure"])).content.decode()
    wrong = pages.post(reverse("research:new", args=["figure"]), figure | {"values": "soon"})
    assert wrong.status_code == 400
    assert "soon" in wrong.content.decode()
    assert apps.get_model("research", "Figure").objects.count() == 1
    pages.post(reverse("research:retire", args=["competitor", there.id]))
    assert queries.entries("competitor", actor=VIEWER) == []
    assert pages.get("/research/rumours/").status_code == 404


@pytest.mark.django_db
def test_who_may_not_write_gets_no_form(signed_in):
    viewer = signed_in("viewer")
    assert viewer.get(reverse("research:list")).status_code == 200
    assert viewer.get(reverse("research:new", args=["note"])).status_code == 403
    assert viewer.post(reverse("research:compare_by"), {"criteria": "x"}).status_code == 403
