"""Questions about control groups: who is in them, what was fixed, and how large one must be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np
import numpy.typing as npt

from huoshui.act.holdouts import models
from huoshui.act.holdouts.errors import NoSuchTrial
from huoshui.act.holdouts.trials import SMALL, Terms, Trial, assign, global_key, holdout_key
from huoshui.data.facts.relations import purchases
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.clock import AsOf
from huoshui.kernel.ids import looks_like_id
from huoshui.kernel.plugs import HOUSE, IbisTable
from huoshui.science import drawing

if TYPE_CHECKING:
    from huoshui.lake.snapshot import Snapshot
    from huoshui.science.experiments import Kind

WORTH_SEEING = 0.1
"""The gain, as a part of the baseline, that advice asks a control group to show where nobody says another."""
ADVISED_SHARE, ADVISED_DAYS = 0.05, 90
"""The share and the days by which the page advises on a global control group that is not there yet."""
COUNTED_WHOLE = 0.995
"""The part of buyers whose money counts whole by the cap that is proposed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The global control group of a time: ``share`` of everybody by ``seed``; ``until`` is empty for that of now."""

    seed: str
    share: float
    since: datetime
    until: datetime | None
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """How lots fell for one person: their ``place``, from 0 to 1, against the ``share`` that is ``held`` out."""

    place: float
    share: float
    held: bool
    by_global: bool
    variant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What a control group of ``control`` out of the eligible shows.

    ``power`` is the chance that ``effect`` is seen; ``detectable`` the smallest gain that is seen with a chance of
    80 %, and ``enough`` the smallest control group that shows ``effect`` so (None: none does). ``is_small`` says that
    somebody has to choose, for fewer than 1,000 are eligible.
    """

    treated: int
    control: int
    effect: float
    power: float
    detectable: float | None
    enough: int | None
    is_small: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """What people did in the days before: share who bought, orders and revenue per person with the ``spread``
    (standard deviation) of revenue, and ``cap``, which 99.5 % of buyers stay below (None without a buyer)."""

    people: int
    conversion: float
    orders: float
    revenue: float
    spread: float
    cap: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the page of control groups shows: ``inside`` of ``people`` are in the group of now.

    ``advice`` is for ``advised_share`` of them and ``conversion``, the share that bought within 90 days. ``asked`` is
    what was looked up; where it is a customer, their place in the draw of now, and when they were in the group.
    """

    group: Group | None
    people: int
    inside: int
    advised_share: float
    conversion: float
    advice: Advice | None
    history: Sequence[Group]
    trials: Sequence[Trial]
    asked: str
    customer_id: int | None
    place: float | None
    times_in: Sequence[Group]


def standing(*, actor: Actor, tables: Snapshot, asked: str, now: datetime) -> Standing:
    """How the control groups of the house stand; ``asked`` may name a customer by our id."""
    actor.require(Right.CUSTOMERS_VIEW)
    current, customers = group(), tables.table("customers").select("customer_id")
    ids = tables.arrow(customers)["customer_id"].to_numpy()
    conversion = usual(tables, customers, days=ADVISED_DAYS, as_of=AsOf(at=now, zone=HOUSE().zone)).conversion
    share = current.share if current else ADVISED_SHARE
    customer_id = int(asked) if looks_like_id(asked) else None
    place = None
    if current and customer_id:
        place = float(drawing.places([customer_id], global_key(current.seed))[0])
    return Standing(
        group=current,
        people=len(ids),
        inside=int(global_control(ids).sum()),
        advised_share=share,
        conversion=conversion,
        advice=advice(eligible=len(ids), share=share, baseline=conversion) if 0 < conversion < 0.9 else None,
        history=history(),
        trials=trials(),
        asked=asked.strip()[:40],
        customer_id=customer_id,
        place=place,
        times_in=times_in(customer_id) if customer_id else (),
    )


def group() -> Group | None:
    """The global control group of now; None where there is none."""
    found = next(iter(history()), None)
    return found if found and found.until is None and found.share else None


def history() -> list[Group]:
    """The global control group over time, the newest first."""
    return [
        Group(seed=row.seed, share=row.share, since=row.since, until=row.until, by=row.by, reason=row.reason)
        for row in models.ControlGroup.objects.all()
    ]


def global_control(customer_ids: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Whether each customer is in the global control group now; shape ``(n,)``."""
    found = group()
    if found is None:
        return np.zeros(len(customer_ids), dtype=np.bool_)
    return drawing.drawn(customer_ids, global_key(found.seed), found.share)


def times_in(customer_id: int) -> list[Group]:
    """The times in which a customer was in the global control group, the newest first."""
    return [
        one
        for one in history()
        if one.share and drawing.drawn([customer_id], global_key(one.seed), one.share)[0]
    ]


def trial(what: str) -> Trial:
    """The trial of what drew lots. Raises `NoSuchTrial`."""
    row = models.Trial.objects.filter(what=what).first()
    if row is None:
        raise NoSuchTrial("No lots were drawn for this", received=repr(what[:80]))
    return _trial(row)


def lot(what: str, customer_id: int) -> Lot:
    """How the lots of a trial fall for one customer. Raises `NoSuchTrial`, also where they were drawn elsewhere."""
    found = trial(what)
    if found.drawn_elsewhere:
        raise NoSuchTrial("Its lots were drawn elsewhere", received=repr(what[:80]))
    terms, ids = found.terms, np.array([customer_id], dtype=np.int64)
    fallen = assign(found, ids)
    by_global = bool(fallen.by_global[0])
    key = global_key(terms.global_seed) if by_global else holdout_key(what, found.seed)
    return Lot(
        place=float(drawing.places(ids, key)[0]),
        share=terms.global_share if by_global else terms.share,
        held=bool(fallen.held[0]),
        by_global=by_global,
        variant=str(fallen.variants[0]),
    )


def trials() -> list[Trial]:
    """All trials, the newest first."""
    return [_trial(row) for row in models.Trial.objects.order_by("-fixed_at", "-pk")]


def advice(
    *,
    eligible: int,
    share: float,
    baseline: float,
    effect: float | None = None,
    kind: Kind = "proportion",
    spread: float | None = None,
) -> Advice | None:
    """What a control group of ``share`` shows of ``eligible`` people; None where it leaves fewer than two in an arm.

    ``baseline`` is the share or mean without treatment, ``effect`` the gain worth seeing (a tenth of the baseline
    otherwise), ``spread`` the standard deviation, for means. Raises `NotASetting` for values without a meaning.
    """
    from huoshui.science import experiments  # loads what few commands need

    control = round(eligible * share)
    treated = eligible - control
    if min(control, treated) < 2:
        return None
    wanted = WORTH_SEEING * baseline if effect is None else effect
    usual: dict[str, Any] = {"baseline": baseline, "kind": kind, "spread": spread}
    return Advice(
        treated=treated,
        control=control,
        effect=wanted,
        power=experiments.power(treated, control, effect=wanted, **usual),
        detectable=experiments.detectable(treated, control, **usual),
        enough=experiments.control_size(eligible, effect=wanted, **usual) if wanted else None,
        is_small=eligible < SMALL,
    )


def usual(tables: Snapshot, people: IbisTable, *, days: int, as_of: AsOf) -> Usual:
    """What ``people`` (a table with ``customer_id``, each once) did in the ``days`` days before ``as_of``."""
    bought = purchases(tables, as_of)
    bought = bought.filter(bought.ordered_at >= ibis.literal(as_of.days_before(days)))
    by = bought.group_by("customer_id").aggregate(
        orders=bought.count(), revenue=bought.revenue.sum().cast("float64")
    )
    everybody = people.select("customer_id").left_join(by, "customer_id")
    revenue, orders = ibis.coalesce(everybody.revenue, 0.0), ibis.coalesce(everybody.orders, 0)
    found = tables.arrow(
        everybody.aggregate(
            people=everybody.count(),
            buyers=everybody.orders.count(),
            orders=orders.sum(),
            revenue=revenue.sum(),
            squares=(revenue * revenue).sum(),
            cap=everybody.revenue.quantile(COUNTED_WHOLE),
        )
    ).to_pylist()[0]
    number = found["people"]
    if not number:
        return Usual(people=0, conversion=0.0, orders=0.0, revenue=0.0, spread=0.0, cap=None)
    from huoshui.science.experiments import Sample  # loads what few commands need

    spent = Sample.of_sums(number, found["revenue"], found["squares"])
    return Usual(
        people=number,
        conversion=found["buyers"] / number,
        orders=found["orders"] / number,
        revenue=spent.mean,
        spread=spent.variance**0.5,
        cap=None if found["cap"] is None else Decimal(round(found["cap"])) or None,
    )


def _trial(row: models.Trial) -> Trial:
    cap = row.terms["cap"]
    return Trial(
        what=row.what,
        title=row.title,
        terms=Terms(**{**row.terms, "cap": None if cap is None else Decimal(cap)}),
        seed=row.seed,
        fixed_at=row.fixed_at,
        by=row.by,
    )
