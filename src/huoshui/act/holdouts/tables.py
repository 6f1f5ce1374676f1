"""The lake table of this room."""

from __future__ import annotations

from huoshui.kernel.plugs import LAKE_TABLES, Column, LakeTable

DECISIONS = LakeTable(
    slug="decisions",
    doc="Who was to be reached by what, and who was left out to compare: one row for each person and each draw.",
    key=("decision_id",),
    columns=(
        Column(
            "decision_id",
            "string",
            "what was decided and whom it is about, such as campaign:12/482113095127844",
        ),
        Column("customer_id", "int64", "who"),
        Column("decided_at", "timestamp('UTC', 6)", "when lots were drawn; outcomes count from here"),
        Column("what", "string", "what drew lots, such as campaign:12"),
        Column("reason", "string", "drawn, held_out, global_control"),
        Column("version", "int64", "version of the rule that made the person eligible"),
        Column("holdout", "boolean", "left out to compare"),
        Column("variant", "string", "the variant drawn; empty for who is left out"),
    ),
    written_by="act/holdouts",
    kept="25 months",
    statistics=("customer_id", "decided_at", "what"),
    sorted_by=("what", "customer_id"),
)


def declare() -> None:
    """Called once, when the app starts."""
    LAKE_TABLES.declare(DECISIONS)
