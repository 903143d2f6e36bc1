"""Addresses of accounts; sign-in itself is allauth's, under /accounts/."""

from django.urls import path

from sapar.kernel.accounts import views

app_name = "accounts"
urlpatterns = [
    path("account/", views.my_account, name="mine"),
    path("account/organisation/", views.choose_organisation, name="choose"),
    path("account/request/", views.request_access, name="request"),
    path("account/requested/", views.requested, name="requested"),
    path("account/members/", views.members, name="members"),
    path("account/members/<uuid:membership>/", views.member, name="member"),
    path("account/requests/", views.requests, name="requests"),
    path("account/requests/<uuid:membership>/", views.decide, name="decide"),
]
