"""The one shape of a refusal: what was received, what would be valid, what to do next."""

from __future__ import annotations

from typing import ClassVar

from huoshui.kernel.texts import Text


class HuoshuiError(Exception):
    """A refusal that a person can act on.

    Subclasses are defined beside the verb that raises them and set ``code``, a stable identifier that
    programs may rely on. ``str(error)`` is the whole message in sentences. ``says`` is its problem in the languages
    of the house, for those that people meet on pages; without it they read the sentences in English.
    """

    code = "error"
    says: ClassVar[Text | None] = None

    def __init__(self, problem: str, *, received: str = "", valid: str = "", next_step: str = "") -> None:
        self.problem = problem
        self.received = received
        self.valid = valid
        self.next_step = next_step
        super().__init__(problem)

    def __str__(self) -> str:
        parts = [self.problem.rstrip(".") + "."]
        if self.received:
            parts.append(f"Received: {self.received}.")
        if self.valid:
            parts.append(f"Valid: {self.valid}.")
        if self.next_step:
            parts.append(self.next_step.rstrip(".") + ".")
        return " ".join(parts)

    def as_dict(self) -> dict[str, str]:
        """The refusal as plain values, empty parts left out (``--json`` output, problem details)."""
        parts = {
            "code": self.code,
            "problem": self.problem,
            "received": self.received,
            "valid": self.valid,
            "next_step": self.next_step,
        }
        return {name: text for name, text in parts.items() if text}


class Said(HuoshuiError):
    """A refusal whose words depend on what was asked: ``words`` in both languages."""

    def __init__(self, words: Text, *, received: str = "", valid: str = "", next_step: str = "") -> None:
        self.words = words
        super().__init__(words.en, received=received, valid=valid, next_step=next_step)


class NotAllowed(HuoshuiError):
    """The actor lacks the right that the verb asks for."""

    code = "not_allowed"
    says = Text("Your role lacks the right for this", "你的角色没有这项权限")
