"""Addresses of measures."""

from django.urls import path

from huoshui.plan.plans.views import measures

urlpatterns = [
    path("<int:plan_id>/measures/", measures.show, name="measures"),
    path("<int:plan_id>/measures/new/", measures.new, name="new_measure"),
    path("<int:plan_id>/measures/shift/", measures.shift, name="shift_measures"),
    path("<int:plan_id>/measures/<int:measure_id>/", measures.edit, name="measure"),
    path("<int:plan_id>/measures/<int:measure_id>/to/<str:act>/", measures.to, name="measure_to"),
]
