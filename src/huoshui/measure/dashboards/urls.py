"""Addresses of the dashboards."""

from django.urls import path

from huoshui.measure.dashboards import person, views

app_name = "dashboards"

urlpatterns = [
    path("", views.overview, name="overview"),
    path("customers/<int:customer_id>/", person.happened, name="customer"),
    path("customers/<int:customer_id>/orders/", person.orders, name="orders"),
    path("customers/<int:customer_id>/traits/", person.traits, name="traits"),
    path("customers/<int:customer_id>/traits/<slug:slug>/", person.why, name="why"),
    path("customers/<int:customer_id>/about/", person.about, name="about"),
    path("customers/<int:customer_id>/contacts/", person.contacts, name="contacts"),
    path("customers/<int:customer_id>/tags/", person.tag, name="tag"),
]
