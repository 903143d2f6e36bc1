"""The Django app of accounts."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, organisations, memberships."""

    name = "sapar.kernel.accounts"
    label = "accounts"
