"""Fields that several kinds of import share: their types, and the column names people give them."""

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


def words(text: str) -> tuple[str, ...]:
    """The parts of ``text`` between bars."""
    return tuple(w.strip() for w in text.split("|"))


CUSTOMER = (
    Field(
        "customer",
        "id",
        "the shop's own number of the customer",
        words(
            "customer id|customer number|customer no|customer|client id|user id|member id|member no|buyer id|"
            "account no|客户编号|客户号|客户id|"
            "会员号|会员编号|会员id|会员卡号|用户id|用户编号|买家id|买家会员名|买家昵称|顾客编号"
        ),
    ),
    Field(
        "email",
        "text",
        "e-mail address",
        words("email|e-mail|email address|mail|customer email|邮箱|电子邮箱|电子邮件|邮件地址"),
    ),
    Field(
        "phone",
        "id",
        "phone number",
        words(
            "phone|phone number|mobile|mobile phone|mobile number|tel|telephone|cell|手机|手机号|手机号码|"
            "电话|联系电话|联系手机|买家手机号|收货人手机|收货人手机号|收件人手机|会员手机号"
        ),
    ),
)
PERSON_NAME = Field(
    "name",
    "text",
    "name of the customer",
    words(
        "name|full name|customer name|client name|姓名|客户姓名|客户名称|会员姓名|买家姓名|收货人|收货人姓名|收件人"
    ),
)
ORDER_ID = Field(
    "order_id",
    "id",
    "number of the order or invoice",
    words(
        "order id|order number|order no|order|invoice|invoice no|invoice number|invoice id|transaction id|"
        "订单号|订单编号|订单id|主订单编号|父订单号|单号|小票号|流水号|发票号|交易号"
    ),
)
ORDERED_AT = Field(
    "ordered_at",
    "time",
    "when it was ordered",
    words(
        "ordered at|order date|order time|date|time|datetime|timestamp|invoice date|created at|order created at|"
        "purchase date|transaction date|purchased at|paid at|下单时间|订单创建时间|创建时间|订单时间|订单日期|下单日期|"
        "付款时间|订单付款时间|支付时间|购买时间|购买日期|交易时间|交易日期|消费时间|消费日期|日期|时间"
    ),
)
CURRENCY = Field(
    "currency", "currency", "ISO 4217 code of the amounts", words("currency|currency code|币种|货币")
)
PRODUCT = (
    Field(
        "product_id",
        "id",
        "number of the product",
        words(
            "product id|product code|product no|sku|item id|item code|stock code|article|asin|goods id|"
            "商品编号|商品id|商品编码|产品编号|产品id|货号|商家编码|sku编码|sku id"
        ),
    ),
    Field(
        "product_name",
        "text",
        "name of the product",
        words(
            "product name|product|item|item name|description|title|goods name|lineitem name|"
            "商品名称|商品标题|商品|宝贝标题|产品名称|产品|品名|货品名称"
        ),
    ),
    Field(
        "category",
        "text",
        "category of the product",
        words("category|product category|department|类目|品类|商品类目|商品分类|分类|类别"),
    ),
)
BRAND = Field("brand", "text", "brand", words("brand|vendor|品牌"))
QUANTITY = Field(
    "quantity",
    "number",
    "how many",
    words(
        "quantity|qty|units|number|count|number of cds|lineitem quantity|数量|购买数量|商品数量|件数|宝贝总数量"
    ),
)
UNIT_PRICE = Field(
    "unit_price",
    "amount",
    "price of one",
    words("unit price|price|item price|lineitem price|list price|单价|商品单价|价格|售价|成交单价"),
)
UNIT_COST = Field(
    "unit_cost", "amount", "cost of one", words("unit cost|cost|cost price|成本|成本价|单位成本")
)
AMOUNT = Field(
    "amount",
    "amount",
    "what was paid for the line, instead of quantity × unit price",
    words(
        "amount|line total|line amount|revenue|sales|sales amount|dollar value|value|amount paid|paid|subtotal|"
        "金额|实付金额|订单实付金额|买家实际支付金额|实收金额|销售额|成交金额|支付金额|消费金额|商品金额|小计"
    ),
)
WHERE = (
    Field(
        "channel",
        "text",
        "sales channel",
        words("channel|sales channel|渠道|销售渠道|订单来源|来源渠道|下单渠道"),
    ),
    Field(
        "store",
        "text",
        "shop or branch",
        words("store|shop|branch|store name|门店|店铺|店铺名称|门店名称|分店"),
    ),
    Field("coupon", "text", "coupon code", words("coupon|coupon code|discount code|优惠券|优惠码|优惠券码")),
    Field("campaign", "text", "campaign", words("campaign|utm campaign|活动|营销活动|活动名称")),
)
STATUS = Field(
    "status",
    "text",
    "state of the order; cancelled, closed and unpaid rows are no sales",
    words("status|order status|financial status|payment status|订单状态|交易状态|状态|支付状态"),
)
REFUNDED = frozenset(words("refunded|已退款|退款成功|已全额退款|全额退款"))
"""States of orders that were paid back: sales with a refund where the file says how much, else no sales."""
NOT_A_SALE = REFUNDED | frozenset(
    words(
        "cancelled|canceled|voided|void|pending|pending payment|unpaid|authorized|failed|draft|checkout-draft|"
        "on-hold|on hold|trash|expired|closed|"
        "已取消|取消|交易关闭|交易取消|已关闭|关闭|订单关闭|待付款|待支付|未付款|未支付|等待付款|等待买家付款"
    )
)
REFUND = (
    Field(
        "refund",
        "amount",
        "given back to the customer",
        words("refund|refunded amount|refund amount|amount refunded|退款金额|已退款金额"),
    ),
    Field(
        "refunded_at",
        "time",
        "when it was given back",
        words("refunded at|refund time|退款时间|退款完成时间"),
    ),
)
OF_ORDER = (
    Field(
        "line_discount",
        "amount",
        "taken off quantity × unit price",
        words("lineitem discount|line discount"),
    ),
    Field(
        "order_revenue", "amount", "paid for the goods of the whole order; its lines are brought to this sum"
    ),
    Field("order_discount", "amount", "discount on the whole order"),
    Field("order_tax", "amount", "tax of the whole order"),
    Field("order_shipping", "amount", "shipping of the whole order"),
    Field("order_total", "amount", "all in, of the whole order"),
)
"""What lines may say of their order; of several rows of one order it is added up."""
