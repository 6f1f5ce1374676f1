"""Customers and what the database knows of them.

``load_id`` names the load that brought a row; it is empty for what people typed in. Rows come and go by the hundred
thousand (``services``), so that texts have database defaults and indexes leave empty values out.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from huoshui.data.customers.purposes import usual
from huoshui.database.fields import IdField
from huoshui.kernel.ids import HIGHEST, LOWEST, draw_id


class Account(models.Model):
    """A company that customers belong to."""

    account_id = IdField(primary_key=True, default=draw_id, editable=False)
    name = models.CharField(max_length=200)
    source = models.CharField(max_length=60)
    number = models.CharField(max_length=254)
    load_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("number", "source"), name="account_number_is_unique"),
            models.CheckConstraint(
                condition=Q(account_id__gte=LOWEST, account_id__lte=HIGHEST), name="account_id_is_random_id"
            ),
        )

    def __str__(self) -> str:
        return self.name or self.number


class Customer(models.Model):
    """A person we know. What is here is the newest of `ProfileValue`."""

    customer_id = IdField(primary_key=True, default=draw_id, editable=False)
    name = models.CharField(max_length=200, blank=True, default="", db_default="")
    phone = models.CharField(max_length=16, blank=True, default="", db_default="")
    email = models.CharField(max_length=254, blank=True, default="", db_default="")
    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="members", db_index=False
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    created_at = models.DateTimeField()
    load_id = models.BigIntegerField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(customer_id__gte=LOWEST, customer_id__lte=HIGHEST),
                name="customer_id_is_random_id",
            ),
        )
        indexes = (
            models.Index(fields=("phone",), condition=~Q(phone=""), name="customer_by_phone"),
            models.Index(fields=("email",), condition=~Q(email=""), name="customer_by_email"),
            models.Index(fields=("account",), condition=Q(account__isnull=False), name="customer_by_account"),
            models.Index(fields=("owner",), condition=Q(owner__isnull=False), name="customer_by_owner"),
            models.Index(fields=("load_id",), condition=Q(load_id__isnull=False), name="customer_by_load"),
            models.Index(
                fields=("deleted_at",), condition=Q(deleted_at__isnull=False), name="customer_by_deletion"
            ),
            # Those whom people typed in; the lake learns of them with its next write.
            models.Index(fields=("created_at",), condition=Q(load_id__isnull=True), name="customer_typed_in"),
        )

    def __str__(self) -> str:
        return str(self.customer_id)


class Identity(models.Model):
    """One thing by which one source knows a customer: the shop's number, a phone, an e-mail, a WeCom id …

    ``is_key`` says that loads name the customer by it, so that it stays as long as anything of theirs stays.
    Others were learnt from a profile and go with the load that told them.
    """

    class Kind(models.TextChoices):
        """What sort of thing it is."""

        NUMBER = "number"
        PHONE = "phone"
        EMAIL = "email"
        WECOM = "wecom"
        OPENID = "openid"
        UNIONID = "unionid"

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="identities")
    source = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.CharField(max_length=254)
    is_key = models.BooleanField(default=False, db_default=False)
    load_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "identities"
        constraints = (
            # The value comes first, so that the same index answers "who is this?" over all sources.
            models.UniqueConstraint(fields=("value", "kind", "source"), name="identity_means_one_customer"),
            models.CheckConstraint(
                condition=Q(kind__in=["number", "phone", "email", "wecom", "openid", "unionid"])
                & ~Q(value=""),
                name="identity_says_something",
            ),
        )
        indexes = (
            # Keys are found through the customers of their load; leaving them out makes loading faster.
            models.Index(
                fields=("load_id",), condition=Q(load_id__isnull=False, is_key=False), name="identity_by_load"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.source}"


class Attribute(models.Model):
    """A declared attribute of customers.

    Ordinary ones live in the lake and become columns of its table ``customers``; identifying and sensitive ones
    stay in the database, as `ProfileValue`. A retired one keeps its values and is offered nowhere.
    ``purposes`` are what it may be used for (`purposes.PURPOSES`).
    """

    class Type(models.TextChoices):
        """How the text of a value is read."""

        TEXT = "text"
        INTEGER = "integer"
        DECIMAL = "decimal"
        BOOLEAN = "boolean"
        DATE = "date"

    class Kind(models.TextChoices):
        """How much care the value needs."""

        ORDINARY = "ordinary"
        IDENTIFYING = "identifying"
        SENSITIVE = "sensitive"

    slug = models.CharField(max_length=40, primary_key=True)
    label_en = models.CharField(max_length=100)
    label_zh = models.CharField(max_length=100)
    type = models.CharField(max_length=10, choices=Type.choices)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.ORDINARY)
    purposes = models.JSONField(default=usual)
    preset = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(type__in=["text", "integer", "decimal", "boolean", "date"])
                & Q(kind__in=["ordinary", "identifying", "sensitive"]),
                name="attribute_type_and_kind_are_known",
            ),
        )

    def __str__(self) -> str:
        return self.slug


class EventType(models.Model):
    """What events of a name may be used for (`purposes.PURPOSES`); those of which nothing is said, for everything."""

    name = models.CharField(max_length=200, primary_key=True)
    purposes = models.JSONField(default=usual)

    def __str__(self) -> str:
        return self.name


class ProfileValue(models.Model):
    """What was once said about a customer and tells who they are. Never leaves the database for the lake.

    ``field`` is name, phone, email, account or owner (the last two with the id as text), or the slug of an
    attribute that is identifying or sensitive. The newest ``valid_from`` holds; of equal ones, the last recorded.
    Every load that says something leaves a row, also when it repeats what was known: only so can any of them be
    taken back alone.
    """

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="profile_values", db_index=False
    )
    field = models.CharField(max_length=40)
    value = models.TextField()
    valid_from = models.DateTimeField()
    load_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "field", "valid_from", "load_id"), name="profile_value_is_said_once"
            ),
        )
        indexes = (
            models.Index(
                fields=("load_id",), condition=Q(load_id__isnull=False), name="profile_value_by_load"
            ),
        )

    def __str__(self) -> str:
        return f"{self.field} of {self.customer_id}"


class SearchText(models.Model):
    """The words that find a customer, as `words.words_of` says them, with an index of their beginnings.

    Triggers keep the index: a full-text table on SQLite, a GIN index on PostgreSQL (the migration has them). Points
    at a customer without a foreign key: being findable is no reason for a customer to stay.
    """

    customer_id = IdField(primary_key=True)
    words = models.TextField()

    def __str__(self) -> str:
        return str(self.customer_id)


class SearchDue(models.Model):
    """A customer whose `SearchText` is older than what the house knows of them.

    Written in the transaction of the change, so that no crash loses it; whoever indexes takes it away.
    """

    customer_id = IdField(primary_key=True)

    def __str__(self) -> str:
        return str(self.customer_id)


class HandValue(models.Model):
    """A value of an ordinary attribute that was typed in and is not in the lake yet; empty where it was cleared.

    Lists and pages show it over what the lake says. `services.settle` moves it to the lake.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="hand_values")
    name = models.CharField(max_length=40)
    value = models.TextField(blank=True)
    valid_from = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("customer", "name", "valid_from"), name="hand_value_is_said_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} of {self.customer_id}"


class Act(models.Model):
    """Something done by hand to many customers at once, so that it can be taken back exactly.

    ``customer_ids`` are those whom it changed, packed by `packing`; for owners, ``former`` are the owners they
    had (0 for nobody). The facts that it wrote to the lake have ``-pk`` as their load.
    """

    class Kind(models.TextChoices):
        TAG = "tag"
        UNTAG = "untag"
        OWNER = "owner"
        SETTLE = "settle"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.CharField(max_length=60, blank=True)
    user_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    customer_ids = models.TextField(blank=True)
    former = models.TextField(blank=True)
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class SavedView(models.Model):
    """A list with its conditions, sort and columns under a name. ``query`` is what its address says."""

    class Sharing(models.TextChoices):
        """Who sees it besides its owner."""

        OWN = "own"
        TEAM = "team"
        ALL = "all"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.TextField(blank=True)
    sharing = models.CharField(max_length=4, choices=Sharing.choices, default=Sharing.OWN)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("user", "name"), condition=Q(deleted_at=None), name="saved_view_has_one_name"
            ),
        )

    def __str__(self) -> str:
        return self.name


class UsualView(models.Model):
    """The view that a colleague's list opens with."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", primary_key=True
    )
    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"{self.user_id}: {self.view_id}"
