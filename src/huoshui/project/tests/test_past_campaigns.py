"""Campaigns of another tool: written down from its list on the page, by programs and on the command line; then read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse

from huoshui.act.campaigns import past_lists, queries
from huoshui.act.campaigns.errors import NotACampaign
from huoshui.act.campaigns.past_lists import Asked
from huoshui.data.connectors import cells
from huoshui.data.facts import queue
from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.lake import open_lake
from huoshui.project.cli import huoshui
from huoshui.project.cli.running import run as run_command
from huoshui.project.tests.conftest import Run, settings_of
from tests.plugins.programs import program

pytestmark = pytest.mark.django_db

PEOPLE = range(100, 160)


def is_held(who: int) -> bool:
    return who % 3 == 0


SALES = "Invoice,Customer ID,Date,Stock Code,Quantity,Unit Price,Phone,Email\n" + "".join(
    f"A{who},{who},2024-01-0{1 + who % 9} 10:00,L1,1,10.50,+44 7400 123{who},c{who}@example.com\n"
    + ("" if is_held(who) or who % 7 == 0 else f"B{who},{who},2024-03-05 10:00,L1,2,10.50,,\n")
    for who in PEOPLE
)
SALES += "".join(f"C{who},{who},2024-01-01 10:00,L1,1,1,+44 7400 999999,\n" for who in (200, 201))
LIST = "Phone,Group,Why not\n" + "".join(
    f"07400 123{who},{'control' if is_held(who) else 'letter'},{'bounced' if who == 100 else ''}\n"
    for who in PEOPLE
)


@pytest.fixture(scope="module")
def sold(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[Path]:
    """A house whose customers have bought, most of those who were treated also afterwards; made once."""
    folder = tmp_path_factory.mktemp("sold")
    file = folder / "sales.csv"
    file.write_text(SALES)
    with django_db_blocker.unblock(), transaction.atomic(), settings_of(folder / "home"):
        assert run_command(huoshui, ["import", str(file), "--as", "transactions", "--source", "shop"]) == 0
        yield folder / "home"
        transaction.set_rollback(True)


@pytest.fixture
def shop(sold: Path, db: None, command_line: Run) -> Run:
    """The command line over that house; what a test does to its database is taken back."""
    return command_line


def send(client, content=LIST, name="spring.csv"):
    return client.post(
        reverse("campaigns:new_past"), {"file": SimpleUploadedFile(name, content.encode("utf-8"))}
    )


def chosen(page: str) -> list[str]:
    """What is selected in the form."""
    return [
        part.split('"')[1] for part in page.split("<option value=")[1:] if " selected>" in part.split("</")[0]
    ]


SAID = {
    "name": "Spring",
    "channel": "sms",
    "day": "2024-03-01",
    "time": "",
    "goal": "conversion",
    "horizon_days": "14",
    "who": "Phone",
    "kind": "phone",
    "held": "Group\x1fcontrol",
    "reason": "Why not",
}


def test_a_list_becomes_a_campaign_and_its_result_is_read_from_the_orders(shop, pages):
    assert reverse("campaigns:new_past") in pages.get(reverse("campaigns:list")).content.decode()
    sent = send(pages)
    assert sent.status_code == 302, sent.content.decode()
    form = pages.get(sent.url).content.decode()
    assert {"Phone", "phone", "Group\x1fcontrol"} <= set(chosen(form))
    refused = pages.post(sent.url, {**SAID, "day": ""})
    assert (refused.status_code, "on which day" in refused.content.decode()) == (400, True)
    assert "Group\x1fcontrol" in chosen(refused.content.decode())
    answer = pages.post(sent.url, SAID)
    assert answer.status_code == 302, answer.content.decode()
    shown = pages.get(answer.url).content.decode()
    assert "Written down: 60 people" in shown
    assert "bounced" in shown
    assert "39 + 0 + 0 + 1 + 0 + 20 = 60" in shown
    assert pages.get(sent.url).status_code == 404, "the list is gone"
    queue.drain(lake=open_lake(), now=clock.now())
    (number,) = [one.number for one in queries.campaigns(actor=CONSOLE)]
    page = pages.get(reverse("experiments:trial", args=[f"campaign:{number}"])).content.decode()
    assert "Share who buy: Treated +" in page, "most of the treated bought afterwards, nobody of the others"
    assert "drawn elsewhere" in page


def test_programs_and_the_command_line_write_down_the_same(shop, tmp_path):
    api = program("operator")
    body = {
        "name": "Spring",
        "channel": "sms",
        "sent_at": "2024-03-01T12:00:00Z",
        "holdout": 0.3,
        "people": [{"customer": str(who), "held": is_held(who)} for who in PEOPLE],
    }
    made = api.send("POST", reverse("api:past_campaign"), body)
    assert made.status_code == 201, made.content.decode()
    assert made.json() | {"number": 0} == {"number": 0, "people": 60, "unknown": 0, "again": 0, "both": 0}
    there = api.send("GET", made["Location"]).json()
    assert (there["state"], there["holdout"], there["progress"]["held_out"]) == ("finished", 0.3, 20)
    file = tmp_path / "spring.csv"
    file.write_text(LIST)
    told = shop(
        *("campaign", "record", file, "--channel", "sms", "--sent", "2024-03-01", "--who", "Phone"),
        *("--as", "phone", "--held", "Group=control", "--reason", "Why not", "--json"),
    )
    assert told.code == 0, told.err
    assert told.json["started_at"].replace("+00:00", "Z") == there["started_at"]
    assert told.json["progress"]["held_out"] == 20
    assert told.json["progress"]["reasons"]["bounced"] == 1
    assert told.json["holdout"] == pytest.approx(20 / 60)
    assert (
        shop("campaign", "record", file, "--channel", "x", "--sent", "2024-03-01", "--who", "Phone").code == 1
    )
    assert len(queries.campaigns(actor=CONSOLE)) == 2


def read(text: str, tmp_path, **said):
    path = tmp_path / "list.csv"
    path.write_text(text)
    asked = Asked(**{"who": "n", "kind": "number", "held": "g", "value": "c"} | said)
    return past_lists.people(actor=CONSOLE, cells=cells.texts(path, workspace=tmp_path), asked=asked)


def test_who_stands_there_twice_counts_once_and_on_both_sides_not_at_all(shop, tmp_path):
    found = read("n,g\n100,t\n100,t\n101,c\n102,c\n102,t\n103,t\n", tmp_path)
    assert found.table["held"].to_pylist() == [False, True, False]
    assert (found.unknown, found.again, found.both) == (0, 2, 1)


def test_a_list_of_strangers_is_refused_unless_they_are_left_out(shop, tmp_path):
    text = "n,g\n100,t\n101,c\n9999,t\n,c\n"
    with pytest.raises(NotACampaign, match="name nobody here") as refused:
        read(text, tmp_path)
    assert refused.value.received == "2 / 4"
    found = read(text, tmp_path, known_only=True)
    assert (found.table.num_rows, found.unknown) == (2, 2)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"who": "nothing"}, "who"),
        ({"kind": "colour"}, "kind"),
        ({"held": "nothing"}, "held"),
        ({"value": "nobody"}, "held"),
        ({"reason": "nothing"}, "reason"),
        ({"reason": "long"}, "reason"),
    ],
)
def test_columns_that_are_none_are_refused_by_name(shop, tmp_path, said, field):
    with pytest.raises(NotACampaign) as refused:
        read(f"n,g,long\n100,t,{'x' * 60}\n101,c,\n", tmp_path, **said)
    assert refused.value.field == field


def test_a_phone_of_several_customers_is_not_guessed(shop, tmp_path):
    with pytest.raises(NotACampaign, match="several customers"):
        read("n,g\n+447400999999,t\n", tmp_path, kind="phone", held="", value="")


def test_who_may_not_write_campaigns_or_did_not_send_the_list_is_refused(shop, signed_in, stranger):
    viewer, mei, lin = (
        signed_in("viewer"),
        signed_in("operator"),
        signed_in("operator", email="lin@example.com"),
    )
    assert viewer.get(reverse("campaigns:new_past")).status_code == 403
    assert send(viewer).status_code == 403
    assert stranger.get(reverse("campaigns:new_past")).status_code == 302
    sent = send(mei)
    assert mei.get(sent.url).status_code == 200
    assert lin.get(sent.url).status_code == 404
    assert lin.post(sent.url, SAID).status_code == 404
    assert viewer.post(sent.url, SAID).status_code == 403
    assert mei.delete(sent.url).status_code == 405
    assert mei.get(reverse("campaigns:past", args=["made-up"])).status_code == 404
    assert queries.campaigns(actor=CONSOLE) == []


@pytest.mark.parametrize(
    ("content", "words"), [("", "cannot be read"), ("a,b\n1,2\n3\n", "another number of cells")]
)
def test_a_file_that_is_no_list_is_refused_in_a_sentence_and_not_kept(shop, sold, pages, content, words):
    folder = sold / "files" / "uploads"
    before = set(folder.iterdir()) if folder.exists() else set()
    answer = send(pages, content)
    assert (answer.status_code, words in answer.content.decode()) == (400, True), answer.content.decode()
    assert before == (set(folder.iterdir()) if folder.exists() else set())
    assert pages.post(reverse("campaigns:new_past")).status_code == 400
