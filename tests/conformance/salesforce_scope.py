"""The names of one formula of a Salesforce project: from its object files where they are there, else from their use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conformance.salesforce_metadata import Flow, ObjectField, Repository, bare
from kith_metadata.expressions import FieldInfo
from kith_metadata.expressions import types as t
from kith_metadata.expressions.translate import ForeignField, Missing
from kith_metadata.expressions.translate.foreign_names import lookup_name, our_name
from kith_metadata.expressions.types import Type

_PEOPLE = frozenset({"owner", "createdby", "lastmodifiedby", "manager", "user"})
_STANDARD: Mapping[str, Type] = {
    **dict.fromkeys(("createddate", "lastmodifieddate", "systemmodstamp", "startdatetime", "enddatetime",
                     "activitydatetime", "lastlogindate"), t.DATETIME),
    **dict.fromkeys(("closedate", "activitydate", "birthdate", "startdate", "enddate", "effectivedate"), t.DATE),
    **dict.fromkeys(("amount", "annualrevenue", "unitprice", "totalprice", "budgetedcost", "actualcost"), t.MONEY),
    **dict.fromkeys(("stagename", "leadsource", "industry", "salutation", "priority", "type", "status", "rating"),
                    t.choice("standard")),
    "probability": t.PERCENT,
    "numberofemployees": t.INTEGER,
}  # fmt: skip
_REFUSED = {
    "$api": "$Api holds addresses and sessions of Salesforce's own interface.",
    "$flow": "$Flow tells about a run of Salesforce's own engine.",
    "$objecttype": "$ObjectType describes Salesforce's own metadata.",
    "$system": "$System tells about Salesforce's own server.",
    "$site": "$Site tells about Salesforce's own web site.",
    "$request": "$Request tells about Salesforce's own web site.",
}
_SETTINGS = ("$setup", "$label", "$custommetadata", "$organization")
PERSON = "base.user"


@dataclass
class CorpusScope:
    """Resolves names from an object on, and remembers the fields met on the way for our checker.

    `used` are the types that the use of a name tells; they count where no file does.
    """

    repositories: Sequence[Repository]
    object: str
    used: Mapping[str, Type]
    flow: Flow = field(default_factory=Flow)
    entities: dict[str, dict[str, FieldInfo]] = field(default_factory=dict)
    settings: dict[str, Type] = field(default_factory=dict)
    roles: set[str] = field(default_factory=set)

    def find(self, parts: tuple[str, ...]) -> ForeignField | Missing:
        """Return what a reference stands for."""
        root = parts[0].lower()
        if root in _REFUSED:
            return Missing("global", _REFUSED[root])
        if root in _SETTINGS:
            return self._setting(parts)
        if root in ("$permission", "$role"):
            role = f"sales.{our_name(parts[-1])}"
            self.roles.add(role)
            return ForeignField(f'has_role("{role}")', t.BOOLEAN)
        if root in ("$profile", "$userrole"):
            return ForeignField("", Type("role"))
        if root == "$user":
            return self._path("User", parts[1:], "me")
        named = root in self.flow.records or root in self.flow.values or root in self.flow.others
        if named or (self.object in ("", "?") and len(parts) == 1):
            return self._variable(parts)
        return self._path(self.object, parts)

    def entity(self, name: str) -> str:
        """Return our name for an object."""
        return PERSON if name.lower() == "user" else f"sf.{our_name(name) if name else 'unknown'}"

    def _variable(self, parts: tuple[str, ...]) -> ForeignField:
        root = parts[0].lower()
        target = self.flow.records.get(root)
        name = our_name(parts[0])
        if target is None or root in self.flow.values:
            kind = self.flow.values.get(root) or self._used(parts) or _guess(parts[-1].lower())
            return self._met(self.object, our_name("_".join(parts)), "", kind)
        self._met(self.object, name, "", t.record(self.entity(target)))
        if len(parts) == 1:
            return ForeignField(name, t.record(self.entity(target)))
        return self._path(target, parts[1:], name)

    def _path(self, start: str, parts: tuple[str, ...], prefix: str = "") -> ForeignField:
        """Walk over lookups to a field."""
        holder, written = start, prefix
        for part in parts[:-1]:
            target = self._target(holder, part)
            name = lookup_name(part)
            self._met(holder, name, "", t.record(self.entity(target)))
            holder, written = target, f"{written}.{name}" if written else name
        last = parts[-1] if parts else "Id"
        if last.lower() == "id" and written:
            return ForeignField(written, t.record(self.entity(holder)))
        kind = self._type(holder, last, parts)
        is_lookup = kind.kind == "record" and last.lower() != "id"
        return self._met(holder, lookup_name(last) if is_lookup else our_name(last), written, kind)

    def _met(self, holder: str, name: str, prefix: str, kind: Type) -> ForeignField:
        self.entities.setdefault(self.entity(holder), {})[name] = FieldInfo(kind)
        return ForeignField(f"{prefix}.{name}" if prefix else name, kind)

    def _type(self, holder: str, name: str, parts: tuple[str, ...]) -> Type:
        lowered = bare(name)
        known = self._field(holder, lowered)
        if known is not None and known.type is not None and known.type.kind != "record":
            return known.type
        if known is not None and known.target:
            return t.record(self.entity(known.target))
        if lowered == "id":
            return t.record(self.entity(holder))
        is_lookup = known is not None and known.type is not None
        if is_lookup or lowered.endswith("__r") or (lowered.endswith("id") and name.endswith("Id")):
            return t.record(self.entity(self._target(holder, name[:-2] if lowered.endswith("id") else name)))
        used = self._used(parts)
        if lowered in _STANDARD:
            return _STANDARD[lowered]
        return used or _guess(lowered)

    def _used(self, parts: tuple[str, ...]) -> Type | None:
        written = ".".join(parts).lower()
        return self.used.get(written) or next(
            (kind for name, kind in self.used.items() if name.endswith(f".{written}")), None
        )

    def _target(self, holder: str, relation: str) -> str:
        """Return the object that a relation leads to; without a file, its own name tells."""
        lowered = bare(relation).partition(":")
        base = lowered[0]
        for name in (base.removesuffix("__r") + "__c", f"{base}id", base):
            known = self._field(holder, name)
            if known is not None and known.target:
                return known.target
        if lowered[2]:
            return relation.partition(":")[2]
        if base in _PEOPLE:
            return "User"
        return holder if base == "parent" else relation.removesuffix("__r")

    def _field(self, holder: str, name: str) -> ObjectField | None:
        for repository in self.repositories:
            found = repository.objects.get(holder.lower(), {}).get(name)
            if found is not None:
                return found
        return None

    def _setting(self, parts: tuple[str, ...]) -> ForeignField:
        name = ".".join(our_name(part) for part in (parts[1:] if parts[0].lower() in _SETTINGS[:1] else parts))
        known = self._field(parts[-2], bare(parts[-1])) if len(parts) > 2 else None
        kind = (known.type if known else None) or self._used(parts) or t.TEXT
        self.settings[name] = kind
        return ForeignField(f'setting("{name}")', kind)


def _guess(name: str) -> Type:
    """Guess a type by the name alone, where neither a file nor the use tells it."""
    words = name.removesuffix("__c")
    if words.endswith(("datetime", "date_time")):
        return t.DATETIME
    if words.endswith("date") or words.startswith("date_"):
        return t.DATE
    if words.startswith(("is", "has", "hasopted")):
        return t.BOOLEAN
    if any(part in words for part in ("amount", "number_of", "count", "total_", "percent", "duration")):
        return t.DECIMAL
    return t.TEXT
