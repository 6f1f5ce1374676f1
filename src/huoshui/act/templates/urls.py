"""Addresses of templates."""

from django.urls import path

from huoshui.act.templates import views

app_name = "templates"

urlpatterns = [
    path("", views.show_list, name="list"),
    path("new/", views.edit, name="new"),
    path("preview/", views.preview, name="preview"),
    path("rules/", views.rules, name="rules"),
    path("<int:template_id>/", views.show, name="template"),
    path("<int:template_id>/edit/", views.edit, name="edit"),
    path("<int:template_id>/letter/", views.letter, name="letter"),
    path("<int:template_id>/copy/", views.copy, name="copy"),
    path("<int:template_id>/test/", views.test, name="test"),
    path("<int:template_id>/retire/", views.retire, name="retire"),
    path("<int:template_id>/bring-back/", views.bring_back, name="bring_back"),
]
