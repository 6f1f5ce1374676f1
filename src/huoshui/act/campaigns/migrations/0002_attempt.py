"""A campaign names the attempt whose portions are its audience."""

from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def name_those_there(apps: Any, _schema: Any) -> None:
    """Audiences that are frozen have portions of one attempt; of several, those count that were settled first."""
    campaign, portion = apps.get_model("campaigns", "Campaign"), apps.get_model("campaigns", "Portion")
    theirs = portion.objects.filter(campaign=OuterRef("pk")).order_by(
        models.F("settled_at").asc(nulls_last=True), "pk"
    )
    for row in campaign.objects.filter(frozen_at__isnull=False).annotate(
        told=Subquery(theirs.values("attempt")[:1])
    ):
        campaign.objects.filter(pk=row.pk).update(attempt=row.told or "")


class Migration(migrations.Migration):
    """See the module."""

    dependencies = [("campaigns", "0001_campaigns")]

    operations = [
        migrations.AddField(
            "campaign", "attempt", models.CharField(max_length=32, blank=True, default="", db_default="")
        ),
        migrations.RunPython(name_those_there, migrations.RunPython.noop),
    ]
