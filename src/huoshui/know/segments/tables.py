"""The lake table of this room."""

from __future__ import annotations

from huoshui.kernel.plugs import LAKE_TABLES, Column, LakeTable

TIME = "timestamp('UTC', 6)"

MEMBERSHIPS = LakeTable(
    slug="memberships",
    doc=(
        "Who entered and left segments: a row when somebody enters and, when they leave, a second one of the same key "
        "with `left_at`. Who has no such second row belongs to the segment."
    ),
    key=("segment", "customer_id", "entered_at", "left_at"),
    columns=(
        Column("segment", "string", "slug of the segment"),
        Column("customer_id", "int64", "who"),
        Column("entered_at", TIME, "since when"),
        Column("left_at", TIME, "until when; empty in the row of the entering"),
        Column("version", "int64", "version of the segment that decided"),
        Column(
            "reason",
            "string",
            "why they entered or, with `left_at`, left: first, definition, import, undo, merge, time, live",
        ),
    ),
    written_by="know/segments",
    kept="as long as the customer",
    fact=False,
    statistics=("customer_id", "entered_at", "left_at"),
    sorted_by=("segment", "customer_id"),
)


def declare() -> None:
    """Called once, when the app starts."""
    LAKE_TABLES.declare(MEMBERSHIPS)
