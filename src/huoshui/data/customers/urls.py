"""Addresses of the customers."""

from django.urls import path

from huoshui.data.customers.views import acts, attributes, lists, people, saved

app_name = "customers"

urlpatterns = [
    path("", lists.show, name="list"),
    path("new/", people.create, name="new"),
    path("act/", acts.act, name="bulk"),
    path("acts/<int:act_id>/", acts.show, name="act"),
    path("acts/<int:act_id>/undo/", acts.take_back, name="undo"),
    path("attributes/", attributes.show, name="attributes"),
    path("attributes/events/", attributes.allow_event, name="event-purposes"),
    path("attributes/<str:slug>/purposes/", attributes.allow, name="attribute-purposes"),
    path("attributes/<str:slug>/retire/", attributes.retire, name="attribute-retire"),
    path("attributes/<str:slug>/restore/", attributes.restore, name="attribute-restore"),
    path("views/", saved.show, name="views"),
    path("views/save/", saved.save, name="view-save"),
    path("views/<int:view_id>/rename/", saved.rename, name="view-rename"),
    path("views/<int:view_id>/delete/", saved.delete, name="view-delete"),
    path("views/<int:view_id>/restore/", saved.restore, name="view-restore"),
    path("views/<int:view_id>/always/", saved.always, name="view-always"),
    path("<int:customer_id>/edit/", people.edit, name="edit"),
    path("<int:customer_id>/delete/", people.delete, name="delete"),
    path("<int:customer_id>/restore/", people.restore, name="restore"),
]
