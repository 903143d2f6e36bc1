"""The style page; site/urls.py leaves it out in production."""

from __future__ import annotations

from django.urls import path

from sapar.design import views

app_name = "design"
urlpatterns = [
    path("", views.style, name="style"),
    path("patient/", views.patient, name="patient"),
]
