"""Addresses of the pages of life cycles and cohorts."""

from django.urls import path

from huoshui.know.lifecycle import views

app_name = "lifecycle"

urlpatterns = [
    path("lifecycle/", views.show, name="lifecycle"),
    path("cohorts/", views.cohorts, name="cohorts"),
]
