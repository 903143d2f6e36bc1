"""Addresses of the answer room."""

from django.urls import path

from sapar.answer.views import refer

app_name = "answer"
urlpatterns = [
    path("refer/", refer.start, name="start"),
    path("refer/file/", refer.upload, name="upload"),
    path("refer/<uuid:case>/read/", refer.taken, name="taken"),
    path("refer/<uuid:case>/check/", refer.check, name="check"),
    path("refer/<uuid:case>/attach/", refer.attach, name="attach"),
    path("refer/<uuid:case>/<slug:slug>/", refer.topic, name="topic"),
]
