"""Addresses of the pages that belong to no room."""

from django.urls import path

from huoshui.web import style, views

app_name = "web"

urlpatterns = [
    path("search/", views.find, name="search"),
    path("choose/language/", views.choose_language, name="language"),
    path("choose/theme/", views.choose_theme, name="theme"),
    path("style/", style.show, name="style"),
]
