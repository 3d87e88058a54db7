"""The board responds alike on signette and on Starlette, over HTTP and over WebSockets."""

from collections.abc import Iterator
from typing import Any

import pytest
import starlette.testclient
import starlette.websockets

import signette.testclient
import signette.websockets
from tests.examples.ported.side_by_side import both_forms, told

CLOSED = (signette.websockets.WebSocketDisconnect, starlette.websockets.WebSocketDisconnect)

# What one client does, one request after the other: the expected status, the request.
REQUESTS: list[tuple[int, str, str, dict[str, Any]]] = [
    (200, "GET", "/", {}),
    (200, "GET", "/rooms/lobby", {}),
    (200, "GET", "/rooms/lobby/lines", {}),
    (404, "GET", "/rooms/cellar", {}),
    (404, "GET", "/rooms/cellar/lines", {}),
    (303, "POST", "/", {"data": {"name": "cellar"}}),
    (200, "GET", "/rooms/cellar", {}),
    (200, "GET", "/", {}),
    (400, "POST", "/", {}),
    (400, "POST", "/", {"data": {"name": "<b>"}}),
    (400, "POST", "/", {"data": {"name": "a" * 21}}),
    (400, "POST", "/", {"data": {"name": "a", "more": "b"}, "files": {"file": ("a", b"x")}}),
    (404, "GET", "/rooms/", {}),
    (405, "PUT", "/rooms/lobby/lines", {}),
    (404, "GET", "/figures", {}),
]


@pytest.fixture
def clients() -> Iterator[list[Any]]:
    with both_forms("examples.ported.board") as clients:
        yield clients


def test_requests_get_the_same_response(clients: list[Any]) -> None:
    for status, method, target, sent in REQUESTS:
        ours, theirs = [told(client.request(method, target, **sent)) for client in clients]
        assert ours == theirs, (method, target)
        assert ours[0] == status, (method, target)


def test_two_talk_alike(clients: list[Any]) -> None:
    ours, theirs = [conversation(client) for client in clients]
    assert ours == theirs
    assert ours[0] == {"type": "welcome", "lines": []}
    assert ours[-1] == [{"by": "ada", "text": "<b>hello</b>"}, {"by": "bo", "text": "good-bye"}]


def conversation(client: Any) -> list[Any]:
    """All that ada sees while she and bo are in the lobby, and what is remembered of it."""
    seen = []
    with client.websocket_connect("/rooms/lobby/talk?who=ada") as ada:
        seen += [ada.receive_json(), ada.receive_json()]
        ada.send_json({"text": " <b>hello</b> "})
        ada.send_json({"text": "  "})
        ada.send_json(["no object"])
        seen += [ada.receive_json() for _ in range(3)]
        with client.websocket_connect("/rooms/lobby/talk?who=bo") as bo:
            seen += [ada.receive_json(), bo.receive_json(), bo.receive_json()]
            bo.send_json({"text": "good-bye"})
            seen += [ada.receive_json(), bo.receive_json()]
        seen.append(ada.receive_json())
    assert "&lt;b&gt;hello&lt;/b&gt;" in client.get("/rooms/lobby").text
    return [*seen, client.get("/rooms/lobby/lines").json()]


def test_figures_alike(clients: list[Any]) -> None:
    ours, theirs = [figures(client) for client in clients]
    assert ours == theirs
    assert ours == ["figures", {"rooms": 1, "present": 1, "lines": 0}, {"present": 1}, {}, {"present": 0}]


def figures(client: Any) -> list[Any]:
    """The subprotocol, and what is reported while somebody is in the lobby, and after that."""
    with client.websocket_connect("/figures", subprotocols=["other", "figures"]) as socket:
        found = [socket.accepted_subprotocol]
        with client.websocket_connect("/rooms/lobby/talk?who=ada") as ada:
            ada.receive_json()
            for requested in ("", "present", "nothing"):
                socket.send_text(requested)
                found.append(socket.receive_json())
        socket.send_text("present")
        found.append(socket.receive_json())
    return found


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("/rooms/cellar/talk?who=ada", 4404),
        ("/rooms/lobby/talk", 1008),
        ("/rooms/lobby/talk?who=%20", 1008),
        ("/nowhere", 1000),
    ],
)
def test_sockets_are_closed_alike(clients: list[Any], target: str, code: int) -> None:
    ours, theirs = [closing_of(client, target) for client in clients]
    assert ours == theirs
    assert ours[0] == code


def closing_of(client: Any, target: str) -> tuple[int, str]:
    """The code and the reason with which the application closes."""
    with pytest.raises(CLOSED) as closed, client.websocket_connect(target) as socket:
        socket.receive_json()
    return closed.value.code, closed.value.reason
