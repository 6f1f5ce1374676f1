"""Guesses that people correct, save, and find again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from huoshui.data.connectors import queries, services
from huoshui.data.connectors.errors import NameTaken, NoSuchProfile
from huoshui.data.connectors.files import RecognisedFile
from huoshui.data.connectors.kinds import KINDS
from huoshui.data.connectors.mapping import map_columns
from huoshui.data.connectors.services.saving import save_mapping
from huoshui.data.connectors.tests.house import NOW, House
from huoshui.data.connectors.tools import TOOLS
from huoshui.data.connectors.understanding import Understood
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed

TILL = "单号,会员,时刻,实收(分),备注\n1,a,03/04/2024,1250,x\n2,b,05/04/2024,300,y\n"
TOLD = {"order_id": "单号", "customer": "会员", "ordered_at": "时刻", "amount": "实收(分)"}


def understood(tmp_path, columns=("单号", "会员", "时刻", "实收"), **told) -> Understood:
    path = tmp_path / "till.csv"
    told = told or {"order_id": "单号", "ordered_at": "时刻", "amount": "实收"}
    return Understood(
        kind=KINDS["transactions"],
        file=RecognisedFile(path, path, "text", "f", columns),
        mapping=map_columns(KINDS["transactions"], columns, told),
        tool=TOOLS["youzan-orders"],
        profile="",
        source="till",
        currency="CNY",
        zone="Asia/Shanghai",
        date_order="dmy",
        amounts_in="cents",
        encoding="gb18030",
        sheet=None,
    )


def test_a_saved_mapping_keeps_all_that_belongs_to_reading(database, tmp_path):
    save_mapping(actor=CONSOLE, name="till", understood=understood(tmp_path), now=NOW)
    (saved,) = queries.saved_mappings(actor=CONSOLE)
    assert saved == queries.saved_mapping("till")
    assert (saved.kind, saved.tool, saved.source, saved.currency) == (
        "transactions",
        "youzan-orders",
        "till",
        "CNY",
    )
    assert (saved.time_zone, saved.date_order, saved.amounts_in) == ("Asia/Shanghai", "dmy", "cents")
    assert (saved.encoding, saved.sheet, saved.actor, saved.saved_at) == ("gb18030", "", CONSOLE.name, NOW)
    assert saved.mapping == {"order_id": "单号", "ordered_at": "时刻", "amount": "实收"}
    # It is found by its columns, whatever their order and spelling, and only for its kind.
    assert queries.saved_for("transactions", ["实收", "时刻 ", "会员", "单号"]) == saved
    assert queries.saved_for("orders", saved.columns) is None
    assert queries.saved_for("transactions", [*saved.columns, "备注"]) is None
    # Saved again under its name it is replaced; the newest of several for the same columns is found.
    later = replace(understood(tmp_path), source="new till")
    save_mapping(actor=CONSOLE, name="till", understood=later, now=NOW)
    assert [one.source for one in queries.saved_mappings(actor=CONSOLE)] == ["new till"]
    services.forget_mapping(actor=CONSOLE, name="till")
    assert queries.saved_mappings(actor=CONSOLE) == []
    with pytest.raises(NoSuchProfile, match="nothing is saved"):
        services.forget_mapping(actor=CONSOLE, name="till")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["none", "shopify-orders", "", " x", "a/b", "x" * 61])
def test_names_that_mean_something_else_cannot_be_saved_under(tmp_path, name):
    with pytest.raises(NameTaken):
        save_mapping(actor=CONSOLE, name=name, understood=understood(tmp_path), now=NOW)


@pytest.mark.django_db
def test_only_who_may_import_saves_and_forgets(tmp_path):
    viewer = actor_of_role("a viewer", Role.VIEWER)
    with pytest.raises(NotAllowed):
        save_mapping(actor=viewer, name="till", understood=understood(tmp_path), now=NOW)
    with pytest.raises(NotAllowed):
        services.forget_mapping(actor=viewer, name="till")
    with pytest.raises(NotAllowed):
        queries.saved_mappings(actor=viewer)


@pytest.mark.slow
def test_a_correction_is_saved_in_a_dry_run_and_used_from_then_on(house: House):
    report = house.load(
        TILL,
        mapping=TOLD,
        source="till",
        date_order="dmy",
        time_zone="Asia/Shanghai",
        save_profile="till",
        dry_run=True,
    )
    assert (report.saved_as, report.loaded, report.cents) == ("till", 2, ["amount"])
    assert queries.loads(actor=CONSOLE) == []

    report = house.load(TILL)
    assert (report.profile, report.why) == (
        "till",
        {"profile": "saved", "source": "saved", "currency": "saved", "time_zone": "saved"},
    )
    assert (report.mapping, report.source, report.time_zone) == (TOLD, "till", "Asia/Shanghai")
    assert house.answer("SELECT sum(revenue)::DOUBLE, min(month(ordered_at)) FROM orders") == (15.5, 4)
    assert house.load(TILL, name="again.csv").already == report.load_id
    # What is told still wins over what is saved; and nothing is looked for when that is told.
    told = house.load(TILL, source="other", mapping={"customer": ""}, dry_run=True)
    assert (told.source, "customer" in told.mapping, told.why["source"]) == ("other", False, "told")
    assert "ordered_at" in house.refused("column_missing", TILL, "orders")
    house.refused("column_missing", TILL, profile="none")
    # The load says what it used, also after the mapping is forgotten.
    services.forget_mapping(actor=CONSOLE, name="till")
    (load,) = queries.loads(actor=CONSOLE)
    assert (load.report["profile"], load.report["mapping"]) == ("till", TOLD)
    house.refused("no_such_profile", TILL, profile="till")
    undone = house.undo(report)
    assert undone.load_id == report.load_id
    assert [load.undone_at for load in queries.loads(actor=CONSOLE)] == [NOW]
