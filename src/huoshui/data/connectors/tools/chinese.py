"""有赞, 抖店 and 淘宝/天猫: guessed.

There is no dependable specification of these exports, and merchants choose columns. The names here are those met in
public programs that read such files, with the variants known for each; whatever is missing is left out.
"""

from __future__ import annotations

from huoshui.data.connectors.tools.declarations import Tool
from huoshui.kernel.texts import Text

SHANGHAI = "Asia/Shanghai"

YOUZAN = Tool(
    name="youzan-orders",
    label=Text("Youzan orders", "有赞订单"),
    kind="transactions",
    signature=("订单号", "订单状态", "商品名称", "买家手机号", "订单实付金额"),
    columns={
        "order_id": "订单号",
        "customer": "买家id | 买家ID | 客户编号",
        "phone": "买家手机号 | 收货人手机号 | 收货人手机号/提货人手机号",
        "name": "买家姓名 | 收货人 | 收货人/提货人",
        "ordered_at": "买家付款时间 | 付款时间 | 订单创建时间 | 下单时间",
        "product_id": "商品编码 | 商品id | 规格编码",
        "product_name": "商品名称",
        "category": "商品类目 | 商品类型",
        "quantity": "商品数量 | 数量",
        "unit_price": "商品单价 | 商品价格 | 单价",
        "amount": "商品实际成交金额 | 商品金额合计",
        "order_revenue": "",
        "order_total": "订单实付金额",
        "order_shipping": "运费",
        "refund": "退款金额 | 商品已退款金额 | 订单退款金额",
        "channel": "订单来源 | 下单渠道",
        "store": "归属店铺 | 店铺名称 | 下单网点",
        "coupon": "优惠券名称",
        "status": "订单状态",
        "province": "收货人省份 | 省份",
        "city": "收货人城市 | 城市",
    },
    source="youzan",
    currency="CNY",
    time_zone=SHANGHAI,
    order="订单号",
    fill_down=(
        "订单状态",
        "买家手机号",
        "收货人手机号",
        "买家姓名",
        "收货人",
        "买家付款时间",
        "付款时间",
        "订单创建时间",
        "下单时间",
        "归属店铺",
        "店铺名称",
        "订单来源",
    ),
    once=("订单实付金额", "运费", "订单退款金额"),
)

DOUDIAN = Tool(
    name="doudian-orders",
    label=Text("Doudian (Douyin) orders", "抖店（抖音）订单"),
    kind="transactions",
    signature=("主订单编号", "子订单编号", "选购商品", "商品数量", "订单状态"),
    columns={
        "order_id": "主订单编号",
        "customer": "买家ID | 用户ID",
        "phone": "收件人手机号 | 买家手机号",
        "name": "收件人 | 收件人姓名",
        "ordered_at": "支付完成时间 | 订单提交时间",
        "product_id": "商家编码 | 货号 | 商品ID",
        "product_name": "选购商品",
        "quantity": "商品数量",
        "unit_price": "商品单价 | 商品金额",
        "amount": "订单实付金额 | 订单应付金额",
        "refund": "退款金额",
        "channel": "流量来源 | 广告渠道",
        "store": "店铺名称",
        "status": "订单状态",
        "province": "省",
        "city": "市",
    },
    source="doudian",
    currency="CNY",
    time_zone=SHANGHAI,
    order="主订单编号",
)

TAOBAO_ORDERS = Tool(
    name="taobao-orders",
    label=Text("Taobao/Tmall orders", "淘宝/天猫订单报表"),
    kind="orders",
    signature=("订单编号", "买家会员名", "买家应付货款", "总金额", "订单状态", "订单创建时间"),
    columns={
        "order_id": "订单编号",
        "customer": "买家会员名",
        "phone": "联系手机 | 收货人手机号",
        "name": "收货人姓名",
        "ordered_at": "订单付款时间 | 订单创建时间",
        "revenue": "",
        "total": "买家实际支付金额 | 总金额",
        "shipping": "买家应付邮费",
        "refund": "退款金额",
        "store": "店铺名称",
        "status": "订单状态",
        "discount": "",
    },
    source="taobao",
    currency="CNY",
    time_zone=SHANGHAI,
)

TAOBAO_ITEMS = Tool(
    name="taobao-items",
    label=Text("Taobao/Tmall items sold", "淘宝/天猫宝贝报表"),
    kind="transactions",
    signature=("子订单编号", "主订单编号", "商品标题", "购买数量", "买家实际支付金额"),
    columns={
        "order_id": "主订单编号",
        "customer": "买家会员名 | 买家昵称",
        "ordered_at": "订单付款时间 | 订单创建时间",
        "product_id": "商家编码 | 外部系统编号 | 商品ID",
        "product_name": "商品标题",
        "quantity": "购买数量",
        "unit_price": "商品价格",
        "amount": "买家实际支付金额",
        "refund": "退款金额",
        "status": "订单状态",
    },
    source="taobao",
    currency="CNY",
    time_zone=SHANGHAI,
    order="主订单编号",
)
