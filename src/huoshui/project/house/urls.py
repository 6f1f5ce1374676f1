"""Addresses of the pages of the house."""

from django.urls import path

from huoshui.project.house import look, views

app_name = "house"

urlpatterns = [
    path("", views.organisation, name="organisation"),
    path("festivals/", views.festivals, name="festivals"),
    path("festivals/<int:festival_id>/forget/", views.forget_festival, name="forget_festival"),
    path("look/", look.look, name="look"),
    path("look/logo/", look.logo, name="look_logo"),
    path("look/undo/", look.look_undo, name="look_undo"),
    path("look/remove/", look.look_remove, name="look_remove"),
    path("data/", views.data, name="data"),
    path("version/", views.about, name="version"),
]
