"""The settings that keep strangers out, in both forms: on this machine only, and behind TLS."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

SHOWN = (
    "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
    "SESSION_COOKIE_HTTPONLY", "SESSION_COOKIE_AGE", "SECURE_HSTS_SECONDS", "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_INCLUDE_SUBDOMAINS", "X_FRAME_OPTIONS", "DEBUG", "SECRET_KEY_FALLBACKS", "ALLOWED_HOSTS",
)  # fmt: skip
ASK = f"""
import json
from django.conf import settings
print(json.dumps({{name: getattr(settings, name) for name in {SHOWN!r}}}))
"""


def run(home: Path, *command: str, **said: str) -> subprocess.CompletedProcess[str]:
    known = {k: v for k, v in os.environ.items() if not k.startswith(("HUOSHUI_", "DJANGO_"))}
    environment = {
        **known, "DJANGO_SETTINGS_MODULE": "huoshui.project.settings", "HUOSHUI_HOME": str(home), **said
    }  # fmt: skip
    return subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True)


def settings_of(home: Path, **said: str) -> dict[str, Any]:
    answer = run(home, "-c", ASK, **said)
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


@pytest.mark.slow
def test_behind_tls_nothing_is_left_to_warn_about(tmp_path: Path):
    check = ("-W", "ignore", "-m", "django", "check", "--deploy", "--fail-level", "WARNING")
    answer = run(
        tmp_path, *check, HUOSHUI_URL="https://crm.example.com", HUOSHUI_SECRET_KEY=secrets.token_urlsafe(64)
    )
    assert answer.returncode == 0, answer.stderr
    assert "no issues" in answer.stdout


def test_behind_tls_cookies_belong_to_the_host_and_travel_by_tls_only(tmp_path: Path):
    old = secrets.token_urlsafe(64)
    found = settings_of(tmp_path, HUOSHUI_URL="https://crm.example.com", HUOSHUI_SECRET_KEY_FALLBACKS=old)
    assert found["SESSION_COOKIE_NAME"] == "__Host-sessionid"
    assert found["CSRF_COOKIE_NAME"] == "__Host-csrftoken"
    assert found["SESSION_COOKIE_SECURE"]
    assert found["CSRF_COOKIE_SECURE"]
    assert found["SECURE_HSTS_SECONDS"] == 365 * 24 * 3600
    assert found["SECURE_HSTS_INCLUDE_SUBDOMAINS"]
    assert found["SECURE_SSL_REDIRECT"]
    assert found["SECRET_KEY_FALLBACKS"] == [old]
    assert "crm.example.com" in found["ALLOWED_HOSTS"]
    assert "*" not in found["ALLOWED_HOSTS"]


def test_on_this_machine_two_houses_do_not_share_their_cookies(tmp_path: Path):
    names = {
        settings_of(tmp_path, HUOSHUI_URL=f"http://127.0.0.1:{port}")["SESSION_COOKIE_NAME"]
        for port in (8000, 8001)
    }
    assert len(names) == 2
    found = settings_of(tmp_path)
    assert not found["SESSION_COOKIE_SECURE"]
    assert found["SECURE_HSTS_SECONDS"] == 0
    assert not found["DEBUG"]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("HUOSHUI_URL", "http://crm.example.com", "plain http is only accepted on the machine itself"),
        ("HUOSHUI_SECRET_KEY", "short", "this key is too weak"),
        ("HUOSHUI_SECRET_KEY_FALLBACKS", "also-short", "this key is too weak"),
    ],
)
def test_what_is_not_safe_does_not_start(tmp_path: Path, name: str, value: str, says: str):
    answer = run(tmp_path, "-c", ASK, **{name: value})
    assert answer.returncode != 0
    assert says in answer.stderr
    if name != "HUOSHUI_URL":
        assert value not in answer.stderr.splitlines()[-1]


@pytest.mark.django_db
def test_every_answer_says_what_a_browser_may_not_do(stranger: Client):
    answer = stranger.get("/account/sign-in/")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]
    cookie = answer.cookies["huoshui_csrf8000"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
