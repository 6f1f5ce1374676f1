"""One reading of the bytes of a file: its fingerprint, and what decides how it must be read."""

from __future__ import annotations

import codecs
import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

CHUNK = 8 * 1024 * 1024
LONGEST_LINE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Scan:
    """What the bytes of a file say.

    ``lines`` counts its lines; ``one_end`` is whether all of them, outside of quotes, end in the same way; ``long``
    is the first line that is longer than the engine reads, or 0.
    """

    fingerprint: str
    start: bytes
    lines: int
    utf8: bool
    zeros: int
    one_end: bool
    long: int


def fingerprint(path: Path) -> str:
    """The SHA-256 of the content, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def scan(path: Path) -> Scan:
    """Read ``path`` in pieces, and by a second thread for its fingerprint, which is half of the work."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="fingerprint") as thread:
        taking = thread.submit(fingerprint, path)
        return _scan(path, taking)


def _scan(path: Path, taking: Future[str]) -> Scan:
    decoder = codecs.getincrementaldecoder("utf-8")()
    start, last = b"", b""
    feeds = returns = zeros = quotes = run = long = 0
    utf8 = True
    ends = [0, 0, 0]  # outside of quotes: CR LF, LF alone, CR alone
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            if chunk.endswith(b"\r"):
                chunk += file.read(1)
            start = start or chunk[:8]
            fed = chunk.count(b"\n")
            if b"\r" in chunk:
                outside = b'"'.join(chunk.split(b'"')[quotes % 2 :: 2])
                both = outside.count(b"\r\n")
                ends[0] += both
                ends[1] += outside.count(b"\n") - both
                ends[2] += outside.count(b"\r") - both
                returns += chunk.count(b"\r") - chunk.count(b"\r\n")
            else:
                ends[1] += fed
            quotes += chunk.count(b'"') if b'"' in chunk else 0
            first = _first_end(chunk)
            if run + first > LONGEST_LINE and not long:
                long = feeds + returns + 1
            run = (
                len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
                if first < len(chunk)
                else run + first
            )
            feeds += fed
            zeros += chunk.count(0) if 0 in chunk else 0
            last = chunk[-1:]
            utf8 = utf8 and _decodes(decoder, chunk)
    utf8 = utf8 and _decodes(decoder, b"", final=True)
    lines = (feeds or returns) + (last not in (b"\n", b"\r"))
    return Scan(taking.result(), start, lines, utf8, zeros, sum(map(bool, ends)) < 2, long)


def _first_end(chunk: bytes) -> int:
    ends = [place for place in (chunk.find(b"\n"), chunk.find(b"\r")) if place >= 0]
    return min(ends, default=len(chunk))


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    if chunk.isascii() and not decoder.getstate()[0]:
        return True
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True
