"""Addresses of budgets."""

from django.urls import path

from huoshui.plan.plans.views import budget

urlpatterns = [
    path("<int:plan_id>/budget/", budget.show, name="budget"),
    path("<int:plan_id>/budget/file/", budget.file, name="budget_file"),
    path("<int:plan_id>/budget/file/<str:sent>/", budget.look, name="budget_look"),
    path("<int:plan_id>/budget/undo/", budget.take_back, name="budget_undo"),
]
