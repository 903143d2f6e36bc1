"""Addresses of the comparison of protons and photons for a case."""

from __future__ import annotations

from django.urls import path

from sapar.proton.views import comparisons, selection, volumes

urlpatterns = [
    path("comparisons/", comparisons.comparisons, name="comparisons"),
    path("case/<uuid:case>/selection/", selection.selection, name="selection"),
    path("case/<uuid:case>/selection/ask/", selection.ask, name="ask-selection"),
    path(
        "case/<uuid:case>/selection/<int:number>/decide/",
        selection.decide,
        name="decide-selection",
    ),
    path(
        "case/<uuid:case>/selection/<int:number>/progress/",
        selection.progress,
        name="selection-progress",
    ),
    path(
        "case/<uuid:case>/selection/<int:number>/stop/",
        selection.stop,
        name="stop-selection",
    ),
    path(
        "case/<uuid:case>/selection/<int:number>/record/",
        selection.record,
        name="selection-record",
    ),
    path(
        "case/<uuid:case>/selection/<int:number>/again/",
        selection.again,
        name="replay-selection",
    ),
    path(
        "case/<uuid:case>/selection/slice/<str:token>/<slug:plane>/<int:index>/",
        volumes.selection_slice,
        name="selection-slice",
    ),
]
