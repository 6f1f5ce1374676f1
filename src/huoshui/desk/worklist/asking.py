"""What the address of the list of tasks asks for."""

from __future__ import annotations

from collections.abc import Mapping

from huoshui.desk.worklist.queries import Conditions

LONGEST_WORDS = 100


def read(said: Mapping[str, str]) -> Conditions:
    """The conditions. `queries.find` refuses a view or state that there is not."""
    return Conditions(
        view=said.get("view", "") or "mine",  # type: ignore[arg-type]  # refused by `find` where it is none
        state=(said.get("state", "") or "open").removesuffix("any"),
        kind=said.get("kind", ""),
        words=said.get("q", "").strip()[:LONGEST_WORDS],
    )
