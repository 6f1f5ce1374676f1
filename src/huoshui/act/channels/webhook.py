"""The channel `webhook`: a message is posted to another system, which brings it to the person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from huoshui.act.channels import webhook_services as webhooks
from huoshui.act.channels.webhook_delivery import CONSENT
from huoshui.act.channels.webhook_models import Endpoint
from huoshui.act.channels.webhook_queries import usual
from huoshui.data.customers import listing
from huoshui.desk.organisation import queries as organisation
from huoshui.kernel import clock
from huoshui.kernel.outreach import Channel, Content, Handed, Line, Outcome, Outgoing
from huoshui.kernel.texts import Text

TOO_LONG = Text(
    f"Text and HTML together are at most {webhooks.LONGEST_BODY:,} bytes for a webhook",
    f"通过 webhook 发送的文本与 HTML 合计最多 {webhooks.LONGEST_BODY:,} 字节",
)


class WebhookLine:
    """Takes messages into the deliveries, from where jobs post them; what becomes of them is told later."""

    def hand_over(self, message: Outgoing) -> Handed:
        """Store the message for its endpoint; the same key is stored once."""
        endpoint = _endpoint(message.sender)
        if endpoint is None:
            return Handed(outcome=Outcome.LATER, answer="no webhook is on")
        data = _data(message)
        if endpoint.contact != "none":
            found = (
                listing.contacts([message.customer_id]).get(message.customer_id, {}).get(endpoint.contact, "")
            )
            if not found:
                return Handed(outcome=Outcome.REFUSED, answer=f"no {endpoint.contact}")
            data[endpoint.contact] = found
        now = clock.now()
        body = webhooks.body_of(webhooks.MESSAGE, data, now)
        if len(body.encode()) > webhooks.LONGEST_BODY:
            return Handed(outcome=Outcome.REFUSED, answer="too long for a webhook")
        return webhooks.take(
            endpoint=endpoint,
            key=message.key,
            customer_id=message.customer_id,
            marketing=message.marketing,
            body=body,
            now=now,
        )


@contextmanager
def _open() -> Iterator[Line]:
    yield WebhookLine()


def _endpoint(slug: str) -> Endpoint | None:
    named = Endpoint.objects.filter(slug=slug, disabled_at=None).first() if slug else None
    return named or usual()


def _data(message: Outgoing) -> dict[str, object]:
    said = message.content
    told: dict[str, object] = {
        "key": message.key,
        "customer_id": message.customer_id,
        "name": message.name,
        "language": message.language,
        "marketing": message.marketing,
        "subject": said.subject,
        "text": said.text,
        "html": said.html,
        "leave": message.leave,
        "preferences": message.preferences,
    }
    return {name: value for name, value in told.items() if value != ""}


def _addresses(customer_ids: Sequence[int]) -> Mapping[int, str]:
    """Everybody: a receiver knows them by their number."""
    return {customer_id: str(customer_id) for customer_id in customer_ids}


def _problems(content: Content, marketing: bool) -> Sequence[Text]:
    # A part of the room is for what stands around it and for what merging adds.
    long = len((content.subject + content.text + content.html).encode()) > webhooks.LONGEST_BODY * 9 // 10
    return [TOO_LONG] if long else []


def _unready() -> Text | None:
    if organisation.current().demo:
        return Text("A demo company sends nothing outside", "演示数据不向外发送")
    if usual() is None:
        return Text("No webhook is switched on: add one first", "没有启用的 webhook，请先添加")
    return None


CHANNEL = Channel(
    slug="webhook",
    label=Text("Webhook", "Webhook"),
    consent=CONSENT,
    addresses=_addresses,
    problems=_problems,
    unready=_unready,
    open=_open,
)
