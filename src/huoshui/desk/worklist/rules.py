"""What makes tasks by rule, and wants to know how they end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from huoshui.kernel.registries import Registry
from huoshui.kernel.texts import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRule:
    """A maker of tasks: its ``slug`` is their ``source``, and ``label`` stands where others have a colleague's name.

    ``changed(key, act, state, now)`` is called in the transaction of an act that changed the state of such a task:
    ``act`` is one of `steps.ACTS`, such as ``done`` or ``not_reached``.
    """

    slug: str
    label: Text
    changed: Callable[[str, str, str, datetime], None]


TASK_RULES: Registry[TaskRule] = Registry("rule that makes tasks")
