"""The words that find a customer: parts of names, their sound, and everything they are known by.

All words are small letters and digits, without accents and signs, so that what is written and what is asked for meet.
A search asks for words that begin as it does; so each word that may be meant from its middle is also kept from there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import product

LONGEST = 40
"""Of longer words only the beginning is kept."""
MOST_READINGS = 4
"""Of how many ways a name can be read at once; more would be guessing."""

_SURNAMES = """
单 shan 曾 zeng 仇 qiu 解 xie 查 zha 区 ou 朴 piao 翟 zhai 盖 ge 任 ren 华 hua 覃 qin 乐 yue 缪 miao 牟 mu 员 yun
召 shao 种 chong 祭 zhai 折 she 秘 bi 冼 xian 繁 po 尉 wei 宓 fu 逄 pang 郗 xi 燕 yan 葛 ge 撒 sa 哈 ha 那 na
应 ying 宁 ning 纪 ji 幺 yao 黑 he 句 gou 隗 wei 佴 nai 阚 kan 尹 yin 沈 shen 石 shi 万 wan 叶 ye
"""
SURNAMES = dict(zip(*[iter(_SURNAMES.split())] * 2, strict=True))
"""How a character is read as a surname where that is rarer than its usual reading, or where it has several."""

COMPOUND = {
    "尉迟": ("yu", "chi"),
    "万俟": ("mo", "qi"),
    "长孙": ("zhang", "sun"),
    "单于": ("chan", "yu"),
    "澹台": ("tan", "tai"),
    "皇甫": ("huang", "fu"),
    "宇文": ("yu", "wen"),
    "令狐": ("ling", "hu"),
}
"""Surnames of two characters that are read in a way of their own."""


def plain(text: str) -> str:
    """Letters and digits of ``text`` only, small, without accents."""
    # Small after it is taken apart too: only then is the letter in an ornate capital found.
    small = unicodedata.normalize("NFKD", text).casefold()
    taken_apart = unicodedata.normalize("NFKD", small)
    return unicodedata.normalize("NFC", "".join(sign for sign in taken_apart if sign.isalnum()))


def asked(text: str) -> list[str]:
    """The words that somebody typed, as `words_of` writes them; empty when there is nothing to look for.

    Digits that were typed apart are one number.
    """
    found: list[str] = []
    for part in text.split():
        word = plain(part)
        if word.isdecimal() and found and found[-1].isdecimal():
            found[-1] += word
        elif word:
            found.append(word)
    return [word[:LONGEST] for word in found]


def words_of(name: str, contacts: Iterable[str], numbers: Iterable[str]) -> str:
    """All words that find a customer, separated by blanks.

    ``contacts`` are phones in E.164 and e-mail addresses, ``numbers`` all else they are known by.
    """
    words = dict.fromkeys(_of_name(name))
    for contact in contacts:
        words.update(dict.fromkeys(_of_email(contact) if "@" in contact else _of_phone(contact)))
    words.update((plain(number), None) for number in numbers)
    return " ".join(dict.fromkeys(word[:LONGEST] for word in words if word))


def _of_name(name: str) -> list[str]:
    words: list[str] = []
    parts = [part for part in name.split() if plain(part)]
    for at, part in enumerate(parts):
        if any(is_han(sign) for sign in part):
            words += _of_chinese(plain(part))
        else:
            words.append(plain(part))
            # O'Neil is found by "neil" too.
            pieces = [piece for piece in map(plain, re.split(r"[\W_]+", part)) if piece]
            words += ["".join(pieces[start:]) for start in range(1, len(pieces))]
            # "Rose Tyler" is found by "rosetyler" and, like a Chinese name, by its initials.
            words.append("".join(plain(one) for one in parts[at:]))
    if len(parts) > 1:
        words.append("".join(plain(part)[0] for part in parts))
    return words


def _of_chinese(name: str) -> list[str]:
    words = [name[at:] for at in range(len(name))]
    for reading in _readings(name):
        for at in range(len(reading)):
            words.append("".join(reading[at:]))
            words.append("".join(syllable[0] for syllable in reading[at:]))
    return words


def _readings(name: str) -> list[tuple[str, ...]]:
    """The ways in which the name may be read, the likeliest first: a polyphonic surname as one, and as usual."""
    choices = [list(_syllables(sign)) for sign in name]
    if len(name) > 2 and name[:2] in COMPOUND:
        choices[:2] = [[syllable] for syllable in COMPOUND[name[:2]]]
    elif name[0] in SURNAMES:
        choices[0] = list(dict.fromkeys([SURNAMES[name[0]], *choices[0][:1]]))
    elif choices:
        choices[0] = choices[0][:1]
    found: list[tuple[str, ...]] = []
    for reading in product(*choices):
        found.append(reading)
        if len(found) == MOST_READINGS:
            break
    return found


@lru_cache(maxsize=30_000)
def _syllables(sign: str) -> tuple[str, ...]:
    """The one or two usual readings of a character without tones; of another sign, the sign."""
    if not is_han(sign):
        return (sign,)
    from pypinyin import Style, pinyin

    read = pinyin(sign, style=Style.NORMAL, heteronym=True, errors="ignore")
    usual = [plain(one).replace("ü", "v") for one in (read[0] if read else [])]
    return tuple(dict.fromkeys(one for one in usual if one.isascii() and one))[:2] or (sign,)


def is_han(sign: str) -> bool:
    """Whether the sign is a Chinese character."""
    return (
        "\u3400" <= sign <= "\u9fff" or "\uf900" <= sign <= "\ufaff" or "\U00020000" <= sign <= "\U0003ffff"
    )


def _of_phone(number: str) -> list[str]:
    digits = plain(number)
    # People ask for a number as it is said within their country, or by its last four digits.
    return [
        digits,
        *([digits[2:]] if number.startswith("+86") else [digits[1:], digits[2:], digits[3:]]),
        digits[-4:],
    ]


def _of_email(address: str) -> list[str]:
    name, _, host = address.partition("@")
    parts = [plain(part) for part in name.replace("_", ".").replace("-", ".").split(".")]
    return [plain(address), plain(host), *parts[1:]]
