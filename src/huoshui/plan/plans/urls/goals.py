"""Addresses of goals."""

from django.urls import path

from huoshui.plan.plans.views import goals

urlpatterns = [
    path("<int:plan_id>/goals/", goals.show_list, name="goals"),
    path("<int:plan_id>/goals/new/", goals.new, name="goal_new"),
    path("<int:plan_id>/goals/usual/", goals.usual, name="goals_usual"),
    path("<int:plan_id>/goals/<int:goal_id>/", goals.show, name="goal"),
    path("<int:plan_id>/goals/<int:goal_id>/edit/", goals.edit, name="goal_edit"),
    path("<int:plan_id>/goals/<int:goal_id>/split/", goals.split, name="goal_split"),
    path("<int:plan_id>/goals/<int:goal_id>/rebase/", goals.rebase, name="goal_rebase"),
    path("<int:plan_id>/goals/<int:goal_id>/remove/", goals.remove, name="goal_remove"),
    path("<int:plan_id>/goals/<int:goal_id>/restore/", goals.restore, name="goal_restore"),
]
