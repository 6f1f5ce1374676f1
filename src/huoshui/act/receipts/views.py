"""Pages of receipts: all messages wanted for a customer, and one of them with everything that decided about it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from huoshui.act.receipts import pages, queries
from huoshui.data.customers import queries as customers
from huoshui.data.customers.scope import require_seen
from huoshui.data.customers.subjects import called
from huoshui.kernel.plugs import HOUSE
from huoshui.lake import open_lake
from huoshui.web import shell

MOST = 200


@require_safe
def receipt(request: HttpRequest, message_id: int) -> HttpResponse:
    """Why one message went out, or did not."""
    actor, language = shell.actor_of(request), shell.language_now()
    found = queries.whole(message_id, actor=actor, tables=open_lake().snapshot())
    shown = pages.page(found, house=HOUSE(), language=language)
    names = customers.names([shown.customer_id])
    context = {"page": shown, "name": called(shown.customer_id, names.get(shown.customer_id, ""), language)}
    return render(request, "receipts/receipt.html", context)


@require_safe
def of_customer(request: HttpRequest, customer_id: int) -> HttpResponse:
    """The newest messages that were wanted for a customer."""
    actor, language = shell.actor_of(request), shell.language_now()
    require_seen(actor, customer_id)
    found = queries.newest(customer_id, actor=actor, most=MOST)
    context = {
        "lines": [pages.line(one, language) for one in found],
        "customer_id": customer_id,
        "name": called(customer_id, customers.names([customer_id]).get(customer_id, ""), language),
        "most": MOST if len(found) == MOST else 0,
    }
    return render(request, "receipts/of_customer.html", context)
