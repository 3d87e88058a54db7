"""Applications written with FastAPI's imports become the applications of signette that they were made of."""

import ast
from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.examples.topics.imports import as_fastapi
from tests.port.porting import port

TOPICS = sorted((ROOT / "examples/ported/topics").glob("[!_]*.py"))


def imports_and_rest(source: str) -> tuple[set[tuple[str, str, str | None]], str]:
    """The imported names, in no order, and everything else."""
    tree = ast.parse(source)
    froms = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
    names = {(str(node.module), alias.name, alias.asname) for node in froms for alias in node.names}
    tree.body = [node for node in tree.body if not isinstance(node, ast.ImportFrom)]
    return names, ast.unparse(tree)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.stem)
def test_a_topic_of_the_tutorial_comes_back(topic: Path) -> None:
    source = topic.read_text("utf-8")
    before = as_fastapi(source).replace("as_fastapi.examples", "examples")
    assert before != source
    ported = port(before)
    assert ported.left == []
    assert imports_and_rest(ported.text) == imports_and_rest(source)
