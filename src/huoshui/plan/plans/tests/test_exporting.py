"""Snapshots and what is exported of them: one snapshot is the same bytes for ever, whatever came since."""

from __future__ import annotations

import hashlib
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import transaction
from django.test import override_settings
from docx import Document
from pptx import Presentation

from huoshui.data.connectors.services import ImportOptions, import_file
from huoshui.data.traits import services as traits
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE, Actor, Right
from huoshui.kernel.clock import AsOf, zone_named
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.papers import Facts, Grid, Notice, Paper
from huoshui.kernel.plugs import HOUSE
from huoshui.kernel.texts import LANGUAGES, Language
from huoshui.lake import open_lake
from huoshui.lake.house import Lake
from huoshui.lake.snapshot import Snapshot
from huoshui.plan.plans.document import editing
from huoshui.plan.plans.document import queries as words
from huoshui.plan.plans.document import services as documents
from huoshui.plan.plans.document.content import Block, Content, Part, checked
from huoshui.plan.plans.exporting import queries, services
from huoshui.plan.plans.exporting.errors import NoSuchSnapshot, NotAnExport
from huoshui.plan.plans.measures import services as measures
from huoshui.plan.plans.measures.drafting import Draft
from huoshui.plan.plans.sharing import services as sharing
from tests.plugins.browser import environment_of

# Slow: whichever test comes first makes the house for all.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

ZONE = zone_named("Asia/Shanghai")
NOW = datetime(2024, 3, 1, 1, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=40)
SALES = """\
invoice,customer,date,sku,description,quantity,price,channel
1,mei,2024-02-20 09:00,lamp,Lamp,1,20,online
2,tom,2024-02-25 09:00,lock,Lock,1,100,store
3,mei,2024-01-20 09:00,lamp,Lamp,1,30,online
"""
MORE = "invoice,customer,date,sku,description,quantity,price,channel\n9,ann,2024-02-26 09:00,lock,Lock,1,7000,store\n"
HOSTILE = (
    "<b>&amp; ]#{panic()} $x^2$ `raw` *a* _b_ @ref \u202eabc\x00\x0b{{ 1 }} =cmd|' /C'!A0 \ud800 "
    '"/> #import "x"'
)
KEPT = "]#{panic()} $x^2$ `raw`"
"""What has to stand in every file as it was written."""


@dataclass(frozen=True)
class House:
    """The house with the sales, and what it was before they came."""

    lake: Lake
    tables: Snapshot
    before: Snapshot


@pytest.fixture(scope="module")
def house(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[House]:
    """Three sales as of 1 March 2024, made once."""
    home: Path = tmp_path_factory.mktemp("exports")
    put = override_settings(HUOSHUI_HOME=home, HUOSHUI_LAKE=str(home / "lake"), HUOSHUI_STATED=frozenset())
    with django_db_blocker.unblock(), transaction.atomic(), put:
        organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW, name="活水商城")
        lake = open_lake()
        before = lake.snapshot()
        loaded(lake, home / "sales.csv", SALES)
        traits.refresh(actor=CONSOLE, lake=lake, as_of=AsOf.day(date(2024, 3, 1), ZONE), now=NOW)
        yield House(lake, lake.snapshot(), before)
        lake.close()
        transaction.set_rollback(True)


def loaded(lake: Lake, file: Path, text: str) -> None:
    """Bring orders in."""
    file.write_text(text)
    options = ImportOptions(strict=True)
    import_file(actor=CONSOLE, lake=lake, path=file, kind="transactions", options=options, now=NOW)


def made(*blocks: Block, title: str = "Plan 2024", template: str = "blank") -> int:
    """A new plan whose first part has these blocks."""
    number = documents.create(
        actor=CONSOLE,
        title=title,
        template=template,
        first_day=date(2024, 1, 1),
        last_day=date(2024, 12, 31),
        language="en",
        now=NOW,
    )
    if blocks:
        whole = Content(parts=(Part(slug="overview", blocks=blocks), Part(slug="value")))
        with transaction.atomic():
            editing.keep_content(actor=CONSOLE, plan_id=number, content=whole, now=NOW)
    return number


def frozen(number: int, tables: Snapshot, now: datetime = NOW, note: str = "") -> int:
    """A snapshot by the console."""
    return services.freeze(actor=CONSOLE, plan_id=number, tables=tables, house=HOUSE(), note=note, now=now)


def file_of(number: int, snapshot: int, kind: str, language: Language = "en", now: datetime = NOW) -> bytes:
    return services.export(
        actor=CONSOLE, plan_id=number, number=snapshot, kind=kind, language=language, now=now
    )


def files(number: int, snapshot: int, now: datetime) -> dict[tuple[str, str], bytes]:
    """All that can be made of a snapshot."""
    return {
        (kind, language): file_of(number, snapshot, kind, language, now)
        for kind in services.KINDS
        for language in LANGUAGES
    }


REVENUE = Block(key="rev", kind="metrics", values={"metrics": "revenue,orders", "period": "90d"})
CHART = Block(key="cha", kind="chart", values={"metric": "revenue", "by": "month", "period": "90d"})
WORDS = Block(key="wor", kind="text", values={"text": "**Before** we begin"})
TIMES = Block(key="tim", kind="schedule")


def words_of(kind: str, file: bytes) -> str:
    """Everything that is written in a Word document or in slides."""
    if kind == "docx":
        document = Document(io.BytesIO(file))
        return "".join(one.text or "" for one in document.element.body.iter() if str(one.tag).endswith("}t"))
    return "".join(
        one.text or ""
        for slide in Presentation(io.BytesIO(file)).slides
        for one in slide._element.iter()
        if str(one.tag).endswith("}t")
    )


def said(paper: Paper) -> str:
    """The figures and notices of a paper."""
    found = []
    for element in (one for part in paper.parts for block in part.blocks for one in block.elements):
        match element:
            case Facts():
                found += [word for fact in element.facts for word in (fact.value, fact.note)]
            case Grid():
                found += [cell for row in element.rows for cell in row]
            case Notice():
                found.append(element.text)
    return "\n".join(found)


def test_a_snapshot_is_the_same_bytes_after_data_and_plan_have_changed(house, tmp_path):
    number = made(WORDS, REVENUE, CHART, TIMES)
    measures.add(actor=CONSOLE, plan_id=number, draft=measure("Train everybody"), now=NOW)
    first = frozen(number, house.tables)
    before = files(number, first, NOW)
    assert len({hashlib.sha256(one).digest() for one in before.values()}) == 6
    # The plan changes in its words, its measures and its title, then the data.
    seen = threads_version(number)
    editing.edit_block(
        actor=CONSOLE, plan_id=number, key="wor", values={"text": "Afterwards"}, seen=seen, now=LATER
    )
    measures.add(actor=CONSOLE, plan_id=number, draft=measure("Another one"), now=LATER)
    loaded(house.lake, tmp_path / "more.csv", MORE)
    second = frozen(number, house.lake.snapshot(), LATER)
    assert second == first + 1
    assert files(number, first, LATER + timedelta(days=400)) == before
    new = file_of(number, second, "docx")
    for word, now, then in (
        ("¥7.2k", True, False),
        ("¥150", False, True),
        ("Afterwards", True, False),
        ("Before", False, True),
    ):
        assert (word in words_of("docx", new)) is now, word
        assert (word in words_of("docx", before["docx", "en"])) is then, word


def test_another_process_makes_the_same_bytes(house, tmp_path):
    """Neither the order of sets nor the moment of a process reaches a file."""
    number = made(WORDS, REVENUE, CHART)
    kept = apps.get_model("plans", "Snapshot").objects.get(
        plan_id=number, number=frozen(number, house.tables)
    )
    (tmp_path / "paper.json").write_text(kept.papers["zh"])
    script = (
        "import django, sys, hashlib, datetime; django.setup()\n"
        "from pathlib import Path\n"
        "from huoshui.documents import frozen\n"
        "from huoshui.documents.looks import Look, Order\n"
        "from huoshui.plan.plans.exporting import services as s\n"
        "paper = frozen.thaw(Path(sys.argv[1]).read_text())\n"
        "at = datetime.datetime.fromisoformat(sys.argv[2])\n"
        "order = Order(paper=paper, look=Look(), writing=s._writing(), made_at=at)\n"
        "print(*(hashlib.sha256(s.KINDS[k](order)).hexdigest() for k in sorted(s.KINDS)))\n"
    )
    said_there = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "paper.json"), kept.made_at.isoformat()],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    here = [file_of(number, kept.number, kind, "zh") for kind in sorted(services.KINDS)]
    assert said_there == [hashlib.sha256(one).hexdigest() for one in here]


def environment(home: Path) -> dict[str, str]:
    """That of another program, whose sets have another order."""
    return environment_of(home, "http://127.0.0.1:1") | {"PYTHONHASHSEED": "4711"}


def test_while_nothing_changed_the_last_snapshot_serves_again(house):
    number = made(WORDS, REVENUE, TIMES)
    measures.add(actor=CONSOLE, plan_id=number, draft=measure("Train"), now=NOW)
    first = frozen(number, house.tables, note="for the board")
    assert frozen(number, house.tables, NOW + timedelta(hours=3)) == first
    assert [one.number for one in queries.snapshots(actor=CONSOLE, plan_id=number)] == [first]
    assert frozen(number, house.before) == first + 1, "another version of the house"
    third = frozen(number, house.tables)
    assert third == first + 2, "only the last one serves again"
    seen = queries.snapshot(actor=CONSOLE, plan_id=number, number=first)
    assert (seen.note, seen.made_at, seen.house_version) == ("for the board", NOW, house.tables.version)


def test_a_file_says_the_time_of_its_snapshot_and_not_that_of_its_export(house):
    number = made(WORDS, REVENUE)
    first = frozen(number, house.tables)
    for kind in ("docx", "pptx"):
        file = file_of(number, first, kind, now=LATER)
        assert "2024-03-01 09:30" in words_of(kind, file), "local time of the house"
        assert LATER.strftime("%Y-%m-%d") not in words_of(kind, file)
    properties = Document(io.BytesIO(file_of(number, first, "docx", now=LATER))).core_properties
    assert properties.created is not None
    assert properties.created.replace(tzinfo=UTC) == NOW
    pdf = file_of(number, first, "pdf", now=LATER)
    assert b"20240301" in pdf
    assert LATER.strftime("%Y%m%d").encode() not in pdf


def test_what_people_wrote_stands_in_every_file_as_they_wrote_it(house):
    blocks = tuple(
        Block(key=f"k{n}", kind=kind, values=values)
        for n, (kind, values) in enumerate(
            (
                (
                    "text",
                    {
                        "text": f"# {HOSTILE}\n\n{HOSTILE}\n\n- {HOSTILE}\n\n"
                        f"| a | b |\n|---|---|\n| {HOSTILE} | 1 |"
                    },
                ),
                ("quote", {"text": HOSTILE, "by": HOSTILE}),
                ("proposition", {"statement": HOSTILE, "differentiation": HOSTILE, "scenes": HOSTILE}),
                ("persona", {"name": HOSTILE, "story": HOSTILE, "pains": HOSTILE, "case": HOSTILE}),
                ("measures", {}),
                ("schedule", {}),
            )
        )
    )
    clean = tuple(editing_block(one) for one in blocks)
    number = made(*clean, title=f"P {HOSTILE}"[:190].replace("\x00", "").replace("\ud800", ""))
    measures.add(actor=CONSOLE, plan_id=number, draft=measure(HOSTILE), now=NOW)
    first = frozen(number, house.tables)
    for language in LANGUAGES:
        for kind in services.KINDS:
            file = file_of(number, first, kind, language)
            if kind == "pdf":
                assert file.startswith(b"%PDF-")
                continue
            written = words_of(kind, file)
            assert written.count(KEPT) >= 4, (kind, language)
            assert "\u202e" not in written, "no text turns the line around"


def test_a_figure_whose_data_are_gone_is_never_a_zero_in_a_file(house):
    number = made(REVENUE, CHART, Block(key="gone", kind="metrics", values={"metrics": "not_there"}))
    gone = frozen(number, house.before)
    there = frozen(number, house.tables)
    zero = re.compile(r"[¥￥]\s?0\b(?!\.\d*[1-9])")
    for language in LANGUAGES:
        papers = [
            queries.paper_of(actor=CONSOLE, plan_id=number, number=one, language=language)
            for one in (gone, there)
        ]
        assert not zero.search(said(papers[0])), said(papers[0])
        assert "150" in said(papers[1])
        for kind in ("docx", "pptx"):
            written = words_of(kind, file_of(number, gone, kind, language))
            assert not zero.search(written)
            for block in papers[0].parts[0].blocks:
                assert block.elements
            for notice in (
                one
                for block in papers[0].parts[0].blocks
                for one in block.elements
                if isinstance(one, Notice)
            ):
                assert notice.text in written, "it says why in a sentence"
        assert sum(isinstance(e, Notice) for b in papers[0].parts[0].blocks for e in b.elements) >= 1


def test_what_cannot_be_exported_is_refused(house):
    number = made(WORDS)
    first = frozen(number, house.tables)
    with pytest.raises(NotAnExport):
        file_of(number, first, "odt")
    with pytest.raises(NotAnExport):
        file_of(number, first, "pdf", "fr")  # type: ignore[arg-type]  # what a program may send
    for wrong in (0, -1, first + 1, 2**40):
        with pytest.raises(NoSuchSnapshot):
            file_of(number, wrong, "pdf")
    reader = Actor(name="r", rights=frozenset({Right.CUSTOMERS_VIEW}))
    with pytest.raises(NotAllowed):
        services.freeze(actor=reader, plan_id=number, tables=house.tables, house=HOUSE(), now=NOW)
    with pytest.raises(NotAllowed):
        services.export(actor=reader, plan_id=number, number=first, kind="pdf", language="en", now=NOW)


def test_the_pages_make_a_snapshot_a_file_and_a_link_that_needs_no_account(house, signed_in, stranger):
    number = made(WORDS, REVENUE)
    manager = signed_in("manager")
    share = f"/plans/{number}/share/"
    assert 'name="snapshot"' not in manager.get(share).content.decode(), "nothing to share yet"
    assert manager.post(share, {"freeze": "1"}).status_code == 302
    page = manager.get(share).content.decode()
    assert 'name="snapshot"' in page
    assert manager.post(share, {"freeze": "1"}).status_code == 302
    assert len(queries.snapshots(actor=CONSOLE, plan_id=number)) == 1, "nothing changed"
    link = manager.post(share, {"snapshot": "1", "days": "7"}).content.decode()
    (secret,) = set(re.findall(r"/plans/shared/([\w-]+)/", link))
    shown = stranger.get(f"/plans/shared/{secret}/")
    assert shown.status_code == 200
    assert "Before" in shown.content.decode()
    got = manager.post(f"/plans/{number}/export/", {"kind": "docx", "snapshot": "1", "language": "zh"})
    assert b"".join(got.streaming_content) == file_of(number, 1, "docx", "zh")
    for wrong in ({"kind": "odt"}, {"kind": "pdf", "snapshot": "7"}, {"kind": "pdf", "snapshot": "x"}):
        assert manager.post(f"/plans/{number}/export/", wrong).status_code == 400


def test_a_link_stops_when_it_expires_or_is_ended(house, signed_in, stranger, monkeypatch):
    number = made(WORDS)
    frozen(number, house.tables)
    now = datetime.now(UTC)
    secret = sharing.share(actor=CONSOLE, plan_id=number, snapshot=1, days=1, now=now)
    address = f"/plans/shared/{secret}/"
    assert stranger.get(address).status_code == 200
    row = apps.get_model("plans", "ShareLink").objects.get(plan_id=number)
    with at(now + timedelta(days=1, seconds=1), monkeypatch):
        late = stranger.get(address)
        assert late.status_code == 404
        assert "Before" not in late.content.decode()
    assert stranger.get(address).status_code == 200
    assert signed_in("manager").post(f"/plans/{number}/share/{row.pk}/end/").status_code == 302
    assert stranger.get(address).status_code == 404


def test_who_may_read_only_makes_no_snapshot(house, signed_in, stranger):
    number = made(WORDS)
    for path, said_ in (
        (f"/plans/{number}/share/", {"freeze": "1"}),
        (f"/plans/{number}/export/", {"only": "1"}),
    ):
        assert signed_in("viewer").post(path, said_).status_code == 403
        assert stranger.post(path, said_).status_code in (302, 401, 403)
    assert queries.snapshots(actor=CONSOLE, plan_id=number) == []


@contextmanager
def at(moment: datetime, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock of the pages says another moment."""
    with monkeypatch.context() as put:
        put.setattr("huoshui.plan.plans.views.sharing.clock.now", lambda: moment)
        yield


def measure(name: str) -> Draft:
    return Draft(
        name=name.replace("\x00", "").replace("\ud800", "")[:190],
        first_day=date(2024, 2, 1),
        last_day=date(2024, 5, 1),
        note="n",
    )


def editing_block(block: Block) -> Block:
    """The block as the form keeps it."""
    return Block(key=block.key, kind=block.kind, values=checked(block.kind, block.values))


def threads_version(number: int) -> int:
    return words.document(actor=CONSOLE, plan_id=number).number
