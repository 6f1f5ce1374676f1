"""The document of a plan: two editors at once, what blocks show, checks, templates, hostile words, and who may."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from huoshui.data.connectors.services import ImportOptions, import_file
from huoshui.data.traits import services as traits
from huoshui.desk.organisation import services as organisation
from huoshui.desk.threads import queries as threads
from huoshui.kernel.actors import CONSOLE, Actor, Right
from huoshui.kernel.clock import AsOf, zone_named
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.papers import Drawing, Facts, Grid, Notice, Paper, Paragraph, Points
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import kept, open_lake
from huoshui.lake.snapshot import Snapshot
from huoshui.measure.dashboards.queries import answers
from huoshui.measure.metrics import queries as metrics
from huoshui.measure.metrics.periods import Period
from huoshui.plan.plans import figures, ready
from huoshui.plan.plans import queries as plans
from huoshui.plan.plans.document import checking, content, editing, queries, reading, services, words
from huoshui.plan.plans.document.content import Block, Content, Part
from huoshui.plan.plans.document.errors import NoSuchBlock, NoSuchPart, NoSuchTemplate
from huoshui.plan.plans.document.kinds import KINDS
from huoshui.plan.plans.document.offered import TEMPLATES
from huoshui.plan.plans.errors import NoSuchPlan, NotAPlan, PlanArchived, PlanChanged
from tests.plugins.signed_in import sign_in

# Slow: whichever test comes first makes the house for all.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ZONE = zone_named("Asia/Shanghai")
NOW = datetime(2024, 3, 1, 1, 30, tzinfo=UTC)
FIRST, LAST = date(2024, 1, 1), date(2024, 12, 31)
SALES = """\
invoice,customer,date,sku,description,quantity,price,channel
1,mei,2024-02-20 09:00,lamp,Lamp,1,20,online
2,tom,2024-02-25 09:00,lock,Lock,1,100,store
3,mei,2024-01-20 09:00,lamp,Lamp,1,30,online
"""
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[x](javascript:alert(1)) ![y](data:text/html;base64,xx)",
    "\u202eexe.gnp\u2066 עברית العربية",
    "zero\x00byte \ud800 surrogate",
    "{{ 7*7 }} {% now %} ${x}",
    "长" * 300,
    "</textarea></form><form action=//evil>",
)


@dataclass(frozen=True)
class House:
    """The house with the sales, and what it was before they came."""

    tables: Snapshot
    before: Snapshot

    def paper(self, plan_id: int, *, language: str = "en", empty: bool = False) -> Paper:
        """The plan as the console reads it."""
        return reading.paper(
            actor=CONSOLE,
            plan_id=plan_id,
            tables=self.before if empty else self.tables,
            house=HOUSE(),
            language=language,  # type: ignore[arg-type]  # zh or en
            now=NOW,
        )

    def shown(self, *blocks: Block, empty: bool = False) -> list[Any]:
        """What blocks show in English."""
        number = made()
        whole = Content(parts=(Part(slug="overview", blocks=blocks),))
        editing.keep_content(actor=CONSOLE, plan_id=number, content=whole, now=NOW)
        return [one.elements for one in self.paper(number, empty=empty).parts[0].blocks]


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[House]:
    """Three sales as of 1 March 2024, made once."""
    home: Path = tmp_path_factory.mktemp("plans")
    (home / "sales.csv").write_text(SALES)
    put = override_settings(HUOSHUI_HOME=home, HUOSHUI_LAKE=str(home / "lake"), HUOSHUI_STATED=frozenset())
    with django_db_blocker.unblock(), transaction.atomic(), put:
        organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW, name="活水商城")
        lake = open_lake()
        before = lake.snapshot()
        import_file(
            actor=CONSOLE,
            lake=lake,
            path=home / "sales.csv",
            kind="transactions",
            options=ImportOptions(strict=True),
            now=NOW,
        )
        traits.refresh(actor=CONSOLE, lake=lake, as_of=AsOf.day(date(2024, 3, 1), ZONE), now=NOW)
        yield House(lake.snapshot(), before)
        lake.close()
        transaction.set_rollback(True)


def made(template: str = "blank", language: str = "en", title: str = "Plan 2024") -> int:
    """A new plan."""
    return services.create(
        actor=CONSOLE,
        title=title,
        template=template,
        first_day=FIRST,
        last_day=LAST,
        language=language,  # type: ignore[arg-type]  # zh or en
        now=NOW,
    )


def block(kind: str, **values: str) -> Block:
    """A block with these values, as it is kept."""
    return Block(key=content.new_key(), kind=kind, values=content.checked(kind, values))


def there(number: int) -> queries.Document:
    """The newest words of a plan."""
    return queries.document(actor=CONSOLE, plan_id=number)


# -- two editors -------------------------------------------------------------------------------------------------


def test_two_who_edit_different_blocks_both_keep_their_words(house):
    number = made()
    _v, one = editing.add_block(actor=CONSOLE, plan_id=number, part="value", kind="text", now=NOW)
    seen, two = editing.add_block(actor=CONSOLE, plan_id=number, part="value", kind="text", now=NOW)
    for key, said in ((one, "mine"), (two, "yours")):
        editing.edit_block(actor=CONSOLE, plan_id=number, key=key, values={"text": said}, seen=seen, now=NOW)
    assert [b["text"] for b in there(number).content.part("value").blocks] == ["mine", "yours"]


def test_two_who_edit_the_same_block_are_told_and_nothing_is_stored(house):
    number = made()
    seen, key = editing.add_block(actor=CONSOLE, plan_id=number, part="value", kind="text", now=NOW)
    first = editing.edit_block(
        actor=CONSOLE, plan_id=number, key=key, values={"text": "first"}, seen=seen, now=NOW
    )
    with pytest.raises(PlanChanged) as told:
        editing.edit_block(
            actor=CONSOLE, plan_id=number, key=key, values={"text": "second"}, seen=seen, now=NOW
        )
    assert (told.value.version, [c.after for c in told.value.changes]) == (first, ["first"])
    with pytest.raises(PlanChanged):
        editing.remove_block(actor=CONSOLE, plan_id=number, key=key, seen=seen, now=NOW)
    assert (there(number).number, there(number).content.block(key)["text"]) == (first, "first")
    # Having seen it, the second may save, and both versions are kept.
    editing.edit_block(actor=CONSOLE, plan_id=number, key=key, values={"text": "second"}, seen=first, now=NOW)
    kept = threads.version(actor=CONSOLE, subject=f"plan:{number}", number=first)
    assert kept.content["blocks"][key]["text"] == "first"


def test_a_part_that_was_renamed_meanwhile_is_not_renamed_over(house):
    number = made()
    seen = there(number).number
    editing.rename_part(actor=CONSOLE, plan_id=number, slug="value", title="A", seen=seen, now=NOW)
    with pytest.raises(PlanChanged):
        editing.rename_part(actor=CONSOLE, plan_id=number, slug="value", title="B", seen=seen, now=NOW)
    assert there(number).content.part("value").called("en") == "A"


def test_a_removed_block_comes_back_where_it_stood(house):
    number = made()
    keys = [
        editing.add_block(actor=CONSOLE, plan_id=number, part="value", kind="text", now=NOW)[1]
        for _ in range(3)
    ]
    version = editing.remove_block(
        actor=CONSOLE, plan_id=number, key=keys[1], seen=there(number).number, now=NOW
    )
    editing.put_back(actor=CONSOLE, plan_id=number, key=keys[1], version=version - 1, now=NOW)
    again = editing.put_back(actor=CONSOLE, plan_id=number, key=keys[1], version=version - 1, now=NOW)
    assert [b.key for b in there(number).content.part("value").blocks] == keys
    assert again == version + 1, "putting back what is there makes no version"


@given(moves=st.lists(st.tuples(st.integers(0, 5), st.sampled_from([-1, 1])), max_size=30))
def test_whatever_is_moved_no_block_is_lost_or_doubled(moves):
    parts = tuple(
        Part(slug=slug, blocks=tuple(Block(key=f"{slug}{n}", kind="text") for n in range(3))) for slug in "ab"
    )
    now = Content(parts=parts)
    keys = sorted(one.key for one in now)
    for at, by in moves:
        moved = editing.moved(now, keys[at], by)
        assert sorted(one.key for one in moved) == keys
        assert content.from_json(content.as_json(moved)) == moved
        now = moved


def test_blocks_move_past_the_edge_of_a_part_and_stop_at_the_ends():
    whole = Content(parts=(Part(slug="a", blocks=(Block(key="x", kind="text"),)), Part(slug="b")))
    down = editing.moved(whole, "x", 1)
    assert [len(part.blocks) for part in down.parts] == [0, 1]
    assert editing.moved(down, "x", 1) == down
    assert editing.moved(down, "x", -1) == whole


def test_what_is_not_there_is_refused_by_name(house):
    number = made()
    with pytest.raises(NoSuchBlock):
        editing.edit_block(actor=CONSOLE, plan_id=number, key="nope", values={}, seen=1, now=NOW)
    with pytest.raises(NoSuchPart):
        editing.add_block(actor=CONSOLE, plan_id=number, part="nope", kind="text", now=NOW)
    with pytest.raises(NotAPlan):
        editing.add_block(actor=CONSOLE, plan_id=number, part="value", kind="nope", now=NOW)
    with pytest.raises(NotAPlan):
        editing.remove_part(actor=CONSOLE, plan_id=number, slug="overview", now=NOW)
    with pytest.raises(NoSuchTemplate):
        made("own:99")
    with pytest.raises(NoSuchPlan):
        queries.document(actor=CONSOLE, plan_id=10**30)
    with pytest.raises(NotAPlan):
        services.create(
            actor=CONSOLE, title="x", template="blank", first_day=LAST, last_day=FIRST, language="en", now=NOW
        )
    with pytest.raises(NotAPlan):
        made(title=" \u202e ")
    reader = Actor(name="reader", rights=frozenset({Right.CUSTOMERS_VIEW}))
    with pytest.raises(NotAllowed):
        editing.add_block(actor=reader, plan_id=number, part="value", kind="text", now=NOW)
    with pytest.raises(NotAllowed):
        queries.document(actor=Actor(name="nobody", rights=frozenset()), plan_id=number)


# -- its way -----------------------------------------------------------------------------------------------------


def test_an_archived_plan_is_kept_as_it_is_until_it_is_brought_back(house):
    number = made()
    services.archive(actor=CONSOLE, plan_id=number, now=NOW)
    assert number not in {one.id for one in plans.plans(CONSOLE)}
    assert number in {one.id for one in plans.plans(CONSOLE, archived=True)}
    with pytest.raises(PlanArchived):
        editing.add_block(actor=CONSOLE, plan_id=number, part="value", kind="text", now=NOW)
    services.bring_back(actor=CONSOLE, plan_id=number, now=NOW)
    editing.add_block(actor=CONSOLE, plan_id=number, part="value", kind="text", now=NOW)
    services.delete(actor=CONSOLE, plan_id=number, now=NOW)
    with pytest.raises(NoSuchPlan):
        plans.plan(CONSOLE, number)
    services.restore(actor=CONSOLE, plan_id=number, now=NOW)
    assert plans.plan(CONSOLE, number).state == "active"


def test_a_template_of_ones_own_begins_other_plans_with_the_same_words(house):
    number = made("churn", "zh")
    template = services.save_template(actor=CONSOLE, plan_id=number, name="本公司模板", now=NOW)
    other = made(f"own:{template}")
    said = [(part.slug, [b.values for b in part.blocks]) for part in there(number).content.parts]
    assert [(part.slug, [b.values for b in part.blocks]) for part in there(other).content.parts] == said
    assert plans.plan(CONSOLE, other).kind == "own"
    copy = services.duplicate(actor=CONSOLE, plan_id=number, now=NOW)
    assert there(copy).content == there(number).content
    services.delete_template(actor=CONSOLE, template_id=template, now=NOW)
    with pytest.raises(NoSuchTemplate):
        services.delete_template(actor=CONSOLE, template_id=template, now=NOW)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("slug", TEMPLATES)
def test_a_template_is_complete_in_its_language_and_begins_in_order(slug, language):
    said = TEMPLATES[slug].content(language)
    other = TEMPLATES[slug].content("en" if language == "zh" else "zh")
    assert [[b.kind for b in part.blocks] for part in said.parts] == [
        [b.kind for b in part.blocks] for part in other.parts
    ]
    for one in said:
        for field in KINDS[one.kind].fields:
            if field.look == "lines" and one[field.name]:
                chinese = bool(re.search(r"[\u3400-\u9fff]", one[field.name]))
                assert chinese == (language == "zh"), one
    assert checking.pages_of(said.parts[0].blocks) < 1
    found = [one for one in checking.remarks(said, goals=(), measures=()) if one.page == "document"]
    if slug != "blank":
        assert {one.words.en for one in found} <= {"Market research cites no source"}


def test_every_figure_of_a_template_is_filled_in_with_no_typing(house):
    for slug in TEMPLATES:
        paper = house.paper(made(slug))
        notices = [
            element.text
            for part in paper.parts
            for one in part.blocks
            for element in one.elements
            if isinstance(element, Notice) and element.tone == "warning"
        ]
        # Three sales know of no spend, no answers and no year before: that is said. Nothing waits for words or codes.
        waiting = ("not filled in", "There is no metric", "There is no segment", "cannot be counted")
        assert [text for text in notices if any(words in text for words in waiting)] == []
        facts = [
            e for part in paper.parts for one in part.blocks for e in one.elements if isinstance(e, Facts)
        ]
        assert bool(facts) == (slug != "blank")


# -- what blocks show --------------------------------------------------------------------------------------------


def test_a_figure_is_that_of_the_evaluator_and_opens_its_customers(house):
    ((facts,),) = house.shown(block("metrics", metrics="revenue,orders", period="30d"))
    assert isinstance(facts, Facts)
    period = Period.days(date(2024, 1, 31), date(2024, 3, 1), ZONE)
    assert metrics.evaluate("revenue", tables=house.tables, period=period)[0].value == Decimal(120)
    assert [(one.label, one.value) for one in facts.facts] == [("Revenue", "¥120"), ("Orders", "2")]
    assert "before ¥30" in facts.facts[0].note
    assert "revenue%2F2024-01-31..2024-03-01" in facts.facts[0].opens


def test_what_a_worker_has_made_ready_is_what_the_page_shows_in_every_process(house, monkeypatch):
    number = services.create(
        actor=CONSOLE,
        title="年度计划",
        template="development",
        first_day=FIRST,
        last_day=LAST,
        language="zh",
        now=NOW,
    )
    asked: dict[str, Any] = {"tables": house.tables, "house": HOUSE(), "now": NOW}
    assert not ready.prepare(**asked)  # these facts are met for the first time: more may follow
    assert ready.prepare(**asked)
    assert not ready.prepare(**asked)

    def another_process() -> None:
        monkeypatch.setattr(kept, "_kept", OrderedDict())

    another_process()
    evaluated: list[str] = []

    def evaluate(metrics_, **kwargs):
        evaluated.extend(one.slug for one in metrics_)
        return metrics.evaluate_metrics(metrics_, **kwargs)

    monkeypatch.setattr(figures, "metrics", SimpleNamespace(evaluate_metrics=evaluate))
    read = house.paper(number)
    assert evaluated == []
    answers.write("plans", ("another", "house", 1), ("", {}), NOW)
    another_process()
    assert house.paper(number) == read
    assert "revenue" in evaluated

    assert not ready.prepare(**asked)
    assert ready.prepare(**asked)
    part = editing.add_part(actor=CONSOLE, plan_id=number, title="More", now=NOW)[1]
    values = {"metrics": "orders,repeat_rate", "by": "channel", "period": "90d"}
    editing.add_block(actor=CONSOLE, plan_id=number, part=part, kind="table", values=values, now=NOW)
    evaluated.clear()
    assert ready.prepare(**asked)  # what was added, and no more
    assert set(evaluated) <= {"orders", "repeat_rate"}


def test_the_words_of_a_plan_come_before_the_figures_of_a_large_house(house, monkeypatch):
    number = made()
    blocks = (block("text", text="Whom we serve"), block("metrics", metrics="revenue", period="90d"))
    whole = Content(parts=(Part(slug="overview", blocks=blocks),))
    editing.keep_content(actor=CONSOLE, plan_id=number, content=whole, now=NOW)
    client, page = sign_in("manager"), f"/plans/{number}/"
    asks_again = f'hx-get="{page}?counted=1" hx-trigger="load"'

    def seen(address: str) -> tuple[bool, ...]:
        told = client.get(address).content.decode()
        waits = 'hs-plan-paper waits"'
        return tuple(words in told for words in ("Whom we serve", asks_again, waits, "Being counted", "¥150"))

    at_once, whole_now = (True, True, True, True, False), (True, False, False, False, True)
    assert seen(page) == whole_now
    monkeypatch.setattr(kept, "_kept", OrderedDict())
    monkeypatch.setattr(reading, "LARGE", 0)
    assert seen(page) == at_once
    assert seen(f"{page}?counted=1") == whole_now
    assert seen(page) == whole_now


def test_a_metric_whose_data_vanished_says_so_and_shows_no_zero(house):
    asked = (
        block("metrics", metrics="revenue,orders"),
        block("chart", metric="revenue"),
        block("table", metrics="revenue", by="channel"),
        block("metrics", metrics="no_such"),
        block("chart", metric=""),
        block("segment", segment="gone"),
    )
    for elements in house.shown(*asked, empty=True):
        assert {type(one) for one in elements} == {Notice}
        assert not re.search(r"\b0\b", "".join(one.text for one in elements))


def test_charts_and_tables_say_the_numbers_of_the_evaluator(house):
    charts = house.shown(
        block("chart", metric="revenue", by="month", period="90d"),
        block("chart", metric="orders", by="channel", period="90d"),
        block("table", metrics="revenue,orders", by="channel", period="90d"),
        block("chart", metric="active_customers", by="week", period="30d"),
    )
    monthly, by_channel, table, weekly = (one[0] for one in charts)
    assert isinstance(monthly, Drawing)
    assert isinstance(by_channel, Drawing)
    assert isinstance(weekly, Drawing)
    assert [v for v in monthly.chart.series[0].values if v] == [Decimal(30), Decimal(120)]
    assert "highest ¥120 (2024-02)" in monthly.alternative
    assert [
        (getattr(p, "en", p), v)
        for p, v in zip(by_channel.chart.places, by_channel.chart.series[0].values, strict=True)
    ] == [
        ("online", 2),
        ("store", 1),
    ]
    assert isinstance(table, Grid)
    assert table.rows == (("store", "¥100", "1"), ("online", "¥50", "2"))
    assert {(row, column) for row, column, _address in table.opens} == {(0, 1), (0, 2), (1, 1), (1, 2)}


def test_a_slice_that_a_figure_has_not_is_said_in_its_place_only(house):
    fine, wrong = house.shown(
        block("metrics", metrics="revenue"),
        block("table", metrics="active_customers", by="nowhere"),
    )
    assert isinstance(fine[0], Facts)
    assert isinstance(wrong[0], Notice)


def test_a_period_after_the_figures_is_said(house):
    ((notice,),) = house.shown(block("metrics", metrics="revenue", period="plan"))[:1]
    assert isinstance(notice, Facts), "the plan began before the figures end"
    number = made()
    services.change(
        actor=CONSOLE,
        plan_id=number,
        title="Later",
        first_day=date(2025, 1, 1),
        last_day=date(2025, 2, 1),
        owner_id=None,
        now=NOW,
    )
    whole = Content(parts=(Part(slug="x", blocks=(block("metrics", metrics="revenue", period="plan"),)),))
    editing.keep_content(actor=CONSOLE, plan_id=number, content=whole, now=NOW)
    (said,) = house.paper(number).parts[0].blocks[0].elements
    assert isinstance(said, Notice)
    assert "The plan begins on 2025-01-01" in said.text


def test_a_persona_has_the_figures_of_its_segment(house):
    ((heading, story, note, facts, grid, quote),) = house.shown(
        block(
            "persona",
            name="Mei",
            segment="stage-new",
            story="A story",
            pains="one\ntwo",
            behaviour="three",
            case="A case",
        )
    )
    assert (heading.text, story.words[0].text, quote.by) == ("Mei", "A story", "a real case")
    assert "Lifecycle stage: New" in note.words[0].text
    assert [one.value for one in facts.facts[:2]] == ["1", "50.0%"], "mei bought first 40 days ago"
    assert grid.rows == (("one\ntwo", "three"),)


# -- checks ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Thing:
    """A goal or measure as the checks see it."""

    name: str = "m"
    owner_id: int | None = 1
    proposition: str = ""
    state: str = "planned"


def test_the_checks_name_what_is_not_in_order():
    promise = block("proposition", statement="s", differentiation="d", scenes="x")
    long = Content(
        parts=(
            Part(slug="overview", blocks=(block("text", text="字" * 901),)),
            Part(slug="value", blocks=(promise,)),
        )
    )
    right, wrong = Thing(name="right", proposition=promise.key), Thing(name="wrong", owner_id=None)
    found = [
        one.words.en for one in checking.remarks(long, goals=(Thing(owner_id=None),), measures=(right, wrong))
    ]
    assert found == [
        "The overview takes about 1.0 pages; it should fit on one",
        "Goals without an owner: “m”",
        "Measures without an owner: “wrong”",
        "Measure “wrong” supports no value proposition",
    ]
    short = long.with_part(Part(slug="overview", blocks=(block("text", text="字" * 800),)))
    dropped = Thing(name="dropped", state="dropped")
    assert checking.remarks(short, goals=(Thing(),), measures=(right, dropped)) == []


# -- hostile words -----------------------------------------------------------------------------------------------


def test_markdown_becomes_plain_elements_and_no_html():
    made_of = words.elements(
        "a **b** *c* [l](https://x.y) [j](javascript:x)\n\n- one\n  - two\n\n<b onclick=x>raw</b>"
    )
    paragraph, items, raw = made_of
    assert isinstance(paragraph, Paragraph)
    assert isinstance(items, Points)
    assert isinstance(raw, Paragraph)
    assert {run.link for run in paragraph.words} == {"", "https://x.y"}
    assert [item[0].text for item in items.items] == ["one", "two"]
    assert raw.words[0].text == "<b onclick=x>raw</b>"


@given(st.text(max_size=400))
def test_whatever_is_written_is_read_again_as_it_was_kept(text):
    for kind in KINDS:
        values = {field.name: text for field in KINDS[kind].fields}
        try:
            kept = content.checked(kind, values)
        except NotAPlan:
            continue
        one = Content(parts=(Part(slug="x", blocks=(Block(key="k", kind=kind, values=kept),)),))
        assert content.from_json(content.as_json(one)) == one
        assert not re.search(r"[\x00\u202a-\u202e\ud800-\udfff]", "".join(kept.values()))
    words.elements(content.clean(text))


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=6), inner),
    )
)
def test_whatever_was_kept_is_read_without_falling(kept):
    assert isinstance(content.from_json(kept), Content)
    assert isinstance(content.from_json({"order": "a b", "parts": kept, "blocks": kept}), Content)


class Tags(HTMLParser):
    """What of a page would run, load or send something that was written by somebody."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        for name, value in attrs:
            said = (value or "").strip().lower()
            if name.startswith("on") or name == "style":
                self.wrong.append(f"{tag} {name}")
            leads = name in ("href", "src", "action", "formaction")
            if leads and not said.startswith(("/", "#", "https://example.com", "?")):
                self.wrong.append(f"{tag} {name}={said[:60]}")
            if leads and said.startswith("//"):
                self.wrong.append(f"{tag} {name}={said[:60]}")
        if tag == "script" and not {"src", "type"} & dict(attrs).keys():
            self.wrong.append("script")


def test_hostile_words_in_every_field_are_only_words_on_the_page(house, pages):
    number = made()
    parts = tuple(
        Part(
            slug=f"part-{at}",
            title=content.clean(text)[:150],
            blocks=tuple(
                Block(
                    key=content.new_key(),
                    kind=kind,
                    values=content.checked(
                        kind,
                        {f.name: text[: f.longest // 2] for f in KINDS[kind].fields if f.look != "choice"},
                    ),
                )
                for kind in KINDS
            ),
        )
        for at, text in enumerate(HOSTILE)
    )
    editing.keep_content(actor=CONSOLE, plan_id=number, content=Content(parts=parts), now=NOW)
    found = Tags()
    found.feed(pages.get(f"/plans/{number}/").content.decode())
    assert found.wrong == []
    key = next(one.key for one in there(number).content if one.kind == "text")
    assert pages.get(f"/plans/{number}/edit/{key}/").status_code == 200


# -- pages -------------------------------------------------------------------------------------------------------


def test_a_plan_is_begun_edited_and_undone_on_pages(house, pages):
    answer = pages.post(
        "/plans/new/",
        {
            "title": "2025 计划",
            "template": "development",
            "language": "zh",
            "first_day": "2024-01-01",
            "last_day": "2024-12-31",
        },
    )
    assert answer.status_code == 302
    address = answer["Location"]
    html = pages.get(address).content.decode()
    assert "一份方案、一个价格、一支团队" in html
    assert "客户群体与画像" not in html, "titles are the reader's"
    number = int(address.split("/")[2])
    key = there(number).content.parts[0].blocks[0].key
    seen = there(number).number
    part = pages.get(f"{address}edit/{key}/", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<section")
    assert "<html" not in part
    saved = pages.post(
        f"{address}edit/{key}/", {"version": seen, "text": "新的概述"}, headers={"HX-Request": "true"}
    )
    assert "新的概述" in saved.content.decode()
    assert "<form" not in saved.content.decode()
    late = pages.post(f"{address}edit/{key}/", {"version": seen, "text": "晚到"})
    assert late.status_code == 409
    assert "晚到</textarea>" in late.content.decode()
    assert "<ins>新" in late.content.decode()
    removed = pages.post(f"{address}edit/{key}/act/", {"version": seen + 1, "act": "remove"})
    assert removed.status_code == 302
    assert pages.get(f"{address}edit/{key}/").status_code == 404
    pages.post(f"{address}edit/{key}/back/", {"version": seen + 1})
    assert there(number).content.parts[0].blocks[0].key == key


def test_pages_refuse_who_may_not(house, signed_in, stranger):
    number = made()
    key = there(number).content.parts[0].blocks[0].key
    reader = signed_in("viewer")
    assert reader.get(f"/plans/{number}/").status_code == 200
    assert "hs-plan-form" not in reader.get(f"/plans/{number}/").content.decode()
    for path in ("new/", f"{number}/settings/", f"{number}/edit/{key}/"):
        assert reader.get(f"/plans/{path}").status_code == 403
    for path in (f"{number}/edit/{key}/", f"{number}/edit/{key}/act/", f"{number}/to/delete/"):
        assert reader.post(f"/plans/{path}").status_code == 403
    assert stranger.get(f"/plans/{number}/").status_code == 302
    writer = signed_in("operator")
    assert writer.get("/plans/999999/").status_code == 404
    assert writer.get(f"/plans/{number}/edit/nope/").status_code == 404
    assert writer.get(f"/plans/{number}/edit/{key}/act/").status_code == 405
    assert writer.post(f"/plans/{number}/to/nowhere/").status_code == 404
    assert writer.post(f"/plans/{number}/edit/{key}/act/", {"act": "fly"}).status_code == 400


def test_a_page_asks_the_database_no_more_for_a_long_plan(house, pages, django_assert_max_num_queries):
    number = made()
    whole = Content(
        parts=tuple(
            Part(slug=f"part-{at}", blocks=tuple(block("text", text=f"**{n}** words") for n in range(30)))
            for at in range(10)
        )
    )
    editing.keep_content(actor=CONSOLE, plan_id=number, content=whole, now=NOW)
    pages.get(f"/plans/{number}/")
    with django_assert_max_num_queries(60):
        assert pages.get(f"/plans/{number}/").status_code == 200
    key = whole.parts[5].blocks[7].key
    with django_assert_max_num_queries(40):
        pages.post(
            f"/plans/{number}/edit/{key}/", {"version": 2, "text": "x"}, headers={"HX-Request": "true"}
        )


def test_the_days_of_a_plan_are_told_in_its_story_with_the_reason(house):
    number = made()
    services.change(
        actor=CONSOLE,
        plan_id=number,
        title="Plan 2024",
        first_day=FIRST,
        last_day=LAST + timedelta(days=31),
        owner_id=None,
        reason="a month more",
        now=NOW,
    )
    change = apps.get_model("plans", "Change").objects.filter(plan_id=number).latest("pk")
    assert (change.act, change.reason) == ("plan.edited", "a month more")
    assert change.detail == {"last_day": ["2024-12-31", "2025-01-31"]}


def test_measures_goals_and_timeline_of_the_plan_stand_in_its_document(house):
    number = made()
    plan_id = {"plan_id": number, "made_at": NOW, "first_day": date(2024, 1, 1), "last_day": date(2024, 2, 1)}
    measure = apps.get_model("plans", "Measure")
    measure.objects.create(name="Fair", kind="channel", cost=Decimal(5000), **plan_id)
    measure.objects.create(name="Gone", kind="channel", state="dropped", **plan_id)
    whole = Content(
        parts=(
            Part(
                slug="strategy",
                blocks=(
                    block("measures", group="channel"),
                    block("measures", group="brand"),
                    block("schedule"),
                    block("goals"),
                ),
            ),
        )
    )
    editing.keep_content(actor=CONSOLE, plan_id=number, content=whole, now=NOW)
    channel, brand, gantt, goals = (one.elements for one in house.paper(number).parts[0].blocks)
    assert [row[0] for row in channel[0].rows] == ["Fair"]
    assert channel[0].rows[0][4] == "¥5,000"
    assert channel[0].tones == ((0, 3, "bad"),), "it should have begun long ago"
    assert "0" not in channel[0].rows[0][5], "without a campaign nothing was measured, which is no zero"
    assert isinstance(brand[0], Notice)
    assert [bar.name for bar in gantt[0].bars] == ["Fair"]
    assert isinstance(goals[0], Notice)
