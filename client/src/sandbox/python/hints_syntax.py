"""Hints for code that Python could not read."""

# ruff: noqa: RUF001 (the look-alikes of signs are what this is about)

import builtins
import difflib
import keyword
import re

from _caretroom.hints import Case, Rule

BLOCKS = {
    "if": "what happens then",
    "elif": "what happens then",
    "else": "what happens then",
    "for": "what is repeated",
    "while": "what is repeated",
    "with": "what happens inside",
    "try": "what is tried",
    "except": "what happens then",
    "finally": "what happens then",
    "match": "the cases",
    "case": "what happens then",
}


def indented_block(_: Case, match: re.Match[str]) -> str:
    kind, line = match.groups()
    word = kind.strip("'").split("'")[0]
    content = BLOCKS.get(word, "what belongs to it")
    return (
        f"Line {line} ends with a colon, so the next line must begin further to the right: four spaces, then {content}."
        " If nothing is to happen there yet, write `pass`."
    )


def strange_character(_: Case, match: re.Match[str]) -> str:
    character = match[1]
    if character in "“”„«»":
        return (
            f'{character} is a typographic quote, often pasted from a text or a chat. Python wants the straight one: ".'
        )
    if character in "‘’‚´`":
        return (
            f"{character} is a typographic quote, often pasted from a text or a chat. Python wants the straight one: '."
        )
    if character in "–—−":
        return f"{character} is a dash. For minus, Python wants the plain one from the keyboard: -."
    plain = {"×": "*", "÷": "/", "≤": "<=", "≥": ">=", "≠": "!=", "，": ",", "：": ":", "（": "(", "）": ")"}.get(
        character
    )
    if plain:
        return f"Python does not read {character}. Write {plain} in its place."
    return f"Python can't use {character} here. If it was pasted, type this place again by hand."


def misspelled(case: Case, _: re.Match[str]) -> str | None:
    for word in re.findall(r"[A-Za-z]{3,}", case.line):
        near = difflib.get_close_matches(word.lower(), keyword.kwlist, n=1, cutoff=0.75)
        if near and not keyword.iskeyword(word) and not hasattr(builtins, word):
            return f"{word} looks like a word of Python with a typing mistake. Try `{near[0]}`."
    return None


RULES = (
    # Lines that say what was meant better than the message does.
    Rule(
        SyntaxError,
        r"(expected ':'|invalid syntax)",
        "Python has one word for “else if”: elif. It goes with a condition and a colon, as in `elif x > 3:`.",
        r"^\s*else\s+if\b",
    ),
    Rule(
        SyntaxError,
        r"(expected ':'|invalid syntax|cannot assign|expected)",
        "Python has no ++ and no --. To count up, write `x += 1`; to count down, `x -= 1`.",
        r"\w\s*(\+\+|--)\s*(;|$|\))",
    ),
    Rule(
        SyntaxError,
        r"invalid syntax",
        "In Python, “and” is written `and`, “or” is written `or`, and “not” is written `not`.",
        r"&&|\|\||(^|\s)![\w(]",
    ),
    Rule(
        SyntaxError,
        r"(invalid syntax|expected)",
        "A function begins with `def`, its name, its parameters in parentheses and a colon, as in `def greet(name):`.",
        r"^\s*(function|func|fn|void|int|public)\s+\w+\s*\(",
    ),
    Rule(
        SyntaxError, r"invalid syntax", "Switch and case are `match value:` and `case …:` in Python.", r"^\s*switch\b"
    ),
    Rule(
        SyntaxError,
        r"invalid syntax",
        "A variable needs no word in front of it in Python: write just `name = value`.",
        r"^\s*(var|let|const|int|float|str|string)\s+\w+\s*=",
    ),
    # Messages.
    Rule(
        SyntaxError,
        r"expected ':'",
        "A line that begins with if, elif, else, for, while, def, class, try, except or with ends with a colon. "
        "Look at the end of this line.",
    ),
    Rule(
        SyntaxError,
        r"invalid syntax\. Maybe you meant '==' or ':='",
        "One = gives a name to a value. To ask whether two values are equal, write two: ==.",
    ),
    Rule(
        SyntaxError,
        r"cannot assign to (?:literal|True|False|None|keyword)",
        "On the left of = stands a name, on the right its value: `age = 12`, not `12 = age`. To ask whether two values"
        " are equal, write ==.",
    ),
    Rule(
        SyntaxError,
        r"cannot assign to function call",
        "On the left of = stands a name, on the right what it is to hold: `answer = compute()`. To ask whether two"
        " values are equal, write ==.",
    ),
    Rule(
        SyntaxError,
        r"cannot assign to",
        "What stands on the left of = can't be given a value. A name goes there, without signs like - or +: write "
        "first_name and not first-name. To ask whether two values are equal, write ==.",
    ),
    Rule(
        SyntaxError,
        r"Missing parentheses in call to '(\w+)'",
        r"\1 is a function in Python 3: what it is given stands in parentheses, as in `\1(…)`.",
    ),
    Rule(
        SyntaxError,
        r"invalid syntax\. Perhaps you forgot a comma",
        "Two values stand side by side here with nothing between them. Usually a comma is missing, or an operator such"
        " as + or *, or a quote around text.",
    ),
    Rule(
        SyntaxError,
        r"'(.)' was never closed",
        r"This \1 has no partner. Look for the place where its closing bracket belongs: it may be missing on this line "
        "or on one further down.",
    ),
    Rule(
        SyntaxError,
        r"unmatched '(.)'",
        r"This \1 closes something that was never opened. Either it is one too many, or its partner before it is"
        r" missing.",
    ),
    Rule(
        SyntaxError,
        r"closing parenthesis '(.)' does not match opening parenthesis '(.)'",
        r"Brackets close in the opposite order in which they open. A \2 is open here, and \1 can't close it.",
    ),
    Rule(
        SyntaxError,
        r"unterminated triple-quoted",
        'A text that begins with three quotes goes on until three quotes come again. Look for the place where """ is'
        " missing.",
    ),
    Rule(
        SyntaxError,
        r"unterminated (?:f-)?string literal",
        "A text begins and ends with the same quote, on one line. Look for the quote that is missing at its end. An "
        'apostrophe inside ends the text, too: put double quotes around it, as in "it\'s".',
    ),
    Rule(
        SyntaxError,
        r"f-string: (?:single '}'|expecting '}')",
        "Inside an f-string, { and } come in pairs around what is to be filled in. To show a brace itself, write it"
        " twice.",
    ),
    Rule(
        SyntaxError,
        r"f-string",
        'Inside the { } of an f-string stands one value or expression, as in f"{name} is {age + 1}". Look at what is '
        "between the braces.",
    ),
    Rule(
        TabError,
        r"",
        "Some lines begin with tabs and some with spaces. They look alike, but Python can't compare them: use "
        "spaces everywhere.",
    ),
    Rule(IndentationError, r"expected an indented block after (.*?) on line (\d+)", indented_block),
    Rule(
        IndentationError,
        r"unexpected indent",
        "This line begins further to the right than the one before it, though no line above it ended with a colon. Move"
        " it to the left, in line with its neighbours.",
    ),
    Rule(
        IndentationError,
        r"unindent does not match",
        "This line begins at a place where no line above it begins. Put it exactly under the lines that it belongs to.",
    ),
    Rule(
        SyntaxError,
        r"'return' outside function",
        "`return` gives back the result of a function, so it only works inside one. Is this line meant to stand further"
        " to the right, inside a def?",
    ),
    Rule(
        SyntaxError,
        r"'(break|continue)' (?:outside|not properly in) loop",
        r"`\1` belongs to a for or while loop. Is this line meant to stand further to the right, inside the loop?",
    ),
    Rule(
        SyntaxError,
        r"'(await|yield(?: from)?)' outside (?:async )?function",
        r"`\1` only works inside a function. If it stands in one already, begin that function with `async def`.",
    ),
    Rule(SyntaxError, r"invalid (?:character|non-printable character) '?(.|U\+\w+)'?", strange_character),
    Rule(
        SyntaxError,
        r"leading zeros in decimal",
        "A number does not begin with a zero: write 7 and not 07. If it is a text of digits, such as a phone number,"
        " put quotes around it.",
    ),
    Rule(
        SyntaxError,
        r"invalid (?:decimal|hexadecimal|octal|binary|imaginary) literal",
        "A name can't begin with a digit, and a number can't have letters in it. If this is text, put quotes around it;"
        " if it is a product, write the *: 2 * x.",
    ),
    Rule(
        SyntaxError,
        r"positional argument follows keyword argument",
        'In a call, the values without a name come first, then those with one: `print(a, b, sep="-")`.',
    ),
    Rule(
        SyntaxError,
        r"(?:parameter without a default|non-default argument) follows",
        "In a def, the parameters without a default come first, then those with one: `def greet(name,"
        ' greeting="Hi"):`.',
    ),
    Rule(
        SyntaxError,
        r"duplicate (?:argument|parameter) '(\w+)'",
        r"Two parameters of this function are called \1. Each needs a name of its own.",
    ),
    Rule(
        SyntaxError,
        r"expected 'except' or 'finally' block",
        "A `try:` needs an `except …:` after it, in line with it, that says what happens when something goes wrong.",
    ),
    Rule(
        SyntaxError,
        r"name '(\w+)' is (?:assigned to|used) (?:before|prior to) (global|nonlocal) declaration",
        r"`\2 \1` must come before \1 is used: make it the first line of the function.",
    ),
    Rule(
        SyntaxError,
        r"unexpected character after line continuation",
        "A \\\\ in the code means that the line goes on below, so nothing may follow it. If it belongs to a text, it"
        " must stand inside the quotes.",
    ),
    Rule(
        SyntaxError,
        r"expected '\('",
        "A function's name is followed by parentheses, also when it takes nothing: `def greet():`.",
        r"^\s*(async\s+)?def\b",
    ),
    Rule(
        SyntaxError,
        r"'elif' block follows an 'else' block",
        "`else` comes last: put all the `elif` blocks before it.",
    ),
    Rule(
        SyntaxError,
        r"source code .*null bytes",
        "There is an invisible character (a null byte) in this file, often from pasting. Delete the line and type it"
        " again.",
    ),
    Rule(
        SyntaxError,
        r"invalid syntax",
        "`elif` and `else` belong to an `if` right above them, in line with it. Nothing that begins further to the left"
        " may stand between them.",
        r"^\s*(elif\b|else\s*:)",
    ),
    Rule(
        SyntaxError,
        r"invalid syntax",
        "This word belongs to Python itself, so nothing else can be called by it. Choose another name.",
        r"^\s*(class|def|for|from|import|in|is|lambda|not|or|and|pass|return|try|with|while|None|True|False|global)\s*=",
    ),
    Rule(SyntaxError, r"invalid syntax", misspelled),
    Rule(
        SyntaxError,
        r"invalid syntax",
        "Python could not read on from the marked place. Look at it and at what comes just before it: a sign too many"
        " or too few, a missing quote or bracket, or a word that Python does not know.",
    ),
)
