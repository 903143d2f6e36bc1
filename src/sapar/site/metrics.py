"""What Prometheus reads: requests, jobs, rows of the audit trail. Counts only, no names."""

from __future__ import annotations

import hmac
import os
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse, HttpResponseForbidden
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector

from sapar.kernel.audit.models import AuditEvent
from sapar.kernel.jobs import queries
from sapar.kernel.jobs.models import Process

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest
    from prometheus_client.metrics_core import Metric

_own = CollectorRegistry()
REQUESTS = Counter(
    "sapar_requests_total",
    "Requests by view, method and status",
    ["view", "method", "status"],
    registry=_own,
)
SECONDS = Histogram(
    "sapar_request_seconds",
    "Time that a request took",
    ["view"],
    registry=_own,
    buckets=(0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 5, 20),
)
LOCAL = frozenset({"127.0.0.1", "::1"})


class FromDatabase:
    """Gauges that are the same whichever process is asked."""

    def collect(self) -> Iterator[Metric]:
        """Ask the database, now."""
        jobs = GaugeMetricFamily("sapar_jobs", "Jobs by state", labels=["state"])
        for state, count in queries.count_by_state().items():
            jobs.add_metric([state.value], count)
        yield jobs
        wait = queries.oldest_wait().total_seconds()
        yield GaugeMetricFamily(
            "sapar_jobs_oldest_wait_seconds", "How long the oldest due job waits", value=wait
        )
        seen = GaugeMetricFamily(
            "sapar_processes_seen", "1 if one was alive within two minutes", labels=["kind"]
        )
        for kind in Process.Kind:
            seen.add_metric([kind.value], int(queries.seen(kind)))
        yield seen
        # The trail only grows and is never deleted from, so the last number is the count.
        last = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        yield GaugeMetricFamily("sapar_audit_rows", "Rows of the audit trail", value=last)


def _allowed(request: HttpRequest) -> bool:
    token: str = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    # Behind a proxy every request comes from here, so a forwarded one is not local.
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return request.META.get("REMOTE_ADDR") in LOCAL and not forwarded


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics, for whoever has SAPAR_METRICS_TOKEN, or without one for this machine only."""
    if not _allowed(request):
        return HttpResponseForbidden("set SAPAR_METRICS_TOKEN and send it as a bearer token\n")
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        text = generate_latest(registry)
    else:
        text = generate_latest(_own)
    live = CollectorRegistry()
    live.register(FromDatabase())
    return HttpResponse(text + generate_latest(live), content_type=CONTENT_TYPE_LATEST)
