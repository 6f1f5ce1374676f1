"""What DuckDB refuses, as refusals of the lake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from huoshui.lake.errors import LakeDamaged, LakeNotWritable, QueryFailed

_SIGNS_OF_DAMAGE = ("magic bytes", "Parquet file", "parquet file", "Decompression", "decompress")


@contextmanager
def failures_named() -> Iterator[None]:
    """Turn the engine's exceptions into refusals of the lake."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise QueryFailed(
            "The engine ran out of memory",
            received=first_line(error),
            next_step="Give it more with HUOSHUI_MEMORY, or ask for less at once",
        ) from error
    except duckdb.IOException as error:
        text = first_line(error)
        if (
            "No space left" in text
            or "File too large" in text
            or "Permission denied" in text
            or "Read-only" in text
        ):
            raise LakeNotWritable(
                f"The engine could not write: {text}",
                next_step="Make space or give write access to the house's folder, then try again; nothing was changed",
            ) from error
        raise LakeDamaged(
            f"The engine could not read a file: {text}", next_step="Run huoshui doctor to find damaged files"
        ) from error
    except duckdb.InvalidInputException as error:
        text = first_line(error)
        if any(sign in text for sign in _SIGNS_OF_DAMAGE):
            raise LakeDamaged(
                f"The engine could not read a file: {text}",
                next_step="Run huoshui doctor to find damaged files",
            ) from error
        raise QueryFailed("The engine could not answer", received=text) from error
    except duckdb.Error as error:
        raise QueryFailed("The engine could not answer", received=first_line(error)) from error


def first_line(error: Exception) -> str:
    """The first line of an engine's message."""
    return str(error).strip().splitlines()[0]
