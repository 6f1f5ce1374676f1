"""Why rows are set aside: a code that programs may rely on, and words in both languages.

Where a cell is checked the English words are used; they name the reason, and `reason_of` finds its code and its
words in the other language. A reason that is not declared here is an error of the program, not of the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from huoshui.kernel.texts import Language, Text

ODD_ROW = "the row has another number of cells than the header"
REPEATED = "was loaded; it is repeated here because loading this file replaces its whole order"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason. ``…`` in its words stands for what differs from case to case."""

    code: str
    text: Text

    def in_(self, language: Language, given: str) -> str:
        """The words in ``language``; ``given`` are the English ones with what differs filled in."""
        if language == "en":
            return given
        told = re.fullmatch(_pattern(self.text.en), given)
        return self.text.zh.replace("…", told[1]) if told and told.re.groups else self.text.zh


def _reason(code: str, en: str, zh: str) -> Reason:
    return Reason(code, Text(en, zh))


REASONS = (
    _reason("empty", "is empty", "为空"),
    _reason("not_a_number", "is not a number such as 1234.50", "不是 1234.50 这样的数字"),
    _reason("not_finite", "is not a number", "不是数字"),
    _reason("too_many_digits", "has too many digits", "位数过多"),
    _reason("product_too_large", "times the price is too large", "乘以单价后数值过大"),
    _reason("not_whole", "is not a whole number", "不是整数"),
    _reason("not_a_date", "is not a date such as 2024-01-31 18:30", "不是 2024-01-31 18:30 这样的日期"),
    _reason(
        "day_number",
        "is the day number of a spreadsheet; format the column as dates and export it again",
        "是电子表格的日期序号；请将该列设为日期格式后重新导出",
    ),
    _reason("too_early", "lies before …", "早于 … 年"),
    _reason("in_the_future", "lies in the future", "在未来"),
    _reason("not_a_currency", "is not an ISO 4217 currency code", "不是 ISO 4217 币种代码"),
    _reason("not_json", "is not JSON", "不是 JSON"),
    _reason("too_long", "is longer than … characters", "长于 … 个字符"),
    _reason(
        "damaged",
        "has characters that were damaged before it was exported",
        "含有在导出之前已损坏的字符",
    ),
    _reason("sheet_error", "is an error of the spreadsheet, not a value", "是电子表格的错误值"),
    _reason(
        "shortened",
        "was shortened by a spreadsheet; format the column as text and export it again",
        "被电子表格缩写而丢失位数；请将该列设为文本格式后重新导出",
    ),
    _reason("no_sale", "is not a sale", "不是成交"),
    _reason("cancelled", "is not a sale: the order was cancelled", "不是成交：订单已取消"),
    _reason("draft", "is not a sale: the order is a draft", "不是成交：订单为草稿"),
    _reason("test_order", "is not a sale: the order is a test", "不是成交：测试订单"),
    _reason("several_customers", "belongs to more than one customer", "属于多位客户"),
    _reason("several_currencies", "is in more than one currency", "含多个币种"),
    _reason(
        "stands_again",
        "stands in a later row of the file again; the last one counts",
        "在文件后面的行中再次出现；以最后一行为准",
    ),
    _reason("order_unknown", "is not loaded; load the orders first", "尚未导入；请先导入订单"),
    _reason("negative", "is negative; import returns as transactions", "为负数；退货请按 transactions 导入"),
    _reason("not_above_zero", "is not above zero", "不大于零"),
    _reason("house_currency", "is the currency of the house", "是本组织的币种"),
    _reason("odd_row", ODD_ROW, "该行的单元格数与表头不同"),
    _reason("repeated", REPEATED, "已导入；因导入本文件会替换整个订单，故在此重复"),
    _reason("blank", "This is empty", "为空"),
    _reason("too_long", "This is too long", "过长"),
    _reason("not_shown", "This has characters that cannot be shown", "含无法显示的字符"),
    _reason("not_an_email", "This is not an e-mail address", "不是电子邮箱地址"),
    _reason("not_a_phone", "This is not a phone number", "不是电话号码"),
    _reason(
        "phone_lost_digits",
        "This phone number was turned into a quantity by a spreadsheet and lost digits",
        "该电话号码被电子表格当作数值，已丢失位数",
    ),
    _reason("no_customer", "no customer", "没有客户"),
    _reason("no_time", "no time: it is not known when this was said", "没有时间：不知何时表示"),
    _reason("no_origin", "no source: it is not known where this was said", "没有来源：不知何处表示"),
    _reason("no_evidence", "no evidence: it cannot be shown that this was said", "没有凭证：无法证明曾表示"),
    _reason("purpose_unknown", "purpose is none of …", "目的不在此列：…"),
    _reason("channel_unknown", "channel is none of …", "渠道不在此列：…"),
    _reason("state_unknown", "state is none of …", "状态不在此列：…"),
)


@lru_cache(maxsize=256)
def reason_of(given: str) -> Reason:
    """The reason whose English words are ``given``. Raises ``LookupError`` where none is declared."""
    for reason in REASONS:
        if re.fullmatch(_pattern(reason.text.en), given):
            return reason
    raise LookupError(f"no reason is declared for “{given}”")


def _pattern(words: str) -> str:
    return re.escape(words).replace("…", "(.+)")


HEADINGS: dict[Language, tuple[str, str, str]] = {
    "en": ("line", "column", "reason"),
    "zh": ("行号", "列名", "拒绝原因"),
}
"""The three columns that a file of rejected rows has in front of those of the original."""


def without_headings(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The columns of a file, without those that a file of rejected rows has in front."""
    return columns[3:] if columns[:3] in HEADINGS.values() else columns
