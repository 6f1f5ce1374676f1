"""Pages of the channels: which are ready, who e-mail comes from, who gets none."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from huoshui.act.channels import domain, forms, queries, services
from huoshui.act.channels.errors import NotAMailSetting, NotAnAddress, NotASender
from huoshui.act.channels.queries import REASONS, Identity
from huoshui.desk.users import queries as users
from huoshui.kernel import clock, masks
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.outreach import CHANNELS
from huoshui.kernel.texts import Text
from huoshui.web import shell, undo
from huoshui.web.lists import Listing, Tone

SIZE = 50

read_or_send = require_http_methods(["GET", "HEAD", "POST"])

PAGES = {"email": "channels:email", "webhook": "webhooks:list", "task": "message_tasks:settings"}
WHAT = {
    "email": Text(
        "A message to the address of the customer, by the mail server of the house.",
        "通过邮件服务器发送到客户的邮箱。",
    ),
    "task": Text(
        "A colleague gets a task with the words to copy into WeCom or to say on the phone.",
        "给同事生成待办，附上可复制到企业微信或电话中使用的话术。",
    ),
    "webhook": Text(
        "Another system is told of it, signed and repeated until it has taken it.",
        "以签名请求通知其他系统，失败会重试。",
    ),
}
STATES: dict[str, tuple[Text, Tone]] = {
    "good": (Text("in order", "正常"), "good"),
    "warn": (Text("can be better", "可改进"), "warn"),
    "bad": (Text("needs you", "需要处理"), "bad"),
    "unknown": (Text("not known", "未知"), "info"),
}
REPORTS = {
    "gone": Text("no such mailbox", "邮箱不存在"),
    "failed": Text("came back for another reason", "其他原因退信"),
    "waits": Text("still waiting at a server", "仍在等待投递"),
    "complaint": Text("complaints", "投诉"),
    "unknown": Text("about no message of ours", "与我们的邮件无关"),
    "other": Text("no report, such as holiday notices", "非退信，如自动回复"),
}


@require_safe
def show_list(request: HttpRequest) -> HttpResponse:
    """Every channel, and why one cannot be used now."""
    actor = shell.actor_of(request)
    actor.require(Right.CUSTOMERS_VIEW)
    addresses = PAGES if actor.may(Right.HOUSE_MANAGE) else {"email": "channels:unreachable"}
    lines = [
        {
            "label": channel.label,
            "what": WHAT.get(channel.slug),
            "unready": channel.unready(),
            "address": reverse(addresses[channel.slug]) if channel.slug in addresses else "",
        }
        for channel in CHANNELS
    ]
    return render(request, "channels/list.html", {"lines": lines})


@never_cache
@read_or_send
def email(request: HttpRequest) -> HttpResponse:
    """Senders, where messages come back to, and what came back lately."""
    actor, language, now = shell.actor_of(request), shell.language_now(), clock.now()
    mailing = queries.mailing()
    form = forms.MailingForm(
        request.POST or None, initial={"bounce_address": mailing.bounce_address, "plus": mailing.plus}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.set_mailing(actor=actor, **form.cleaned_data, now=now)
        except NotAMailSetting as error:
            form.add_error("bounce_address", error.words.in_(language))
        else:
            undo.say(request, _("Saved."))
            return HttpResponseRedirect(reverse("channels:email"))
    counts = queries.reports_of(now=now)
    context = {
        "senders": queries.all_senders(actor=actor),
        "usual": queries.usual_sender(),
        "teams": {team.id: team.name.in_(language) for team in users.teams()},
        "unready": CHANNELS["email"].unready(),
        "form": form,
        "reports": [
            (label.in_(language), counts[kind]) for kind, label in REPORTS.items() if counts.get(kind)
        ],
        "closed": sum(queries.reasons(actor=actor).values()),
        "days": queries.RECENT.days,
    }
    return render(request, "channels/email.html", context, status=400 if form.errors else 200)


@never_cache
@read_or_send
def sender(request: HttpRequest, sender_id: int | None = None) -> HttpResponse:
    """The form of a sender: a new one, or one that there is."""
    actor, language = shell.actor_of(request), shell.language_now()
    actor.require(Right.HOUSE_MANAGE)
    there = queries.sender(sender_id, actor=actor) if sender_id is not None else None
    form = forms.SenderForm(
        request.POST or None,
        teams=[(str(team.id), team.name.in_(language)) for team in users.teams()],
        initial=forms.filled(there) if there else None,
    )
    if request.method == "POST" and form.is_valid():
        try:
            _keep(actor, there, form)
        except NotASender as error:
            said = error.words.in_(language)
            form.add_error(None, f"{said} {error.received}".strip())
        else:
            undo.say(request, _("The sender is saved."))
            return HttpResponseRedirect(reverse("channels:email"))
    context = {"form": form, "there": there}
    return render(request, "channels/sender.html", context, status=400 if form.errors else 200)


def _keep(actor: Actor, there: Identity | None, form: forms.SenderForm) -> None:
    now = clock.now()
    if there is None or there.id is None:
        services.add_sender(actor=actor, draft=form.draft(), now=now)
    else:
        services.change_sender(actor=actor, sender_id=there.id, draft=form.draft(), now=now)


@require_POST
def make_usual(request: HttpRequest, sender_id: int) -> HttpResponse:
    """Let e-mail come from this sender where nobody is named."""
    services.make_usual(actor=shell.actor_of(request), sender_id=sender_id, now=clock.now())
    undo.say(request, _("This is the usual sender now."))
    return HttpResponseRedirect(reverse("channels:email"))


@require_POST
def retire(request: HttpRequest, sender_id: int) -> HttpResponse:
    """Send as this sender no more."""
    try:
        services.retire_sender(actor=shell.actor_of(request), sender_id=sender_id, now=clock.now())
    except NotASender as error:
        undo.say(request, error.words.in_(shell.language_now()), tone="bad")
    else:
        back = reverse("channels:bring_back", args=[sender_id])
        undo.offer(request, _("Nothing is sent as this sender any more."), undo=back)
    return HttpResponseRedirect(reverse("channels:email"))


@require_POST
def bring_back(request: HttpRequest, sender_id: int) -> HttpResponse:
    """Send as this sender again."""
    services.bring_back_sender(actor=shell.actor_of(request), sender_id=sender_id, now=clock.now())
    undo.say(request, _("The sender is back."))
    return HttpResponseRedirect(reverse("channels:email"))


@never_cache
@require_safe
def check(request: HttpRequest, sender_id: int) -> HttpResponse:
    """What DNS says of a sender's domain. Asks name servers, for some seconds at most."""
    actor, language = shell.actor_of(request), shell.language_now()
    found = queries.sender(sender_id, actor=actor)
    lines = [
        {
            "title": one.title.in_(language),
            "said": one.said.in_(language),
            "step": one.step.in_(language) if one.step else "",
            "record": one.record,
            "word": STATES[one.state][0].in_(language),
            "tone": STATES[one.state][1],
        }
        for one in domain.check(found, envelope=queries.mailing().bounce_address, ask=domain.asking())
    ]
    return render(request, "channels/check.html", {"sender": found, "lines": lines})


@never_cache
@read_or_send
def unreachable(request: HttpRequest) -> HttpResponse:
    """Addresses that get no e-mail, and a form for one more."""
    actor, language = shell.actor_of(request), shell.language_now()
    form = forms.CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.close(actor=actor, **form.cleaned_data, now=clock.now())
        except NotAnAddress as error:
            form.add_error("address", error.says.in_(language))
        else:
            undo.say(request, _("This address gets no e-mail any more."))
            return HttpResponseRedirect(reverse("channels:unreachable"))
    words, page = request.GET.get("q", "").strip()[:254], _page(request.GET.get("page", "1"))
    rows, total = queries.unreachable(actor=actor, words=words, limit=SIZE, offset=(page - 1) * SIZE)
    context: dict[str, Any] = {
        "rows": [
            (row, masks.email_for(actor, row.address), REASONS[row.reason].in_(language)) for row in rows
        ],
        "total": total,
        "listing": Listing(
            path=reverse("channels:unreachable"),
            query=[("q", words)] if words else [],
            page=page,
            size=SIZE,
            total=total,
            words=words,
        ),
        "form": form,
        "may_edit": actor.may(Right.CUSTOMERS_EDIT),
        "may_manage": actor.may(Right.HOUSE_MANAGE),
    }
    return render(request, "channels/unreachable.html", context, status=400 if form.errors else 200)


@require_POST
def lift(request: HttpRequest, unreachable_id: int) -> HttpResponse:
    """Let an address get e-mail again."""
    services.lift(actor=shell.actor_of(request), unreachable_id=unreachable_id, now=clock.now())
    back = reverse("channels:close_again", args=[unreachable_id])
    undo.offer(request, _("This address gets e-mail again."), undo=back)
    return HttpResponseRedirect(reverse("channels:unreachable"))


@require_POST
def close_again(request: HttpRequest, unreachable_id: int) -> HttpResponse:
    """Take that back."""
    services.close_again(actor=shell.actor_of(request), unreachable_id=unreachable_id, now=clock.now())
    undo.say(request, _("This address gets no e-mail any more."))
    return HttpResponseRedirect(reverse("channels:unreachable"))


def _page(text: str) -> int:
    return min(int(text), 1_000_000) if text.isascii() and text.isdigit() and int(text) else 1
