"""Addresses of the tasks."""

from django.urls import path

from huoshui.desk.worklist import views

app_name = "worklist"

urlpatterns = [
    path("", views.show_day, name="work"),
    path("all/", views.show_list, name="list"),
    path("add/", views.add, name="add"),
    path("<int:task_id>/", views.show, name="task"),
    path("<int:task_id>/edit/", views.edit, name="edit"),
    path("<int:task_id>/take/", views.take, name="take"),
    path("<int:task_id>/hand-over/", views.hand_over, name="hand_over"),
    path("<int:task_id>/postpone/", views.postpone, name="postpone"),
    path("<int:task_id>/done/", views.done, name="done"),
    path("<int:task_id>/cancel/", views.cancel, name="cancel"),
    path("<int:task_id>/not-reached/", views.not_reached, name="not_reached"),
    path("<int:task_id>/reopen/", views.reopen, name="reopen"),
    path("<int:task_id>/take-back/", views.take_back, name="take_back"),
]
