from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from threading import Event
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django_tasks import TaskResultStatus, task

from huoshui.desk.jobs import chores, periodic, queries, running, services
from huoshui.desk.jobs.kinds import (
    KINDS,
    PERIODIC,
    JobKind,
    JobResult,
    NoFile,
    NoSuchJob,
    NoSuchKind,
    Periodic,
    TryAgain,
)
from huoshui.desk.jobs.models import Due, Job
from huoshui.kernel import clock, registries
from huoshui.kernel.actors import CONSOLE, RIGHTS, Actor, Right, Role
from huoshui.kernel.errors import HuoshuiError, NotAllowed
from huoshui.kernel.texts import Text

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
MEI = Actor(name="mei", rights=RIGHTS[Role.MANAGER], user_id=7)
LI = Actor(name="li", rights=RIGHTS[Role.MANAGER], user_id=8)


class Refused(HuoshuiError):
    code = "refused"
    says = Text("No", "不行")


class Workshop:
    """A kind of job whose work the test says."""

    def __init__(self):
        self.runs = 0
        self.work = lambda job, **_arguments: None

    def run(self, job, **arguments):
        self.runs += 1
        return self.work(job, **arguments)

    def start(self, actor=MEI, **options):
        return services.start(actor=actor, slug="tests.work", now=NOW, **options)


@pytest.fixture
def workshop(monkeypatch):
    shop = Workshop()
    kinds: registries.Registry[JobKind] = registries.Registry("kind of job")
    kinds.declare(*KINDS)
    kinds.declare(
        JobKind(
            slug="tests.work", label=Text("Work", "工作"), run=shop.run, right=Right.CUSTOMERS_VIEW, retries=2
        )
    )
    monkeypatch.setattr("huoshui.desk.jobs.kinds.KINDS", kinds)
    for module in (services, running, queries):
        monkeypatch.setattr(module, "KINDS", kinds)
    monkeypatch.setattr(running, "ACTOR_OF", lambda: {7: MEI, 8: LI}.__getitem__)
    return shop


def take(worker: str, now: datetime) -> Job:
    job = running.take(worker=worker, quick=None, now=now)
    assert job is not None
    return job


def state(job_id):
    return Job.objects.get(pk=job_id)


def test_a_job_is_run_with_its_arguments_and_says_its_result(database, workshop):
    seen: dict[str, object] = {}

    def work(job, **arguments):
        seen.update(arguments, actor=job.actor.name, attempt=job.attempt)
        return JobResult(text=Text("12 rows", "12 行"), url="/customers/")

    workshop.work = work
    job_id = workshop.start(arguments={"columns": ["name"], "limit": 3})
    assert queries.job(actor=MEI, job_id=job_id).state == "waiting"
    assert running.run_now(job_id) == "done"
    found = queries.job(actor=MEI, job_id=job_id)
    assert seen == {"columns": ["name"], "limit": 3, "actor": "mei", "attempt": 1}
    assert (found.state, found.note, found.url) == ("done", Text("12 rows", "12 行"), "/customers/")
    with pytest.raises(NoSuchJob):
        running.run_now(job_id)
    assert workshop.runs == 1


def test_a_job_of_a_transaction_that_is_rolled_back_is_never_there(database, workshop):
    with transaction.atomic():
        workshop.start()
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_only_who_may_starts_a_job_and_only_of_kinds_there_are(db, workshop):
    with pytest.raises(NotAllowed):
        workshop.start(actor=Actor(name="nobody", rights=frozenset()))
    with pytest.raises(NoSuchKind):
        services.start(actor=MEI, slug="tests.none", now=NOW)
    with pytest.raises(TypeError):
        workshop.start(arguments={"when": NOW})


def test_one_of_two_workers_gets_a_job(database, workshop):
    workshop.start()
    assert running.take(worker="a", quick=False, now=NOW) is not None
    assert running.take(worker="b", quick=False, now=NOW) is None


def test_jobs_are_taken_in_their_turn_when_they_are_due(database, workshop):
    second, first = workshop.start(due=NOW + timedelta(seconds=2)), workshop.start()
    assert running.take(worker="a", quick=True, now=LATER) is None
    assert running.take(worker="a", quick=False, now=NOW - timedelta(seconds=1)) is None
    assert [take("a", LATER).pk for _ in range(2)] == [first, second]


def test_a_job_is_run_with_the_rights_that_its_starter_has_by_then(db, workshop, monkeypatch):
    rights = []
    workshop.work = lambda job: rights.append(job.actor.rights)
    first, second = workshop.start(), workshop.start()
    analyst = Actor(name="mei", rights=RIGHTS[Role.ADMINISTRATOR] - {Right.IMPORTS_RUN}, user_id=7)
    monkeypatch.setattr(running, "ACTOR_OF", lambda: lambda _id: analyst)
    assert running.run_now(first) == "done"
    assert rights == [MEI.rights - {Right.IMPORTS_RUN}]
    monkeypatch.setattr(running, "ACTOR_OF", lambda: lambda _id: Actor(name="mei", rights=frozenset()))
    assert running.run_now(second) == "failed"
    assert "may not do this" in state(second).note_en


def test_a_refusal_ends_a_job_with_its_sentence_in_both_languages(database, workshop):
    def work(_job):
        raise Refused("There is nothing to do", received="nothing")

    workshop.work = work
    job_id = workshop.start()
    assert running.run_now(job_id) == "failed"
    assert state(job_id).note_en == "There is nothing to do. Received: nothing."
    assert state(job_id).note_zh == "不行。收到：nothing"


@pytest.mark.parametrize("error", [TryAgain("Not now"), ValueError("13800138000")])
def test_what_fails_is_tried_again_later_and_later_and_then_fails(database, workshop, error):
    def work(_job):
        raise error

    workshop.work = work
    job_id = workshop.start()
    waits = []
    for _attempt in range(2):
        began = clock.now()
        assert running.run_now(job_id) == "waiting"
        waits.append(round((state(job_id).due_at - began).total_seconds()))
    assert running.run_now(job_id) == "failed"
    assert (waits, workshop.runs) == ([10, 20], 3)
    assert "13800138000" not in state(job_id).note_en + state(job_id).note_zh


def test_a_job_whose_worker_was_killed_is_run_again_and_ends_once(database, workshop):
    job_id = workshop.start()
    dead = take("dead", NOW)
    assert running.take_back(now=NOW + timedelta(seconds=29)) == 0
    assert running.take_back(now=NOW + timedelta(seconds=31)) == 1
    alive = take("alive", clock.now())
    assert (alive.pk, alive.attempts) == (job_id, 2)
    assert running.run(dead) == "lost"  # it was only slow: its end does not count
    assert state(job_id).state == "running"
    assert running.run(alive) == "done"


def test_a_job_that_kills_its_worker_each_time_fails_in_the_end(database, workshop):
    job_id = workshop.start()
    for _attempt in range(3):
        running.take(worker="dead", quick=None, now=clock.now())
        running.take_back(now=clock.now(), worker="dead")
    assert state(job_id).state == "failed"
    assert "3" in state(job_id).note_zh


def test_progress_is_told_and_keeps_the_lease(database, workshop, monkeypatch):
    monkeypatch.setattr(running, "SAVED_EACH", 0.0)

    def work(job):
        before = state(job.id).lease_until
        job.progress(3, 10, Text("reading", "读取中"))
        found = queries.job(actor=MEI, job_id=job.id)
        assert (found.done, found.of, found.note) == (3, 10, Text("reading", "读取中"))
        assert state(job.id).lease_until >= before

    workshop.work = work
    assert running.run_now(workshop.start()) == "done"


def test_progress_is_not_written_more_often_than_twice_a_second(db, workshop, django_assert_max_num_queries):
    def work(job):
        job.progress(0, 5000)
        with django_assert_max_num_queries(4):
            for done in range(1000):
                job.progress(done, 5000)

    workshop.work = work
    assert running.run_now(workshop.start()) == "done"


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_when_it_next_says_how_far_it_is(
    database, workshop
):
    first = workshop.start()
    assert services.cancel(actor=MEI, job_id=first, now=NOW)
    assert state(first).state == "cancelled"
    assert not services.cancel(actor=MEI, job_id=first, now=NOW)

    def work(job):
        assert services.cancel(actor=MEI, job_id=job.id, now=NOW)
        job.progress(1, 2)
        pytest.fail("it went on")

    workshop.work = work
    second = workshop.start()
    assert running.run_now(second) == "cancelled"
    assert state(second).finished_at is not None


def test_a_stopping_worker_gives_its_job_back_without_counting_the_attempt(database, workshop):
    stopping = Event()
    stopping.set()
    workshop.work = lambda job: job.progress(1)
    job_id = workshop.start()
    assert running.run(take("a", NOW), stopping) == "waiting"
    assert state(job_id).attempts == 0
    running.take(worker="a", quick=None, now=NOW)
    assert running.hand_back_all(worker="a") == 1
    assert (state(job_id).state, state(job_id).attempts) == ("waiting", 0)


def test_a_file_is_only_for_who_started_the_job_and_goes_when_it_expires(
    database, workshop, settings, tmp_path
):
    settings.HUOSHUI_HOME = tmp_path

    def work(job):
        file = job.folder() / "客户.csv"
        file.write_text("id\n1\n", encoding="utf-8")
        return JobResult(text=Text("1 row", "1 行"), file=file)

    workshop.work = work
    job_id = workshop.start()
    assert running.run_now(job_id) == "done"
    now = clock.now()
    assert queries.file_of(actor=MEI, job_id=job_id, now=now).read_text(encoding="utf-8") == "id\n1\n"
    with pytest.raises(NoSuchJob):
        queries.file_of(actor=LI, job_id=job_id, now=now)
    with pytest.raises(NoFile):  # sees every job, gets no file of others
        queries.file_of(actor=CONSOLE, job_id=job_id, now=now)
    with pytest.raises(NoFile):
        queries.file_of(actor=MEI, job_id=job_id, now=now + timedelta(days=8))
    assert services.tidy(now=now + timedelta(days=8)) == 1
    assert not list((tmp_path / "files").rglob("*.csv"))


def test_a_file_elsewhere_is_no_result(db, workshop, tmp_path):
    workshop.work = lambda _job: JobResult(text=Text("x", "x"), file=tmp_path / "passwd")
    assert running.run_now(workshop.start()) == "waiting"


def test_people_see_their_own_jobs_and_who_manages_the_house_all(database, workshop):
    mine, theirs = workshop.start(), workshop.start(actor=LI)
    assert [job.id for job in queries.jobs(actor=MEI)] == [mine]
    assert [job.id for job in queries.jobs(actor=CONSOLE)] == [theirs, mine]
    with pytest.raises(NoSuchJob):
        queries.job(actor=MEI, job_id=theirs)
    with pytest.raises(NoSuchJob):
        services.cancel(actor=MEI, job_id=theirs, now=NOW)


def test_old_jobs_are_forgotten(database, workshop):
    job_id = workshop.start()
    running.run_now(job_id)
    services.tidy(now=clock.now() + timedelta(days=89))
    assert Job.objects.count() == 1
    services.tidy(now=clock.now() + timedelta(days=91))
    assert Job.objects.count() == 0


called: list[str] = []


@task()
def remember(word: str) -> None:
    called.append(word)


def test_a_task_of_django_is_a_job(database):
    result = remember.enqueue("hello")
    assert str(result.status) == TaskResultStatus.READY
    assert running.run_now(int(result.id)) == "done"
    result.refresh()
    assert result.status == TaskResultStatus.SUCCESSFUL
    assert called.pop() == "hello"
    assert queries.count(actor=CONSOLE) == 0


# -- the clock ---------------------------------------------------------------------------------------------------

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAILY = Periodic(slug="tests.daily", label=Text("d", "d"), kind="jobs.tidy", at=time(0, 10))


@pytest.fixture
def only_daily(monkeypatch):
    declared: registries.Registry[Periodic] = registries.Registry("periodic job")
    declared.declare(DAILY)
    monkeypatch.setattr(periodic, "PERIODIC", declared)


def test_a_daily_job_is_due_at_its_time_of_the_house():
    after = datetime(2026, 3, 1, 16, 9, tzinfo=UTC)  # 00:09 in Shanghai
    assert periodic.following(DAILY, after=after, zone=SHANGHAI) == datetime(2026, 3, 1, 16, 10, tzinfo=UTC)
    assert periodic.following(DAILY, after=after + timedelta(minutes=1), zone=SHANGHAI) == datetime(
        2026, 3, 2, 16, 10, tzinfo=UTC
    )


def test_a_daily_job_comes_once_on_days_of_23_and_25_hours():
    zone = ZoneInfo("Europe/London")
    at = Periodic(slug="x", label=Text("d", "d"), kind="jobs.tidy", at=time(1, 30))
    moment, days = datetime(2026, 3, 27, tzinfo=UTC), []
    for _ in range(4):
        moment = periodic.following(at, after=moment, zone=zone)
        days.append(moment.astimezone(zone).date().day)
    assert days == [27, 28, 29, 30]
    moment, days = datetime(2026, 10, 23, 12, tzinfo=UTC), []
    for _ in range(4):
        moment = periodic.following(at, after=moment, zone=zone)
        days.append(moment.astimezone(zone).date().day)
    assert days == [24, 25, 26, 27]


def test_the_clock_starts_what_is_due_once_and_missed_ones_once(database, only_daily):
    assert periodic.start_due(now=NOW, zone=SHANGHAI) == []
    assert periodic.start_due(now=NOW + timedelta(hours=6), zone=SHANGHAI) == []
    days_later = NOW + timedelta(days=3)
    [job_id] = periodic.start_due(now=days_later, zone=SHANGHAI)
    assert periodic.start_due(now=days_later, zone=SHANGHAI) == []
    assert Due.objects.get().next_at == datetime(2026, 3, 4, 16, 10, tzinfo=UTC)
    # The last one has not been run yet: there is no second one beside it.
    assert periodic.start_due(now=days_later + timedelta(days=2), zone=SHANGHAI) == []
    running.run_now(job_id)
    assert len(periodic.start_due(now=days_later + timedelta(days=4), zone=SHANGHAI)) == 1


def test_of_two_clocks_one_starts_it(database, only_daily, monkeypatch):
    periodic.start_due(now=NOW, zone=SHANGHAI)
    seen = list(Due.objects.all())
    assert len(periodic.start_due(now=LATER + timedelta(days=1), zone=SHANGHAI)) == 1
    monkeypatch.setattr(Due.objects, "all", lambda: seen)  # what a second one had read before
    assert periodic.start_due(now=LATER + timedelta(days=1), zone=SHANGHAI) == []


def test_what_is_declared_can_be_started(db):
    assert {declared.kind for declared in PERIODIC} <= set(KINDS.slugs())
    job_id = services.start(actor=CONSOLE, slug=chores.TIDY_SLUG, now=NOW)
    assert running.run_now(job_id) == "done"
    assert state(job_id).note_en == "0 files, 0 sessions removed"
