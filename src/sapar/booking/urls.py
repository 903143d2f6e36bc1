"""Addresses of the room, under /booking/."""

from django.urls import path

from sapar.booking import views

app_name = "booking"
urlpatterns = [
    path("", views.calendar, name="calendar"),
    path("<slug:programme>/", views.programme, name="programme"),
    path("<slug:programme>/<str:day>/", views.day, name="day"),
]
