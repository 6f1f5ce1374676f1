"""How passwords are kept."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id, above what OWASP asks for (19 MiB, 2 passes, 1 lane).

    Django's own choice takes 100 MiB and eight threads for each try: ten people who sign in at once would take the
    memory of a small server.
    """

    time_cost = 2
    memory_cost = 46 * 1024
    parallelism = 1
