"""Questions about customers: who they are, by what they are known, what is said of them."""

from huoshui.data.customers.queries.attributes import (
    DeclaredAttribute,
    attributes,
    closed_to,
    declared_attribute,
    uses_of_attributes,
)
from huoshui.data.customers.queries.births import OF_AGE, children
from huoshui.data.customers.queries.events import EventTypeSeen, event_types, events_closed_to
from huoshui.data.customers.queries.identities import (
    FoundCustomer,
    Means,
    counts_by_source,
    find,
    known,
    meant,
)
from huoshui.data.customers.queries.profiles import (
    KnownAs,
    NoSuchCustomer,
    Profile,
    account_name,
    account_named,
    count,
    deleted,
    emails,
    named,
    names,
    profile,
)
from huoshui.data.customers.queries.rows import (
    BASE_SCHEMA,
    base_rows,
    created_by,
    current_customers,
    ids_for_lake,
    unfindable,
)
from huoshui.data.customers.queries.values import Readable, attributes_in_lake, filled, hand_values, values_of

__all__ = [
    "BASE_SCHEMA",
    "OF_AGE",
    "DeclaredAttribute",
    "EventTypeSeen",
    "FoundCustomer",
    "KnownAs",
    "Means",
    "NoSuchCustomer",
    "Profile",
    "Readable",
    "account_name",
    "account_named",
    "attributes",
    "attributes_in_lake",
    "base_rows",
    "children",
    "closed_to",
    "count",
    "counts_by_source",
    "created_by",
    "current_customers",
    "declared_attribute",
    "deleted",
    "emails",
    "event_types",
    "events_closed_to",
    "filled",
    "find",
    "hand_values",
    "ids_for_lake",
    "known",
    "meant",
    "named",
    "names",
    "profile",
    "unfindable",
    "uses_of_attributes",
    "values_of",
]
