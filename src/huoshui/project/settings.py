"""Django's settings, made from what the operator configured (see ``configuration``)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from huoshui.project import configuration as _configuration

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
ALLOWED_HOSTS: list[str] = []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
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
]

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
