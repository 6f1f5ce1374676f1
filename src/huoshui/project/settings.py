"""Django's settings, made from what the operator configured (see ``configuration``)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from huoshui.project import configuration as _configuration
from huoshui.project import logs as _logs

_chosen = _configuration.read(os.environ, Path.cwd())

HUOSHUI_HOME: Path = _chosen.home
HUOSHUI_LAKE: str = _chosen.lake_url
HUOSHUI_CACHE: int = _chosen.cache
HUOSHUI_ENGINE: str = _chosen.engine
HUOSHUI_SPARK_MASTER: str = _chosen.spark_master
HUOSHUI_TIME_ZONE: str = _chosen.time_zone
HUOSHUI_CURRENCY: str = _chosen.currency
HUOSHUI_URL: str = _chosen.url
HUOSHUI_MEMORY: str = f"{_chosen.memory // _configuration.MIB}MiB"
HUOSHUI_THREADS: int = _chosen.threads or 0
HUOSHUI_STAGE_DAYS: tuple[int, int, int] | None = _chosen.stage_days
HUOSHUI_STATED: frozenset[str] = _chosen.stated

SECRET_KEY = _configuration.secret_key(_chosen)
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
    "huoshui.desk.users",
    "huoshui.data.facts",
    "huoshui.data.traits",
    "huoshui.data.customers",
    "huoshui.data.privacy",
    "huoshui.data.connectors",
    "huoshui.know.value",
    "huoshui.know.lifecycle",
    "huoshui.measure.metrics",
    "huoshui.measure.dashboards",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "huoshui.web.middleware.PackText",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "huoshui.web.middleware.SayRefusals",
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

CSRF_FAILURE_VIEW = "huoshui.web.errors.forged"

DATABASES: dict[str, dict[str, Any]] = {"default": _configuration.database(_chosen.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "users.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

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
