"""Translating the formulas of other products into our language: Salesforce's formulas and Frappe's conditions.

Nothing is carried half: a formula is translated whole, or refused with every reason and its place.

>>> from kith_metadata.expressions import types
>>> scope = MappedScope({"amount": ForeignField("amount", types.MONEY)})
>>> translate_salesforce("IF( Amount = 0, NULL, 100 / Amount )", scope, blanks_as_zero=False).text
'blank if amount == 0 else 100 / amount'
"""

from __future__ import annotations

from kith_metadata.expressions.translate.foreign_scope import ForeignField, ForeignScope, MappedScope, Missing
from kith_metadata.expressions.translate.frappe import translate_frappe
from kith_metadata.expressions.translate.frappe_filters import translate_frappe_filters
from kith_metadata.expressions.translate.refusals import Refusal, TranslationError
from kith_metadata.expressions.translate.salesforce import translate_salesforce
from kith_metadata.expressions.translate.translated import Translated

__all__ = [
    "ForeignField",
    "ForeignScope",
    "MappedScope",
    "Missing",
    "Refusal",
    "Translated",
    "TranslationError",
    "translate_frappe",
    "translate_frappe_filters",
    "translate_salesforce",
]
