"""Refusals of the lake."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class LakeBusy(HuoshuiError):
    """Another process is writing and did not finish in time."""

    code = "lake_busy"


class LakeDamaged(HuoshuiError):
    """Files of the lake are missing or cannot be read."""

    code = "lake_damaged"


class ColumnChanged(HuoshuiError):
    """A column of a table of facts is declared otherwise than the table has it."""

    code = "column_changed"


class LakeNotWritable(HuoshuiError):
    """The folder of the lake, or its disk, does not take more data."""

    code = "lake_not_writable"


class LakeUnreachable(HuoshuiError):
    """The object store of the lake does not answer, or does not let this house in."""

    code = "lake_unreachable"


class UnsafeVacuum(HuoshuiError):
    """Files that readers may still need were about to be removed while writers live."""

    code = "unsafe_vacuum"


class NoSuchVersion(HuoshuiError):
    """The house version asked for is not there, or older than time travel reaches."""

    code = "no_such_version"


class BadFile(HuoshuiError):
    """A file that cannot be read as what it should be."""

    code = "bad_file"


class NotASelect(HuoshuiError):
    """SQL that is more, or other, than one SELECT over the views of the lake."""

    code = "not_a_select"


class QueryFailed(HuoshuiError):
    """A SELECT that the engine could not answer."""

    code = "query_failed"


class QueryTooLong(QueryFailed):
    """A question that took longer than it may."""

    code = "query_too_long"
    says = Text("This took longer than it may, and was broken off", "查询超时，已中止")


class EngineMissing(HuoshuiError):
    """The engine that the settings name is not installed, or what it stands on is not."""

    code = "engine_missing"
