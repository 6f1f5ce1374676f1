"""Who acts, and what they may do. Every verb of every room takes an ``Actor`` and asks it first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.texts import Text


class Right(StrEnum):
    """What may be allowed. A right is named ``noun.verb``."""

    CUSTOMERS_VIEW = "customers.view"
    CUSTOMERS_EDIT = "customers.edit"
    LAKE_QUERY = "lake.query"
    IMPORTS_RUN = "imports.run"
    TRAITS_REFRESH = "traits.refresh"
    HOUSE_MANAGE = "house.manage"
    CONSENT_RECORD = "consent.record"
    CONTACTS_REVEAL = "contacts.reveal"
    CUSTOMERS_EXPORT = "customers.export"
    TASKS_WORK = "tasks.work"
    COMMENTS_WRITE = "comments.write"
    USERS_MANAGE = "users.manage"
    AUDIT_VIEW = "audit.view"
    SEGMENTS_EDIT = "segments.edit"
    EXPERIMENTS_EDIT = "experiments.edit"
    CAMPAIGNS_EDIT = "campaigns.edit"
    CAMPAIGNS_APPROVE = "campaigns.approve"
    RESEARCH_EDIT = "research.edit"
    PLANS_EDIT = "plans.edit"
    PLANS_SHARE = "plans.share"


class Role(StrEnum):
    """The five roles of colleagues, from least to most."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ANALYST = "analyst"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"


class Scope(StrEnum):
    """Whose records a colleague sees: those they own, those their teams own, or all."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"


_VIEWER = frozenset({Right.CUSTOMERS_VIEW})
_OPERATOR = _VIEWER | {
    Right.CUSTOMERS_EDIT,
    Right.IMPORTS_RUN,
    Right.CONSENT_RECORD,
    Right.CONTACTS_REVEAL,
    Right.TASKS_WORK,
    Right.COMMENTS_WRITE,
    Right.SEGMENTS_EDIT,
    Right.EXPERIMENTS_EDIT,
    Right.CAMPAIGNS_EDIT,
    Right.RESEARCH_EDIT,
    Right.PLANS_EDIT,
}
_ANALYST = _VIEWER | {
    Right.LAKE_QUERY,
    Right.TRAITS_REFRESH,
    Right.TASKS_WORK,
    Right.COMMENTS_WRITE,
    Right.SEGMENTS_EDIT,
    Right.EXPERIMENTS_EDIT,
    Right.RESEARCH_EDIT,
    Right.PLANS_EDIT,
}
_MANAGER = _OPERATOR | _ANALYST | {Right.CUSTOMERS_EXPORT, Right.CAMPAIGNS_APPROVE, Right.PLANS_SHARE}

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.VIEWER: _VIEWER,
    Role.OPERATOR: _OPERATOR,
    Role.ANALYST: _ANALYST,
    Role.MANAGER: _MANAGER,
    Role.ADMINISTRATOR: frozenset(Right),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that acts: a colleague, or the console of the machine itself.

    ``name`` is what the audit shows; ``rights`` is closed: what is not in it is refused. ``user_id`` is empty for
    the console. ``scope`` says whose records are seen; ``team_ids`` are the teams of the colleague.
    """

    name: str
    rights: frozenset[Right]
    user_id: int | None = None
    scope: Scope = Scope.ALL
    team_ids: frozenset[int] = frozenset()

    def may(self, right: Right) -> bool:
        """Whether the actor has ``right``."""
        return right in self.rights

    def require(self, right: Right) -> None:
        """Raise `NotAllowed` unless the actor has ``right``."""
        if right not in self.rights:
            raise NotAllowed(
                f"{self.name} may not do this",
                valid=f"somebody with the right {right.value}",
                next_step="Ask an administrator for the right",
            )


def actor_of_role(name: str, role: Role) -> Actor:
    """The actor with exactly the rights of ``role``."""
    return Actor(name=name, rights=RIGHTS[role])


CONSOLE = actor_of_role("console", Role.ADMINISTRATOR)
"""Whoever can run commands on the machine of the house: they hold its files anyway."""

_NAMES = {"": Text("The clock", "系统"), CONSOLE.name: Text("The command line", "命令行")}


def called(by: str) -> Text:
    """What people read for who did something: a colleague's name; words for the command line, and for nobody."""
    return _NAMES.get(by) or Text(by, by)
