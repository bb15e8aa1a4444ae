"""Asserts that tell what they compared. Each operand is still evaluated once, and in its turn."""

import ast
import difflib
import pprint
import types

LONGEST_LINES = 400
SHORT = 60
WORDS = {
    ast.Eq: "equal to",
    ast.NotEq: "different from",
    ast.Lt: "less than",
    ast.LtE: "at most",
    ast.Gt: "more than",
    ast.GtE: "at least",
    ast.In: "in",
    ast.NotIn: "not in",
    ast.Is: "the same object as",
    ast.IsNot: "another object than",
}
# No name that a program could write.
LEFT, RIGHT, FAIL = "@left", "@right", "@fail"


class Difference(AssertionError):
    """What two values differ in, besides the sentence that says so."""

    difference = ""


def compile_with_values(source: str, path: str, flags: int) -> types.CodeType:
    tree = compile(source, path, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
    return compile(ast.fix_missing_locations(Rewriter().visit(tree)), path, "exec", flags, dont_inherit=True)


class Rewriter(ast.NodeTransformer):
    def visit_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        comparison = node.test if isinstance(node.test, ast.Compare) and len(node.test.ops) == 1 else None
        if comparison:
            left, right, operator = comparison.left, comparison.comparators[0], comparison.ops[0]
            words = WORDS[type(operator)]
            test: ast.expr = ast.Compare(load(LEFT), [operator], [load(RIGHT)])
        else:
            left, right, words = node.test, ast.Constant(None), ""
            test = load(LEFT)
        arguments: list[ast.expr] = [load(LEFT), load(RIGHT), ast.Constant(ast.unparse(left)), ast.Constant(words)]
        if node.msg:
            arguments.append(node.msg)
        failing = ast.Raise(ast.Call(load(FAIL), arguments, []))
        rewritten: list[ast.stmt] = [
            ast.Assign([store(LEFT)], left),
            ast.Assign([store(RIGHT)], right),
            ast.If(ast.UnaryOp(ast.Not(), test), [failing], []),
            # Or what was compared would live longer than it does without a test.
            ast.Delete([ast.Name(LEFT, ast.Del()), ast.Name(RIGHT, ast.Del())]),
        ]
        return [locate(statement, node) for statement in rewritten]


def locate(statement: ast.stmt, node: ast.Assert) -> ast.stmt:
    """At the assert, as tracebacks and coverage know it; operands keep their own places."""
    for each in ast.walk(statement):
        if "lineno" in each._attributes and not hasattr(each, "lineno"):
            ast.copy_location(each, node)
    return statement


def load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def store(name: str) -> ast.Name:
    return ast.Name(name, ast.Store())


def fail(left: object, right: object, source: str, words: str, *message: object) -> Difference:
    said = [str(each) for each in message]
    if not words:
        return Difference("\n".join(said) or f"{source} is {shown(left)}")
    # A literal says itself what it is.
    name = f"{source} is {shown(left)}, and" if source != shown(left) else source
    error = Difference("\n".join([*said, f"{name} should be {words} {shown(right)}"]))
    if words == WORDS[ast.Eq]:
        error.difference = difference(left, right)
    return error


def difference(left: object, right: object) -> str:
    """Line by line: - is on the left side only, + on the right."""
    if isinstance(left, str) and isinstance(right, str):
        pair = left.splitlines(), right.splitlines()
    elif type(left) is type(right) and isinstance(left, list | tuple | dict | set | frozenset):
        pair = pprint.pformat(left, width=1).splitlines(), pprint.pformat(right, width=1).splitlines()
    else:
        return ""
    if max(map(len, pair)) > LONGEST_LINES:
        return ""
    return "\n".join(line.rstrip("\n") for line in difflib.ndiff(*pair))


def shown(value: object) -> str:
    try:
        text = repr(value)
    except Exception as error:
        return f"<{type(value).__name__} that can't be shown: {type(error).__name__}>"
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"
