"""The reference of the Python functions and classes: what the package exports, from its own sources, nothing imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import srcos_contracts
from srcos_contracts.evolve.markdown import code, table, text

__all__ = ["BLOCK", "PAGE", "reference"]

PAGE = "docs/python.md"
BLOCK = "api"
"""The name of the page's block that is generated."""

_WIDE = 100
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def reference() -> str:
    """The reference as Markdown: functions, then classes, each with its signature, its members, and what their docstrings say."""
    package = Path(srcos_contracts.__file__).parent
    functions: list[str] = []
    classes: list[str] = []
    for name in sorted(srcos_contracts.__all__):
        home = srcos_contracts.HOMES[name]
        tree = ast.parse((package / f"{home.replace('.', '/')}.py").read_text(encoding="utf-8"))
        for node in tree.body:
            if isinstance(node, _Function) and node.name == name:
                functions += [f"### {name}\n", *_function(node, name)]
            elif isinstance(node, ast.ClassDef) and node.name == name:
                classes += [f"### {name}\n", *_class(node)]
    return "\n".join([*functions, *classes])


def _function(node: _Function, shown: str) -> Iterator[str]:
    yield f"```python\n{_signature(node, shown)}\n```\n"
    yield from _paragraphs(ast.get_docstring(node))


def _class(node: ast.ClassDef) -> Iterator[str]:
    yield from _paragraphs(ast.get_docstring(node))
    made = next((member for member in node.body if isinstance(member, ast.FunctionDef) and member.name == "__init__"), None)
    fields = [*_declared(node.body), *(_described(made.body) if made is not None else ())]
    properties = [member for member in node.body if isinstance(member, ast.FunctionDef) and _is(member, "property")]
    rows = [[code(name), code(kind) if kind else "", text(meaning)] for name, kind, meaning in fields]
    rows += [[code(p.name), code(ast.unparse(p.returns)) if p.returns else "", text(ast.get_docstring(p) or "")] for p in properties]
    if rows:
        yield table(["attribute", "type", "what it holds"], rows)
    for member in node.body:
        if isinstance(member, _Function) and not member.name.startswith("_") and member not in properties:
            of_class = _is(member, "classmethod") or _is(member, "staticmethod")
            yield from _function(
                member, f"{node.name}.{member.name}" if of_class else f"{node.name[:1].lower()}{node.name[1:]}.{member.name}"
            )


def _is(node: _Function, decorator: str) -> bool:
    return any(isinstance(found, ast.Name) and found.id == decorator for found in node.decorator_list)


def _declared(body: list[ast.stmt]) -> Iterator[tuple[str, str, str]]:
    """Names, types and meanings of the attributes that a class declares."""
    for statement, meaning in _with_meaning(body):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            default = f" = {ast.unparse(statement.value)}" if statement.value is not None else ""
            yield statement.target.id, ast.unparse(statement.annotation) + default, meaning


def _described(body: list[ast.stmt]) -> Iterator[tuple[str, str, str]]:
    """The same of the attributes that are set when an instance is made: of those that are described there."""
    for statement, meaning in _with_meaning(body):
        if meaning and isinstance(statement, (ast.Assign, ast.AnnAssign)):
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            if isinstance(target, ast.Attribute):
                yield target.attr, ast.unparse(statement.annotation) if isinstance(statement, ast.AnnAssign) else "", meaning


def _with_meaning(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, str]]:
    """Statements, each with the text that stands after it to say what it is."""
    for place, statement in enumerate(body):
        after = body[place + 1] if place + 1 < len(body) else None
        told = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
        yield statement, " ".join(str(told).split())


def _signature(node: _Function, shown: str) -> str:
    arguments = list(_arguments(node.args))
    ends = f" -> {ast.unparse(node.returns)}" if node.returns is not None else ""
    line = f"{shown}({', '.join(arguments)}){ends}"
    return line if len(line) <= _WIDE else "\n".join([f"{shown}(", *(f"    {argument}," for argument in arguments), f"){ends}"])


def _arguments(stated: ast.arguments) -> Iterator[str]:
    positional = [*stated.posonlyargs, *stated.args]
    defaults = [None] * (len(positional) - len(stated.defaults)) + list(stated.defaults)
    for argument, default in zip(positional, defaults, strict=True):
        if argument.arg not in ("self", "cls"):
            yield _argument(argument, default)
    if stated.kwonlyargs:
        yield "*"
    for argument, default in zip(stated.kwonlyargs, stated.kw_defaults, strict=True):
        yield _argument(argument, default)


def _argument(argument: ast.arg, default: ast.expr | None) -> str:
    typed = f"{argument.arg}: {ast.unparse(argument.annotation)}" if argument.annotation is not None else argument.arg
    return typed if default is None else f"{typed} = {ast.unparse(default)}"


def _paragraphs(docstring: str | None) -> Iterator[str]:
    for paragraph in (docstring or "").split("\n\n"):
        if paragraph.strip():
            yield text(paragraph) + "\n"
