"""The app of the lake."""

from django.apps import AppConfig


class LakeConfig(AppConfig):
    """Owns the house versions."""

    name = "huoshui.lake"
    default_auto_field = "django.db.models.BigAutoField"
