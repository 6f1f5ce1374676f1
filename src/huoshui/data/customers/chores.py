"""Work of this room in the background: exports, acts on very many, indexing, settling."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.http import QueryDict

from huoshui.data.customers import asking, listing, services
from huoshui.desk.jobs import exporting
from huoshui.desk.jobs.kinds import KINDS, PERIODIC, JobContext, JobKind, JobResult, Periodic
from huoshui.kernel.actors import Right
from huoshui.kernel.texts import Language, Text
from huoshui.lake import open_lake


def declare() -> None:
    """Called once, when the app starts."""
    KINDS.declare(
        JobKind(
            slug="customers.export",
            label=Text("Export customers", "导出客户"),
            run=run_export,
            right=Right.CUSTOMERS_EXPORT,
        ),
        JobKind(
            slug="customers.bulk",
            label=Text("Change many customers", "批量修改客户"),
            run=run_bulk,
            right=Right.CUSTOMERS_EDIT,
            retries=0,
        ),
        JobKind(
            slug="customers.take_back",
            label=Text("Take back a change of many customers", "撤销批量修改"),
            run=run_undo,
            right=Right.CUSTOMERS_EDIT,
            retries=0,
        ),
        JobKind(
            slug="customers.index",
            label=Text("Make customers findable", "更新客户搜索"),
            run=run_index,
            right=Right.CUSTOMERS_EDIT,
            hidden=True,
        ),
        JobKind(
            slug="customers.settle",
            label=Text("Write what was typed in to the lake", "把手工录入写入数据湖"),
            run=run_settle,
            right=Right.CUSTOMERS_EDIT,
            hidden=True,
        ),
    )
    PERIODIC.declare(
        Periodic(
            slug="customers.index",
            label=Text("Make customers findable", "更新客户搜索"),
            kind="customers.index",
            every=timedelta(seconds=30),
        ),
        Periodic(
            slug="customers.settle",
            label=Text("Write what was typed in to the lake", "把手工录入写入数据湖"),
            kind="customers.settle",
            every=timedelta(minutes=2),
        ),
    )


def chosen(actor: Any, said: Mapping[str, Any]) -> Sequence[int]:
    """The customers that a form or job speaks of: those of ``ids``, else all that meet the conditions of ``query``."""
    if said.get("ids"):
        return [int(one) for one in said["ids"]]
    query = QueryDict(said.get("query", ""))
    asked = asking.read(query)
    found = listing.matching(
        actor=actor, tables=open_lake().snapshot(), conditions=asked.conditions, sort=asked.sort
    )
    return array("q", found.tobytes())  # eight bytes each, where a list of a million takes forty


def run_export(
    job: JobContext, *, format: str, columns: Sequence[str], language: Language, **said: Any
) -> JobResult:
    """Write the file."""
    file = job.folder() / exporting.file_name("customers", format)
    count = services.export(
        actor=job.actor,
        tables=open_lake().snapshot(),
        customer_ids=chosen(job.actor, said),
        columns=columns,
        format=format,
        file=file,
        language=language,
        now=job.now,
        progress=job.progress,
    )
    return JobResult(text=Text(f"{count:,} customers", f"{count:,} 位客户"), file=file)


def run_bulk(job: JobContext, *, verb: str, value: str, **said: Any) -> JobResult:
    """Tag, untag or assign."""
    ids = chosen(job.actor, said)
    if verb == "owner":
        act, count = services.assign_many(
            actor=job.actor,
            customer_ids=ids,
            owner_id=int(value) if value else None,
            now=job.now,
            progress=job.progress,
        )
    else:
        act, count = services.tag_many(
            actor=job.actor, customer_ids=ids, tag=value, now=job.now, lake=open_lake(), take=verb == "untag"
        )
    from django.urls import reverse

    text = Text(f"{count:,} customers were changed", f"已修改 {count:,} 位客户")
    return JobResult(text=text, url=reverse("customers:act", args=[act]))


def run_undo(job: JobContext, *, act: int) -> JobResult:
    """Take an act back."""
    count = services.undo_act(
        actor=job.actor, act_id=act, now=job.now, lake=open_lake(), progress=job.progress
    )
    return JobResult(text=Text(f"{count:,} customers are as before", f"已恢复 {count:,} 位客户"))


def run_index(job: JobContext) -> None:
    """Write the words of customers that wait for it."""
    services.index_due(progress=job.progress)


def run_settle(job: JobContext) -> None:
    """Bring what was typed in to the lake."""
    services.settle(actor=job.actor, now=job.now, lake=open_lake())
