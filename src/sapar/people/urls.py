"""Addresses of the room, under /people/."""

from django.urls import path

from sapar.people import views

app_name = "people"
urlpatterns = [
    path("duplicates/", views.duplicates, name="duplicates"),
    path("duplicates/<uuid:question>/", views.question, name="question"),
    path("<uuid:person>/", views.person, name="person"),
    path("<uuid:person>/remove/<slug:what>/<uuid:part>/", views.remove, name="remove"),
    path("<uuid:person>/<slug:what>/", views.edit, name="edit"),
]
