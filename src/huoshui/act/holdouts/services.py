"""Verbs of holdouts: the global control group, the terms of trials, and what was decided of people."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from huoshui.act.holdouts import models, queries, trials
from huoshui.act.holdouts.errors import NotTerms, TermsAreFixed
from huoshui.act.holdouts.tables import DECISIONS
from huoshui.act.holdouts.trials import Assigned, Choice, Goal, Terms, Trial
from huoshui.data.facts import queue
from huoshui.desk.audit import services as audit
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.texts import Text
from huoshui.science import drawing

LARGEST_GLOBAL = 0.2
LONGEST_REASON = 300


def set_group(*, actor: Actor, share: float, anew: bool = False, reason: str = "", now: datetime) -> None:
    """Let the global control group be ``share`` of everybody from ``now`` on; 0 ends it.

    Who was in it stays in it when the share grows; ``anew`` draws other people. Trials whose terms are fixed keep the
    group of then. Raises `NotTerms`, `NotAllowed`.
    """
    actor.require(Right.HOUSE_MANAGE)
    if not 0 <= share <= LARGEST_GLOBAL:
        raise NotTerms(
            Text(
                "The global control group is 0 % to 20 % of everybody", "全局对照组为全体客户的 0 % 到 20 %"
            ),
            received=f"{share:.2%}",
        )
    before = next(iter(queries.history()), None)
    if (before.share if before else 0.0) == share and not anew:
        return
    with transaction.atomic():
        models.ControlGroup.objects.filter(until=None).update(until=now)
        seed = secrets.token_hex(8) if before is None or anew else before.seed
        models.ControlGroup.objects.create(
            seed=seed, share=share, since=now, by=actor.name[:200], reason=reason.strip()[:LONGEST_REASON]
        )
        detail = {"share": share, "anew": anew or before is None}
        audit.record(actor=actor, act="control_group.changed", detail=detail, now=now)


def draw(customer_ids: npt.NDArray[np.int64], *, key: str, share: float) -> npt.NDArray[np.bool_]:
    """Who of ``customer_ids`` is drawn under ``key``: the same people for ever. Raises `NotASetting`."""
    return drawing.drawn(customer_ids, key, share)


def fix(
    *,
    actor: Actor,
    what: str,
    title: str,
    share: float,
    variants: Mapping[str, float],
    goal: Goal,
    horizon_days: int,
    cap: Decimal | None,
    choice: Choice,
    eligible: int,
    now: datetime,
) -> Trial:
    """Fix the terms of ``what`` before its lots are drawn; the fields are those of `Terms`.

    The same terms once more change nothing. Raises `TermsAreFixed` for others, `NotTerms`, `NotAllowed`.
    """
    actor.require(Right.EXPERIMENTS_EDIT)
    group = queries.group()
    terms = Terms(
        share=share,
        variants=dict(variants),
        goal=goal,
        horizon_days=horizon_days,
        cap=cap,
        choice=choice,
        eligible=eligible,
        global_seed=group.seed if group else "",
        global_share=group.share if group else 0.0,
    )
    if problem := terms.problem():
        raise NotTerms(problem)
    kept = _plain(terms)
    with transaction.atomic():
        row, fresh = models.Trial.objects.get_or_create(
            what=what,
            defaults={
                "title": title[:200],
                "terms": kept,
                "seed": secrets.token_hex(8),
                "fixed_at": now,
                "by": actor.name[:200],
            },
        )
        theirs = ("eligible", "global_seed", "global_share")  # of the moment, and as it was then
        if any(row.terms[name] != value for name, value in kept.items() if name not in theirs):
            raise TermsAreFixed(
                "The terms of this trial were fixed before its start", next_step="Make a copy and change that"
            )
        if fresh:
            audit.record(actor=actor, act="trial.fixed", subject=what, detail={"terms": kept}, now=now)
    return queries.trial(what)


def record_past(
    *,
    actor: Actor,
    what: str,
    title: str,
    share: float,
    goal: Goal,
    horizon_days: int,
    cap: Decimal | None,
    eligible: int,
    now: datetime,
) -> Trial:
    """Write down a trial whose lots were drawn elsewhere, before this house knew of it; then `record` who was held out.

    ``share`` is what was meant to be held out, 0 where nobody was. Raises `TermsAreFixed` for what has terms already,
    `NotTerms`, `NotAllowed`.
    """
    actor.require(Right.EXPERIMENTS_EDIT)
    terms = Terms(
        share=share,
        variants={"": 1.0},
        goal=goal,
        horizon_days=horizon_days,
        cap=cap,
        choice="draw" if share else "unknown",
        eligible=eligible,
        global_seed="",
        global_share=0.0,
    )
    if problem := terms.problem():
        raise NotTerms(problem)
    kept = _plain(terms)
    with transaction.atomic():
        if models.Trial.objects.filter(what=what).exists():
            raise TermsAreFixed("The terms of this trial were fixed before", received=what)
        models.Trial.objects.create(
            what=what, title=title[:200], terms=kept, seed="", fixed_at=now, by=actor.name[:200]
        )
        audit.record(actor=actor, act="trial.recorded", subject=what, detail={"terms": kept}, now=now)
    return queries.trial(what)


def assign(*, what: str, customer_ids: npt.NDArray[np.int64]) -> Assigned:
    """How the lots of ``what`` fall for people who have consented and are eligible. Raises `NoSuchTrial`."""
    return trials.assign(queries.trial(what), customer_ids)


def record(
    *, assigned: Assigned, what: str, version: int, drawn_at: datetime | None = None, now: datetime
) -> int:
    """Queue what was decided of ``assigned`` as facts, in the caller's transaction; how many they are.

    Once for each person: call it in the transaction that notes that they are done, for at most 20,000 at a time.
    ``version`` is that of the rule that made them eligible; ``drawn_at`` says when lots were drawn, where not ``now``.
    """
    ids = pa.array(assigned.customer_ids)
    number = len(assigned.customer_ids)
    # By number: 0 drawn, 1 held out of this trial, 2 in the global control group.
    reason = assigned.held.astype(np.int64) + assigned.by_global
    rows = pa.table(
        {
            "decision_id": pc.binary_join_element_wise(pa.scalar(what), ids.cast(pa.string()), "/"),
            "customer_id": ids,
            "decided_at": pa.repeat(pa.scalar(drawn_at or now, pa.timestamp("us", "UTC")), number),
            "what": pa.repeat(pa.scalar(what), number),
            "reason": pa.array(("drawn", "held_out", "global_control")).take(pa.array(reason)),
            "version": pa.repeat(pa.scalar(version, pa.int64()), number),
            "holdout": pa.array(assigned.held),
            "variant": assigned.variants,
        }
    )
    return queue.enqueue(table=DECISIONS.slug, rows=rows, now=now)


def _plain(terms: Terms) -> dict[str, Any]:
    """Terms as they are kept."""
    return {**asdict(terms), "cap": None if terms.cap is None else str(terms.cap)}
