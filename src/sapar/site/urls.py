"""Addresses of every room. Each room owns its own urls.py; here they are only put together."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from sapar.kernel.accounts.views import SignOut
from sapar.site import health, metrics

urlpatterns = [
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("metrics", metrics.metrics, name="metrics"),
    # Before allauth's own view of this name.
    path("accounts/logout/", SignOut.as_view(), name="account_logout"),
    path("accounts/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("documents/", include("sapar.kernel.documents.urls")),
    path("jobs/", include("sapar.kernel.jobs.urls")),
    path("people/", include("sapar.people.urls")),
    path("booking/", include("sapar.booking.urls")),
    path("proton/", include("sapar.proton.urls")),
    path("hta/", include("sapar.hta.urls")),
    path("", include("sapar.kernel.accounts.urls")),
    path("", include("sapar.network.urls")),
    path("", include("sapar.answer.urls")),
]

handler400 = "sapar.site.faults.bad_request"
handler403 = "sapar.site.faults.forbidden"
handler404 = "sapar.site.faults.not_found"
handler500 = "sapar.site.faults.broken"

if settings.DEMONSTRATION:
    urlpatterns.append(path("design/", include("sapar.design.urls")))
