"""What is seen of a list as a file: its columns, order, filter and rights, safe in spreadsheets, and audited."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, timedelta
from html import unescape

import pytest
from sqlalchemy import text

from kith_runtime import records
from kith_runtime.actors import SYSTEM
from kith_runtime.field_types.base import InputScope, Linked
from kith_runtime.records import Operation
from kith_runtime.screens.list_export import text_of
from kith_runtime.screens.list_shape import Column
from support.site import Site, Visitor

pytestmark = pytest.mark.screen

ALL = "/e/sales.deal/export.csv?view=sales.all_deals"


def table(visitor: Visitor, address: str) -> list[list[str]]:
    """Return a file's lines; its head first."""
    answer = visitor.get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    body = answer.get_data()
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def sheet(visitor: Visitor, address: str) -> list[list[str]]:
    """Return the cells of an Excel file by row, each with its kind before it: ``n`` for numbers, ``t`` for text."""
    answer = visitor.get(address)
    assert answer.status_code == 200
    assert "spreadsheetml" in answer.headers["Content-Type"]
    book = zipfile.ZipFile(io.BytesIO(answer.get_data()))
    markup = book.read("xl/worksheets/sheet1.xml").decode()
    assert not re.search(r"<(f|hyperlink)[ >]", markup), "a formula or a link"
    rows = []
    for row in re.findall(r"<row [^>]*>(.*?)</row>", markup, re.DOTALL):
        cells = {}
        for letter, rest, inner in re.findall(r'<c r="([A-Z]+)\d+"([^>]*)>(.*?)</c>', row, re.DOTALL):
            kind = "t" if 't="inlineStr"' in rest else "n"
            cells[letter] = f"{kind}:{unescape(re.sub(r'<[^>]+>', '', inner))}"
        rows.append([cells.get(column, "") for column in "ABCDEFGH"])
    return rows


def test_excel_holds_what_is_seen_as_numbers_and_days(site: Site, administrator: str) -> None:
    visitor = site.visitor(administrator)
    query = "&f=stage&o=is&v=won&sort=-amount"
    rows = sheet(visitor, ALL.replace(".csv", ".xlsx") + query)
    lines = table(visitor, ALL + query)
    assert [cell.removeprefix("t:") for cell in rows[0]] == lines[0]
    assert len(rows) == len(lines)
    for row, line in zip(rows[1:], lines[1:], strict=True):
        assert row[0] == f"t:{line[0]}"
        if line[4]:
            assert row[4].startswith("n:")
            assert float(row[4][2:]) == float(line[4])
        if line[6]:
            assert date(1899, 12, 30) + timedelta(days=int(row[6][2:])) == date.fromisoformat(line[6])


def test_excel_takes_no_text_for_a_formula_or_a_link(site: Site, administrator: str) -> None:
    wild = ['=cmd|" /C calc"!A2', "+2", "-2+1", "@SUM(2)", "https://evil.example/", "00042", "{=1}"]
    with site.workspace.write(SYSTEM, "system") as ctx:
        for name in wild:
            records.create(ctx, "base.tag", {"name": name})
    texts = {row[0] for row in sheet(site.visitor(administrator), "/e/base.tag/export.xlsx?view=all")}
    assert {f"t:{name}" for name in wild} <= texts


def test_excel_of_a_long_list_has_all_rows_once(site: Site, administrator: str) -> None:
    with site.workspace.write(SYSTEM, "import") as ctx:
        operations = [Operation("create", "base.tag", values={"name": f"Tall list {n:04}"}) for n in range(650)]
        records.bulk(ctx, operations, all_or_nothing=True)
    rows = sheet(site.visitor(administrator), "/e/base.tag/export.xlsx?view=all&sort=name&q=Tall+list")
    assert [row[0] for row in rows[1:]] == [f"t:Tall list {n:04}" for n in range(650)]


@pytest.mark.parametrize("query", ["&sort=nope", "&where=amount+>", "&f=nope&o=is&v=1"])
def test_wrong_question_gives_no_excel_file(site: Site, sarah: str, query: str) -> None:
    answer = site.visitor(sarah).get(ALL.replace(".csv", ".xlsx") + query)
    assert answer.status_code in (400, 422)
    assert "spreadsheet" not in answer.headers["Content-Type"]


def test_file_holds_what_is_seen(site: Site, administrator: str) -> None:
    visitor = site.visitor(administrator)
    lines = table(visitor, ALL + "&f=stage&o=is&v=won&sort=-amount")
    assert lines[0] == ["Deal", "Number", "Account", "Stage", "Amount", "Amount currency", "Close date", "Owner"]
    assert {line[3] for line in lines[1:]} == {"Won"}
    amounts = [float(line[4]) for line in lines[1:] if line[5] == "EUR" and line[4]]
    assert amounts == sorted(amounts, reverse=True)
    chosen = {"place": "sales.all_deals", "view": "sales.all_deals", "column": ["owner", "close_date"]}
    visitor.post("/e/sales.deal/columns", chosen)
    assert table(visitor, ALL)[0] == ["Deal", "Owner", "Close date"]
    visitor.post("/e/sales.deal/columns", {**chosen, "_reset": "1"})


def test_file_follows_rights_and_is_audited(site: Site, sarah: str, administrator: str) -> None:
    own, everything = table(site.visitor(sarah), ALL), table(site.visitor(administrator), ALL)
    assert 1 < len(own) < len(everything)
    refused = site.visitor(sarah).get(ALL + "&where=margin+>+3")
    assert refused.status_code in (400, 422)
    assert site.visitor(site.with_roles("No Rights Here")).get(ALL).status_code == 404
    with site.workspace.database.read() as connection:
        query = text("select actor, subject from kith_audit where action = 'list.export' order by sequence desc")
        assert tuple(connection.execute(query).first() or ()) == (administrator, "sales.deal")


@pytest.mark.parametrize("query", ["&sort=nope", "&where=amount+>", "&f=nope&o=is&v=1", "&f=amount&o=more&v=much"])
def test_wrong_question_gives_no_file(site: Site, sarah: str, query: str) -> None:
    answer = site.visitor(sarah).get(ALL + query)
    assert answer.status_code in (400, 422)
    assert "csv" not in answer.headers["Content-Type"]


def test_formulas_stay_text(site: Site, administrator: str) -> None:
    wild = ['=cmd|" /C calc"!A1', "+1", "-1+1", "@SUM(1)", " =1", 'a "b", c', "Zoë 数"]
    with site.workspace.write(SYSTEM, "system") as ctx:
        for name in wild:
            records.create(ctx, "base.tag", {"name": name})
    cells = {line[0] for line in table(site.visitor(administrator), "/e/base.tag/export.csv?view=all")[1:]}
    for name in wild[:4]:
        assert f"'{name}" in cells
    assert {'a "b", c', "Zoë 数"} <= cells
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in cells)


def test_long_list_is_sent_page_by_page(site: Site, administrator: str) -> None:
    with site.workspace.write(SYSTEM, "import") as ctx:
        for number in range(450):
            records.create(ctx, "base.tag", {"name": f"Long list {number:04}"})
    answer = site.visitor(administrator).get("/e/base.tag/export.csv?view=all&sort=name&q=Long+list", buffered=False)
    pieces = list(answer.response)
    assert len(pieces) >= 4
    body = b"".join(piece if isinstance(piece, bytes) else piece.encode() for piece in pieces).decode("utf-8-sig")
    names = [line[0] for line in csv.reader(io.StringIO(body))][1:]
    assert names == [f"Long list {number:04}" for number in range(450)]


def test_a_hidden_record_is_called_that(site: Site) -> None:
    with site.workspace.read(SYSTEM, "system") as ctx:
        field = ctx.snapshot.entity("sales.deal").fields["account"]
        column, scope = (
            Column(field, "Account", "md", False, "", False),
            InputScope(ctx.locale, ctx.snapshot, "json", ctx.now),
        )
        assert text_of(Linked("1", None), column, scope) == "Hidden record"
        assert text_of((Linked("1", None), Linked("2", "Polaris")), column, scope) == "Hidden record, Polaris"
