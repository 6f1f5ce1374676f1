"""Refusals of whole files."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError


class FileRefused(HuoshuiError):
    """The file cannot be read as data."""

    code = "file_refused"


class ColumnMissing(HuoshuiError):
    """A field that the kind of import cannot do without has no column."""

    code = "column_missing"


class MappingWrong(HuoshuiError):
    """``--map`` names a field or a column that is not there."""

    code = "mapping_wrong"


class NoSuchProfile(HuoshuiError):
    """A profile is named that is neither saved nor one of a tool, or belongs to another kind of import."""

    code = "no_such_profile"


class NameTaken(HuoshuiError):
    """A mapping cannot be saved under this name."""

    code = "name_taken"


class DatesAmbiguous(HuoshuiError):
    """Every date of a column can be read with the day or the month first."""

    code = "dates_ambiguous"


class AmountsAmbiguous(HuoshuiError):
    """The amounts of a column can be read with a decimal comma or with a decimal point."""

    code = "amounts_ambiguous"


class RateMissing(HuoshuiError):
    """An amount in a foreign currency has no exchange rate for its day."""

    code = "rate_missing"


class RowsRejected(HuoshuiError):
    """``--strict`` was asked for and some rows are bad."""

    code = "rows_rejected"


class NothingToLoad(HuoshuiError):
    """The file has no row that can be loaded."""

    code = "nothing_to_load"


class NoSuchLoad(HuoshuiError):
    """The load to take back is not there or was taken back already."""

    code = "no_such_load"
