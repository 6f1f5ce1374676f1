"""Addresses of the page of value."""

from django.urls import path

from huoshui.know.value import views

app_name = "value"

urlpatterns = [
    path("", views.show, name="value"),
    path("train/", views.train, name="train"),
]
