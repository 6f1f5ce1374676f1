"""What the library refuses."""

from __future__ import annotations

from huoshui.kernel.errors import HuoshuiError


class NotASetting(HuoshuiError):
    """A parameter of a formula that has no meaning."""

    code = "not_a_setting"
