"""What every process of a house loads, whatever it does: imported where processes are forked from (see `forking`)."""

import deltalake
import django.contrib.staticfiles.finders
import django.core.management
import django.db.models
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
