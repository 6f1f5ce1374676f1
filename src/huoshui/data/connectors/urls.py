"""Addresses of imports."""

from django.urls import path

from huoshui.data.connectors import views, views_sources, views_uploads

app_name = "imports"

urlpatterns = [
    path("", views.show_list, name="list"),
    path("new/", views_uploads.upload, name="new"),
    path("files/<slug:token>/", views_uploads.look, name="file"),
    path("files/<slug:token>/check/", views_uploads.check, name="check"),
    path("files/<slug:token>/load/", views_uploads.load, name="start"),
    path("files/<slug:token>/running/", views_uploads.running, name="running"),
    path("files/<slug:token>/remove/", views_uploads.remove, name="remove"),
    path("sources/", views_sources.show, name="sources"),
    path("mappings/", views.show_mappings, name="mappings"),
    path("<int:load_id>/", views.show_load, name="load"),
    path("<int:load_id>/rejects/", views.download_rejects, name="rejects"),
    path("<int:load_id>/undo/", views.undo, name="undo"),
]
