"""What an error most often means to somebody who meets it for the first time, in plain words."""

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

LONGEST_SENTENCES = 600


class Case(NamedTuple):
    """An uncaught exception, and what a hint may look at."""

    error: BaseException
    message: str
    # The line of the room's code where it happened, or nothing.
    line: str

    def given(self, text: str) -> str:
        return text if len(text) <= 60 else text[:57] + "…"

    def names(self) -> dict[str, object]:
        """What had a name where it happened, or on the way there."""
        known: dict[str, object] = {}
        place = self.error.__traceback__
        while place is not None:
            known |= place.tb_frame.f_globals
            known |= place.tb_frame.f_locals
            place = place.tb_next
        return known


Words = str | Callable[[Case, re.Match[str]], str | None]


class Rule(NamedTuple):
    types: type[BaseException] | tuple[type[BaseException], ...]
    # Of the message, from its beginning.
    pattern: str
    # A sentence with the pattern's groups in it, or a function that may also find that it has nothing to say.
    words: Words
    # Of the line, anywhere.
    line: str = ""


def find(error: BaseException, message: str, line: str) -> str | None:
    """The first hint that fits, or None."""
    from _caretroom import hints_names, hints_syntax, hints_values

    while isinstance(error, BaseExceptionGroup):
        error, message = error.exceptions[0], str(error.exceptions[0])
    rules = [*hints_syntax.RULES, *hints_names.RULES, *hints_values.RULES]
    words = first(rules, Case(error, message, line.strip()))
    return words and words[:LONGEST_SENTENCES]


def first(rules: Iterable[Rule], case: Case) -> str | None:
    for rule in rules:
        if not isinstance(case.error, rule.types):
            continue
        match = re.match(rule.pattern, case.message, re.DOTALL)
        if match is None or not re.search(rule.line, case.line):
            continue
        words = rule.words(case, match) if callable(rule.words) else match.expand(rule.words)
        if words is not None:
            return words
    return None
