"""Addresses of the metrics."""

from django.urls import path

from huoshui.measure.metrics.views import defining, grouping, showing

app_name = "metrics"

urlpatterns = [
    path("metrics/", showing.show_list, name="list"),
    path("metrics/new/", defining.edit, name="new"),
    path("metrics/preview/", defining.preview, name="preview"),
    path("metrics/schema.json", defining.schema, name="schema"),
    path("metrics/in/<str:group>/", grouping.show, name="group"),
    path("metrics/<slug:slug>/", showing.show, name="metric"),
    path("metrics/<slug:slug>/edit/", defining.edit, name="edit"),
    path("metrics/<slug:slug>/retire/", defining.retire, name="retire"),
    path("metrics/<slug:slug>/bring-back/", defining.bring_back, name="bring_back"),
]
