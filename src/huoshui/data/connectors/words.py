"""Words for kinds, fields, tables and rules of imports, in both languages."""

from __future__ import annotations

from huoshui.kernel.texts import Text

KIND_WORDS: dict[str, Text] = {
    "transactions": Text("Purchases, one row per line", "成交明细（一行一件商品）"),
    "customers": Text("Customers", "客户"),
    "orders": Text("Orders, one row per order", "订单（一行一单）"),
    "order_lines": Text("Lines of orders", "订单行"),
    "products": Text("Products", "商品"),
    "events": Text("Events", "行为事件"),
    "spend": Text("Advertising spend", "投放花费"),
    "answers": Text("Answers to surveys", "问卷回答"),
    "fx_rates": Text("Exchange rates", "汇率"),
    "consents": Text("Consents", "营销同意"),
}
"""The kinds as people choose them, the most usual first."""

TABLE_WORDS: dict[str, Text] = {
    "orders": Text("orders", "订单"),
    "order_lines": Text("order lines", "订单行"),
    "order_changes": Text("returns and corrections", "退货与更正"),
    "products": Text("products", "商品"),
    "customers": Text("customers with details", "客户资料"),
    "customer_tags": Text("tags", "标签"),
    "customer_attributes": Text("attributes", "属性"),
    "events": Text("events", "行为事件"),
    "spend": Text("days of spend", "投放花费"),
    "answers": Text("answers", "问卷回答"),
    "fx_rates": Text("exchange rates", "汇率"),
    "consents": Text("consents", "营销同意"),
}

FIELD_WORDS: dict[str, Text] = {
    "order_id": Text("Order number", "订单号"),
    "customer": Text("Customer number", "客户编号"),
    "email": Text("Customer · e-mail", "客户 · 邮箱"),
    "phone": Text("Customer · phone", "客户 · 手机号"),
    "name": Text("Customer · name", "客户 · 姓名"),
    "ordered_at": Text("Time of the order", "下单时间"),
    "product_id": Text("Product · number", "商品 · 编号"),
    "product_name": Text("Product · name", "商品 · 名称"),
    "category": Text("Product · category", "商品 · 类目"),
    "brand": Text("Product · brand", "商品 · 品牌"),
    "quantity": Text("Quantity", "数量"),
    "unit_price": Text("Unit price", "单价"),
    "amount": Text("Amount", "金额"),
    "unit_cost": Text("Unit cost", "单位成本"),
    "line_discount": Text("Line · discount", "行 · 折扣"),
    "order_revenue": Text("Order · paid for goods", "整单 · 商品实付"),
    "order_discount": Text("Order · discount", "整单 · 折扣"),
    "order_tax": Text("Order · tax", "整单 · 税"),
    "order_shipping": Text("Order · shipping", "整单 · 运费"),
    "order_total": Text("Order · total", "整单 · 合计"),
    "refund": Text("Refund", "退款金额"),
    "refunded_at": Text("Time of the refund", "退款时间"),
    "currency": Text("Currency", "币种"),
    "channel": Text("Channel", "渠道"),
    "store": Text("Shop or branch", "店铺 / 门店"),
    "coupon": Text("Coupon", "优惠券"),
    "campaign": Text("Campaign", "活动"),
    "status": Text("State of the order", "订单状态"),
    "revenue": Text("Paid for goods", "商品实付"),
    "discount": Text("Discount", "折扣"),
    "tax": Text("Tax", "税"),
    "shipping": Text("Shipping", "运费"),
    "total": Text("Total", "合计"),
    "created_at": Text("Customer since", "成为客户时间"),
    "account": Text("Company", "所属企业"),
    "owner": Text("Colleague in charge", "负责同事"),
    "tags": Text("Tags", "标签"),
    "message_id": Text("Event number", "事件编号"),
    "visitor": Text("Visitor number", "访客编号"),
    "event": Text("Event", "事件"),
    "occurred_at": Text("Time", "发生时间"),
    "session_id": Text("Session", "会话"),
    "value": Text("Value", "数值"),
    "properties": Text("Further properties", "其他属性"),
    "day": Text("Day", "日期"),
    "impressions": Text("Times shown", "展示次数"),
    "clicks": Text("Clicks", "点击次数"),
    "answer_id": Text("Answer number", "回答编号"),
    "answered_at": Text("Time of the answer", "回答时间"),
    "survey": Text("Survey", "问卷"),
    "question": Text("Question", "题目"),
    "metric": Text("Kind of score", "指标"),
    "score": Text("Score", "评分"),
    "sentiment": Text("Sentiment", "情感"),
    "rate": Text("Rate", "汇率"),
    "purpose": Text("Purpose", "目的"),
    "state": Text("Granted or withdrawn", "同意或撤回"),
    "given_at": Text("Time it was said", "表示时间"),
    "wording": Text("Wording", "文案版本"),
    "origin": Text("Where it was said", "表示之处"),
    "evidence": Text("Proof", "凭证"),
}
"""Fields as people choose them for a column."""

RULES = {
    "cancellation": Text("lines of cancellations: they reduce revenue", "取消单的行：冲减收入"),
    "return": Text("returns and refunds: they reduce revenue", "退货与退款：冲减收入"),
    "correction": Text("lines of corrections: they change revenue", "更正的行：调整收入"),
    "zero_price": Text("lines without a price: gifts and samples", "零价的行：赠品与样品"),
    "anonymous": Text(
        "lines of nobody: in revenue, in no customer's figures", "匿名的行：计入收入，不计入任何客户"
    ),
    "service_line": Text("lines of postage, fees and vouchers", "邮费、手续费与礼券的行"),
    "product_from_name": Text(
        "lines without a product number: the name stands in", "没有商品编号的行：以名称代替"
    ),
    "order_from_time": Text(
        "orders made of one customer's lines of one time", "由同一客户同一时间的行合成的订单"
    ),
    "several_times": Text("orders with several times: the earliest counts", "含多个时间的订单：取最早者"),
    "contact_unreadable": Text(
        "phones or e-mails that cannot be read, left out", "无法识别的电话或邮箱，已略去"
    ),
    "contact_shared": Text("phones or e-mails of several customers", "多位客户共用的电话或邮箱"),
    "owner_unknown": Text("owners who are no colleagues here", "不是本组织同事的负责人"),
    "same_key_twice": Text("further rows of the same customer or product", "同一客户或商品的重复行"),
    "same_key_added_up": Text(
        "rows of one day, channel and campaign, added up", "同一天、渠道与活动的行，已相加"
    ),
    "refund": Text("orders with money given back: it reduces revenue", "有退款的订单：冲减收入"),
    "refund_beyond": Text(
        "of them beyond the goods (shipping, tax): revenue falls to nothing, not below",
        "其中退款超过商品金额（运费、税）：收入最多冲减至零",
    ),
    "tax_included": Text(
        "orders whose goods held the tax: taken out of revenue", "商品金额含税的订单：已从收入中扣除"
    ),
    "consent_without_proof": Text(
        "rows that claim consent without proof: nobody may be written to because of them",
        "自称同意营销但无凭证的行：不因此可被营销",
    ),
}
"""What was done about oddities of a file; see docs/imports.md."""
