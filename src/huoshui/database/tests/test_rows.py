"""Set-wise reading and writing, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import pairwise

import pyarrow as pa
import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, models, transaction
from hypothesis import given
from hypothesis import strategies as st

from huoshui.database import lookups
from huoshui.database.rows import FEWEST, MOST, fetch, insert, match, moment, moments, short_slices, update

lookups.register()

TEXTS = ["", "o'brien", '"quoted"', "a,b", "line\nbreak", "上海 😀", "NULL", "\\N", "100%s"]


class Sample(models.Model):
    text = models.CharField(max_length=100)
    number = models.BigIntegerField(null=True)
    at = models.DateTimeField(null=True)
    day = models.DateField(null=True)
    amount = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    yes = models.BooleanField(default=False, db_default=False)

    class Meta:
        app_label = "samples"
        constraints = (models.UniqueConstraint(fields=("text",), name="sample_text"),)

    def __str__(self):
        return self.text


@pytest.fixture
def sample(database):
    """A table to write to; it goes with the test's transaction, or by hand."""
    # The editor itself does not work inside a transaction of SQLite, only what it would run does.
    editor = connection.SchemaEditorClass(connection)
    editor.deferred_sql = []
    statement, parameters = editor.table_sql(Sample)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for later in editor.deferred_sql:
            cursor.execute(str(later))
    yield Sample
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE samples_sample")


def test_what_is_inserted_reads_back_as_it_was(sample):
    at = datetime(2024, 3, 10, 1, 2, 3, 400_000, tzinfo=UTC)
    rows = pa.table(
        {
            "text": TEXTS,
            "number": pa.array([None, *range(1, len(TEXTS))], pa.int64()),
            "at": pa.array([None] + [at] * (len(TEXTS) - 1), pa.timestamp("us", "UTC")),
            "day": pa.array([None] + [date(2024, 2, 29)] * (len(TEXTS) - 1)),
            "amount": pa.array([None] + [Decimal("-1.2345")] * (len(TEXTS) - 1), pa.decimal128(18, 4)),
        }
    )
    assert insert(sample, rows, {"yes": True}) == len(TEXTS)
    found = {row.text: row for row in sample.objects.all()}
    assert set(found) == set(TEXTS)
    assert found[""].at is None
    assert found["NULL"].at == at
    assert found["NULL"].day == date(2024, 2, 29)
    assert found["NULL"].amount == Decimal("-1.2345")
    assert found["NULL"].yes is True


def test_moments_without_a_fraction_compare_like_those_that_django_writes(sample):
    whole = datetime(2024, 3, 10, tzinfo=UTC)
    insert(sample, pa.table({"text": ["a"], "at": pa.array([whole], pa.timestamp("us", "UTC"))}), {})
    assert sample.objects.filter(at=whole).count() == 1


def test_a_number_with_a_text_or_a_moment_and_a_column_alone_read_back_too(sample):
    texts = [*TEXTS, " ", " with  spaces ", "7 7"]
    numbers = [0, -7, 2**63 - 1, -(2**63), *range(len(texts) - 4)]
    told = pa.table({"number": pa.array(numbers, pa.int64()), "text": texts})
    assert insert(sample, told, {}) == len(texts)
    assert set(sample.objects.values_list("number", "text")) == set(zip(numbers, texts, strict=True))
    assert insert(sample, pa.table({"text": ["alone", "100%"]}), {"number": 1}) == 2
    assert set(sample.objects.filter(number=1).values_list("text", flat=True)) >= {"alone", "100%"}
    at = datetime(2024, 3, 10, 1, 2, 3, 400_000, tzinfo=UTC)
    assert insert(sample, pa.table({"number": [11], "at": [at]}), {"text": "moment"}) == 1
    assert sample.objects.get(text="moment").at == at


def test_columns_left_out_take_the_default_of_the_database(sample):
    insert(sample, pa.table({"text": ["a"]}), {"number": None})
    assert sample.objects.get().yes is False


def test_a_taken_row_is_left_out_only_when_asked(sample):
    insert(sample, pa.table({"text": ["a", "b"]}), {"number": 1})
    assert insert(sample, pa.table({"text": ["b", "c"]}), {"number": 2}, unless_taken=True) == 1
    assert sample.objects.get(text="b").number == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(sample, pa.table({"text": ["c"]}), {"number": 3})


def test_nothing_to_insert_is_no_error(sample):
    assert insert(sample, pa.table({"text": pa.array([], pa.string())}), {"number": 1}) == 0


def test_an_update_changes_the_rows_it_names_and_leaves_what_it_says_nothing_of(sample):
    insert(sample, pa.table({"text": ["a", "b", "c"], "number": [1, 2, 3]}), {})
    keys = dict(fetch(sample.objects.values_list("text", "id")))
    told = {"id": [keys["c"], keys["a"], 987_654], "text": [TEXTS[1], None, "nobody"], "number": [None, 7, 9]}
    update(sample, pa.table(told), "id")
    assert sorted(fetch(sample.objects.values_list("text", "number"))) == [("a", 7), ("b", 2), (TEXTS[1], 3)]
    update(sample, pa.table({"id": pa.array([], pa.int64()), "text": pa.array([], pa.string())}), "id")
    update(sample, pa.table({"id": [keys["a"]]}), "id")
    assert sample.objects.count() == 3


def test_match_answers_with_the_places_of_values_that_are_there(sample):
    insert(sample, pa.table({"text": TEXTS}), {"number": 7})
    asked = ["nobody", *TEXTS, "nobody else"]
    found = match(sample, "text", asked, equal={"number": 7}, wanted=("text", "yes"))
    assert sorted(place for place, _, _ in found) == list(range(1, len(TEXTS) + 1))
    assert all(asked[place] == text and not yes for place, text, yes in found)
    assert match(sample, "text", asked, equal={"number": 8}, wanted=()) == []


def test_among_takes_more_values_than_a_statement_has_parameters(sample):
    insert(sample, pa.table({"text": TEXTS}), {"number": 7})
    many = [f"value {n}" for n in range(300_000)] + TEXTS
    assert sample.objects.filter(text__among=many).count() == len(TEXTS)
    assert sample.objects.filter(number__among=[7, 8]).count() == len(TEXTS)
    assert sample.objects.filter(text__among=[]).count() == 0


def test_fetched_moments_are_exact(sample):
    at = datetime(2024, 3, 10, 1, 2, 3, 4, tzinfo=UTC)
    whole = datetime(1969, 12, 31, tzinfo=UTC)
    insert(sample, pa.table({"text": ["a", "b"], "at": pa.array([at, whole], pa.timestamp("us", "UTC"))}), {})
    rows = fetch(sample.objects.order_by("text").values_list("text", moment("at")))
    assert moments([value for _, value in rows]).to_pylist() == [at, whole]


@pytest.mark.django_db
def test_foreign_keys_understand_among():
    assert "among" in ContentType._meta.get_field("id").get_lookups()


@given(total=st.integers(0, 200_000))
def test_slices_cover_everything_once(total):
    pieces = list(short_slices(total))
    assert sum(piece.stop - piece.start for piece in pieces) == total
    assert all(a.stop == b.start for a, b in pairwise(pieces))
    assert all(piece.stop - piece.start <= MOST for piece in pieces)
    assert FEWEST < MOST
