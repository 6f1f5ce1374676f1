"""Formulas of traits: ``revenue_90d / (orders_90d + 1) * 100`` becomes a tree, words, or a value.

    sum   = term { ("+" | "-") term }
    term  = part { ("*" | "/") part }
    part  = "-" part | number | name | "(" sum ")"

Whoever writes Chinese may use ``×``, ``÷``, ``−`` and wide brackets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import ibis

from huoshui.kernel.texts import Text
from huoshui.know.custom.errors import NotADefinition

Sign = Literal["+", "-", "*", "/"]
LONGEST = 1_000
DEEPEST = 20
MOST_NAMES = 30
MOST_PARTS = 100

_WIDE = str.maketrans("×÷−＋－＊／（）", "*/-+-*/()")
_TOKEN = re.compile(
    r"\s*(?:(?P<number>[0-9]{1,12}(?:\.[0-9]{1,9})?)|(?P<name>[a-z][a-z0-9_]{0,59})|(?P<sign>[-+*/()]))",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written, such as ``0.5``."""

    written: str


@dataclass(frozen=True, slots=True)
class Name:
    """A trait or attribute."""

    slug: str


@dataclass(frozen=True, slots=True)
class Minus:
    """The opposite of a part."""

    part: Tree


@dataclass(frozen=True, slots=True)
class Two:
    """Two parts with a sign between them."""

    sign: Sign
    left: Tree
    right: Tree


Tree = Number | Name | Minus | Two


def parse(text: Any) -> Tree:
    """The tree of a formula. Raises `NotADefinition`, which says where it cannot be read on."""
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
        raise NotADefinition(
            Text("This is no formula", "这不是公式"),
            received=repr(text)[:80],
            valid=f"names of traits with + - * / and brackets, at most {LONGEST} characters",
        )
    tree = _Parser(text.translate(_WIDE)).whole()
    if len(names(tree)) > MOST_NAMES:
        raise NotADefinition(
            Text(f"A formula has at most {MOST_NAMES} traits", f"公式最多含 {MOST_NAMES} 个特征")
        )
    return tree


def names(tree: Tree) -> tuple[str, ...]:
    """The traits that a formula speaks of, each once, in the order in which they stand there."""
    match tree:
        case Number():
            return ()
        case Name(slug):
            return (slug,)
        case Minus(part):
            return names(part)
        case Two(_, left, right):
            return tuple(dict.fromkeys((*names(left), *names(right))))


def written(tree: Tree) -> str:
    """The formula as text, with the brackets it needs; `parse` makes the same tree of it."""
    match tree:
        case Number(text) | Name(text):
            return text
        case Minus(part):
            return f"-{_bracketed(part, isinstance(part, Two))}"
        case Two(sign, left, right):
            tight = sign in "*/"
            wide_left = tight and isinstance(left, Two) and left.sign in "+-"
            wide_right = isinstance(right, Two) and (tight or right.sign in "+-")
            return f"{_bracketed(left, wide_left)} {sign} {_bracketed(right, wide_right)}"


def words(tree: Tree) -> list[str]:
    """The formula word by word, spaces included: put together they are what `written` says."""
    return re.findall(r"[a-z][a-z0-9_]*|[0-9.]+|[-+*/()]|\s+", written(tree))


def value(tree: Tree, row: Any) -> Any:
    """The formula of a row of traits, as an Ibis float64 value.

    Missing where a trait is missing, where something is divided by zero, and where a result is no finite number.
    """
    match tree:
        case Number(text):
            return ibis.literal(float(text))
        case Name(slug):
            return finite(row[slug].cast("float64"))
        case Minus(part):
            return -value(part, row)
        case Two(sign, left, right):
            a, b = value(left, row), value(right, row)
            made = {
                "+": lambda: a + b,
                "-": lambda: a - b,
                "*": lambda: a * b,
                "/": lambda: a / b.nullif(0.0),
            }
            return finite(made[sign]())


def finite(number: Any) -> Any:
    """An Ibis floating value that is missing where it is no number or without end."""
    return (number.isnan() | number.isinf()).ifelse(ibis.null(number.type()), number)


@dataclass(frozen=True, slots=True)
class Kind:
    """What a part of a formula is: an amount of ``money``, or a number of ``unit``; ``plain`` if it is just written."""

    money: bool = False
    unit: Text | None = None
    plain: bool = False


def kind(tree: Tree, of: Mapping[str, Kind]) -> Kind:
    """What a formula of traits of these kinds is. Raises `NotADefinition` for sums of what does not add up."""
    match tree:
        case Number():
            return Kind(plain=True)
        case Name(slug):
            return of[slug]
        case Minus(part):
            return kind(part, of)
        case Two(sign, left, right):
            a, b = kind(left, of), kind(right, of)
            if a.plain or b.plain:
                return (b if a.plain else a) if sign != "/" or b.plain else Kind()
            if sign in "+-":
                if a.money != b.money:
                    raise NotADefinition(
                        Text("Money and other numbers do not add up", "金额与其他数字不能相加减"),
                        received=written(tree),
                        valid="sums of money with money, of numbers with numbers; money may be multiplied and divided",
                    )
                return a if a.unit == b.unit else Kind(money=a.money)
            if sign == "*":
                return a if a.money else b if b.money else Kind()
            return Kind(money=True, unit=a.unit) if a.money and not b.money else Kind()


def _bracketed(tree: Tree, needed: bool) -> str:
    return f"({written(tree)})" if needed else written(tree)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.parts = 0
        self.kind, self.word = "", ""
        self.step()

    def step(self) -> None:
        """Read the next token; ``kind`` is empty at the end."""
        if not self.text[self.at :].strip():
            self.kind = self.word = ""
            return
        found = _TOKEN.match(self.text, self.at)
        if found is None:
            raise self.refused(Text("The formula cannot be read on here", "公式从这里起无法读懂"))
        self.kind, self.at = str(found.lastgroup), found.end()
        self.word = found[self.kind]

    def whole(self) -> Tree:
        tree = self.sum()
        if self.kind:
            raise self.refused(Text("A sign is missing before this", "这之前缺少运算符"))
        return tree

    def sum(self) -> Tree:
        return self.row("+-", lambda: self.row("*/", self.part))

    def row(self, signs: str, part: Callable[[], Tree]) -> Tree:
        tree = part()
        while self.kind == "sign" and self.word in signs:
            sign: Any = self.word
            self.step()
            tree = Two(sign, tree, part())
        return tree

    def part(self) -> Tree:
        self.depth += 1
        self.parts += 1
        if self.depth > DEEPEST or self.parts > MOST_PARTS:
            raise self.refused(Text("The formula is too long or nested too deep", "公式太长，或括号嵌套太深"))
        tree = self.leaf()
        self.depth -= 1
        return tree

    def leaf(self) -> Tree:
        kind, word = self.kind, self.word
        if kind == "number":
            self.step()
            return Number(word)
        if kind == "name":
            self.step()
            return Name(word)
        if word == "-":
            self.step()
            return Minus(self.part())
        if word == "(":
            self.step()
            tree = self.sum()
            if self.word != ")":
                raise self.refused(Text("A bracket is not closed", "括号没有闭合"))
            self.step()
            return tree
        raise self.refused(Text("A trait or a number is missing here", "这里缺少特征或数字"))

    def refused(self, problem: Text) -> NotADefinition:
        here = self.at - len(self.word)
        shown = (
            repr(self.text[max(0, here) : here + 30]) if self.kind or self.text[here:].strip() else "the end"
        )
        return NotADefinition(
            problem,
            received=f"{shown} at place {here + 1}",
            valid="names of traits, numbers, + - * / and brackets",
        )
