"""Addresses of the pages that belong to no room."""

from django.urls import path

from huoshui.web import help, style, views

app_name = "web"

urlpatterns = [
    path("search/", views.find, name="search"),
    path("choose/language/", views.choose_language, name="language"),
    path("choose/theme/", views.choose_theme, name="theme"),
    path("help/", help.show, name="help"),
    path("help/<slug:slug>/", help.show, name="help_page"),
    path("help/pictures/<str:name>", help.picture, name="help_picture"),
    path("style/", style.show, name="style"),
]
