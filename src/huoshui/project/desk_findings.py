"""What ``huoshui doctor`` finds of the desk: files of people, audit log, mail, queued facts, background jobs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from huoshui.kernel.texts import Text
from huoshui.project.findings import Finding

MOST_MINUTES = 60
"""How long a job that is due may wait behind others before something is wrong."""

BROKEN_LOG: dict[str, Text] = {
    "changed": Text("entry {n} is not as it was written", "第 {n} 条与写入时不一致"),
    "missing": Text("entry {n} is missing", "缺少第 {n} 条"),
    "end": Text(
        "the log does not end with its newest entry; entry {n} is the first in doubt",
        "日志末尾与最新一条不符，从第 {n} 条起存疑",
    ),
}


FILE_DAMAGE: dict[str, Text] = {
    "missing": Text("is missing", "已缺失"),
    "changed": Text("is not as it was written", "与写入时不一致"),
}


def examine(*, deep: bool) -> Iterator[Finding]:
    """The findings of an open house; ``deep`` walks the whole log and reads every file."""
    yield _files(deep)
    yield _audit(deep)
    yield _mail()
    yield _facts()
    if (webhooks := _webhooks()) is not None:
        yield webhooks
    yield _workers()
    yield _traits()


def _files(deep: bool) -> Finding:
    """Whether what people attached is on the disk as it was written."""
    from huoshui.desk.threads import copying

    title = Text("files", "附件")
    damage = list(copying.damage(deep=deep))
    if not damage:
        count = f"{sum(not file.deleted for file in copying.files()):,}"
        looked = ("every one is as it was written", "内容均与写入时一致") if deep else ("all there", "均在")
        return Finding(
            "files", title, True, Text(f"{count} attached, {looked[0]}", f"{count} 个，{looked[1]}")
        )
    file, how = damage[0]
    words = FILE_DAMAGE[how]
    first = f"{copying.folder() / file.name}"
    return Finding(
        "files",
        title,
        False,
        Text(
            f"{len(damage):,} attached files are missing or changed; the first {words.en}: {first}, file {file.id} of "
            f"{file.subject}",
            f"{len(damage):,} 个附件缺失或被改动；第一个{words.zh}：{first}（{file.subject} 的文件 {file.id}）",
        ),
        Text(
            "Put them back from a backup (each lies there under its name), or delete them where they are attached",
            "请从备份中取回这些文件（备份中同名），或在其所在页面删除",
        ),
    )


def _audit(deep: bool) -> Finding:
    """Whether the log is as it was written: its newest entries, all of them when ``deep``."""
    from huoshui.desk.audit import queries

    title = Text("audit log", "审计日志")
    verdict = queries.verify(last=None if deep else queries.LOOKED_AT)
    if verdict.broken is None:
        entries, digest = f"{verdict.newest:,}", verdict.digest[:12] or "-"
        en = f"{entries} entries, unbroken; the newest has the digest {digest}"
        zh = f"{entries} 条，链条完整；最新一条的摘要为 {digest}"
        if verdict.entries < verdict.newest:
            en, zh = (
                en + f" (looked at the last {verdict.entries:,})",
                zh + f"（已检查最近 {verdict.entries:,} 条）",
            )
        return Finding("audit", title, True, Text(en, zh))
    words = BROKEN_LOG[verdict.broken.how]
    number = f"{verdict.broken.number:,}"
    return Finding(
        "audit",
        title,
        False,
        Text(words.en.format(n=number), words.zh.format(n=number)),
        Text(
            "Somebody with rights on the database changed it past the program: find out who and when, and compare with "
            "a backup",
            "有人绕过程序、直接在数据库中改动了日志：请查明是谁、何时所为，并与备份比对",
        ),
    )


def _mail() -> Finding:
    """Whether letters to colleagues go out."""
    from django.conf import settings

    from huoshui.desk.mail import queries, services

    title = Text("mail", "邮件")
    counts = queries.counts()
    if settings.HUOSHUI_SMTP is None:
        text = Text(
            "no mail server is set (HUOSHUI_SMTP_URL): links for colleagues can be copied by hand in Settings, Mail",
            "未设置邮件服务器（HUOSHUI_SMTP_URL）：给同事的链接可在“设置 · 邮件”中手动复制",
        )
        return Finding("mail", title, True, text)
    host = settings.HUOSHUI_SMTP.host
    en, zh = f"sent by {host}: {counts['sent']} sent", f"经 {host} 发送：已发送 {counts['sent']} 封"
    if not services.can_send():
        en, zh = (
            en + "; this house is a demo or fenced and sends nothing",
            zh + "；演示或受限的组织不发送邮件",
        )
    if counts["failed"]:
        en, zh = f"{en}, {counts['failed']} failed", f"{zh}，失败 {counts['failed']} 封"
    step = Text("Look at Settings, Mail for the reasons", "请到“设置 · 邮件”查看原因")
    return Finding("mail", title, not counts["failed"], Text(en, zh), step if counts["failed"] else None)


def _webhooks() -> Finding | None:
    """Whether webhooks deliver; nothing where there is none."""
    from huoshui.act.channels import webhook_queries as queries
    from huoshui.kernel.actors import CONSOLE

    found = queries.endpoints(actor=CONSOLE)
    if not found:
        return None
    waiting, gone = sum(one.to_decide for one in found), sum(one.because == "gone" for one in found)
    failing = sum(one.failing for one in found)
    good = not (waiting or gone or failing)
    return Finding(
        "webhooks",
        Text("webhooks", "webhook"),
        good,
        Text(
            f"{len(found)} in all, {failing} failing, {gone} ended by the other side; "
            f"{waiting} deliveries wait for a decision",
            f"共 {len(found)} 个，失败中 {failing} 个，被对方停止 {gone} 个；{waiting} 条投递等待处理",
        ),
        None
        if good
        else Text("Look at Act, Channels, Webhooks for the reasons", "请到“行动 · 渠道 · Webhook”查看原因"),
    )


def _facts() -> Finding:
    """Whether facts that rooms have queued come to the lake."""
    from huoshui.data.facts import queue
    from huoshui.kernel import clock

    title = Text("fact queue", "事实队列")
    found = queue.waiting()
    if found.parked:
        return Finding(
            "facts",
            title,
            False,
            Text(
                f"{found.parked:,} parcels of facts cannot be written; the first: {found.problem}",
                f"{found.parked:,} 批事实无法写入；第一批：{found.problem}",
            ),
            Text(
                "They stay in the table facts_parcel and hold nothing up; report this with the log of the worker",
                "它们保留在 facts_parcel 表中，不影响其他写入；请连同 worker 日志一起反馈",
            ),
        )
    late = found.since is not None and clock.now() - found.since >= timedelta(minutes=MOST_MINUTES)
    text = Text(f"{found.facts:,} facts wait for the lake", f"{found.facts:,} 条事实等待写入数据湖")
    step = Text(
        "Start a worker with huoshui serve or huoshui worker", "请用 huoshui serve 或 huoshui worker 启动"
    )
    return Finding("facts", title, not late, text, step if late else None)


def _workers() -> Finding:
    """Whether background jobs are worked off."""
    from huoshui.desk.jobs import queries
    from huoshui.kernel import clock

    now = clock.now()
    workers, late = queries.workers(now=now), queries.waiting_since(now=now)
    title = Text("background jobs", "后台任务")
    if not workers and not late:
        text = Text("none waits; no worker runs now", "没有等待中的任务；当前没有 worker 在运行")
        return Finding("jobs", title, True, text)
    minutes = int(late.total_seconds() // 60)
    text = Text(
        f"{workers} workers run; the oldest job that is due waits for {minutes} min",
        f"{workers} 个 worker 在运行；最早到期的任务已等待 {minutes} 分钟",
    )
    stuck = minutes >= MOST_MINUTES
    step = Text("Start one with huoshui serve or huoshui worker", "请用 huoshui serve 或 huoshui worker 启动")
    return Finding("jobs", title, not stuck, text, step if stuck else None)


def _traits() -> Finding:
    """Whether every trait that the house defined for itself has its ground."""
    from huoshui.know.custom import own, queries

    title, defined, broken = Text("traits", "特征"), len(own.traits()), queries.broken()
    if not broken:
        text = Text(f"{defined} of the house's own, all computed", f"自定义 {defined} 个，均可计算")
        return Finding("traits", title, True, text)
    why = broken[0].broken or title
    return Finding(
        "traits",
        title,
        False,
        Text(
            f"{len(broken)} of {defined} have no values; the first is {broken[0].slug}: {why.en}",
            f"{defined} 个自定义特征中有 {len(broken)} 个没有值；第一个是 {broken[0].slug}：{why.zh}",
        ),
        Text(
            "Change its definition on the page of traits, or bring back what it needs",
            "请在特征页修改定义，或恢复它所依赖的内容",
        ),
    )
