"""Profiles: what loads and colleagues say about people, and taking it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from huoshui.data.customers import queries, services
from huoshui.data.customers.models import Account, Customer, Identity, ProfileValue
from huoshui.data.customers.tests.factories import NOW, make_colleague, make_customers, make_house, tell
from huoshui.desk.users.queries import NoSuchUser
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed

LATER = NOW + timedelta(days=1)
NOBODY = pa.array([], pa.int64())


def undo(load_id, still_used=NOBODY):
    return services.undo_load(load_id, actor=CONSOLE, still_used=still_used)


def test_the_newest_word_is_shown_whatever_came_in_last(database):
    (ann,) = make_customers("1")
    tell([ann], load_id=2, valid_from=LATER, name=["Ann Lee"])
    tell([ann], load_id=3, valid_from=NOW, name=["Ann Li"])
    assert queries.profile(ann).name == "Ann Lee"


def test_an_older_load_is_shown_of_those_of_whom_nothing_newer_is_known(database):
    mei = make_colleague("mei@example.com")
    ann, bob, eve = make_customers("1", "2", "3")
    tell([ann], load_id=2, valid_from=LATER, name=["Ann Lee"])
    tell([ann, bob, eve], load_id=3, name=["Ann", "Bob", None], owner_email=["mei@example.com", None, None])
    tell([ann, bob, eve], load_id=4, name=["Annie", "Robert", "Eve"], owner_email=[None] * 3)
    assert [queries.profile(who).name for who in (ann, bob, eve)] == ["Ann Lee", "Robert", "Eve"]
    assert [queries.profile(who).owner_id for who in (ann, bob, eve)] == [mei, None, None]


def test_empty_cells_say_nothing(database):
    ann, bob = make_customers("1", "2")
    tell([ann, bob], name=["Ann", "Bob"], email=["ann@example.com", None])
    report = tell([ann, bob], load_id=2, valid_from=LATER, name=[None, None], email=[None, "bob@example.com"])
    assert (report.customers, report.values, report.identities) == (2, 1, 1)
    assert [queries.profile(who).name for who in (ann, bob)] == ["Ann", "Bob"]
    assert queries.profile(ann).email == "ann@example.com"


def test_of_several_rows_of_a_customer_the_last_word_counts(database):
    (ann,) = make_customers("1")
    tell([ann, ann, ann], name=["Ann", "Ann Lee", None], phone=["+447700900123", None, None])
    profile = queries.profile(ann)
    assert (profile.name, profile.phone) == ("Ann Lee", "+447700900123")


def test_repeating_a_load_records_nothing_twice(database):
    (ann,) = make_customers("1")
    tell([ann], name=["Ann"], email=["ann@example.com"])
    again = tell([ann], name=["Ann"], email=["ann@example.com"])
    assert (again.values, again.identities, again.shared_contacts) == (0, 0, 0)
    assert ProfileValue.objects.count() == 2


def test_a_shared_phone_names_the_first_and_stands_on_both_profiles(database):
    make_house()
    ann, bob = sorted(make_customers("1", "2"))
    report = tell([bob, ann], phone=["+447700900123", "+447700900123"])
    assert report.shared_contacts == 1
    found = queries.find("+44 7700 900123")
    assert [(who.customer_id, who.source) for who in found] == [(ann, "shop"), (bob, "")]


def test_contacts_in_another_spelling_are_refused(db):
    (ann,) = make_customers("1")
    with pytest.raises(services.NotNormalised):
        tell([ann], phone=["07700 900123"])
    with pytest.raises(services.NotNormalised):
        tell([ann], email=["Ann@Example.com"])


def test_columns_that_are_no_part_of_a_profile_are_refused(db):
    (ann,) = make_customers("1")
    for told in ({"city": ["York"]}, {"shoe_size": ["38"]}):
        columns: dict[str, Any] = told
        with pytest.raises(services.UnknownProfileField) as refusal:
            tell([ann], **columns)
        assert refusal.value.received in told


def test_sensitive_attributes_stay_in_the_database_and_show_their_newest_value(database):
    (ann,) = make_customers("1")
    for kind in ("sensitive", "identifying"):
        services.declare_attribute(
            actor=CONSOLE, slug=f"{kind}_thing", label_en="x", label_zh="x", type="text", kind=kind
        )
    tell([ann], sensitive_thing=["old"], identifying_thing=["id"])
    tell([ann], load_id=2, valid_from=LATER, sensitive_thing=["new"])
    profile = queries.profile(ann)
    assert profile.guarded == {"sensitive_thing": "new", "identifying_thing": "id"}
    assert profile.kinds["sensitive_thing"] == "sensitive"
    undo(2)
    assert queries.profile(ann).guarded["sensitive_thing"] == "old"


def test_owners_come_by_email_and_unknown_ones_are_reported(database):
    mei = make_colleague("mei@example.com")
    ann, bob = make_customers("1", "2")
    report = tell([ann, bob], owner_email=[" Mei@example.com", "who@example.com"])
    assert report.unknown_owners == ("who@example.com",)
    assert (queries.profile(ann).owner_id, queries.profile(ann).owner_name) == (mei, "王梅")
    assert queries.profile(bob).owner_id is None


def test_an_owner_assigned_by_hand_can_be_taken_away(database):
    mei = make_colleague()
    (ann,) = make_customers("1")
    services.assign_owner(actor=CONSOLE, customer_ids=[ann], owner_id=mei, now=NOW)
    assert queries.profile(ann).owner_id == mei
    services.assign_owner(actor=CONSOLE, customer_ids=[ann], owner_id=None, now=LATER)
    assert queries.profile(ann).owner_id is None
    with pytest.raises(NoSuchUser):
        services.assign_owner(actor=CONSOLE, customer_ids=[ann], owner_id=mei + 1, now=LATER)


def test_accounts_keep_their_id_take_a_new_name_and_hold_members(database):
    def resolve(load_id, **columns):
        table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
        found = services.resolve_accounts(actor=CONSOLE, source="erp", accounts=table, load_id=load_id)
        return found.column("account_id").to_pylist()

    acme, zhong = resolve(1, number=["A1", "Z9"], name=["Acme", None])
    assert resolve(2, number=["Z9", "A1"]) == [zhong, acme]
    assert set(Account.objects.values_list("name", flat=True)) == {"Acme", "Z9"}
    assert resolve(3, number=["Z9"], name=["中兴"]) == [zhong]
    ann, bob = make_customers("1", "2")
    report = tell([ann], account_id=[acme])
    assert report.unknown_accounts == ()
    services.add_account_members(actor=CONSOLE, account_id=zhong, customer_ids=[bob], now=NOW)
    assert queries.profile(ann).account_name == "Acme"
    assert queries.profile(bob).account_name == "中兴"
    assert tell([ann], load_id=4, account_id=[5]).unknown_accounts == (5,)
    with pytest.raises(services.NoSuchAccount):
        services.add_account_members(actor=CONSOLE, account_id=5, customer_ids=[ann], now=NOW)


def test_undoing_a_load_shows_what_was_said_before(database):
    (ann,) = make_customers("1")
    tell([ann], load_id=1, name=["Ann"], email=["ann@example.com"])
    tell([ann], load_id=2, valid_from=LATER, name=["Anne"], email=["anne@example.com"])
    done = undo(2)
    assert (done.values_removed, done.identities_removed, done.removed, done.kept) == (2, 1, 0, 0)
    profile = queries.profile(ann)
    assert (profile.name, profile.email) == ("Ann", "ann@example.com")
    assert {known.value for known in profile.identities} == {"1", "ann@example.com"}


def test_undoing_the_first_of_two_loads_that_say_the_same_loses_nothing(database):
    (ann,) = make_customers("1", load_id=1)
    tell([ann], load_id=1, name=["Ann"])
    make_customers("1", load_id=2)
    tell([ann], load_id=2, valid_from=LATER, name=["Ann"])
    undo(1)
    assert queries.profile(ann).name == "Ann"


def test_undoing_a_load_removes_the_people_it_brought(database):
    ids = make_customers("1", "2", load_id=1)
    tell(ids, load_id=1, name=["Ann", "Bob"], phone=["+447700900123", None])
    done = undo(1)
    assert (done.removed, done.kept) == (2, 0)
    assert not Customer.objects.exists()
    assert not Identity.objects.exists()
    assert not ProfileValue.objects.exists()


def test_people_whom_remaining_facts_speak_of_stay_and_keep_the_number_they_are_named_by(database):
    ann, bob = make_customers("1", "2", load_id=1)
    tell([ann], load_id=1, name=["Ann"], phone=["+447700900123"])
    used = pa.table({"customer_id": pa.array([ann], pa.int64()), "load_id": pa.array([2], pa.int64())})
    done = undo(1, used)
    assert (done.removed, done.kept) == (1, 1)
    assert not Customer.objects.filter(pk=bob).exists()
    assert [(i.kind, i.value) for i in queries.profile(ann).identities] == [("number", "1")]
    assert queries.profile(ann).name == ""
    assert make_customers("1", load_id=3) == [ann]
    # The second load answers for her now: taken back as well, the house is as it was before both.
    undo(2)
    assert not Customer.objects.exists()


def test_people_stay_whom_another_load_knows_by_something_else(database):
    (ann,) = make_customers("1", load_id=1)
    tell([ann], load_id=2, email=["ann@example.com"])
    done = undo(1)
    assert (done.removed, done.kept) == (0, 1)
    assert Customer.objects.get().load_id == 2
    undo(2)
    assert not Customer.objects.exists()


def test_people_typed_about_by_hand_stay(database):
    (ann,) = make_customers("1", load_id=1)
    services.assign_owner(actor=CONSOLE, customer_ids=[ann], owner_id=make_colleague(), now=NOW)
    undo(1)
    assert Customer.objects.get().load_id is None


def test_an_email_by_which_a_later_load_named_somebody_outlives_the_load_that_told_it(database):
    (ann,) = make_customers("1", load_id=1)
    tell([ann], load_id=2, email=["ann@example.com"])
    assert make_customers("ann@example.com", kind="email", load_id=3) == [ann]
    undo(2)
    assert make_customers("ann@example.com", kind="email", load_id=4) == [ann]


def test_undoing_twice_changes_nothing_more(database):
    make_customers("1", load_id=1)
    undo(1)
    again = undo(1)
    assert (again.removed, again.kept, again.identities_removed, again.values_removed) == (0, 0, 0, 0)


def test_undoing_removes_companies_without_members(database):
    table = pa.table({"number": ["A1", "B2"]})
    answer = services.resolve_accounts(actor=CONSOLE, source="erp", accounts=table, load_id=1)
    (ann,) = make_customers("1", load_id=2)
    services.add_account_members(
        actor=CONSOLE, account_id=answer.column("account_id")[0].as_py(), customer_ids=[ann], now=NOW
    )
    undo(1)
    assert [account.number for account in Account.objects.all()] == ["A1"]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ANALYST])
def test_who_may_only_look_changes_nobody(db, role):
    actor = actor_of_role("mei", role)
    table = pa.table({"customer_id": NOBODY})
    with pytest.raises(NotAllowed):
        services.update_profiles(actor=actor, load_id=1, table=table, valid_from=NOW, source="s")
    with pytest.raises(NotAllowed):
        services.undo_load(1, actor=actor, still_used=NOBODY)
    with pytest.raises(NotAllowed):
        services.assign_owner(actor=actor, customer_ids=[], owner_id=None, now=NOW)
    with pytest.raises(NotAllowed):
        services.add_account_members(actor=actor, account_id=1, customer_ids=[], now=NOW)
