"""How django-allauth signs people in here: no open sign-up, no demonstration in production."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.conf import settings

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser
    from django.http import HttpRequest

    from sapar.kernel.accounts.models import User


def may_sign_in(user: User) -> bool:
    """Whether the account may be used in this installation.

    Demonstration accounts have published passwords: in production they are as good as absent,
    however they came there, and their open sessions end.
    """
    return user.is_active and (settings.DEMONSTRATION or not user.is_demonstration)


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth has no types
    """allauth's own, for accounts that may be used here."""

    def user_can_authenticate(self, user: AbstractBaseUser | None) -> bool:
        """Asked for passwords at sign-in and, by `get_user`, for the session of every request."""
        return user is not None and may_sign_in(user)  # type: ignore[arg-type]


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by a request for access, never by a sign-up form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Closed: access is requested and vetted."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> Any:
        """Refuse, after any way of proving who one is (passkeys do not ask the backend).

        Returns:
            None to go on, or the page that says the account cannot be used.
        """
        if not may_sign_in(user):
            user.is_active = False  # here in memory only: allauth then forgets the attempt
        return super().pre_login(request, user, **kwargs)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Secrets of the second factor are stored encrypted under the installation's secret."""

    def encrypt(self, text: str) -> str:
        """Encrypt a TOTP secret or the seed of recovery codes."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The reverse."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> Fernet:
    key = hashlib.sha256(b"sapar.mfa:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
