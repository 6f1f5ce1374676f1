"""Errors, actors, texts, currencies and the plug points."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from huoshui.kernel.actors import CONSOLE, RIGHTS, Right, Role, actor_of_role
from huoshui.kernel.currencies import CODES, NotACurrency, currency_code
from huoshui.kernel.errors import HuoshuiError, NotAllowed
from huoshui.kernel.plugs import PROVENANCE, Column, LakeTable, Registry, Slot, Trait
from huoshui.kernel.texts import LANGUAGES, Text

# -- errors ------------------------------------------------------------------------------------------------------


def test_an_error_says_what_was_received_what_is_valid_and_what_to_do():
    error = HuoshuiError("This is no month.", received="'13'", valid="1 to 12", next_step="Correct line 7.")
    assert str(error) == "This is no month. Received: '13'. Valid: 1 to 12. Correct line 7."
    assert error.as_dict() == {
        "code": "error",
        "problem": "This is no month.",
        "received": "'13'",
        "valid": "1 to 12",
        "next_step": "Correct line 7.",
    }


def test_an_error_leaves_out_what_it_does_not_know():
    assert str(HuoshuiError("It is late")) == "It is late."
    assert HuoshuiError("It is late").as_dict() == {"code": "error", "problem": "It is late"}
    assert str(HuoshuiError("It is late", next_step="Go home")) == "It is late. Go home."


# -- actors ------------------------------------------------------------------------------------------------------

VIEWER = {"customers.view"}
OPERATOR = VIEWER | {
    "customers.edit", "imports.run", "consent.record", "contacts.reveal", "tasks.work", "comments.write",
    "segments.edit",
}  # fmt: skip
ANALYST = VIEWER | {"lake.query", "traits.refresh", "tasks.work", "comments.write", "segments.edit"}
ALLOWED = {
    Role.VIEWER: VIEWER,
    Role.OPERATOR: OPERATOR,
    Role.ANALYST: ANALYST,
    Role.MANAGER: OPERATOR | ANALYST | {"customers.export"},
    Role.ADMINISTRATOR: {right.value for right in Right},
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_exactly_what_is_listed(role):
    actor = actor_of_role("Ada", role)
    for right in Right:
        if right.value in ALLOWED[role]:
            actor.require(right)
        else:
            with pytest.raises(NotAllowed, match="Ada may not do this") as refusal:
                actor.require(right)
            assert right.value in refusal.value.valid


def test_each_role_has_its_rights_and_the_console_has_all():
    assert set(RIGHTS) == set(Role)
    assert CONSOLE.rights == frozenset(Right)


# -- texts and currencies ----------------------------------------------------------------------------------------


def test_a_text_needs_both_languages():
    text = Text(en="Revenue", zh="销售额")
    assert [text.in_(language) for language in LANGUAGES] == ["Revenue", "销售额"]
    for en, zh in (("", "销售额"), ("Revenue", ""), ("", "")):
        with pytest.raises(ValueError, match="both languages"):
            Text(en=en, zh=zh)


def test_currencies_are_codes_of_three_letters():
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CODES)
    assert {"CNY", "GBP", "USD", "EUR", "JPY"} <= CODES
    assert not {"XAU", "XXX", "XTS"} & CODES


def test_a_currency_is_read_without_regard_to_case_and_spaces():
    assert currency_code(" cny ") == "CNY"
    for text in ("", "RMB", "¥", "US", "USDX", "XXX", "ＣＮＹ"):
        with pytest.raises(NotACurrency):
            currency_code(text)


# -- plug points -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Thing:
    """Something with a name."""

    slug: str


def test_a_registry_keeps_the_order_of_declaration():
    things: Registry[Thing] = Registry("thing")
    things.declare(Thing("b"), Thing("a"))
    things.declare(Thing("c"))
    assert things.slugs() == ("b", "a", "c")
    assert [thing.slug for thing in things] == ["b", "a", "c"]
    assert len(things) == 3
    assert "a" in things
    assert "z" not in things
    assert things["a"] == Thing("a")
    with pytest.raises(KeyError):
        things["z"]


def test_nothing_is_declared_twice():
    things: Registry[Thing] = Registry("thing")
    things.declare(Thing("a"))
    with pytest.raises(ValueError, match="thing 'a' is declared twice"):
        things.declare(Thing("a"))


def test_a_slot_has_one_provider_and_asks_it_each_time():
    slot: Slot[int] = Slot("number")
    with pytest.raises(LookupError, match="no room declares the number"):
        slot()
    answers = iter((1, 2))
    slot.declare(lambda: next(answers))
    assert (slot(), slot()) == (1, 2)
    with pytest.raises(ValueError, match="declared twice"):
        slot.declare(lambda: 3)


def test_a_fact_table_has_provenance_and_another_has_not():
    table = LakeTable(
        slug="visits",
        doc="",
        key=("visit_id",),
        columns=(Column("visit_id", "string", ""),),
        written_by="",
        kept="",
    )
    assert table.all_columns == (*table.columns, *PROVENANCE)
    assert replace(table, fact=False).all_columns == table.columns
    assert table.replaced_by == ("visit_id",)
    assert replace(table, whole=("day",)).replaced_by == ("day",)


def test_a_trait_says_over_what_or_from_which_traits_it_is_computed():
    text = Text(en="x", zh="某")
    for over, needs in ((None, ()), ("purchases", ("orders",))):
        with pytest.raises(ValueError, match="either"):
            Trait(
                slug="x", label=text, meaning=text, type="int64", over=over, needs=needs,
                expression=lambda rows, as_of: rows,
            )  # fmt: skip
