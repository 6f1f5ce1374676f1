"""Addresses of the dashboards."""

from django.urls import path

from huoshui.measure.dashboards import views

app_name = "dashboards"

urlpatterns = [
    path("", views.overview, name="overview"),
]
