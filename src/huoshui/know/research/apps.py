"""The app of research."""

from django.apps import AppConfig


class ResearchConfig(AppConfig):
    """What is known of market and competitors."""

    name = "huoshui.know.research"
    default_auto_field = "django.db.models.BigAutoField"
