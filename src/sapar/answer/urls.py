"""Addresses of the answer room."""

from django.urls import path

from sapar.answer.views import case, oversight, patient, refer, step, worklist

app_name = "answer"
urlpatterns = [
    path("", worklist.home, name="home"),
    path("lists/", worklist.first, name="worklists"),
    path("lists/<slug:code>/", worklist.worklist, name="worklist"),
    path("case/<uuid:case>/", case.summary, name="case"),
    path("case/<uuid:case>/do/<str:key>/", step.do, name="do"),
    path("case/<uuid:case>/answer/again/", case.again, name="again"),
    path("case/<uuid:case>/print/", case.whole, name="print"),
    path("case/<uuid:case>/<slug:tab>/", case.part, name="part"),
    path("my/", patient.my, name="my"),
    path("counts/", oversight.counts, name="counts"),
    path("oversight/", oversight.oversight, name="oversight"),
    path("refer/", refer.start, name="start"),
    path("refer/file/", refer.upload, name="upload"),
    path("refer/<uuid:case>/read/", refer.taken, name="taken"),
    path("refer/<uuid:case>/check/", refer.check, name="check"),
    path("refer/<uuid:case>/attach/", refer.attach, name="attach"),
    path("refer/<uuid:case>/continue/", step.go_on, name="continue"),
    path("refer/<uuid:case>/<slug:slug>/", refer.topic, name="topic"),
]
