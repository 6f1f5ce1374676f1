"""What a server writes to its log: when, what kind of thing went wrong, and where in the code. No customer's data."""

from __future__ import annotations

import logging
import re
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

_LINKS = re.compile(r"(?<=/account/link/)[^/\s]+")
"""By these colleagues come in: whoever reads the log should not."""

Failure = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutTexts(logging.Formatter):
    """Leaves the texts of exceptions out: those can name customers; and the secrets of links by which people come in.

    A line break in a message cannot forge a line.
    """

    def format(self, record: logging.LogRecord) -> str:
        """One line, and the places in the code of a failure below it."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        message = _LINKS.sub("...", record.getMessage()).encode("unicode_escape").decode("ascii")
        line = f"{moment} {record.levelname} {record.name}: {message}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line

    def formatException(self, ei: Failure) -> str:  # noqa: N802 the name that logging calls
        """Types and places of a failure and of what caused it."""
        lines: list[str] = []
        cause = ei[1]
        while cause is not None:
            lines += [line.rstrip() for line in traceback.format_tb(cause.__traceback__)]
            lines.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
            cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
        return "\n".join(lines)


CONFIGURATION: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"()": "huoshui.project.logs.WithoutTexts"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        "django.security": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "huoshui": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
