"""What the YAML parser could not read, in plain words: what is wrong, where, and what to write instead."""

from __future__ import annotations

import yaml

from kith_metadata.issues import Issue, Place

_QUOTE = 'Put the text in quotes: key: "text".'
_ALIGN = "Lines of one map start in the same column; indent with two spaces more than the line above it."

_WORDS: tuple[tuple[str, str, str, str], ...] = (
    # (part of the parser's words, code, message, hint)
    ("mapping values are not allowed", "KM004", "A colon and a space start a value here, where none can stand.",
     "If the colon belongs to the text, put the text in quotes; else check the indentation. " + _ALIGN),
    ("could not find expected ':'", "KM004", "This key has no colon.",
     "Write: key: value. If it goes on with the text above, indent it more than the key."),
    ("block sequence entries are not allowed", "KM004", "A list item cannot stand here.",
     "Start the list on its own line below the key."),
    ("did not find expected '-' indicator", "KM004", "This line stands in a list but does not start with '- '.",
     "Start it with '- ' in the column of the other items, or indent it more."),
    ("did not find expected key", "KM004", "This line does not fit the indentation of the map above it.", _ALIGN),
    ("did not find expected ',' or '}'", "KM004", "Between { and } a comma or the closing } is missing.",
     "Write: {key: value, key: value}. Put texts with commas, colons or braces in quotes."),
    ("did not find expected ',' or ']'", "KM004", "Between [ and ] a comma or the closing ] is missing.",
     "Write: [one, two]. Put texts with commas or brackets in quotes."),
    ("found unexpected end of stream", "KM004", "A quote that was opened is never closed.", "Close it."),
    ("found unexpected document indicator", "KM004", "A quote that was opened is not closed before the next document.",
     "Close it before the line ---."),
    ("found unknown escape character", "KM004", "This backslash sequence is not known.",
     "Write the text in single quotes, where backslashes are ordinary, or write \\\\ for one."),
    ("hexdecimal number", "KM004", "The number after \\x, \\u or \\U is not complete.",
     "Write the text in single quotes, where backslashes are ordinary."),
    ("invalid Unicode character escape", "KM004", "This escape is no character.", "Write the character itself."),
    ("did not find expected comment or line break", "KM004", "After | or > the text starts on the next line.",
     "If the text itself starts with | or >, such as \">=1.0\", put it in quotes."),
    ("expected chomping or indentation indicators", "KM004", "After | or > the text starts on the next line.",
     "If the text itself starts with | or >, such as \">=1.0\", put it in quotes."),
    ("did not find expected alphabetic or numeric character", "KM008", "Anchors and aliases (& and *) are not read.",
     _QUOTE),
    ("undefined tag handle", "KM007", "Tags (words that start with !) are not read.", _QUOTE),
    ("tag", "KM007", "Tags (words that start with !) are not read.", _QUOTE),
    ("leading empty line contains more spaces", "KM004", "An empty line above is indented more than the text.",
     "Remove the spaces from the empty line."),
    ("directive", "KM007", "Directives (lines that start with %) are not read.",
     "Remove the line, or put it in quotes."),
    ("did not find expected <document start>", "KM004", "The document has ended, but more stands behind it.",
     "Write one map per document and --- on a line of its own between documents; check the indentation."),
    ("did not find expected node content", "KM004", "A value is expected here.",
     "Write the value, or remove the comma."),
    ("did not find URI escape", "KM007", "Tags (words that start with !) are not read.", _QUOTE),
)  # fmt: skip


def describe(error: yaml.YAMLError, text: str, file: str, first_line: int) -> Issue:
    """Return the issue of an error of the parser for a text that starts on ``first_line`` of its file."""
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line, column = (mark.line, mark.column) if mark is not None else (0, 0)
    problem = f"{getattr(error, 'context', None) or ''} {getattr(error, 'problem', None) or ''}".strip()
    lines = text.split("\n")
    here = lines[line] if line < len(lines) else ""
    if _is_tab(problem, here, column):
        place = Place(file, line + first_line, here.index("\t") + 1)
        hint = "Indent with two spaces, never with tabs."
        return Issue("KM005", place, "A tab stands where spaces are expected.", hint)
    place = Place(file, line + first_line, column + 1)
    if "cannot start any token" in problem:
        sign = here[column] if column < len(here) else "this character"
        return Issue("KM004", place, f"A text cannot start with {sign} unless it is in quotes.", _QUOTE)
    for part, code, message, hint in _WORDS:
        if part in problem:
            return Issue(code, place, message, hint)
    return Issue("KM004", place, f"This cannot be read as YAML: {problem or error}.", _ALIGN)


def _is_tab(problem: str, here: str, column: int) -> bool:
    if "\t" not in here:
        return False
    return "tab" in problem.split() or "\t" in here[: column + 1].lstrip(" ")[:1] or here[column : column + 1] == "\t"
