"""Verbs of importing: bring a file in, take a load back, save how a file is to be read."""

from huoshui.data.connectors.options import ImportOptions
from huoshui.data.connectors.services.importing import import_file
from huoshui.data.connectors.services.saving import forget_mapping
from huoshui.data.connectors.services.undoing import UndoReport, settle, settle_interrupted, undo

__all__ = [
    "ImportOptions",
    "UndoReport",
    "forget_mapping",
    "import_file",
    "settle",
    "settle_interrupted",
    "undo",
]
