"""Who may be written to for marketing, by channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huoshui.kernel.clock import AsOf
from huoshui.kernel.plugs import TRAITS, Trait
from huoshui.kernel.texts import Text

CHANNELS = (
    ("email", Text("e-mail", "邮件")),
    ("sms", Text("SMS", "短信")),
    ("phone", Text("phone", "电话")),
    ("wecom", Text("WeCom", "企业微信")),
)


def marketable(channel: str) -> Callable[[Any, AsOf], Any]:
    """The expression: of the marketing statements on ``channel`` or on all channels the newest is a grant; at the same
    time, withdrawn wins."""

    def expression(statements: Any, as_of: AsOf) -> Any:
        asked = (statements.purpose == "marketing") & statements.channel.isin([channel, "any"])
        granted = statements.valid_from.max(where=asked & (statements.state == "granted"))
        withdrawn = statements.valid_from.max(where=asked & (statements.state != "granted"))
        return granted.notnull() & (withdrawn.isnull() | (granted > withdrawn)).fill_null(False)

    return expression


def declare() -> None:
    """Called once, when the app starts."""
    for channel, name in CHANNELS:
        TRAITS.declare(
            Trait(
                slug=f"marketable_{channel}",
                label=Text(f"Marketable by {name.en}", f"可{name.zh}营销"),
                meaning=Text(
                    f"The newest statement of the customer about marketing by {name.en}, or on all channels, is a "
                    "consent; a withdrawal of the same moment wins. False for everybody who never said anything.",
                    f"客户关于{name.zh}营销（或全部渠道营销）的最新表态为同意；同一时刻的撤回优先。从未表态者一律为否。",
                ),
                type="boolean",
                over="consent_states",
                expression=marketable(channel),
                empty=False,
            )
        )
