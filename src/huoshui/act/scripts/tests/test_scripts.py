"""Scripts are found by words and sound, offered where they fit, counted when they are copied, changed by who may."""

from __future__ import annotations

import pyarrow as pa
import pytest

from huoshui.act.scripts import queries, services
from huoshui.act.scripts.errors import NoSuchScript, NotAScript, ScriptChanged
from huoshui.act.scripts.services import Draft
from huoshui.data.customers.tests.factories import NOW, make_customers, make_house
from huoshui.desk.worklist import services as tasks
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.plugs import LAKE_TABLES
from huoshui.lake import open_lake
from huoshui.lake.duck import arrow_schema

RETURN = Draft(title="退货要运费吗", question="我不喜欢，运费谁出？", text="七天内免费取件。", language="zh")
SILENT = Draft(title="好久不见", text="您的网关用得顺手吗？", stage="silent")
DEAR = Draft(title="Too expensive", question="Cheaper elsewhere!", text="It brings two years of service.")


def add(*drafts: Draft) -> list[int]:
    return [services.add(actor=CONSOLE, draft=draft, now=NOW) for draft in drafts]


def titles(found):
    return [one.title for one in found]


@pytest.fixture
def house(database):
    make_house()


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("运费", "退货要运费吗"), ("tuihuo", "退货要运费吗"), ("TuiHuo yunfei", "退货要运费吗"),
        ("thyyf", "退货要运费吗"),
        ("七天 取件", "退货要运费吗"), ("expensive", "Too expensive"), ("cheaper, YEARS", "Too expensive"),
        ("sq", None),
        ("'; DROP", None), ("％", "all"), ("", "all"), ("免费 expensive", None),
    ],
)  # fmt: skip
def test_a_script_is_found_by_any_part_of_its_words_and_by_its_sound(house, words, title):
    add(RETURN, DEAR)
    expected = [] if title is None else ["Too expensive", "退货要运费吗"] if title == "all" else [title]
    assert titles(queries.scripts(words=words)) == expected


def test_what_is_for_everybody_is_found_with_what_is_for_some(house):
    add(RETURN, SILENT, DEAR)
    assert titles(queries.scripts(stage="silent", language="zh")) == [
        "Too expensive",
        "好久不见",
        "退货要运费吗",
    ]
    assert titles(queries.scripts(stage="new", language="en")) == ["Too expensive"]


def test_what_is_copied_is_counted_and_comes_first(house):
    number = add(DEAR, RETURN)[1]
    services.note_use(actor=actor_of_role("a", Role.OPERATOR), script_id=number, now=NOW)
    assert [(one.title, one.used) for one in queries.scripts()] == [("退货要运费吗", 1), ("Too expensive", 0)]
    with pytest.raises(NotAllowed):
        services.note_use(actor=actor_of_role("a", Role.VIEWER), script_id=number, now=NOW)
    with pytest.raises(NoSuchScript):
        queries.script(10**30)


def test_who_saves_over_another_is_told(house):
    (number,) = add(RETURN)
    assert services.change(actor=CONSOLE, script_id=number, seen=1, draft=DEAR, now=NOW) == 2
    with pytest.raises(ScriptChanged):
        services.change(actor=CONSOLE, script_id=number, seen=1, draft=SILENT, now=NOW)
    assert titles(queries.scripts(words="expensive")) == ["Too expensive"]
    for wrong in (
        Draft(title=" ", text="x"), Draft(title="x", text=""), Draft(title="x", text="x", stage="asleep"),
        Draft(title="x", text="x", segment="nobody"), Draft(title="x", text="x\0"), Draft(title="x", text="x" * 4001),
    ):  # fmt: skip
        with pytest.raises(NotAScript):
            add(wrong)
    with pytest.raises(NotAllowed):
        services.retire(actor=actor_of_role("a", Role.ANALYST), script_id=number, now=NOW)
    services.retire(actor=CONSOLE, script_id=number, now=NOW)
    assert queries.scripts() == []


def test_a_task_offers_what_fits_its_customer(db, pages, settings, tmp_path):
    settings.HUOSHUI_HOME, settings.HUOSHUI_LAKE = tmp_path, str(tmp_path / "lake")
    make_house()
    ann, bob = make_customers("1", "2")
    schema = arrow_schema(LAKE_TABLES["traits"].all_columns)
    said = {"customer_id": ann, "as_of": NOW, "computed_at": NOW, "stage": "silent"}
    with open_lake().write("traits") as tx:
        tx.overwrite("traits", pa.Table.from_pylist([said], schema=schema))
    add(DEAR, SILENT, Draft(title="For the lost", text="x", stage="lost"))
    assert titles(queries.for_customer(actor=CONSOLE, customer_id=ann)) == ["好久不见", "Too expensive"]
    assert titles(queries.for_customer(actor=CONSOLE, customer_id=bob)) == ["Too expensive"]
    task = tasks.add(
        actor=CONSOLE,
        draft=tasks.Draft(title="Call", owner_id=pages.user.pk, subject=f"customer:{ann}"),
        now=NOW,
    )
    shown = pages.get(f"/work/{task}/").content.decode()
    assert "您的网关用得顺手吗？" in shown
    assert "For the lost" not in shown
    number = queries.scripts(words="好久")[0].id
    assert pages.post(f"/scripts/{number}/used/", {"next": f"/work/{task}/"})["Location"] == f"/work/{task}/"
    assert queries.script(number).used == 1
    open_lake().close()


def test_the_library_is_kept_on_its_pages_by_who_may(db, signed_in):
    make_house()
    mei, looker = signed_in("operator"), signed_in("viewer")
    assert "There are no scripts yet" in mei.get("/scripts/").content.decode()
    said = {"title": "退货", "text": "<b>七天</b>", "stage": "silent"}
    there = mei.post("/scripts/new/", said)["Location"]
    shown = looker.get(there).content.decode()
    assert "&lt;b&gt;七天" in shown
    assert f"{there}edit/" not in shown
    assert looker.get(f"{there}edit/").status_code == 403
    assert looker.post(f"{there}used/").status_code == 403
    assert mei.post(f"{there}edit/", {**said, "seen": 1, "text": "一"}).status_code == 302
    late = mei.post(f"{there}edit/", {**said, "seen": 1, "text": "二"})
    assert late.status_code == 400
    assert 'name="seen" value="2"' in late.content.decode()
    assert mei.post("/scripts/new/", {"title": "x"}).status_code == 400
    assert "退货" in looker.get("/scripts/?q=th&stage=silent").content.decode()
    assert "No script has all of this" in looker.get("/scripts/?stage=lost").content.decode()
    assert mei.post(f"{there}retire/").status_code == 302
    assert mei.post(f"{there}bring-back/").status_code == 302
    assert mei.get("/scripts/999/").status_code == 404
