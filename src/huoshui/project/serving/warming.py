"""The first question to the engine costs seconds; asked before anybody comes, nobody waits for it."""

from __future__ import annotations

import atexit
import gc
import io
import logging
import threading
from collections.abc import Callable
from functools import partial

from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.urls import resolve

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.plugs import HOUSE_ZONE
from huoshui.know.segments import queries as segments
from huoshui.lake import open_lake

log = logging.getLogger("huoshui.serving")


FIRST = ("/", "/customers/")
"""Pages that are asked for first, and whose answers are kept: figures, customers in their usual order."""


def begin() -> None:
    """Render the first pages once, in a thread of its own."""
    threading.Thread(target=warm, name="warming", daemon=True).start()


def warm() -> None:
    """Render the first pages for nobody, and count nobody. A house that cannot do that yet is none of our business."""
    try:
        for path in FIRST:
            _try(path, partial(_render, path))
        _try("the first count", count)
    finally:
        connection.close()
        atexit.register(gc.unfreeze)
        gc.freeze()  # what is there now stays: no page waits while all of it is looked through for garbage


def count() -> None:
    """Count nobody, so that the first segment that somebody builds is counted at once."""
    tables = open_lake().snapshot()
    as_of = segments.moment(tables=tables, zone=HOUSE_ZONE(), now=clock.now())
    segments.prepare(tables=tables, as_of=as_of)


def _render(path: str) -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
    }
    request = WSGIRequest(environ)
    request.actor = CONSOLE  # type: ignore[attr-defined] # as the middleware does, whose type Django does not know
    view = resolve(path)
    view.func(request, *view.args, **view.kwargs)


def _try(what: str, do: Callable[[], None]) -> None:
    try:
        do()
    except HuoshuiError as error:
        log.info("nothing to warm up of %s: %s", what, error.code)
    except Exception as error:  # noqa: BLE001 whoever comes first waits a little, that is all
        log.warning("%s could not be warmed up: %s", what, type(error).__name__)
