"""What this room refuses."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError


class UnknownNeed(HuoshuiError):
    """A trait builds on something that nobody declared."""

    code = "unknown_need"


class TraitsInCircles(HuoshuiError):
    """Traits that need each other."""

    code = "traits_in_circles"
