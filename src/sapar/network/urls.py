"""Addresses of the public directory and of the owners' pages."""

from __future__ import annotations

from django.urls import path

from sapar.network import views

app_name = "network"
urlpatterns = [
    path("directory/", views.directory, name="directory"),
    path("directory/<slug:code>/", views.centre, name="centre"),
    path("network/", views.entries, name="entries"),
    path("network/new/<slug:kind>/", views.add, name="add"),
    path("network/<uuid:entry>/", views.edit, name="edit"),
    path("network/<uuid:entry>/history/", views.history, name="history"),
    path("network/<uuid:entry>/remove/", views.remove, name="remove"),
]
