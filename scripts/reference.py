"""Prints docs/reference/policy.md: who may do what, from the rules of all rooms.

    SAPAR_MODE=test python scripts/reference.py > docs/reference/policy.md

tests/kernel/test_policy.py fails when the page is not what this prints.
"""

from __future__ import annotations

import os
from itertools import groupby

import django

HEAD = """# Who may do what

Generated from the `policy.py` of every room by `scripts/reference.py`; do not edit. One line a
rule: the permission, the roles, and which objects it reaches. What no line allows is refused.
"Anyone" needs no role; where the scope speaks of "their own", it means whoever is signed in. The
system itself (jobs, the command line) may do everything; its actions are audited under its name.
"""


def page() -> str:
    """The whole page as Markdown."""
    from django.utils import translation  # noqa: PLC0415 - after Django is set up

    from sapar.kernel import policy  # noqa: PLC0415
    from sapar.kernel.roles import Role  # noqa: PLC0415

    lines = [HEAD]
    with translation.override("en"):
        ordered = sorted(policy.rules(), key=lambda rule: rule.permission)
        for room, rules in groupby(ordered, key=lambda rule: rule.permission.split(".")[0]):
            lines += [f"## {room}", "", "| Permission | Who | Reaches |", "| --- | --- | --- |"]
            rows = set()
            for rule in rules:
                roles = ", ".join(str(role.label) for role in Role if role in rule.roles)
                who = "Anyone" if rule.anyone else roles
                rows.add(f"| `{rule.permission}` | {who} | {rule.scope.name} |")
            lines += [*sorted(rows), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sapar.site.settings")
    django.setup()
    print(page(), end="")
