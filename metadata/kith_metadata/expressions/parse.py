"""Text to a safe tree: Python's expression grammar, cut down to a short list of forms and capped before anything runs.

The tokens are counted first, so that neither Python's parser nor anything after it meets an input of a dangerous size.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from kith_metadata.expressions.problems import ExpressionError, Problem

MAX_LENGTH = 20_000
MAX_DEPTH = 60
MAX_NODES = 2_000
MAX_TOKENS = 8_000
MAX_DIGITS = 38
MAX_PLACES = 18
MAX_TEXT = 10_000
MAX_ITEMS = 500

RESERVED = frozenset({"true", "false", "blank", "me", "this", "old", "and", "or", "not", "in", "if", "else"})

_NUMBER = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_SHAPES = (
    ast.Constant, ast.Name, ast.Attribute, ast.List, ast.Tuple, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.Compare,
    ast.IfExp, ast.Call,
)  # fmt: skip
_OPERATORS = (
    ast.And, ast.Or, ast.Not, ast.UAdd, ast.USub, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow,
    ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn,
)  # fmt: skip
_REFUSED = {
    "Lambda": ("A lambda is not possible here.", "Write the condition directly."),
    "Subscript": ("Square brackets after a value are not possible.", "Reach a field with a dot, such as account.name."),
    "JoinedStr": ("Text with f in front is not possible.", 'Join texts with +, such as "Deal " + name.'),
    "NamedExpr": ("An expression cannot store a value with :=.", "Compare with ==."),
    "Dict": ("Braces are not possible here.", "Write a list in square brackets."),
    "Set": ("Braces are not possible here.", "Write a list in square brackets."),
    "Mod": ("The operator % is not possible.", "Write 20 % as 0.2; the remainder of a division is mod(a, b)."),
    "FloorDiv": ("The operator // is not possible.", "Divide with / and cut with truncate() or floor()."),
    "BitAnd": ("The operator & is not possible.", "Use `and` for conditions and + to join texts."),
    "BitOr": ("The operator | is not possible.", "Use `or`."),
    "Invert": ("The operator ~ is not possible.", "Use `not`."),
    "Is": ("`is` is not possible.", "Compare with ==, and with blank as `x == blank`."),
    "IsNot": ("`is not` is not possible.", "Compare with !=, and with blank as `x != blank`."),
    "Starred": ("A star before a value is not possible.", ""),
    "Slice": ("A slice is not possible.", ""),
}


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed and whitelisted expression: its text, its syntax tree (never changed), and the numbers as written.

    `numbers` maps (line, column) to the digits in the source, because a float would have lost some of them.
    """

    text: str
    body: ast.expr
    numbers: Mapping[tuple[int, int], str]

    def place(self, node: ast.expr) -> tuple[int, int]:
        """Return line and column (from 1, in characters) of a node in `text`."""
        return _place(self.text, node)

    def end(self, node: ast.expr) -> tuple[int, int]:
        """Return line and column just behind a node."""
        line, offset = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return line, _characters(self.text, line, offset)


def parse(text: str) -> Tree:
    """Parse an expression; raise `ExpressionError` with every problem that reading alone can find.

    >>> parse("amount * 0.20 > 100").text
    'amount * 0.20 > 100'
    """
    numbers = _scan(text)
    body = _syntax(text)
    problems = tuple(_walk(text, body, numbers))
    if problems:
        raise ExpressionError(problems)
    return Tree(text, body, numbers)


def _fail(line: int, column: int, code: str, message: str, hint: str = "") -> ExpressionError:
    return ExpressionError((Problem(line, column, code, message, hint),))


def _scan(text: str) -> dict[tuple[int, int], str]:
    """Check size and nesting by tokens, and collect the numbers as written."""
    if len(text) > MAX_LENGTH:
        raise _fail(1, 1, "too_long", f"The expression has {len(text)} characters; {MAX_LENGTH} are possible.",
                    "Split it into formula fields.")  # fmt: skip
    if not text.strip():
        raise _fail(1, 1, "empty", "The expression is empty.", "Write a condition or a value.")
    for index, character in enumerate(text):
        if (ord(character) < 32 and character not in "\t\n\r") or 0xD800 <= ord(character) <= 0xDFFF:
            line = text.count("\n", 0, index) + 1
            column = index - (text.rfind("\n", 0, index) + 1) + 1
            raise _fail(line, column, "character", "The expression holds a control character.", "Remove it.")
    return _tokens(text)


def _tokens(text: str) -> dict[tuple[int, int], str]:
    numbers: dict[tuple[int, int], str] = {}
    depth = prefixes = 0
    try:
        for count, token in enumerate(tokenize.generate_tokens(io.StringIO(_wrapped(text)).readline)):
            line, column = token.start
            place = (line, column if line == 1 else column + 1)
            if count > MAX_TOKENS:
                raise _fail(*place, "too_long", f"The expression has more than {MAX_TOKENS} parts.", "Split it.")
            if token.type == tokenize.NUMBER:
                _check_number(token.string, place)
                numbers[place] = token.string
            if token.type == tokenize.OP:
                depth += (token.string in _OPENING) - (token.string in _CLOSING)
                if depth == 0 and token.string in _CLOSING and not _is_last(text, token.start):
                    raise _fail(*place, "syntax", "This bracket closes nothing.", "Remove it or open one before.")
            prefix = token.string in ("not", "-", "+", "~", "lambda", "await", "if", "**")
            prefixes = prefixes + 1 if prefix else (prefixes if token.type == tokenize.NL else 0)
            if depth > MAX_DEPTH or prefixes > MAX_DEPTH:
                raise _fail(*place, "too_deep", f"The expression is nested more than {MAX_DEPTH} deep.",
                            "Move a part into a formula field.")  # fmt: skip
    except (tokenize.TokenError, IndentationError) as error:
        raise _fail(1, 1, "syntax", "A bracket or a text is opened and never closed.",
                    "Count the brackets and the quotes.") from error  # fmt: skip
    return numbers


def _is_last(text: str, start: tuple[int, int]) -> bool:
    """Tell whether a token is the bracket that `_wrapped` added at the end."""
    return start == (len(_lines(text)) + 1, 0)


def _lines(text: str) -> list[str]:
    # Only these end a line for Python's tokenizer; str.splitlines knows many more.
    return re.split(r"\r\n|\r|\n", text)


def _wrapped(text: str) -> str:
    # In brackets an expression may run over several lines, as YAML blocks do.
    return f"({text}\n)"


def _check_number(digits: str, place: tuple[int, int]) -> None:
    if not _NUMBER.fullmatch(digits):
        raise _fail(*place, "number", "This number is not written in a form that expressions know.",
                    "Write digits and at most one point, such as 1250.50.")  # fmt: skip
    whole, _, fraction = digits.partition(".")
    if len(whole) + len(fraction) > MAX_DIGITS or len(fraction) > MAX_PLACES:
        raise _fail(*place, "number_too_large",
                    f"A number has at most {MAX_DIGITS} digits, {MAX_PLACES} of them after the point.")  # fmt: skip


def _syntax(text: str) -> ast.expr:
    try:
        return ast.parse(_wrapped(text), mode="eval").body
    except SyntaxError as error:
        line = min(error.lineno or 1, len(_lines(text)))
        column = max(1, (error.offset or 1) - (1 if line == 1 else 0))
        raise _fail(line, column, "syntax", f"This cannot be read: {error.msg}.", _syntax_hint(text)) from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise _fail(1, 1, "too_deep", "The expression is too deeply nested.", "Split it.") from error


def _syntax_hint(text: str) -> str:
    if re.search(r"(?<![=!<>])=(?!=)", text):
        return "Compare with ==; a single = is not possible."
    if "&&" in text or "||" in text:
        return "Use `and` and `or` for && and ||."
    return 'An expression looks like: amount > 1000 and stage == "won".'


def _walk(text: str, body: ast.expr, numbers: Mapping[tuple[int, int], str]) -> list[Problem]:
    problems: list[Problem] = []
    pending: list[tuple[ast.AST, int, tuple[int, int]]] = [(body, 1, (1, 1))]
    count = 0
    while pending:
        node, depth, place = pending.pop()
        count += 1
        if isinstance(node, ast.expr):
            place = _place(text, node)
        if count > MAX_NODES:
            message = f"The expression has more than {MAX_NODES} parts."
            problems.append(Problem(*place, "too_many", message, "Split it."))
            break
        if depth > MAX_DEPTH:
            message = f"The expression is nested more than {MAX_DEPTH} deep."
            problems.append(Problem(*place, "too_deep", message, "Move a part into a formula field."))
            break
        problem = _refusal(node, place, numbers)
        if problem:
            problems.append(problem)
        elif not isinstance(node, (ast.expr_context, ast.operator, ast.boolop, ast.unaryop, ast.cmpop)):
            pending.extend((child, depth + 1, place) for child in ast.iter_child_nodes(node))
    return problems


def _refusal(node: ast.AST, place: tuple[int, int], numbers: Mapping[tuple[int, int], str]) -> Problem | None:
    if isinstance(node, ast.expr_context):
        return None
    if not isinstance(node, _SHAPES + _OPERATORS):
        name = type(node).__name__
        message, hint = _REFUSED.get(name, ("This form is not part of the expression language.", ""))
        return Problem(*place, "not_allowed", message, hint)
    if isinstance(node, ast.Constant):
        return _constant(node, place, numbers)
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    if name.startswith("_") or "__" in name:
        return Problem(*place, "not_allowed", f"'{name}' is not a possible name: names do not begin with _.")
    if isinstance(node, (ast.List, ast.Tuple)) and len(node.elts) > MAX_ITEMS:
        return Problem(*place, "too_many", f"A list has at most {MAX_ITEMS} items; this has {len(node.elts)}.")
    if isinstance(node, ast.Call) and (node.keywords or len(node.args) > MAX_ITEMS):
        return Problem(*place, "not_allowed", "Arguments are given by position only.", "Leave out the name before =.")
    return None


def _constant(node: ast.Constant, place: tuple[int, int], numbers: Mapping[tuple[int, int], str]) -> Problem | None:
    value = node.value
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            return Problem(*place, "text_too_long", f"A text has at most {MAX_TEXT} characters; this has {len(value)}.")
        if any(ord(character) == 0 or 0xD800 <= ord(character) <= 0xDFFF for character in value):
            return Problem(*place, "character", "A text cannot hold this control character.", "Remove it.")
        return None
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, (int, float)) and place in numbers:
        return None
    return Problem(*place, "not_allowed", "This kind of value is not part of the expression language.")


@lru_cache(maxsize=16)
def _encoded_lines(text: str) -> tuple[bytes, ...]:
    """The lines as Python counts their bytes; every node of a tree asks for its place in them."""
    return tuple(line.encode() for line in _lines(_wrapped(text)))


def _place(text: str, node: ast.expr) -> tuple[int, int]:
    # A text of comments alone leaves the bracket that was put around it.
    return node.lineno, max(1, _characters(text, node.lineno, node.col_offset))


def _characters(text: str, line: int, offset: int) -> int:
    """Turn Python's byte offset of the wrapped text into a column from 1."""
    before = _encoded_lines(text)[line - 1][:offset].decode(errors="ignore")
    return len(before) if line == 1 else len(before) + 1
