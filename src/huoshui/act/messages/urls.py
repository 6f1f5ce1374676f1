"""Addresses of the outbox."""

from django.urls import path

from huoshui.act.messages import views

app_name = "outbox"

urlpatterns = [
    path("", views.show_list, name="list"),
    path("settings/", views.settings, name="settings"),
    path("channel/<slug:channel>/", views.lane, name="lane"),
    path("overdue/<slug:origin>/<int:origin_id>/", views.overdue, name="overdue"),
    path("decide/", views.decide, name="decide"),
]
