"""Addresses of segments."""

from django.urls import path

from huoshui.know.segments import views

app_name = "segments"

urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.create, name="new"),
    path("<slug:slug>/", views.show, name="segment"),
    path("<slug:slug>/edit/", views.edit, name="edit"),
    path("<slug:slug>/retire/", views.retire, name="retire"),
    path("<slug:slug>/bring-back/", views.bring_back, name="bring_back"),
]
