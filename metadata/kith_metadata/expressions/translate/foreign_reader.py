"""Reading tokens into a foreign tree by precedence climbing: what the parsers of both foreign languages share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from kith_metadata.expressions.translate.foreign_tokens import MAX_DEPTH, Token
from kith_metadata.expressions.translate.foreign_tree import Foreign, Operation
from kith_metadata.expressions.translate.refusals import TranslationError, syntax_error


class Reader:
    """A position in a list of tokens, with limits on nesting and on how many operators may follow one another."""

    def __init__(self, tokens: Sequence[Token], chain: int) -> None:
        self._tokens, self._index, self._depth, self._chain = tokens, 0, 0, chain

    @property
    def now(self) -> Token:
        """The token that comes next."""
        return self._tokens[self._index]

    @property
    def following(self) -> Token:
        """The token behind the next one."""
        return self._tokens[min(self._index + 1, len(self._tokens) - 1)]

    def take(self) -> Token:
        """Return the next token and step over it; the end stays."""
        token = self.now
        if token.kind != "end":
            self._index += 1
        return token

    def takes(self, sign: str) -> bool:
        """Step over a sign if it comes next."""
        found = self.now.kind == "sign" and self.now.text == sign
        if found:
            self._index += 1
        return found

    def expect(self, sign: str) -> None:
        """Step over a sign that must come next."""
        if not self.takes(sign):
            raise self.unexpected(f"Expected {sign!r} here")

    def unexpected(self, wanted: str = "Nothing fits here") -> TranslationError:
        """Return the error for the token that comes next."""
        found = "the end of the formula" if self.now.kind == "end" else f"{self.now.text[:40]!r}"
        return syntax_error(self.now.place, f"{wanted}, found {found}.")

    def nested(self, read: Callable[[], Foreign]) -> Foreign:
        """Read something one level deeper."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise syntax_error(self.now.place, f"The formula is nested more than {MAX_DEPTH} levels deep.")
        found = read()
        self._depth -= 1
        return found

    def arguments(self, closing: str, read: Callable[[], Foreign]) -> tuple[Foreign, ...]:
        """Read values between commas up to a closing sign, which is stepped over."""
        found: list[Foreign] = []
        while not self.takes(closing):
            if found:
                self.expect(",")
            found.append(self.nested(read))
        return tuple(found)

    def infix(self, levels: Mapping[str, int], lowest: int, operand: Callable[[], Foreign]) -> Foreign:
        """Read operands joined by signs of at least the level `lowest`; every sign groups from the left."""
        left = operand()
        count = 0
        while self.now.kind == "sign" and levels.get(self.now.text, -1) >= lowest:
            token = self.take()
            count += 1
            if count > self._chain:
                raise syntax_error(token.place, f"More than {self._chain} operators follow one another here.")
            level = levels[token.text]
            right = self.nested(lambda level=level: self.infix(levels, level + 1, operand))  # type: ignore[misc]
            left = Operation(token.place, SAME_SIGN.get(token.text, token.text), (left, right))
        return left


SAME_SIGN = {"=": "==", "===": "==", "<>": "!=", "!==": "!="}
