"""Colleagues."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction

from huoshui.desk.users import queries, services
from huoshui.desk.users.models import User
from huoshui.kernel.actors import CONSOLE, Right, Role, actor_of_role
from huoshui.kernel.errors import NotAllowed

NOW = datetime(2026, 1, 15, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("database")


def add(email="mei@example.com", name="王梅", role=Role.OPERATOR, actor=CONSOLE):
    return services.add(actor=actor, email=email, name=name, role=role, now=NOW)


def test_a_colleague_acts_with_the_rights_of_their_role():
    actor = queries.actor_of(add())
    actor.require(Right.CUSTOMERS_EDIT)
    with pytest.raises(NotAllowed):
        actor.require(Right.HOUSE_MANAGE)
    assert actor.name == "mei@example.com"


def test_an_address_is_one_person_however_it_is_written():
    mei = add(" Mei@Example.com ")
    with pytest.raises(services.EmailTaken):
        add("MEI@example.COM")
    assert queries.ids_by_email(["MEI@example.com", "who@example.com"]) == {"mei@example.com": mei}


@pytest.mark.parametrize("wrong", [{"email": "Mei@example.com"}, {"role": "emperor"}])
def test_the_database_takes_no_address_with_capitals_and_no_unknown_role(wrong):
    values = {"email": "mei@example.com", "name": "m", "role": "viewer", "joined_at": NOW, **wrong}
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(**values)


def test_who_was_deactivated_acts_no_more_and_keeps_their_name():
    mei = add()
    User.objects.update(is_active=False)
    with pytest.raises(queries.NoSuchUser):
        queries.actor_of(mei)
    assert queries.ids_by_email(["mei@example.com"]) == {}
    assert queries.name_of(mei) == "王梅"


def test_nobody_is_refused_by_name():
    with pytest.raises(queries.NoSuchUser):
        queries.actor_of(5)
    with pytest.raises(queries.NoSuchUser):
        queries.name_of(5)


@pytest.mark.parametrize("email", ["", "mei", "mei@", "a b@example.com", "x" * 300 + "@example.com"])
def test_what_is_no_address_is_refused(email):
    with pytest.raises(services.NotAnEmail):
        add(email)


def test_a_colleague_needs_a_name_and_a_manager_of_the_house():
    with pytest.raises(services.NameMissing):
        add(name=" ")
    with pytest.raises(NotAllowed):
        add(actor=actor_of_role("mei", Role.MANAGER))


def test_nobody_signs_in_before_choosing_a_password():
    assert not User.objects.get(pk=add()).has_usable_password()
