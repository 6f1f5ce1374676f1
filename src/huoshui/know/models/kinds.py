"""What rooms declare: kinds of models, and what training one answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huoshui.kernel.clock import AsOf
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.registries import Registry
from huoshui.kernel.texts import Text


class NoSuchModel(HuoshuiError):
    """No room declares a model of this name."""

    code = "no_such_model"
    says = Text("There is no such model", "没有这个模型")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a model card: a name and its value in words; ``note`` says what it means."""

    name: Text
    value: Text
    note: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A model against the hold-out: mean absolute errors, and what came beside what was foretold, by class.

    ``rules`` names the simple rules and their errors. ``classes`` holds (class, customers, came, foretold), per head.
    ``covered`` is the share of the 95 % intervals that held what came; None where there are none.
    """

    unit: Text
    customers: int
    days: int
    model: float
    rules: Sequence[tuple[Text, float]]
    classes: Sequence[tuple[str, int, float, float]]
    actual: float
    foretold: float
    covered: float | None = None

    @property
    def wins(self) -> bool:
        """Whether the model is nearer to what came than every simple rule."""
        return all(self.model < error for _, error in self.rules)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What training answers.

    ``content`` is the model as JSON holds it, ``name`` says which it is, ``data`` what it learnt from, ``parameters``
    what it learnt. ``enough`` tells whether the data sufficed; where not, ``reasons`` say which simple rule stands in.
    """

    name: Text
    content: Mapping[str, Any]
    enough: bool
    reasons: Sequence[Text] = ()
    data: Sequence[Line] = ()
    parameters: Sequence[Line] = ()
    judged: Judged | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A kept training. ``as_of`` and ``known_at`` are the moment it knew nothing after, ``trained_at`` when it was."""

    slug: str
    number: int
    as_of: datetime
    known_at: datetime | None
    trained_at: datetime
    trained: Trained


@dataclass(frozen=True, kw_only=True)
class ModelKind:
    """A kind of model. ``train(tables, as_of)`` learns from what had happened before ``as_of.at`` and, where asked, had
    arrived before ``as_of.known_at``; it never fails for want of data but says which simple rule stands in.
    """

    slug: str
    label: Text
    meaning: Text
    train: Callable[[Any, AsOf], Trained]


MODELS: Registry[ModelKind] = Registry("model")


def named(slug: str) -> ModelKind:
    """The kind of this name. Raises `NoSuchModel`."""
    if slug not in MODELS:
        raise NoSuchModel("There is no such model", received=repr(slug), valid=", ".join(MODELS.slugs()))
    return MODELS[slug]
