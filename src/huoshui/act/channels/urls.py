"""Addresses of the channels."""

from django.urls import path

from huoshui.act.channels import views

app_name = "channels"

urlpatterns = [
    path("", views.show_list, name="list"),
    path("email/", views.email, name="email"),
    path("email/senders/new/", views.sender, name="new_sender"),
    path("email/senders/<int:sender_id>/", views.sender, name="sender"),
    path("email/senders/<int:sender_id>/check/", views.check, name="check"),
    path("email/senders/<int:sender_id>/usual/", views.make_usual, name="make_usual"),
    path("email/senders/<int:sender_id>/retire/", views.retire, name="retire"),
    path("email/senders/<int:sender_id>/bring-back/", views.bring_back, name="bring_back"),
    path("email/unreachable/", views.unreachable, name="unreachable"),
    path("email/unreachable/<int:unreachable_id>/lift/", views.lift, name="lift"),
    path("email/unreachable/<int:unreachable_id>/close/", views.close_again, name="close_again"),
]
