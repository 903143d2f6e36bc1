"""What arrived, laid out: entries with their places, and references that find them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sapar.kernel.fhir import schema, versions
from sapar.kernel.fhir.values import obj, objs, text
from sapar.values.statements import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sapar.kernel.fhir.decode import Decoded

LIMIT_ENTRIES = 20_000
LIMIT_PROBLEMS = 300
"""Problems of the schema named for one file."""

DEFAULT_VERSION = "R4"


@dataclass(eq=False, slots=True)
class Entry:
    """One resource, in R4's shape.

    Attributes:
        resource: the content; dates that no calendar has were taken out.
        where: its place in the file, `Bundle.entry[3].resource`.
        full_url: as sent, or "".
        kind: the resource type.
        base: what relative references start from, or "".
        bundle: number of the Bundle it came in; a short reference means its own Bundle first.
    """

    resource: dict[str, Any]
    where: str
    full_url: str
    kind: str
    base: str = ""
    bundle: int = 0

    @property
    def name(self) -> str:
        """`Condition/123`, or its full URL, or its place."""
        own = text(self.resource.get("id"))
        return f"{self.kind}/{own}" if own else (self.full_url or self.where)


@dataclass(slots=True)
class Parcel:
    """Everything that one file held.

    Attributes:
        kind: the Bundle's type ("document", "transaction", "message"...), "loose" or "".
        entries: resources of the types that are read.
        left: (resource type, place) of those that are not.
        version: "R4", or another when an element betrays it; "unknown" for none.
        identifiers: "system|value" of the Bundle.
    """

    kind: str = ""
    entries: list[Entry] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    version: str = "unknown"
    version_where: str = ""
    identifiers: tuple[str, ...] = ()
    _by_url: dict[str, Entry] = field(default_factory=dict)
    _by_name: dict[str, Entry] = field(default_factory=dict)
    _contained: dict[tuple[int, str], Entry | None] = field(default_factory=dict)

    def of(self, *kinds: str) -> list[Entry]:
        """Entries of these types, in the order sent."""
        return [entry for entry in self.entries if entry.kind in kinds]

    def resolve(self, reference: Any, within: Entry) -> Entry | None:
        """The entry that a Reference means; None when it is not in the file.

        By `#id` among the contained, by full URL, relative to the entry's own base, and last by
        `Type/id` alone, because many senders write that beside `urn:uuid` addresses.
        """
        sent = (
            text(obj(reference).get("reference")) if not isinstance(reference, str) else reference
        )
        if not sent:
            return None
        if sent.startswith("#"):
            return self._inner(sent[1:], within)
        sent = sent.split("/_history/")[0].split("#")[0]
        if sent in self._by_url:
            return self._by_url[sent]
        if within.base and f"{within.base}/{sent}" in self._by_url:
            return self._by_url[f"{within.base}/{sent}"]
        name = "/".join(sent.split("/")[-2:])
        if sent.startswith("urn:"):
            name = sent.rsplit(":", 1)[-1]
        return self._by_name.get(name)

    def _inner(self, own: str, within: Entry) -> Entry | None:
        key = (id(within.resource), own)
        if key not in self._contained:
            self._contained[key] = None
            for index, inner in enumerate(objs(within.resource.get("contained"))):
                if text(inner.get("id")) == own:
                    where = f"{within.where}.contained[{index}]"
                    self._contained[key] = Entry(
                        inner, where, "", text(inner.get("resourceType")), within.base
                    )
        return self._contained[key]

    def links(self) -> Iterator[tuple[str, str, Entry | None]]:
        """(place, reference, target or None) of every reference in every resource."""
        for entry in self.entries:
            for where, sent in _references(entry):
                yield where, sent, self.resolve(sent, entry)

    def add(self, resource: Any, where: str, full_url: str = "", bundle: int = 0) -> None:
        """Take in one resource: recognise, shape, validate, index."""
        kind = text(obj(resource).get("resourceType"))
        if not kind:
            self.problems.append(Problem.of("fhir.no_resource_type", where=where, fatal=False))
            self.left.append(("?", where))
            return
        betrayed = versions.evidence(resource)
        if betrayed and not self.version_where:
            self.version, self.version_where = betrayed[0], f"{where}.{betrayed[1]}"
        if betrayed:
            resource = versions.as_r4(resource)
            kind = resource["resourceType"]
        if kind not in schema.read_types():
            self._leave(kind, where)
            return
        if self.version == "unknown":
            self.version = DEFAULT_VERSION
        self._validate(resource, where)
        base = full_url.rsplit("/", 2)[0] if full_url.startswith("http") else ""
        entry = Entry(resource, where, full_url, kind, base, bundle)
        if full_url and self._by_url.get(full_url) is not None:
            self.problems.append(
                Problem.of("fhir.duplicate_entry", where=where, value=full_url, fatal=False)
            )
        self.entries.append(entry)
        self._index(entry)

    def _leave(self, kind: str, where: str) -> None:
        """Note a resource of a type that is not read, or that there is not."""
        if kind not in schema.known_types():
            self.problems.append(
                Problem.of("fhir.unknown_resource_type", where=where, value=kind, fatal=False)
            )
        self.left.append((kind, where))

    def _index(self, entry: Entry) -> None:
        """Every address under which others may point to an entry; the first entry keeps it."""
        url, own, kind = entry.full_url, text(entry.resource.get("id")), entry.kind
        names = [f"{kind}/{own}", own] if own else []
        if url:
            self._by_url.setdefault(url, entry)
            last = url.rsplit(":", 1)[-1]
            names += [last, f"{kind}/{last}"] if url.startswith("urn:") else []
            names += [] if url.startswith("urn:") else ["/".join(url.split("/")[-2:])]
        for name in names:
            self._by_name.setdefault(name, entry)

    def _validate(self, resource: dict[str, Any], where: str) -> None:
        found = schema.check(resource, where)
        for index, inner in enumerate(objs(resource.get("contained"))):
            if text(inner.get("resourceType")) in schema.read_types():
                found.extend(schema.check(inner, f"{where}.contained[{index}]"))
        found.extend(schema.drop_impossible_dates(resource, where))
        room = LIMIT_PROBLEMS - len(self.problems)
        self.problems.extend(found[: max(room, 0)])
        if len(found) > room >= 0:
            self.problems.append(
                Problem.of("fhir.more_problems", fatal=False, limit=LIMIT_PROBLEMS)
            )


def _references(entry: Entry) -> Iterator[tuple[str, str]]:
    """(place, reference) of every reference in a resource."""
    ahead: list[tuple[Any, str]] = [(entry.resource, entry.where)]
    while ahead:
        node, place = ahead.pop()
        if isinstance(node, list):
            ahead.extend((inner, f"{place}[{i}]") for i, inner in reversed(list(enumerate(node))))
        elif isinstance(node, dict):
            sent = node.get("reference")
            if isinstance(sent, str) and sent.strip():
                yield f"{place}.reference", sent.strip()
            ahead.extend(
                (inner, f"{place}.{key}")
                for key, inner in reversed(node.items())
                if isinstance(inner, dict | list) and key != "contained"
            )


def _unpack(parcel: Parcel, bundle: dict[str, Any], where: str, number: int) -> list[Any]:
    """Put a Bundle's entries into the parcel; returns the Bundles inside it with their places."""
    inner_bundles: list[Any] = []
    sent = bundle.get("entry")
    if sent is not None and not isinstance(sent, list):
        parcel.problems.append(
            Problem.of(
                "fhir.wrong_type",
                where=f"{where}.entry",
                fatal=False,
                value=type(sent).__name__,
                expected="array",
            )
        )
    for index, entry in enumerate(sent if isinstance(sent, list) else []):
        place = f"{where}.entry[{index}]"
        resource = obj(entry).get("resource")
        if not isinstance(resource, dict):
            parcel.problems.append(
                Problem.of("fhir.entry_without_resource", where=place, fatal=False)
            )
        elif resource.get("resourceType") == "Bundle":
            inner_bundles.append((f"{place}.resource", resource))
        elif len(parcel.entries) >= LIMIT_ENTRIES:
            parcel.left.append((text(resource.get("resourceType")), f"{place}.resource"))
        else:
            full_url = text(entry.get("fullUrl"))
            parcel.add(resource, f"{place}.resource", full_url, number)
    return inner_bundles


def open_parcel(decoded: Decoded) -> Parcel:
    """Lay out what a file held.

    Args:
        decoded: JSON values with their places.

    Returns:
        the parcel; its problems include those of decoding. A fatal one when there is nothing.
    """
    parcel = Parcel(problems=list(decoded.problems))
    if any(problem.fatal for problem in decoded.problems):
        return parcel
    ahead: list[tuple[str, Any]] = []
    for where, value in decoded.values:
        if isinstance(value, list):
            ahead.extend((f"{where}[{i}]".strip(), inner) for i, inner in enumerate(value))
        else:
            ahead.append((where, value))
    identifiers: list[str] = []
    number = 0
    while ahead:
        where, value = ahead.pop(0)
        kind = text(obj(value).get("resourceType"))
        if kind != "Bundle":
            parcel.kind = parcel.kind or "loose"
            place = f"{where} {kind}".strip() if not where.endswith("]") else where
            parcel.add(value, place or "file")
            continue
        number += 1
        parcel.kind = parcel.kind or text(value.get("type")) or "collection"
        betrayed = versions.evidence(value)
        if betrayed and not parcel.version_where:
            parcel.version, parcel.version_where = betrayed[0], f"Bundle.{betrayed[1]}"
        identifier = obj(value.get("identifier"))
        if text(identifier.get("value")):
            identifiers.append(f"{text(identifier.get('system'))}|{text(identifier['value'])}")
        place = where if where.endswith("resource") else f"{where} Bundle".strip()
        envelope = {key: inner for key, inner in value.items() if key != "entry"}
        parcel.problems.extend(schema.check(envelope, place))
        ahead.extend(_unpack(parcel, value, place, number))
    parcel.identifiers = tuple(identifiers)
    _summary(parcel)
    return parcel


def _summary(parcel: Parcel) -> None:
    """What holds for the whole file: its version, and whether there is anything in it."""
    if parcel.version_where and parcel.version != DEFAULT_VERSION:
        parcel.problems.insert(
            0,
            Problem.of(
                "fhir.other_version", where=parcel.version_where, value=parcel.version, fatal=False
            ),
        )
    if parcel.entries:
        return
    if not parcel.left:
        parcel.problems.append(Problem.of("fhir.empty_bundle", where=parcel.kind))
    else:
        kind, where = parcel.left[0]
        parcel.problems.append(Problem.of("fhir.nothing_readable", where=where, value=kind))
