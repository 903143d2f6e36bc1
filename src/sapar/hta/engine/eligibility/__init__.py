"""Whom to treat: the benefit from which a treatment of one person pays."""
