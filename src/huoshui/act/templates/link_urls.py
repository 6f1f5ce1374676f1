"""Addresses that stand in messages: whoever holds one may follow it."""

from django.urls import path

from huoshui.act.templates import following

app_name = "links"

urlpatterns = [
    path("<str:token>/", following.click, name="click"),
    path("<str:token>/p.gif", following.opened, name="opened"),
]
