"""The kinds of import: which fields each has, and what it cannot do without."""

from __future__ import annotations

from huoshui.data.connectors.fields import (
    AMOUNT,
    BRAND,
    CURRENCY,
    CUSTOMER,
    OF_ORDER,
    ORDER_ID,
    ORDERED_AT,
    PERSON_NAME,
    PRODUCT,
    QUANTITY,
    REFUND,
    STATUS,
    UNIT_COST,
    UNIT_PRICE,
    WHERE,
    Field,
    Kind,
    words,
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
        *OF_ORDER,
        *REFUND,
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
            words("discount|discount amount|优惠金额|折扣金额|优惠"),
        ),
        Field("tax", "amount", "tax on top", words("tax|taxes|vat|税|税费|税额")),
        Field(
            "shipping",
            "amount",
            "shipping on top",
            words("shipping|shipping cost|freight|postage|运费|邮费|快递费"),
        ),
        Field(
            "total",
            "amount",
            "all in",
            words("total|order total|grand total|total amount|总金额|订单金额|订单总额|应付金额|合计"),
        ),
        *REFUND,
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
            words(
                "created at|create date|registered at|registration date|signup date|joined|customer since|"
                "注册时间|注册日期|创建时间|入会时间|入会日期|成为客户时间|建档时间"
            ),
        ),
        Field(
            "account",
            "text",
            "company the customer belongs to",
            words("account|company|company name|organisation|公司|公司名称|企业|单位"),
        ),
        Field(
            "owner",
            "text",
            "e-mail of the colleague in charge",
            words("owner|contact owner|account manager|负责人|归属人|跟进人|客户经理"),
        ),
        Field(
            "tags",
            "text",
            "tags, separated by comma, semicolon or 、",
            words("tags|tag|labels|标签|客户标签"),
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
            words("message id|messageid|event id|id|uuid|事件id|消息id"),
        ),
        *CUSTOMER,
        Field(
            "visitor",
            "id",
            "id of a visitor who is not known yet",
            words("visitor|visitor id|anonymous id|anonymousid|device id|cookie id|访客id|匿名id|设备id"),
        ),
        Field(
            "event",
            "text",
            "name of the event",
            words("event|event name|name|action|type|事件|事件名|事件名称|行为|行为类型"),
        ),
        Field(
            "occurred_at",
            "time",
            "when",
            words(
                "occurred at|timestamp|time|event time|date|datetime|created at|ts|发生时间|事件时间|时间|日期|行为时间"
            ),
        ),
        Field("session_id", "text", "session", words("session id|session|会话id|会话")),
        PRODUCT[0],
        Field("value", "number", "a number that belongs to the event", words("value|amount|数值|金额|值")),
        Field(
            "properties",
            "json",
            "further properties as a JSON object",
            words("properties|props|attributes|属性|事件属性"),
        ),
    ),
    required=(("event",), ("occurred_at",)),
)
SPEND = Kind(
    "spend",
    "money spent per day, channel and campaign",
    (
        Field("day", "day", "day", words("day|date|日期|天|投放日期")),
        Field("channel", "text", "channel", words("channel|source|platform|media|渠道|平台|媒体|投放渠道")),
        Field(
            "campaign",
            "text",
            "campaign",
            words("campaign|campaign name|ad campaign|活动|计划|推广计划|广告计划|活动名称"),
        ),
        Field(
            "amount",
            "amount",
            "money spent",
            words("amount|spend|cost|spent|费用|花费|消耗|投放费用|成本|金额"),
        ),
        CURRENCY,
        Field(
            "impressions",
            "integer",
            "times shown",
            words("impressions|views|展现|展示|曝光|展现量|展示量|曝光量"),
        ),
        Field("clicks", "integer", "clicks", words("clicks|点击|点击量|点击数")),
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
            words("answer id|response id|id|答卷id|答案id|回答编号"),
        ),
        *CUSTOMER,
        Field(
            "answered_at",
            "time",
            "when",
            words(
                "answered at|submitted at|date|time|created at|timestamp|答题时间|提交时间|填写时间|日期|时间"
            ),
        ),
        Field("survey", "text", "survey", words("survey|questionnaire|form|问卷|问卷名称|调查")),
        Field("question", "text", "question", words("question|题目|问题")),
        Field("metric", "text", "nps, csat, ces …", words("metric|type|指标|题型|类型")),
        Field("score", "number", "score", words("score|rating|value|answer|分数|评分|得分|打分")),
        Field("sentiment", "number", "-1 to 1", words("sentiment|情感|情感值")),
    ),
    required=(("answered_at",), ("score",)),
)
FX_RATES = Kind(
    "fx_rates",
    "price of one unit of a currency in the house currency, day by day",
    (
        Field("day", "day", "day", words("day|date|日期|天")),
        CURRENCY,
        Field(
            "rate", "rate", "house currency for 1 unit", words("rate|fx rate|exchange rate|price|汇率|牌价")
        ),
    ),
    required=(("day",), ("currency",), ("rate",)),
)
CONSENTS = Kind(
    "consents",
    "what people agreed to or refused, with the proof",
    (
        *CUSTOMER,
        Field("purpose", "text", "marketing, service, profiling …", words("purpose|目的|用途")),
        Field("channel", "text", "email, sms, phone, wecom …", words("channel|渠道|通道")),
        Field(
            "state", "text", "granted or withdrawn", words("state|status|consent|opt in|状态|同意|是否同意")
        ),
        Field(
            "given_at",
            "time",
            "when it was said",
            words("given at|date|time|timestamp|consented at|时间|日期|同意时间|授权时间"),
        ),
        Field(
            "wording",
            "text",
            "version of the wording",
            words("wording|wording version|version|policy version|文案版本|版本|协议版本"),
        ),
        Field(
            "origin",
            "text",
            "where it was said: form, shop, call …",
            words("origin|source|consent source|来源|采集来源"),
        ),
        Field("evidence", "text", "the proof: file, link, recording", words("evidence|proof|证据|凭证")),
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
