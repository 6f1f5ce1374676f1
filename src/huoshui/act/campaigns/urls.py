"""Addresses of campaigns."""

from django.urls import path

from huoshui.act.campaigns import past_views, views

app_name = "campaigns"

urlpatterns = [
    path("", views.show_list, name="list"),
    path("new/", views.new, name="new"),
    path("past/", past_views.new, name="new_past"),
    path("past/<str:file>/", past_views.past, name="past"),
    path("<int:number>/", views.show, name="campaign"),
    path("<int:number>/edit/<slug:slug>/", views.edit, name="edit"),
    path("<int:number>/do/<slug:slug>/", views.do, name="act"),
]
