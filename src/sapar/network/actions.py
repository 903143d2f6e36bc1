"""What can be done with the network: load files, add, change and remove an entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sapar.kernel import policy
from sapar.kernel.accounts.models import Organisation
from sapar.kernel.actions import action, note
from sapar.kernel.errors import InvalidInputError, NotFoundError, RefusedError
from sapar.kernel.records import new_id
from sapar.network.adapters import files
from sapar.network.engine.check import Checked, Raw, check
from sapar.network.engine.difference import Change, Sort, Stored, difference
from sapar.network.engine.kinds import KINDS
from sapar.network.models import Entry, EntryVersion, Origin, Revision
from sapar.network.policy import Permission
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from uuid import UUID

    from sapar.kernel.actors import Actor


class Conflicts(StrEnum):
    """What a load does with entries that were edited in the application."""

    REFUSE = "refuse"
    OURS = "ours"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked folder and what loading it would change."""

    entries: tuple[Checked, ...]
    changes: tuple[Change, ...]

    @property
    def writes(self) -> bool:
        """Whether loading would change anything; kept edits alone do not."""
        return any(c.sort is not Sort.KEPT for c in self.changes)

    @property
    def conflicts(self) -> tuple[Change, ...]:
        """Entries that files and application changed both."""
        return tuple(c for c in self.changes if c.sort is Sort.CONFLICT)

    def effective(self, conflicts: Conflicts) -> dict[tuple[str, str], Sort]:
        """What is really done to which entry, under a choice for conflicts."""
        result: dict[tuple[str, str], Sort] = {}
        for change in self.changes:
            if change.sort is Sort.CONFLICT and conflicts is Conflicts.OURS:
                gone = all(f.after is None for f in change.fields)
                result[change.kind, change.code] = Sort.REMOVED if gone else Sort.CHANGED
            elif change.sort in (Sort.ADDED, Sort.CHANGED, Sort.REMOVED):
                result[change.kind, change.code] = change.sort
        return result


def plan(folder: Path) -> Plan:
    """Read and check a folder and compare it with the records; writes nothing.

    Raises:
        InvalidInputError: with every problem of every file: file, line, value and remedy.
    """
    raws, problems = files.read(folder)
    present = {raw.kind for raw in raws}
    codes = {kind: codes for kind, codes in _codes().items() if kind not in present}
    entries, found = check(raws, files.known(codes))
    if problems or found:
        raise InvalidInputError([*problems, *found])
    stored = {
        (kind, code): Stored(None if removed else data, filed)
        for kind, code, data, filed, removed in Entry.objects.values_list(
            "kind", "code", "data", "filed", "removed"
        )
    }
    return Plan(entries, difference(entries, stored))


@action("network.load")
def load(*, by: Actor, plan: Plan, conflicts: Conflicts = Conflicts.REFUSE) -> None:
    """Bring the records to what the files say, in one step.

    Raises:
        RefusedError: entries edited in the application differ, and no choice was made.
    """
    policy.require(by, Permission.LOAD)
    if plan.conflicts and conflicts is Conflicts.REFUSE:
        raise RefusedError(
            [
                Problem.of("network.conflict", where=c.kind, value=c.code, fields=_named(c))
                for c in plan.conflicts
            ]
        )
    done = plan.effective(conflicts)
    revision = _revise()
    _organisations(plan.entries)
    owners = _owners(plan.entries)
    current = {(e.kind, e.code): e for e in Entry.objects.select_for_update()}
    made: list[Entry] = []
    versions: list[EntryVersion] = []
    for checked in plan.entries:
        key = (checked.kind, checked.code)
        entry = current.get(key)
        if entry is None:
            entry = Entry(kind=checked.kind, code=checked.code, filed=checked.data)
            _fill(entry, checked.data)
            entry.owner_id = owners.get(key)
            made.append(entry)
        elif done.get(key) is Sort.CHANGED:
            entry.removed = False
            entry.filed = checked.data
            entry.owner_id = owners.get(key)
            _fill(entry, checked.data)
            entry.save()
        else:
            if entry.filed != checked.data:
                entry.filed = checked.data
                entry.save(update_fields=["filed"])
            continue
        versions.append(_version(entry, by, Origin.FILE))
    for (kind, code), sort in done.items():
        if sort is Sort.REMOVED:
            entry = current[kind, code]
            entry.removed, entry.filed = True, None
            entry.save()
            versions.append(_version(entry, by, Origin.FILE))
    wanted = {(e.kind, e.code) for e in plan.entries}
    for change in plan.conflicts:
        # The edit stays although the files dropped the entry: from now on it is the application's.
        if conflicts is Conflicts.THEIRS and (change.kind, change.code) not in wanted:
            entry = current[change.kind, change.code]
            entry.filed = None
            entry.save(update_fields=["filed"])
    Entry.objects.bulk_create(made)
    EntryVersion.objects.bulk_create(versions)
    counts = {sort.value: list(done.values()).count(sort) for sort in set(done.values())}
    note(root=("network", revision.pk), what={**counts, "entries": len(plan.entries)})


@action("network.change_entry")
def change_entry(
    *, by: Actor, entry: UUID, version: int, data: Mapping[str, Any], comment: str
) -> None:
    """Change an entry; its former version is kept.

    Raises:
        InvalidInputError: the new content is wrong; `where` names the field.
        StaleVersionError: somebody else changed it first.
    """
    record = Entry.objects.claim(entry, version)
    policy.require(by, Permission.EDIT, record)
    checked = check_alone(record.kind, {**data, "code": record.code})
    _revise()
    _fill(record, checked.data)
    record.removed = False
    record.save()
    _version(record, by, Origin.APPLICATION, comment).save()
    if record.kind == "organisations":
        _organisations((checked,))
    _note(record)


@action("network.add_entry")
def add_entry(*, by: Actor, kind: str, owner: UUID, data: Mapping[str, Any], comment: str) -> UUID:
    """Add an entry that belongs to an organisation; returns its id.

    Raises:
        InvalidInputError: the content is wrong, or its code is taken.
    """
    record = Entry(kind=kind, code=str(data.get("code", "")), filed=None)
    record.owner = Organisation.objects.filter(pk=owner).first()
    policy.require(by, Permission.EDIT, record)
    if kind not in KINDS or kind == "organisations":
        raise NotFoundError(Problem.of("kernel.not_found", where=f"network:{kind}"))
    if Entry.objects.filter(kind=kind, code=record.code).exists():
        raise InvalidInputError(
            Problem.of("network.duplicate_code", where="code", value=record.code, first=kind)
        )
    checked = check_alone(kind, data)
    derived = _owners((checked,)).get((kind, checked.code))
    if derived is not None and derived != owner:
        raise InvalidInputError(
            Problem.of("network.other_owner", where=KINDS[kind].owned_by, value=checked.code)
        )
    _revise()
    _fill(record, checked.data)
    record.save()
    _version(record, by, Origin.APPLICATION, comment).save()
    _note(record)
    return record.pk


@action("network.remove_entry")
def remove_entry(*, by: Actor, entry: UUID, version: int, comment: str) -> None:
    """Take an entry out of the network; its versions are kept.

    Raises:
        RefusedError: another entry still names it.
    """
    record = Entry.objects.claim(entry, version)
    policy.require(by, Permission.EDIT, record)
    rest = [raw for raw in _raws() if (raw.kind, raw.data["code"]) != (record.kind, record.code)]
    _good, problems = check(tuple(rest), files.known({}))
    if problems:
        users = ", ".join(dict.fromkeys(p.where.split(" ")[0] for p in problems))
        raise RefusedError(
            Problem.of("network.still_used", where=record.kind, value=record.code, users=users)
        )
    _revise()
    record.removed = True
    record.save()
    _version(record, by, Origin.APPLICATION, comment).save()
    _note(record)


def _named(change: Change) -> str:
    return ", ".join(f.path for f in change.fields[:5])


def _note(record: Entry) -> None:
    root = ("organisation", record.owner_id) if record.owner_id else ("network", record.pk)
    note(
        root=root,
        about=("network.entry", record.pk),
        what={"kind": record.kind, "code": record.code, "version": record.version},
    )


def _revise() -> Revision:
    """Change the revision, which also makes writers of the network wait for each other."""
    revision, _made = Revision.objects.select_for_update().get_or_create(name="network")
    revision.token = new_id()
    revision.save()
    return revision


def _codes() -> dict[str, frozenset[str]]:
    result: dict[str, set[str]] = {}
    for kind, code in Entry.objects.filter(removed=False).values_list("kind", "code"):
        result.setdefault(kind, set()).add(code)
    return {kind: frozenset(codes) for kind, codes in result.items()}


def _raws() -> tuple[Raw, ...]:
    rows = Entry.objects.filter(removed=False).order_by("kind", "code")
    return tuple(Raw(e.kind, f"{e.kind}/{e.code}", e.data) for e in rows)


def check_alone(kind: str, data: Mapping[str, Any]) -> Checked:
    """Check one entry beside all others; `where` of its own problems is the bare field."""
    mine = Raw(kind, "", dict(data))
    others = [r for r in _raws() if (r.kind, r.data["code"]) != (kind, data.get("code"))]
    good, problems = check((*others, mine), files.known({}))
    if problems:
        raise InvalidInputError(
            Problem(p.code, p.where.strip(), p.value, p.params) for p in problems
        )
    return good[-1]


def _fill(entry: Entry, data: dict[str, Any]) -> None:
    first, last = data.get("valid_from"), data.get("valid_to")
    entry.data = data
    entry.mark = data["source"]["mark"]
    entry.valid_from = date.fromisoformat(first) if first else None
    entry.valid_to = date.fromisoformat(last) if last else None


def _version(entry: Entry, by: Actor, origin: Origin, comment: str = "") -> EntryVersion:
    return EntryVersion(
        entry=entry,
        number=entry.version,
        data=entry.data,
        removed=entry.removed,
        origin=origin,
        by=by.label,
        comment=comment,
    )


def _organisations(entries: tuple[Checked, ...]) -> None:
    """Keep the kernel's organisations in step; none is ever deleted."""
    known = {o.code: o for o in Organisation.objects.all()}
    for entry in entries:
        if entry.kind != "organisations":
            continue
        record = known.get(entry.code) or Organisation(code=entry.code)
        wanted = {
            "names": entry.data["names"],
            "kind": entry.data["kind"],
            "country": entry.data["country"],
            "city": entry.data.get("city", {}),
            "time_zone": entry.data.get("time_zone", "Asia/Almaty"),
        }
        if any(getattr(record, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(record, name, value)
            record.save()


def _owners(entries: tuple[Checked, ...]) -> dict[tuple[str, str], UUID | None]:
    """The owning organisation of each entry: as the file names it, or by the rule of its kind."""
    ids = {o.code: o.pk for o in Organisation.objects.all()}
    ministries = {o.country: o.pk for o in Organisation.objects.filter(kind="ministry")}
    centre_of = dict(
        Entry.objects.filter(kind="programmes").values_list("code", "data__centre")
    ) | {e.code: e.data["centre"] for e in entries if e.kind == "programmes"}
    result: dict[tuple[str, str], UUID | None] = {}
    for entry in entries:
        rule = KINDS[entry.kind].owned_by
        if entry.owner:
            owner = ids.get(entry.owner)
        elif rule == "self":
            owner = ids.get(entry.code)
        elif rule == "centre":
            owner = ids.get(entry.data["centre"])
        elif rule == "programme":
            owner = ids.get(centre_of.get(entry.data["programme"], ""))
        else:
            owner = ministries.get(entry.data.get(rule, ""))
        result[entry.kind, entry.code] = owner
    return result
