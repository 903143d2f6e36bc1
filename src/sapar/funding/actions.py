"""What can be done about money: keep a place in a quota, under the agreement that pays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from sapar.cases import actions as cases
from sapar.cases.models import Case
from sapar.cases.policy import Permission
from sapar.funding.engine.routes import RouteState, payer_options
from sapar.funding.queries import quota_used
from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.actions import action, note
from sapar.kernel.errors import RefusedError
from sapar.network.queries import snapshot
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from uuid import UUID

    from sapar.kernel.actors import Actor


@action("funding.hold")
def hold(
    *, by: Actor, case: UUID, version: int | None, agreement: str, patient_country: str
) -> int:
    """Keep a place under an agreement for a case. Returns the case's new version.

    Args:
        by: who may fund the case.
        case: its id.
        version: the version the user saw.
        agreement: code; "" is the family itself.
        patient_country: residence or citizenship, ISO code.

    Raises:
        RefusedError: the agreement does not reach the case, or its quota is used up.
    """
    record = Case.objects.select_related("centre").get(pk=case)
    policy.require(by, Permission.FUND, record)
    if not agreement:
        note(root=("case", case), what={"agreement": ""})
        return cases.hold_funding(by=by, case=case, version=version, payer=None)
    network = snapshot(timezone.localdate())
    options = payer_options(
        network,
        patient_country=patient_country,
        centre_country=record.centre.country if record.centre else "",
        programme=record.programme,
        quota_used=quota_used(network),
    )
    option = next((o for o in options if o.agreement == agreement), None)
    if option is None:
        raise RefusedError(Problem.of("funding.no_agreement", where="agreement", value=agreement))
    if option.state is not RouteState.OPEN:
        raise RefusedError(
            Problem.of(
                f"funding.{option.state.value.replace('-', '_')}",
                where="agreement",
                value=agreement,
                agreement_name=f"agreement:{agreement}",
            )
        )
    payer = Organisation.objects.get(code=option.payer)
    new = cases.hold_funding(by=by, case=case, version=version, payer=payer.pk)
    note(root=("case", case), what={"agreement": agreement, "quota": option.quota})
    return new
