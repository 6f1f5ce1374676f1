"""The app of the users."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    """Holds the user model of the installation."""

    name = "huoshui.desk.users"
    default_auto_field = "django.db.models.BigAutoField"
