"""What takes more than one request: logging in, conversations, work behind the response, overrides, pages of others."""

from collections.abc import Iterator
from typing import Any

import pytest
import starlette.testclient
import starlette.websockets

import signette.testclient
import signette.websockets
from tests.examples.ported.forms import load
from tests.examples.topics.asking import get
from tests.examples.topics.sides import both_sides, check, seen

CLOSED = (signette.websockets.WebSocketDisconnect, starlette.websockets.WebSocketDisconnect)


@pytest.fixture
def talkers() -> Iterator[list[Any]]:
    with both_sides("talk") as clients:
        yield clients


@pytest.mark.parametrize(
    ("name", "password", "scopes", "expected"),
    [
        ("ada", "engine", "me notes", [200, 200, 200]),
        ("ada", "engine", "me", [200, 401, 200]),
        ("ada", "engine", "", [401, 401, 200]),
        ("bo", "secret", "me notes", [400, 400, 200]),
    ],
)
def test_a_login_opens_the_same_doors(name: str, password: str, scopes: str, expected: list[int]) -> None:
    with both_sides("guards") as clients:
        sent = {"username": name, "password": password, "scope": scopes}
        theirs, ours = [client.post("/token", data=sent).json() for client in clients]
        assert (theirs["token_type"], theirs.keys()) == (ours["token_type"], ours.keys())
        for status, target in zip(expected, ("/me", "/notes", "/status"), strict=True):
            # Each side takes the token that the other one signed: both forms have the same key.
            found = seen("guards", clients, get(target, authorization=f"Bearer {theirs['access_token']}"))
            assert found.ours.status == status
            check(found)


def test_an_echo_is_heard_alike(talkers: list[Any]) -> None:
    heard = []
    for client in talkers:
        with client.websocket_connect("/echo") as socket:
            declared = [socket.receive_json()]
            for text in ("hello", "", "é"):
                socket.send_text(text)
                declared.append(socket.receive_text())
        heard.append(declared)
    assert heard[0] == heard[1] == [{"greeting": "hello"}, "you said hello", "you said ", "you said é"]


@pytest.mark.parametrize(
    ("target", "headers", "expected"),
    [
        ("/rooms/3/talk?token=t&q=1", {}, [{"room": 3, "who": "t", "q": "1"}, 4000, "that is all"]),
        ("/rooms/3/talk", {"cookie": "session=s"}, [{"room": 3, "who": "s", "q": None}, 4000, "that is all"]),
        ("/rooms/3/talk", {}, [1008, "Who are you?"]),
    ],
)
def test_a_talk_begins_and_ends_alike(
    talkers: list[Any], target: str, headers: dict[str, str], expected: list[Any]
) -> None:
    ours, theirs = [conversation(client, target, headers) for client in talkers]
    assert ours == theirs == expected


def conversation(client: Any, target: str, headers: dict[str, str]) -> list[Any]:
    """What the application says, and how it closes."""
    heard: list[Any] = []
    try:
        with client.websocket_connect(target, headers=headers) as socket:
            while True:
                heard.append(socket.receive_json())
    except CLOSED as closed:
        return [*heard, closed.code, closed.reason]


def test_two_in_the_hall_hear_the_same(talkers: list[Any]) -> None:
    heard = []
    for client in talkers:
        with client.websocket_connect("/hall/ada") as ada:
            with client.websocket_connect("/hall/bo") as bo:
                bo.send_text("hello")
                declared = [ada.receive_text(), bo.receive_text()]
            heard.append([*declared, ada.receive_text()])
    assert heard[0] == heard[1] == ["bo: hello", "bo: hello", "bo left"]


@pytest.mark.parametrize("form", ["as_signette", "as_fastapi"])
def test_an_override_applies_to_both(form: str) -> None:
    module = load(form, "examples.ported.topics.talk")
    test_client: Any = signette.testclient if form == "as_signette" else starlette.testclient
    client = test_client.TestClient(module.app)
    module.app.dependency_overrides[module.settings] = lambda name="eve": {"greeting": f"hi {name}"}
    assert client.get("/greeting").json() == {"greeting": "hi eve"}
    assert client.get("/greeting?name=bo").json() == {"greeting": "hi bo"}
    with client.websocket_connect("/echo") as socket:
        assert socket.receive_json() == {"greeting": "hi eve"}
    module.app.dependency_overrides = {}
    assert client.get("/greeting").json() == {"greeting": "hello"}


PAGES_OF_OTHERS = [
    {"origin": "https://garden.example"},
    {"origin": "https://garden.example", "accept-encoding": "gzip"},
    {"x-ask": "closed"},
]


@pytest.mark.parametrize("headers", PAGES_OF_OTHERS, ids=str)
def test_middleware_adds_the_same_fields(headers: dict[str, str]) -> None:
    with both_sides("bigger") as clients:
        ours, theirs = [client.get("/", headers=headers).headers for client in clients]
    for name in ("access-control-allow-origin", "access-control-allow-credentials", "x-garden", "content-encoding"):
        assert ours.get(name) == theirs.get(name)
