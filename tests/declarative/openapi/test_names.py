import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette.declarative.openapi.names import Operation, identifier, in_words, operation_ids


def ids(*operations: tuple[str, str, str]) -> list[str]:
    made = [Operation(*each) for each in operations]
    found = operation_ids(made)
    return [found[each] for each in made]


def test_an_operation_is_called_as_its_function_is():
    assert ids(("GET", "/items", "list_items"), ("POST", "/items", "addItem")) == ["list_items", "addItem"]


def test_one_function_for_several_methods_is_distinguished_by_them():
    assert ids(("GET", "/x", "x"), ("POST", "/x", "x"), ("GET", "/y", "y")) == ["x_get", "x_post", "y"]


def test_functions_of_one_name_are_distinguished_by_their_paths():
    assert ids(("GET", "/items/{id}", "read"), ("GET", "/users", "read")) == ["read_items_id", "read_users"]


def test_where_neither_is_enough_both_are_named():
    found = ids(("GET", "/a", "x"), ("POST", "/a", "x"), ("GET", "/b", "x"))
    assert found == ["x_a_get", "x_a_post", "x_b_get"]


def test_a_longer_name_never_takes_that_of_another():
    found = ids(("GET", "/x", "x"), ("POST", "/x", "x"), ("GET", "/other", "x_get"))
    assert found == ["x_x_get", "x_x_post", "x_get"]


def test_an_id_that_the_user_chose_stays_as_it_is():
    chosen = [Operation("GET", "/a", "get-user.v1", True), Operation("GET", "/b", "items: read_item", True)]
    assert list(operation_ids(chosen).values()) == ["get-user.v1", "items: read_item"]


def test_a_chosen_id_wins_over_a_function_of_this_name():
    chosen, made = Operation("GET", "/a", "x", True), Operation("GET", "/b", "x")
    assert operation_ids([made, chosen]) == {chosen: "x", made: "x_get"}


def test_an_id_that_was_chosen_twice_is_made_longer():
    chosen = [Operation("GET", "/a", "a-b", True), Operation("POST", "/a", "a-b", True)]
    assert list(operation_ids(chosen).values()) == ["a-b_get", "a-b_post"]


@pytest.mark.parametrize(
    ("text", "expected"), [("<lambda>", "lambda"), ("shop: read-it", "shop_read_it"), ("é", "operation")]
)
def test_an_id_can_be_the_name_of_a_method(text, expected):
    assert identifier(text) == expected


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("list_items", "List items"),
        ("listItems", "List items"),
        ("get_HTML_page2", "Get HTML page 2"),
        ("read", "Read"),
        ("__call__", "Call"),
        ("_", "_"),
    ],
)
def test_a_name_is_put_into_words(name, words):
    assert in_words(name) == words


OPERATIONS = st.lists(
    st.builds(
        Operation,
        st.sampled_from(["GET", "POST", "PUT"]),
        st.sampled_from(["/", "/a", "/a/b", "/a_b", "/{a}", "/get"]),
        st.sampled_from(["x", "x_get", "x_a", "x_a_get", "x_1", "a b", "a_b"]),
        st.booleans(),
    ),
    max_size=12,
    unique_by=lambda each: (each.method, each.path),
)


@given(OPERATIONS, st.randoms())
def test_ids_are_unique_and_do_not_depend_on_the_order(operations: list[Operation], chance: random.Random):
    shuffled = list(operations)
    chance.shuffle(shuffled)
    found = operation_ids(operations)
    assert len(set(found.values())) == len(operations)
    assert all(re.fullmatch(r"\w+", found[each]) for each in operations if not each.is_given)
    chosen = [each.name for each in operations if each.is_given]
    assert all(found[each] == each.name for each in operations if each.is_given and chosen.count(each.name) == 1)
    assert operation_ids(shuffled) == found
