"""Addresses of the customers."""

from django.urls import path

from huoshui.data.customers import views

app_name = "customers"

urlpatterns = [path("", views.show_list, name="list")]
