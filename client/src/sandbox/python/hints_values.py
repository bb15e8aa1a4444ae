"""Hints for values that are not of the kind that was expected."""

import builtins
import re

from _caretroom.hints import Case, Rule


def missing_key(case: Case, match: re.Match[str]) -> str:
    return (
        f"The dictionary has no key {case.given(match[1])}. Keys must match exactly, also in capital letters and in"
        ' kind: 1 and "1" are two keys. `key in names` asks first; `names.get(key)` gives None where there is none.'
    )


def nothing_there(case: Case, match: re.Match[str]) -> str:
    lists = re.search(r"=\s*[\w.]+\.(append|sort|reverse|extend|add|update|remove|insert)\(", case.line)
    if lists:
        return (
            f"{lists[1]}() changes what it is called on and gives back None. Leave the assignment away: call it on a"
            " line of its own."
        )
    return (
        "The value on the left of the dot is None, which means “nothing here”. It often comes from a function without a"
        " `return`, or from one that changes its list in place, such as append or sort."
        if match[0].startswith("'NoneType' object has no attribute")
        else (
            "This value is None, which means “nothing here”. It often comes from a function without a `return`, or from"
            " one that changes its list in place, such as append or sort."
        )
    )


def mixed_sum(case: Case, match: re.Match[str]) -> str:
    operator, left, right = match.groups()
    if "NoneType" in (left, right):
        return (
            "One of the two values is None, which means “nothing here”. It often comes from a function without a"
            " `return`."
        )
    if "coroutine" in (left, right):
        return "An async function gives its result only when it is awaited: put `await` in front of the call."
    if "str" in (left, right) and {left, right} & {"int", "float"}:
        if "input(" in case.line or operator in "-*/%<>":
            return (
                "One of them is text and the other a number. What input() gives is text: turn it into a number with"
                " int(…) or float(…)."
            )
        return (
            "One of them is text and the other a number. To put them together, turn the number into text with str(…) or"
            ' use an f-string, f"{x}"; to compute, turn the text into a number with int(…) or float(…).'
        )
    return (
        f"Python can't use {operator} between a value of type {left} and one of type {right}. Look at what each side"
        " is; type(…) tells."
    )


def concatenated(case: Case, match: re.Match[str]) -> str:
    return mixed_sum(case, re.fullmatch(r"(.)(\w+) (\w+)", f"+{match[2]} {match[1]}") or match)


def not_callable(case: Case, match: re.Match[str]) -> str:
    kind = match[1]
    names = case.names()
    for called in re.findall(r"\b(\w+)\s*\(", case.line):
        if called in names and hasattr(builtins, called):
            return (
                f"The name {called} was given to a value of type {kind}, so Python's own {called}() is hidden. Choose"
                " another name for that value."
            )
    if kind in ("int", "float"):
        return "Parentheses right after a number or a name mean a call. To multiply, write the *: 2 * (x + 1)."
    if kind in ("list", "dict", "str", "tuple"):
        return "Parentheses mean a call. To take one item out, use square brackets: items[0]."
    if kind == "module":
        return "This is a module, and its function is inside: write module.function(…), as in random.randint(1, 6)."
    return (
        f"Parentheses mean a call, and a value of type {kind} can't be called. Is a comma or an operator missing before"
        " them?"
    )


def not_subscriptable(_: Case, match: re.Match[str]) -> str:
    kind = match[1]
    if kind in ("function", "method", "builtin_function_or_method", "type"):
        return (
            "Square brackets take an item out of a list, a text or a dictionary. A function is called with parentheses:"
            " f(x)."
        )
    return (
        f"Square brackets take an item out of a list, a text or a dictionary, and this is a value of type {kind}."
        " print(…) it to see what it is."
    )


def too_many_arguments(_: Case, match: re.Match[str]) -> str:
    name, takes, given = match[1], match[2], match[3]
    if "." in name and int(given) == int(takes.split()[-1]) + 1:
        return (
            f"{name} was given one value more than it takes. In a method the object itself counts as the first: does"
            " its def begin with `self`?"
        )
    return f"{name}() was called with more values than its def has parameters. Compare the two lines."


def unpacked(_: Case, match: re.Match[str]) -> str:
    return (
        "There are more or fewer values on the right than the names on the left of the = (or after `for`) can take:"
        f" {match[1]}."
    )


def not_a_number(case: Case, match: re.Match[str]) -> str:
    text = match[1]
    if text in ("''", '""'):
        return (
            "The text is empty, so there is no number in it. If it comes from input(), nothing was typed before Enter."
        )
    if re.fullmatch(r"['\"]\s*-?\d+[.,]\d*\s*['\"]", text):
        advice = "float(…) reads it" if "," not in text else "write it with a point and read it with float(…)"
        return f"{text} has a fraction, and int(…) takes whole numbers only: {advice}."
    return (
        f"{case.given(text)} is not written as a number. Only digits (and for float a point) may stand in it: no"
        " letters, no units, no commas."
    )


def failed_assert(case: Case, _: re.Match[str]) -> str:
    condition = re.match(r"assert\s+(.+)", case.line)
    about = f": {case.given(condition[1])}" if condition else ""
    return f"An assert says what must be true at that point, and it was not{about}. Print the values in it to see them."


RULES = (
    Rule(AttributeError, r"'NoneType' object has no attribute '(\w+)'", nothing_there),
    Rule(TypeError, r'can only concatenate (\w+) \(not "(\w+)"\) to', concatenated),
    Rule(TypeError, r"unsupported operand type\(s\) for (\S+?)(?: or \S+)?: '(\w+)' and '(\w+)'", mixed_sum),
    Rule(TypeError, r"'(\S+)' not supported between instances of '(\w+)' and '(\w+)'", mixed_sum),
    Rule(
        TypeError,
        r"can't multiply sequence by non-int of type '(\w+)'",
        "Text can be repeated a whole number of times only. If it should be a number, turn it into one with int(…) or"
        " float(…).",
    ),
    Rule(TypeError, r"'NoneType' object is not (?:subscriptable|iterable|callable)", nothing_there),
    Rule(TypeError, r"cannot unpack non-iterable NoneType", nothing_there),
    Rule(TypeError, r"'(\w+)' object is not callable", not_callable),
    Rule(
        TypeError,
        r"'int' object is not iterable",
        "A number is not a list to go through. To count up to it, write range(…): `for i in range(n):`.",
    ),
    Rule(
        TypeError,
        r"'(\w+)' object is not (?:iterable|an iterator)",
        r"A value of type \1 can't be gone through one by one. A list, a text or a range can.",
    ),
    Rule(TypeError, r"'(\w+)' object is not subscriptable", not_subscriptable),
    Rule(
        TypeError,
        r"'str' object does not support item assignment",
        'A text never changes. Make a new one, for example with replace(…), or with slices: text[:2] + "x" + text[3:].',
    ),
    Rule(
        TypeError,
        r"'tuple' object does not support item",
        "A tuple, ( ), never changes. Use a list, [ ], for what does.",
    ),
    Rule(
        TypeError,
        r"'(\w+)' object does not support item assignment",
        r"A value of type \1 has no items that could be set. A list or a dictionary has.",
    ),
    Rule(
        TypeError,
        r"(?:list|string|tuple) indices must be integers",
        "An item is taken out by its number: items[0] is the first. In `for item in items:` the item itself is there"
        " already, without brackets.",
    ),
    Rule(
        TypeError,
        r"(?:(\S+?)\(\)) missing \d+ required (?:positional|keyword-only) arguments?: (.+)",
        r"\1() was called with too few values: it still needs \2. Compare the call with the def.",
    ),
    Rule(TypeError, r"(\S+?)\(\) takes (from \d+ to \d+|\d+) positional arguments? but (\d+)", too_many_arguments),
    Rule(
        TypeError,
        r"(?:(\S+?)\(\)) got an unexpected keyword argument '(\w+)'",
        r"\1() has no parameter that is called \2. Check how it is spelled.",
    ),
    Rule(
        TypeError,
        r"object of type '(\w+)' has no len\(\)",
        r"A value of type \1 has no length. A list, a text or a dictionary has; for a number's digits, len(str(n)).",
    ),
    Rule(
        TypeError,
        r"(?:unhashable type: '|cannot use ')(\w+)'",
        r"A key of a dictionary, or an item of a set, must be something that never changes. A \1 can change: take a"
        r" tuple or a text.",
    ),
    Rule(
        TypeError,
        r"'float' object cannot be interpreted as an integer",
        "A whole number is wanted here, and / always gives a fraction. Use // to divide into whole numbers, or int(…).",
    ),
    Rule(
        TypeError,
        r"'str' object cannot be interpreted as an integer",
        "A number is wanted here, and this is text. int(…) turns it into one.",
    ),
    Rule(
        TypeError,
        r"sequence item \d+: expected str instance, (\w+) found",
        r"join() puts texts together, and in this list there is a \1. Turn the items into text first: \","
        r" \".join(str(x) for x in items).",
    ),
    Rule(
        TypeError,
        r"not all arguments converted during string formatting",
        "% on a text fills in values. If the remainder of a division is meant, the text must become a number first:"
        " int(…).",
    ),
    Rule(TypeError, r"write\(\) argument must be str", "A file takes text: str(…) turns a value into it."),
    Rule(
        TypeError,
        r"'coroutine' object",
        "An async function gives its result only when it is awaited: put `await` in front of the call.",
    ),
    Rule(TypeError, r"\w+\(\) argument must be .*not 'NoneType'", nothing_there),
    Rule(
        TypeError,
        r"bad operand type for unary (.): 'str'",
        "This is text. To compute with it, turn it into a number with int(…) or float(…).",
    ),
    Rule(ValueError, r"invalid literal for int\(\) with base \d+: (.+)", not_a_number),
    Rule(ValueError, r"could not convert string to float: (.+)", not_a_number),
    Rule(ValueError, r"((?:not enough|too many) values to unpack.*)", unpacked),
    Rule(
        ValueError,
        r"list\.remove\(x\): x not in list",
        "The list does not hold this value, so it can't be removed. `if x in items:` asks first.",
    ),
    Rule(
        ValueError,
        r"(?:.* is not in list|list\.index|tuple\.index)",
        "The list does not hold this value. `if x in items:` asks first.",
    ),
    Rule(
        ValueError,
        r"substring not found",
        "The text does not hold this part. `if part in text:` asks first; find(…) gives -1 instead of an error.",
    ),
    Rule(
        ValueError,
        r"(?:math domain error|expected a (?:nonnegative|positive) (?:input|number))",
        "This function has no answer for that number, as there is no square root of -1 among the plain numbers. Print"
        " what it is given.",
    ),
    Rule(
        ValueError,
        r"I/O operation on closed file",
        "The file was closed before. Reading and writing belong inside its `with open(…)` block.",
    ),
    Rule(
        ValueError,
        r"(?:max|min)\(\) iterable argument is empty",
        "There is nothing in it to choose from. Ask before whether it is empty, or give `default=…`.",
    ),
    Rule(
        ValueError,
        r"empty range (?:for|in) randrange",
        "The first number must not be larger than the second: randint(1, 6).",
    ),
    Rule(
        IndexError,
        r"pop from an? empty",
        "The list is empty, so there is nothing to take out. `while items:` goes on only as long as there is"
        " something.",
    ),
    Rule(
        IndexError,
        r"Cannot choose from an empty",
        "There is nothing in it to choose from. Print it on the line before.",
    ),
    Rule(
        IndexError,
        r"(\w+)(?: assignment)? index out of range",
        r"There is no item with that number. Counting begins at 0, so the last one of n is n - 1; items[-1] is the"
        r" last, too. len(…) tells how "
        r"many there are.",
    ),
    Rule(KeyError, r"(.+)", missing_key),
    Rule(
        ZeroDivisionError,
        r"",
        "Something is divided by 0, which has no answer. Look at where the number after / (or // or %) comes from; `if"
        " n != 0:` asks first.",
    ),
    Rule(
        RecursionError,
        r"",
        "A function calls itself again and again without an end. It needs a case in which it does not, and each call"
        " must come closer to it.",
    ),
    Rule(
        RuntimeError,
        r"dictionary changed size|Set changed size",
        "It must not grow or shrink while a loop goes through it. Go through a copy: `for key in list(names):`.",
    ),
    Rule(
        RuntimeError,
        r"(?:asyncio\.run\(\) cannot be called|This event loop is already|Cannot run the event loop)",
        "An event loop runs already at this point. Write `await main()` instead of `asyncio.run(main())`.",
    ),
    Rule(
        RuntimeError,
        r"no running event loop",
        "This works only inside of an async function, or on a line with `await`.",
    ),
    Rule(
        OverflowError,
        r"",
        "The number became larger than this kind of number can be. Whole numbers (int) have no such end; fractions"
        " (float) have.",
    ),
    Rule(
        MemoryError,
        r"",
        "The program needs more memory than there is. Look for a list or a text that grows without an end.",
    ),
    Rule(StopIteration, r"", "next(…) was called when nothing was left. next(items, None) gives None then."),
    Rule(AssertionError, r"$", failed_assert),
    Rule(
        NotImplementedError,
        r"",
        "This part is still to be written: a method of a subclass, or a place that somebody left open on purpose.",
    ),
)
