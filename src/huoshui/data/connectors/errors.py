"""Refusals of whole files."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Text


class FileRefused(HuoshuiError):
    """The file cannot be read as data."""

    code = "file_refused"
    says = Text("The file cannot be read as data", "文件不能当作数据读取")


class RowsDiffer(FileRefused):
    """The rows of a table are not of one length."""

    says = Text("A row of this table has another number of cells", "表格中有一行的列数不一致")


class ColumnMissing(HuoshuiError):
    """A field that the kind of import cannot do without has no column."""

    code = "column_missing"
    says = Text("A field that is needed has no column", "必需的字段没有对应的列")


class MappingWrong(HuoshuiError):
    """``--map`` names a field or a column that is not there."""

    code = "mapping_wrong"
    says = Text("The mapping names what is not there", "字段对应有误")


class NoSuchProfile(HuoshuiError):
    """A profile is named that is neither saved nor one of a tool, or belongs to another kind of import."""

    code = "no_such_profile"
    says = Text("There is no such profile", "没有这个档案")


class NameTaken(HuoshuiError):
    """A mapping cannot be saved under this name."""

    code = "name_taken"
    says = Text("A mapping cannot be saved under this name", "不能用这个名称保存")


class DatesAmbiguous(HuoshuiError):
    """Every date of a column can be read with the day or the month first."""

    code = "dates_ambiguous"
    says = Text("Dates can be read with the day or the month first", "日期分不清日在前还是月在前")


class AmountsAmbiguous(HuoshuiError):
    """The amounts of a column can be read with a decimal comma or with a decimal point."""

    code = "amounts_ambiguous"
    says = Text("Amounts can be read with a decimal comma or point", "金额分不清小数点是逗号还是句点")


class RateMissing(HuoshuiError):
    """An amount in a foreign currency has no exchange rate for its day."""

    code = "rate_missing"
    says = Text("An exchange rate is missing", "缺少汇率")


class RowsRejected(HuoshuiError):
    """``--strict`` was asked for and some rows are bad."""

    code = "rows_rejected"
    says = Text("Some rows are bad, so nothing was loaded", "有些行有问题，因此没有导入")


class NothingToLoad(HuoshuiError):
    """The file has no row that can be loaded."""

    code = "nothing_to_load"
    says = Text("No row could be loaded", "没有一行可以导入")


class NoSuchLoad(HuoshuiError):
    """The load to take back is not there or was taken back already."""

    code = "no_such_load"
    says = Text("There is no such load", "没有这次导入")


class NoSuchUpload(HuoshuiError):
    """There is no such uploaded file, it is somebody else's, or it was removed."""

    code = "no_such_upload"
    says = Text(
        "There is no such file any more: files are kept for a day", "文件已不在：上传的文件只保留一天"
    )


class NoFileCame(HuoshuiError):
    """A form that asks for a file came without one."""

    code = "no_file_came"
    says = Text("No file came", "没有收到文件")


class UploadRefused(HuoshuiError):
    """A file that was sent cannot be kept."""

    code = "upload_refused"
