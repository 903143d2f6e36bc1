"""Addresses of the queue."""

from __future__ import annotations

from django.urls import path

from sapar.kernel.jobs import views

app_name = "jobs"
urlpatterns = [path("<uuid:job>/progress/", views.progress, name="progress")]
