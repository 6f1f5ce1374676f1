"""What each kind of import may contain: fields, their types, and the column names people give them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

FieldType = Literal[
    "text", "id", "amount", "rate", "number", "integer", "time", "day", "currency", "json", "boolean"
]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an import. ``aliases`` are column names, compared without case, spaces and punctuation."""

    name: str
    type: FieldType
    doc: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of import. Of each group in ``required`` at least one field must have a column."""

    slug: str
    doc: str
    fields: tuple[Field, ...]
    required: tuple[tuple[str, ...], ...] = ()
    attributes: bool = False

    def field(self, name: str) -> Field | None:
        """The field ``name``, if this kind has it."""
        return next((f for f in self.fields if f.name == name), None)


def folded(name: str) -> str:
    """A column name without what people vary: case, width, spaces, punctuation."""
    text = unicodedata.normalize("NFKC", name).strip().casefold()
    return re.sub(r"[\s_\-./()（）\[\]:：#]+", "", text)


def _words(text: str) -> tuple[str, ...]:
    return tuple(w.strip() for w in text.split("|"))


CUSTOMER = (
    Field(
        "customer",
        "id",
        "the shop's own number of the customer",
        _words(
            "customer id|customer number|customer no|customer|client id|user id|member id|member no|buyer id|"
            "account no|客户编号|客户号|客户id|"
            "会员号|会员编号|会员id|会员卡号|用户id|用户编号|买家id|买家会员名|买家昵称|顾客编号"
        ),
    ),
    Field(
        "email",
        "text",
        "e-mail address",
        _words("email|e-mail|email address|mail|customer email|邮箱|电子邮箱|电子邮件|邮件地址"),
    ),
    Field(
        "phone",
        "text",
        "phone number",
        _words(
            "phone|phone number|mobile|mobile phone|mobile number|tel|telephone|cell|手机|手机号|手机号码|"
            "电话|联系电话|联系手机|买家手机号|收货人手机|收货人手机号|收件人手机|会员手机号"
        ),
    ),
)
PERSON_NAME = Field(
    "name",
    "text",
    "name of the customer",
    _words(
        "name|full name|customer name|client name|姓名|客户姓名|客户名称|会员姓名|买家姓名|收货人|收货人姓名|收件人"
    ),
)
ORDER_ID = Field(
    "order_id",
    "id",
    "number of the order or invoice",
    _words(
        "order id|order number|order no|order|invoice|invoice no|invoice number|invoice id|transaction id|"
        "订单号|订单编号|订单id|主订单编号|父订单号|单号|小票号|流水号|发票号|交易号"
    ),
)
ORDERED_AT = Field(
    "ordered_at",
    "time",
    "when it was ordered",
    _words(
        "ordered at|order date|order time|date|time|datetime|timestamp|invoice date|created at|order created at|"
        "purchase date|transaction date|purchased at|paid at|下单时间|订单创建时间|创建时间|订单时间|订单日期|下单日期|"
        "付款时间|订单付款时间|支付时间|购买时间|购买日期|交易时间|交易日期|消费时间|消费日期|日期|时间"
    ),
)
CURRENCY = Field(
    "currency", "currency", "ISO 4217 code of the amounts", _words("currency|currency code|币种|货币")
)
PRODUCT = (
    Field(
        "product_id",
        "id",
        "number of the product",
        _words(
            "product id|product code|product no|sku|item id|item code|stock code|article|asin|goods id|"
            "商品编号|商品id|商品编码|产品编号|产品id|货号|商家编码|sku编码|sku id"
        ),
    ),
    Field(
        "product_name",
        "text",
        "name of the product",
        _words(
            "product name|product|item|item name|description|title|goods name|lineitem name|"
            "商品名称|商品标题|商品|宝贝标题|产品名称|产品|品名|货品名称"
        ),
    ),
    Field(
        "category",
        "text",
        "category of the product",
        _words("category|product category|department|类目|品类|商品类目|商品分类|分类|类别"),
    ),
)
BRAND = Field("brand", "text", "brand", _words("brand|vendor|品牌"))
QUANTITY = Field(
    "quantity",
    "number",
    "how many",
    _words(
        "quantity|qty|units|number|count|number of cds|lineitem quantity|数量|购买数量|商品数量|件数|宝贝总数量"
    ),
)
UNIT_PRICE = Field(
    "unit_price",
    "amount",
    "price of one",
    _words("unit price|price|item price|lineitem price|list price|单价|商品单价|价格|售价|成交单价"),
)
UNIT_COST = Field(
    "unit_cost", "amount", "cost of one", _words("unit cost|cost|cost price|成本|成本价|单位成本")
)
AMOUNT = Field(
    "amount",
    "amount",
    "what was paid for the line, instead of quantity × unit price",
    _words(
        "amount|line total|line amount|revenue|sales|sales amount|dollar value|value|amount paid|paid|subtotal|"
        "金额|实付金额|订单实付金额|买家实际支付金额|实收金额|销售额|成交金额|支付金额|消费金额|商品金额|小计"
    ),
)
WHERE = (
    Field(
        "channel",
        "text",
        "sales channel",
        _words("channel|sales channel|渠道|销售渠道|订单来源|来源渠道|下单渠道"),
    ),
    Field(
        "store",
        "text",
        "shop or branch",
        _words("store|shop|branch|store name|门店|店铺|店铺名称|门店名称|分店"),
    ),
    Field("coupon", "text", "coupon code", _words("coupon|coupon code|discount code|优惠券|优惠码|优惠券码")),
    Field("campaign", "text", "campaign", _words("campaign|utm campaign|活动|营销活动|活动名称")),
)
STATUS = Field(
    "status",
    "text",
    "state of the order; cancelled, closed and unpaid rows are no sales",
    _words("status|order status|financial status|payment status|订单状态|交易状态|状态|支付状态"),
)
NOT_A_SALE = frozenset(
    _words(
        "cancelled|canceled|voided|void|pending|unpaid|failed|draft|expired|closed|"
        "已取消|交易关闭|已关闭|关闭|待付款|未付款|等待买家付款|已退款|退款成功|refunded"
    )
)

TRANSACTIONS = Kind(
    "transactions",
    "one row per purchase or invoice line, from which orders and lines are made",
    (
        ORDER_ID,
        *CUSTOMER,
        PERSON_NAME,
        ORDERED_AT,
        *PRODUCT,
        BRAND,
        QUANTITY,
        UNIT_PRICE,
        AMOUNT,
        UNIT_COST,
        CURRENCY,
        *WHERE,
        STATUS,
    ),
    required=(("ordered_at",), ("amount", "unit_price")),
    attributes=True,
)
ORDERS = Kind(
    "orders",
    "one row per order",
    (
        ORDER_ID,
        *CUSTOMER,
        PERSON_NAME,
        ORDERED_AT,
        Field(
            "revenue",
            "amount",
            "paid for goods, before tax and shipping",
            (*AMOUNT.aliases, "net sales", "商品总额"),
        ),
        Field(
            "discount",
            "amount",
            "discount already taken off",
            _words("discount|discount amount|优惠金额|折扣金额|优惠"),
        ),
        Field("tax", "amount", "tax on top", _words("tax|taxes|vat|税|税费|税额")),
        Field(
            "shipping",
            "amount",
            "shipping on top",
            _words("shipping|shipping cost|freight|postage|运费|邮费|快递费"),
        ),
        Field(
            "total",
            "amount",
            "all in",
            _words("total|order total|grand total|total amount|总金额|订单金额|订单总额|应付金额|合计"),
        ),
        CURRENCY,
        *WHERE,
        STATUS,
    ),
    required=(("order_id",), ("ordered_at",), ("revenue", "total")),
    attributes=True,
)
ORDER_LINES = Kind(
    "order_lines",
    "one row per line of orders that are loaded already",
    (ORDER_ID, *PRODUCT, BRAND, QUANTITY, UNIT_PRICE, AMOUNT, UNIT_COST, CURRENCY),
    required=(("order_id",), ("amount", "unit_price"), ("product_id", "product_name")),
)
CUSTOMERS = Kind(
    "customers",
    "one row per customer",
    (
        *CUSTOMER,
        PERSON_NAME,
        Field(
            "created_at",
            "time",
            "customer since",
            _words(
                "created at|create date|registered at|registration date|signup date|joined|customer since|"
                "注册时间|注册日期|创建时间|入会时间|入会日期|成为客户时间|建档时间"
            ),
        ),
        Field(
            "account",
            "text",
            "company the customer belongs to",
            _words("account|company|company name|organisation|公司|公司名称|企业|单位"),
        ),
        Field(
            "owner",
            "text",
            "e-mail of the colleague in charge",
            _words("owner|contact owner|account manager|负责人|归属人|跟进人|客户经理"),
        ),
        Field(
            "tags",
            "text",
            "tags, separated by comma, semicolon or 、",
            _words("tags|tag|labels|标签|客户标签"),
        ),
    ),
    required=(("customer", "email", "phone"),),
    attributes=True,
)
PRODUCTS = Kind(
    "products",
    "one row per product",
    (
        PRODUCT[0],
        Field("product_name", "text", "name of the product", (*PRODUCT[1].aliases, "name", "名称")),
        PRODUCT[2],
        BRAND,
        UNIT_PRICE,
        UNIT_COST,
        CURRENCY,
    ),
    required=(("product_id", "product_name"),),
)
EVENTS = Kind(
    "events",
    "one row per thing somebody did",
    (
        Field(
            "message_id",
            "id",
            "unique id of the event",
            _words("message id|messageid|event id|id|uuid|事件id|消息id"),
        ),
        *CUSTOMER,
        Field(
            "visitor",
            "id",
            "id of a visitor who is not known yet",
            _words("visitor|visitor id|anonymous id|anonymousid|device id|cookie id|访客id|匿名id|设备id"),
        ),
        Field(
            "event",
            "text",
            "name of the event",
            _words("event|event name|name|action|type|事件|事件名|事件名称|行为|行为类型"),
        ),
        Field(
            "occurred_at",
            "time",
            "when",
            _words(
                "occurred at|timestamp|time|event time|date|datetime|created at|ts|发生时间|事件时间|时间|日期|行为时间"
            ),
        ),
        Field("session_id", "text", "session", _words("session id|session|会话id|会话")),
        PRODUCT[0],
        Field("value", "number", "a number that belongs to the event", _words("value|amount|数值|金额|值")),
        Field(
            "properties",
            "json",
            "further properties as a JSON object",
            _words("properties|props|attributes|属性|事件属性"),
        ),
    ),
    required=(("event",), ("occurred_at",)),
)
SPEND = Kind(
    "spend",
    "money spent per day, channel and campaign",
    (
        Field("day", "day", "day", _words("day|date|日期|天|投放日期")),
        Field("channel", "text", "channel", _words("channel|source|platform|media|渠道|平台|媒体|投放渠道")),
        Field(
            "campaign",
            "text",
            "campaign",
            _words("campaign|campaign name|ad campaign|活动|计划|推广计划|广告计划|活动名称"),
        ),
        Field(
            "amount",
            "amount",
            "money spent",
            _words("amount|spend|cost|spent|费用|花费|消耗|投放费用|成本|金额"),
        ),
        CURRENCY,
        Field(
            "impressions",
            "integer",
            "times shown",
            _words("impressions|views|展现|展示|曝光|展现量|展示量|曝光量"),
        ),
        Field("clicks", "integer", "clicks", _words("clicks|点击|点击量|点击数")),
    ),
    required=(("day",), ("channel",), ("amount",)),
)
ANSWERS = Kind(
    "answers",
    "one row per answered question",
    (
        Field(
            "answer_id",
            "id",
            "unique id of the answer",
            _words("answer id|response id|id|答卷id|答案id|回答编号"),
        ),
        *CUSTOMER,
        Field(
            "answered_at",
            "time",
            "when",
            _words(
                "answered at|submitted at|date|time|created at|timestamp|答题时间|提交时间|填写时间|日期|时间"
            ),
        ),
        Field("survey", "text", "survey", _words("survey|questionnaire|form|问卷|问卷名称|调查")),
        Field("question", "text", "question", _words("question|题目|问题")),
        Field("metric", "text", "nps, csat, ces …", _words("metric|type|指标|题型|类型")),
        Field("score", "number", "score", _words("score|rating|value|answer|分数|评分|得分|打分")),
        Field("sentiment", "number", "-1 to 1", _words("sentiment|情感|情感值")),
    ),
    required=(("answered_at",), ("score",)),
)
FX_RATES = Kind(
    "fx_rates",
    "price of one unit of a currency in the house currency, day by day",
    (
        Field("day", "day", "day", _words("day|date|日期|天")),
        CURRENCY,
        Field(
            "rate", "rate", "house currency for 1 unit", _words("rate|fx rate|exchange rate|price|汇率|牌价")
        ),
    ),
    required=(("day",), ("currency",), ("rate",)),
)
CONSENTS = Kind(
    "consents",
    "what people agreed to or refused, with the proof",
    (
        *CUSTOMER,
        Field("purpose", "text", "marketing, service, profiling …", _words("purpose|目的|用途")),
        Field("channel", "text", "email, sms, phone, wecom …", _words("channel|渠道|通道")),
        Field(
            "state", "text", "granted or withdrawn", _words("state|status|consent|opt in|状态|同意|是否同意")
        ),
        Field(
            "given_at",
            "time",
            "when it was said",
            _words("given at|date|time|timestamp|consented at|时间|日期|同意时间|授权时间"),
        ),
        Field(
            "wording",
            "text",
            "version of the wording",
            _words("wording|wording version|version|policy version|文案版本|版本|协议版本"),
        ),
        Field(
            "origin",
            "text",
            "where it was said: form, shop, call …",
            _words("origin|source|consent source|来源|采集来源"),
        ),
        Field("evidence", "text", "the proof: file, link, recording", _words("evidence|proof|证据|凭证")),
    ),
    required=(("customer", "email", "phone"), ("channel",), ("state",), ("given_at",), ("origin",)),
)

KINDS: dict[str, Kind] = {
    kind.slug: kind
    for kind in (
        CUSTOMERS,
        PRODUCTS,
        ORDERS,
        ORDER_LINES,
        TRANSACTIONS,
        EVENTS,
        SPEND,
        ANSWERS,
        FX_RATES,
        CONSENTS,
    )
}
