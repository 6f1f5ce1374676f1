"""Values kept as JSON come back as they were."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.kernel.plain import from_plain, to_plain


@dataclass(frozen=True, slots=True)
class Made:
    """Anything."""

    what: object
    other: object


ONE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.decimals(allow_nan=False),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)).map(lambda moment: moment.replace(fold=0)),
    st.sampled_from([ZoneInfo("Asia/Shanghai"), ZoneInfo("UTC")]),
)
KEY = st.one_of(st.none(), st.text(), st.integers(), st.dates(), st.tuples(st.integers(), st.text()))
VALUE = st.recursive(
    ONE,
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(KEY, inner),
        st.builds(Made, inner, inner),
    ),
    max_leaves=12,
)


@settings(max_examples=40)
@given(VALUE)
def test_what_is_kept_as_json_comes_back_as_it_was(value):
    back = from_plain(json.loads(json.dumps(to_plain(value))), [Made])
    assert back == value
    assert repr(back) == repr(value)


def test_what_has_no_plain_form_is_refused_and_only_named_classes_are_made():
    with pytest.raises(TypeError, match="no plain form of set"):
        to_plain({"a": {1}})
    plain = to_plain([Made(date(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC))])
    with pytest.raises(KeyError):
        from_plain(plain, [])
    with pytest.raises(TypeError):
        from_plain([{"made": ["Made", {"what": 1}]}], [Made])
    with pytest.raises(ValueError, match="no such plain form"):
        from_plain({"set": []}, [])
