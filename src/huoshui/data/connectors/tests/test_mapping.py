"""Column names people give, and what they are taken for."""

from __future__ import annotations

import pytest

from huoshui.data.connectors.errors import ColumnMissing, MappingWrong
from huoshui.data.connectors.fields import folded
from huoshui.data.connectors.kinds import KINDS
from huoshui.data.connectors.mapping import map_columns

pytestmark = pytest.mark.django_db


def mapped(kind, columns, **told):
    return map_columns(KINDS[kind], columns, told).as_dict()


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.slug)
def test_every_alias_alone_means_its_field(kind):
    needed = {name for group in kind.required for name in group}
    for field in kind.fields:
        for alias in (field.name, *field.aliases):
            others = [n for n in sorted(needed - {field.name}) if folded(n) != folded(alias)]
            found = mapped(kind.slug, [alias, *others])
            # A word may stand for two fields of one kind; then the one that comes first in the list has it.
            assert alias in found.values(), (kind.slug, field.name, alias)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.slug)
def test_its_own_name_always_means_the_field(kind):
    names = [field.name for field in kind.fields]
    assert mapped(kind.slug, names) == {name: name for name in names}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
            "order_id,product_id,product_name,quantity,ordered_at,unit_price,customer,country",
        ),
        ("customer_id,date,number_of_cds,dollar_value", "customer,ordered_at,quantity,amount"),
        (
            "订单编号,买家会员名,订单付款时间,宝贝标题,宝贝总数量,买家实际支付金额,收货人手机,收货人姓名",
            "order_id,customer,ordered_at,product_name,quantity,amount,phone,name",
        ),
        (
            "会员卡号,消费时间,商品名称,数量,单价,实收金额,门店,性别,所在城市",
            "customer,ordered_at,product_name,quantity,unit_price,amount,store,gender,city",
        ),
    ],
    ids=["online retail", "cdnow", "taobao", "till"],
)
def test_headers_of_real_files_are_understood(columns, expected):
    columns, expected = columns.split(","), expected.split(",")
    assert mapped("transactions", columns) == dict(zip(expected, columns, strict=True))


@pytest.mark.parametrize(
    "name", ["ORDER-ID", " order  id ", "Order_ID", "ｏｒｄｅｒ ｉｄ", "Order ID:", "order.id"]
)
def test_case_width_spaces_and_punctuation_make_no_difference(name):
    assert mapped("orders", [name, "date", "total"])["order_id"] == name


def test_what_is_told_wins_over_the_guess():
    columns = ["date", "paid at", "amount", "price", "customer"]
    guess = mapped("transactions", columns)
    assert (guess["ordered_at"], guess["amount"], guess["unit_price"]) == ("date", "amount", "price")
    told = mapped("transactions", columns, ordered_at="Paid At", amount="price")
    assert (told["ordered_at"], told["amount"]) == ("paid at", "price")
    assert "unit_price" not in told


def test_an_empty_column_leaves_the_field_out():
    columns = ["date", "amount", "phone", "country"]
    found = map_columns(KINDS["transactions"], columns, {"phone": "", "country": ""})
    assert found.as_dict() == {"ordered_at": "date", "amount": "amount"}
    assert found.unused == ("phone", "country")


def test_a_wrong_mapping_says_what_there_is():
    with pytest.raises(MappingWrong, match="ordered_at, date") as caught:
        mapped("transactions", ["ordered_at", "date", "amount"], amount="nowhere")
    assert "--map amount=nowhere" in str(caught.value)
    with pytest.raises(MappingWrong, match=r"ordered_at.*country"):
        mapped("transactions", ["date", "amount"], nonsense="date")
    with pytest.raises(MappingWrong, match="no field"):
        mapped("spend", ["day", "channel", "amount"], country="channel")


def test_what_is_missing_is_named_with_the_way_to_say_it():
    with pytest.raises(ColumnMissing) as caught:
        mapped("transactions", ["when", "how much"])
    assert "ordered_at" in str(caught.value)
    assert "amount or unit_price" in str(caught.value)
    assert "--map ordered_at=COLUMN" in str(caught.value)
    with pytest.raises(ColumnMissing):
        mapped("transactions", ["date", "amount"], amount="")
