"""Addresses of the API, and of the pages that explain it."""

from django.urls import include, path

from huoshui.project.api import guide
from huoshui.project.api.root import api

urlpatterns = [
    path("docs/", include(([path("", guide.show, name="api")], "reference"))),
    path("", api.urls),
]
