"""Texts that try to be more than text, and a house in which every field that people fill has each of them.

Run as a program over a house that is there, it fills the fields as an administrator and prints where to look.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

PROBES = (
    "<script>__x(1)</script>", "<img src=x onerror=__x(1)>", '"><svg onload=__x(1)>', "'><b onmouseover=__x(1)>",
    "javascript:__x(1)", "</title><script>__x(1)</script>", "</textarea><script>__x(1)</script>",
    "</select><img src=x onerror=__x(1)>", "{{7*7}}", "{% load x %}", "${7*7}", "`${__x(1)}`",
    "'-__x(1)-'", "\\u003cimg src=x onerror=__x(1)\\u003e", "<math><a xlink:href=javascript:__x(1)>a</a></math>",
    "&lt;script&gt;__x(1)&lt;/script&gt;", "<a href=javascript:__x(1)>a</a>",
    "<iframe srcdoc='<script>__x(1)</script>'>", "<style>*{display:none}</style>", "<!--", "]]><script>__x(1)</script>",
    "<details open ontoggle=__x(1)>", "\u202e<b>evil\u202c", "\u200b<base href=//evil.example>",
    "</script><script>__x(1)</script>",
)  # fmt: skip


def fill() -> list[str]:
    """Fill every field that people fill with every probe; the addresses of pages that show them."""
    from django.apps import apps
    from django.core.files.uploadedfile import SimpleUploadedFile

    from huoshui.project.cli import huoshui
    from huoshui.project.cli.running import run
    from tests.plugins.signed_in import sign_in

    def newest(room: str, model: str) -> Any:
        return apps.get_model(room, model).objects.latest("pk").pk

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / '"><img src=x onerror=__x(1)>.csv'
        rows = [("Customer ID", "Name", "City", "Email", PROBES[1])]
        rows += [(f"probe{at} {probe}", probe, probe, probe, probe) for at, probe in enumerate(PROBES)]
        text = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
        path.write_text(text, encoding="utf-8")
        assert run(huoshui, ["import", str(path), "--as", "customers", "--source", PROBES[0]]) == 0
    client = sign_in(name=PROBES[2], two_steps=True)
    client.defaults |= {"HTTP_USER_AGENT": PROBES[0], "HTTP_REFERER": f"http://127.0.0.1/{PROBES[1]}"}
    client.post("/customers/new/", {"name": "All of them", "phone": "", "email": ""})
    customer = newest("customers", "Customer")
    about = f"/about/customer:{customer}"
    for probe in PROBES:
        client.post(f"/customers/{customer}/tags/", {"tag": probe})
        saved = {"name": probe, "query": urlencode({"q": probe}), "sharing": "all"}
        client.post("/customers/views/save/", saved)
        task = {
            "title": probe,
            "note": probe,
            "who": f"user:{client.user.pk}",
            "subject": f"customer:{customer}",
        }
        client.post("/work/add/", {**task, "due": "2026-01-01"})
        client.post(f"{about}/comment/", {"body": f"{probe} @{PROBES[2]}", "named": [client.user.pk]})
        client.post(f"{about}/attach/", {"file": SimpleUploadedFile(f"{probe.replace('/', '')}.txt", b"x")})
    for probe in PROBES[:3]:
        client.post("/customers/new/", {"name": probe, "email": probe})
        client.post("/settings/teams/", {"name": probe})
        form = {"name": probe, "email": f"p{len(probe)}@example.com", "role": "viewer", "scope": "all"}
        client.post("/settings/colleagues/invite/", {**form, "language": "en"})
        client.post("/account/tokens/", {"name": probe, "rights": ["customers.view"], "days": "30"})
        client.get(f"/customers/{probe}/")
    named = (
        apps.get_model("customers", "Customer")
        .objects.filter(name__in=PROBES[:3])
        .values_list("pk", flat=True)
    )
    team, task = newest("users", "Team"), newest("worklist", "Task")
    return [
        "/", "/customers/?all=1", "/customers/views/",
        *(f"/customers/{customer}/{part}" for part in ("", "orders/", "traits/", "about/", "edit/")),
        *(f"/customers/{pk}/{part}" for pk in named for part in ("", "about/")),
        "/work/", "/work/all/?view=all&state=any", f"/work/{task}/", f"/work/{task}/edit/", f"{about}/",
        f"{about}/versions/", "/inbox/", "/imports/", f"/imports/{newest('connectors', 'Load')}/", "/jobs/",
        "/settings/colleagues/", f"/settings/colleagues/{client.user.pk}/", "/settings/teams/",
        f"/settings/teams/{team}/", "/settings/audit/", "/settings/mail/", "/account/", "/account/tokens/",
        # What ends an attribute, an element and a script, one after the other.
        *(f"{path}?{urlencode({name: PROBES[2] + PROBES[5] + PROBES[24]})}"
          for path, name in (("/search/", "q"), ("/customers/", "q"), ("/customers/", "tag"), ("/imports/", "q"),
                             ("/settings/audit/", "who"), ("/", "period"), ("/work/all/", "view"))),
    ]  # fmt: skip


if __name__ == "__main__":
    import django

    django.setup()
    sys.stdout.write("\n" + json.dumps(fill()))
