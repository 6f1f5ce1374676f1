"""Addresses of research."""

from django.urls import path

from huoshui.know.research import views

app_name = "research"

urlpatterns = [
    path("", views.show, name="list"),
    path("criteria/", views.compare_by, name="compare_by"),
    path("<slug:kind>/", views.show, name="kind"),
    path("<slug:kind>/new/", views.edit, name="new"),
    path("<slug:kind>/<int:entry_id>/", views.edit, name="edit"),
    path("<slug:kind>/<int:entry_id>/retire/", views.retire, name="retire"),
    path("<slug:kind>/<int:entry_id>/bring-back/", views.bring_back, name="bring_back"),
]
