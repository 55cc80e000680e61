"""What is seen of a list as an Excel file: numbers, days and times as such, and every text as text and nothing else.

Rows go to a file on disk as they are read, so a list of any length takes the same memory. A sheet has room for
1,048,576 rows; a longer list is refused before the work begins, with the way to take it as CSV.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain
from typing import IO, Any

import xlsxwriter
from flask import Blueprint, Response
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from kith_metadata.values import ErrorValue, Money
from kith_platform.errors import TooLarge
from kith_runtime.context import Context
from kith_runtime.field_types.base import InputScope
from kith_runtime.queries import count
from kith_runtime.screens.list_export import (
    FAILED,
    Export,
    as_file,
    begin_export,
    failure,
    heads,
    is_money,
    pages,
    text_of,
)
from kith_runtime.screens.list_shape import Column, plural_of

blueprint = Blueprint("list_export_xlsx", __name__)

KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_575
LONGEST_TEXT = 32_767
"""Letters that a cell of Excel holds; what is longer is cut and ends in an ellipsis."""

MOST_DIGITS = 15
"""Digits that Excel keeps of a number; one with more is written as text, so that none is lost."""

_FIRST_DAY = date(1900, 3, 1)
_CHUNK = 1 << 16

Put = Callable[[int, int, Any], None]
"""Writes a value into a row and a column of the sheet."""


@blueprint.get("/e/<entity>/export.xlsx")
def export(entity: str) -> Response:
    """Send the list of an address as an Excel file."""
    found = begin_export(entity, "xlsx")
    made = _made(found)
    next(made)
    return as_file(made, found.name, KIND)


def _made(found: Export) -> Iterator[bytes]:
    """Yield nothing when the file is made, so that a fault is told before it is sent; then yield the file."""
    with tempfile.TemporaryFile() as file:
        with found.reading as reading:
            _check_room(reading, found)
            _fill(reading, found, file)
        file.seek(0)
        yield b""
        while chunk := file.read(_CHUNK):
            yield chunk


def _check_room(reading: Context, found: Export) -> None:
    number, _ = count(reading, found.query, capped=False)
    if number > MOST_ROWS:
        raise TooLarge(
            "too_many_rows",
            f"A sheet of Excel has room for {MOST_ROWS:,} rows, and this list has {number:,}.",
            "Filter the list, or take it as CSV.",
        )


def _fill(reading: Context, found: Export, file: IO[bytes]) -> None:
    """Write the sheet: heads that stay while one scrolls, filters over them, and the rows page by page."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(_sheet_name(plural_of(found.shape.entity)))
        sheet.freeze_panes(1, 1)
        bold = book.add_format({"bold": True, "bottom": 1})
        puts: list[tuple[int, Put]] = []
        place = 0
        for column in found.columns:
            for head in heads(reading, column):
                sheet.set_column(place, place, min(60, max(12, len(head) + 4)))
                sheet.write_string(0, place, head, bold)
                place += 1
            puts.append((place - len(heads(reading, column)), _put(reading, column, _Sheet(book, sheet))))
        last = 0
        for row in chain.from_iterable(pages(reading, found.query)):
            last += 1
            for (at, put), value in zip(puts, row, strict=True):
                if value is not None:
                    put(last, at, value)
        sheet.autofilter(0, 0, last, max(0, place - 1))


def _sheet_name(text: str) -> str:
    """Return a name that Excel takes for a sheet.

    >>> _sheet_name("Deals / [open]")
    'Deals open'
    """
    kept = "".join(" " if letter in "[]:*?/\\" else letter for letter in text)
    return " ".join(kept.split()).strip("'")[:31] or "List"


class _Sheet:
    """The sheet with the formats of its cells, each made once."""

    def __init__(self, book: Workbook, sheet: Worksheet) -> None:
        self._book = book
        self.sheet = sheet
        self._red: Format | None = None

    def format(self, pattern: str) -> Format:
        return self._book.add_format({"num_format": pattern})

    def failed(self, row: int, column: int, value: ErrorValue) -> None:
        """Write why there is no value, in red; as text, so that a sum over the column still counts the others."""
        if self._red is None:
            self._red = self._book.add_format({"font_color": "#B91C1C"})
        self.sheet.write_string(row, column, failure(value), self._red)

    def text(self, row: int, column: int, value: str) -> None:
        """Write a text as text: what looks like a formula or a link stays what was written."""
        value = f"'{value}" if value.startswith(FAILED) else value
        cut = value if len(value) <= LONGEST_TEXT else f"{value[: LONGEST_TEXT - 1]}…"
        self.sheet.write_string(row, column, cut)


def _put(reading: Context, column: Column, sheet: _Sheet) -> Put:
    """Return what writes the values of a column; the formats are those of what the values turn out to be."""
    scope = InputScope(reading.locale, reading.snapshot, "json", reading.now)
    zone = reading.locale.dates.zone
    day, moment = sheet.format("yyyy-mm-dd"), sheet.format("yyyy-mm-dd hh:mm")
    clock, lasting, amount = sheet.format("hh:mm"), sheet.format("[h]:mm"), sheet.format("#,##0.00")
    money = is_money(reading, column)

    def put(row: int, at: int, value: Any) -> None:
        target = sheet.sheet
        if isinstance(value, ErrorValue):
            sheet.failed(row, at, value)
        elif isinstance(value, Money):
            _put_number(sheet, (row, at), value.amount, amount)
            sheet.text(row, at + 1, value.currency)
        elif isinstance(value, bool):
            target.write_boolean(row, at, value)
        elif isinstance(value, (int, Decimal)):
            _put_number(sheet, (row, at), Decimal(value), amount if money else None)
        elif isinstance(value, timedelta):
            target.write_number(row, at, value / timedelta(days=1), lasting)
        elif isinstance(value, time):
            target.write_datetime(row, at, value.replace(tzinfo=None), clock)
        elif isinstance(value, date) and (value.date() if isinstance(value, datetime) else value) >= _FIRST_DAY:
            local = value.astimezone(zone).replace(tzinfo=None) if isinstance(value, datetime) else value
            target.write_datetime(row, at, local, moment if isinstance(value, datetime) else day)
        elif isinstance(value, date):
            sheet.text(row, at, value.isoformat())
        else:
            sheet.text(row, at, text_of(value, column, scope))

    return put


def _put_number(sheet: _Sheet, place: tuple[int, int], value: Decimal, look: Format | None) -> None:
    """Write a number; one with more digits than Excel keeps is written as text."""
    if len(value.normalize().as_tuple().digits) > MOST_DIGITS:
        sheet.text(*place, format(value, "f"))
    else:
        sheet.sheet.write_number(*place, float(value), look)
