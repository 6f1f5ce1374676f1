"""Verbs of customers: one file per topic, one door."""

from huoshui.data.customers.services.accounts import (
    NoSuchAccount,
    add_account_members,
    assign_owner,
    resolve_accounts,
)
from huoshui.data.customers.services.declaring import (
    AttributeTaken,
    NotAnAttributeType,
    NotASlug,
    declare_attribute,
)
from huoshui.data.customers.services.profiles import (
    NotNormalised,
    ProfileReport,
    UnknownProfileField,
    update_profiles,
)
from huoshui.data.customers.services.resolving import resolve
from huoshui.data.customers.services.tagging import NotATag, tag, untag
from huoshui.data.customers.services.undoing import UndoneCustomers, undo_load

__all__ = [
    "AttributeTaken",
    "NoSuchAccount",
    "NotASlug",
    "NotATag",
    "NotAnAttributeType",
    "NotNormalised",
    "ProfileReport",
    "UndoneCustomers",
    "UnknownProfileField",
    "add_account_members",
    "assign_owner",
    "declare_attribute",
    "resolve",
    "resolve_accounts",
    "tag",
    "undo_load",
    "untag",
    "update_profiles",
]
