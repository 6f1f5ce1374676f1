"""How a command is run: what goes where, what a failure says, and how the process ends."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
import tempfile
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, NoReturn

import click

from huoshui.kernel.errors import HuoshuiError
from huoshui.lake import close_lakes

OK, FAILED, WRONG_USAGE, UNEXPECTED, INTERRUPTED = 0, 1, 2, 70, 130
PIPE_CLOSED = 141  # what a shell reports for a program whose reader went away
_WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOTDIR, errno.EEXIST)


def end(code: int) -> NoReturn:
    """Flush and leave at once.

    The usual way out of the interpreter can abort after a success: deltalake and pyarrow stop their threads in an
    order that now and then goes wrong, and the exit code would call finished work failed.
    """
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            code = code or PIPE_CLOSED
        except OSError as error:
            code = code or FAILED
            with contextlib.suppress(OSError):
                os.write(2, f"huoshui: the result could not be written: {error.strerror}.\n".encode())
    with contextlib.suppress(Exception):  # only temporary files are left to lose
        close_lakes()
    os._exit(code)


def run(command: click.Command, arguments: list[str]) -> int:
    """Run ``command`` and return the exit code; whatever went wrong has been said on stderr."""
    for stream in (sys.stdout, sys.stderr):
        _never_fail_on_characters(stream)
    as_json = "--json" in arguments
    try:
        with command.make_context("huoshui", list(arguments)) as context:
            command.invoke(context)
    except click.exceptions.Exit as ending:
        return ending.exit_code
    except click.ClickException as error:
        error.show(file=sys.stderr)
        return WRONG_USAGE if isinstance(error, click.UsageError) else FAILED
    except (KeyboardInterrupt, click.Abort):
        return _interrupted()
    except HuoshuiError as error:
        return _refused(error, as_json=as_json)
    except BrokenPipeError:
        return _reader_gone()
    except Exception as error:  # noqa: BLE001 the edge: here every failure gets its sentence and its exit code
        return _failed(error, as_json=as_json)
    return OK


def say(text: str) -> None:
    """A message on stderr."""
    click.echo(f"huoshui: {text}", err=True)


def _interrupted() -> int:
    click.echo(err=True)
    say("interrupted. Nothing half loaded stays; run the same command again when you like.")
    return INTERRUPTED


def _reader_gone() -> int:
    # What is left in the buffer has nowhere to go.
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED


def _refused(error: HuoshuiError, *, as_json: bool) -> int:
    say(str(error))
    if as_json:
        click.echo(json.dumps({"error": error.as_dict()}, ensure_ascii=False), err=True)
    return FAILED


def _failed(error: Exception, *, as_json: bool) -> int:
    known = _named(error)
    if known is not None:
        return _refused(known, as_json=as_json)
    path = _write_log(error)
    where = (
        f" Details are in {path}; it holds no customer's data, so it can be sent with a report."
        if path
        else ""
    )
    say(
        f"something went wrong that should not happen ({type(error).__name__}). Nothing half loaded stays.{where}"
    )
    return UNEXPECTED


class FolderNotWritable(HuoshuiError):
    """A file of the house cannot be written."""

    code = "folder_not_writable"


class DatabaseNotUsable(HuoshuiError):
    """The database does not answer, or does not take more data."""

    code = "database_not_usable"


def _named(error: Exception) -> HuoshuiError | None:
    """Failures of the machine that everybody can do something about, as refusals."""
    if isinstance(error, OSError) and error.errno in _WRITING:
        return FolderNotWritable(
            f"This could not be written: {error.strerror}",
            received=str(error.filename or ""),
            next_step="Make space or give this user the right to write there, then run the command again; "
            "nothing half loaded stays",
        )
    database = sys.modules.get("django.db")
    if database is not None and isinstance(error, database.OperationalError | database.InterfaceError):
        return DatabaseNotUsable(
            "The database could not be used",
            received=str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__,
            next_step="See what is wrong with: huoshui doctor",
        )
    return None


def _write_log(error: Exception) -> Path | None:
    """Where the failure happened, without the texts of the exceptions: those can name customers."""
    lines = [f"huoshui failed at {datetime.now(UTC).isoformat(timespec='seconds')}"]
    cause: BaseException | None = error
    while cause is not None:
        lines.append(f"\n{type(cause).__module__}.{type(cause).__qualname__}")
        lines += [line.rstrip() for line in traceback.format_tb(cause.__traceback__)]
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    name = f"error-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.log"
    for folder in (_log_folder(), Path(tempfile.gettempdir())):
        if folder is None:
            continue
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = folder / name
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            path.chmod(0o600)
        except OSError:
            continue
        return path
    return None


def _log_folder() -> Path | None:
    from django.conf import settings

    if not settings.configured:
        return None
    home = Path(settings.HUOSHUI_HOME)
    return home / "log" if home.is_dir() else None


def _never_fail_on_characters(stream: IO[str]) -> None:
    """A terminal that cannot show 活水 shows question marks; it does not end the program."""
    if (getattr(stream, "encoding", None) or "").lower().replace("-", "") != "utf8":
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
