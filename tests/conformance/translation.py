"""Translating a whole corpus of real formulas and conditions: how many are carried, and why the others are not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.frappe_corpus import App, DocScope
from conformance.salesforce_metadata import Repository
from conformance.salesforce_scope import CorpusScope
from kith_metadata.expressions import ExpressionError, FieldInfo, FieldScope, compile_check
from kith_metadata.expressions import types as t
from kith_metadata.expressions.scope import FORMER, ListInfo
from kith_metadata.expressions.translate import (
    Translated,
    TranslationError,
    translate_frappe,
    translate_frappe_filters,
    translate_salesforce,
)
from kith_metadata.expressions.translate.report_scope import ReportScope
from kith_metadata.expressions.translate.salesforce_inference import infer_types
from kith_metadata.expressions.translate.salesforce_parse import parse_salesforce
from kith_metadata.expressions.types import Type

_RETURNS: Mapping[str, Type] = {
    "text": t.TEXT,
    "string": t.TEXT,
    "number": t.DECIMAL,
    "currency": t.MONEY,
    "percent": t.PERCENT,
    "checkbox": t.BOOLEAN,
    "boolean": t.BOOLEAN,
    "date": t.DATE,
    "datetime": t.DATETIME,
}
_CONDITIONS = frozenset({"validationRule", "workflowRule", "flowStartFormula", "flowScreenValidation"})
_BLANKS_AS_ZERO = frozenset({"formulaField", "reportSummaryFormula"})


@dataclass(frozen=True)
class Outcome:
    """What became of one formula: our text, or the codes and words of what was refused."""

    item: Mapping[str, Any]
    ours: str = ""
    refusals: tuple[tuple[str, str], ...] = ()


@dataclass
class Rates:
    """Outcomes of a corpus."""

    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def carried(self) -> int:
        """How many were translated and accepted by our checker."""
        return sum(not outcome.refusals for outcome in self.outcomes)

    @property
    def reasons(self) -> Counter[str]:
        """How many formulas each code of a refusal stands in, with the first code of a formula."""
        return Counter(outcome.refusals[0][0] for outcome in self.outcomes if outcome.refusals)


def salesforce_rates(corpora: Path) -> Rates:
    """Translate and check every formula of formulas.jsonl."""
    repositories = {path.name: Repository(path) for path in sorted((corpora / "salesforce").iterdir()) if path.is_dir()}
    rates = Rates()
    for item in _lines(corpora / "formulas.jsonl"):
        own = repositories[item["repo"]]
        rates.outcomes.append(_salesforce(item, [own, *(one for one in repositories.values() if one is not own)]))
    return rates


def frappe_rates(corpora: Path) -> Rates:
    """Translate and check every condition of frappe_expressions.jsonl."""
    apps = {path.name: App(path) for path in sorted((corpora / "frappe").iterdir()) if path.is_dir()}
    rates = Rates()
    for item in _lines(corpora / "frappe_expressions.jsonl"):
        own = [apps[item["repo"]]] if item["repo"] in apps else []
        rates.outcomes.append(_frappe(item, [*own, *(one for one in apps.values() if one not in own)]))
    return rates


def _lines(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def _salesforce(item: Mapping[str, Any], repositories: list[Repository]) -> Outcome:
    returns = t.BOOLEAN if item["kind"] in _CONDITIONS else _RETURNS.get((item["returns_or_msg"] or "").lower())
    try:
        used = infer_types(parse_salesforce(item["text"]), returns)
        # What a report sums up is a number.
        used |= {name.rpartition(":")[0]: t.DECIMAL for name in used if name.endswith((":sum", ":avg", ":max", ":min"))}
        flow = repositories[0].flow(item["path"])
        scope = CorpusScope(repositories, item["object"] or "", used, flow)
        names = ReportScope(scope) if item["kind"] == "reportSummaryFormula" else scope
        found = translate_salesforce(item["text"], names, item["kind"] in _BLANKS_AS_ZERO, returns)
        _check(found, scope.entity(item["object"] or ""), scope)
    except TranslationError as error:
        return Outcome(item, refusals=tuple((found.code, found.message) for found in error.refusals))
    except ExpressionError as error:
        return Outcome(item, found.text, tuple((f"checker: {one.code}", one.message) for one in error.problems))
    return Outcome(item, found.text)


def _frappe(item: Mapping[str, Any], apps: list[App]) -> Outcome:
    text = item["text"]
    try:
        if item["kind"] == "link_filters":
            scope = DocScope(apps, _linked(text), text)
            found = translate_frappe_filters(text, scope)
        else:
            scope = DocScope(apps, item["where"][0], text)
            found = translate_frappe(text, scope)
        _check(found, scope.entity(scope.doctype), scope)
    except TranslationError as error:
        return Outcome(item, refusals=tuple((one.code, one.message) for one in error.refusals))
    except ExpressionError as error:
        return Outcome(item, found.text, tuple((f"checker: {one.code}", one.message) for one in error.problems))
    return Outcome(item, found.text)


def _linked(text: str) -> str:
    """Return the DocType whose records the filters are about."""
    filters = json.loads(text)
    place = filters[0][0] if filters else {}
    return place.get("field_option", "") if isinstance(place, dict) else str(place)


def _check(found: Translated, entity: str, scope: CorpusScope | DocScope) -> None:
    """Put the translation to our checker, with the fields, roles and settings that were met."""
    settings = {name: FieldInfo(kind) for name, kind in scope.settings.items()}
    rows = {entity: {"rows": (ListInfo(entity, "group"),)}}
    known = FieldScope(
        entity,
        scope.entities.get(entity, {}),
        scope.entities,
        listed=rows,
        features=frozenset({FORMER}),
        known_roles=tuple(scope.roles),
        known_settings=settings,
    )
    compile_check(found.text, known, found.type if found.type == t.BOOLEAN else None)
