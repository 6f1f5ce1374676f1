"""Programs that ask the API in tests, each with a token of a colleague."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.test import Client

from huoshui.desk.users import queries, services
from huoshui.kernel import clock
from huoshui.kernel.actors import Right, Role
from tests.plugins.signed_in import HEADERS, sign_in

JSON = "application/json"


class Program(Client):
    """A client with a token; ``user`` is its colleague. Bodies are JSON."""

    user: Any
    secret: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer to a request with a JSON body, or none."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is None:
            return self.generic(method, path, headers=named)
        return self.generic(
            method,
            path,
            body if isinstance(body, bytes) else json.dumps(body),
            content_type=JSON,
            headers=named,
        )


def program(
    role: Role | str = Role.ADMINISTRATOR,
    *,
    rights: Iterable[Right] | None = None,
    of: Any = None,
    **who: Any,
) -> Program:
    """A program of a new colleague (or of ``of``) whose token has ``rights``, all of the role when not said."""
    user = of if of is not None else sign_in(role, **who).user
    actor = queries.actor_of(user.pk)
    secret = services.make_token(
        actor=actor,
        name="test",
        rights=actor.rights if rights is None else rights,
        lifetime=timedelta(days=1),
        now=clock.now(),
    )
    made = Program(headers={**HEADERS, "authorization": f"Bearer {secret}"})
    made.user, made.secret = user, secret
    return made
