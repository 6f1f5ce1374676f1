"""Addresses of campaigns."""

from django.urls import path

from huoshui.act.campaigns import views

app_name = "campaigns"

urlpatterns = [
    path("", views.show_list, name="list"),
    path("new/", views.new, name="new"),
    path("<int:number>/", views.show, name="campaign"),
    path("<int:number>/edit/<slug:slug>/", views.edit, name="edit"),
    path("<int:number>/do/<slug:slug>/", views.do, name="act"),
]
