"""What every process of a house loads, whatever it does: imported where processes are forked from (see `forking`)."""

import deltalake
import django.core.management
import django.db.models
import duckdb
import huoshui.lake
import huoshui.project.cli
import ibis.backends.duckdb
import phonenumbers
import pyarrow.compute
import pyarrow.dataset
import pyarrow.parquet
import rich.table
import sqlglot.dialects.duckdb

__all__ = [
    "deltalake",
    "django",
    "duckdb",
    "huoshui",
    "ibis",
    "phonenumbers",
    "pyarrow",
    "rich",
    "sqlglot",
]
