"""Reading Salesforce formulas: their own grammar, in which for example `^` binds weaker than `*`."""

from __future__ import annotations

import re

from kith_metadata.expressions.translate.foreign_reader import Reader
from kith_metadata.expressions.translate.foreign_tokens import tokenize, unescaped
from kith_metadata.expressions.translate.foreign_tree import Call, Foreign, Name, Number, Operation, Text, Word

# Namespaces of packages stand in source files as %%%NAMESPACE%%%.
_PART = r"(?:%%%\w+%%%)?[^\W\d]\w*(?::[^\W\d]\w*)*"
_NAME = rf"\$?{_PART}(?:\.(?:{_PART}|\w+))*"
_TOKENS = re.compile(
    r"(?P<skip>\s+|/\*.*?\*/)"
    r"|(?P<number>\d+(?:\.\d*)?|\.\d+)"
    r"""|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    rf"|\{{!\s*(?P<merge>{_NAME})\s*\}}"
    rf"|(?P<name>{_NAME})"
    r"|(?P<sign>&&|\|\||<>|<=|>=|==|!=|[-+*/^&=<>!(),])",
    re.DOTALL,
)
MAX_CHAIN = 1_000
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "\\": "\\"}
_LEVELS = {"||": 0, "&&": 1, "=": 2, "==": 2, "<>": 2, "!=": 2, "<": 3, "<=": 3, ">": 3, ">=": 3,
           "+": 4, "-": 4, "&": 4, "^": 5, "*": 6, "/": 6}  # fmt: skip
_WORDS = {"true": True, "false": False, "null": None}


def parse_salesforce(text: str) -> Foreign:
    """Read a formula; raise `TranslationError` at the place where it cannot be read.

    >>> parse_salesforce("NOT(ISBLANK( Name ))").sign
    '!'
    """
    return _Parser(text).whole()


class _Parser(Reader):
    def __init__(self, text: str) -> None:
        super().__init__(tokenize(text, _TOKENS), MAX_CHAIN)

    def whole(self) -> Foreign:
        """Read everything up to the end."""
        found = self._expression()
        if self.now.kind != "end":
            raise self.unexpected("Expected an operator")
        return found

    def _expression(self) -> Foreign:
        return self.infix(_LEVELS, 0, self._unary)

    def _unary(self) -> Foreign:
        token = self.now
        is_not = token.kind == "name" and token.text.lower() == "not"
        if (token.kind == "sign" and token.text in "-+!") or is_not:
            self.take()
            return Operation(token.place, "!" if is_not else token.text, (self.nested(self._unary),))
        return self._primary()

    def _primary(self) -> Foreign:
        token = self.take()
        match token.kind:
            case "number":
                return Number(token.place, token.text)
            case "text":
                return Text(token.place, unescaped(token.text, _ESCAPES))
            case "merge":
                return Name(token.place, tuple(token.text.split(".")))
            case "name" if self.now.text == "(" and self.now.kind == "sign":
                self.take()
                return Call(token.place, token.text.upper(), self.arguments(")", self._expression))
            case "name" if token.text.lower() in _WORDS:
                return Word(token.place, _WORDS[token.text.lower()])
            case "name":
                return Name(token.place, tuple(token.text.split(".")))
            case "sign" if token.text == "(":
                found = self.nested(self._expression)
                self.expect(")")
                return found
        self._index -= token.kind != "end"
        raise self.unexpected("Expected a value")
