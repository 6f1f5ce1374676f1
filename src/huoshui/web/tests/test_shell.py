"""What stands around every page: languages, themes, refusals in sentences, and the policy."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from huoshui.kernel.plugs import MENU
from huoshui.web import errors, shell, undo
from huoshui.web.templatetags.ui import icons

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("said", "language"),
    [("zh-CN,zh;q=0.9", "zh-Hans"), ("zh-TW", "zh-Hans"), ("en-GB", "en"), ("fr-FR", "en"), ("", "en")],
)
def test_the_browser_decides_the_language(stranger: Client, said: str, language: str):
    answer = stranger.get("/style/", headers={"accept-language": said})
    assert f'<html lang="{language}"' in answer.content.decode()


def test_a_chosen_language_and_theme_stay(stranger: Client):
    answer = stranger.post("/choose/language/", {"language": "zh-hans", "next": "/style/?a=1"})
    assert (answer.status_code, answer["Location"]) == (302, "/style/?a=1")
    stranger.post("/choose/theme/", {"theme": "dark"})
    page = stranger.get("/style/").content.decode()
    assert '<html lang="zh-Hans" data-theme="dark" data-bs-theme="dark">' in page
    stranger.post("/choose/language/", {"language": "tlh"})
    stranger.post("/choose/theme/", {"theme": "pink"})
    assert page[:80] == stranger.get("/style/").content.decode()[:80]


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example/",
        "http://127.0.0.1@evil.example/",
        "javascript:alert(1)",
        "\t//evil.example",
        "///evil.example",
        "/%09/evil.example",
        "evil.example",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/choose/language/", "/choose/theme/"])
def test_a_choice_never_leads_to_another_house(stranger: Client, path: str, target: str):
    answer = stranger.post(path, {"language": "en", "theme": "dark", "next": target})
    assert answer.status_code == 302
    assert answer["Location"] in ("/", "/%09/evil.example")


@pytest.mark.parametrize("path", ["/choose/language/", "/choose/theme/"])
def test_an_address_for_forms_says_so_when_it_is_opened(stranger: Client, path: str):
    answer = stranger.get(path)
    assert answer.status_code == 405
    assert "not for opening" in answer.content.decode()


def test_a_form_without_its_token_is_refused_in_a_sentence():
    careful = Client(enforce_csrf_checks=True, headers={"host": "127.0.0.1", "accept-language": "zh-CN"})
    answer = careful.post("/choose/theme/", {"theme": "dark"})
    assert answer.status_code == 403
    assert "这张表单已过期" in answer.content.decode()


def test_a_wrong_method_and_a_wrong_host_get_sentences(stranger: Client, pages: Client):
    answer = pages.post("/search/", {"q": "x"})
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD"
    assert "not for opening" in answer.content.decode()
    answer = stranger.get("/style/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "cannot be shown as asked" in answer.content.decode()


def test_too_much_at_once_is_refused_in_a_sentence(stranger: Client):
    answer = stranger.post("/choose/theme/", {"theme": "dark", "next": "x" * 3_000_000})
    assert answer.status_code == 413
    assert "This is too large" in answer.content.decode()


def test_a_page_that_is_not_there_says_what_to_do(stranger: Client):
    answer = stranger.get("/nowhere/<script>/")
    assert answer.status_code == 404
    text = answer.content.decode()
    assert "nothing at this address" in text
    assert "nowhere" not in text.partition("<main")[2]


def test_a_failure_shows_a_sentence_and_never_a_trace(pages: Client, monkeypatch: pytest.MonkeyPatch):
    def fail(*_arguments: object) -> list[object]:
        raise RuntimeError("secret of customer 王梅")

    monkeypatch.setattr("huoshui.web.search.search", fail)
    pages.raise_request_exception = False
    answer = pages.get("/search/?q=x", headers={"accept-language": "zh-CN"})
    assert answer.status_code == 500
    text = answer.content.decode()
    assert "我们这边出了故障" in text
    assert "王梅" not in text
    assert "Traceback" not in text


def test_every_status_has_its_sentence():
    assert set(errors.SENTENCES) == {400, 403, 404, 405, 413, 429, 500}
    assert {sentence.icon for sentence in errors.SENTENCES.values()} <= icons()


def test_the_policy_allows_only_own_files_and_nothing_inline(stranger: Client):
    answer = stranger.get("/style/")
    policy = dict(part.strip().partition(" ")[::2] for part in answer["Content-Security-Policy"].split(";"))
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    text = answer.content.decode()
    assert re.findall(r"<[^>]+\sstyle=", text) == []
    assert re.findall(r"<[^>]+\son[a-z]+=", text) == []
    scripts = re.findall(r"<script([^>]*)>([^<]*)", text)
    assert all("src=" in attributes or "application/json" in attributes for attributes, _body in scripts)


def test_strangers_see_no_menu_line_that_needs_a_right(stranger: Client):
    assert "customers" not in [entry.slug for entry in shell.entries(shell.NOBODY)]
    assert "/customers/" not in stranger.get("/style/").content.decode()


def test_who_has_the_right_sees_the_line(pages: Client):
    assert 'href="/customers/"' in pages.get("/style/").content.decode()


def test_the_menu_follows_the_loop_and_its_icons_are_in_the_sprite():
    assert list(shell.GROUPS) == ["overview", "know", "plan", "act", "measure", "settings"]
    assert {entry.icon for entry in MENU} <= icons()


def test_search_finds_pages_by_their_names_in_both_languages(pages: Client):
    for words in ("overv", "总览"):
        assert 'href="/"' in pages.get("/search/", {"q": words}).content.decode().partition("<main")[2]


def test_the_search_box_gets_only_the_list(pages: Client):
    part = pages.get("/search/", {"q": "overview"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert 'href="/"' in part


def test_a_message_offers_the_way_back_once(rf, pages: Client):
    from django.contrib.messages.storage.fallback import FallbackStorage

    request = rf.get("/")
    request.session = {}
    request._messages = FallbackStorage(request)
    undo.offer(request, "3 customers tagged", undo="/customers/tags/undo/", batch=7)
    undo.say(request, "Saved", tone="warn")
    said = list(undo.toasts(request))
    assert [(toast.text, toast.tone, toast.undo, dict(toast.fields)) for toast in said] == [
        ("3 customers tagged", "good", "/customers/tags/undo/", {"batch": "7"}),
        ("Saved", "warn", "", {}),
    ]
