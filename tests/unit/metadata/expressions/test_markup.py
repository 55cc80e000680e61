"""Links and images are put together from escaped parts: whatever a record holds, no other HTML comes out."""

from __future__ import annotations

from typing import Any

import nh3
import pytest
import sqlalchemy as sa

from kith_metadata.expressions import ExpressionError, compile_check, types
from kith_platform.database import Database
from kith_runtime.field_types.formula import shown_markup
from support.expression_bench import BLANK_RECORD, DEALS, SCOPE, create, in_sql, outcome

HOSTILE = "<script>alert('x')</script>\" onload=\"x"
TEXT = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot; onload=&quot;x"
SHOWN = [
    ('link("https://a.example/?q=" + name, note)', {"name": "b c", "note": "A&B"},
     '<a href="https://a.example/?q=b%20c">A&amp;B</a>'),
    ('link("/deals/1", name)', {"name": HOSTILE}, f'<a href="/deals/1">{TEXT}</a>'),
    ("link(name, note)", {"name": "https://a.example", "note": None}, '<a href="https://a.example">https://a.example</a>'),
    ("link(name, note)", {"name": None, "note": "A"}, "A"),
    ('name + line_break() + link("mailto:a@example.com", note)', {"name": HOSTILE, "note": "M"},
     f'{TEXT}<br><a href="mailto:a@example.com">M</a>'),
    ('image("/flag.png", name, 16, 24.9)', {"name": HOSTILE},
     f'<img src="/flag.png" alt="{TEXT}" height="16" width="24">'),
    ('image("/flag.png", name, 0, 99999)', {"name": "F"}, '<img src="/flag.png" alt="F" width="2000">'),
    ('link(name, image("/flag.png", note, 9))', {"name": "/a", "note": HOSTILE},
     f'<a href="/a"><img src="/flag.png" alt="{TEXT}" height="9"></a>'),
    ('link(name, image("/flag.png", note))', {"name": "javascript:x", "note": "N"}, '<img src="/flag.png" alt="N">'),
    ('link("/a", image(name, note))', {"name": "x:y", "note": "N"}, '<a href="/a">N</a>'),
    ('link("/a", name) if name != blank else note', {"name": None, "note": "<b>"}, "&lt;b&gt;"),
    ('link("/a", "A") if name != blank else ""', {"name": None}, None),
    ('case(name, "x", link("/a", "A"), note)', {"name": "y", "note": "<b>"}, "&lt;b&gt;"),
    ("name", {"name": HOSTILE}, TEXT),
]  # fmt: skip
ADDRESSES = [
    "javascript:alert(1)", " JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "java\nscript:alert(1)", "data:text/html,x",
    "vbscript:x", "//evil.example", "/\\evil.example", "/\t/evil.example", "\\\\evil.example", "file:///etc/passwd",
    "https:evil", "x", "ftp://a.example", "&#106;avascript:alert(1)", "\u017fttps://a.example", "feed:javascript:x",
]  # fmt: skip


def _checked(text: str) -> Any:
    return compile_check(text, SCOPE, types.MARKUP)


def test_what_comes_out_is_escaped_in_every_engine(database: Database) -> None:
    create(database)
    for text, record, wanted in SHOWN:
        checked = _checked(text)
        assert checked.type.kind in ("markup", "blank")
        assert outcome(checked, {**BLANK_RECORD, **record}) == wanted
        with database.write() as connection:
            connection.execute(sa.delete(DEALS))
            connection.execute(sa.insert(DEALS).values(**record))
            assert in_sql(connection, checked)[0] == wanted, text


def test_an_address_that_runs_or_leaves_unseen_is_no_link_and_no_image(database: Database) -> None:
    create(database)
    link, image = _checked('link(name, "words")'), _checked('image(name, "words")')
    for address in ADDRESSES:
        record = {**BLANK_RECORD, "name": address}
        assert (outcome(link, record), outcome(image, record)) == ("words", "words"), address
        with database.write() as connection:
            connection.execute(sa.delete(DEALS))
            connection.execute(sa.insert(DEALS).values(name=address))
            assert in_sql(connection, link)[0] == in_sql(connection, image)[0] == "words", address


@pytest.mark.parametrize(
    "text", ["name + 1 + line_break()", "upper(line_break())", "line_break() == name", "len(line_break())"]
)
def test_markup_is_no_text_for_functions_and_comparisons(text: str) -> None:
    with pytest.raises(ExpressionError):
        compile_check(text, SCOPE)


def test_a_page_trusts_no_stored_markup() -> None:
    shown = shown_markup('<a href="javascript:x" onclick="x">a</a><img src="x" onerror="x"><script>x</script><br>')
    assert "script" not in shown
    assert "onerror" not in shown
    assert "onclick" not in shown
    assert "<br>" in shown
    assert nh3.is_html(str(shown))
