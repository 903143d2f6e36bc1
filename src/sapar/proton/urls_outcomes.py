"""Addresses of the registry of outcomes and of the questionnaires."""

from __future__ import annotations

from django.urls import path

from sapar.proton.views import calibration, outcome_writing, outcomes, questionnaire

urlpatterns = [
    path("outcomes/", outcomes.registry, name="outcomes"),
    path("outcomes/export/", outcomes.export, name="outcomes-export"),
    path("outcomes/calibration/", calibration.calibration, name="calibration"),
    path("outcomes/calibration.csv", calibration.table, name="calibration-table"),
    path("outcomes/case/<uuid:case>/", outcomes.entry, name="outcome"),
    path("outcomes/case/<uuid:case>/fields/", outcome_writing.fields, name="outcome-fields"),
    path("outcomes/case/<uuid:case>/visit/", outcome_writing.visit, name="outcome-visit"),
    path(
        "outcomes/case/<uuid:case>/visit/<uuid:pk>/withdraw/",
        outcome_writing.withdraw,
        name="withdraw-visit",
    ),
    path(
        "outcomes/case/<uuid:case>/severe/<uuid:form>/",
        outcome_writing.handle,
        name="handle-severe",
    ),
    path("questions/", questionnaire.questions, name="questions"),
    path("questions/<uuid:form>/", questionnaire.form, name="questionnaire"),
    path("questions/<uuid:form>/send/", questionnaire.send, name="send-questionnaire"),
]
