"""The few functions of a spreadsheet that our workbooks use, to reckon them anew in binary as a program does."""

import io
import math
import re
from decimal import ROUND_HALF_UP, Decimal

import openpyxl

TOKEN = re.compile(
    r"""'(?P<sheet>[^']+)'!(?P<far>[A-Z]+\d+)"""
    r"""|(?P<from>[A-Z]+\d+):(?P<to>[A-Z]+\d+)"""
    r"""|(?P<cell>[A-Z]+\d+)(?![\d(])"""
    r"""|(?P<function>[A-Z]+)\("""
    r"""|(?P<text>"[^"]*")"""
    r"""|(?P<number>\d+E-\d+|\d+\.?\d*)"""
    r"""|(?P<equals>=)"""
)


def as_binary(number, places):
    """Round as a program that scales, adds a half and cuts, all in binary."""
    return math.floor(number * 10**places + 0.5) / 10**places


def as_shown(number, places):
    """Round as a program that goes by the shortest decimal of its binary number."""
    return float(Decimal(repr(number)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


def as_stored(number, places):
    """Round as a program that goes by what its binary number is to the last digit."""
    return float(Decimal(number).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP))


ROUNDINGS = (as_binary, as_shown, as_stored)


class Spreadsheet:
    """A workbook whose formulas are reckoned anew, with one way of rounding."""

    def __init__(self, body, rounding=as_binary):
        self.book = openpyxl.load_workbook(io.BytesIO(body))
        self.rounding = rounding
        self.known = {}

    def value(self, sheet, address):
        """Return what a cell comes to."""
        if (sheet, address) not in self.known:
            said = self.book[sheet][address].value
            is_formula = self.book[sheet][address].data_type == "f"
            self.known[sheet, address] = self._reckon(sheet, said[1:]) if is_formula else said
        return self.known[sheet, address]

    def _reckon(self, sheet, formula):
        says = {
            "sheet": lambda found: f"cell({found['sheet']!r}, {found['far']!r})",
            "from": lambda found: f"area({sheet!r}, {found['from']!r}, {found['to']!r})",
            "cell": lambda found: f"cell({sheet!r}, {found['cell']!r})",
            "function": lambda found: f"{found['function']}(",
            "text": lambda found: found["text"],
            "number": lambda found: str(float(found["number"])),
            "equals": lambda _found: "==",
        }
        # IF reckons only the side that it shows.
        python = TOKEN.sub(lambda found: next(say(found) for name, say in says.items() if found[name]), formula)
        return eval(_lazy(python), self._functions() | {"__builtins__": {}})  # noqa: S307  our own formulas

    def _functions(self):
        def flat(given):
            return [one for each in given for one in (each if isinstance(each, list) else [each])]

        def numbers(*given):
            return [one for one in flat(given) if isinstance(one, int | float)]

        def area(sheet, first, last):
            cells = self.book[sheet][f"{first}:{last}"]
            return [self.value(sheet, cell.coordinate) for row in cells for cell in row]

        return {
            "cell": self.value, "area": area, "SUM": lambda *given: math.fsum(numbers(*given)),
            "COUNT": lambda *given: len(numbers(*given)),
            "AVERAGE": lambda *given: sum(numbers(*given)) / len(numbers(*given)),
            "ISNUMBER": lambda one: isinstance(one, int | float),
            "ROUND": lambda number, places: self.rounding(float(number), int(places)),
            "IF": lambda holds, then, other: then() if holds else other(),
            "LOOKUP": lambda one, bounds, labels: max(
                (pair for pair in zip(bounds, labels, strict=True) if pair[0] <= one), key=lambda pair: pair[0]
            )[1],
        }  # fmt: skip


def _lazy(python):
    """Return the expression with both sides of each IF put off until one is wanted."""
    at = python.find("IF(")
    while at >= 0:
        depth, commas = 0, []
        for place in range(at + 2, len(python)):
            depth += (python[place] == "(") - (python[place] == ")")
            if depth == 1 and python[place] == ",":
                commas.append(place)
            if depth == 0:
                break
        first, second = commas
        python = f"{python[: first + 1]}lambda: {python[first + 1 : second + 1]}lambda: {python[second + 1 :]}"
        at = python.find("IF(", at + 3)
    return python
