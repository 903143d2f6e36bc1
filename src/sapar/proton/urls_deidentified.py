"""Addresses of the copy for the panel: asking, its download, and back from a pseudonym."""

from __future__ import annotations

from django.urls import path

from sapar.proton.views import deidentified

urlpatterns = [
    path("case/<uuid:case>/study/copy/", deidentified.ask, name="ask-copy"),
    path("copies/<uuid:copy>/", deidentified.download, name="copy"),
    path("copies/<uuid:copy>/progress/", deidentified.progress, name="copy-progress"),
    path("reidentify/", deidentified.reidentify, name="reidentify"),
]
