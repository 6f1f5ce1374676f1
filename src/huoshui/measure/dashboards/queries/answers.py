"""What pages answer first, written down by a worker, so that a page is quick after a new start and in each process.

What it is the answer to is named by a digest of all that it depends on, the release included: whoever asks for
something else does not find it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Any

from huoshui import __version__
from huoshui.kernel.plain import from_plain, to_plain
from huoshui.measure.dashboards.models import Answer


def digest(asked: Hashable) -> str:
    """The name of what is asked: the same in every process."""
    return hashlib.sha256(repr((__version__, asked)).encode()).hexdigest()


def written(page: str, asked: Hashable, classes: Sequence[type] = ()) -> Any:
    """The answer that was written for a page; None where there is none to what is ``asked``.

    ``classes`` are the dataclasses that it is made of.
    """
    row = Answer.objects.filter(page=page, asked=digest(asked)).first()
    if row is None:
        return None
    try:
        return from_plain(json.loads(row.content), classes)
    except (LookupError, TypeError, ValueError):
        return None  # a program of the same version, but other code, wrote it


def write(page: str, asked: Hashable, answer: Any, now: datetime) -> None:
    """Write the answer of a page down, instead of the one before."""
    content = json.dumps(to_plain(answer))
    Answer.objects.update_or_create(
        page=page, defaults={"asked": digest(asked), "content": content, "made_at": now}
    )
