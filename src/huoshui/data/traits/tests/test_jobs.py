from __future__ import annotations

from datetime import UTC, datetime

import pytest

from huoshui.data.traits import jobs
from huoshui.desk.jobs import queries as work
from huoshui.desk.jobs import running, services
from huoshui.desk.organisation import services as organisation
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.plugs import TRAITS
from huoshui.lake import open_lake

NOW = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)


@pytest.mark.parametrize("demo", [False, True])
def test_the_night_computes_traits_as_of_its_midnight_except_of_a_demo(db, settings, tmp_path, demo):
    settings.HUOSHUI_HOME, settings.HUOSHUI_LAKE = tmp_path, str(tmp_path / "lake")
    organisation.found(actor=CONSOLE, currency="CNY", time_zone="Asia/Shanghai", now=NOW, demo=demo)
    job_id = services.start(actor=CONSOLE, slug=jobs.NIGHTLY, now=NOW)
    assert running.run_now(job_id) == "done"
    note = work.job(actor=CONSOLE, job_id=job_id).note
    said = "A demo house stays" if demo else f"{len(TRAITS)} traits of 0 customers as of 20"
    assert note is not None
    assert note.en.startswith(said)
    open_lake().close()
