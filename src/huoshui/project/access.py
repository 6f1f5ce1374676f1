"""Who may open which address: one line for each, and the gate that holds to it.

An address without a line is refused, for everybody. What a verb asks for besides, it asks itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import ResolverMatch, reverse
from django.utils.deprecation import MiddlewareMixin

from huoshui.desk.users import keeping
from huoshui.desk.users.views.own import must_set_up
from huoshui.kernel import clock
from huoshui.kernel.actors import Right
from huoshui.kernel.errors import NotAllowed
from huoshui.project.api import door
from huoshui.web import errors, shell
from huoshui.web.address import own_path

SAFE = ("GET", "HEAD", "OPTIONS")
MOST_OF_A_STRANGER = 512 * 1024
"""Bytes of a form of somebody who is not signed in; files have no such limit, and the disk of the house has."""


class Open(Enum):
    """Who may where no right is asked for: anybody at all, or every colleague."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"


PUBLIC, SIGNED_IN = Open.PUBLIC, Open.SIGNED_IN
Who = Open | Right


@dataclass(frozen=True, slots=True)
class Both:
    """Who may look (GET, HEAD), and who may send."""

    read: Who
    write: Who


ACCESS: dict[str, Who | Both] = {
    # the shell
    "web:search": SIGNED_IN,
    "web:language": PUBLIC,
    "web:theme": PUBLIC,
    "web:style": PUBLIC,
    "web:help": SIGNED_IN,
    "web:help_page": SIGNED_IN,
    "web:help_picture": SIGNED_IN,
    # coming in and going out
    "account:login": PUBLIC,
    "account:code": PUBLIC,
    "account:logout": PUBLIC,
    "account:forgot": PUBLIC,
    "account:link": PUBLIC,
    # one's own account
    "account:home": SIGNED_IN,
    "account:kept": SIGNED_IN,
    "account:confirm": SIGNED_IN,
    "account:password": SIGNED_IN,
    "account:second_step": SIGNED_IN,
    "account:recovery_codes": SIGNED_IN,
    "account:remove_second_step": SIGNED_IN,
    "account:end_sessions": SIGNED_IN,
    "account:tokens": SIGNED_IN,
    "account:revoke_token": SIGNED_IN,
    # colleagues and teams
    "people:list": Right.USERS_MANAGE,
    "people:invite": Right.USERS_MANAGE,
    "people:person": Right.USERS_MANAGE,
    "people:invite_again": Right.USERS_MANAGE,
    "people:disable": Right.USERS_MANAGE,
    "people:enable": Right.USERS_MANAGE,
    "people:end_sessions": Right.USERS_MANAGE,
    "people:reset_second_step": Right.USERS_MANAGE,
    "people:teams": Right.USERS_MANAGE,
    "people:team": Right.USERS_MANAGE,
    # the audit log
    "audit:list": Right.AUDIT_VIEW,
    # background jobs: one's own, whoever one is
    "jobs:list": SIGNED_IN,
    "jobs:job": SIGNED_IN,
    "jobs:cancel": SIGNED_IN,
    "jobs:file": SIGNED_IN,
    # a list as a file: each list asks for its right
    "jobs:export": SIGNED_IN,
    # tasks
    "worklist:work": SIGNED_IN,
    "worklist:list": SIGNED_IN,
    "worklist:task": SIGNED_IN,
    "worklist:add": Right.TASKS_WORK,
    "worklist:edit": Right.TASKS_WORK,
    "worklist:take": Right.TASKS_WORK,
    "worklist:hand_over": Right.TASKS_WORK,
    "worklist:postpone": Right.TASKS_WORK,
    "worklist:done": Right.TASKS_WORK,
    "worklist:cancel": Right.TASKS_WORK,
    "worklist:not_reached": Right.TASKS_WORK,
    "worklist:reopen": Right.TASKS_WORK,
    "worklist:take_back": Right.TASKS_WORK,
    # comments, files, versions, sign-offs; whoever sees the subject reads
    "threads:inbox": SIGNED_IN,
    "threads:open": SIGNED_IN,
    "threads:read_all": SIGNED_IN,
    "threads:wish": SIGNED_IN,
    "threads:about": SIGNED_IN,
    "threads:versions": SIGNED_IN,
    "threads:file": SIGNED_IN,
    "threads:edit": Both(read=SIGNED_IN, write=Right.COMMENTS_WRITE),
    "threads:comment": Right.COMMENTS_WRITE,
    "threads:attach": Right.COMMENTS_WRITE,
    "threads:delete": Right.COMMENTS_WRITE,
    "threads:restore": Right.COMMENTS_WRITE,
    "threads:delete_file": Right.COMMENTS_WRITE,
    "threads:restore_file": Right.COMMENTS_WRITE,
    "threads:restore_version": Right.COMMENTS_WRITE,
    "threads:ask": Right.COMMENTS_WRITE,
    "threads:answer": Right.COMMENTS_WRITE,
    # letters to colleagues
    "mail:list": Right.USERS_MANAGE,
    "mail:test": Right.USERS_MANAGE,
    "mail:again": Right.USERS_MANAGE,
    # whether the house can be used
    "healthz": PUBLIC,
    # customers
    "customers:list": Right.CUSTOMERS_VIEW,
    "customers:new": Right.CUSTOMERS_EDIT,
    "customers:edit": Right.CUSTOMERS_EDIT,
    "customers:delete": Right.CUSTOMERS_EDIT,
    "customers:restore": Right.CUSTOMERS_EDIT,
    # who may export need not be one who edits: the act itself asks which right it needs
    "customers:bulk": Right.CUSTOMERS_VIEW,
    "customers:act": Right.CUSTOMERS_EDIT,
    "customers:undo": Right.CUSTOMERS_EDIT,
    "customers:views": Right.CUSTOMERS_VIEW,
    "customers:view-save": Right.CUSTOMERS_VIEW,
    "customers:view-rename": Right.CUSTOMERS_VIEW,
    "customers:view-delete": Right.CUSTOMERS_VIEW,
    "customers:view-restore": Right.CUSTOMERS_VIEW,
    "customers:view-always": Right.CUSTOMERS_VIEW,
    # why somebody got a message, and why not
    "receipts:receipt": Right.CUSTOMERS_VIEW,
    "receipts:of_customer": Right.CUSTOMERS_VIEW,
    # control groups: who may set the group, the page asks itself
    "holdouts:home": Both(read=Right.CUSTOMERS_VIEW, write=Right.HOUSE_MANAGE),
    # segments
    "segments:list": Right.CUSTOMERS_VIEW,
    "segments:segment": Right.CUSTOMERS_VIEW,
    "segments:profile": Right.CUSTOMERS_VIEW,
    "segments:overlap": Right.CUSTOMERS_VIEW,
    "segments:some": Right.CUSTOMERS_VIEW,
    "segments:of_customer": Right.CUSTOMERS_VIEW,
    "segments:new": Right.SEGMENTS_EDIT,
    "segments:new_list": Right.SEGMENTS_EDIT,
    "segments:compare": Right.CUSTOMERS_VIEW,
    "segments:edit": Right.SEGMENTS_EDIT,
    "segments:retire": Right.SEGMENTS_EDIT,
    "segments:bring_back": Right.SEGMENTS_EDIT,
    # templates of messages, and the addresses in messages
    "templates:list": Right.CUSTOMERS_VIEW,
    "templates:template": Right.CUSTOMERS_VIEW,
    "templates:letter": Right.CUSTOMERS_VIEW,
    "templates:new": Right.CAMPAIGNS_EDIT,
    "templates:edit": Right.CAMPAIGNS_EDIT,
    "templates:preview": Right.CAMPAIGNS_EDIT,
    "templates:copy": Right.CAMPAIGNS_EDIT,
    "templates:test": Right.CAMPAIGNS_EDIT,
    "templates:retire": Right.CAMPAIGNS_EDIT,
    "templates:bring_back": Right.CAMPAIGNS_EDIT,
    "templates:rules": Right.HOUSE_MANAGE,
    "scripts:list": Right.CUSTOMERS_VIEW,
    "scripts:script": Right.CUSTOMERS_VIEW,
    "scripts:new": Right.CAMPAIGNS_EDIT,
    "scripts:edit": Right.CAMPAIGNS_EDIT,
    "scripts:retire": Right.CAMPAIGNS_EDIT,
    "scripts:bring_back": Right.CAMPAIGNS_EDIT,
    "scripts:used": Right.TASKS_WORK,
    "links:click": PUBLIC,
    "links:opened": PUBLIC,
    # channels: e-mail
    "channels:list": Right.CUSTOMERS_VIEW,
    "channels:email": Right.HOUSE_MANAGE,
    "channels:new_sender": Right.HOUSE_MANAGE,
    "channels:sender": Right.HOUSE_MANAGE,
    "channels:check": Right.HOUSE_MANAGE,
    "channels:make_usual": Right.HOUSE_MANAGE,
    "channels:retire": Right.HOUSE_MANAGE,
    "channels:bring_back": Right.HOUSE_MANAGE,
    "channels:unreachable": Both(read=Right.CUSTOMERS_VIEW, write=Right.CUSTOMERS_EDIT),
    "channels:lift": Right.CUSTOMERS_EDIT,
    "channels:close_again": Right.CUSTOMERS_EDIT,
    # outbox
    "outbox:list": Right.CUSTOMERS_VIEW,
    "outbox:settings": Right.HOUSE_MANAGE,
    "outbox:lane": Right.CAMPAIGNS_APPROVE,
    "outbox:overdue": Right.CAMPAIGNS_APPROVE,
    "outbox:decide": Right.CAMPAIGNS_APPROVE,
    # campaigns
    "campaigns:list": Right.CUSTOMERS_VIEW,
    "campaigns:campaign": Right.CUSTOMERS_VIEW,
    "campaigns:new": Right.CAMPAIGNS_EDIT,
    "campaigns:edit": Right.CAMPAIGNS_EDIT,
    "campaigns:act": Right.CAMPAIGNS_EDIT,
    # experiments
    "experiments:list": Right.CUSTOMERS_VIEW,
    "experiments:trial": Right.CUSTOMERS_VIEW,
    "experiments:total": Right.CUSTOMERS_VIEW,
    "experiments:experiment": Right.CUSTOMERS_VIEW,
    "experiments:new": Right.EXPERIMENTS_EDIT,
    "experiments:choose": Right.EXPERIMENTS_EDIT,
    "experiments:retire": Right.EXPERIMENTS_EDIT,
    "experiments:bring_back": Right.EXPERIMENTS_EDIT,
    # traits
    "traits:list": Right.CUSTOMERS_VIEW,
    "traits:trait": Right.CUSTOMERS_VIEW,
    "traits:schema": SIGNED_IN,
    "traits:new": Right.SEGMENTS_EDIT,
    "traits:edit": Right.SEGMENTS_EDIT,
    "traits:preview": Right.SEGMENTS_EDIT,
    "traits:retire": Right.SEGMENTS_EDIT,
    "traits:bring_back": Right.SEGMENTS_EDIT,
    # imports: files are one's own, the views see to that
    "imports:list": Right.IMPORTS_RUN,
    "imports:new": Right.IMPORTS_RUN,
    "imports:file": Right.IMPORTS_RUN,
    "imports:check": Right.IMPORTS_RUN,
    "imports:start": Right.IMPORTS_RUN,
    "imports:running": Right.IMPORTS_RUN,
    "imports:remove": Right.IMPORTS_RUN,
    "imports:mappings": Right.IMPORTS_RUN,
    "imports:load": Right.IMPORTS_RUN,
    "imports:rejects": Right.IMPORTS_RUN,
    "imports:undo": Right.IMPORTS_RUN,
    # what is known of customers
    "value:value": Right.CUSTOMERS_VIEW,
    "value:train": Right.TRAITS_REFRESH,
    "lifecycle:lifecycle": Right.CUSTOMERS_VIEW,
    "lifecycle:cohorts": Right.CUSTOMERS_VIEW,
    # webhooks, and how messages become tasks
    "webhooks:list": Right.HOUSE_MANAGE,
    "webhooks:new": Right.HOUSE_MANAGE,
    "webhooks:webhook": Right.HOUSE_MANAGE,
    "webhooks:edit": Right.HOUSE_MANAGE,
    "webhooks:test": Right.HOUSE_MANAGE,
    "webhooks:rotate": Right.HOUSE_MANAGE,
    "webhooks:switch": Right.HOUSE_MANAGE,
    "webhooks:all_again": Right.HOUSE_MANAGE,
    "webhooks:again": Right.HOUSE_MANAGE,
    "message_tasks:settings": Right.HOUSE_MANAGE,
    # the house as a whole
    "house:organisation": Right.HOUSE_MANAGE,
    "house:festivals": Right.HOUSE_MANAGE,
    "house:forget_festival": Right.HOUSE_MANAGE,
    "house:data": Right.HOUSE_MANAGE,
    "house:version": Right.HOUSE_MANAGE,
    "customers:attributes": Right.HOUSE_MANAGE,
    "customers:attribute-retire": Right.HOUSE_MANAGE,
    "customers:attribute-restore": Right.HOUSE_MANAGE,
    "imports:sources": Right.IMPORTS_RUN,
    # what is measured
    "dashboards:overview": Right.CUSTOMERS_VIEW,
    "metrics:list": Right.CUSTOMERS_VIEW,
    "metrics:alerts": Right.CUSTOMERS_VIEW,
    "metrics:alerts_of": Both(read=Right.CUSTOMERS_VIEW, write=Right.COMMENTS_WRITE),
    "metrics:choose_alert": Right.COMMENTS_WRITE,
    "metrics:alert": Right.CUSTOMERS_VIEW,
    "metrics:end_alert": Right.COMMENTS_WRITE,
    "metrics:metric": Right.CUSTOMERS_VIEW,
    "metrics:group": Right.CUSTOMERS_VIEW,
    "metrics:schema": SIGNED_IN,
    "metrics:new": Right.COMMENTS_WRITE,
    "metrics:edit": Right.COMMENTS_WRITE,
    "metrics:preview": Right.COMMENTS_WRITE,
    "metrics:retire": Right.COMMENTS_WRITE,
    "metrics:bring_back": Right.COMMENTS_WRITE,
    "metrics:values": Both(read=Right.CUSTOMERS_VIEW, write=Right.RESEARCH_EDIT),
    "metrics:withdraw_value": Right.RESEARCH_EDIT,
    "metrics:put_back_value": Right.RESEARCH_EDIT,
    "boards:list": Right.CUSTOMERS_VIEW,
    "boards:board": Right.CUSTOMERS_VIEW,
    "boards:new": Right.COMMENTS_WRITE,
    "boards:edit": Right.COMMENTS_WRITE,
    "boards:copy": Right.COMMENTS_WRITE,
    # who owns a board may share and delete it, whatever their role is now
    "boards:share": Right.CUSTOMERS_VIEW,
    "boards:delete": Right.CUSTOMERS_VIEW,
    "boards:restore": Right.CUSTOMERS_VIEW,
    "boards:subscribe": Right.CUSTOMERS_VIEW,
    "boards:unsubscribe": Right.CUSTOMERS_VIEW,
    # by the signed link of a letter
    "boards:leave": PUBLIC,
    # research
    "research:list": Right.CUSTOMERS_VIEW,
    "research:kind": Right.CUSTOMERS_VIEW,
    "research:new": Right.RESEARCH_EDIT,
    "research:edit": Right.RESEARCH_EDIT,
    "research:retire": Right.RESEARCH_EDIT,
    "research:bring_back": Right.RESEARCH_EDIT,
    "research:compare_by": Right.RESEARCH_EDIT,
    # plans
    "plans:list": Right.CUSTOMERS_VIEW,
    "plans:share": Right.PLANS_SHARE,
    "plans:end_share": Right.PLANS_SHARE,
    # by the secret of a link, which opens one snapshot until it expires or is ended
    "plans:shared": PUBLIC,
    "plans:plan": Right.CUSTOMERS_VIEW,
    "plans:goals": Right.CUSTOMERS_VIEW,
    "plans:goal": Right.CUSTOMERS_VIEW,
    "plans:goal_new": Right.PLANS_EDIT,
    "plans:goal_edit": Right.PLANS_EDIT,
    "plans:goal_split": Right.PLANS_EDIT,
    "plans:goal_rebase": Right.PLANS_EDIT,
    "plans:goal_remove": Right.PLANS_EDIT,
    "plans:goal_restore": Right.PLANS_EDIT,
    "plans:goals_usual": Right.PLANS_EDIT,
    "plans:shown": Right.CUSTOMERS_VIEW,
    "plans:new": Right.PLANS_EDIT,
    "plans:settings": Right.PLANS_EDIT,
    "plans:to": Right.PLANS_EDIT,
    "plans:keep_template": Right.PLANS_EDIT,
    "plans:forget_template": Right.PLANS_EDIT,
    "plans:block": Right.PLANS_EDIT,
    "plans:add": Right.PLANS_EDIT,
    "plans:act": Right.PLANS_EDIT,
    "plans:put_back": Right.PLANS_EDIT,
    "plans:add_part": Right.PLANS_EDIT,
    "plans:part": Right.PLANS_EDIT,
    "plans:measures": Right.CUSTOMERS_VIEW,
    "plans:new_measure": Right.PLANS_EDIT,
    "plans:shift_measures": Right.PLANS_EDIT,
    "plans:measure": Right.PLANS_EDIT,
    "plans:measure_to": Right.PLANS_EDIT,
    "plans:reviews": Both(read=Right.CUSTOMERS_VIEW, write=Right.PLANS_EDIT),
    "plans:review": Both(read=Right.CUSTOMERS_VIEW, write=Right.PLANS_EDIT),
    "plans:history": Right.CUSTOMERS_VIEW,
    "plans:export": Both(read=Right.CUSTOMERS_VIEW, write=Right.PLANS_EDIT),
    "plans:budget": Both(read=Right.CUSTOMERS_VIEW, write=Right.PLANS_EDIT),
    "plans:budget_file": Right.PLANS_EDIT,
    "plans:budget_look": Right.PLANS_EDIT,
    "plans:budget_undo": Right.PLANS_EDIT,
    # by the signed link of a message to a customer
    "privacy:leave": PUBLIC,
    "privacy:preferences": PUBLIC,
    "dashboards:customer": Right.CUSTOMERS_VIEW,
    "dashboards:orders": Right.CUSTOMERS_VIEW,
    "dashboards:traits": Right.CUSTOMERS_VIEW,
    "dashboards:why": Right.CUSTOMERS_VIEW,
    "dashboards:about": Right.CUSTOMERS_VIEW,
    "dashboards:contacts": Right.CONTACTS_REVEAL,
    "dashboards:tag": Right.CUSTOMERS_EDIT,
    "privacy:customer": Both(read=Right.CUSTOMERS_VIEW, write=Right.CONSENT_RECORD),
    # the API: SIGNED_IN is whoever holds a token
    "reference:api": SIGNED_IN,
    "api:openapi-json": PUBLIC,
    "api:api-root": SIGNED_IN,
    "api:health": PUBLIC,
    "api:version": SIGNED_IN,
    "api:me": SIGNED_IN,
    "api:customers": Both(read=Right.CUSTOMERS_VIEW, write=Right.CUSTOMERS_EDIT),
    "api:find": Right.CUSTOMERS_VIEW,
    "api:customer": Both(read=Right.CUSTOMERS_VIEW, write=Right.CUSTOMERS_EDIT),
    "api:restore": Right.CUSTOMERS_EDIT,
    "api:tag": Right.CUSTOMERS_EDIT,
    "api:untag": Right.CUSTOMERS_EDIT,
    "api:assign": Right.CUSTOMERS_EDIT,
    "api:undo_act": Right.CUSTOMERS_EDIT,
    "api:consents": Both(read=Right.CUSTOMERS_VIEW, write=Right.CONSENT_RECORD),
    "api:attributes": Both(read=Right.CUSTOMERS_VIEW, write=Right.HOUSE_MANAGE),
    "api:attribute": Right.HOUSE_MANAGE,
    "api:restore_attribute": Right.HOUSE_MANAGE,
    "api:overview": Right.CUSTOMERS_VIEW,
    "api:traits": Both(read=SIGNED_IN, write=Right.SEGMENTS_EDIT),
    "api:trait": Both(read=Right.CUSTOMERS_VIEW, write=Right.SEGMENTS_EDIT),
    "api:restore_trait": Right.SEGMENTS_EDIT,
    "api:trait_schema": SIGNED_IN,
    "api:preview_trait": Right.SEGMENTS_EDIT,
    "api:trait_versions": Right.CUSTOMERS_VIEW,
    "api:customer_traits": Right.CUSTOMERS_VIEW,
    "api:customer_trait": Right.CUSTOMERS_VIEW,
    "api:metrics": SIGNED_IN,
    "api:metric": Right.CUSTOMERS_VIEW,
    "api:metric_entries": Both(read=Right.CUSTOMERS_VIEW, write=Right.RESEARCH_EDIT),
    "api:metric_entry": Right.RESEARCH_EDIT,
    "api:plans": Both(read=Right.CUSTOMERS_VIEW, write=Right.PLANS_EDIT),
    "api:plan": Right.CUSTOMERS_VIEW,
    "api:plan_paper": Right.CUSTOMERS_VIEW,
    "api:plan_blocks": Right.PLANS_EDIT,
    "api:plan_block": Right.PLANS_EDIT,
    "api:plan_measures": Both(read=Right.CUSTOMERS_VIEW, write=Right.PLANS_EDIT),
    "api:plan_measure": Both(read=Right.CUSTOMERS_VIEW, write=Right.PLANS_EDIT),
    "api:plan_budget": Both(read=Right.CUSTOMERS_VIEW, write=Right.PLANS_EDIT),
    "api:plan_reviews": Both(read=Right.CUSTOMERS_VIEW, write=Right.PLANS_EDIT),
    "api:plan_review": Right.CUSTOMERS_VIEW,
    "api:plan_review_hold": Right.PLANS_EDIT,
    "api:plan_review_postpone": Right.PLANS_EDIT,
    "api:segments": Both(read=Right.CUSTOMERS_VIEW, write=Right.SEGMENTS_EDIT),
    "api:segment": Both(read=Right.CUSTOMERS_VIEW, write=Right.SEGMENTS_EDIT),
    "api:restore_segment": Right.SEGMENTS_EDIT,
    "api:templates": Both(read=Right.CUSTOMERS_VIEW, write=Right.CAMPAIGNS_EDIT),
    "api:merge_fields": Right.CUSTOMERS_VIEW,
    "api:template": Both(read=Right.CUSTOMERS_VIEW, write=Right.CAMPAIGNS_EDIT),
    "api:restore_template": Right.CAMPAIGNS_EDIT,
    "api:template_checks": Right.CUSTOMERS_VIEW,
    "api:template_preview": Right.CUSTOMERS_VIEW,
    "api:scripts": Both(read=Right.CUSTOMERS_VIEW, write=Right.CAMPAIGNS_EDIT),
    "api:script": Both(read=Right.CUSTOMERS_VIEW, write=Right.CAMPAIGNS_EDIT),
    "api:restore_script": Right.CAMPAIGNS_EDIT,
    "api:script_used": Right.TASKS_WORK,
    "api:customer_scripts": Right.CUSTOMERS_VIEW,
    "api:segment_schema": Right.CUSTOMERS_VIEW,
    "api:count_rule": Right.CUSTOMERS_VIEW,
    "api:segment_members": Right.CUSTOMERS_VIEW,
    "api:segment_why": Right.CUSTOMERS_VIEW,
    "api:segment_history": Right.CUSTOMERS_VIEW,
    "api:segment_profile": Right.CUSTOMERS_VIEW,
    "api:segment_overlap": Right.CUSTOMERS_VIEW,
    "api:campaigns": Both(read=Right.CUSTOMERS_VIEW, write=Right.CAMPAIGNS_EDIT),
    "api:campaign": Both(read=Right.CUSTOMERS_VIEW, write=Right.CAMPAIGNS_EDIT),
    "api:copy_campaign": Right.CAMPAIGNS_EDIT,
    "api:campaign_act": Right.CAMPAIGNS_EDIT,
    "api:experiments": Right.CUSTOMERS_VIEW,
    "api:experiment": Right.CUSTOMERS_VIEW,
    "api:customer_messages": Right.CUSTOMERS_VIEW,
    "api:message": Right.CUSTOMERS_VIEW,
    "api:messages": Right.CUSTOMERS_VIEW,
    "api:decide_messages": Right.CAMPAIGNS_APPROVE,
    "api:lanes": Right.CUSTOMERS_VIEW,
    "api:lane": Right.HOUSE_MANAGE,
    "api:pause_lane": Right.CAMPAIGNS_APPROVE,
    "api:resume_lane": Right.CAMPAIGNS_APPROVE,
    "api:trials": Right.CUSTOMERS_VIEW,
    "api:trial": Right.CUSTOMERS_VIEW,
    "api:control_group": Right.CUSTOMERS_VIEW,
    "api:populations": SIGNED_IN,
    "api:members": Right.CUSTOMERS_VIEW,
    "api:value": Right.CUSTOMERS_VIEW,
    "api:lifecycle": Right.CUSTOMERS_VIEW,
    "api:cohorts": Right.CUSTOMERS_VIEW,
    "api:models": Right.CUSTOMERS_VIEW,
    "api:model": Right.CUSTOMERS_VIEW,
    "api:train": Right.TRAITS_REFRESH,
    "api:jobs": SIGNED_IN,
    "api:job": SIGNED_IN,
    "api:cancel_job": SIGNED_IN,
    "api:job_file": SIGNED_IN,
    "api:exports": Right.CUSTOMERS_EXPORT,
    "api:tasks": Right.TASKS_WORK,
    "api:task": Right.TASKS_WORK,
    "api:task_done": Right.TASKS_WORK,
    "api:task_cancel": Right.TASKS_WORK,
    "api:task_not_reached": Right.TASKS_WORK,
    "api:task_reopen": Right.TASKS_WORK,
    "api:task_take": Right.TASKS_WORK,
    "api:task_postpone": Right.TASKS_WORK,
    "api:task_hand_over": Right.TASKS_WORK,
    "api:webhooks": Right.HOUSE_MANAGE,
    "api:webhook": Right.HOUSE_MANAGE,
    "api:switch_webhook": Right.HOUSE_MANAGE,
    "api:rotate_webhook": Right.HOUSE_MANAGE,
    "api:test_webhook": Right.HOUSE_MANAGE,
    "api:webhook_deliveries": Right.HOUSE_MANAGE,
    "api:replay_webhook": Right.HOUSE_MANAGE,
    "api:replay_delivery": Right.HOUSE_MANAGE,
    "api:senders": Right.CUSTOMERS_VIEW,
    "api:bounces": Right.CONSENT_RECORD,
    "api:unreachables": Both(read=Right.CUSTOMERS_VIEW, write=Right.CUSTOMERS_EDIT),
    "api:lift_address": Right.CUSTOMERS_EDIT,
    "api:upload_file": Right.IMPORTS_RUN,
    "api:file": Right.IMPORTS_RUN,
    "api:check_file": Right.IMPORTS_RUN,
    "api:load_file": Right.IMPORTS_RUN,
    "api:loads": Right.IMPORTS_RUN,
    "api:load": Right.IMPORTS_RUN,
    "api:rejects": Right.IMPORTS_RUN,
    "api:undo_load": Right.IMPORTS_RUN,
}

# What an administrator may open who has not set up the second step yet.
SETTING_UP = frozenset(
    {"account:second_step", "account:confirm", "account:kept", "account:logout", "account:password"}
)


def who_may(name: str, method: str) -> Who | None:
    """Who may do ``method`` at the address of this name; nothing where no line says so."""
    line = ACCESS.get(name)
    if isinstance(line, Both):
        return line.read if method in SAFE else line.write
    return line


class Gate(MiddlewareMixin):
    """Lets through whom the table names; others are sent to sign in, or refused. Refusals go to the audit log."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        """Refuse what a stranger sends that is too long for a form, before anything of it is read."""
        stranger = shell.actor_of(request).user_id is None and not door.is_api(request)
        return errors.page(request, 413) if stranger and _length(request) > MOST_OF_A_STRANGER else None

    def process_view(
        self, request: HttpRequest, view: object, args: object, named: object
    ) -> HttpResponse | None:
        """The answer for whoever may not, else nothing."""
        found: ResolverMatch | None = request.resolver_match
        name = found.view_name if found else ""
        who, actor = who_may(name, request.method or ""), shell.actor_of(request)
        if who is PUBLIC:
            return None
        if door.is_api(request):
            right = who if isinstance(who, Right) else None
            return door.enter(request, name, right, listed=who is not None)
        if actor.user_id is None:
            return to_sign_in(request)
        if name not in SETTING_UP and must_set_up(request):
            return _go(request, reverse("account:second_step"))
        if who is SIGNED_IN or (isinstance(who, Right) and actor.may(who)):
            if request.method == "POST":
                _taken(request)
            return None
        refusal = NotAllowed("You may not do this", next_step="Ask an administrator for the right")
        door.note_refusal(request, who.value if isinstance(who, Right) else "")
        return errors.refusal(request, refusal)

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Notes a refusal that a verb made; its page is made by `SayRefusals`."""
        if isinstance(exception, NotAllowed):
            door.note_refusal(request)


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the page for signing in, and back afterwards. What was typed into a form is kept in the session."""
    if request.method in SAFE:
        target = request.get_full_path()
    else:
        keeping.keep(request, clock.now())
        target = "/"
    if request.headers.get("HX-Request"):
        target = _page_of_htmx(request)
    query = urlencode({"next": target}) if own_path(request, target) and target != "/" else ""
    return _go(request, f"{reverse('account:login')}?{query}" if query else reverse("account:login"))


def _length(request: HttpRequest) -> int:
    """Bytes that the request says it brings; without such a word nothing of it is read."""
    said = request.META.get("CONTENT_LENGTH") or ""
    return int(said) if said.isascii() and said.isdecimal() else 0


def _go(request: HttpRequest, address: str) -> HttpResponse:
    """There, with the whole page also where only a part of it was asked for."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _page_of_htmx(request: HttpRequest) -> str:
    parts = urlsplit(request.headers.get("HX-Current-URL", ""))
    if parts.netloc != request.get_host():
        return "/"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _taken(request: HttpRequest) -> None:
    """A form that was kept is sent now: it is kept no longer."""
    kept = keeping.kept(request, clock.now())
    if kept is not None and kept.path == request.get_full_path():
        keeping.drop(request)
