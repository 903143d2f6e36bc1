"""Addresses of the proton centre, under /proton/."""

from __future__ import annotations

from django.urls import path

from sapar.proton import (
    urls_deidentified,
    urls_names,
    urls_outcomes,
    urls_selection,
    urls_studies,
)
from sapar.proton.views import (
    calendar,
    configuration,
    console,
    machine,
    moving,
    order,
    planning,
    replan,
    runs,
    waiting,
    whatif,
    year,
)

app_name = "proton"
urlpatterns = [
    # The plan: year, week, day.
    path("", planning.home, name="home"),
    path("year/", year.year, name="year"),
    path("week/", planning.this_week, name="week"),
    path("week/<str:monday>/", planning.week, name="week_of"),
    path("day/", planning.today, name="day"),
    path("day/<str:day>/", planning.day, name="day_of"),
    path("day/<str:day>/order/", order.order, name="order"),
    path("day/<str:day>/order/ask/", order.work_out, name="work_out"),
    path("day/<str:day>/order/<uuid:run>/stop/", order.stop, name="stop_order"),
    path("day/<str:day>/order/<uuid:run>/take/", order.take, name="take_order"),
    path("move/<uuid:fraction>/", moving.move, name="move"),
    # The work with it.
    path("console/", console.console, name="console"),
    path("console/<uuid:fraction>/<slug:what>/", console.record, name="record"),
    path("machine/", machine.machine, name="machine"),
    path("machine/<uuid:event>/back/", machine.end, name="end-event"),
    path("machine/<uuid:event>/withdraw/", machine.withdraw, name="withdraw-event"),
    path("machine/<uuid:event>/repair/", machine.repair, name="repair"),
    path("waiting/", waiting.waiting, name="waiting"),
    path("waiting/book/", waiting.book, name="book-waiting"),
    path("what-if/", whatif.whatif, name="whatif"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<uuid:run>/", runs.run, name="run"),
    path("runs/<uuid:run>/progress/", runs.progress, name="progress"),
    path("runs/<uuid:run>/stop/", runs.stop, name="stop"),
    path("runs/<uuid:run>/apply/", runs.apply, name="apply"),
    path("runs/<uuid:run>/verdict/<slug:part>/", replan.verdict, name="verdict"),
    path("configuration/", configuration.configuration, name="configuration"),
    path("configuration/new/", configuration.change, name="change-configuration"),
    path("configuration/<int:number>/", configuration.version, name="version"),
    path("configuration/<int:number>/document/", configuration.document, name="document"),
    path("appointments/<uuid:case>/", calendar.appointments, name="appointments"),
]
urlpatterns += urls_names.urlpatterns
urlpatterns += urls_studies.urlpatterns
urlpatterns += urls_deidentified.urlpatterns
urlpatterns += urls_selection.urlpatterns
urlpatterns += urls_outcomes.urlpatterns
