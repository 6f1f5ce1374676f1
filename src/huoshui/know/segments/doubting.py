"""What a rule asks for and nobody has: it is no mistake of the rule, and mostly one of whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterator

from huoshui.kernel.texts import Text
from huoshui.know.segments import queries
from huoshui.know.segments.offering import MOST, Offers
from huoshui.know.segments.rules import Answer, Clause, Rule, Tag, Value, clauses
from huoshui.know.segments.sentences import Words

SHOWN = 10


def doubts(rule: Rule, offers: Offers) -> dict[str, Text]:
    """By the path of a clause, a sentence on values that nobody of whom ``offers`` speaks has, and what there is.

    Only attributes that are texts, tags and metrics of answers are looked at, and only where they have fewer than
    `offering.MOST` values: of more, nobody would be told anything by a list of them.
    """
    words, found = queries.words_now(), {}
    for path, clause in clauses(rule):
        for key, label, asked in _asked(clause, words):
            there = [value for value, _n in offers.of(key)]
            strange = [one for one in asked if one not in there]
            if not strange or len(there) >= MOST:
                continue
            given, known = "、".join(strange[:SHOWN]), "、".join(there[:SHOWN])
            found[path] = Text(
                f"Nobody has {label.en} “{given.replace('、', ', ')}”"
                + (f"; there are: {known.replace('、', ', ')}" if there else "; it has no value yet"),
                f"没有客户的{label.zh}是“{given}”"
                + (f"；现有取值：{known}" if there else "；目前没有任何取值"),
            )
    return found


def _asked(clause: Clause, words: Words) -> Iterator[tuple[str, Text, list[str]]]:
    """The key of `Offers`, what it is called, and the values that a clause asks for."""
    match clause:
        case Value(of="attribute", slug=slug, kind="text", test=test) if test.op in (
            "=",
            "!=",
            "in",
            "not_in",
        ):
            given = test.value if isinstance(test.value, tuple) else (test.value,)
            # A tier is known, also where no customer lives in a city of it.
            values = [str(one) for one in given if str(one) not in words.codes.get(slug, ())]
            yield f"attribute:{slug}", words.labels[slug], values
        case Tag(name):
            yield "tag", Text("the tag", "标签"), [name]
        case Answer(metric=metric):
            yield "answer", Text("answered", "回答指标"), [metric]
