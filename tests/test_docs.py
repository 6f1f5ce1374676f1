"""The papers: their tables are in step with the code, their commands exist, their links lead somewhere."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path

import click
import pytest

from docs import make_tables
from huoshui.data.connectors.kinds import KINDS
from huoshui.data.connectors.words import RULES
from huoshui.project import configuration
from huoshui.project.cli import huoshui

PROJECT = Path(__file__).resolve().parent.parent
READMES = ("README.md", "README.zh-CN.md")
OWN_FOLDERS = ("docs", "benchmarks", "requirements")
PAGES = sorted(
    str(path.relative_to(PROJECT))
    for path in (*PROJECT.glob("*.md"), *(p for f in OWN_FOLDERS for p in (PROJECT / f).rglob("*.md")))
)

_SHELL = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_EXAMPLE = re.compile(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^(?:[A-Z_]+=\S+ )*(?:\./)?huoshui (.*)$", re.MULTILINE)
_PROOF = re.compile(r"`([\w/]+\.py)::(\w+)`")
_LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)]*)?\)")


def commands_in(page: str) -> list[str]:
    """What is typed after ``huoshui`` in the shell blocks of a page; lines that end in a backslash are joined."""
    text = (PROJECT / page).read_text(encoding="utf-8")
    return [c for block in _SHELL.findall(text) for c in _COMMAND.findall(block.replace("\\\n", " "))]


@pytest.mark.parametrize("page", make_tables.PAGES)
def test_tables_of_a_page_are_as_the_code_declares(page):
    """Repair with: .venv/bin/python docs/make_tables.py"""
    assert (PROJECT / "docs" / page).read_text(encoding="utf-8") == make_tables.rendered(page)


def test_every_benchmark_has_its_line():
    told = set(
        re.findall(r"^\| `(\w+\.py)` \|", (PROJECT / "benchmarks/README.md").read_text("utf-8"), re.MULTILINE)
    )
    assert told == {path.name for path in (PROJECT / "benchmarks").glob("*.py")}


@pytest.mark.parametrize("page", PAGES)
def test_commands_of_a_page_can_be_typed(page):
    with click.Context(huoshui, info_name="huoshui") as context:
        for typed in commands_in(page):
            arguments = shlex.split(typed, comments=True)
            if arguments[0] == "test":  # the launcher's own command
                continue
            name, command, rest = huoshui.resolve_command(context, arguments)
            assert command is not None, typed
            try:
                command.make_context(name, rest, parent=context).close()
            except click.UsageError as error:
                pytest.fail(f"huoshui {typed}: {error.format_message()}")


@pytest.mark.parametrize("page", PAGES)
def test_relative_links_of_a_page_lead_to_files(page):
    text = (PROJECT / page).read_text(encoding="utf-8")
    targets = [link for link in _LINK.findall(text) if "://" not in link and not link.startswith("mailto:")]
    missing = [link for link in targets if not (PROJECT / page).parent.joinpath(link).exists()]
    assert not missing


def test_every_proof_of_a_promise_is_there():
    text = (PROJECT / "docs" / "proofs.md").read_text(encoding="utf-8")
    proofs = _PROOF.findall(text)
    assert len(proofs) == text.count("::test_")
    missing = []
    for path, name in proofs:
        file = next((f for f in (PROJECT / path, PROJECT / "src/huoshui" / path) if f.exists()), None)
        if file is None or f"\ndef {name}(" not in file.read_text(encoding="utf-8"):
            missing.append(f"{path}::{name}")
    assert not missing


@pytest.mark.parametrize("page", READMES)
def test_a_readme_names_every_setting(page):
    text = (PROJECT / page).read_text(encoding="utf-8")
    missing = [name for name in configuration.NAMES if f"`HUOSHUI_{name.upper()}`" not in text]
    assert not missing


def test_both_readmes_show_the_same_commands():
    english, chinese = (commands_in(page) for page in READMES)
    assert english == chinese


@pytest.mark.parametrize("page", ["docs/imports.md", "docs/imports.zh-CN.md"])
def test_the_page_of_imports_explains_every_rule_and_kind(page):
    text = (PROJECT / page).read_text(encoding="utf-8")
    missing = [name for name in (*RULES, *KINDS) if f"`{name}`" not in text]
    assert not missing


@pytest.mark.slow
def test_the_example_of_lifetime_value_prints_what_the_page_says(test_data, monkeypatch):
    [(code, printed)] = _EXAMPLE.findall((PROJECT / "docs" / "clv.md").read_text(encoding="utf-8"))
    monkeypatch.chdir(test_data("cdnow/CDNOW_sample.txt").parent)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "docs/clv.md", "exec"), {})
    assert out.getvalue() == printed


def test_every_decision_stands_in_the_index():
    index = (PROJECT / "docs" / "README.md").read_text(encoding="utf-8")
    decisions = sorted(path.name for path in (PROJECT / "docs" / "decisions").glob("*.md"))
    assert decisions
    assert [name for name in decisions if f"decisions/{name}" not in index] == []
    assert [int(name[:4]) for name in decisions] == list(range(1, len(decisions) + 1))


def test_every_story_that_runs_names_its_test():
    text = (PROJECT / "docs" / "stories.md").read_text(encoding="utf-8")
    states = [row.rpartition("| ")[2].rstrip(" |") for row in text.splitlines() if row.startswith("| ")]
    told = [state for state in states if state not in ("state", "---")]
    played = [state for state in told if state != "not yet"]
    assert played
    for state in played:
        found = re.fullmatch(r"runs(?: ◆)?: `(\S+)::(\w+)`", state)
        assert found, f"neither “not yet” nor “runs: `FILE::TEST`”: {state}"
        assert f"def {found[2]}(" in (PROJECT / found[1]).read_text(encoding="utf-8"), state
