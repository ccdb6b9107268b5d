"""Formulas over named variables: + − × ÷, brackets, min and max, exact; nothing else parses."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from scoring.faults import Refused, fault
from scoring.numbers import bracketed, exact, whole

LONGEST_FORMULA = 500
DEEPEST = 20
FUNCTIONS = ("min", "max")

_SYMBOLS = {"*": "×", "/": "÷", "-": "−", "×": "×", "÷": "÷", "−": "−", "+": "+", "(": "(", ")": ")", ",": ","}


class NoBase(ArithmeticError):
    """A denominator is 0: there is nothing to measure (scoring-rules G6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A number, a name or a sign of a formula; columns count from 1."""

    kind: str
    text: str
    column: int


def tokens_of(expression: str) -> tuple[Token, ...]:
    """Return the tokens of `expression`.

    :raises Refused: with the column of the first character that belongs to no formula.
    """
    found: list[Token] = []
    at = 0
    while at < len(expression):
        if expression[at] in " \t\n":
            at += 1
            continue
        token = _token_at(expression, at)
        found.append(token)
        at += len(token.text) if token.kind != "sign" else 1
    return tuple(found)


def _token_at(expression: str, at: int) -> Token:
    char = expression[at]
    if char in _SYMBOLS:
        return Token(kind="sign", text=_SYMBOLS[char], column=at + 1)
    if char in "0123456789":
        return Token(kind="number", text=_run(expression, at, _could_be_number), column=at + 1)
    if char.isidentifier():
        return Token(kind="name", text=_run(expression, at, str.isidentifier), column=at + 1)
    raise _unexpected(at + 1, char)


def _could_be_number(text: str) -> bool:
    return text.count(".") <= 1 and all(char in "0123456789." for char in text)


def _run(expression: str, at: int, belongs: Callable[[str], bool]) -> str:
    end = at + 1
    while end < len(expression) and belongs(expression[at : end + 1]):
        end += 1
    return expression[at:end]


def _unexpected(column: int, found: str) -> Refused:
    return Refused((fault("formula_unexpected", "", column=column, found=found),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number written in a formula."""

    value: Fraction

    def evaluate(self, values: Mapping[str, Fraction]) -> Fraction:
        """Return the number."""
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A variable."""

    name: str

    def evaluate(self, values: Mapping[str, Fraction]) -> Fraction:
        """Return what was reported for the variable."""
        return values[self.name]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Two terms and the sign between them."""

    sign: str
    left: "Term"
    right: "Term"

    def evaluate(self, values: Mapping[str, Fraction]) -> Fraction:
        """Return the outcome, exact.

        :raises NoBase: on a denominator of 0.
        """
        left, right = self.left.evaluate(values), self.right.evaluate(values)
        if self.sign == "+":
            return left + right
        if self.sign == "−":
            return left - right
        if self.sign == "×":
            return left * right
        if right == 0:
            raise NoBase
        return left / right


@dataclass(frozen=True, slots=True, kw_only=True)
class Extreme:
    """The smallest or largest of several terms."""

    function: str
    terms: tuple["Term", ...]

    def evaluate(self, values: Mapping[str, Fraction]) -> Fraction:
        """Return the smallest (`min`) or largest (`max`) outcome."""
        outcomes = [term.evaluate(values) for term in self.terms]
        return min(outcomes) if self.function == "min" else max(outcomes)


Term = Number | Name | Operation | Extreme


class _Parser:
    """One pass over the tokens, by precedence; depth counts brackets and functions."""

    def __init__(self, tokens: Sequence[Token], *, names: Sequence[str], length: int) -> None:
        self._tokens = tokens
        self._names = names
        self._end = length + 1
        self._at = 0
        self._depth = 0

    def whole(self) -> Term:
        term = self._sum()
        if self._at < len(self._tokens):
            token = self._tokens[self._at]
            raise _unexpected(token.column, token.text)
        return term

    def _peek(self) -> str:
        return self._tokens[self._at].text if self._at < len(self._tokens) else ""

    def _take(self) -> Token:
        if self._at == len(self._tokens):
            raise Refused((fault("formula_ends_early", "", column=self._end),))
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, sign: str) -> None:
        token = self._take()
        if token.text != sign:
            raise _unexpected(token.column, token.text)

    def _sum(self) -> Term:
        # A minus may stand first in a formula or bracket: −5 is 0 − 5.
        term: Term = Number(value=Fraction(0)) if self._peek() == "−" else self._product()
        while self._peek() in ("+", "−"):
            sign = self._take().text
            term = Operation(sign=sign, left=term, right=self._product())
        return term

    def _product(self) -> Term:
        term = self._factor()
        while self._peek() in ("×", "÷"):
            sign = self._take().text
            term = Operation(sign=sign, left=term, right=self._factor())
        return term

    def _factor(self) -> Term:
        token = self._take()
        if token.kind == "number":
            return _number(token)
        if token.kind == "name":
            return self._extreme(token) if token.text in FUNCTIONS else self._name(token)
        if token.text != "(":
            raise _unexpected(token.column, token.text)
        self._enter(token)
        term = self._sum()
        self._leave()
        return term

    def _enter(self, token: Token) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Refused((fault("formula_too_deep", "", column=token.column, limit=DEEPEST),))

    def _leave(self) -> None:
        self._expect(")")
        self._depth -= 1

    def _name(self, token: Token) -> Term:
        if token.text not in self._names:
            allowed = ", ".join(self._names)
            raise Refused((fault("formula_unknown_name", "", column=token.column, name=token.text, allowed=allowed),))
        return Name(name=token.text)

    def _extreme(self, token: Token) -> Term:
        self._enter(token)
        self._expect("(")
        terms = [self._sum()]
        while self._peek() == ",":
            self._take()
            terms.append(self._sum())
        self._leave()
        return Extreme(function=token.text, terms=tuple(terms))


def _number(token: Token) -> Term:
    try:
        return Number(value=exact(token.text))
    except ValueError:
        raise _unexpected(token.column, token.text) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """An expression over declared variable names, parsed once."""

    expression: str
    names: tuple[str, ...]
    term: Term

    def evaluate(self, values: Mapping[str, Fraction]) -> Fraction:
        """Return the exact outcome for `values`.

        :raises NoBase: on a denominator of 0.
        """
        return self.term.evaluate(values)

    def used(self) -> frozenset[str]:
        """Return the names of the variables that stand in the expression."""
        return frozenset(token.text for token in tokens_of(self.expression) if token.kind == "name") - {*FUNCTIONS}

    def filled(self, values: Mapping[str, Fraction]) -> str:
        """Return the expression with the numbers in place of the names: `88 ÷ 98 × 100`."""
        shown = "".join(_filled(token, values) for token in tokens_of(self.expression))
        return shown.replace("( ", "(").strip()


def _filled(token: Token, values: Mapping[str, Fraction]) -> str:
    if token.kind == "name":
        value = values.get(token.text)
        return token.text if value is None else bracketed(whole(value), value)
    if token.text in "+−×÷":
        return f" {token.text} "
    return f"{token.text} " if token.text == "," else token.text


def parse(expression: str, names: Sequence[str]) -> Formula:
    """Return the formula written as `expression` over `names`.

    :raises Refused: with the column of the first fault.
    """
    if not expression.strip():
        raise Refused((fault("formula_empty"),))
    if len(expression) > LONGEST_FORMULA:
        raise Refused((fault("formula_too_long", "", limit=LONGEST_FORMULA),))
    term = _Parser(tokens_of(expression), names=names, length=len(expression)).whole()
    return Formula(expression=expression, names=tuple(names), term=term)
