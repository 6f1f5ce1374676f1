"""Addresses of reviews, and of the plan's story."""

from django.urls import path

from huoshui.plan.plans.views import reviews

urlpatterns = [
    path("<int:plan_id>/reviews/", reviews.show, name="reviews"),
    path("<int:plan_id>/reviews/<int:review_id>/", reviews.one, name="review"),
    path("<int:plan_id>/history/", reviews.history, name="history"),
]
