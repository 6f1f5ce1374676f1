"""Measure work in fresh processes: wall time, peak memory, medians of several runs, a table and a JSON file.

Each run is a process of its own, so no run profits from what an earlier one left in memory (imports, caches,
allocator pools) and the peak memory belongs to that run alone. Peak memory is read from ``/proc`` while the
process runs: the largest sum of resident sizes over the process and its descendants, and never less than the
high-water mark the kernel kept for one of them. ``getrusage`` alone would not do: it counts only the largest
single process, and on Linux a child inherits the high-water mark of the process that started it. Where there
is no ``/proc``, ``getrusage`` is used.

Functions are named as ``module:function`` (modules in this folder) and take and return what JSON can hold.
"""

from __future__ import annotations

import importlib
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"
_PROC = Path("/proc/self/status").exists()
_INTERVAL = 0.02


@dataclass(frozen=True)
class Run:
    """One finished process: its wall time, its peak memory, and what a measured function gave back."""

    seconds: float
    peak_mib: float
    call_seconds: float | None = None
    """Time inside the measured function, without starting Python and importing; None for a command."""
    value: Any = None


@dataclass(frozen=True)
class Series:
    """Several runs of one thing."""

    name: str
    runs: list[Run] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """Median wall time of the whole process."""
        return statistics.median(run.seconds for run in self.runs)

    @property
    def call_seconds(self) -> float | None:
        """Median time inside the function, if one was measured."""
        inside = [run.call_seconds for run in self.runs if run.call_seconds is not None]
        return statistics.median(inside) if inside else None

    @property
    def least(self) -> float:
        """Shortest wall time: the least disturbed run."""
        return min(run.seconds for run in self.runs)

    @property
    def peak_mib(self) -> float:
        """Largest peak of all runs."""
        return max(run.peak_mib for run in self.runs)


def run_command(
    command: Sequence[str],
    env: Mapping[str, str] | None = None,
    timeout: float = 3600,
    cwd: Path | None = None,
) -> Run:
    """Run a command to its end and measure it; ``value`` is its standard output.

    ``env`` is laid over this process's environment. Output goes to files, not pipes, so that a talkative
    command never waits for its reader. A failure or time-out raises with the end of its error output.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        began = time.perf_counter()
        process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            start_new_session=True,
        )
        peak = 0
        try:
            while True:
                if _PROC:
                    peak = max(peak, _resident_kib(process.pid))
                finished, status, usage = os.wait4(process.pid, os.WNOHANG)
                seconds = time.perf_counter() - began
                if finished:
                    break
                if seconds > timeout:
                    raise TimeoutError(f"{command[0]} ran longer than {timeout} s")
                time.sleep(_INTERVAL)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            tail = err.read()[-2000:].decode(errors="replace")
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{tail}")
        if not _PROC:
            peak = usage.ru_maxrss // 1024 if sys.platform == "darwin" else usage.ru_maxrss
        return Run(seconds, peak / 1024, value=out.read().decode(errors="replace"))


def run_function(target: str, arguments: Mapping[str, Any] | None = None, timeout: float = 3600) -> Run:
    """Run ``module:function`` with keyword arguments in a fresh Python and measure it."""
    run = run_command(
        [sys.executable, str(Path(__file__).resolve()), target, json.dumps(dict(arguments or {}))],
        timeout=timeout,
    )
    answer = json.loads(run.value.splitlines()[-1])
    return Run(run.seconds, max(run.peak_mib, answer["peak_mib"]), answer["seconds"], answer["value"])


def repeat(tasks: Mapping[str, Callable[[], Run]], runs: int, progress: bool = True) -> dict[str, Series]:
    """Run every task ``runs`` times, taking turns.

    Turns spread a busy minute of the machine over all tasks, so that their ratios stay meaningful.
    """
    series = {name: Series(name) for name in tasks}
    for turn in range(runs):
        for name, task in tasks.items():
            run = task()
            series[name].runs.append(run)
            if progress:
                message = f"{name} {turn + 1}/{runs}: {run.seconds:.2f} s, {run.peak_mib:,.0f} MiB"
                print(message, file=sys.stderr)
    return series


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A plain text table; the first column is left-aligned, the others right-aligned."""
    lines = [list(header), *[list(row) for row in rows]]
    widths = [max(len(line[i]) for line in lines) for i in range(len(header))]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join(
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def save(name: str, series: Mapping[str, Series], **about: object) -> Path:
    """Write all runs with the machine and ``about`` to ``results/<name>.json`` and return the path."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    content = {
        "name": name,
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": {
            "cpus": os.cpu_count(),
            "system": platform.system(),
            "architecture": platform.machine(),
            "python": platform.python_version(),
        },
        "about": about,
        "series": {
            key: {
                "median_seconds": one.seconds,
                "median_call_seconds": one.call_seconds,
                "least_seconds": one.least,
                "peak_mib": one.peak_mib,
                "runs": [asdict(run) for run in one.runs],
            }
            for key, one in series.items()
        },
    }
    path.write_text(json.dumps(content, indent=2, default=str) + "\n", encoding="utf-8")
    return path


def _resident_kib(root: int) -> int:
    """Resident memory of a process with its descendants, at least any one high-water mark; 0 once gone."""
    total, highest, waiting = 0, 0, [root]
    while waiting:
        pid = waiting.pop()
        try:
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    highest = max(highest, int(line.split()[1]))
                elif line.startswith("VmRSS:"):
                    total += int(line.split()[1])
            for task in Path(f"/proc/{pid}/task").iterdir():
                waiting.extend(int(child) for child in (task / "children").read_text().split())
        except (OSError, ValueError):
            continue
    return max(total, highest)


def _call(target: str, arguments: dict[str, Any]) -> None:
    """The other side of ``run_function``: call, and print one line of JSON."""
    module, name = target.split(":")
    function = getattr(importlib.import_module(module), name)
    began = time.perf_counter()
    value = function(**arguments)
    seconds = time.perf_counter() - began
    peak = _resident_kib(os.getpid()) / 1024 if _PROC else 0.0
    print(json.dumps({"seconds": seconds, "peak_mib": peak, "value": value}))
    sys.stdout.flush()


if __name__ == "__main__":
    _call(sys.argv[1], json.loads(sys.argv[2]))
