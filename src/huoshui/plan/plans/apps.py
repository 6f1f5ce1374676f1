"""The app of plans."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Plans, their goals, measures, budgets and reviews."""

    name = "huoshui.plan.plans"
    default_auto_field = "django.db.models.BigAutoField"
