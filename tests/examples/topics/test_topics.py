"""FastAPI's topics respond on signette as they do there, but for the table of differences."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.differential.differences import Difference
from tests.examples.topics.asking import get, post
from tests.examples.topics.asks import ASKS, JSON
from tests.examples.topics.differences import DIFFERENCES
from tests.examples.topics.sides import both_sides, check, seen
from tests.volume import examples


@pytest.mark.parametrize("topic", ASKS)
def test_a_topic_gets_the_same_response(topic: str) -> None:
    with both_sides(topic) as clients:
        for requested in ASKS[topic]:
            found = seen(topic, clients, requested)
            assert found.ours.status == requested[0], (
                f"{requested} -> {found.ours.status} {found.ours.response.text[:500]}"
            )
            check(found)


@pytest.fixture(scope="module")
def clients_of() -> Iterator[Callable[[str], list[Any]]]:
    """The clients of a topic, started once for all rows."""
    with ExitStack() as stack:
        yield cache(lambda topic: stack.enter_context(both_sides(topic)))


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda one: one.name)
def test_a_documented_difference_exists(difference: Difference, clients_of: Callable[[str], list[Any]]) -> None:
    topic, requested = difference.shown
    clients = clients_of(topic)
    if topic == "needs":  # a call whose traces the next one reports
        seen(topic, clients, get("/bake?minutes=x", x_key="open"))
    found = seen(topic, clients, requested)
    assert found.ours.status == requested[0]
    assert set(found.aspects()) & set(difference.explains(found)), "the two are alike: the row is of no use"
    check(found)


def made(number: int) -> Any:
    """How often a property is tried; each run asks the same."""
    return settings(
        max_examples=examples(number),
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


TEXTS = st.sampled_from(
    [
        "",
        "a",
        "ada",
        "green tea",
        "3",
        "-1",
        "0",
        "2.5",
        "1e3",
        " 7 ",
        "true",
        "no",
        "null",
        "é",
        "isbn-2",
        "sku",
        "x" * 20,
    ]
)
NAMES = ["skip", "limit", "q", "short", "word", "times", "search-for", "page", "tag", "size", "kind", "code", "offset"]
PAIRS = st.lists(st.tuples(st.sampled_from(NAMES), TEXTS), max_size=6)
QUERIES = ["/stock", "/stock/tea-1", "/needed", "/texts", "/older", "/lists", "/codes", "/pages"]


def test_queries_are_read_alike() -> None:
    with both_sides("queries") as clients:

        @made(150)
        @given(target=st.sampled_from(QUERIES), pairs=PAIRS)
        def compare(target: str, pairs: list[tuple[str, str]]) -> None:
            _, method, path, _ = get(target)
            check(seen("queries", clients, (200, method, path, {"params": pairs})))

        compare()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2000) | st.floats(-10, 10) | TEXTS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "price", "url", "tags", "parts", "pictures", "7"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)
PARTS = st.fixed_dictionaries(
    {"name": TEXTS, "price": st.floats(0.5, 9) | VALUES},
    optional={"note": TEXTS | st.none(), "tax": VALUES, "tags": st.lists(TEXTS, max_size=3), "pictures": VALUES},
)
BODIES = {
    "/parts/": PARTS | VALUES,
    "/kits/": st.fixed_dictionaries({"name": TEXTS, "parts": st.lists(PARTS, max_size=2) | VALUES}),
    "/several": st.fixed_dictionaries({}, optional={"part": PARTS, "worker": VALUES, "urgency": VALUES}),
    "/embedded": st.fixed_dictionaries({"worker": VALUES}),
    "/weights": VALUES,
    "/pictures": VALUES,
    "/anything": VALUES,
}


def test_bodies_are_read_alike() -> None:
    with both_sides("bodies") as clients:

        @made(200)
        @given(data=st.data(), target=st.sampled_from(sorted(BODIES)))
        def compare(data: st.DataObject, target: str) -> None:
            check(seen("bodies", clients, post(target, json=data.draw(BODIES[target]))))

        compare()


FIELDS = ["username", "password", "to", "weight", "express", "stamps", "name", "note", "token", "copies"]
SENT = st.lists(st.tuples(st.sampled_from(FIELDS), TEXTS), max_size=6)
FORMS = ["/login", "/letters", "/strict", "/optional"]


def test_forms_are_read_alike() -> None:
    with both_sides("forms") as clients:

        @made(150)
        @given(target=st.sampled_from(FORMS), pairs=SENT, as_files=st.booleans())
        def compare(target: str, pairs: list[tuple[str, str]], as_files: bool) -> None:
            if as_files:
                check(seen("forms", clients, post(target, files=[(name, (None, text)) for name, text in pairs])))
            else:
                several: dict[str, list[str]] = {}
                for name, text in pairs:
                    several.setdefault(name, []).append(text)
                check(seen("forms", clients, post(target, data=several)))

        compare()


def test_truncated_json_is_rejected_alike() -> None:
    whole = b'{"name": "axle", "price": 5.5, "tags": ["a", "\\u00e9"], "tax": 1e2}'
    with both_sides("bodies") as clients:
        for end in range(len(whole)):
            found = seen("bodies", clients, post("/parts/", content=whole[:end], headers=JSON))
            check(found)
            assert found.ours.status == (400 if end else 422)
