"""What an operator may set, read from the environment and from ``huoshui.toml``.

A setting ``HUOSHUI_TIME_ZONE`` of the environment is called ``time_zone`` in the file. The environment wins over
the file in the current folder, and that over the file in the home.
"""

from __future__ import annotations

import os
import secrets
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from huoshui.project import allowed
from huoshui.project.allowed import LEAST_MEMORY, MIB, BadSetting
from huoshui.project.smtp import Smtp

FILE_NAME = "huoshui.toml"
PREFIX = "HUOSHUI_"
NAMES = (
    "home",
    "database_url",
    "lake_url",
    "cache",
    "engine",
    "spark_master",
    "time_zone",
    "currency",
    "url",
    "proxies",
    "smtp_url",
    "bounces",
    "inner_hosts",
    "memory",
    "threads",
    "stage_days",
    "secret_key",
    "secret_key_fallbacks",
)
MOST_MEMORY = 1280 * MIB
DEFAULT_CACHE = 20 * 1024 * MIB


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """The settings of one installation, checked.

    ``memory`` and ``cache`` are in bytes. ``threads`` is empty for as many as the machine has. ``stage_days`` are
    the days of (new, active, silent) when lifecycle stages go by fixed days, empty when they go by each customer's
    rhythm. ``proxies`` are the addresses and networks, by commas, whose word about who asks is taken. ``smtp`` is
    empty where no mail can be sent. ``bounces`` is a folder in Maildir form, to which the mail server brings what it
    cannot deliver. ``inner_hosts`` are those of the own network, as ``host:port``, that may be called
    although they are not public. ``stated`` names the settings that somebody wrote down, as opposed to the ones
    left at their default.
    """

    home: Path
    database_url: str
    lake_url: str
    cache: int
    engine: str
    spark_master: str
    time_zone: str
    currency: str
    url: str
    proxies: str
    smtp: Smtp | None
    bounces: Path | None
    inner_hosts: frozenset[str]
    memory: int
    threads: int | None
    stage_days: tuple[int, int, int] | None
    secret_key: str | None
    secret_key_fallbacks: tuple[str, ...]
    stated: frozenset[str]


def read(environment: Mapping[str, str], folder: Path) -> Configuration:
    """The configuration as ``environment`` and the files in ``folder`` and in the home say.

    Raises `BadSetting` that names the setting, what was received and what would be valid.
    """
    stated = {
        name: environment[PREFIX + name.upper()] for name in NAMES if environment.get(PREFIX + name.upper())
    }
    stated = {**_file(folder / FILE_NAME), **stated}
    home = Path(stated.get("home", "huoshui-home")).expanduser()
    home = home if home.is_absolute() else folder / home
    if home.resolve() != folder.resolve():
        from_home = _file(home / FILE_NAME)
        from_home.pop("home", None)
        stated = {**from_home, **stated}

    def setting(name: str, parse: Callable[[str], T], default: T) -> T:
        if name not in stated:
            return default
        try:
            return parse(stated[name])
        except BadSetting as error:
            secret = (
                name in ("secret_key", "secret_key_fallbacks", "database_url", "smtp_url")
                or "@" in stated[name]
            )
            shown = "" if secret else repr(stated[name])
            raise BadSetting(
                f"The setting {PREFIX}{name.upper()} cannot be used: {error.problem}",
                received=shown,
                valid=error.valid,
                next_step=f"Set it in the environment, or as {name} in {FILE_NAME}",
            ) from error

    lake_url = setting("lake_url", allowed.lake_url(folder), str(home / "lake"))
    engine = setting("engine", allowed.engine, "duckdb")
    if engine == "spark" and "://" in lake_url:
        raise BadSetting(
            "Spark can only read a lake in a folder yet, one that all its workers see under the same path",
            received=lake_url,
            next_step=f"Set {PREFIX}LAKE_URL to such a folder, or {PREFIX}ENGINE to duckdb",
        )
    return Configuration(
        home=home,
        database_url=setting("database_url", allowed.database_url, f"sqlite:///{home / 'huoshui.sqlite3'}"),
        lake_url=lake_url,
        cache=setting("cache", allowed.disk, DEFAULT_CACHE),
        engine=engine,
        spark_master=setting("spark_master", allowed.spark_master, "local[*]"),
        time_zone=setting("time_zone", allowed.time_zone, "Asia/Shanghai"),
        currency=setting("currency", allowed.currency, "CNY"),
        url=setting("url", allowed.url, "http://127.0.0.1:8000"),
        proxies=setting("proxies", allowed.proxies, ""),
        smtp=setting("smtp_url", allowed.smtp, None),
        bounces=setting("bounces", allowed.maildir, None),
        inner_hosts=setting("inner_hosts", allowed.inner_hosts, frozenset()),
        memory=setting("memory", allowed.memory, _half_of_the_machine()),
        threads=setting("threads", allowed.threads, None),
        stage_days=setting("stage_days", allowed.stage_days, None),
        secret_key=setting("secret_key", allowed.secret_key, None),
        secret_key_fallbacks=setting("secret_key_fallbacks", allowed.secret_keys, ()),
        stated=frozenset(stated),
    )


def database(url: str) -> dict[str, Any]:
    """The entry of Django's ``DATABASES`` for a checked database URL."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path[1:]),
            "OPTIONS": {
                # IMMEDIATE: a transaction that reads and then writes waits for its turn at the start instead of
                # failing in the middle. FULL: what is committed survives a power cut. secure_delete: what is
                # erased is overwritten, whatever the library was compiled with.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                    "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=134217728;"
                    "PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-64000;"
                    # Bulk loads touch the same pages again and again: copying them out less often saves writes.
                    "PRAGMA wal_autocheckpoint=8000;"
                ),
            },
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }


def secret_key(configuration: Configuration) -> str:
    """The key that signs what the house hands out: the one that was set, or the one kept in the home.

    A new house gets a random key in a file that only its owner may read. Where there is no home yet, or it cannot
    be written, the key lives as long as the process.
    """
    if configuration.secret_key is not None:
        return configuration.secret_key
    path = configuration.home / "secret-key"
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        pass
    key = secrets.token_urlsafe(64)
    if not os.access(configuration.home, os.W_OK):
        return key
    # Written aside and linked into place: of two processes that start together, one wins and both read its key.
    with tempfile.NamedTemporaryFile(mode="w", dir=configuration.home, prefix=".secret-key-") as file:
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            return path.read_text(encoding="ascii")
    return key


def _file(path: Path) -> dict[str, str]:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadSetting(
            f"The file {path} cannot be read: {error}", valid="TOML, such as currency = 'GBP'"
        ) from error
    for name, value in content.items():
        if name not in NAMES:
            raise BadSetting(
                f"The file {path} has a setting that does not exist", received=name, valid=", ".join(NAMES)
            )
        if isinstance(value, bool) or not isinstance(value, str | int | list):
            raise BadSetting(f"The setting {name} in {path} is no text and no number", received=repr(value))
    return {
        name: ",".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in content.items()
    }


def _half_of_the_machine() -> int:
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(LEAST_MEMORY, min(machine // 2, MOST_MEMORY))
