"""Reading Frappe's conditions: the small part of JavaScript that `eval:` texts are written in."""

from __future__ import annotations

import re

from kith_metadata.expressions.translate.foreign_reader import Reader
from kith_metadata.expressions.translate.foreign_tokens import tokenize, unescaped
from kith_metadata.expressions.translate.foreign_tree import Call, Foreign, Items, Name, Number, Operation, Text, Word
from kith_metadata.expressions.translate.refusals import syntax_error

_TOKENS = re.compile(
    r"(?P<skip>\s+|/\*.*?\*/|//[^\n]*)"
    r"|(?P<number>\d+(?:\.\d+)?|\.\d+)"
    r"""|(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\$]|\\.)*`)"""
    r"|(?P<name>[^\W\d][\w$]*)"
    r"|(?P<sign>===|!==|==|!=|<=|>=|&&|\|\||\?\?|\?\.|=>|[-+*/%<>!()\[\],.?:;={}])",
    re.DOTALL,
)
MAX_CHAIN = 100
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "'": "'", "`": "`", "\\": "\\"}
_LEVELS = {"||": 0, "??": 0, "&&": 1, "==": 2, "===": 2, "!=": 2, "!==": 2, "<": 3, "<=": 3, ">": 3, ">=": 3,
           "+": 4, "-": 4, "*": 5, "/": 5, "%": 5}  # fmt: skip
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}


def parse_frappe(text: str) -> Foreign:
    """Read a condition without its `eval:`; raise `TranslationError` at the place where it cannot be read.

    >>> parse_frappe("doc.status == 'Open' && !doc.closed").sign
    '&&'
    """
    return _Parser(text).whole()


class _Parser(Reader):
    def __init__(self, text: str) -> None:
        super().__init__(tokenize(text, _TOKENS), MAX_CHAIN)

    def whole(self) -> Foreign:
        """Read everything up to the end; semicolons there mean nothing."""
        found = self._expression()
        while self.takes(";"):
            pass
        if self.now.kind != "end":
            raise self.unexpected("Expected an operator")
        return found

    def _expression(self) -> Foreign:
        test = self.infix(_LEVELS, 0, self._unary)
        place = self.now.place
        if not self.takes("?"):
            return test
        chosen = self.nested(self._expression)
        self.expect(":")
        return Operation(place, "?", (test, chosen, self.nested(self._expression)))

    def _unary(self) -> Foreign:
        token = self.now
        if token.kind == "sign" and token.text in ("!", "-", "+"):
            self.take()
            return Operation(token.place, token.text, (self.nested(self._unary),))
        return self._behind(self._primary())

    def _primary(self) -> Foreign:
        token = self.take()
        match token.kind:
            case "number":
                return Number(token.place, token.text)
            case "text":
                return Text(token.place, unescaped(token.text, _ESCAPES))
            case "name" if token.text in _WORDS:
                return Word(token.place, _WORDS[token.text])
            case "name":
                return Name(token.place, (token.text,))
            case "sign" if token.text == "[":
                return Items(token.place, self.arguments("]", self._expression))
            case "sign" if token.text == "(":
                found = self.nested(self._expression)
                self.expect(")")
                return found
        raise syntax_error(token.place, f"Expected a value, found {token.text[:40] or 'the end of the condition'!r}.")

    def _behind(self, found: Foreign) -> Foreign:
        """Read what follows a value: .name, (arguments)."""
        while self.now.kind == "sign" and self.now.text in (".", "?.", "(", "["):
            token = self.take()
            if token.text == "(":
                arguments = self.arguments(")", self._expression)
                found = _called(found, arguments)
            elif token.text == "[":
                raise syntax_error(token.place, "A member in square brackets has no counterpart.")
            else:
                member = self.take()
                if member.kind != "name":
                    raise syntax_error(member.place, "Expected a name behind the dot.")
                found = _member(found, member.text, member.place)
        return found


def _member(target: Foreign, name: str, place: tuple[int, int]) -> Foreign:
    if isinstance(target, Name):
        return Name(target.place, (*target.parts, name))
    return Call(place, f".{name}", (), target)


def _called(found: Foreign, arguments: tuple[Foreign, ...]) -> Foreign:
    if isinstance(found, Name):
        *before, name = found.parts
        target = Name(found.place, tuple(before)) if before else None
        return Call(found.place, name, arguments, target)
    if isinstance(found, Call) and found.name.startswith("."):
        return Call(found.place, found.name[1:], arguments, found.target)
    raise syntax_error(found.place, "This value cannot be called.")
