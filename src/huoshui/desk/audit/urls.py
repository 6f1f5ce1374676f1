"""Addresses of the audit log."""

from django.urls import path

from huoshui.desk.audit import views

app_name = "audit"

urlpatterns = [path("", views.show_list, name="list")]
