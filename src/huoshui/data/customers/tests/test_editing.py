"""People made and changed by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.data.customers import queries, services
from huoshui.data.customers.models import Customer, HandValue, Identity, ProfileValue
from huoshui.data.customers.tests.factories import NOW, make_colleague, make_customers, make_house, tell
from huoshui.data.customers.values import read
from huoshui.kernel.actors import CONSOLE, RIGHTS, Actor, Role, Scope
from huoshui.kernel.errors import NotAllowed

LATER = NOW + timedelta(hours=1)
MEI = {
    "name": " 王  梅 ",
    "phone": "07700 900123",
    "email": "MEI@example.com",
    "city": "上海",
    "birth_year": "1985",
}


def edit(customer_id, seen, typed, in_lake=None, now=LATER, actor=CONSOLE):
    return services.edit(
        actor=actor,
        customer_id=customer_id,
        seen=seen,
        typed={**seen, **typed},
        in_lake=in_lake or {},
        now=now,
    )


def values(customer_id):
    return {name: value for name, value in queries.values_of(customer_id, in_lake={}).items() if value}


@pytest.fixture
def mei(database):
    make_house()
    return services.create(actor=CONSOLE, typed=MEI, now=NOW)


def test_a_customer_is_stored_in_the_spelling_of_the_house(mei):
    assert values(mei) == {
        "name": "王 梅",
        "phone": "+447700900123",
        "email": "mei@example.com",
        "city": "上海",
        "birth_year": "1985",
    }
    assert [one.customer_id for one in queries.find("07700 900123")] == [mei]


def test_an_edit_changes_what_was_changed_and_leaves_a_history(mei):
    assert edit(mei, values(mei), {"name": "王美", "phone": ""}) == ("name", "phone")
    assert values(mei)["name"] == "王美"
    assert "phone" not in values(mei)
    history = ProfileValue.objects.filter(customer_id=mei, field="name").order_by("valid_from")
    assert list(history.values_list("value", flat=True)) == ["王 梅", "王美"]
    assert not Identity.objects.filter(customer_id=mei, kind="phone").exists()
    assert edit(mei, values(mei), {}) == ()


def test_two_people_who_edit_different_fields_both_get_theirs(mei):
    seen = values(mei)
    edit(mei, seen, {"name": "王美"})
    assert edit(mei, seen, {"city": "北京"}) == ("city",)
    assert (values(mei)["name"], values(mei)["city"]) == ("王美", "北京")


def test_two_people_who_edit_the_same_field_lose_nothing(mei):
    seen = values(mei)
    edit(mei, seen, {"name": "王美", "city": "北京"})
    with pytest.raises(services.ChangedMeanwhile) as refused:
        edit(mei, seen, {"name": "王玫", "city": "北京", "birth_year": "1990"})
    (clash,) = refused.value.fields
    assert (clash.field, clash.was, clash.theirs, clash.mine) == ("name", "王 梅", "王美", "王玫")
    assert values(mei)["birth_year"] == "1985"
    assert edit(mei, refused.value.now_stored, {"name": "王玫", "birth_year": "1990"}) == (
        "name",
        "birth_year",
    )


def test_an_edit_after_a_load_of_a_moment_to_come_shows(mei):
    tell([mei], name=["王未来"], load_id=7, valid_from=LATER + timedelta(days=9))
    edit(mei, values(mei), {"name": "王美"})
    assert values(mei)["name"] == "王美"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("phone", "12"),
        ("email", "mei@"),
        ("name", "x" * 201),
        ("name", "a\x00b"),
        ("birth_year", "1985.5"),
        ("birth_year", "nineteen"),
        ("city", "x" * 501),
        ("owner", "999"),
        ("owner", "x"),
        ("account", "5"),
        ("shoe_size", "40"),
        ("day", "2024-02-31"),
        ("day", "31.1.2024"),
        ("loyal", "maybe"),
        ("score", "1.23456"),
    ],
)
def test_what_cannot_be_stored_is_refused_beside_its_field(mei, field, text):
    for slug, type_ in (("day", "date"), ("loyal", "boolean"), ("score", "decimal")):
        services.declare_attribute(actor=CONSOLE, slug=slug, label_en=slug, label_zh=slug, type=type_)
    with pytest.raises(services.WrongValues) as refused:
        edit(mei, values(mei), {field: text, "name": "王美"} if field != "name" else {field: text})
    assert list(refused.value.wrong) == [field]
    assert values(mei)["name"] == "王 梅"


def test_values_are_read_by_their_type(mei):
    for slug, type_ in (("day", "date"), ("loyal", "boolean"), ("score", "decimal")):
        services.declare_attribute(actor=CONSOLE, slug=slug, label_en=slug, label_zh=slug, type=type_)
    typed = {"day": " 2024-02-29 ", "loyal": "是", "score": "1,234.5", "birth_year": "+1985"}
    assert read(typed) == {"day": "2024-02-29", "loyal": "true", "score": "1234.5", "birth_year": "1985"}


def test_a_customer_of_nothing_is_refused(mei):
    with pytest.raises(services.NothingSaid):
        services.create(actor=CONSOLE, typed={"name": " ", "city": "上海"}, now=NOW)
    with pytest.raises(services.NothingSaid):
        edit(mei, values(mei), {"name": "", "phone": "", "email": ""})


def test_who_has_a_contact_already_is_named(mei):
    known = services.known_already
    assert known(actor=CONSOLE, phone="07700 900123", email="") == [mei]
    assert known(actor=CONSOLE, phone="", email="MEI@example.com") == [mei]
    assert known(actor=CONSOLE, phone="07700 900123", email="", but=mei) == []


def test_who_is_deleted_is_back_with_everything(mei):
    before = values(mei)
    services.delete(actor=CONSOLE, customer_id=mei, now=LATER)
    with pytest.raises(queries.NoSuchCustomer):
        services.delete(actor=CONSOLE, customer_id=mei, now=LATER)
    with pytest.raises(queries.NoSuchCustomer):
        edit(mei, before, {"name": "x"})
    services.restore(actor=CONSOLE, customer_id=mei, now=LATER)
    assert values(mei) == before
    with pytest.raises(queries.NoSuchCustomer):
        services.restore(actor=CONSOLE, customer_id=mei, now=LATER)


def test_foreign_customers_are_not_there(database):
    make_house()
    me, she = make_colleague("me@example.com"), make_colleague("she@example.com")
    own = Actor(name="me", rights=RIGHTS[Role.OPERATOR], user_id=me, scope=Scope.OWN)
    (hers,) = make_customers("1")
    services.assign_owner(actor=CONSOLE, customer_ids=[hers], owner_id=she, now=NOW)
    for verb in (
        lambda: edit(hers, {}, {"name": "x"}, actor=own),
        lambda: services.delete(actor=own, customer_id=hers, now=NOW),
        lambda: services.restore(actor=own, customer_id=hers, now=NOW),
    ):
        with pytest.raises(queries.NoSuchCustomer):
            verb()
    mine = services.create(actor=own, typed={"name": "王梅"}, now=NOW)
    assert Customer.objects.get(pk=mine).owner_id == me
    with pytest.raises(NotAllowed):
        edit(mine, values(mine), {"owner": str(she)}, actor=own)
    with pytest.raises(NotAllowed):
        services.create(actor=own, typed={"name": "王梅", "owner": str(she)}, now=NOW)


def test_only_who_may_edit_edits(mei):
    viewer = Actor(name="viewer", rights=RIGHTS[Role.VIEWER])
    blind = Actor(name="blind", rights=RIGHTS[Role.OPERATOR] - {"contacts.reveal"})
    with pytest.raises(NotAllowed):
        services.create(actor=viewer, typed=MEI, now=NOW)
    with pytest.raises(NotAllowed):
        edit(mei, values(mei), {"name": "x"}, actor=viewer)
    with pytest.raises(NotAllowed):
        edit(mei, values(mei), {"phone": "07700 900999"}, actor=blind)
    assert edit(mei, values(mei), {"name": "王美"}, actor=blind) == ("name",)
    assert HandValue.objects.filter(customer_id=mei).count() == 2
