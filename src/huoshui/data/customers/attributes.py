"""Attributes: the presets, the names that are taken, and how the text of a value is read."""

from __future__ import annotations

import re

PROFILE_FIELDS = ("name", "phone", "email", "account", "owner")
"""Fields of every profile; their history has these names."""

RESERVED = frozenset(
    {
        *PROFILE_FIELDS,
        *("customer_id", "account_id", "visitor_id", "owner_email", "created_at", "deleted_at", "load_id"),
        *(
            "source",
            "ingested_at",
            "superseded_by",
            "as_of",
            "valid_from",
            "valid_to",
            "number",
            "wecom",
            "openid",
        ),
        *("unionid", "tag", "tags"),
    }
)

SLUG = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)

LAKE_TYPES = {
    "text": "string",
    "integer": "int64",
    "decimal": "decimal(18, 4)",
    "boolean": "boolean",
    "date": "date",
}
"""Type of an attribute → Ibis type of its column."""

VALUE_PATTERNS = {
    "text": r"^(?s:.+)$",
    "integer": r"^-?[0-9]{1,18}$",
    "decimal": r"^-?[0-9]{1,14}(\.[0-9]{1,4})?$",
    "boolean": r"^(true|false)$",
    "date": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
}
"""Type of an attribute → the one way its values are written, in the common subset of ``re`` and RE2.

Engines differ in what they cast (3.7 to a whole number, "yes" to a truth value); what does not look like this is
no value to any of them.
"""
