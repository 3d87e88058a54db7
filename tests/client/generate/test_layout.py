"""Statements as lines of at most 120 columns."""

import ast
import re
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from signette.client.generate.layout import WIDTH, docstring, statement

NAMES = st.sampled_from(["str", "Order", "a_rather_long_name_of_a_model_that_fills_a_line", "x.y"])
TEXTS = st.text(max_size=40).map(repr)
ATOMS = st.one_of(NAMES, TEXTS, st.sampled_from(["None", "True", "1.5", "-3", "b'a\\'\"'", "..."]))


def compounds(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    several = st.lists(inner, min_size=1, max_size=5)
    return st.one_of(
        several.map(lambda each: f"[{', '.join(each)}]"),
        several.map(lambda each: f"({', '.join(each)},)"),
        several.map(lambda each: f"{{{', '.join(f'{index}: {one}' for index, one in enumerate(each))}}}"),
        several.map(lambda each: f"call({', '.join([*each[1:], f'key={each[0]}'])})"),
        several.map(lambda each: f"Annotated[{', '.join(each)}]"),
        several.map(" | ".join),
        inner.map(lambda each: f"call(lambda: {each})"),
    )


EXPRESSIONS = st.recursive(ATOMS, compounds, max_leaves=20)


def dumped(source: str) -> str:
    return ast.dump(ast.parse(source))


@settings(max_examples=25)
@given(EXPRESSIONS, EXPRESSIONS)
def test_a_layout_changes_nothing_but_the_layout(one: str, other: str) -> None:
    for source in (f"x = {one}", f"x: {one}", f"x: {one} = {other}", f"call({one})"):
        made = statement(source)
        assert dumped(made) == dumped(source)
        assert statement(made) == made
        assert dumped(f"class A:\n{statement(source, 4)}") == dumped(f"class A:\n    {source}")


@settings(max_examples=25)
@given(st.lists(NAMES, min_size=1, max_size=30))
def test_lines_are_not_too_long(names: list[str]) -> None:
    for source in (f"x = [{', '.join(names)}]", f"x: Union[{', '.join(names)}]", f"x: {' | '.join(names)} = None"):
        assert max(map(len, statement(source, 4).splitlines())) <= WIDTH


A, B = "a" * 60, "b" * 60


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (f"x: A[{A}, {'b' * 47}] = None", f"x: A[{A}, {'b' * 47}] = (\n    None\n)"),
        (f"x: A[{A}, {B}] = None", f"x: A[\n    {A},\n    {B},\n] = None"),
        (f"x: A[{A}, b] = f({B})", f"x: A[{A}, b] = f(\n    {B}\n)"),
        (f"x: {A} | {B} = None", f"x: (\n    {A}\n    | {B}\n) = None"),
        (f"x = [{A}, {B}, c]", f"x = [\n    {A},\n    {B},\n    c,\n]"),
        (f"x = await f({A}, {B})", f"x = await f(\n    {A},\n    {B},\n)"),
        (f"long_names({A}, {'b' * 48}, c)", f"long_names(\n    {A}, {'b' * 48}, c\n)"),
    ],
)
def test_long_statements_are_split_as_ruff_splits_them(source: str, expected: str) -> None:
    assert statement(source) == expected


@given(st.text().filter(lambda text: "\r" not in text))
def test_docstrings_keep_their_text(text: str) -> None:
    cleaned = "\n".join(line.rstrip() for line in text.strip().splitlines())
    assume(cleaned)
    function: Any = ast.parse(f"def f():\n{docstring(cleaned, 4)}\n    pass").body[0]
    found = ast.get_docstring(function)
    assert found is not None
    assert re.sub(r"\s+", " ", found) == re.sub(r"\s+", " ", cleaned)


def test_docstrings_keep_spaces_at_their_end() -> None:
    function: Any = ast.parse(f"def f():\n{docstring('A ', 4)}").body[0]
    assert ast.get_docstring(function, clean=False) == "A "
