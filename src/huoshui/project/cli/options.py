"""What can be said to every command, and how it reaches the house."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import click

from huoshui.kernel import clock
from huoshui.kernel.actors import CONSOLE
from huoshui.kernel.texts import LANGUAGES, Language
from huoshui.project.cli.running import say

if TYPE_CHECKING:
    from huoshui.project.setting_up import OpenHouse

LANGUAGE = "Language of labels (default: that of the terminal)."


@dataclass(frozen=True, slots=True)
class Choices:
    """How results are to be shown; ``asked`` is the language where one was asked for, not the terminal's."""

    language: Language
    as_json: bool = False
    asked: Language | None = None

    @classmethod
    def of(cls, language: str | None) -> Choices:
        """What was asked for, else what the terminal says."""
        asked = next((one for one in LANGUAGES if one == language), None)
        return cls(language=asked or language_of(os.environ), asked=asked)


def language_of(environment: Mapping[str, str]) -> Language:
    """Chinese where the locale is a Chinese one, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if locale := environment.get(name):
            return "zh" if locale.lower().startswith("zh") else "en"
    return "en"


def shows_result(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--json`` and ``--language``; it receives its `Choices` as first argument."""

    @click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
    @click.option("--language", type=click.Choice(["en", "zh"]), help=LANGUAGE)
    @click.pass_context
    def run(context: click.Context, /, *, as_json: bool, language: str | None, **given: Any) -> Any:
        choices: Choices = context.obj or Choices.of(None)
        if language is not None:
            asked = cast("Language", language)
            choices = replace(choices, language=asked, asked=asked)
        return command(replace(choices, as_json=as_json), **given)

    run.__name__, run.__doc__ = command.__name__, command.__doc__
    options = getattr(command, "__click_params__", [])
    run.__click_params__ = [*options, *run.__click_params__]  # type: ignore[attr-defined]
    return run


def open_house(*, found: bool = False) -> OpenHouse:
    """The house of the settings, as the console sees it."""
    from huoshui.project import setting_up

    return setting_up.open_house(actor=CONSOLE, now=clock.now(), say=say, found=found)
