"""Addresses of planning studies: of a case, of the inbox, and for other systems."""

from __future__ import annotations

from django.urls import path

from sapar.proton.views import dicomweb, inbox, studies

urlpatterns = [
    path("case/<uuid:case>/study/", studies.study, name="study"),
    path("case/<uuid:case>/uploads/", studies.begin_upload, name="begin-upload"),
    path("uploads/<uuid:upload>/", studies.upload, name="upload"),
    path("studies/", inbox.inbox, name="studies"),
    path("studies/<uuid:study>/", inbox.sort, name="sort-study"),
    path("studies/<uuid:study>/progress/", studies.progress, name="study-progress"),
    path("peers/", inbox.peers, name="peers"),
    path("peers/<uuid:peer>/", inbox.change_peer, name="change-peer"),
    path("dicomweb/studies", dicomweb.store, name="stow"),
    path("dicomweb/studies/<str:study>", dicomweb.store, name="stow-study"),
]
