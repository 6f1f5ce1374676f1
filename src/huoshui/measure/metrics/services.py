"""Verbs of metrics that people define. Each is one transaction and is told to the audit log."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction

from huoshui.desk.audit import services as audit
from huoshui.desk.threads import services as threads
from huoshui.kernel.actors import Actor, Right
from huoshui.kernel.plugs import METRICS
from huoshui.kernel.texts import Text
from huoshui.measure.metrics import defined, own
from huoshui.measure.metrics.errors import MetricChanged, NoSuchDefinition, NotAMetric
from huoshui.measure.metrics.models import OwnMetric
from huoshui.measure.metrics.own import KIND, WORDS, Content

LONGEST_LABEL = 60
LONGEST_MEANING = 500
RESERVED = ("new", "preview", "schema", "alerts")


def define(*, actor: Actor, slug: str, content: Content, now: datetime) -> str:
    """Define a metric, and return its name. An empty ``slug`` is made of the English label.

    Raises `NotAMetric` for a name that is taken or cannot be one, and for labels that are missing or too long;
    `NotADefinition`, `BrokenMetric`, `NotAllowed`.
    """
    actor.require(Right.COMMENTS_WRITE)
    content = checked(content)
    slug = slug or re.sub(r"[^a-z0-9]+", "_", content.label_en.lower()).strip("_")[:60]
    if not re.fullmatch("[a-z][a-z0-9_]{1,59}", slug) or slug in RESERVED:
        raise NotAMetric(
            Text(
                "The name for programs starts with a letter and has small letters, digits and _ only",
                "程序用名以小写字母开头，只含小写字母、数字和下划线",
            ),
            received=repr(slug),
            valid="a name such as web_orders",
        )
    taken = NotAMetric(Text("This name for programs is taken", "这个程序用名已被占用"), received=slug)
    if slug in METRICS:
        raise taken
    try:
        with transaction.atomic():
            OwnMetric.objects.create(slug=slug, made_by_id=actor.user_id, made_at=now)
            audit.record(actor=actor, act="metric.defined", subject=f"{KIND}:{slug}", now=now)
            threads.save_version(actor=actor, subject=f"{KIND}:{slug}", content=own.as_json(content), now=now)
    except IntegrityError as error:
        raise taken from error
    return slug


def change(*, actor: Actor, slug: str, seen: int, content: Content, now: datetime) -> int:
    """Save a metric as its next version, and return the number of that.

    ``seen`` is the version that the editor began from. Raises `MetricChanged` when there is a newer one, and nothing is
    stored; `NoSuchDefinition` and as `define`.
    """
    actor.require(Right.COMMENTS_WRITE)
    content = checked(content)
    with transaction.atomic():
        # One editor after the other: the row stands for the metric while its versions are looked at.
        OwnMetric.objects.select_for_update().filter(slug=slug).first()
        there = own.one(slug)
        if there.version != seen:
            raise MetricChanged(
                Text(
                    f"{there.by} has saved version {there.version} meanwhile; yours is not stored",
                    f"其间 {there.by} 保存了第 {there.version} 版，你的修改没有保存",
                ),
                next_step="Open the metric again and repeat the change",
            )
        return threads.save_version(
            actor=actor, subject=f"{KIND}:{slug}", content=own.as_json(content), now=now
        )


def retire(*, actor: Actor, slug: str, now: datetime) -> None:
    """Take a metric out of the catalogue; what shows it goes on. Raises `NoSuchDefinition`, `NotAllowed`."""
    _retired(actor, slug, "metric.retired", now, at=now)


def bring_back(*, actor: Actor, slug: str, now: datetime) -> None:
    """Put a retired metric into the catalogue again. Raises `NoSuchDefinition`, `NotAllowed`."""
    _retired(actor, slug, "metric.brought_back", now, at=None)


def checked(content: Content) -> Content:
    """``content`` without spaces around its words. Raises as `define`."""
    said = {name: getattr(content, name).strip() for name in WORDS}
    longest = max(len(said["label_en"]), len(said["label_zh"]))
    if not 0 < longest <= LONGEST_LABEL:
        raise NotAMetric(
            Text(
                f"A metric needs a label of at most {LONGEST_LABEL} characters",
                f"指标需要名称，最多 {LONGEST_LABEL} 个字",
            )
        )
    if max(len(said["meaning_en"]), len(said["meaning_zh"])) > LONGEST_MEANING:
        raise NotAMetric(
            Text(f"The meaning has at most {LONGEST_MEANING} characters", f"说明最多 {LONGEST_MEANING} 个字")
        )
    if content.direction not in ("up", "down", "none"):
        raise NotAMetric(Text("There is no such direction", "没有这个方向"), received=content.direction)
    defined.require_sound(content.definition)
    return replace(content, **said)


def _retired(actor: Actor, slug: str, act: str, now: datetime, *, at: datetime | None) -> None:
    actor.require(Right.COMMENTS_WRITE)
    with transaction.atomic():
        if not OwnMetric.objects.filter(slug=slug).update(retired_at=at):
            raise NoSuchDefinition("Nobody has defined this metric", received=slug[:60])
        audit.record(actor=actor, act=act, subject=f"{KIND}:{slug}", now=now)
