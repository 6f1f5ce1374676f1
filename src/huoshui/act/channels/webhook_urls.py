"""Addresses of the webhooks."""

from django.urls import path

from huoshui.act.channels import webhook_views as views

app_name = "webhooks"

urlpatterns = [
    path("", views.show_list, name="list"),
    path("new/", views.add, name="new"),
    path("<int:endpoint_id>/", views.show, name="webhook"),
    path("<int:endpoint_id>/edit/", views.edit, name="edit"),
    path("<int:endpoint_id>/test/", views.test, name="test"),
    path("<int:endpoint_id>/rotate/", views.rotate, name="rotate"),
    path("<int:endpoint_id>/switch/", views.switch, name="switch"),
    path("<int:endpoint_id>/again/", views.all_again, name="all_again"),
    path("deliveries/<int:delivery_id>/again/", views.again, name="again"),
]
