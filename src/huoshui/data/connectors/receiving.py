"""A file that is sent to a page goes to its folder as it arrives and never stands in memory."""

from __future__ import annotations

from typing import IO, Any

from django.core.files.uploadhandler import FileUploadHandler, SkipFile

from huoshui.data.connectors.errors import UploadRefused
from huoshui.data.connectors.services import uploads


class ToFolder(FileUploadHandler):
    """Takes the first file of a form. What is too large or does not fit on the disk is let through to nowhere.

    Afterwards ``token`` names the folder of a file that arrived whole, with its ``name`` and ``size``; or ``problem``
    says why there is none.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.token = ""
        self.name = ""
        self.size = 0
        self.problem: UploadRefused | None = None
        self._file: IO[bytes] | None = None
        self._begun = ""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin the first file; others are skipped."""
        super().new_file(*args, **kwargs)
        if self._begun:
            raise SkipFile
        self.name = uploads.shown_name(self.file_name or "")
        self._begun = uploads.new_folder()
        self._file = uploads.path_of(self._begun, self.name).open("xb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write what has arrived."""
        if self._file is None:
            return
        self.size += len(raw_data)
        try:
            if self.size > self.most:
                raise uploads.too_large(self.most)
            self._file.write(raw_data)
        except UploadRefused as error:
            self._give_up(error)
        except OSError as error:
            self._give_up(uploads.no_space(error))

    def file_complete(self, file_size: int) -> None:
        """The file is whole."""
        if self._file is None:
            return
        try:
            self._file.close()
        except OSError as error:
            self._give_up(uploads.no_space(error))
            return
        self._file, self.token = None, self._begun

    def upload_interrupted(self) -> None:
        """The sender went away: what came is removed."""
        self._give_up(None)

    def _give_up(self, problem: UploadRefused | None) -> None:
        self.problem = problem
        if self._file is not None:
            try:
                self._file.close()
            except OSError:  # a full disk once more; what was written goes with its folder
                self.size = 0
            self._file = None
        if self._begun:
            uploads.remove_folder(self._begun)
