"""Addresses of experiments."""

from django.urls import path

from huoshui.measure.experiments import views

app_name = "experiments"

urlpatterns = [
    path("", views.show_list, name="list"),
    path("new/", views.new, name="new"),
    path("new/<str:file>/", views.choose, name="choose"),
    path("total/", views.total, name="total"),
    path("of/<str:what>/", views.trial, name="trial"),
    path("<int:number>/", views.show, name="experiment"),
    path("<int:number>/retire/", views.retire, name="retire"),
    path("<int:number>/bring-back/", views.bring_back, name="bring_back"),
]
