"""Addresses of the pages of the house."""

from django.urls import path

from huoshui.project.house import views

app_name = "house"

urlpatterns = [
    path("", views.organisation, name="organisation"),
    path("festivals/", views.festivals, name="festivals"),
    path("festivals/<int:festival_id>/forget/", views.forget_festival, name="forget_festival"),
    path("data/", views.data, name="data"),
    path("version/", views.about, name="version"),
]
