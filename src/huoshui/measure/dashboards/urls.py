"""Addresses of the dashboards."""

from django.urls import path

from huoshui.measure.dashboards import views

app_name = "dashboards"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("metrics/", views.metrics, name="metrics"),
    path("customers/<int:customer_id>/", views.customer, name="customer"),
]
