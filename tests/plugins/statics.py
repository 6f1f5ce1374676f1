"""The files of the pages are looked for once: every client of Django makes its middleware anew, and most tests make a
client."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware

_found: dict[tuple[Any, ...], dict[str, Any]] = {}
_look_for_them = WhiteNoiseMiddleware.add_files_from_finders


def _found_once(middleware: Any) -> None:
    where = (
        *(middleware.static_prefix, middleware.max_age),
        *(
            tuple(settings.STATICFILES_DIRS),
            tuple(settings.STATICFILES_FINDERS),
            tuple(settings.INSTALLED_APPS),
        ),
    )
    if where not in _found:
        _look_for_them(middleware)
        _found[where] = dict(middleware.files)
    middleware.files.update(_found[where])


WhiteNoiseMiddleware.add_files_from_finders = _found_once
