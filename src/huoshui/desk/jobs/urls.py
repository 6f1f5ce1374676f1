"""Addresses of the jobs."""

from django.urls import path

from huoshui.desk.jobs import views, views_exports

app_name = "jobs"

urlpatterns = [
    path("", views.show_list, name="list"),
    path("<int:job_id>/", views.show, name="job"),
    path("<int:job_id>/cancel/", views.cancel, name="cancel"),
    path("<int:job_id>/file/", views.download, name="file"),
    path("export/<slug:slug>/", views_exports.show, name="export"),
]
