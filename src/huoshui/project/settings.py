"""Django's settings, made from what the operator configured (see ``configuration``)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from huoshui.project import configuration as _configuration
from huoshui.project import logs as _logs
from huoshui.project import smtp as _smtp
from huoshui.project.allowed import MIB as _MIB

_chosen = _configuration.read(os.environ, Path.cwd())

HUOSHUI_HOME: Path = _chosen.home
HUOSHUI_LAKE: str = _chosen.lake_url
HUOSHUI_CACHE: int = _chosen.cache
HUOSHUI_ENGINE: str = _chosen.engine
HUOSHUI_SPARK_MASTER: str = _chosen.spark_master
HUOSHUI_TIME_ZONE: str = _chosen.time_zone
HUOSHUI_CURRENCY: str = _chosen.currency
HUOSHUI_URL: str = _chosen.url
HUOSHUI_PROXIES: str = _chosen.proxies
HUOSHUI_SMTP: _smtp.Smtp | None = _chosen.smtp
HUOSHUI_BOUNCES: Path | None = _chosen.bounces
HUOSHUI_INNER_HOSTS: frozenset[str] = _chosen.inner_hosts
HUOSHUI_MEMORY: str = f"{_chosen.memory // _MIB}MiB"
HUOSHUI_THREADS: int = _chosen.threads or 0
HUOSHUI_STAGE_DAYS: tuple[int, int, int] | None = _chosen.stage_days
HUOSHUI_STATED: frozenset[str] = _chosen.stated

SECRET_KEY = _configuration.secret_key(_chosen)
SECRET_KEY_FALLBACKS = list(_chosen.secret_key_fallbacks)
DEBUG = False
ALLOWED_HOSTS = sorted({urlsplit(HUOSHUI_URL).hostname or "", "127.0.0.1", "localhost", "[::1]"} - {""})

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "huoshui.web",
    "huoshui.lake",
    "huoshui.desk.organisation",
    "huoshui.desk.audit",
    "huoshui.desk.jobs",
    "huoshui.desk.mail",
    "huoshui.desk.users",
    "huoshui.desk.worklist",
    "huoshui.desk.threads",
    "huoshui.data.facts",
    "huoshui.data.traits",
    "huoshui.data.customers",
    "huoshui.data.privacy",
    "huoshui.data.connectors",
    "huoshui.know.models",
    "huoshui.know.segments",
    "huoshui.know.custom",
    "huoshui.know.value",
    "huoshui.know.lifecycle",
    "huoshui.know.research",
    "huoshui.act.holdouts",
    "huoshui.act.channels",
    "huoshui.act.scripts",
    "huoshui.act.templates",
    "huoshui.act.messages",
    "huoshui.act.campaigns",
    "huoshui.act.receipts",
    "huoshui.measure.metrics",
    "huoshui.measure.experiments",
    "huoshui.measure.dashboards",
    "huoshui.plan.plans",
    "huoshui.project.api",
    "huoshui.project.house",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "huoshui.web.middleware.PackText",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "huoshui.project.api.door.Answers",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "huoshui.desk.users.middleware.SayWho",
    "huoshui.web.middleware.SayRefusals",
    "huoshui.project.access.gate.Gate",
]

ROOT_URLCONF = "huoshui.project.urls"
WSGI_APPLICATION = "huoshui.project.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "huoshui.web.templatetags.ui",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "huoshui.web.shell.shell",
            ],
        },
    }
]

# In the session and not in a cookie: what is said may name a customer.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "huoshui.web.storage.VersionedStaticFiles"},
}
# The files are served from the package itself; their addresses carry a digest, so they may be kept.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_MAX_AGE = 365 * 24 * 3600
WHITENOISE_IMMUTABLE_FILE_TEST = "^/static/"

# No script and no style but our own files, none of them inline.
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}
LOGGING = _logs.CONFIGURATION

DATA_UPLOAD_MAX_NUMBER_FIELDS = 8000  # a rule of a hundred clauses, many with conditions, is one form
CSRF_FAILURE_VIEW = "huoshui.web.errors.forged"

DATABASES: dict[str, dict[str, Any]] = {"default": _configuration.database(_chosen.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What libraries mark as a task runs on the workers of the house.
TASKS: dict[str, dict[str, Any]] = {"default": {"BACKEND": "huoshui.desk.jobs.backend.JobsBackend"}}

# Letters to colleagues go through the outbox of the house.
EMAIL_BACKEND = "huoshui.desk.mail.backend.OutboxBackend"

AUTH_USER_MODEL = "users.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_HASHERS = [
    "huoshui.desk.users.hashers.Argon2",
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account:login"

# Cookies are for the host that set them, and for TLS only where there is TLS. On this machine itself several houses
# may run, told apart by their ports, which cookies do not look at.
_TLS = urlsplit(HUOSHUI_URL).scheme == "https"
_PORT = urlsplit(HUOSHUI_URL).port or ""
SESSION_COOKIE_NAME = "__Host-sessionid" if _TLS else f"huoshui_session{_PORT}"
CSRF_COOKIE_NAME = "__Host-csrftoken" if _TLS else f"huoshui_csrf{_PORT}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _TLS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # without use; how long at most stands in desk/users/services/sessions.py
SECURE_SSL_REDIRECT = _TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _TLS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_TRUSTED_ORIGINS = [f"https://{urlsplit(HUOSHUI_URL).netloc}"] if _TLS else []

# Django keeps its clock in UTC. The zone of the house is a value of the organisation, not of the process.
USE_TZ = True
TIME_ZONE = "UTC"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
USE_I18N = True
LOCALE_PATHS = [Path(__file__).parents[1] / "locale"]
LANGUAGE_COOKIE_NAME = "huoshui_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
