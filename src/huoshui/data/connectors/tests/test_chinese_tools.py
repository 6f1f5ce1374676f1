"""有赞, 抖店 and 淘宝/天猫: files as merchants export them, with invented contents and sums made by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from huoshui.data.connectors.tests.house import House, founded, rows_of, sums
from huoshui.data.customers import queries as customers

# Slow: whole imports, one or two per tool.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture(scope="module")
def china(django_db_setup, django_db_blocker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house in Shanghai with yuan."""
    folder = tmp_path_factory.mktemp("china")
    with django_db_blocker.unblock(), founded(folder, currency="CNY", time_zone="Asia/Shanghai") as made:
        yield made


def test_youzan_orders(china):
    head = (
        "订单号,订单状态,订单创建时间,买家付款时间,买家姓名,买家手机号,商品名称,商品编码,商品数量,商品单价,"
        "商品实际成交金额,订单实付金额,运费,退款金额,归属店铺"
    )
    text = rows_of(
        head,
        {"订单号": "\tE2024030101", "订单状态": "交易完成", "订单创建时间": "2024-03-01 20:00:00",
         "买家付款时间": "2024-03-01 20:01:00", "买家姓名": "王小明", "买家手机号": "13800138000", "商品名称": "智能灯",
         "商品编码": "L1", "商品数量": 2, "商品单价": "100.00", "商品实际成交金额": "180.00", "订单实付金额": "290.00",
         "运费": "10.00", "归属店铺": "上海店"},
        {"订单号": "\tE2024030101", "商品名称": "门锁", "商品编码": "K1", "商品数量": 1, "商品单价": "100.00",
         "商品实际成交金额": "100.00"},
        {"订单号": "\tE2024030102", "订单状态": "交易完成", "订单创建时间": "2024-03-02 08:00:00",
         "买家手机号": "+86 138 0013 8000", "商品名称": "门锁", "商品编码": "K1", "商品数量": 1,
         "商品实际成交金额": "100.00", "订单实付金额": "100.00", "运费": "0", "退款金额": "30.00"},
        {"订单号": "\tE2024030103", "订单状态": "交易关闭", "订单创建时间": "2024-03-02 09:00:00",
         "买家手机号": "13800138001", "商品名称": "门锁", "商品数量": 1, "商品实际成交金额": "100.00",
         "订单实付金额": "100.00"},
        {"订单号": "\tE2024030104", "订单状态": "待付款", "订单创建时间": "2024-03-02 09:00:00",
         "买家手机号": "13800138001", "商品名称": "门锁", "商品数量": 1, "商品实际成交金额": "100.00"},
    )  # fmt: skip
    report = china.load(text.encode("gb18030"), name="订单.csv")
    assert (report.profile, report.source, report.currency, report.time_zone) == (
        "youzan-orders",
        "youzan",
        "CNY",
        "Asia/Shanghai",
    )
    assert (report.loaded, report.rejected, report.customers_new) == (3, 2, 1)
    assert sums(china, "youzan") == (2, 3, 380, 380, -30)
    assert china.answer(
        "SELECT order_id, ordered_at, store, shipping::DOUBLE FROM orders WHERE source = 'youzan' ORDER BY 1 LIMIT 1"
    ) == ("E2024030101", datetime(2024, 3, 1, 12, 1, tzinfo=UTC), "上海店", 10)


def test_doudian_orders_with_amounts_in_fen(china):
    head = (
        "主订单编号,子订单编号,选购商品,商品规格,商品数量,商品ID,商家编码,商品单价(分),订单应付金额（分）,收件人,"
        "收件人手机号,省,市,订单提交时间,支付完成时间,订单状态,退款金额（分）"
    )
    names = dict(zip(("main", "sub", "goods", "_", "n", "id", "code", "price", "due", "who", "phone", "p", "c", "at",
                      "paid", "state", "back"), head.split(","), strict=True))  # fmt: skip

    def row(**cells: object) -> dict[str, object]:
        base = {
            "at": "2024/03/01 20:00:00",
            "state": "已完成",
            "who": "李*",
            "p": "浙江",
            "c": "杭州市",
            "n": 1,
        }
        return {names[k]: v for k, v in {**base, **cells}.items()}

    text = rows_of(
        head,
        row(
            main="'6921",
            sub="'69211",
            goods="扫地机",
            code="R1",
            price=199900,
            due=189900,
            phone="13900139000",
        ),
        row(
            main="'6921",
            sub="'69212",
            goods="滤网",
            code="F1",
            n=2,
            price=2500,
            due=5000,
            phone="13900139000",
        ),
        row(
            main="'6922",
            sub="'69221",
            goods="滤网",
            code="F1",
            price=2500,
            due=2500,
            phone="13900139001",
            back=500,
        ),
        row(main="'6923", sub="'69231", goods="滤网", code="F1", price=2500, due=2500, state="已关闭"),
        row(main="'6924", sub="'69241", goods="滤网", code="F1", price=2500, due=2500, state="待支付"),
    )
    report = china.load(text)
    assert (report.profile, report.cents) == ("doudian-orders", ["amount", "refund", "unit_price"])
    assert (report.loaded, report.rejected, report.customers_new) == (3, 2, 2)
    assert sums(china, "doudian") == (2, 3, 1974, 1974, -5)
    assert china.answer("SELECT count(*) FROM orders WHERE order_id = '6921'") == (1,)
    report = china.load(text, amounts_in="units", dry_run=True)
    assert report.cents == []


def test_taobao_orders_and_items(china):
    head = (
        "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,买家支付积分,总金额,返点积分,买家实际支付金额,"
        "买家实际支付积分,订单状态,买家留言,收货人姓名,收货地址 ,运送方式,联系电话 ,联系手机,订单创建时间,"
        "订单付款时间 ,"
        "宝贝标题 ,宝贝种类 ,物流单号 ,物流公司,订单备注,宝贝总数量,店铺Id,店铺名称,退款金额"
    )
    base = {"订单状态": "交易成功", "订单创建时间": "2024-03-01 20:00:00", "联系手机": "'13700137000"}
    text = rows_of(
        head,
        {**base, "订单编号": '="2024001"', "买家会员名": "tb_mei", "买家应付货款": "100.00", "买家应付邮费": "6.00",
         "总金额": "106.00", "买家实际支付金额": "106.00", "收货人姓名": "陈梅", "店铺名称": "旗舰店"},
        {**base, "订单编号": '="2024002"', "买家会员名": "tb_li", "买家应付货款": "50.00", "买家应付邮费": "0.00",
         "总金额": "50.00", "买家实际支付金额": "50.00", "退款金额": "20.00", "联系手机": "'13700137001"},
        {**base, "订单编号": '="2024003"', "买家会员名": "tb_li", "买家应付货款": "50.00", "总金额": "50.00",
         "买家实际支付金额": "0.00", "订单状态": "交易关闭"},
        {**base, "订单编号": '="2024004"', "买家会员名": "tb_li", "买家应付货款": "50.00", "总金额": "50.00",
         "买家实际支付金额": "0.00", "订单状态": "等待买家付款"},
    )  # fmt: skip
    report = china.load(text.encode("gb18030"), "orders", name="ExportOrderList2024.csv")
    assert (report.profile, report.loaded, report.rejected) == ("taobao-orders", 2, 2)
    assert sums(china, "taobao") == (2, 0, 150, None, -20)
    (mei,) = customers.find("tb_mei")
    assert customers.profile(mei.customer_id).phone == "+8613700137000"

    items = rows_of(
        "子订单编号,主订单编号,商品标题,商品价格,购买数量,商家编码,订单状态,买家应付货款,买家实际支付金额,退款状态,退款金额,"
        "订单创建时间,订单付款时间,联系手机",
        {**base, "子订单编号": "1", "主订单编号": "2024001", "商品标题": "灯", "商品价格": 60, "购买数量": 1,
         "商家编码": "L1", "买家实际支付金额": "60.00"},
        {**base, "子订单编号": "2", "主订单编号": "2024001", "商品标题": "灯泡", "商品价格": 20, "购买数量": 2,
         "商家编码": "B1", "买家实际支付金额": "40.00", "退款金额": "20.00"},
    )  # fmt: skip
    report = china.load(items, source="taobao items")
    assert (report.profile, report.loaded) == ("taobao-items", 2)
    assert sums(china, "taobao_items") == (1, 2, 100, 100, -20)
