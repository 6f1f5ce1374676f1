"""Addresses of exporting."""

from django.urls import path

from huoshui.plan.plans.views import exporting

urlpatterns = [
    path("<int:plan_id>/export/", exporting.export, name="export"),
]
