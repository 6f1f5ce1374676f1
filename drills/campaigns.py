"""Kill those who start a campaign at random moments, and see that everybody has one fate and nobody two.

    python drills/campaigns.py --kills 40 --people 400 --seed 1
    python drills/campaigns.py --kills 40 --people 400 --seed 1 --aimed

A house with people of whom some never agreed and some have no address, and campaigns to them with variants and a
control group. One process or two at once submit a campaign, start it, freeze its audience and settle it portion by
portion; they are killed with SIGKILL at a moment drawn from the processor time that this takes. Whoever comes next
says how the campaign stands, and goes on. When one is settled the next is started, until there were enough kills;
then everything is delivered by a channel that writes down what it is handed.

It must find, after every kill: the counts add up to the audience. And in the end, of every campaign: each person of the
audience has one row in the outbox, none else has; who did not agree or has no address got nothing, with that reason; of
all others there is one decision each, the same as when lots are drawn again, and those held out are the ones that have
no message; everybody else got one, once, and the lake has one touch of it; what the campaign costs was booked once; no
portion of a process that died is left.

With ``--aimed`` they kill themselves before or after one of the steps of the work: when the terms are fixed, a portion
is packed, the cost is booked, messages go into the outbox, decisions and facts into the queue.

``--without transactions`` lets the settling of a portion be cut in two, to see that the drill notices.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from drills.campaigns_house import COST, EVERY_NOWHERE, EVERY_SILENT, PORTION  # noqa: E402 as above
from drills.forking import begin  # noqa: E402 as above
from drills.kills import environment, used  # noqa: E402 as above

HOUSE = "drills.campaigns_house"
CROWDS = (range(1), range(2), range(2))
"""How many go on with a campaign at once."""
PATIENCE = 120.0
"""Seconds after which a process that says nothing is given up."""


class House:
    """A house in which campaigns are started by processes that are killed."""

    def __init__(self, home: Path, *, people: int, database: str = "", without: str = "") -> None:
        self.home, self.people = home, people
        self.settings = environment(home, without) | {
            "HUOSHUI_TIME_ZONE": "Asia/Shanghai",
            "DRILL_DIE_AT": "0",
        }
        if database:
            self.settings["HUOSHUI_DATABASE_URL"] = database
        home.mkdir(parents=True, exist_ok=True)
        self.marks = 0

    def answer(self, *words: str) -> Any:
        """What a process says that is not killed."""
        out, err = self.home / "out", self.home / "err"
        process = begin(HOUSE, *words, environment=self.settings, out=out, err=err)
        process.join()
        if process.exitcode:
            raise RuntimeError(f"{words[0]}: {err.read_text(encoding='utf-8')[-2000:]}")
        return json.loads(out.read_text(encoding="utf-8").splitlines()[-1])

    def begun(self, number: int, *, die_at: int = 0) -> tuple[BaseProcess, dict[str, Any]]:
        """A process that goes on with a campaign, and how it found it; it kills itself at the moment ``die_at``."""
        self.marks += 1
        mark, err = self.home / f"mark-{self.marks}", self.home / f"err-{self.marks}"
        process = begin(
            HOUSE,
            *("go", str(number), str(self.people), str(mark)),
            environment=self.settings | {"DRILL_DIE_AT": str(die_at)},
            err=err,
        )
        until = time.monotonic() + PATIENCE
        while not mark.exists():
            if time.monotonic() > until or not (process.is_alive() or mark.exists()):
                process.kill()
                raise RuntimeError(f"no process goes on: {err.read_text(encoding='utf-8')[-2000:]}")
            time.sleep(0.002)
        return process, json.loads(mark.read_text(encoding="utf-8"))


def drill(
    home: Path,
    *,
    kills: int,
    people: int,
    seed: int,
    database: str = "",
    without: str = "",
    aimed: bool = False,
    say: Callable[[str], object] = print,
) -> list[str]:
    """Run it in the folder ``home``, with so many ``people`` in each audience; returns what was not as it must be.

    ``database`` is the URL of an empty one.
    """
    draw, house = random.Random(seed), House(home, people=people, database=database, without=without)
    number = int(house.answer("make", str(people)))
    seconds = 0.0
    if not aimed:
        seconds = float(house.answer("go", str(number), str(people), str(home / "first")))
        number = int(house.answer("new"))
    wrong: list[str] = []
    killed = rounds = 0
    while killed < kills:
        number, rounds = number or int(house.answer("new")), rounds + 1
        moments = [draw.randint(1, 3 * -(-people // PORTION)) if aimed else 0 for _ in draw.choice(CROWDS)]
        begun = [house.begun(number, die_at=moment) for moment in moments]
        for _process, found in begun:
            if not found["adds_up"]:
                wrong.append(f"campaign {number} does not add up after {killed} kills: {found}")
        part = draw.random()
        if not aimed:
            victim = begun[-1][0]
            base = used(victim)
            while victim.is_alive() and used(victim) - base < part * seconds:
                time.sleep(0.001)
        died = 0
        for process, _found in begun:
            if not aimed:
                process.kill()
            process.join()
            died += process.exitcode == -9
        killed += died
        when = f"at the moments {moments}" if aimed else f"at {part * seconds:.2f} s of {seconds:.2f}"
        say(f"campaign {number}: {died} of {len(begun)} killed {when}, {killed} in all")
        if not died:
            number = 0
    if number:
        house.answer("go", str(number), str(people), str(home / "last"))
    told = house.answer("finish")
    for which, found in told["campaigns"].items():
        wrong += [f"campaign {which}: {text}" for text in _judge(found, people)]
    sent = sum(one["by_state"]["sent"] for one in told["campaigns"].values())
    if not told["came"] == told["keys"] == sent:
        wrong.append(f"{told['came']} messages came under {told['keys']} keys, {sent} are sent")
    say(
        f"{killed} processes killed in {rounds} rounds of {len(told['campaigns'])} campaigns to {people} people each, "
        f"in portions of {PORTION}; {sent:,} messages came"
    )
    return wrong


def _judge(found: Mapping[str, Any], people: int) -> list[str]:
    """What is wrong with one campaign."""
    wrong = []
    everybody = set(range(1, people + 1))
    why = {who: "no_consent" for who in everybody if not who % EVERY_SILENT}
    why = {who: "no_address" for who in everybody if not who % EVERY_NOWHERE} | why
    fates = Counter(who for who, _state, _reason in found["fates"])
    if set(fates) != everybody or set(fates.values()) != {1}:
        twice, lost = [who for who, n in fates.items() if n > 1], everybody - set(fates)
        wrong.append(
            f"{len(lost)} people have no fate, {len(twice)} several, {len(set(fates) - everybody)} strangers"
        )
    if found["state"] != "finished" or not found["adds_up"] or found["audience"] != people:
        wrong.append(f"it stands as {found['state']} with {found['by_state']} of {found['audience']}")
    left_out = {who: reason for who, state, reason in found["fates"] if state == "suppressed"}
    if left_out != why:
        wrong.append(f"{len(left_out)} are suppressed, {len(why)} must be, or for other reasons")
    held = {who for who, state, _reason in found["fates"] if state == "held_out"}
    sent = sorted(who for who, state, _reason in found["fates"] if state == "sent")
    decided = sorted(map(tuple, found["decisions"]))
    if decided != sorted(map(tuple, found["lots"])) or {who for who, _ in decided} != everybody - set(why):
        wrong.append(f"{len(decided)} decisions about {len({who for who, _ in decided})} people")
    if {who for who, out in decided if out} != held:
        wrong.append(f"{len(held)} are held out, {sum(out for _who, out in decided)} were drawn so")
    if sorted(found["touches"]) != sent:
        wrong.append(f"the lake has {len(found['touches'])} touches of {len(sent)} who got it")
    if found["booked"] != [COST]:
        wrong.append(f"its cost was booked as {found['booked']}")
    if found["portions"] != -(-people // PORTION):
        wrong.append(f"{found['portions']} portions are there")
    return wrong


def main() -> int:
    """Run the drill."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--people", type=int, default=400)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or random.randrange(10**6)))
    parser.add_argument("--database", default="", help="URL of an empty PostgreSQL database; else SQLite")
    parser.add_argument("--aimed", action="store_true", help="die before or after a step of the work")
    parser.add_argument(
        "--without",
        default="",
        choices=("", "transactions"),
        help="cut what belongs together, to see that the drill notices",
    )
    asked = parser.parse_args()
    print(f"seed {asked.seed}")
    with tempfile.TemporaryDirectory(prefix="huoshui-campaigns-") as folder:
        wrong = drill(
            Path(folder) / "home",
            kills=asked.kills,
            people=asked.people,
            seed=asked.seed,
            database=asked.database,
            without=asked.without,
            aimed=asked.aimed,
        )
    print("\n".join(wrong) or "all as it must be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
