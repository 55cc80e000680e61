"""A small language for tests of the metadata core: a handful of types, and what expressions may name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kith_metadata.check import CheckResult, check
from kith_metadata.expressions import FieldInfo, ListInfo, types
from kith_metadata.expressions.list_names import named
from kith_metadata.expressions.types import Type, choice, record
from kith_metadata.kinds.entity import Field, FieldOptions
from kith_metadata.kinds.form import ElementOptions
from kith_metadata.kinds.option_set import Option
from kith_metadata.kinds.view import ViewOptions
from kith_metadata.language import Language, VariantType, metadata_kinds
from kith_metadata.snapshot import Snapshot
from kith_metadata.spec import prop


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOptions(FieldOptions):
    """How long a text may be."""

    max_length: int = prop("Longest", "Characters.", default=255, schema={"minimum": 1, "maximum": 4000})


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOptions(FieldOptions):
    """Limits of a number."""

    min: float | str | None = prop("Smallest", "", default=None)
    max: float | str | None = prop("Largest", "", default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceOptions(FieldOptions):
    """Where the options come from."""

    options: Mapping[str, Option] = prop("Options", "", default={}, merge="by_key", customise="extend_only")
    options_from: str = prop("Option set", "", default="", refers="option_set")
    depends_on: str = prop("Depends on", "", default="", refers="field")
    allowed: Mapping[str, tuple[str, ...]] = prop("Allowed", "Options by value of the other field.", default={})


@dataclass(frozen=True, slots=True, kw_only=True)
class LookupOptions(FieldOptions):
    """What it points to."""

    to: str = prop("To", "The entity.", refers="entity", customise="locked")
    on_delete: str = prop("On delete", "", default="clear", schema={"enum": ["clear", "restrict", "cascade"]})
    where: str = prop("Only where", "A condition.", default="", expression="boolean")


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaOptions(FieldOptions):
    """What is worked out."""

    returns: str = prop("Returns", "", schema={"enum": ["text", "money", "integer", "boolean"]})
    formula: str = prop("Formula", "", expression="any")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardOptions(ViewOptions):
    """A board's columns."""

    group: str = prop("Group by", "A choice field.", refers="field")


TYPES = {
    "text": types.TEXT,
    "email": types.TEXT,
    "integer": types.INTEGER,
    "money": types.MONEY,
    "boolean": types.BOOLEAN,
    "date": types.DATE,
}

FIELD_TYPES = {
    "text": VariantType("text", "Text", "One line.", TextOptions),
    "email": VariantType("email", "E-mail", "An address.", TextOptions),
    "integer": VariantType("integer", "Whole number", "", NumberOptions),
    "money": VariantType("money", "Money", "An amount.", NumberOptions, columns=2),
    "boolean": VariantType("boolean", "Yes or no", "", FieldOptions),
    "date": VariantType("date", "Date", "A day.", FieldOptions),
    "choice": VariantType("choice", "Choice", "One of several.", ChoiceOptions),
    "lookup": VariantType("lookup", "Lookup", "Another record.", LookupOptions),
    "formula": VariantType("formula", "Formula", "Worked out.", FormulaOptions, stored=False),
}


def expression_type(snapshot: Snapshot, entity: str, name: str, field: Field) -> Type:
    """Return the type that expressions see."""
    if field.type == "lookup":
        return record(field.options.to)
    if field.type == "choice":
        return choice(field.options.options_from or f"{entity}.{name}")
    return TYPES[field.options.returns if field.type == "formula" else field.type]


@dataclass(frozen=True)
class EntityScope:
    """The fields of an entity of a snapshot."""

    snapshot: Snapshot
    entity: str

    def field(self, name: str) -> FieldInfo | None:
        """Return a field, or None."""
        if not self.snapshot.has("entity", self.entity):
            return None
        if name == "owner":
            return FieldInfo(record("base.user"))
        found = self.snapshot.entity(self.entity).fields.get(name)
        if found is None:
            return None
        options: tuple[str, ...] = ()
        if found.type == "choice":
            names = found.options.options or self.snapshot.option_set(found.options.options_from).options
            options = tuple(names)
        return FieldInfo(expression_type(self.snapshot, self.entity, name, found), options=options)

    def names(self) -> tuple[str, ...]:
        """Return all names."""
        return tuple(self.snapshot.entity(self.entity).fields) if self.snapshot.has("entity", self.entity) else ()

    def related(self, entity: str) -> EntityScope:
        """Return another entity's scope."""
        return EntityScope(self.snapshot, entity)

    def person_scope(self) -> EntityScope:
        """Return the person's scope."""
        return EntityScope(self.snapshot, "base.user")

    def lists(self, name: str) -> tuple[ListInfo, ...]:
        """Return the lists that a name can mean."""
        return self._lists().get(name, ())

    def list_names(self) -> tuple[str, ...]:
        """Return the names that mean one list."""
        return tuple(name for name, found in self._lists().items() if len(found) == 1)

    def _lists(self) -> Mapping[str, tuple[ListInfo, ...]]:
        every = [(name, self.snapshot.entity(name).fields.values()) for name in self.snapshot.entities()]
        pointing = [
            ListInfo(name, field.name)
            for name, fields in every
            for field in fields
            if field.type == "lookup" and field.options.to == self.entity
        ]
        return named(pointing)

    def offers(self, feature: str) -> bool:
        """Nothing is offered here."""
        return False

    def offering(self, *features: str) -> EntityScope:
        """Return the same names: the features of places are tried with the real language."""
        return self

    def renamed(self, name: str) -> str:
        """Return what a field is called now."""
        fields = self.snapshot.entity(self.entity).fields if self.snapshot.has("entity", self.entity) else {}
        return next((field.name for field in fields.values() if field.was == name), "")

    def roles(self) -> tuple[str, ...]:
        """Return the names of all roles."""
        return self.snapshot.names("role")

    def setting(self, name: str) -> FieldInfo | None:
        """There are no settings."""
        return None

    def settings(self) -> tuple[str, ...]:
        """There are no settings."""
        return ()


def small_language() -> Language:
    """Return the language."""
    return Language(
        metadata_kinds(),
        {
            "field_types": FIELD_TYPES,
            "form_elements": {
                "field": VariantType("field", "Field", "", ElementOptions),
                "divider": VariantType("divider", "Divider", "A line.", ElementOptions),
            },
            "view_types": {
                "list": VariantType("list", "List", "", ViewOptions),
                "board": VariantType("board", "Board", "", BoardOptions),
            },
        },
        EntityScope,
    )


LANGUAGE = small_language()


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder and return it; an app without an app.yaml gets one."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    for app in {name.split("/")[0] for name in files}:
        head = folder / app / "app.yaml"
        if not head.exists():
            head.write_text(f"app: {app}\nlabel: {app.title()}\nversion: 1.0.0\n")
    return folder


def check_files(
    folder: Path,
    files: Mapping[str, str | bytes],
    custom: Mapping[str, str | bytes] | None = None,
    language: Language = LANGUAGE,
) -> CheckResult:
    """Check apps given as files; ``custom`` holds the customer's own app, whose folder is ``custom``."""
    apps = write(folder / "apps", files)
    (folder / "custom").mkdir(exist_ok=True)
    if custom is None:
        return check([apps], language, root=folder)
    for name, text in custom.items():
        path = folder / "custom" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return check([apps], language, customer=folder / "custom", root=folder)
