"""What the room of custom traits refuses."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text


class NotADefinition(Said):
    """A definition of a trait that says nothing that can be computed."""

    code = "not_a_trait_definition"


class NotATrait(Said):
    """A name, label, unit or the like that a trait cannot have."""

    code = "not_a_trait"


class TooManyTraits(Said):
    """Every trait is a column of the lake, and tables do not grow without end."""

    code = "too_many_traits"


class TraitChanged(Said):
    """Somebody else has saved the trait since it was opened."""

    code = "trait_changed"


class TraitInUse(Said):
    """Segments, saved views or formulas speak of the trait."""

    code = "trait_in_use"


class NoSuchTrait(HuoshuiError):
    """A trait that nobody declared or defined."""

    code = "no_such_trait"
    says = Text("There is no such trait", "没有这个特征")


class NotDefinedHere(NoSuchTrait):
    """A trait that nobody defined, or that the program brings along and nobody can change."""

    says = Text("Nobody has defined this trait", "没有人定义过这个特征")
