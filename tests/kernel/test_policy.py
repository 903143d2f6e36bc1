"""The table of rights: one object and a list give the same answer, for every rule there is."""

from __future__ import annotations

import importlib.util
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core.exceptions import FieldError
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sapar.booking.models import Place
from sapar.cases.models import Case
from sapar.hta.models import Score, Topic
from sapar.kernel import context, policy
from sapar.kernel.accounts.models import Membership, Organisation, User
from sapar.kernel.actors import ANONYMOUS, Actor
from sapar.kernel.documents.models import Document
from sapar.kernel.errors import NotAllowedError
from sapar.kernel.jobs.queue import enqueue
from sapar.kernel.policy import Everything, Listed, Where, rule
from sapar.kernel.roles import Role
from sapar.network.models import Entry
from sapar.proton.models import Books, SealingKey, Study
from tests import cast, factories

if TYPE_CHECKING:
    from django.db.models import Model

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


def models_of(room: str) -> list[type[Model]]:
    """The records that a room's permissions are asked of; nothing for a room that has none.

    What the proton room keeps for a case is asked of the case.
    """
    if room not in {config.label for config in apps.get_app_configs()}:
        return []
    found = list(apps.get_app_config(room).get_models())
    return [*found, Case] if room == "proton" else found


NOT_ABOUT_A_ROW_OF_THIS_WORLD = frozenset({"answer.try"})
"""Permissions that no list is filtered by: an answer that is tried out is not kept."""


def world() -> None:
    """One row of many kinds; the cases come from the factory of all rooms."""
    cast.everybody()
    for state in ("draft", "submitted", "accepted", "in-rehab"):
        factories.make_case(state=state)
    for name in ("aigul", "saule", "yerlan"):
        enqueue("documents.sweep", by=cast.actor(name))
    with context.writing_as("fixture"):
        for code in cast.ORGANISATIONS:
            owner = cast.organisation(code)
            Entry.objects.create(kind="centre", code=code, owner=owner, data={}, mark="unverified")
            Place.objects.create(centre=owner, programme=code, day=timezone.localdate(), ordinal=1)
            Books.objects.create(centre=owner)
            SealingKey.objects.create(owner=owner, name=code[:8], sealed="x")
            Study.objects.create(centre=owner, organisation=owner, source="upload", state="ready")
        for name in ("marat", "kanat"):
            body, by = cast.organisation("ministry-kz"), cast.user(name).pk
            topic = Topic.objects.create(
                organisation=body, number=name, title="x", technology="x", condition="x",
                population="x", process="kz", submitted_by=by, submitted_on=timezone.localdate(),
            )  # fmt: skip
            Score.objects.create(organisation=body, topic=topic, scheme="kz", values={}, by=by)
        for number, membership in enumerate(Membership.objects.all()):
            Document.objects.create(
                root_type="membership",
                root_id=membership.pk,
                kind="licence",
                title="x",
                size=1,
                detected_type="text/plain",
                sha256="0" * 64,
                stored_as=str(number),
                state="unscanned",
            )


def actors() -> list[Actor]:
    """The cast; each role in each kind of organisation; patients; nobody."""
    found = [ANONYMOUS, *cast.everybody().values()]
    people = apps.get_model("people", "Person")._default_manager
    patients = frozenset(people.values_list("pk", flat=True)[:1])
    mother = cast.actor("aizada_mother")
    found.append(replace(mother, roles=frozenset({Role.PATIENT}), patient_ids=patients))
    places = {o.kind: o for o in Organisation.objects.order_by("code")}
    found += [
        Actor(
            user_id=cast.user("stranger").pk,
            organisation_id=place.pk,
            country=place.country,
            roles=frozenset({role}),
        )
        for place in places.values()
        for role in Role
    ]
    return found


@pytest.mark.slow
def test_one_object_and_a_list_give_the_same_answer_for_every_rule_and_everybody() -> None:
    world()
    everybody = actors()
    proved: set[str] = set()
    permissions = {entry.permission for entry in policy.rules()}
    for permission in sorted(permissions):
        for model in models_of(permission.split(".")[0]):
            rows = list(model._default_manager.all()[:25])
            if rows and all(agrees(by, permission, model, rows) for by in everybody):
                proved.add(permission)
    assert permissions - proved <= NOT_ABOUT_A_ROW_OF_THIS_WORLD


def agrees(by: Actor, permission: str, model: type[Model], rows: list[Any]) -> bool:
    """Whether the question makes sense for this record; fails if it has two answers."""
    every = model._default_manager.all()
    try:
        can = {row.pk for row in rows if policy.can(by, permission, row)}
        listed = policy.visible_to(by, permission, every)
        seen = set(listed.filter(pk__in=[r.pk for r in rows]).values_list("pk", flat=True))
    except (AttributeError, FieldError):  # the rule is about another record of the room
        return False
    assert can == seen, (permission, model.__name__, by)
    return True


def test_who_has_no_value_is_none_of_the_excepted_beside_another_rule() -> None:
    for name in cast.CAST:
        cast.user(name)
    path, by = "vetted_at_organisation__country", cast.actor("dinara")
    own = ("organisation_id", "organisation_id")
    inside = Where("inside", *own, also=((path, "KZ"),))
    outside = Where("outside", *own, but_not=((path, ("KZ",)),))
    policy.register([rule("test.both", scope, Role.THERAPIST) for scope in (inside, outside)])
    rows = Membership.objects.all()
    can = {row.pk for row in rows if policy.can(by, "test.both", row)}
    assert can
    assert can == set(policy.visible_to(by, "test.both", rows).values_list("pk", flat=True))
    policy._rules.pop("test.both")


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_scope_over_any_rows_agrees_with_itself(data: st.DataObject) -> None:
    cast.everybody()
    fields = st.sampled_from(
        [
            ("organisation_id", "organisation_id"),
            ("vetted_at_organisation_id", "organisation_id"),
            ("organisation__country", "country"),
            ("user_id", "user_id"),
            ("approved_by_id", "user_id"),
            ("approved_by__pk", "user_id"),
            ("vetted_at_organisation__country", "country"),
            ("user_id", "patient_ids"),
        ]
    )
    pairs = st.sampled_from(
        [
            ("role", "referrer"),
            ("state", "approved"),
            ("approved_by_id", None),
            ("licence_expires", None),
            ("vetted_at_organisation__country", "KZ"),
        ]
    )
    scopes: list[policy.Scope] = []
    for number in range(data.draw(st.integers(0, 3))):
        field, attribute = data.draw(fields)
        scopes.append(
            Where(
                f"scope {number}",
                field,
                attribute,
                also=tuple(data.draw(st.lists(pairs, max_size=2))),
                but_not=tuple((p, (v,)) for p, v in data.draw(st.lists(pairs, max_size=2)) if v),
            )
        )
    if data.draw(st.booleans()):
        scopes.append(
            Listed("own", lambda by: Membership.objects.filter(user=by.user_id), field="pk")
        )
    if data.draw(st.booleans()):
        scopes.append(Everything())
    name = data.draw(st.sampled_from([*cast.CAST, ""]))
    by = cast.actor(name) if name else ANONYMOUS
    by = replace(by, patient_ids=frozenset(User.objects.values_list("pk", flat=True)[:3]))
    rules = [
        rule("test.see", scope, *data.draw(st.sets(st.sampled_from(Role)))) for scope in scopes
    ]
    rules += [policy.anyone("test.see", scope) for scope in scopes[:1]]
    kept = policy._rules.pop("test.see", None)
    try:
        policy.register(rules)
        rows = Membership.objects.all()
        can = {row.pk for row in rows if policy.can(by, "test.see", row)}
        assert can == set(policy.visible_to(by, "test.see", rows).values_list("pk", flat=True))
    finally:
        policy._rules.pop("test.see", None)
        if kept:
            policy._rules["test.see"] = kept


def test_what_no_rule_allows_is_refused() -> None:
    assert not policy.can(cast.actor("saule"), "nothing.like_this")
    with pytest.raises(NotAllowedError, match=r"kernel\.not_allowed"):
        policy.require(ANONYMOUS, "nothing.like_this")
    assert policy.can(Actor.machine("tick"), "nothing.like_this")


def test_somebody_without_a_role_may_only_what_anyone_may() -> None:
    stranger = cast.actor("stranger")
    held = {e.permission for e in policy.rules() if policy.can(stranger, e.permission)}
    assert held == {e.permission for e in policy.rules() if e.anyone}


def test_the_page_of_rights_is_what_the_rules_say() -> None:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = (ROOT / "docs" / "reference" / "policy.md").read_text(encoding="utf-8")
    assert page == module.page(), (
        "run: SAPAR_MODE=test python scripts/reference.py > docs/reference/policy.md"
    )
