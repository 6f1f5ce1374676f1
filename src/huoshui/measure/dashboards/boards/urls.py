"""Addresses of boards."""

from django.urls import path

from huoshui.measure.dashboards.boards import views

app_name = "boards"

urlpatterns = [
    path("", views.show_list, name="list"),
    path("new/", views.new, name="new"),
    path("<int:board_id>/", views.show, name="board"),
    path("<int:board_id>/edit/", views.edit, name="edit"),
    path("<int:board_id>/share/", views.share, name="share"),
    path("<int:board_id>/copy/", views.copy, name="copy"),
    path("<int:board_id>/delete/", views.delete, name="delete"),
    path("<int:board_id>/restore/", views.restore, name="restore"),
    path("<int:board_id>/subscribe/", views.subscribe, name="subscribe"),
    path("<int:board_id>/unsubscribe/", views.unsubscribe, name="unsubscribe"),
    path("letters/<str:token>/", views.leave, name="leave"),
]
