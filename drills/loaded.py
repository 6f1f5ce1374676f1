"""What every process of a house loads, whatever it does: imported where processes are forked from (see `forking`).

The libraries are loaded as usual. The modules of the house are loaded as if its apps were there, which are then taken
away again with the settings that this took: a fork reads its own settings, and its apps say what they declare anew.
"""

import atexit
import contextlib
import gc
import importlib
import os
import pkgutil
import sys
import tempfile
from collections.abc import Iterator
from unittest.mock import patch

import deltalake
import django.contrib.staticfiles.finders
import django.core.management
import django.db.models
import django.test
import django.views.generic
import dns.resolver
import duckdb
import huoshui.lake
import huoshui.project.cli
import ibis.backends.duckdb
import markdown_it
import phonenumbers
import PIL.Image
import pyarrow.compute
import pyarrow.dataset
import pyarrow.parquet
import pydantic
import rich.table
import scipy.optimize
import scipy.stats
import sqlglot.dialects.duckdb
from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connections
from django.utils.functional import empty

__all__ = [
    "PIL",
    "deltalake",
    "django",
    "dns",
    "duckdb",
    "huoshui",
    "ibis",
    "markdown_it",
    "phonenumbers",
    "pyarrow",
    "pydantic",
    "rich",
    "scipy",
    "sqlglot",
]

SETTINGS = "huoshui.project.settings"
OF_ITS_OWN = (SETTINGS, "huoshui.project.urls", "huoshui.project.wsgi", "huoshui.__main__")
"""What a process makes for itself when it imports them: its settings, and what its apps declared."""


def load_house() -> None:
    """Load the modules of the house. What cannot be loaded is left to the fork that needs it, and is told there."""
    with no_settings(), contextlib.suppress(Exception), apps_there():
        for found in pkgutil.walk_packages(huoshui.__path__, "huoshui.", onerror=lambda _: None):
            if not ({"tests", "migrations"} & {*found.name.split(".")} or found.name in OF_ITS_OWN):
                with contextlib.suppress(Exception):
                    importlib.import_module(found.name)


@contextlib.contextmanager
def no_settings() -> Iterator[None]:
    """Those of an empty house that is nowhere, which are forgotten in the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUOSHUI_")}
    with tempfile.TemporaryDirectory(prefix="huoshui-loaded-") as folder:
        around = {**kept, "HUOSHUI_HOME": folder, "DJANGO_SETTINGS_MODULE": SETTINGS}
        with patch.dict(os.environ, around, clear=True):
            try:
                yield
            finally:
                sys.modules.pop(SETTINGS, None)
                settings._wrapped = empty
                for connection in connections.all(initialized_only=True):
                    del connections[connection.alias]
                vars(connections).pop("settings", None)
                vars(connections).update(_settings=None)


@contextlib.contextmanager
def apps_there() -> Iterator[None]:
    """The apps with their models, which have declared nothing yet and are unknown again in the end."""
    try:
        for entry in settings.INSTALLED_APPS:
            config = AppConfig.create(entry)
            apps.app_configs[config.label] = config
            config.apps = apps
        apps.apps_ready = True
        for config in apps.app_configs.values():
            config.import_models()
        apps.clear_cache()
        apps.models_ready = apps.ready = True
        yield
    finally:
        apps.app_configs.clear()
        apps.apps_ready = apps.models_ready = apps.ready = False
        apps.clear_cache()


load_house()
# A fork looks through none of this for garbage; the engine says at the end of a process what nobody let go of.
gc.freeze()
atexit.register(gc.unfreeze)
