"""Refusals of backup and restore."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError


class FileThere(HuoshuiError):
    """A backup would replace a file."""

    code = "file_there"


class CannotBackUp(HuoshuiError):
    """The file cannot be made here, or the house cannot be kept this way."""

    code = "cannot_back_up"


class FileDamaged(HuoshuiError):
    """A file that people attached is missing, or not what was written."""

    code = "file_damaged"


class NotABackup(HuoshuiError):
    """The file is no backup of Huoshui."""

    code = "not_a_backup"


class BackupDamaged(HuoshuiError):
    """The backup is not what was written: bytes changed, or some are missing."""

    code = "backup_damaged"


class NotEmpty(HuoshuiError):
    """A house, or something else, is where the backup would be restored."""

    code = "not_empty"
