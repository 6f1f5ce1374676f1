"""What is refused of budgets."""

from __future__ import annotations

from huoshui.kernel.errors import Said


class NotABudget(Said):
    """An amount, a month, a channel or a file that cannot be. ``words`` say why, in both languages."""

    code = "not_a_budget"
