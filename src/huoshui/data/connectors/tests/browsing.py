"""Somebody who imports in the browser: a client that sends files, says how they are read, and loads them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from huoshui.desk.jobs import running

CSV = """Order No,Member No,Order Date,SKU,Qty,Price
A1,m1,2024-05-01 10:00,s1,2,10.00
A1,m1,2024-05-01 10:00,s2,1,5.50
A2,m2,2024-05-02 11:00,s1,1,10.00
A3,m1,2024-05-03 12:00,s3,3,oops
"""


@dataclass
class Importer:
    """``client`` is signed in; a file that was sent has a ``token``."""

    client: Client
    token: str = ""

    def send(self, content: bytes | str, name: str = "orders.csv") -> Any:
        """Upload a file; the answer is a page that says why not, or the way to the next one."""
        content = content if isinstance(content, bytes) else content.encode()
        answer = self.client.post("/imports/new/", {"file": SimpleUploadedFile(name, content)})
        if answer.status_code == 302 and (found := re.search(r"/files/([0-9a-f]+)/", answer["Location"])):
            self.token = found[1]
        return answer

    def page(self, tail: str = "") -> str:
        """A page of the file."""
        answer = self.client.get(f"/imports/files/{self.token}/{tail}")
        assert answer.status_code == 200, answer.get("Location")
        return answer.content.decode()

    def say(self, act: str = "look", **said: Any) -> Any:
        """Send the form of the file as it stands, with some answers changed."""
        sent = {**fields(self.page()), **said, "act": act}
        return self.client.post(f"/imports/files/{self.token}/", sent)

    def check(self, **said: Any) -> str:
        """Make the dry run and show what it found."""
        answer = self.say("check", **said)
        assert answer.status_code == 302, answer.content.decode()
        return self.page("check/")

    def load(self) -> int:
        """Load the file, with its job run here; the number of the load."""
        answer = self.client.post(f"/imports/files/{self.token}/load/")
        assert answer["Location"] == f"/imports/files/{self.token}/running/"
        run_jobs("imports.load")
        answer = self.client.get(answer["Location"])
        found = re.fullmatch(r"/imports/(\d+)/", answer["Location"])
        assert found, answer["Location"]
        return int(found[1])

    def show(self, load_id: int) -> str:
        """The page of a load."""
        answer = self.client.get(f"/imports/{load_id}/")
        assert answer.status_code == 200
        return answer.content.decode()


def run_jobs(kind: str) -> list[str]:
    """Run all waiting jobs of a kind; the states they are in then."""
    waiting = apps.get_model("jobs", "Job").objects.filter(kind=kind, state="waiting")
    return [running.run_now(job.pk) for job in list(waiting)]


def fields(page: str) -> dict[str, Any]:
    """What the form of the file would send as it stands."""
    form = page[page.index('id="hs-look"') :].partition("</form>")[0]
    found: dict[str, Any] = {}
    for name, inside in re.findall(r'<select name="([\w-]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        found[name] = _chosen(inside)
    of_columns = r'<select class="form-select" id="[\w-]+" name="([\w-]+)"[^>]*>(.*?)</select>'
    for name, inside in re.findall(of_columns, form, re.DOTALL):
        found.setdefault(name, []).append(_chosen(inside))
    for tag in re.findall(r'<input type="text"[^>]*>', form):
        attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        found[attributes["name"]] = attributes.get("value", "")
    return found


def text_of(page: str | HttpResponse) -> str:
    """The words of a page, without its marks."""
    text = page if isinstance(page, str) else page.content.decode()
    text = text[text.index("<main") :] if "<main" in text else text
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def _chosen(options: str) -> str:
    found = re.search(r'<option value="([^"]*)" selected', options)
    return found[1] if found else ""
