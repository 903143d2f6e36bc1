"""Addresses of the names of structures, and of the report on paper."""

from __future__ import annotations

from django.urls import path

from sapar.proton.views import names, report

urlpatterns = [
    path("study/<uuid:study>/names/", names.names, name="names"),
    path(
        "case/<uuid:case>/selection/<int:number>/report.pdf",
        report.report,
        name="selection-report",
    ),
]
