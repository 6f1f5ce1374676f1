"""Questions about colleagues."""

from __future__ import annotations

from collections.abc import Iterable

from huoshui.desk.users.models import User
from huoshui.kernel.actors import Actor, Role, actor_of_role
from huoshui.kernel.errors import HuoshuiError


class NoSuchUser(HuoshuiError):
    """Nobody active has this id."""

    code = "no_such_user"


def actor_of(user_id: int) -> Actor:
    """The colleague as an actor, with the rights of the role they hold now.

    Raises `NoSuchUser` for people who are unknown or deactivated.
    """
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NoSuchUser(
            "No active colleague has this number", received=str(user_id), next_step="Ask an administrator"
        )
    return actor_of_role(user.email, Role(user.role))


def ids_by_email(emails: Iterable[str]) -> dict[str, int]:
    """The ids of active colleagues by e-mail in lower case; addresses that nobody has are left out."""
    wanted = {email.strip().lower() for email in emails}
    return dict(User.objects.filter(email__in=wanted, is_active=True).values_list("email", "pk"))


def name_of(user_id: int) -> str:
    """The name of a colleague, active or not. Raises `NoSuchUser`."""
    name = User.objects.filter(pk=user_id).values_list("name", flat=True).first()
    if name is None:
        raise NoSuchUser("No colleague has this number", received=str(user_id))
    return name
