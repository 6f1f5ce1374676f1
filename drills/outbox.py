"""Kill the workers that hand messages over at random moments, and count what came to the mail server.

    python drills/outbox.py --rounds 20 --people 3000 --seed 1
    python drills/outbox.py --faults --rounds 0 --people 3000

A house with customers who agreed, a real mail server (aiosmtpd) that writes down every message, and two messages for
everybody: one marketing, one that must arrive. In each round two workers are started and killed with SIGKILL at a
random moment after the first message of the round; meanwhile some people withdraw their consent. Then one worker does
the rest.

It must find, at the server: no key of marketing twice; every key of the other errand at least once, each time the same,
and no more repeats than workers killed; nothing of marketing to anybody after their withdrawal was acknowledged. And in
the house: no more uncertain messages than workers killed, every message counted in one state, and the sum is the
audience; what is *sent* came to the server.

With ``--faults`` the server refuses one in a hundred, drops the line after the message of another, hangs on another,
and sends others away for now; everybody has a name that would write headers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from drills.forking import begin  # noqa: E402 the folders above are no packages of the environment
from drills.kills import environment  # noqa: E402 as above
from drills.outbox_house import MARKETING, SERVICE  # noqa: E402 as above

HOUSE = "drills.outbox_house"
"""The module that the processes run."""

WORKERS = 2
PATIENCE = 120.0
"""Seconds without a message or an end after which the drill gives up."""

REFUSED, DROPPED, HANGING, BUSY, GREY = range(1, 6)
"""Of a hundred people with ``--faults`` one each, by the number in the address."""


@dataclass(frozen=True, slots=True)
class Came:
    """A message that the server took: when, to whom, and what it was."""

    at: float
    to: str
    message_id: str
    errand: int
    injected: bool


@dataclass
class Recorder:
    """The server's side: what came, and what it does wrong on purpose."""

    faults: bool
    came: list[Came] = field(default_factory=list)
    tried: Counter[str] = field(default_factory=Counter)

    async def handle_RCPT(  # noqa: N802 aiosmtpd calls it so
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Refuse, or send away for now, who is to be."""
        kind = self._kind(address)
        self.tried[address] += 1
        if kind == REFUSED:
            return "554 5.7.1 not wanted"
        if kind == GREY and self.tried[address] == 1:
            return "451 4.7.1 try again"
        if kind == BUSY and self.tried[address] == 1:
            return "421 4.3.2 busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 as above
        """Write the message down; then drop the line, or be silent, where that is the plan."""
        at = time.monotonic()
        [address] = envelope.rcpt_tos
        head = envelope.content.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
        lines = head.replace("\r\n ", " ").splitlines()
        value = {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in lines}
        self.came.append(
            Came(at, address, value["message-id"], int(value["subject"].split()[-1]), "bcc" in value)
        )
        if self._kind(address) == DROPPED:
            server.transport.abort()
        if self._kind(address) == HANGING:
            await asyncio.sleep(4)
        return "250 OK"

    def _kind(self, address: str) -> int:
        return int(address.split("@")[0][1:]) % 100 if self.faults else 0


@contextmanager
def server(recorder: Recorder) -> Iterator[int]:
    """The mail server, while inside; its port."""
    from aiosmtpd.controller import Controller

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(recorder, hostname="127.0.0.1", port=port, ready_timeout=30)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def drill(
    home: Path,
    *,
    rounds: int,
    people: int,
    seed: int,
    withdrawals: int = 50,
    faults: bool = False,
    database: str = "",
    returning: int = 1,
    say: Callable[[str], object] = print,
) -> list[str]:
    """Run it in the folder ``home``; returns what was not as it must be.

    ``database`` is the URL of an empty one. Of the workers ``returning`` come back in the end; who does not is taken
    for dead after two minutes.
    """
    draw, recorder = random.Random(seed), Recorder(faults)
    with server(recorder) as port:
        settings = environment(home) | {
            "HUOSHUI_SMTP_URL": f"smtp://127.0.0.1:{port}?from=crm@example.org&tls=none",
            "HUOSHUI_TIME_ZONE": "Asia/Shanghai",
            "DRILL_FAULTS": "1" if faults else "",
        }
        if database:
            settings["HUOSHUI_DATABASE_URL"] = database
        ids = _answer(home, settings, "make", str(people))["ids"]
        leavers = draw.sample(ids, min(withdrawals, people // 4))
        told = home / "withdrawn"
        leaving = begin(HOUSE, "leave", json.dumps(leavers), environment=settings, out=told)
        # What must arrive goes before marketing, so it comes when half of the rounds have killed marketing.
        killed = _rounds(rounds - rounds // 2, settings, recorder, draw, say)
        _answer(home, settings, "add", json.dumps(ids))
        killed += _rounds(rounds // 2, settings, recorder, draw, say)
        began, seen = time.monotonic(), len(recorder.came)
        _finish(settings, recorder, returning)
        seconds, further = time.monotonic() - began, len(recorder.came) - seen
        say(
            f"{further:,} messages in the last {seconds:.1f} s: {further / seconds:,.0f} a second, all included"
        )
        leaving.join()
        found = _answer(home, settings, "count")
    left = dict(json.loads(told.read_text(encoding="utf-8") or "[]"))
    return _judge(recorder, found, killed=killed, people=people, left=left, say=say)


def _rounds(
    rounds: int,
    settings: Mapping[str, str],
    recorder: Recorder,
    draw: random.Random,
    say: Callable[[str], object],
) -> int:
    killed = 0
    for number in range(rounds):
        before = len(recorder.came)
        workers = [begin(HOUSE, "work", f"worker-{place}", environment=settings) for place in range(WORKERS)]
        until = time.monotonic() + PATIENCE
        while (
            len(recorder.came) == before and time.monotonic() < until and all(w.is_alive() for w in workers)
        ):
            time.sleep(0.002)
        time.sleep(draw.uniform(0.0, 0.4))
        for worker in workers:
            worker.kill()
            worker.join()
            killed += 1
        if len(recorder.came) == before:
            say(f"round {number + 1}: nothing is left, or nothing goes")
            break
    return killed


def _finish(settings: Mapping[str, str], recorder: Recorder, returning: int) -> None:
    """The workers that come back do what is left; they end by themselves."""
    workers = [begin(HOUSE, "finish", f"worker-{place}", environment=settings) for place in range(returning)]
    for worker in workers:
        worker.join(PATIENCE * 5)
    if any(worker.is_alive() for worker in workers):
        for worker in workers:
            worker.kill()
        raise RuntimeError(f"the last workers do not come to an end; {len(recorder.came)} messages came")


def _answer(home: Path, settings: Mapping[str, str], *words: str) -> Any:
    home.mkdir(parents=True, exist_ok=True)
    out, err = home / "out", home / "err"
    process = begin(HOUSE, *words, environment=settings, out=out, err=err)
    process.join()
    if process.exitcode:
        raise RuntimeError(f"{words[0]}: {err.read_text(encoding='utf-8')[-2000:]}")
    return json.loads(out.read_text(encoding="utf-8").splitlines()[-1])


def _judge(
    recorder: Recorder,
    found: Mapping[str, Any],
    *,
    killed: int,
    people: int,
    left: Mapping[str, float],
    say: Callable[[str], object],
) -> list[str]:
    wrong = []
    of = {
        number: Counter(one.message_id for one in recorder.came if one.errand == number) for number in (1, 2)
    }
    to = {number: {one.to for one in recorder.came if one.errand == number} for number in (1, 2)}
    states = {number: found["states"][str(number)] for number in (MARKETING, SERVICE)}
    repeats = sum(count - 1 for count in of[SERVICE].values())
    uncertain = states[MARKETING]["uncertain"]
    say(
        f"{killed} workers killed; marketing {sum(of[MARKETING].values()):,} came, {states[MARKETING]}; "
        f"service {sum(of[SERVICE].values()):,} came, {repeats} repeats, {states[SERVICE]}; {len(left)} withdrew"
    )
    if twice := [key for key, count in of[MARKETING].items() if count > 1]:
        wrong.append(f"{len(twice)} keys of marketing came twice")
    if len(to[MARKETING]) != len(of[MARKETING]):
        wrong.append("somebody got marketing under two keys")
    for number in (MARKETING, SERVICE):
        if sum(states[number].values()) != people:
            wrong.append(
                f"the states of errand {number} sum up to {sum(states[number].values())}, not {people}"
            )
        if states[number]["claimed"] or states[number]["pending"]:
            wrong.append(f"errand {number} is not over")
    lawful = states[MARKETING]["sent"], states[MARKETING]["sent"] + uncertain
    if not lawful[0] <= len(of[MARKETING]) <= lawful[1]:
        wrong.append(f"{len(of[MARKETING])} came, between {lawful[0]} and {lawful[1]} are said to")
    unsure = 0 if not recorder.faults else people // 100 * 2 + 2
    if uncertain > killed + unsure:
        wrong.append(f"{uncertain} are uncertain after {killed} killed workers")
    if states[SERVICE]["sent"] != len(of[SERVICE]) and not recorder.faults:
        wrong.append(f"{states[SERVICE]['sent']} of what must arrive are sent, {len(of[SERVICE])} came")
    if repeats > killed and not recorder.faults:
        wrong.append(f"{repeats} repeats after {killed} killed workers")
    late = [
        one for one in recorder.came if one.errand == MARKETING and one.at > left.get(one.to, float("inf"))
    ]
    if late:
        wrong.append(f"{len(late)} got marketing after their withdrawal was acknowledged")
    if injected := [one for one in recorder.came if one.injected]:
        wrong.append(f"{len(injected)} messages have headers from a name")
    sent = states[MARKETING]["sent"] + states[SERVICE]["sent"]
    if not found["touches"] == found["touched"] == sent:
        wrong.append(
            f"{found['touches']} touches of {found['touched']} messages are in the lake, {sent} are sent"
        )
    return wrong


def main() -> int:
    """Run the drill."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--people", type=int, default=3_000)
    parser.add_argument("--withdrawals", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(os.environ.get("SEED") or random.randrange(10**6)))
    parser.add_argument("--faults", action="store_true")
    parser.add_argument("--database", default="", help="URL of an empty PostgreSQL database; else SQLite")
    asked = parser.parse_args()
    print(f"seed {asked.seed}")
    with tempfile.TemporaryDirectory(prefix="huoshui-outbox-") as folder:
        wrong = drill(
            Path(folder) / "home",
            rounds=asked.rounds,
            people=asked.people,
            seed=asked.seed,
            withdrawals=asked.withdrawals,
            faults=asked.faults,
            database=asked.database,
        )
    print("\n".join(wrong) or "all as it must be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
