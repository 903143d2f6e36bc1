"""Addresses of every room. Each room owns its own urls.py; here they are only put together."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
]
