"""Addresses of segments."""

from django.urls import path

from huoshui.know.segments import listing, showing, views

app_name = "segments"

urlpatterns = [
    path("", views.index, name="list"),
    path("new/", views.create, name="new"),
    path("new/list/", listing.create, name="new_list"),
    path("of/<int:customer_id>/", showing.show_of_customer, name="of_customer"),
    path("<slug:slug>/", showing.show, name="segment"),
    path("<slug:slug>/profile/", showing.show_profile, name="profile"),
    path("<slug:slug>/overlap/", showing.show_overlap, name="overlap"),
    path("<slug:slug>/customers/", showing.show_some, name="some"),
    path("<slug:slug>/versions/", views.compare, name="compare"),
    path("<slug:slug>/edit/", views.edit, name="edit"),
    path("<slug:slug>/retire/", views.retire, name="retire"),
    path("<slug:slug>/bring-back/", views.bring_back, name="bring_back"),
]
