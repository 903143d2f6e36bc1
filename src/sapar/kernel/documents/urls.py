"""Addresses of documents."""

from django.urls import path

from sapar.kernel.documents import views

app_name = "documents"
urlpatterns = [
    path("<uuid:document>/", views.download, name="download"),
    path("add/<slug:root_type>/<uuid:root_id>/", views.upload, name="upload"),
]
