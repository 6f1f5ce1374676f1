"""Who may open which address: the table against every address, every role and every method."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, path

from huoshui.kernel.actors import RIGHTS, Right, Role
from huoshui.project.access import ACCESS, PUBLIC, SIGNED_IN, who_may
from huoshui.project.access.gate import MOST_OF_A_STRANGER
from tests.plugins.programs import program
from tests.plugins.signed_in import Signed

pytestmark = pytest.mark.django_db

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SIGN_IN = "/account/sign-in/"
EXAMPLES = {"int": "7", "str": "x", "slug": "x", "uuid": "0b6e2d9e-6a0f-4f0f-9f53-0e3d6d1b5a11"}


class Stop:
    """Stands behind the gate in place of the views: what comes here was let through."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_view(self, request: HttpRequest, *_view: object) -> HttpResponse:
        return HttpResponse("through")


@pytest.fixture
def gate(settings) -> None:
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Stop"]


def addresses(patterns=None, prefix: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Name and an example of every address of the house."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(pattern, URLResolver):
            inner = space + (f"{pattern.namespace}:" if pattern.namespace else "")
            yield from addresses(pattern.url_patterns, prefix + str(pattern.pattern), inner)
        elif isinstance(pattern, URLPattern):
            route = re.sub(r"<(\w+):\w+>", lambda found: EXAMPLES[found[1]], prefix + str(pattern.pattern))
            yield f"{space}{pattern.name}", f"/{route}"


def test_every_address_has_its_line_and_every_line_its_address():
    names = [name for name, _path in addresses()]
    assert len(names) > 20
    assert sorted(set(names)) == sorted(ACCESS)


@pytest.mark.slow
@pytest.mark.parametrize("who", ["nobody", "disabled", *Role])
@pytest.mark.usefixtures("gate")
def test_the_gate_holds_to_the_table_at_every_address(who: str, signed_in: Signed):
    client = Client(headers={"host": "127.0.0.1"}) if who == "nobody" else None
    if client is None:
        client = signed_in(Role.MANAGER if who == "disabled" else who)
        if who == "disabled":
            apps.get_model("users", "User").objects.update(is_active=False)
    rights = RIGHTS[Role(who)] if who in list(Role) else None
    # Where programs come in, a session counts for nothing, whoever's it is: that is asked everywhere of who may most.
    everything, few = (
        list(addresses()),
        set(random.sample([a for n, a in addresses() if n.startswith("api:")], 10)),
    )
    for name, address in everything:
        assert "<" not in address
        if name.startswith("api:") and who != Role.ADMINISTRATOR and address not in few:
            continue
        for method in METHODS if name == "account:home" else ("GET", "POST"):
            answer = client.generic(method, address)
            line = who_may(name, method)
            through = answer.status_code == 200 and answer.content in (b"through", b"")
            if name.startswith("api:") and line is not PUBLIC:
                # Whoever is signed in to a browser: pages of other sites can ask in their name.
                assert answer.status_code == 401, (name, method)
            elif line is PUBLIC:
                assert through, (name, method)
            elif rights is None:
                assert answer.status_code == 302, (name, method)
                assert answer["Location"].startswith(SIGN_IN), (name, method)
            elif line is SIGNED_IN or line in rights:
                assert through, (name, method)
            else:
                assert answer.status_code == 403, (name, method)


def drawn_for(right: Right) -> list[tuple[str, str]]:
    """The addresses of programs that ask for ``right``, and one drawn of each others that ask for the same."""
    alike = defaultdict(list)
    for name, address in addresses():
        if name.startswith("api:"):
            alike[who_may(name, "GET"), who_may(name, "POST")].append((name, address))
    return [
        one
        for lines, all_of_them in alike.items()
        for one in (all_of_them if right in lines else [random.choice(all_of_them)])
    ]


TOKENS = [
    *((role, right) for role in (Role.VIEWER, Role.MANAGER) for right in RIGHTS[role]),
    (Role.ANALYST, None),
]


@pytest.mark.slow
@pytest.mark.parametrize(("role", "right"), TOKENS)
@pytest.mark.usefixtures("gate")
def test_a_token_opens_what_its_right_opens_and_no_page(role: Role, right: Right | None, db: None):
    rights = RIGHTS[role] if right is None else {right}
    client = program(role, rights=rights)
    # One token says it of every address and of the pages; of those with one right, one of each kind of line does.
    for name, address in addresses() if right is None else drawn_for(right):
        for method in ("GET", "POST") if name.startswith("api:") else ("GET",):
            answer = client.send(method, address)
            through = answer.status_code == 200 and answer.content == b"through"
            line = who_may(name, method)
            if line is PUBLIC:
                assert through, (name, method)
            elif not name.startswith("api:"):
                assert answer.status_code == 302, name
            elif line is SIGNED_IN or line in rights:
                assert through, (name, method)
            else:
                assert answer.status_code == 403, (name, method)
                assert answer["Content-Type"] == "application/problem+json"


def show(request: HttpRequest) -> HttpResponse:
    return HttpResponse("secret")


urlpatterns = [path("forgotten/", show, name="forgotten"), *get_resolver("huoshui.project.urls").url_patterns]


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ADMINISTRATOR])
def test_an_address_without_a_line_is_refused_for_everybody(signed_in: Signed, settings, role: Role):
    settings.ROOT_URLCONF = __name__
    answer = signed_in(role).get("/forgotten/")
    assert answer.status_code == 403
    assert b"secret" not in answer.content


def test_a_refusal_is_noted_with_who_and_where(signed_in: Signed):
    client = signed_in(Role.VIEWER)
    assert client.post("/settings/teams/", {"name": "x"}).status_code == 403
    row = apps.get_model("audit", "Entry").objects.latest("number")
    assert (row.act, row.user_id) == ("user.refused", client.user.pk)
    assert "people:teams" in row.detail
    assert Right.USERS_MANAGE.value in row.detail


@pytest.mark.parametrize("address", ["/customers/new/", "/account/login/"])
def test_of_what_a_stranger_sends_too_much_of_nothing_is_read(stranger: Client, address: str):
    class Body(BytesIO):
        def read(self, *_size: int | None) -> bytes:
            raise AssertionError("a stranger's file is read")

    length = MOST_OF_A_STRANGER + 1
    sent: dict[str, Any] = {
        "CONTENT_LENGTH": str(length),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "wsgi.input": Body(),
    }
    answer = stranger.generic("POST", address, secure=True, **sent)
    assert answer.status_code == 413


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(stranger: Client):
    answer = stranger.get(
        "/search/?q=x",
        headers={"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1/customers/?stage=lost"},
    )
    assert answer.status_code == 204
    assert answer["HX-Redirect"] == f"{SIGN_IN}?next=%2Fcustomers%2F%3Fstage%3Dlost"
    answer = stranger.get(
        "/search/?q=x", headers={"HX-Request": "true", "HX-Current-URL": "http://evil.example/x"}
    )
    assert answer["HX-Redirect"] == SIGN_IN


EVIL = (
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\/evil.example",
    "\\\\evil.example", "/\\/evil.example", "https:evil.example", "https:/evil.example",
    "https://evil.example", "http://evil.example/", "HTTPS://EVIL.EXAMPLE", "ftp://evil.example",
    "//evil.example@127.0.0.1", "http://127.0.0.1@evil.example/", "http://127.0.0.1:80@evil.example",
    "http://127.0.0.1.evil.example/", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "data:text/html,x", "vbscript:x", "\t//evil.example", "/\t/evil.example", "/\n/evil.example",
    "/\r\n/evil.example", " //evil.example", "/ /evil.example", "\x00//evil.example",
    "/\x00/evil.example", "/\u2028/evil.example", "//evil%2eexample", "///\\evil.example",
    "evil.example", "./../evil.example", "?next=//evil.example", "#//evil.example", "@evil.example",
    "//[::1]/", "//127.0.0.1:1/", "http:///evil.example", "/\u00a0/evil.example", "",
)  # fmt: skip


@pytest.mark.parametrize("target", EVIL)
def test_signing_in_never_leads_to_another_house(signed_in: Signed, target: str):
    client = signed_in(Role.VIEWER)
    answer = client.get(SIGN_IN, {"next": target})
    assert (answer.status_code, answer["Location"]) == (302, "/")


@pytest.mark.parametrize(
    "target", ["/", "/customers/?q=a%20b&stage=lost", "/%2f%2fevil.example", "/%09/evil", "/a?next=//evil"]
)
def test_signing_in_leads_back_to_pages_of_the_house(signed_in: Signed, target: str):
    answer = signed_in(Role.VIEWER).get(SIGN_IN, {"next": target})
    assert answer["Location"] == target


def test_the_way_back_is_in_the_address_of_the_page_for_signing_in(stranger: Client):
    answer = stranger.get("/customers/?stage=lost")
    assert answer["Location"] == f"{SIGN_IN}?next=%2Fcustomers%2F%3Fstage%3Dlost"


@pytest.mark.slow
def test_every_unsafe_address_asks_for_the_token_of_its_form(signed_in: Signed):
    """CSRF: without the token, from elsewhere, and as JSON or plain text."""
    made = signed_in(Role.ADMINISTRATOR)
    careful = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1"})
    careful.cookies = made.cookies
    for name, address in addresses():
        # Programmes of mail post to the signed link of a letter (RFC 8058): there the signature is what is asked for.
        # Programs show a token, and no cookie opens what is theirs.
        signed = name in ("boards:leave", "privacy:leave", "privacy:preferences")
        refused = (404,) if signed else (401, 403, 405) if name.startswith("api:") else (403,)
        assert careful.post(address, {"a": "1"}).status_code in refused, name
    foreign = {"origin": "https://evil.example"}
    for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
        for headers in ({}, foreign):
            answer = careful.post("/account/", "a=1", content_type=kind, headers=headers)
            assert answer.status_code == 403, kind
