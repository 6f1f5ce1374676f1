"""Addresses of receipts."""

from django.urls import path

from huoshui.act.receipts import views

app_name = "receipts"

urlpatterns = [
    path("<int:message_id>/", views.receipt, name="receipt"),
    path("of/<int:customer_id>/", views.of_customer, name="of_customer"),
]
