"""The list and the search of customers at full size: how long a question takes, first asked and asked again.

    HUOSHUI_HOME=/path/to/a/copy python benchmarks/lists.py

The house needs people with names; those who wait for it are indexed first, which is timed too. Goals at a million
customers: a page of the list (two traits filtered, sorted; page 1 and page 1,000) p95 < 200 ms, a search p95 < 150 ms.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import time
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any


def main() -> None:
    """Run it and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=40, help="questions of each kind")
    asked = parser.parse_args()
    from huoshui.project import setting_up

    setting_up.prepare_django(make_home=False)
    from huoshui.data.customers import services
    from huoshui.data.customers.models import Customer, SearchText

    if SearchText.objects.count() < Customer.objects.count():
        began = time.perf_counter()
        done = services.rebuild()
        print(f"{done:,} customers made findable in {time.perf_counter() - began:.1f} s")
    _lists(asked.times)
    _searches(asked.times)


def _lists(times: int) -> None:
    from huoshui.data.customers import asking, listing
    from huoshui.data.customers.listing import Conditions
    from huoshui.kernel.actors import CONSOLE
    from huoshui.lake import open_lake

    lake, columns = open_lake(), list(asking.USUAL)
    stages = ("new", "active", "silent", "lost")
    # Each has another bound, so that no answer is kept from the one before.
    fresh = itertools.cycle(
        (stage, Decimal(bound) / 10, sort)
        for bound in range(5, 30)
        for stage in stages
        for sort in ("-last_order_at", "-net_monetary", "frequency")
    )

    def ask(page: int, chosen: tuple[str, Decimal, str]) -> int:
        stage, bound, sort = chosen
        conditions = Conditions(any_of={"stage": [stage, "active"]}, least={"frequency": bound})
        found = listing.find(
            actor=CONSOLE,
            tables=lake.snapshot(),
            conditions=conditions,
            columns=columns,
            sort=sort,
            page=page,
        )
        return found.total

    usual = ("silent", Decimal(1), "-net_monetary")
    print(f"{ask(1, usual):,} customers meet the usual conditions")
    _say("list, page 1, other conditions each time", times, lambda: ask(1, next(fresh)))
    _say("list, page 1,000, other conditions each time", times, lambda: ask(1_000, next(fresh)))
    _say("list, page 1, again", times, lambda: ask(1, usual))
    _say("list, page 1,000, again", times, lambda: ask(1_000, usual))


def _searches(times: int) -> None:
    from huoshui.data.customers import listing
    from huoshui.data.customers.models import Customer
    from huoshui.kernel.actors import CONSOLE

    some = list(Customer.objects.order_by("pk").values_list("name", "phone", "email")[: 20 * times : 20])

    def by(make: Callable[[Any], str]) -> Iterable[str]:
        return itertools.cycle([words for words in map(make, some) if words])

    kinds = {
        "a surname": by(lambda one: one[0][:1]),
        "part of a name": by(lambda one: one[0][1:]),
        "pinyin": itertools.cycle(["wang", "wangm", "li", "zhangw", "liuy", "chenj"]),
        "pinyin, two words": itertools.cycle(["wang mei", "li na", "zhang wei"]),
        "initials": itertools.cycle(["wm", "lxy", "zw", "cj"]),
        "start of a phone": by(lambda one: one[1].removeprefix("+86")[:5]),
        "last four digits": by(lambda one: one[1][-4:]),
        "start of an e-mail": by(lambda one: one[2].partition("@")[0]),
    }
    for kind, words in kinds.items():
        asked = iter(words)
        _say(
            f"search by {kind}",
            times,
            lambda asked=asked: len(listing.ids_by_words(next(asked), actor=CONSOLE, limit=8)),
        )


def _say(name: str, times: int, ask: Callable[[], int]) -> None:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        ask()
        taken.append(1000 * (time.perf_counter() - began))
    taken.sort()
    p95 = taken[min(len(taken) - 1, int(0.95 * len(taken)))]
    print(
        f"{name:48} median {statistics.median(taken):7.1f} ms   p95 {p95:7.1f} ms   max {taken[-1]:7.1f} ms"
    )


if __name__ == "__main__":
    main()
