"""The form of a rule: what it shows is what is kept, and buttons change nothing but what they say."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.know.segments import drafts
from huoshui.know.segments.drafts import Branch, Draft, Leaf
from huoshui.know.segments.errors import BadRule
from huoshui.know.segments.moving import ACTS, changed
from huoshui.know.segments.reading import DEEPEST, MOST_CLAUSES, parse
from huoshui.know.segments.tests import people


def written(draft: Draft) -> object:
    return drafts.write(draft, traits=people.TRAITS, attributes=people.ATTRIBUTES).rule


def form_of(draft: Draft) -> dict[str, str]:
    """The fields as a browser sends them."""
    sent = {}
    for key, part in drafts.parts(draft):
        if part.negated:
            sent[f"{key}.not"] = "on"
        if isinstance(part, Branch):
            sent[f"{key}.join"] = part.join
        else:
            sent |= {f"{key}.{name}": getattr(part, name) for name in drafts.FIELDS}
            for number, one in enumerate(part.where):
                sent |= {f"{key}.w{number}.{name}": getattr(one, name) for name in drafts.CONDITION}
    return sent


def test_a_rule_goes_through_the_form_and_means_the_same():
    random = Random(5)
    shown = 0
    for _ in range(400):
        rule = json.loads(json.dumps(people.rule_of(random, 3), default=float))
        draft = drafts.from_rule(rule)
        again = written(drafts.from_form(form_of(draft)))
        both = [parse(one, traits=people.TRAITS, attributes=people.ATTRIBUTES) for one in (rule, again)]
        if "all" in rule and "not" not in json.dumps(rule):
            assert both[0] == both[1]
            shown += 1
        assert drafts.from_rule(again) == draft  # type: ignore[arg-type]  # what was read above is an object
    assert shown > 20


def branches(below: st.SearchStrategy[Draft]) -> st.SearchStrategy[Draft]:
    return st.builds(
        Branch, join=st.sampled_from(("all", "any")), parts=st.lists(below, max_size=3).map(tuple)
    )


leaves = st.builds(Leaf, field=st.just("tag:"), name=st.sampled_from("abcdef"))
trees = branches(st.recursive(leaves, branches, max_leaves=8))


@given(trees, st.data())
def test_buttons_keep_every_other_part(tree, data):
    keys = [key for key, _ in drafts.parts(tree) if key != drafts.ROOT]
    if not keys:
        return
    key = data.draw(st.sampled_from(keys))
    names = sorted(part.name for _, part in drafts.parts(tree) if isinstance(part, Leaf))
    group = data.draw(st.sampled_from([k for k, part in drafts.parts(tree) if isinstance(part, Branch)]))
    drop = f"{key}>{group}:{data.draw(st.integers(0, 4))}"
    for act, key_ in (*((act, key) for act in ("up", "down", "in", "out")), ("move", drop)):
        moved, at = changed(tree, act, key_)
        assert sorted(p.name for _, p in drafts.parts(moved) if isinstance(p, Leaf)) == names
        assert at in dict(drafts.parts(moved))
    whole, part = len(list(drafts.parts(tree))), dict(drafts.parts(tree))[key]
    size = len(list(drafts.parts(part)))
    assert len(list(drafts.parts(changed(tree, "remove", key)[0]))) == whole - size
    assert len(list(drafts.parts(changed(tree, "copy", key)[0]))) == whole + size


A, B, C = (Leaf(field="tag:", name=name) for name in "abc")


@pytest.mark.parametrize(
    ("act", "key", "parts", "at"),
    [
        ("up", "0.1", (B, A, Branch(parts=(C,))), "0.0"),
        ("up", "0.0", (A, B, Branch(parts=(C,))), "0.0"),
        ("in", "0.1", (A, Branch(parts=(B, C))), "0.1.0"),
        ("in", "0.0", (Branch(join="any", parts=(A,)), B, Branch(parts=(C,))), "0.0.0"),
        ("out", "0.2.0", (A, B, Branch(parts=()), C), "0.3"),
        ("move", "0.0>0.2:1", (B, Branch(parts=(C, A))), "0.1.1"),
        ("move", "0.2.0>0:0", (C, A, B, Branch(parts=())), "0.0"),
        ("move", "0.2>0.2:0", (A, B, Branch(parts=(C,))), "0.2"),
    ],
)
def test_a_part_goes_where_it_is_moved(act, key, parts, at):
    assert changed(Branch(parts=(A, B, Branch(parts=(C,)))), act, key) == (Branch(parts=parts), at)


def test_a_rule_grows_no_further_than_it_may_be():
    full = Branch(parts=(A,) * (MOST_CLAUSES - 1))
    with pytest.raises(BadRule, match="too many"):
        changed(full, "add", "0")
    deep: Draft = A
    for _ in range(DEEPEST - 1):
        deep = Branch(parts=(deep,))
    with pytest.raises(BadRule, match="too deep"):
        changed(deep, "in", ".".join("0" * DEEPEST))


@pytest.mark.parametrize("value", [["a,b", "c"], ['say "x"'], [" a"], ["a，b"], ["2", 2, "true"], ["a\nb"]])
def test_values_with_commas_and_quotes_stay_what_they_are(value):
    texts = [str(one) for one in value]
    clauses = [
        {"attribute": "city", "op": "in", "value": texts},
        {"did": "x", "op": ">=", "value": 1, "where": [{"property": "plan", "op": "in", "value": value}]},
    ]
    draft = drafts.from_rule({"all": clauses})
    assert written(drafts.from_form(form_of(draft))) == {"all": clauses}


@pytest.mark.parametrize(
    "key", ["", "0.9", "0.x", "9", "0.0.0.0", "../etc", "0.-1", "0.9>0:1", "0.0>0.0:0", "0.0>", ">"]
)
@pytest.mark.parametrize("act", [*ACTS, "drop table"])
def test_buttons_that_were_never_shown_do_no_harm(act, key):
    draft = Branch(parts=(Leaf(field="tag:", name="a"),))
    names = [part.name for _, part in drafts.parts(changed(draft, act, key)[0]) if isinstance(part, Leaf)]
    assert "a" in names


def test_a_refusal_finds_the_part_it_speaks_of():
    draft = Branch(
        parts=(Leaf(field="tag:", name="a"), Branch(join="any", negated=True, parts=(Leaf(field="tag:"),)))
    )
    found = drafts.write(draft, traits=people.TRAITS, attributes=people.ATTRIBUTES)
    with pytest.raises(BadRule) as refused:
        parse(found.rule, traits=people.TRAITS, attributes=people.ATTRIBUTES)
    assert found.key_of(refused.value.path) == "0.1.0"
    assert found.key_of("all[0].where[0]") == "0.0"


def test_forms_that_are_too_large_are_refused():
    sent = {"0.join": "all", **{f"0.{n}.field": "tag:" for n in range(MOST_CLAUSES + 5)}}
    with pytest.raises(BadRule, match="too many"):
        drafts.from_form(sent)
    deep = {".".join(["0"] * n) + ".join": "all" for n in range(1, 60)}
    with pytest.raises(BadRule, match="too deep"):
        drafts.from_form(deep)
