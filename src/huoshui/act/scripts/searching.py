"""Finding scripts: by any part of their words, and by how title and question sound (``tuihuo``, ``th`` for 退货)."""

from __future__ import annotations

import re

from huoshui.data.customers.words import is_han, plain

_SPLIT = re.compile(r"[\s,，.。、;；:：!！?？()（）\"“”]+")


def words_of(title: str, question: str, text: str) -> str:
    """The words of a script, in each of which a search finds any part."""
    from pypinyin import lazy_pinyin

    said = f"{title} {question}"
    heard = [plain(one) for one in lazy_pinyin("".join(sign for sign in said if is_han(sign)))]
    parts = (plain(said), plain(text), "".join(heard), "".join(one[:1] for one in heard))
    return " ".join(dict.fromkeys(part for part in parts if part))


def asked(text: str) -> list[str]:
    """What somebody looks for, as `words_of` writes it: each of these is to be found."""
    return [word for word in map(plain, _SPLIT.split(text[:200])) if word][:8]
