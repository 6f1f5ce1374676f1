"""Mail to colleagues: invitations, new passwords, mentions. Customers are written to elsewhere.

Promises that a letter is in the outbox exactly when the transaction that wrote it was committed; that it is handed to
the mail server by a worker, again later when that is away; and that nothing in it can become a header. Where no mail
server is configured, or the house is a copy or a demo, letters stay here and administrators can read them, so a link
can be handed on by other means. The words of a letter that was sent are forgotten: links in them open accounts.

It is the ``EMAIL_BACKEND`` of Django, so whoever sends by ``django.core.mail`` sends by this.
"""
