"""What the room of holdouts refuses."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError, Said
from huoshui.kernel.texts import Text


class TermsAreFixed(HuoshuiError):
    """Terms of a trial that has others already."""

    code = "terms_are_fixed"
    says = Text(
        "The terms of this trial were fixed before its start and stay as they are",
        "试验条款在开始前已经固定，不能再改",
    )


class NotTerms(Said):
    """Terms, or a share, that no trial can have."""

    code = "not_terms"


class NoSuchTrial(HuoshuiError):
    """Something that has drawn no lots."""

    code = "no_such_trial"
    says = Text("No lots were drawn for this", "这里没有抽取过对照组")
