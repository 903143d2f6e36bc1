"""Addresses of health technology assessment, under /hta/."""

from __future__ import annotations

from django.urls import path

from sapar.hta.views import (
    beside,
    committee,
    decisions,
    dossier,
    models,
    patient,
    reference,
    register,
    runs,
    topic_parts,
    topics,
)

app_name = "hta"
urlpatterns = [
    path("", models.home, name="home"),
    # Models and their runs.
    path("models/", models.models, name="models"),
    path("models/new/", models.new, name="new-model"),
    path("models/<uuid:model>/", models.model, name="model"),
    path("models/<uuid:model>/new/", models.new, name="new-version"),
    path("versions/<uuid:version>/", models.version, name="version"),
    path(
        "versions/<uuid:version>/<slug:part>.<slug:form>", models.version_file, name="version-file"
    ),
    path(
        "versions/<uuid:version>/dossier/<slug:form>/",
        dossier.version_dossier,
        name="version-dossier",
    ),
    path("versions/<uuid:version>/ask/", runs.ask, name="ask"),
    path("versions/<uuid:version>/beside/<uuid:other>/", beside.beside, name="beside"),
    path("runs/<uuid:run>/", runs.run, name="run"),
    path("runs/<uuid:run>/progress/", runs.progress, name="progress"),
    path("runs/<uuid:run>/<slug:picture>.<slug:form>", runs.download, name="download"),
    # The process.
    path("topics/", topics.topics, name="topics"),
    path("topics/new/", topics.new_topic, name="new-topic"),
    path("topics/<uuid:topic>/", topics.topic, name="topic"),
    path("topics/<uuid:topic>/dossier.<slug:form>", dossier.topic_dossier, name="topic-dossier"),
    path("topics/<uuid:topic>/<slug:part>/", topic_parts.topic_part, name="topic-part"),
    path("sittings/<uuid:sitting>/", committee.sitting, name="sitting"),
    path("decided/<uuid:decision>/", decisions.decision, name="decision"),
    path("reference/", reference.reference, name="reference"),
    # The public register.
    path("decisions/", register.register, name="register"),
    path("decisions/<slug:number>/", register.published, name="published"),
    path("decisions/<slug:number>/model/", register.public_model, name="public-model"),
    path("decisions/<slug:number>/patient/", patient.patient, name="patient"),
    path("decisions/<slug:number>/appeal/", register.appeal, name="appeal"),
    path(
        "decisions/<slug:number>/<slug:part>.<slug:form>", register.public_file, name="public-file"
    ),
]
