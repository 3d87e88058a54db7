"""Every word next to a type, in every place of a signature: what pydantic says comes of it, or the route is rejected.

No cell is silent: a word that is not rejected shows its effect, as each word has a value that comes out otherwise
without it.
"""

from typing import Any

import pytest
from pydantic_core import to_jsonable_python

from signette.app import App
from signette.declarative.errors.base import SignatureError
from signette.declarative.signature.markers import Body, Cookie, File, Form, Header, Path, Query
from tests.declarative.crossing.places import PLACES, REJECTED, Place
from tests.declarative.crossing.words import MISFITS, OPTIONS, UNCLAIMED, WORDS, Word

pytestmark = pytest.mark.either_loop

MARKERS = (Query, Path, Header, Cookie, Body, Form, File)
EACH_PLACE = pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)


async def outcome(place: Place, annotation: Any, values: tuple[Any, ...]) -> list[Any]:
    """What comes of each value: as JSON has it, or `refused`.

    Raises SignatureError where the type is rejected.
    """
    app, seen = App(openapi_url=None), []
    place.declare(app, annotation, seen)
    app.build_middleware_stack()
    found = []
    for value in values:
        response = await place.send(app, value)
        assert response.status in (204, 422), response.body
        taken = seen.pop() if response.status == 204 else REJECTED
        found.append(taken if taken is REJECTED else to_jsonable_python(_part(place, taken), inf_nan_mode="strings"))
    return found


def _part(place: Place, taken: Any) -> Any:
    if type(taken).__name__ in ("Plain", "Data", "Model") and place.name.endswith("Depends"):
        return taken.v
    return place.take(taken)


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.name)
def test_each_word_shows_its_effect_to_pydantic(word: Word) -> None:
    name = "body" if word.name in ("strict", "Strict") else "query"
    place = next(each for each in PLACES if each.name == name)
    declared = place.oracle(word.annotation, word.values)
    assert declared != place.oracle(word.base, word.values)
    assert any(each is not REJECTED for each in declared)


@EACH_PLACE
async def test_metadata_next_to_a_type_has_the_effect_that_pydantic_gives_it(place: Place) -> None:
    for word in WORDS:
        expected = place.oracle(word.annotation, word.values)
        assert await outcome(place, word.annotation, word.values) == expected, word.name


@EACH_PLACE
async def test_a_marker_says_what_a_field_says_or_the_route_is_rejected(place: Place) -> None:
    for word in OPTIONS:
        expected = place.oracle(word.annotation, word.values)
        for marker in MARKERS:
            if place.is_whole and marker is not place.source:
                continue  # it says another source, and that is another place of the table
            try:
                found = await outcome(place, word.marked(marker), word.values)
            except SignatureError:
                assert marker is not place.source or place.nested, (word.name, marker)
                continue
            assert found == expected, (word.name, marker)


@EACH_PLACE
async def test_a_constraint_that_its_type_has_no_measure_for_is_rejected(place: Place) -> None:
    for word in MISFITS:
        with pytest.raises(SignatureError):
            await outcome(place, word.annotation, ())


@pytest.mark.parametrize("place", [place for place in PLACES if not place.name.startswith("field ")], ids=str)
async def test_unknown_names_are_rejected(place: Place) -> None:
    for word in UNCLAIMED:
        with pytest.raises(SignatureError):
            await outcome(place, word.annotation, ())


def test_the_size_of_the_table() -> None:
    cells = len(PLACES) * (len(WORDS) + len(OPTIONS) * len(MARKERS) + len(UNCLAIMED) + len(MISFITS))
    assert cells > 6_000
