"""Pages of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.views import LogoutView
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.db import transaction
from django.http import Http404, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sapar.kernel import policy
from sapar.kernel.accounts import actions, forms, queries
from sapar.kernel.accounts.models import User
from sapar.kernel.accounts.policy import Permission
from sapar.kernel.accounts.web import ORGANISATION, actor_of, signed_in
from sapar.kernel.actors import Actor
from sapar.kernel.documents import actions as documents
from sapar.kernel.errors import SaparError
from sapar.kernel.languages import phrases
from sapar.kernel.roles import Role

if TYPE_CHECKING:
    from uuid import UUID

    from django import forms as django_forms
    from django.http import HttpRequest, HttpResponse

PAGE = require_http_methods(["GET", "HEAD", "POST"])


class SignOut(LogoutView):  # type: ignore[misc]
    """allauth's, and the browser forgets what it kept: slices of a patient among it."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign out (`Clear-Site-Data`, W3C working draft of 2017; browsers obey it over TLS)."""
        response: HttpResponse = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"cache"'
        return response


def _add_problems(form: django_forms.Form, error: SaparError) -> None:
    """Put what an action refused beside the field it names, in the reader's language."""
    for problem in error.problems:
        field = problem.where if problem.where in form.fields else None
        form.add_error(field, f"{phrases.text(problem)} {phrases.remedy(problem)}")


@PAGE
@signed_in
def my_account(request: HttpRequest) -> HttpResponse:
    """Language, time zone, shortcuts, colours; one's roles, and a way to leave each."""
    by = actor_of(request)
    user = get_object_or_404(User, pk=by.user_id)
    form = forms.SettingsForm(
        request.POST if request.method == "POST" else None,
        initial={
            "language": user.language,
            "time_zone": user.time_zone,
            "shortcuts": user.shortcuts,
            "theme": user.theme,
        },
    )
    if request.method == "POST" and form.is_valid():
        actions.update_settings(by=by, user=user.pk, **form.cleaned_data)
        language = form.cleaned_data["language"]
        with translation.override(language):
            messages.success(request, _("Your settings are saved."))
        response = redirect("accounts:mine")
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", httponly=True, max_age=31536000
        )
        return response
    return render(
        request,
        "accounts/mine.html",
        {
            "form": form,
            "memberships": queries.own_memberships(by),
            "places": queries.places_of(by),
        },
    )


@require_POST
@signed_in
def choose_organisation(request: HttpRequest) -> HttpResponse:
    """Act for another of one's organisations from now on; the session remembers it."""
    wanted = request.POST.get("organisation", "")
    names = {str(place.id): place.name for place in queries.places_of(actor_of(request))}
    if wanted in names:
        request.session[ORGANISATION] = wanted
        messages.success(request, _("You now act for {name}.").format(name=names[wanted]))
    # From the menu of any page: the first page, since the page one was on may not be theirs now.
    return redirect("/" if request.POST.get("from") == "menu" else "accounts:mine")


@PAGE
def request_access(request: HttpRequest) -> HttpResponse:
    """Ask for a role; without an account this makes one, which can do nothing yet."""
    too_often: HttpResponse | None = ratelimit.consume_or_429(request, action="request_access")
    if too_often is not None:
        return too_often
    by = actor_of(request)
    form = forms.RequestForm(
        request.POST or None, request.FILES or None, signed_in=by.user_id is not None
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                made = _request(by, form)
        except SaparError as error:
            _add_problems(form, error)
        else:
            if made.membership is None:
                _tell_owner(made.user)
            return redirect("accounts:requested")
    status = 422 if form.errors else 200
    return render(request, "accounts/request.html", {"form": form}, status=status)


def _request(by: Actor, form: forms.RequestForm) -> actions.Requested:
    data = form.cleaned_data
    newcomer = None
    if by.user_id is None:
        language = translation.get_language() or "ru"
        newcomer = actions.Newcomer(data["email"], data["full_name"], data["password"], language)
    licence = None
    if data["licence_number"] and data["licence_expires"]:
        licence = actions.Licence(
            data["licence_number"], data["licence_authority"], data["licence_expires"]
        )
    made = actions.request_access(
        by=by,
        organisation=data["organisation"],
        role=Role(data["role"]),
        newcomer=newcomer,
        vetted_at=data["vetted_at"],
        licence=licence,
    )
    file = data["licence_document"]
    if file and made.membership is not None:
        asker = Actor(user_id=made.user)
        document = documents.receive(
            by=asker,
            root=("membership", made.membership),
            kind="licence",
            title=file.name,
            file=file,
            claimed_type=file.content_type or "",
        )
        actions.attach_licence(by=asker, membership=made.membership, document=document)
    return made


def _tell_owner(user: UUID) -> None:
    """Write to the owner of an address that somebody asked access with; the page says nothing."""
    owner = User.objects.get(pk=user)
    with translation.override(owner.language):
        send_mail(
            _("A request for access to Sapar"),
            _(
                "Somebody asked for access with this e-mail address. You have an account already: "
                "sign in, and ask for a further role on the page of your account. If it was not "
                "you, nothing needs to be done."
            ),
            None,
            [owner.email],
        )


@require_safe
def requested(request: HttpRequest) -> HttpResponse:
    """What happens next, after a request."""
    return render(request, "accounts/requested.html")


@require_safe
@signed_in
def members(request: HttpRequest) -> HttpResponse:
    """The people of the organisation, for its administrator."""
    by = actor_of(request)
    policy.require(by, Permission.MEMBERS)
    return render(request, "accounts/members.html", {"members": queries.members(by)})


@PAGE
@signed_in
def member(request: HttpRequest, membership: UUID) -> HttpResponse:
    """One membership: end it (one's own too), or change the role."""
    by = actor_of(request)
    found = queries.membership_of(by, membership)
    if found is None:
        raise Http404
    initial = {"version": found.version}
    which = request.POST.get("do", "") if request.method == "POST" else ""
    ending = forms.EndForm(request.POST if which == "end" else None, initial=initial)
    changing = forms.ChangeRoleForm(request.POST if which == "change" else None, initial=initial)
    form = {"end": ending, "change": changing}.get(which)
    if form is not None and form.is_valid():
        data = form.cleaned_data
        try:
            if form is ending:
                actions.end(by=by, membership=membership, **data)
            else:
                actions.change_role(
                    by=by,
                    membership=membership,
                    version=data["version"],
                    role=Role(data["role"]),
                )
        except SaparError as error:
            _add_problems(form, error)
        else:
            messages.success(request, _("Done. The role is changed at once."))
            own = found.user_id == by.user_id
            return redirect("accounts:mine" if own else "accounts:members")
    context = {
        "member": found,
        "ending": ending,
        "changing": changing,
        "may_change": policy.can(by, Permission.CHANGE_ROLE) and found.user_id != by.user_id,
    }
    refused = form is not None and form.errors
    return render(request, "accounts/member.html", context, status=422 if refused else 200)


@require_safe
@signed_in
def requests(request: HttpRequest) -> HttpResponse:
    """Requests to decide, and licences that end soon."""
    by = actor_of(request)
    policy.require(by, Permission.DECIDE)
    context = {
        "requests": queries.requests(by),
        "expiring": queries.licences_expiring(by, on=timezone.localdate()),
    }
    return render(request, "accounts/requests.html", context)


@PAGE
@signed_in
def decide(request: HttpRequest, membership: UUID) -> HttpResponse:
    """One request: approve or refuse it."""
    by = actor_of(request)
    found = queries.request_of(by, membership)
    if found is None:
        raise Http404
    initial = {"version": found.version}
    which = request.POST.get("do", "") if request.method == "POST" else ""
    if request.method == "POST" and which not in {"approve", "refuse"}:
        return HttpResponseNotAllowed(["GET"])
    approving = forms.ApproveForm(request.POST if which == "approve" else None, initial=initial)
    refusing = forms.RefuseForm(request.POST if which == "refuse" else None, initial=initial)
    form = {"approve": approving, "refuse": refusing}.get(which)
    if form is not None and form.is_valid():
        do = actions.approve_membership if form is approving else actions.refuse
        try:
            do(by=by, membership=membership, **form.cleaned_data)
        except SaparError as error:
            _add_problems(form, error)
        else:
            messages.success(request, _("The decision is kept."))
            return redirect("accounts:requests")
    context = {"member": found, "approving": approving, "refusing": refusing}
    refused = form is not None and form.errors
    return render(request, "accounts/decide.html", context, status=422 if refused else 200)
