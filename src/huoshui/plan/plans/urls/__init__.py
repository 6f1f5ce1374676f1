"""Addresses of plans: each topic has its own list."""

from huoshui.plan.plans.urls import budget, document, exporting, goals, measures, reviews

app_name = "plans"

urlpatterns = [
    *document.urlpatterns,
    *goals.urlpatterns,
    *measures.urlpatterns,
    *budget.urlpatterns,
    *reviews.urlpatterns,
    *exporting.urlpatterns,
]
