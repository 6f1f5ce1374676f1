"""IMP-03: the same person, order or file twice, in all the spellings people use; nothing is merged by a guess."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huoshui.data.connectors.tests.house import House, founded
from huoshui.data.customers import queries as customers

# Slow: each test loads several files.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

NUMBERS = ("c1", " c1 ", "'c1", '="c1"', "\tc1")
EMAILS = (
    "mei@example.com",
    "MEI@Example.COM",
    "  mei@example.com ",
    "ｍｅｉ＠ｅｘａｍｐｌｅ．ｃｏｍ",
    "\u3000mei@example.com",
    "\u200bmei@example.com",
)
PHONES = (
    "13800138000",
    "+8613800138000",
    "0086 138 0013 8000",
    "138-0013-8000",
    "＋８６１３８００１３８０００",
    "'+86 138 0013 8000",
    "13800138000.0",
)


@pytest.fixture(scope="module")
def china(django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("china")
    with django_db_blocker.unblock(), founded(folder, currency="CNY", time_zone="Asia/Shanghai") as made:
        yield made


@pytest.fixture(scope="module")
def spellings(china: House, django_db_blocker) -> House:
    """One file with every spelling of one number, one e-mail and one phone, each in a row of its own."""
    rows = [f"{number},," for number in NUMBERS] + [f",{email}," for email in EMAILS]
    rows += [f",,{phone}" for phone in PHONES]
    quoted = ["客户编号,邮箱,手机", *(row.replace('="c1"', '"=""c1"""') for row in rows)]
    with django_db_blocker.unblock():
        report = china.load("\n".join(quoted) + "\n", "customers", source="spellings")
        assert (report.loaded, report.rejected, report.customers_new) == (len(rows), 0, 3)
    return china


def whom(identity: str, source: str) -> set[int]:
    return {found.customer_id for found in customers.find(identity) if found.source == source}


@pytest.mark.parametrize("said", [*NUMBERS, *EMAILS, *PHONES], ids=ascii)
def test_every_spelling_means_the_one_person(spellings, said):
    plain = "c1" if "c1" in said else "mei@example.com" if said in EMAILS else "+8613800138000"
    assert len(whom(plain, "spellings")) == 1
    if said in (*EMAILS, *PHONES) and not said.startswith("'"):
        assert whom(said, "spellings") in (whom(plain, "spellings"), set())


def test_two_people_who_swap_phones_stay_two(china):
    first = "客户编号,姓名,手机\ns1,甲,13900000001\ns2,乙,13900000002\n"
    china.load(first, "customers", source="swap")
    one, two = whom("s1", "swap"), whom("s2", "swap")
    assert whom("13900000001", "swap") == one
    before = china.everything()
    swapped = china.load(
        "客户编号,姓名,手机\ns1,甲,13900000002\ns2,乙,13900000001\n", "customers", source="swap"
    )
    assert (swapped.customers_new, swapped.customers_known, swapped.rules["contact_shared"]) == (0, 2, 2)
    assert (whom("s1", "swap"), whom("s2", "swap")) == (one, two)
    assert one != two
    assert customers.profile(*one).phone == "+8613900000002"
    assert customers.profile(*two).phone == "+8613900000001"
    # Asking for the phone lists both: whom it named first, and whose profile shows it now.
    assert {found.customer_id for found in customers.find("13900000001")} == one | two
    china.undo(swapped)
    assert china.everything() == before


def test_people_who_share_an_address_are_listed_and_never_merged(china):
    text = "客户编号,姓名,邮箱\nh1,夫,home@example.com\nh2,妻,HOME@example.com\nh3,子,ｈome@example.com\n"
    report = china.load(text, "customers", source="household")
    assert (report.customers_new, report.rules["contact_shared"]) == (3, 2)
    listed = {found.customer_id for found in customers.find("home@example.com")}
    assert listed == whom("h1", "household") | whom("h2", "household") | whom("h3", "household")
    # Another source has people of its own, whatever they are called.
    other = china.load("邮箱\nhome@example.com\n", "customers", source="newsletter")
    assert other.customers_new == 1
    assert len(customers.find("home@example.com")) == 4


def test_a_number_and_an_address_learnt_with_it_mean_one_person_in_later_files(china):
    china.load("客户编号,邮箱,手机\nl1,late@example.com,13700000001\n", "customers", source="later")
    report = china.load(
        "订单号,邮箱,手机,下单时间,金额\n1,LATE@example.com,,2024-01-01,5\n2,,+86 137 0000 0001,2024-01-02,7\n",
        source="later",
    )
    assert (report.customers_new, report.rejected) == (0, 0)
    assert china.answer(
        "SELECT count(DISTINCT customer_id), sum(revenue)::DOUBLE FROM orders WHERE source = 'later'"
    ) == (
        1,
        12,
    )


def test_the_same_file_and_one_that_is_nearly_the_same(china):
    rows = ["订单号,会员号,下单时间,金额", "1,a,2024-01-01,10", "2,b,2024-01-02,20", "2,b,2024-01-02,20"]
    first = china.load("\n".join(rows), source="near")
    before = china.everything()
    again = china.load("\n".join(rows), source="near", name="renamed.csv")
    assert (again.already, again.load_id) == (first.load_id, None)
    assert china.everything() == before
    # Nearly the same: one line corrected, one added, the order of columns and of lines another, other spaces.
    near = [
        "会员号,订单号,金额,下单时间",
        "c,3,5,2024-01-03",
        "b,2,20,2024-01-02",
        "b,2,25,2024-01-02",
        " a ,1,10,2024-01-01",
    ]
    second = china.load("\n".join(near), source="near")
    assert (second.already, second.customers_new, second.customers_known) == (None, 1, 2)
    totals = "SELECT order_id, revenue::DOUBLE FROM orders WHERE source = 'near' ORDER BY 1"
    assert china.answers(totals) == [("1", 10), ("2", 45), ("3", 5)]
    assert china.answer("SELECT count(*) FROM order_lines WHERE source = 'near'") == (4,)
    china.undo(second)
    assert china.answers(totals) == [("1", 10), ("2", 40)]
    assert china.everything() == before
