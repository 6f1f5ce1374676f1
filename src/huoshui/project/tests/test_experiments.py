"""Experiments from tables of results: read on the page, the command line and by programs alike; no person is kept."""

from __future__ import annotations

import csv
import io
import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.measure.experiments import queries, services
from huoshui.measure.experiments.results import Asked


def kept():
    """The rows of all experiments, also of those put away."""
    return apps.get_model("experiments", "Experiment").objects


pytestmark = pytest.mark.django_db


def rows(number=400, *, seed=4):
    """A table of a draw in two: who was treated came twice as often, people of the south only."""
    lots = random.Random(seed)
    made = [["person", "arm", "came", "spent", "before", "region"]]
    for at in range(number):
        arm, region = ("mail", "none")[at % 2], ("south", "north")[at // 2 % 2]
        came = lots.random() < (0.6 if (arm, region) == ("mail", "south") else 0.2)
        made.append(
            [
                f"p{at}-secret",
                arm,
                "yes" if came else "no",
                f"{came * 25.5:.2f}",
                str(lots.randrange(90)),
                region,
            ]
        )
    return made


def written(table, *, delimiter=",", encoding="utf-8"):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(table)
    return text.getvalue().encode(encoding)


def send(pages, content, name="results.csv"):
    return pages.post(reverse("experiments:new"), {"file": SimpleUploadedFile(name, content)})


CHOSEN = {
    "name": "Spring mail",
    "control": "arm\x1fnone",
    "outcome": ["came", "spent"],
    "before": "before",
    "group": ["region"],
}
ASKED = Asked(arm="arm", control="none", outcomes=["came", "spent"], before="before", groups=["region"])


def test_a_table_is_sent_its_columns_chosen_and_the_experiment_read(home, pages):
    assert b"no experiments yet" in pages.get(reverse("experiments:list")).content
    sent = send(pages, written(rows()))
    assert sent.status_code == 302
    look = pages.get(sent.url)
    # The control group and the outcome of yes and no are guessed; nothing else is.
    assert b'value="arm\x1fnone" selected' in look.content
    assert look.content.count(b"checked") == 1
    answer = pages.post(sent.url, CHOSEN)
    assert answer.status_code == 302
    shown = pages.get(answer.url).content.decode()
    for words in ("Spring mail", "points", "region: south"):
        assert words in shown
    assert "Spring mail" in pages.get(reverse("experiments:list")).content.decode()
    # The file is gone, and with it every person.
    assert pages.get(sent.url).status_code == 404
    assert "secret" not in json.dumps(kept().get().found)
    assert not list((home / "files" / "uploads").iterdir())


def test_what_is_read_is_the_same_on_the_page_the_command_line_and_for_programs(run, pages, tmp_path):
    run("init")
    file = tmp_path / "results.csv"
    file.write_bytes(written(rows()))
    said = run(
        *("experiment", "read", file, "--control", "arm=none", "--outcome", "came", "--outcome", "spent"),
        *("--before", "before", "--group", "region", "--json"),
    )
    assert said.code == 0, said.err
    number = said.json["number"]
    assert run("experiment", "show", str(number), "--json").json == said.json
    came, spent = said.json["outcomes"]
    assert (came["kind"], spent["kind"]) == ("proportion", "mean")
    lift = came["arms"][0]["lift"]
    assert lift["low"] > 0
    assert lift["method"] == "cuped"
    south, north = sorted(came["groups"], key=lambda one: one["value"], reverse=True)
    assert (south["value"], south["found"]) == ("south", True)
    assert (north["value"], north["found"]) == ("north", False)
    page = pages.get(reverse("experiments:experiment", args=[number])).content.decode()
    assert f"+{100 * lift['estimate']:.2f} points" in page
    assert "results" in run("experiment", "list").out
    assert "more" in run("experiment", "show", str(number)).out


def test_what_everything_added_is_told_on_the_command_line_too(run):
    run("init")
    refused = run("experiment", "total")
    assert (refused.code, "no global control group" in refused.err) == (1, True)
    run("holdout", "set", "5")
    told = run("experiment", "total", "--json")
    assert (told.code, told.json["share"], told.json["added"]) == (0, 0.05, None), told.err
    assert "cannot be known yet" in run("experiment", "total").out


@pytest.mark.real_data
def test_hillstrom_is_read_to_its_published_digits(home, test_data):
    number = services.read(
        actor=CONSOLE,
        name="Hillstrom",
        path=test_data("hillstrom/hillstrom.csv"),
        asked=Asked(arm="segment", control="No E-Mail", outcomes=["visit", "conversion", "spend"]),
        now=clock.now(),
    )
    reading = queries.experiment(number, actor=CONSOLE).reading
    assert not reading.ratio.is_suspicious
    found = {
        (name, line.arm): round(line.lift.estimate, 6)
        for name, lines in reading.lines.items()
        for line in lines
        if line.lift
    }
    assert found == {
        ("visit", "Mens E-Mail"): 0.076590,
        ("conversion", "Mens E-Mail"): 0.006805,
        ("spend", "Mens E-Mail"): 0.769827,
        ("visit", "Womens E-Mail"): 0.045233,
        ("conversion", "Womens E-Mail"): 0.003111,
        ("spend", "Womens E-Mail"): 0.424412,
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", written(rows(), encoding="utf-16")),
        (
            "a.csv",
            written(
                [[cell if cell != "arm" else "组别" for cell in row] for row in rows()], encoding="gb18030"
            ),
        ),
        ("a.tsv", written(rows(), delimiter="\t")),
    ],
    ids=["utf-16", "gb18030", "tab"],
)
def test_tables_are_read_in_any_encoding_and_shape(home, pages, name, content):
    sent = send(pages, content, name)
    assert sent.status_code == 302, sent.content.decode()[-1500:]
    column = "组别" if "组别".encode("gb18030") in content else "arm"
    answer = pages.post(sent.url, {**CHOSEN, "control": f"{column}\x1fnone"})
    assert answer.status_code == 302
    people = queries.experiments(actor=CONSOLE)[0].reading.found.people
    assert people == {"mail": 200, "none": 200}


def test_parquet_and_a_planned_share_are_taken(home, tmp_path):
    head, *body = rows(1000)
    body = [row for at, row in enumerate(body) if row[1] == "mail" or at % 8 == 1]
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({name: [row[at] for row in body] for at, name in enumerate(head)}), path)
    equal, planned = (
        queries.experiment(
            services.read(
                actor=CONSOLE,
                name="a",
                path=path,
                asked=Asked(arm="arm", control="none", outcomes=["came"], control_share=share),
                now=clock.now(),
            ),
            actor=CONSOLE,
        ).reading.ratio
        for share in (None, 0.2)
    )
    assert equal.is_suspicious
    assert not planned.is_suspicious


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Asked(arm="ram", control="none", outcomes=["came"]), "no such column"),
        (Asked(arm="arm", control="nobody", outcomes=["came"]), "arm = mail"),
        (Asked(arm="arm", control="none", outcomes=[]), "1 to 20 outcomes"),
        (Asked(arm="arm", control="none", outcomes=["person"]), "neither a number nor yes or no"),
        (Asked(arm="arm", control="none", outcomes=["came"], groups=["arm"]), "makes no groups"),
        (Asked(arm="arm", control="none", outcomes=["came"], groups=["person"]), "makes no groups"),
        (Asked(arm="arm", control="none", outcomes=["came"], before="region"), "neither a number"),
        (Asked(arm="arm", control="none", outcomes=["came"], control_share=1.2), "no share"),
    ],
)
def test_a_choice_that_means_nothing_is_refused_with_what_would(home, tmp_path, asked, words):
    path = tmp_path / "a.csv"
    path.write_bytes(written(rows(40)))
    with pytest.raises(Exception, match=r".") as refused:
        services.read(actor=CONSOLE, name="a", path=path, asked=asked, now=clock.now())
    assert words in str(refused.value)
    assert not kept().exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", ""),
        (b"arm,came\n", "no rows"),
        (b"arm,came\nmail,1\nnone\n", "number of cells"),
        (b"%PDF-1.7", "PDF"),
        (b"\x00\xff\xfe\x00" * 50, ""),
    ],
    ids=["empty", "header alone", "ragged", "another kind", "noise"],
)
def test_a_table_that_is_none_is_refused_in_a_sentence_and_not_kept(home, pages, content, words):
    answer = send(pages, content)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    folder = home / "files" / "uploads"
    assert not folder.exists() or not list(folder.iterdir())


@pytest.mark.parametrize("bad", ["nan", "inf", "1e999", "", "1,5", "12 €"])
def test_an_outcome_that_is_no_number_is_refused_and_named(home, pages, bad):
    table = rows(40)
    table[7][3] = bad
    sent = send(pages, written(table))
    answer = pages.post(sent.url, {**CHOSEN, "outcome": ["spent"]})
    assert answer.status_code == 400
    assert "spent" in answer.content.decode()
    assert not kept().exists()


def test_hostile_names_stay_text(home, pages):
    probe = '"><img src=x onerror=__x(1)>'
    table = [["arm", "came", probe], *([arm, came, probe] for arm in (probe, "none") for came in (0, 1) * 30)]
    sent = send(pages, written(table), f"{probe[:20]}.csv")
    answer = pages.post(
        sent.url, {"name": probe, "note": probe, "control": "arm\x1fnone", "outcome": ["came"]}
    )
    shown = pages.get(answer.url).content.decode()
    assert "<img src=x" not in shown
    assert "&lt;img src=x" in shown


def test_a_file_is_its_sender_s_alone_and_viewers_read_only(home, pages, signed_in):
    sent = send(pages, written(rows(40)))
    assert signed_in("manager").get(sent.url).status_code == 404
    assert pages.get(reverse("experiments:choose", args=["made-up"])).status_code == 404
    answer = pages.post(sent.url, {**CHOSEN, "group": []})
    viewer = signed_in("viewer")
    assert viewer.get(answer.url).status_code == 200
    assert viewer.get(reverse("experiments:new")).status_code == 403
    number = kept().get().pk
    assert viewer.post(reverse("experiments:retire", args=[number])).status_code == 403


def test_an_experiment_is_put_away_and_brought_back(home, pages):
    sent = send(pages, written(rows(40)))
    pages.post(sent.url, CHOSEN)
    number = kept().get().pk
    pages.post(reverse("experiments:retire", args=[number]))
    assert not queries.experiments(actor=CONSOLE)
    assert b"put away" in pages.get(reverse("experiments:experiment", args=[number])).content
    pages.post(reverse("experiments:bring_back", args=[number]))
    assert len(queries.experiments(actor=CONSOLE)) == 1
    assert pages.post(reverse("experiments:retire", args=[number + 1])).status_code == 404
    assert pages.get(reverse("experiments:experiment", args=[number + 1])).status_code == 404


def test_pages_ask_the_database_a_fixed_number_of_times(home, pages, django_assert_max_num_queries):
    sent = send(pages, written(rows(40)))
    answer = pages.post(sent.url, CHOSEN)
    for address in (reverse("experiments:list"), answer.url):
        with django_assert_max_num_queries(16):
            pages.get(address)
