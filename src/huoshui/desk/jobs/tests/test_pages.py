from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from huoshui.desk.jobs import running, services
from huoshui.desk.jobs.kinds import KINDS, JobKind, JobResult, TryAgain
from huoshui.desk.jobs.models import Job
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE, RIGHTS, Actor, Role
from huoshui.kernel.texts import Text

NOW = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)
TROUBLE = "<script>alert(1)</script>"


def work(job, *, fail=False):
    if fail:
        raise TryAgain(TROUBLE)
    file = job.folder() / "客户 export.csv"
    file.write_text("id,name\n1,王\n", encoding="utf-8")
    return JobResult(text=Text(f"1 row {TROUBLE}", "1 行"), file=file)


KIND = JobKind(slug="tests.page", label=Text("Export of customers", "客户导出"), run=work, retries=0)


@pytest.fixture
def house(db, settings, tmp_path):
    settings.HUOSHUI_HOME = tmp_path
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW)
    if KIND.slug not in KINDS:
        KINDS.declare(KIND)


def start(client, **arguments):
    actor = Actor(name=client.user.name, rights=RIGHTS[Role(client.user.role)], user_id=client.user.pk)
    return services.start(actor=actor, slug="tests.page", arguments=arguments, now=NOW)


def test_a_job_is_followed_to_its_file(house, signed_in):
    mei = signed_in("manager")
    job_id = start(mei)
    page = f"/jobs/{job_id}/"
    waiting = mei.get(page).content.decode()
    assert "Waits for a worker." in waiting
    assert "No worker is running" in waiting
    assert f'hx-get="{page}"' in waiting
    part = mei.get(page, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in part
    assert "hs-job waiting" in part
    assert running.run_now(job_id) == "done"
    assert mei.get(page, headers={"hx-request": "true"}).headers["HX-Refresh"] == "true"
    done = mei.get(page).content.decode()
    assert TROUBLE not in done
    assert "hx-get" not in done.partition("<main")[2].partition("</main>")[0]
    answer = mei.get(f"{page}file/")
    assert b"".join(answer.streaming_content).decode() == "id,name\n1,王\n"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]


def test_what_is_somebody_elses_is_not_there(house, signed_in):
    job_id = start(signed_in("manager"))
    running.run_now(job_id)
    other, administrator = signed_in("manager"), signed_in("administrator")
    for path in (f"/jobs/{job_id}/", f"/jobs/{job_id}/file/", "/jobs/999999/"):
        assert other.get(path).status_code == 404
    assert other.post(f"/jobs/{job_id}/cancel/").status_code == 404
    assert administrator.get(f"/jobs/{job_id}/").status_code == 200
    assert administrator.get(f"/jobs/{job_id}/file/").status_code == 404
    assert "Export of customers" not in other.get("/jobs/").content.decode()
    assert "Export of customers" in administrator.get("/jobs/").content.decode()


def test_an_expired_file_is_not_there_and_the_page_says_so(house, signed_in):
    mei = signed_in("manager")
    job_id = start(mei)
    running.run_now(job_id)
    Job.objects.update(expires_at=NOW - timedelta(days=1))
    assert mei.get(f"/jobs/{job_id}/file/").status_code == 404
    assert "The file has expired" in mei.get(f"/jobs/{job_id}/").content.decode()


def test_a_job_is_cancelled_from_its_page_without_scripts(house, signed_in):
    mei = signed_in("manager")
    job_id = start(mei)
    assert f'action="/jobs/{job_id}/cancel/"' in mei.get(f"/jobs/{job_id}/").content.decode()
    assert mei.get(f"/jobs/{job_id}/cancel/").status_code == 405
    answer = mei.post(f"/jobs/{job_id}/cancel/", follow=True)
    assert "Cancelled" in answer.content.decode()
    assert "It had ended already." in mei.post(f"/jobs/{job_id}/cancel/", follow=True).content.decode()


def test_a_failure_is_a_sentence_and_no_markup(house, signed_in):
    mei = signed_in("manager")
    job_id = start(mei, fail=True)
    assert running.run_now(job_id) == "failed"
    text = mei.get(f"/jobs/{job_id}/").content.decode() + mei.get("/jobs/").content.decode()
    assert TROUBLE not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize("page", ["0", "x", "-1", "99999999999"])
def test_a_page_that_is_none_is_refused(house, pages, page):
    assert pages.get(f"/jobs/?page={page}").status_code == 400


def test_an_empty_list_says_what_will_stand_there(house, pages):
    assert "No jobs yet" in pages.get("/jobs/").content.decode()


def test_health_tells_states_and_no_names(house, stranger):
    answer = stranger.get("/healthz")
    assert answer.json() == {"ok": True, "database": "ok", "lake": "ok", "worker": "missing", "sending": "ok"}
    assert answer.status_code == 200


def test_health_is_bad_without_a_house(db, stranger):
    answer = stranger.get("/healthz")
    assert (answer.status_code, answer.json()["database"]) == (503, "gone")
