"""Verbs of customers: one file per topic, one door."""

from huoshui.data.customers.services.accounts import (
    NoSuchAccount,
    add_account_members,
    assign_owner,
    resolve_accounts,
)
from huoshui.data.customers.services.bulk import NoSuchAct, assign_many, tag_many, undo_act
from huoshui.data.customers.services.declaring import (
    AttributeInUse,
    AttributeTaken,
    NoSuchAttribute,
    NotAnAttributeType,
    NotASlug,
    allow_attribute,
    allow_event,
    declare_attribute,
    restore_attribute,
    retire_attribute,
)
from huoshui.data.customers.services.editing import (
    ChangedMeanwhile,
    Meanwhile,
    NothingSaid,
    create,
    delete,
    edit,
    known_already,
    restore,
)
from huoshui.data.customers.services.exporting import export
from huoshui.data.customers.services.profiles import (
    NotNormalised,
    ProfileReport,
    UnknownProfileField,
    update_profiles,
)
from huoshui.data.customers.services.resolving import resolve
from huoshui.data.customers.services.searching import index_due, rebuild
from huoshui.data.customers.services.settling import settle
from huoshui.data.customers.services.tagging import NotATag, tag, untag
from huoshui.data.customers.services.undoing import UndoneCustomers, undo_load
from huoshui.data.customers.services.views import (
    NoSuchView,
    NotAView,
    delete_view,
    rename_view,
    restore_view,
    save_view,
    use_always,
)
from huoshui.data.customers.values import WrongValues

__all__ = [
    "AttributeInUse",
    "AttributeTaken",
    "ChangedMeanwhile",
    "Meanwhile",
    "NoSuchAccount",
    "NoSuchAct",
    "NoSuchAttribute",
    "NoSuchView",
    "NotASlug",
    "NotATag",
    "NotAView",
    "NotAnAttributeType",
    "NotNormalised",
    "NothingSaid",
    "ProfileReport",
    "UndoneCustomers",
    "UnknownProfileField",
    "WrongValues",
    "add_account_members",
    "allow_attribute",
    "allow_event",
    "assign_many",
    "assign_owner",
    "create",
    "declare_attribute",
    "delete",
    "delete_view",
    "edit",
    "export",
    "index_due",
    "known_already",
    "rebuild",
    "rename_view",
    "resolve",
    "resolve_accounts",
    "restore",
    "restore_attribute",
    "restore_view",
    "retire_attribute",
    "save_view",
    "settle",
    "tag",
    "tag_many",
    "undo_act",
    "undo_load",
    "untag",
    "update_profiles",
    "use_always",
]
