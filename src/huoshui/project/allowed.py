"""What each setting may be: its text becomes a value, or is refused with what would be valid.

All raise `BadSetting`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from huoshui.kernel.clock import zone_named
from huoshui.kernel.currencies import currency_code
from huoshui.kernel.errors import HuoshuiError
from huoshui.project.smtp import VALID, Smtp, parse

ENGINES = ("duckdb", "spark")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
LEAST_SECRET = 50
MIB = 1024**2
LEAST_MEMORY = 64 * MIB

_MASTER = re.compile(r"local(\[(\*|[1-9]\d*)\])?|local-cluster\[\d+,\d+,\d+\]|yarn|(spark|k8s)://\S+")


class BadSetting(HuoshuiError):
    """A setting has a value that means nothing here."""

    code = "bad_setting"


def database_url(text: str) -> str:
    """The address of a database."""
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


def lake_url(folder: Path) -> Callable[[str], str]:
    """A folder, from ``folder`` on where it is not whole, or a place in a bucket."""

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


def engine(text: str) -> str:
    """One of `ENGINES`."""
    if text not in ENGINES:
        raise BadSetting("there is no such engine", valid=" or ".join(ENGINES))
    return text


def spark_master(text: str) -> str:
    """Where Spark runs."""
    if not _MASTER.fullmatch(text):
        raise BadSetting(
            "this is no address of Spark",
            valid="local[*], local[4], spark://host:7077, yarn or k8s://https://host:443",
        )
    return text


def time_zone(text: str) -> str:
    """The name of a time zone."""
    try:
        return zone_named(text).key
    except HuoshuiError as error:
        raise BadSetting("this is not a time zone", valid=error.valid) from error


def currency(text: str) -> str:
    """The code of a currency."""
    try:
        return currency_code(text)
    except HuoshuiError as error:
        raise BadSetting("this is not a currency", valid=error.valid) from error


def url(text: str) -> str:
    """Where people find the house: without TLS only on the machine itself."""
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


def proxies(text: str) -> str:
    """Addresses and networks, by commas."""
    try:
        return ",".join(str(ip_network(part.strip())) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise BadSetting(
            "these are no addresses of proxies",
            valid="addresses and networks by commas: 127.0.0.1,10.0.0.0/8",
        ) from error


def smtp(text: str) -> Smtp:
    """A mail server."""
    try:
        return parse(text)
    except ValueError as error:
        raise BadSetting(str(error), valid=VALID) from error


def maildir(text: str) -> Path:
    """A whole path."""
    folder = Path(text).expanduser()
    if not folder.is_absolute():
        raise BadSetting(
            "this is not a whole path", valid="such as /var/mail/bounces, a folder with new/ and cur/"
        )
    return folder


def inner_hosts(text: str) -> frozenset[str]:
    """Hosts with their ports, by commas."""
    hosts = [part.strip().lower() for part in text.split(",") if part.strip()]
    for host in hosts:
        if not re.fullmatch(r"[a-z0-9_.-]{1,253}:[1-9][0-9]{0,4}", host):
            raise BadSetting(
                "these are no hosts with their ports",
                valid="such as gateway.corp:8080,10.0.0.5:443 by commas",
            )
    return frozenset(hosts)


def memory(text: str) -> int:
    """Bytes, at least `LEAST_MEMORY`."""
    size = _size(text, "memory")
    if size < LEAST_MEMORY:
        raise BadSetting("this is too little memory", valid=f"at least {LEAST_MEMORY // MIB}MiB")
    return size


def disk(text: str) -> int:
    """Bytes."""
    return _size(text, "disk")


def _size(text: str, what: str) -> int:
    match = re.fullmatch(r"([0-9]{1,12})\s*([KMGT]?)(i?)B?", text.strip(), re.IGNORECASE | re.ASCII)
    if match is None:
        raise BadSetting(
            f"this is not an amount of {what}", valid="a number with its unit, such as 1GiB or 800MB"
        )
    base = 1024 if match[3] else 1000
    return int(match[1]) * int(base ** " KMGT".index(match[2].upper() or " "))


def threads(text: str) -> int:
    """A number of threads."""
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text, re.ASCII):
        raise BadSetting("this is not a number of threads", valid="a whole number from 1")
    return int(text)


def stage_days(text: str) -> tuple[int, int, int]:
    """Days of new, active and silent."""
    match = re.fullmatch(r"\s*([0-9]{1,4})\s*,\s*([0-9]{1,4})\s*,\s*([0-9]{1,4})\s*", text, re.ASCII)
    if match is None or not 0 < int(match[2]) <= int(match[3]):
        raise BadSetting(
            "these are not the days of new, active and silent",
            valid="three numbers of days, such as 30,90,180",
        )
    return int(match[1]), int(match[2]), int(match[3])


def secret_key(text: str) -> str:
    """A key that nobody guesses."""
    if len(text) < LEAST_SECRET or len(set(text)) < 10:
        raise BadSetting("this key is too weak", valid=f"at least {LEAST_SECRET} random characters")
    return text


def secret_keys(text: str) -> tuple[str, ...]:
    """Keys, by commas."""
    return tuple(secret_key(key.strip()) for key in text.split(",") if key.strip())
