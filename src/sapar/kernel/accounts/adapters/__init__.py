"""The outside of accounts: django-allauth."""
