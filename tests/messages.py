"""The sentences of the pages and their translation. ``python -m tests.messages`` brings the catalogue up to date.

Sentences stand in templates (``{% translate %}``, ``{% blocktranslate %}``, ``_("…")``) and in gettext calls. Finding
them needs no xgettext, so that everybody can add one.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import polib
from django.utils.translation.template import templatize

SOURCES = Path(__file__).resolve().parents[1] / "src" / "huoshui"
CATALOGUE = SOURCES / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"

_STRING = r"""u?('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")"""
_CALL = re.compile(rf"\b(n?gettext(?:_lazy)?|_)\(\s*{_STRING}(?:\s*,\s*{_STRING})?")


def used() -> dict[str, str]:
    """Every sentence of the sources, with its plural where it has one; in templates Django looks ``%`` up as ``%%``."""
    found: dict[str, str] = {}
    for path in sorted(SOURCES.rglob("*")):
        if path.suffix not in (".html", ".py") or "tests" in path.parts or "vendor" in path.parts:
            continue
        text = path.read_text("utf-8")
        if path.suffix == ".html":
            text = templatize(text)
        for call, first, second in _CALL.findall(text):
            plural = ast.literal_eval(second) if second and call.startswith("n") else ""
            found[ast.literal_eval(first)] = plural
    found.pop("", None)
    return found


def update() -> list[str]:
    """Add what is missing, drop what nobody says any more; answers what is to be translated."""
    catalogue = polib.pofile(str(CATALOGUE), wrapwidth=110)
    wanted = used()
    known = {entry.msgid: entry for entry in catalogue}
    for msgid, entry in known.items():
        if wanted.get(msgid, None) != entry.msgid_plural:
            catalogue.remove(entry)
    for msgid, plural in wanted.items():
        if msgid not in known or known[msgid].msgid_plural != plural:
            forms = {"msgid_plural": plural, "msgstr_plural": {0: ""}} if plural else {}
            catalogue.append(polib.POEntry(msgid=msgid, **forms))
    catalogue.sort(key=lambda entry: entry.msgid.casefold())
    catalogue.save(str(CATALOGUE))
    return [entry.msgid for entry in catalogue.untranslated_entries()]


if __name__ == "__main__":
    for missing in update():
        print(missing)
