"""One spelling for what names a person, so that the same person is found however a file writes them.

Each function takes one text and returns the one spelling, or raises `NotAnIdentity`. `normalise_many` does the same
for a list of distinct values and returns problems instead of raising.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

import phonenumbers

from huoshui.kernel.errors import HuoshuiError

LONGEST = 254
LONGEST_NAME = 200

# What mail servers in use accept, not all that RFC 5322 allows: no quoted local parts, no comments, no bare hosts.
_EMAIL = re.compile(
    r"[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{1,64}@"
    r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])",
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]")
# Marks that nobody sees, left by other programs. Joiners (U+200C, U+200D) stay: they belong to words and to emoji.
_INVISIBLE = dict.fromkeys(
    [0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF]
)
# A phone number that a spreadsheet took for a quantity: its last digits are lost, guessing would merge strangers.
_SCIENTIFIC = re.compile(r"[0-9][0-9.,]*[eE]\+?[0-9]+")
_MOBILE_OF_CHINA = re.compile(r"\+861[3-9][0-9]{9}")
_TRAILING_ZERO = re.compile(r"([0-9]{5,})\.0+")


class NotAnIdentity(HuoshuiError):
    """A text that cannot name a person in the way it should."""

    code = "not_an_identity"


def normalise_text(text: str, *, longest: int = LONGEST) -> str:
    """Trimmed, without invisible marks, in Unicode form NFC.

    Raises `NotAnIdentity` when empty, too long or with control characters.
    """
    # Neither marks nor other forms are in plain ASCII, which most addresses and numbers are.
    value = text if text.isascii() else unicodedata.normalize("NFC", text.translate(_INVISIBLE))
    value = value.strip()
    if not value:
        raise NotAnIdentity("This is empty", received=repr(text[:60]))
    if len(value) > longest:
        raise NotAnIdentity(
            "This is too long", received=f"{len(value)} characters", valid=f"at most {longest}"
        )
    if _CONTROL.search(value):
        raise NotAnIdentity("This has characters that cannot be shown", received=repr(value[:60]))
    return value


def normalise_name(text: str) -> str:
    """A name: as written, with single spaces. Raises `NotAnIdentity`."""
    return normalise_text(" ".join(text.translate(_INVISIBLE).split()), longest=LONGEST_NAME)


def normalise_email(text: str) -> str:
    """An e-mail address: trimmed, full-width letters made plain, lower case. Raises `NotAnIdentity`.

    The part before @ is lower-cased too: servers that tell Mei@ from mei@ are not in use, and people who write
    both are one.
    """
    value = normalise_text(text)
    if not value.isascii():
        # Full-width letters and signs come from Chinese keyboards; true letters of other scripts stay.
        value = "".join(
            unicodedata.normalize("NFKC", sign) if "\uff01" <= sign <= "\uff5e" else sign for sign in value
        )
    value = unicodedata.normalize("NFC", value.lower())
    if (
        len(value) > LONGEST
        or not _EMAIL.fullmatch(value)
        or ".." in value
        or ".@" in value
        or value[0] == "."
    ):
        raise NotAnIdentity(
            "This is not an e-mail address",
            received=repr(text[:60]),
            valid="an address such as mei@example.com",
        )
    return value


def normalise_phone(text: str, *, region: str | None) -> str:
    """A phone number in the form E.164, such as +8613812345678. Raises `NotAnIdentity`.

    ``region`` is the ISO 3166 code of the country whose local spellings are understood; without it only numbers
    that start with + or 00 are.
    """
    if _MOBILE_OF_CHINA.fullmatch(text):
        return text  # most of a million; asking the library takes eighty times as long and says the same
    value = unicodedata.normalize("NFKC", text.translate(_INVISIBLE)).strip()
    valid = "a number such as +86 138 1234 5678" + (f" or as written within {region}" if region else "")
    if _SCIENTIFIC.fullmatch(value):
        raise NotAnIdentity(
            "This phone number was turned into a quantity by a spreadsheet and lost digits",
            received=repr(text[:60]),
            valid=valid,
            next_step="Format the column as text and export it again",
        )
    value = _TRAILING_ZERO.sub(r"\1", value)
    if value.startswith("00"):
        value = "+" + value[2:]
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException as error:
        raise NotAnIdentity("This is not a phone number", received=repr(text[:60]), valid=valid) from error
    # Possible, not valid: number plans open new ranges faster than libraries are updated. Extensions are dropped.
    if number.extension or not phonenumbers.is_possible_number(number):
        raise NotAnIdentity("This is not a phone number", received=repr(text[:60]), valid=valid)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def normalise_identity(kind: str, value: str, *, region: str | None = None) -> str:
    """``value`` in the one spelling of ``kind`` (a kind of identity, or ``name``). Raises `NotAnIdentity`."""
    return _normaliser(kind, region)(value)


def normalise_many(
    kind: str, values: Iterable[str | None], *, region: str | None = None
) -> list[tuple[str | None, str]]:
    """For each value its one spelling and no problem, or ``None`` and the problem in words.

    Made for the distinct values of a column (an Arrow array, or any iterable of texts); empty values stay
    ``None`` without a problem.
    """
    normalise = _normaliser(kind, region)
    found: list[tuple[str | None, str]] = []
    for value in values.to_pylist() if hasattr(values, "to_pylist") else values:
        if value is None or not value.strip():
            found.append((None, ""))
            continue
        try:
            found.append((normalise(value), ""))
        except NotAnIdentity as error:
            found.append((None, error.problem))
    return found


def _normaliser(kind: str, region: str | None) -> Callable[[str], str]:
    if kind == "email":
        return normalise_email
    if kind == "phone":
        return lambda text: normalise_phone(text, region=region)
    if kind == "name":
        return normalise_name
    return normalise_text
