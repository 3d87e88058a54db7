"""`schemas/openapi/` holds the document of every example as the application gives it."""

import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.declarative.openapi.test_asyncapi import VALIDATOR
from tests.regenerate import ASYNC_FILE, EXAMPLES, FOLDER, async_text, text_of

CHANGED = """\
`schemas/openapi/{name}.json` is not what the example gives now.
  If the change is meant, write it anew and commit it with the change: `make schemas` (python -m tests.regenerate).
  If it is not, the contract of the API was broken (or pydantic, whose version counts here, says something new).
{lines}"""


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_file_is_what_the_application_gives(name: str) -> None:
    stored, given = ((FOLDER / f"{name}.json").read_text("utf-8"), text_of(name))
    if stored != given:
        lines = difflib.unified_diff(stored.splitlines(), given.splitlines(), "stored", "given", lineterm="", n=2)
        pytest.fail(CHANGED.format(name=name, lines="\n".join(lines)), pytrace=False)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_file_is_an_openapi_document(name: str) -> None:
    document = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_in_it_fit_their_schemas(name: str) -> None:
    document = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    found = list(examples_of(document))
    for schema, example in found:
        Draft202012Validator({**document, **schema}).validate(example)
    assert found or name != "airports"


def examples_of(node: Any) -> Iterator[tuple[Any, Any]]:
    """Each example in a document, with the schema that it is next to."""
    if isinstance(node, list):
        for each in node:
            yield from examples_of(each)
    elif isinstance(node, dict):
        declared = node.get("examples")
        if isinstance(declared, list):  # of a schema
            yield from ((node, each) for each in declared)
        elif isinstance(declared, dict) and "schema" in node:  # of a parameter or a media type
            yield from ((node["schema"], each["value"]) for each in declared.values() if "value" in each)
        for each in node.values():
            yield from examples_of(each)


def test_the_asyncapi_document_of_the_market_is_valid_and_has_its_file() -> None:
    stored = ASYNC_FILE.read_text("utf-8")
    assert stored == async_text(), "`make schemas` writes it again"
    VALIDATOR.validate(json.loads(stored))


def test_every_example_has_its_file_and_no_other_lies_there() -> None:
    examples = {face.parent.name for face in (Path(__file__).parents[2] / "examples").glob("*/__init__.py")}
    examples.remove("ported")  # plain applications, which have no document
    assert {file.stem for file in FOLDER.iterdir()} == examples == EXAMPLES.keys()
