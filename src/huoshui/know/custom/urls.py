"""Addresses of traits."""

from django.urls import path

from huoshui.know.custom import views

app_name = "traits"

urlpatterns = [
    path("", views.show_list, name="list"),
    path("new/", views.edit, name="new"),
    path("preview/", views.preview, name="preview"),
    path("schema.json", views.schema, name="schema"),
    path("<slug:slug>/", views.show, name="trait"),
    path("<slug:slug>/edit/", views.edit, name="edit"),
    path("<slug:slug>/retire/", views.retire, name="retire"),
    path("<slug:slug>/bring-back/", views.bring_back, name="bring_back"),
]
