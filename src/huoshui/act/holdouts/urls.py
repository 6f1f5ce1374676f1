"""Addresses of control groups."""

from django.urls import path

from huoshui.act.holdouts import views

app_name = "holdouts"

urlpatterns = [path("", views.home, name="home")]
