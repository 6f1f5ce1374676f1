"""Templates are kept, versioned, merged and put away on PostgreSQL as on SQLite."""

from __future__ import annotations

from dataclasses import replace

import pytest

from huoshui.act.templates import queries, services
from huoshui.act.templates.content import Content
from huoshui.act.templates.errors import TemplateChanged
from huoshui.act.templates.tests.conftest import NOW, keep, words
from huoshui.data.customers.tests.factories import make_customers, make_house, tell
from huoshui.kernel.actors import CONSOLE
from huoshui.lake import open_lake


@pytest.mark.parametrize("database", ["sqlite", "postgres"], indirect=True)
def test_a_template_is_versioned_merged_and_put_away(database, settings, tmp_path):
    settings.HUOSHUI_HOME, settings.HUOSHUI_LAKE = tmp_path, str(tmp_path / "lake")
    make_house("CNY", "Asia/Shanghai")
    (mei,) = make_customers("mei")
    tell([mei], name=["王梅"])
    number = keep(zh=words("{{ name | 朋友 }}"))
    first: Content = queries.template(number).content
    second = replace(first, words={"zh": words("再会，{{ name | 朋友 }}")})
    assert services.save(actor=CONSOLE, template_id=number, seen=1, content=second, now=NOW) == 2
    with pytest.raises(TemplateChanged):
        services.save(actor=CONSOLE, template_id=number, seen=1, content=first, now=NOW)
    for version, text in ((1, "王梅"), (2, "再会，王梅")):
        said = services.render_many(template_id=number, version=version, customer_ids=[mei], neutral=())
        content = said[mei].content
        assert content is not None
        assert text in content.text
    services.mark_subjects(actor=CONSOLE, marked=True, now=NOW)
    assert queries.marks_subjects()
    services.retire(actor=CONSOLE, template_id=number, now=NOW)
    assert [one.id for one in queries.templates(retired=True)] == [number]
    open_lake().close()
