"""The locks install the same packages everywhere, from wherever pip is told to get them."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
GROUPS = {
    "run": ["build"],
    "test": ["build", "test"],
    "bench": ["build", "bench"],
    "spark": ["build", "test"],
}
EXTRAS = {"spark": ["spark"]}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def entries(lock: str) -> list[str]:
    """The lock's logical lines: a requirement with its marker and hashes."""
    text = (ROOT / "requirements" / f"{lock}.lock").read_text("utf-8")
    return [line for line in text.replace("\\\n", " ").splitlines() if line.strip()]


def pins(lock: str) -> dict[NormalizedName, str]:
    """Name and version of everything the lock installs on this machine."""
    found: dict[NormalizedName, str] = {}
    for line in entries(lock):
        requirement = Requirement(line.partition("--hash")[0].strip())
        if requirement.marker is None or requirement.marker.evaluate():
            (specifier,) = requirement.specifier
            assert specifier.operator == "=="
            found[canonicalize_name(requirement.name)] = specifier.version
    return found


def direct_requirements(lock: str) -> list[Requirement]:
    content = project()
    groups = [content["dependency-groups"][name] for name in GROUPS[lock]]
    extras = [content["project"]["optional-dependencies"][name] for name in EXTRAS.get(lock, ())]
    return [Requirement(text) for text in sum(groups + extras, list(content["project"]["dependencies"]))]


def test_every_lock_is_known_here():
    assert {path.stem for path in LOCKS} == set(GROUPS)


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_names_no_host_and_no_file(path: Path):
    text = path.read_text("utf-8")
    assert not re.search(r"://|file:|@ |^\s*-(?!-hash)|--(?!hash=)", text, re.MULTILINE)
    # A host without a scheme would still have a dot before letters, outside versions and markers.
    assert not re.search(r"\b[a-z0-9-]+\.(org|com|net|io|cn|local|internal)\b", text)


@pytest.mark.parametrize("lock", GROUPS)
def test_every_line_is_pinned_and_hashed(lock: str):
    for line in entries(lock):
        assert re.match(r"[A-Za-z0-9._\[\],-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line


@pytest.mark.parametrize("lock", GROUPS)
def test_a_lock_is_in_step_with_pyproject(lock: str):
    pinned = pins(lock)
    for requirement in direct_requirements(lock):
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        version = pinned.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name} is not in {lock}.lock"
        assert requirement.specifier.contains(version), f"{requirement} is pinned at {version} in {lock}.lock"


@pytest.mark.parametrize("lock", ["test", "bench", "spark"])
def test_the_other_locks_hold_every_pin_of_the_run_lock(lock: str):
    # ./huoshui relies on this: what is installed for the tests also runs the program.
    assert pins("run").items() <= pins(lock).items()


def test_the_lock_of_spark_holds_every_pin_of_the_test_lock():
    # As above: what is installed for Spark also runs the tests.
    assert pins("test").items() <= pins("spark").items()


def test_the_build_requirements_are_those_of_the_build_system():
    content = project()
    assert set(content["build-system"]["requires"]) <= set(content["dependency-groups"]["build"])
