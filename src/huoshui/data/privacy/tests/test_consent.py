"""Consent: recording what people said, and who may be written to because of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.data.customers import services as customers
from huoshui.data.customers.tests.factories import make_customers
from huoshui.data.privacy import queries, services
from huoshui.data.privacy.models import Consent
from huoshui.data.privacy.tests.factories import NOW, record, statements
from huoshui.data.privacy.traits import marketable
from huoshui.kernel.actors import CONSOLE, Role, actor_of_role
from huoshui.kernel.clock import AsOf
from huoshui.kernel.errors import NotAllowed
from huoshui.kernel.plugs import TRAITS
from huoshui.lake.duck import EngineSettings
from huoshui.lake.house import Lake

DUCKDB = ibis.duckdb.connect()
AS_OF = AsOf(at=NOW, zone=ZoneInfo("UTC"))


def test_a_statement_is_kept_with_its_proof_and_mirrored_without_it(database):
    (ann,) = make_customers("1")
    facts = record(statements(ann), load_id=4)
    (said,) = queries.statements(ann)
    assert (said.state, said.wording, said.source, said.evidence) == ("granted", "v3", "web form", "form 17")
    assert facts.schema == services.FACTS
    assert facts.to_pylist() == [
        {
            "customer_id": ann,
            "purpose": "marketing",
            "channel": "email",
            "valid_from": said.given_at,
            "state": "granted",
            "source": "web form",
            "load_id": 4,
            "ingested_at": NOW,
        }
    ]


@pytest.mark.parametrize("lacking", ["source", "given_at", "evidence", "customer_id"])
def test_a_statement_without_proof_is_refused_and_makes_nobody_marketable(database, lacking):
    (ann,) = make_customers("1")
    rows = statements(ann, **{lacking: None})
    with pytest.raises(services.NoProof):
        record(rows)
    assert not Consent.objects.exists()
    assert services.problems(rows, now=NOW)[0].as_py().startswith("no ")


def test_nobody_agreed_tomorrow(database):
    (ann,) = make_customers("1")
    with pytest.raises(services.NoProof, match="future"):
        record(statements(ann, given_at=NOW + timedelta(days=1)))
    record(statements(ann, given_at=NOW + timedelta(minutes=5)))


@pytest.mark.parametrize(
    "wrong", [{"purpose": "fun"}, {"channel": "pigeon"}, {"state": "maybe"}, {"state": None}]
)
def test_codes_that_mean_nothing_are_refused(database, wrong):
    (ann,) = make_customers("1")
    with pytest.raises(queries.NotAStatement):
        record(statements(ann, **wrong))


def test_problems_are_told_row_by_row():
    rows = pa.concat_tables([statements(1), statements(1, source=" "), statements(1, channel="pigeon")])
    first, second, third = services.problems(rows, now=NOW).to_pylist()
    assert first is None
    assert second.startswith("no source")
    assert third.startswith("channel is none of")


def test_repeating_a_load_records_nothing_twice_and_undoing_it_forgets_it(database):
    (ann,) = make_customers("1")
    record(statements(ann), load_id=4)
    record(statements(ann), load_id=4)
    record(statements(ann, state="withdrawn", given_at=NOW), load_id=5)
    assert [said.state for said in queries.statements(ann)] == ["withdrawn", "granted"]
    assert services.undo_load(5, actor=CONSOLE) == 1
    assert [said.state for said in queries.statements(ann)] == ["granted"]


def test_of_two_statements_of_one_moment_the_withdrawal_is_recorded(database):
    (ann,) = make_customers("1")
    rows = pa.concat_tables([statements(ann), statements(ann, state="withdrawn"), statements(ann)])
    facts = record(rows)
    assert facts.column("state").to_pylist() == ["withdrawn"]
    assert [said.state for said in queries.statements(ann)] == ["withdrawn"]


def test_a_person_whose_statement_stays_is_not_undone(database):
    ann, bob = make_customers("1", "2", load_id=1)
    record(statements(ann), load_id=2)
    done = customers.undo_load(1, actor=CONSOLE, still_used=pa.array([], pa.int64()))
    assert (done.removed, done.kept) == (1, 1)
    assert len(queries.statements(ann)) == 1
    assert queries.statements(bob) == ()


def test_the_lake_knows_the_newest_word_and_not_its_proof(db, tmp_path):
    (ann,) = make_customers("1")
    lake = Lake(
        tmp_path / "lake",
        EngineSettings(memory="500MiB", threads=1, time_zone="Europe/London", temporary=tmp_path / "tmp"),
    )
    for load_id, state in ((1, "granted"), (2, "withdrawn")):
        with lake.write("consents") as tx:
            services.record_many(
                actor=CONSOLE, rows=statements(ann, state=state), load_id=load_id, now=NOW, tx=tx
            )
    rows = lake.snapshot().table("consents")
    (fact,) = lake.snapshot().arrow(rows).to_pylist()
    lake.close()
    assert (fact["customer_id"], fact["state"], fact["load_id"]) == (ann, "withdrawn", 2)
    assert "evidence" not in fact


def test_who_may_not_record_consent_records_none(db):
    with pytest.raises(NotAllowed):
        services.record_many(actor=actor_of_role("a", Role.ANALYST), rows=statements(1), load_id=1, now=NOW)
    with pytest.raises(NotAllowed):
        services.undo_load(1, actor=actor_of_role("a", Role.ANALYST))


def test_the_database_takes_no_statement_without_proof(db):
    (ann,) = make_customers("1")
    values = {
        "purpose": "marketing",
        "channel": "email",
        "state": "granted",
        "given_at": NOW,
        "recorded_at": NOW,
    }
    for proof in ({"source": "", "evidence": "x"}, {"source": "x", "evidence": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Consent.objects.create(customer_id=ann, **values, **proof)


# -- marketable ------------------------------------------------------------------------------------------------------


def test_every_channel_has_a_trait_that_is_false_for_who_said_nothing():
    for channel in ("email", "sms", "phone", "wecom"):
        trait = TRAITS[f"marketable_{channel}"]
        assert trait.over == "consent_states"
        assert trait.empty is False


def marketable_by(channel, *said):
    """The trait over statements (purpose, channel, day, state) of one person."""
    table = pa.table(
        {
            "customer_id": pa.array([1] * len(said), pa.int64()),
            "purpose": [row[0] for row in said],
            "channel": [row[1] for row in said],
            "valid_from": pa.array(
                [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=row[2]) for row in said],
                pa.timestamp("us", "UTC"),
            ),
            "state": [row[3] for row in said],
        }
    )
    rows = ibis.memtable(table)
    value = rows.group_by("customer_id").aggregate(answer=marketable(channel)(rows, AS_OF))
    return DUCKDB.to_pyarrow(value).column("answer")[0].as_py()


def test_the_newest_statement_of_the_purpose_and_channel_counts():
    granted, withdrawn = ("marketing", "email", 1, "granted"), ("marketing", "email", 2, "withdrawn")
    assert marketable_by("email", granted) is True
    assert marketable_by("email", granted, withdrawn) is False
    assert marketable_by("email", granted, withdrawn, ("marketing", "email", 3, "granted")) is True
    assert marketable_by("sms", granted) is False
    assert marketable_by("email", ("service", "email", 5, "granted")) is False
    assert marketable_by("email", granted, ("service", "email", 5, "withdrawn")) is True


def test_a_withdrawal_of_the_same_moment_wins():
    said = [("marketing", "email", 1, "granted"), ("marketing", "email", 1, "withdrawn")]
    assert marketable_by("email", *said) is marketable_by("email", *said[::-1]) is False


SAID = st.tuples(
    st.sampled_from(["marketing", "service"]),
    st.sampled_from(["email", "sms", "any"]),
    st.integers(0, 3),
    st.sampled_from(["granted", "withdrawn"]),
)


@settings(max_examples=50)
@given(said=st.lists(SAID, min_size=1, max_size=8))
def test_marketable_is_what_reading_the_statements_one_by_one_says(said):
    asked = [
        (day, state == "withdrawn")
        for purpose, channel, day, state in said
        if purpose == "marketing" and channel in ("email", "any")
    ]
    assert marketable_by("email", *said) is (bool(asked) and not max(asked)[1])
