"""The address of how messages become tasks."""

from django.urls import path

from huoshui.act.channels import task_views

app_name = "message_tasks"

urlpatterns = [path("", task_views.settings, name="settings")]
