"""Accounts: people, the organisations they act for, their roles there, vetting of referrers."""
