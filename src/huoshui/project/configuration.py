"""What an operator may set, read from the environment and from ``huoshui.toml``.

A setting ``HUOSHUI_TIME_ZONE`` of the environment is called ``time_zone`` in the file. The environment wins over
the file in the current folder, and that over the file in the home.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from huoshui.kernel.clock import zone_named
from huoshui.kernel.currencies import currency_code
from huoshui.kernel.errors import HuoshuiError
from huoshui.project.smtp import VALID, Smtp, parse

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
ENGINES = ("duckdb", "spark")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LEAST_SECRET = 50
MIB = 1024**2
MOST_MEMORY = 1280 * MIB
LEAST_MEMORY = 64 * MIB
DEFAULT_CACHE = 20 * 1024 * MIB

_MASTER = re.compile(r"local(\[(\*|[1-9]\d*)\])?|local-cluster\[\d+,\d+,\d+\]|yarn|(spark|k8s)://\S+")

T = TypeVar("T")


class BadSetting(HuoshuiError):
    """A setting has a value that means nothing here."""

    code = "bad_setting"


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

    lake_url = setting("lake_url", _lake_url(folder), str(home / "lake"))
    engine = setting("engine", _engine, "duckdb")
    if engine == "spark" and "://" in lake_url:
        raise BadSetting(
            "Spark can only read a lake in a folder yet, one that all its workers see under the same path",
            received=lake_url,
            next_step=f"Set {PREFIX}LAKE_URL to such a folder, or {PREFIX}ENGINE to duckdb",
        )
    return Configuration(
        home=home,
        database_url=setting("database_url", _database_url, f"sqlite:///{home / 'huoshui.sqlite3'}"),
        lake_url=lake_url,
        cache=setting("cache", _disk, DEFAULT_CACHE),
        engine=engine,
        spark_master=setting("spark_master", _spark_master, "local[*]"),
        time_zone=setting("time_zone", _time_zone, "Asia/Shanghai"),
        currency=setting("currency", _currency, "CNY"),
        url=setting("url", _url, "http://127.0.0.1:8000"),
        proxies=setting("proxies", _proxies, ""),
        smtp=setting("smtp_url", _smtp, None),
        bounces=setting("bounces", _maildir, None),
        inner_hosts=setting("inner_hosts", _inner_hosts, frozenset()),
        memory=setting("memory", _memory, _half_of_the_machine()),
        threads=setting("threads", _threads, None),
        stage_days=setting("stage_days", _stage_days, None),
        secret_key=setting("secret_key", _secret_key, None),
        secret_key_fallbacks=setting("secret_key_fallbacks", _secret_keys, ()),
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


def _database_url(text: str) -> str:
    wrong = BadSetting(
        "this is not a database URL",
        valid="postgresql://user:password@host:5432/name or sqlite:////folder/file.sqlite3",
    )
    try:
        parts = urlsplit(text)
        port_fits = parts.port is None or parts.port > 0
    except ValueError as error:
        raise wrong from error
    if parts.scheme not in ("postgres", "postgresql", "sqlite") or len(parts.path) < 2 or not port_fits:
        raise wrong
    return text


def _lake_url(folder: Path) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if "://" in text:
            return _bucket(text)
        path = Path(text).expanduser()
        return str(path if path.is_absolute() else folder / path)

    return parse


def _bucket(text: str) -> str:
    bucket = r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"
    if not re.fullmatch(rf"s3://{bucket}(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*/?", text):
        raise BadSetting(
            "this is no folder and no place in a bucket",
            valid="a folder such as /data/lake, or s3://bucket/prefix of plain letters, digits, '-', '_' and '.'",
        )
    return text.rstrip("/")


def _engine(text: str) -> str:
    if text not in ENGINES:
        raise BadSetting("there is no such engine", valid=" or ".join(ENGINES))
    return text


def _spark_master(text: str) -> str:
    if not _MASTER.fullmatch(text):
        raise BadSetting(
            "this is no address of Spark",
            valid="local[*], local[4], spark://host:7077, yarn or k8s://https://host:443",
        )
    return text


def _time_zone(text: str) -> str:
    try:
        return zone_named(text).key
    except HuoshuiError as error:
        raise BadSetting("this is not a time zone", valid=error.valid) from error


def _currency(text: str) -> str:
    try:
        return currency_code(text)
    except HuoshuiError as error:
        raise BadSetting("this is not a currency", valid=error.valid) from error


def _url(text: str) -> str:
    valid = "https://crm.example.com, or http:// on this machine itself such as http://127.0.0.1:8000"
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadSetting("this is not an address", valid=valid) from error
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise BadSetting("this is not an address", valid=valid)
    if parts.scheme == "http" and host not in LOOPBACK:
        raise BadSetting("plain http is only accepted on the machine itself", valid=valid)
    return text.rstrip("/")


def _proxies(text: str) -> str:
    try:
        return ",".join(str(ip_network(part.strip())) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise BadSetting(
            "these are no addresses of proxies",
            valid="addresses and networks by commas: 127.0.0.1,10.0.0.0/8",
        ) from error


def _smtp(text: str) -> Smtp:
    try:
        return parse(text)
    except ValueError as error:
        raise BadSetting(str(error), valid=VALID) from error


def _maildir(text: str) -> Path:
    folder = Path(text).expanduser()
    if not folder.is_absolute():
        raise BadSetting(
            "this is not a whole path", valid="such as /var/mail/bounces, a folder with new/ and cur/"
        )
    return folder


def _inner_hosts(text: str) -> frozenset[str]:
    hosts = [part.strip().lower() for part in text.split(",") if part.strip()]
    for host in hosts:
        if not re.fullmatch(r"[a-z0-9_.-]{1,253}:[1-9][0-9]{0,4}", host):
            raise BadSetting(
                "these are no hosts with their ports",
                valid="such as gateway.corp:8080,10.0.0.5:443 by commas",
            )
    return frozenset(hosts)


def _memory(text: str) -> int:
    size = _size(text, "memory")
    if size < LEAST_MEMORY:
        raise BadSetting("this is too little memory", valid=f"at least {LEAST_MEMORY // MIB}MiB")
    return size


def _disk(text: str) -> int:
    return _size(text, "disk")


def _size(text: str, what: str) -> int:
    match = re.fullmatch(r"([0-9]{1,12})\s*([KMGT]?)(i?)B?", text.strip(), re.IGNORECASE | re.ASCII)
    if match is None:
        raise BadSetting(
            f"this is not an amount of {what}", valid="a number with its unit, such as 1GiB or 800MB"
        )
    base = 1024 if match[3] else 1000
    return int(match[1]) * int(base ** " KMGT".index(match[2].upper() or " "))


def _threads(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text, re.ASCII):
        raise BadSetting("this is not a number of threads", valid="a whole number from 1")
    return int(text)


def _stage_days(text: str) -> tuple[int, int, int]:
    match = re.fullmatch(r"\s*([0-9]{1,4})\s*,\s*([0-9]{1,4})\s*,\s*([0-9]{1,4})\s*", text, re.ASCII)
    if match is None or not 0 < int(match[2]) <= int(match[3]):
        raise BadSetting(
            "these are not the days of new, active and silent",
            valid="three numbers of days, such as 30,90,180",
        )
    return int(match[1]), int(match[2]), int(match[3])


def _secret_key(text: str) -> str:
    if len(text) < LEAST_SECRET or len(set(text)) < 10:
        raise BadSetting("this key is too weak", valid=f"at least {LEAST_SECRET} random characters")
    return text


def _secret_keys(text: str) -> tuple[str, ...]:
    return tuple(_secret_key(key.strip()) for key in text.split(",") if key.strip())


def _half_of_the_machine() -> int:
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(LEAST_MEMORY, min(machine // 2, MOST_MEMORY))
