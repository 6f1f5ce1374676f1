"""The addresses of consent."""

from django.urls import path

from huoshui.data.privacy import views, views_links

app_name = "privacy"
urlpatterns = [
    path("customers/<int:customer_id>/", views.customer, name="customer"),
    path("leave/<str:token>/", views_links.leave, name="leave"),
    path("preferences/<str:token>/", views_links.preferences, name="preferences"),
]
