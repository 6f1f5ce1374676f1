"""The WSGI application that the browser tests look at: the house, seen by an administrator."""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")

from django.conf import settings

from tests.plugins.signed_in import with_administrator

settings.MIDDLEWARE = with_administrator(settings.MIDDLEWARE)

from huoshui.project.wsgi import application  # noqa: E402 the middleware has to be there before

__all__ = ["application"]
