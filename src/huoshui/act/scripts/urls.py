"""Addresses of scripts."""

from django.urls import path

from huoshui.act.scripts import views

app_name = "scripts"

urlpatterns = [
    path("", views.show_list, name="list"),
    path("new/", views.edit, name="new"),
    path("<int:script_id>/", views.show, name="script"),
    path("<int:script_id>/edit/", views.edit, name="edit"),
    path("<int:script_id>/used/", views.used, name="used"),
    path("<int:script_id>/retire/", views.retire, name="retire"),
    path("<int:script_id>/bring-back/", views.bring_back, name="bring_back"),
]
