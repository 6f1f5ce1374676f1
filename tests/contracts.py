"""The import contract that import-linter has no ready form for."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, output

# In these a room is one folder deeper; the other floors are a room each.
WINGS = {"plan", "measure", "act", "know", "data", "desk"}


def owner_of_models(module: str) -> str | None:
    """Return the room whose models this module holds ("huoshui.data.customers"), or None when it holds none."""
    parts = module.split(".")
    depth = 3 if parts[1:2] and parts[1] in WINGS else 2
    return ".".join(parts[:depth]) if parts[depth : depth + 1] == ["models"] else None


class DoorsContract(Contract):
    """Nobody but a room itself imports its models; others use its queries, services, events and tables.

    import-linter's "protected" contract says this for one room at a time; this one holds for rooms to come as well.
    """

    type_name = "doors"

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        broken = []
        for module in sorted(graph.modules):
            room = owner_of_models(module)
            if room is None:
                continue
            for importer in sorted(graph.find_modules_that_directly_import(module)):
                if importer != room and not importer.startswith(room + "."):
                    details = graph.get_import_details(importer=importer, imported=module)
                    lines = ", ".join(f"l.{detail['line_number']}" for detail in details)
                    broken.append(f"{importer} -> {module} ({lines})")
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for line in check.metadata["broken"]:
            output.print_error(f"- {line}", bold=False)
        output.new_line()
        output.print(
            "Use the room's queries, services, events or tables instead; in a foreign key, name the model."
        )
        output.new_line()
