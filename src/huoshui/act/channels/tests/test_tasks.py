"""Messages that colleagues pass on."""

from __future__ import annotations

import pytest
from django.urls import reverse

from huoshui.act.channels import task as channel
from huoshui.act.channels.task import CHANNEL
from huoshui.data.customers import services as customers
from huoshui.data.customers.tests.factories import NOW, make_customers, make_house, tell
from huoshui.data.privacy.tests.factories import record, statements
from huoshui.desk.worklist import queries as worklist
from huoshui.desk.worklist import services as tasks
from huoshui.desk.worklist.errors import NotATask
from huoshui.desk.worklist.tests.people import colleague, id_of, team
from huoshui.kernel import outreach
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.outreach import Content, Handed, Outcome, Outgoing

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def house() -> None:
    make_house(currency="CNY", time_zone="Asia/Shanghai")


@pytest.fixture
def heard(monkeypatch) -> list[tuple[str, str, str]]:
    told: list[tuple[str, str, str]] = []

    def hear(key, handed, now):
        told.append((key, handed.outcome.value, handed.answer))

    monkeypatch.setattr(channel, "HEARD", lambda: hear)
    return told


def customer_of(owner_id: int | None) -> int:
    (person,) = make_customers("n1")
    tell([person], name=["吴明"])
    if owner_id is not None:
        customers.assign_owner(actor=CONSOLE, customer_ids=[person], owner_id=owner_id, now=NOW)
    return person


def message(
    person: int, address: str, key: str = "k1", subject: str = "", text: str = "吴先生，新茶到了。"
) -> Outgoing:
    return Outgoing(
        key=key,
        customer_id=person,
        address=address,
        name="吴明",
        language="zh",
        marketing=True,
        content=Content(subject=subject, text=text),
    )


def hand_over(one: Outgoing) -> Handed:
    with CHANNEL.open() as line:
        return line.hand_over(one)


def test_the_task_goes_to_who_looks_after_the_customer_else_to_the_team():
    mei, viewer = colleague("Mei"), colleague("Vic", role=Role.VIEWER)
    person = customer_of(id_of(mei))
    assert CHANNEL.addresses([person]) == {person: f"user:{mei.user_id}"}
    customers.assign_owner(actor=CONSOLE, customer_ids=[person], owner_id=id_of(viewer), now=NOW)
    assert CHANNEL.addresses([person]) == {}
    sales = team("sales")
    channel.change_setting(actor=CONSOLE, team_id=sales, days=3, now=NOW)
    assert CHANNEL.addresses([person, 7]) == {person: f"team:{sales}"}


def test_a_message_becomes_one_task_with_the_text_to_copy():
    mei = colleague("Mei")
    person = customer_of(id_of(mei))
    one = message(person, f"user:{mei.user_id}")
    first, second = hand_over(one), hand_over(one)
    assert first == second
    assert first.outcome is Outcome.SENT
    (found,) = worklist.of_subject(actor=mei, subject=f"customer:{person}").rows
    assert (found.title, found.note, found.owner_id) == ("转达给吴明", "吴先生，新茶到了。", mei.user_id)
    assert first.reference == f"task:{found.id}"


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        (tasks.done, ("k1", "sent", "done")),
        (tasks.not_reached, ("k1", "refused", "could not be reached")),
        (tasks.cancel, ("k1", "refused", "cancelled")),
    ],
)
def test_how_the_task_ends_is_how_the_message_ends(heard, verb, said):
    mei = colleague("Mei")
    person = customer_of(id_of(mei))
    hand_over(message(person, f"user:{mei.user_id}"))
    (found,) = worklist.of_subject(actor=mei, subject=f"customer:{person}").rows
    version = verb(actor=mei, task_id=found.id, now=NOW)
    assert heard == [said]
    tasks.take_back(actor=mei, task_id=found.id, version=version, now=NOW)
    assert heard[1:] == [("k1", "sent", "a task")]


def test_a_task_that_no_message_made_tells_nobody(heard):
    mei = colleague("Mei")
    number = tasks.add(actor=mei, draft=tasks.Draft(title="x"), now=NOW)
    tasks.done(actor=mei, task_id=number, now=NOW)
    assert heard == []


def test_a_colleague_who_left_meanwhile_is_another_time_and_a_text_too_long_never():
    person = customer_of(None)
    assert hand_over(message(person, "user:99999")).outcome is Outcome.LATER
    mei = colleague("Mei")
    long = "字" * (worklist.LONGEST_NOTE + 1)
    assert hand_over(message(person, f"user:{mei.user_id}", text=long)).outcome is Outcome.REFUSED
    assert CHANNEL.problems(Content(text=long), True)
    assert CHANNEL.problems(Content(text="  "), True)
    assert not CHANNEL.problems(Content(text="好"), True)


def test_the_page_of_the_task_offers_the_text_both_ends_and_what_the_person_agreed_to(signed_in):
    client = signed_in("operator")
    owner = int(client.session["_auth_user_id"])
    person = customer_of(owner)
    record(statements(person, channel="wecom"))
    hand_over(message(person, f"user:{owner}", subject="新茶"))
    number = worklist.made_by_rule(source=channel.SOURCE, key="k1")
    page = client.get(reverse("worklist:task", args=[number])).content.decode()
    assert 'data-copies="task-note"' in page
    assert page.count("agreed to marketing") == 1
    assert page.count("no consent to marketing") == 1
    answer = client.post(reverse("worklist:not_reached", args=[number]))
    assert answer.status_code == 302
    after = client.get(reverse("worklist:task", args=[number])).content.decode()
    assert "could not reach the person" in after
    assert reverse("worklist:not_reached", args=[number]) not in after


def test_settings_of_tasks_are_checked():
    with pytest.raises(NotATask):
        channel.change_setting(actor=CONSOLE, team_id=None, days=61, now=NOW)
    with pytest.raises(NotAllowed):
        channel.change_setting(actor=actor_of_role("m", Role.MANAGER), team_id=None, days=1, now=NOW)


def test_the_channel_is_declared():
    assert outreach.CHANNELS["task"] is CHANNEL
