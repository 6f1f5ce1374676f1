"""Django's mail, through the outbox."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from huoshui.desk.mail import services
from huoshui.kernel import clock


class OutboxBackend(BaseEmailBackend):
    """Puts messages into the outbox: subject, plain text, one letter for each recipient."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many of them will be sent. Raises `NotAHeader`."""
        now, sent = clock.now(), 0
        for message in email_messages:
            goes = [
                services.send(to=to, subject=str(message.subject), text=str(message.body), now=now)
                for to in message.recipients()
            ]
            sent += bool(goes) and all(goes)
        return sent
