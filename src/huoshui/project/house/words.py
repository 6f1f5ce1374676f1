"""What the pages of the house say of tables, in both languages."""

from __future__ import annotations

from huoshui.kernel.texts import Text

TABLES: dict[str, Text] = {
    "customers": Text("Customers", "客户"),
    "customer_attributes": Text("History of attributes", "属性历史"),
    "customer_tags": Text("Tags", "标签"),
    "consents": Text("Consents", "同意记录"),
    "fx_rates": Text("Exchange rates", "汇率"),
    "identity_links": Text("Who is who", "身份关联"),
    "products": Text("Products", "商品"),
    "orders": Text("Orders", "订单"),
    "order_lines": Text("Order lines", "订单明细"),
    "order_changes": Text("Returns and corrections", "退货与更正"),
    "events": Text("Events", "行为事件"),
    "events_by_name": Text("Events by name", "行为事件（按名称）"),
    "touches": Text("Contacts made", "触达"),
    "answers": Text("Answers to surveys", "问卷回答"),
    "spend": Text("Advertising costs", "投放花费"),
    "traits": Text("Traits", "客户特征"),
    "traits_history": Text("History of traits", "客户特征历史"),
}

KEPT: dict[str, Text] = {
    "for ever": Text("for ever", "永久"),
    "10 years": Text("10 years", "10 年"),
    "25 months": Text("25 months", "25 个月"),
    "as long as the customer": Text("as long as the customer", "与客户同期"),
    "as long as the customer; the proof stays in the database": Text(
        "as long as the customer; the proof stays in the database", "与客户同期；凭证留在数据库中"
    ),
    "as `events`": Text("like events", "与行为事件相同"),
    "until the next refresh": Text("until the next refresh", "至下次刷新"),
    "every day for 35 days, then the last of each month": Text(
        "every day for 35 days, then the last of each month", "35 天内每日，之后每月末"
    ),
}

RETENTION: tuple[tuple[Text, Text], ...] = (
    (Text("Older states of all tables", "各表的历史版本"), Text("7 days", "7 天")),
    (Text("Files of exports and other jobs", "导出等后台任务的文件"), Text("7 days", "7 天")),
    (Text("Uploaded files that were not loaded", "已上传但未载入的文件"), Text("24 hours", "24 小时")),
    (Text("List of background jobs", "后台任务列表"), Text("90 days", "90 天")),
    (Text("Text of letters to colleagues", "发给同事的邮件正文"), Text("7 days", "7 天")),
    (Text("Audit log", "审计日志"), Text("for ever", "永久")),
)


def table(slug: str) -> Text:
    """The name of a table; one that has none here is called by its slug."""
    return TABLES.get(slug, Text(slug, slug))


def kept(text: str) -> Text:
    """How long rows are kept; what has no words here stands as it is declared."""
    return KEPT.get(text, Text(text, text))
