"""Prints reference pages: who may do what, and what is kept of whom.

    SAPAR_MODE=test python scripts/reference.py > docs/reference/policy.md
    SAPAR_MODE=test python scripts/reference.py kept > docs/reference/kept.md

tests/kernel/test_policy.py and test_records.py fail when a page is not what this prints.
"""

from __future__ import annotations

import os
import sys
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


LINE = "| --- | --- | --- | --- |"
KEPT_HEAD = """# What is kept, record by record

Generated from the `privacy` declaration of every record by `scripts/reference.py kept`; do not
edit. A field holds an id, operational data (states, codes, dates), personal data, clinical data, or
a secret. [Privacy](../privacy.md) says how long, on which basis, and how erasure works.
"""


def kept_page() -> str:
    """Every record with the kind of data each of its fields holds, as Markdown."""
    from django.apps import apps  # noqa: PLC0415 - after Django is set up

    from sapar.kernel.records import Record  # noqa: PLC0415

    lines = [KEPT_HEAD]
    records = [m for m in apps.get_models() if issubclass(m, Record)]
    named = sorted((m._meta.label, m) for m in records)  # noqa: SLF001 - Django's documented _meta
    rooms = groupby(named, key=lambda pair: pair[0].partition(".")[0])
    for room, models in rooms:
        lines += [
            f"## {room}",
            "",
            "| Record | Personal | Clinical | Secret |",
            "| --- | --- | --- | --- |",
        ]
        for _label, model in models:
            kinds = model.privacy
            cells = [
                ", ".join(f"`{name}`" for name, kind in kinds.items() if kind == wanted)
                for wanted in ("personal", "clinical", "secret")
            ]
            lines.append(f"| {model.__name__} | {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sapar.site.settings")
    django.setup()
    print(kept_page() if sys.argv[1:] == ["kept"] else page(), end="")
