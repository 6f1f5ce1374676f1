"""Files as they come: what they are, how their text is written, which sheet and which columns are meant.

`recognise` gives a file that the engine can read, or refuses it with the reason; what must not be guessed is asked.
"""

from __future__ import annotations

from huoshui.data.connectors.files.lines import lines_of_rows
from huoshui.data.connectors.files.recognising import RecognisedFile, must_be_readable, recognise

__all__ = ["RecognisedFile", "lines_of_rows", "must_be_readable", "recognise"]
