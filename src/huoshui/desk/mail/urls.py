"""Addresses of the outbox."""

from django.urls import path

from huoshui.desk.mail import views

app_name = "mail"

urlpatterns = [
    path("", views.show_list, name="list"),
    path("test/", views.send_test, name="test"),
    path("<int:letter_id>/again/", views.send_again, name="again"),
]
