"""Kill the house at random moments of its work and see that the next start makes it whole.

    python drills/kills.py --kills 50 --seed 1
    python drills/kills.py --kills 60 --aimed

Each try copies a house, starts a real command, kills it with SIGKILL at a moment drawn from the processor time the
command takes (read from /proc, so it needs Linux), starts the house again, and looks: every table holds what it held
before, or what it holds afterwards; the load is listed accordingly; people in the database are people in the lake, and
segments are as large in the database as in the lake; no file is left that nothing names; doing the work again gives the
exact total. Facts that the killed command had queued are brought to the lake before, as the house does each minute.

With ``--aimed`` it is killed where two stores are apart: after facts of the queue are claimed, after a commit of the
lake, before the house version that names it is written, and right after; each of these moments as often as any other.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from drills.forking import begin  # noqa: E402 the folder above is no package of the environment
from drills.sales import write_sales  # noqa: E402 as above


@dataclass(frozen=True)
class Base:
    """A house to start from, and what `state` finds in it when it is opened."""

    home: Path
    found: dict[str, Any]


@dataclass(frozen=True)
class Work:
    """Something the house does that is killed. ``made_by`` are the steps that make the house it is done in."""

    name: str
    made_by: tuple[Any, ...]
    step: Any
    load: str = ""
    """The load whose state must fit, with `done` and `not_done`."""
    done: str = ""
    not_done: tuple[str | None, ...] = ()

    def start(self, home: Path, without: str, die_at: int = 0) -> BaseProcess:
        """Begin the work in the house ``home``; it kills itself at the moment ``die_at`` (see `state`)."""
        words = ["drills.state", json.dumps([self.step])]
        if not isinstance(self.step, str) and not without and not die_at:
            words = ["huoshui", *self.step]
        settings = environment(home, without) | ({"DRILL_DIE_AT": str(die_at)} if die_at else {})
        return begin(*words, environment=settings)


def works(files: tuple[Path, Path], rule: Path) -> list[Work]:
    """All that is killed. ``rule`` is that of a segment."""
    first, second = (("import", str(file), "--as", "transactions") for file in files)
    then, now = (("refresh", "--as-of", day) for day in ("2024-06-01", "2025-01-01"))
    segment = ("segment", "add", "drilled", str(rule))
    return [
        Work("import", (first, then), second, load="2", done="loaded", not_done=(None, "failed")),
        Work("undo", (first, second, then), ("import", "--undo", "2"), "2", "undone", ("loaded",)),
        Work("refresh", (first, then), now),
        Work("compaction", (first, second, then), "compact"),
        Work("upgrade", (first, then, "age"), ("imports",)),
        Work("follow", (first, then, segment, "follow", second), "follow"),
        Work("drain", (first, then, "enqueue"), "drain"),
    ]


def environment(home: Path, without: str = "") -> dict[str, str]:
    """The settings of one house."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUOSHUI_")}
    settings = {"HUOSHUI_HOME": str(home), "HUOSHUI_MEMORY": "512MiB", "HUOSHUI_THREADS": "2"}
    paths = os.pathsep.join((str(ROOT), str(ROOT / "src")))
    return {**kept, **settings, "PYTHONPATH": paths, "DRILL_WITHOUT": without}


def used(process: BaseProcess) -> float:
    """Seconds of processor time that a process has used: on a busy machine a better clock than that on the wall."""
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):  # it ended, before it was looked at or meanwhile
        return float("inf")
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run_steps(home: Path, *steps: Any, without: str = "", **settings: str) -> list[Any]:
    """Do ``steps`` in one further process; see `state`."""
    with tempfile.TemporaryDirectory(prefix="huoshui-steps-") as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        process = begin(
            "drills.state",
            json.dumps(steps),
            environment=environment(home, without) | settings,
            out=out,
            err=err,
        )
        process.join()
        if process.exitcode:
            raise RuntimeError(f"the house does not start: {err.read_text(encoding='utf-8')[-2000:]}")
        answers: list[Any] = json.loads(out.read_text(encoding="utf-8").splitlines()[-1])
    return answers


def made(home: Path, steps: tuple[Any, ...], after: Base | None = None) -> Base:
    """A house to start from, made in ``home`` by ``steps``; the last of them only in a copy of ``after``."""
    if after is not None:
        shutil.copytree(after.home, home)
    built = run_steps(home, *(steps[-1:] if after else steps))
    if wrong := [answer for answer in built if isinstance(answer, dict) and answer["code"]]:
        raise RuntimeError(f"the house could not be made: {wrong}")
    # Looking needs an up-to-date database, so an older house is opened first.
    opened = shutil.copytree(home, home.with_name(f"{home.name}, opened"))
    _, found = run_steps(opened, ["imports"], "look")
    shutil.rmtree(opened)
    return Base(home, found)


class Drill:
    """One kind of work, killed again and again."""

    def __init__(
        self,
        work: Work,
        folder: Path,
        base: Base,
        *,
        without: str = "",
        aimed: bool = False,
        say: Callable[[str], None],
    ) -> None:
        self.say = say
        self.aimed = aimed
        self.work = work
        self.folder = folder / work.name
        self.without = without
        self.base = base
        self.folder.mkdir()

    def prepare(self) -> None:
        """Measure what the work does and how long it takes."""
        measured = self.copy("measured")
        done, self.seconds, self.after = run_steps(
            measured, self.work.step, "seconds", "look", without=self.without
        )
        if isinstance(done, dict) and done["code"]:
            raise RuntimeError(f"{self.work.name} ended with {done['code']}: {done['err']}")
        self.before = self.base.found
        shutil.rmtree(measured)
        if self.aimed:
            counted = self.copy("counted")
            _, self.moments = run_steps(counted, self.work.step, "moments", DRILL_DIE_AT="0")
            shutil.rmtree(counted)

    def copy(self, name: str) -> Path:
        """The house once more."""
        return Path(shutil.copytree(self.base.home, self.folder / name))

    def kill(self, number: int, part: float) -> tuple[str, list[str]]:
        """Kill the work when ``part`` of it is done, between 0 and 1; how it went on, and what is wrong."""
        home = self.copy(f"try-{number}")
        if self.aimed:
            process = self.work.start(home, self.without, die_at=1 + int(part * self.moments))
        else:
            process = self.work.start(home, self.without)
            while process.is_alive() and used(process) < part * self.seconds:
                time.sleep(0.002)
            process.kill()
        process.join()
        outcome, wrong = self.judge(home)
        if process.exitcode != -signal.SIGKILL:
            outcome += ", ended before the kill"
        self.say(f"{self.work.name} {number}: killed at {self.when(part)}: {outcome}")
        for text in wrong:  # at once: a run of hours may be ended before it is told in the end
            self.say(f"{self.work.name} {number}: WRONG: {text}")
        shutil.rmtree(home)
        return outcome, wrong

    def when(self, part: float) -> str:
        """The moment in words: seconds of processor time, or the number of the moment."""
        if self.aimed:
            return f"moment {1 + int(part * self.moments)} of {self.moments}"
        return f"{part * self.seconds:.2f} s"

    def judge(self, home: Path) -> tuple[str, list[str]]:
        """Start the house again, look, do the work again, look."""
        try:
            start, _, found, again, _, afterwards = run_steps(
                home, ["imports"], "drain", "look", self.work.step, "drain", "look", without=self.without
            )
        except RuntimeError as error:
            return "broken", [str(error)]
        wrong = []
        if start["code"]:
            wrong.append(f"the next start ended with {start['code']}: {start['err']}")
        whole = {"before": self.before, "after": self.after}
        fits = [name for name, state in whole.items() if found["tables"] == state["tables"]]
        if not fits:
            wrong.append(f"half done: {found['tables']}")
        outcome = self.outcome(found, fits)
        if outcome not in fits and fits:
            wrong.append(f"the load is listed as {found['loads']}, and the tables are as {fits[0]}")
        for when, state in (("at the start", found), ("after doing it again", afterwards)):
            if state["strangers"]:
                wrong.append(f"{when}, {state['strangers']} people are in one store only")
            if state["sizes"]:
                wrong.append(f"{when}, segments have another size in each store: {state['sizes']}")
            if state["queued"]:
                wrong.append(f"{when}, {state['queued']} parcels or batches are still in the queue")
            if state["left"]:
                wrong.append(f"{when}, files are left: {state['left']}")
        if isinstance(again, dict) and again["code"] and outcome != "after":
            wrong.append(f"doing it again ended with {again['code']}: {again['err']}")
        if afterwards["tables"] != self.after["tables"] or afterwards["people"] != self.after["people"]:
            wrong.append(f"doing it again does not give the same: {afterwards}")
        return outcome, wrong

    def outcome(self, found: dict[str, Any], fits: list[str]) -> str:
        """Whether the work counts as done: by the list of loads where it is a load, else by the tables."""
        if not self.work.load:
            return fits[-1] if fits else "half done"
        state = found["loads"].get(self.work.load)
        if state == self.work.done:
            return "after"
        return "before" if state in self.work.not_done else f"load {state}"


def drill(
    folder: Path,
    *,
    kills: int,
    seed: int,
    lines: int,
    jobs: int = 1,
    only: tuple[str, ...] = (),
    without: str = "",
    aimed: bool = False,
    say: Callable[[str], None],
) -> list[str]:
    """Kill each kind of work ``kills`` times; returns what went wrong."""
    files = (
        write_sales(folder / "sales.csv", lines=lines),
        write_sales(folder / "more sales.csv", lines=lines, first=1_000_000),
    )
    rule = folder / "rule.json"
    rule.write_text(json.dumps({"orders": "times", "op": ">=", "value": 3}), encoding="utf-8")
    chance = random.Random(seed)
    wrong: list[str] = []
    houses: dict[tuple[Any, ...], Base] = {}
    for work in works(files, rule):
        parts = [chance.random() for _ in range(kills)]
        if only and work.name not in only:
            continue
        if work.made_by not in houses:
            home = folder / f"base-{len(houses)}"
            houses[work.made_by] = made(home, work.made_by, houses.get(work.made_by[:-1]))
        one = Drill(work, folder, houses[work.made_by], without=without, aimed=aimed, say=say)
        one.prepare()
        if aimed and not one.moments:
            say(f"{work.name}: commits nothing to the lake")
            continue
        with ThreadPoolExecutor(jobs) as pool:
            results = list(pool.map(one.kill, range(kills), parts))
        outcomes = Counter(outcome for outcome, _ in results)
        failures = [
            f"{work.name}, try {n}, killed at {one.when(parts[n])}: {text}"
            for n, (_, texts) in enumerate(results)
            for text in texts
        ]
        told = ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()))
        span = f"at {one.moments} moments" if aimed else f"within {one.seconds:.1f} s"
        say(f"{work.name}: {kills} kills {span}: {told}; {len(failures)} failures")
        for failure in failures:
            say(f"  {failure}")
        wrong += failures
    return wrong


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=50, help="how often each kind of work is killed")
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or random.randrange(10**6)))
    parser.add_argument("--lines", type=int, default=20_000, help="invoice lines of each file")
    parser.add_argument("--jobs", type=int, default=2, help="tries at once")
    parser.add_argument(
        "--only", nargs="*", default=(), help="import, undo, refresh, compaction, upgrade, follow, drain"
    )
    parser.add_argument(
        "--aimed", action="store_true", help="kill between the commits of the lake and the house version"
    )
    parser.add_argument(
        "--without",
        default="",
        choices=("", "settling", "recovery", "sweeping"),
        help="leave a part of the recovery out, to see that the drill notices",
    )
    given = parser.parse_args()
    print(f"seed {given.seed}")
    with tempfile.TemporaryDirectory(prefix="huoshui-drill-", ignore_cleanup_errors=True) as folder:
        wrong = drill(
            Path(folder),
            kills=given.kills,
            seed=given.seed,
            lines=given.lines,
            jobs=given.jobs,
            only=tuple(given.only),
            without=given.without,
            aimed=given.aimed,
            say=lambda text: print(text, flush=True),
        )
    print("all whole" if not wrong else f"{len(wrong)} failures; repeat with --seed {given.seed}")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
