"""Both test clients say the same of an application, whichever toolkit it is made of."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.differential import applications, layers
from tests.differential.comparing import asks
from tests.differential.names import SIGNETTE, STARLETTE, Names

APPS = [SIGNETTE, STARLETTE]


def everything(client_of: Names, app_of: Names) -> list[Any]:
    """What a client makes of a tour of requests."""
    results: list[Any] = []
    with client_of.TestClient(applications.requests(app_of), cookies={"c": "1"}) as client:
        results += [
            client.get("/x", params={"a": ["1", "2"]}, headers={"x-a": "1"}).json(),
            client.post("/form", data={"a": "b c"}).json(),
            client.post("/form", files={"f": ("x.txt", b"file", "text/plain")}).json()["keys"],
            client.post("/json", json={"a": [1, "é"]}).json(),
            client.put("/body", content=iter([b"a", b"b"])).content,
        ]
    client = client_of.TestClient(applications.routing(app_of), base_url="https://h.example/", root_path="/root")
    results += [client.get("/int/5").json(), client.get("/none").status_code]
    client = client_of.TestClient(applications.routing(app_of), follow_redirects=False)
    results += [client.get("/plain/").status_code, client.get("/plain/", follow_redirects=True).json()]
    return results


def sockets(client_of: Names, app_of: Names) -> list[Any]:
    """What it makes of WebSockets."""
    results: list[Any] = []
    client = client_of.TestClient(layers.endpoints(app_of))
    with client.websocket_connect("/text") as socket:
        socket.send_text("a")
        results.append(socket.receive_text())
    with client.websocket_connect("/json") as socket:
        socket.send_json({"a": 1})
        results.append(socket.receive_text())
    with client.websocket_connect("/bytes") as socket:
        socket.send_bytes(b"b")
        results += [socket.receive()["text"], socket.accepted_subprotocol]
    with pytest.raises(client_of.WebSocketDisconnect) as caught, client.websocket_connect("/none"):
        pass
    results += [caught.value.code, caught.value.reason]
    denied = client_of.TestClient(layers.errors(app_of))
    with (
        pytest.raises(client_of.WebSocketDenialResponse) as rejected,
        denied.websocket_connect("/socket?what=http"),
    ):
        pass
    results += [rejected.value.status_code, rejected.value.text]
    return results


def failures(client_of: Names, app_of: Names) -> list[Any]:
    """What it makes of an application that fails."""
    app = layers.errors(app_of)
    results: list[Any] = []
    with pytest.raises(layers.Unhandled):
        client_of.TestClient(app).get("/fail?what=unhandled")
    quiet = client_of.TestClient(app, raise_server_exceptions=False)
    results += [quiet.get("/fail?what=unhandled").text, quiet.get("/fail?what=base").json()]
    return results


@pytest.mark.parametrize("tour", [everything, sockets, failures], ids=lambda tour: tour.__name__)
@pytest.mark.parametrize("app_of", APPS, ids=str)
def test_both_clients_report_the_same(tour: Any, app_of: Names) -> None:
    assert tour(SIGNETTE, app_of) == tour(STARLETTE, app_of)


START = {"type": "http.response.start", "status": 200, "headers": [(b"x-a", b"1")]}
TRAILERS = {"type": "http.response.trailers", "headers": [(b"x-b", b"2")]}
MESSAGES = st.sampled_from(
    [
        START,
        {**START, "trailers": True},
        {"type": "http.response.body", "body": b"a", "more_body": True},
        {"type": "http.response.body", "body": b"", "more_body": True},
        {"type": "http.response.body", "body": b"b"},
        {**TRAILERS, "more_trailers": True},
        TRAILERS,
    ]
)
SEQUENCES = st.one_of(
    st.lists(MESSAGES, max_size=5),
    st.lists(MESSAGES, max_size=5).map(lambda messages: [{**START, "trailers": True}, *messages]),
)


def outcome(names: Names, messages: list[Any], method: str, *, fails: bool, raises: bool) -> Any:
    """What a client makes of an application that sends these messages."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages:
            await send(message)
        if fails:
            raise LookupError

    client = names.TestClient(app, raise_server_exceptions=raises)
    try:
        response = client.request(method, "/")
    except (AssertionError, LookupError) as exc:
        return type(exc)
    extensions = {name: value for name, value in response.extensions.items() if name.startswith("http.response")}
    return response.status_code, response.content, dict(response.headers), extensions


@asks(150)
@given(messages=SEQUENCES, method=st.sampled_from(["GET", "HEAD"]), fails=st.booleans(), raises=st.booleans())
def test_both_clients_accept_the_same_messages(messages: list[Any], method: str, fails: bool, raises: bool) -> None:
    theirs, ours = [outcome(names, messages, method, fails=fails, raises=raises) for names in (STARLETTE, SIGNETTE)]
    assert ours == theirs
