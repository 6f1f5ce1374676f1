"""Random numbers that name people."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from huoshui.kernel.ids import HIGHEST, LOWEST, draw_id, draw_ids, looks_like_id


def test_an_id_has_fifteen_digits():
    for number in (draw_id() for _ in range(1000)):
        assert LOWEST <= number <= HIGHEST
        assert looks_like_id(str(number))


def test_ids_drawn_together_are_different_sorted_and_spread_over_the_range():
    ids = draw_ids(50_000)
    assert ids.dtype == np.int64
    assert ids.shape == (50_000,)
    assert (np.diff(ids) > 0).all()
    assert ids[0] >= LOWEST
    assert ids[-1] <= HIGHEST
    middle = (LOWEST + HIGHEST) / 2
    assert abs((ids < middle).mean() - 0.5) < 0.03
    assert len(set(ids.tolist()) & set(draw_ids(50_000).tolist())) < 3


def test_no_ids_are_no_ids():
    assert draw_ids(0).shape == (0,)


def test_an_id_is_exact_in_a_double_and_in_json():
    for number in (LOWEST, HIGHEST, draw_id()):
        assert int(float(number)) == number
        assert json.loads(json.dumps(float(number))) == number


def test_other_texts_do_not_look_like_ids():
    short = "1" * 14
    for text in ("", "1", short, short + "11", "0" + short, "-" + short, short + "x", "１" * 15, " " + short):
        assert not looks_like_id(text)


@given(text=st.text(alphabet="0123456789１-.e ", max_size=17))
def test_what_looks_like_an_id_is_a_number_in_range(text):
    if looks_like_id(text):
        assert LOWEST <= int(text) <= HIGHEST
