"""The folders of the demo house and of the truth about it: where they may be, and when they are made anew."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from huoshui import __version__
from huoshui.kernel.errors import HuoshuiError
from huoshui.kernel.texts import Language
from huoshui.project import configuration, setting_up

DEFAULT_HOME = "huoshui-demo"
MARK = "demo.json"
OWN = (
    "huoshui.sqlite3",
    "huoshui.sqlite3-wal",
    "huoshui.sqlite3-shm",
    "lake",
    "tmp",
    "rejects",
    "log",
    "files",
    "secret-key",
)
KEPT = ("huoshui.toml", ".setting-up.lock")
STORY = "truth.json"


class NotADemoHouse(HuoshuiError):
    """The folder holds something else than a demo house; it is not touched."""

    code = "not_a_demo_house"


class DemoElsewhere(HuoshuiError):
    """Part of the demo house lies outside its folder, so it cannot be made anew."""

    code = "demo_elsewhere"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """What a demo company is invented from."""

    customers: int
    days: int
    seed: int
    months: int
    until: date
    language: Language
    currency: str
    time_zone: str

    def as_text(self) -> str:
        """The arguments as they are remembered in the folder."""
        return json.dumps({**asdict(self), "until": self.until.isoformat(), "version": __version__})


def configured() -> configuration.Configuration:
    """The settings of the demo: those of the environment, with its own folder where none is named."""
    chosen = configuration.read(os.environ, Path.cwd())
    if "home" not in chosen.stated:
        os.environ["HUOSHUI_HOME"] = DEFAULT_HOME
        chosen = configuration.read(os.environ, Path.cwd())
    return chosen


def prepare(chosen: configuration.Configuration, arguments: Arguments) -> bool:
    """Make the folder ready for the company of ``arguments``; says whether it holds exactly that already.

    A demo house of other arguments, or one that was never finished, is removed. Raises `NotADemoHouse` for a folder
    with anything else in it (its own or that of the truth), `DemoElsewhere`, `HomeNotWritable`. Call before the
    settings are loaded.
    """
    home, truths = chosen.home, truth_folder(chosen)
    setting_up.make_folder(home)
    _refuse_other_truths(truths)
    try:
        remembered = json.loads((home / MARK).read_text(encoding="utf-8"))
    except FileNotFoundError:
        remembered = None
    except (OSError, ValueError):
        remembered = {}
    if remembered is None:
        if others := [f.name for f in home.iterdir() if f.name not in KEPT]:
            raise NotADemoHouse(
                "The demo needs an empty folder or a demo house",
                received=f"{home} with {', '.join(sorted(others)[:3])}",
                next_step="Name another folder with HUOSHUI_HOME; this one was not touched",
            )
    elif remembered == {"done": True, **json.loads(arguments.as_text())} and (truths / STORY).exists():
        return True
    else:
        _remove(chosen)
    remember(home, arguments, done=False)
    setting_up.make_folder(truths)
    for file in truths.glob("*.parquet"):
        file.unlink()
    return False


def truth_folder(chosen: configuration.Configuration) -> Path:
    """Where the truth about the company is kept: beside the house, never in it."""
    return chosen.home.with_name(f"{chosen.home.name}-truth")


def _refuse_other_truths(folder: Path) -> None:
    """Raise `NotADemoHouse` where the folder of the truth holds something else."""
    others = [f.name for f in folder.iterdir()] if folder.is_dir() else []
    foreign = [name for name in others if not name.endswith(".parquet") and name != STORY]
    if foreign or (others and STORY not in others):
        raise NotADemoHouse(
            "The folder for the truth about the demo holds something else",
            received=f"{folder} with {', '.join(sorted(foreign or others)[:3])}",
            next_step="Name another folder for the house with HUOSHUI_HOME; the truth goes beside it",
        )


def remember(home: Path, arguments: Arguments, *, done: bool) -> None:
    """Write down what the house is made of, and whether it is complete."""
    content = {"done": done, **json.loads(arguments.as_text())}
    part = home / f"{MARK}.part"
    part.write_text(json.dumps(content), encoding="utf-8")
    part.replace(home / MARK)


def _remove(chosen: configuration.Configuration) -> None:
    home = chosen.home
    outside = {"database_url", "lake_url"} & chosen.stated
    if outside:
        raise DemoElsewhere(
            "A demo house can only be made anew when all of it lies in its folder",
            received=", ".join(f"HUOSHUI_{name.upper()}" for name in sorted(outside)),
            next_step="Leave these settings out, or name an empty folder, an empty database and an empty lake",
        )
    for name in OWN:
        path = home / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
