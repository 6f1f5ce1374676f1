"""What the address of the list of loads asks for."""

from __future__ import annotations

from collections.abc import Mapping

from huoshui.data.connectors.pages import STATES
from huoshui.data.connectors.queries import Asked
from huoshui.data.connectors.words import KIND_WORDS

LONGEST_WORDS = 100


def read(said: Mapping[str, str]) -> Asked:
    """The conditions; a state or kind that there is not narrows nothing down."""
    state, kind = said.get("state", ""), said.get("kind", "")
    return Asked(
        state=state if state in STATES else "",
        kind=kind if kind in KIND_WORDS else "",
        words=said.get("q", "").strip()[:LONGEST_WORDS],
    )
