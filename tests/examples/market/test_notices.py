"""Users who watch the market get its events."""

import pytest

from signette.testclient import TestClient, WebSocketDenialResponse

Headers = dict[str, str]


def watching(headers: Headers) -> str:
    return f"/notices?token={headers['Authorization'].removeprefix('Bearer ')}"


def test_all_watchers_are_notified(client: TestClient, ada: Headers, bo: Headers) -> None:
    with client.websocket_connect(watching(ada)) as first, client.websocket_connect(watching(bo)) as second:
        assert [first.receive_json(), second.receive_json()] == [{"watching": "ada"}, {"watching": "bo"}]
        client.post("/offers", json={"title": "Tea pot", "price": 3}, headers=ada)
        client.post("/offers/1/buy", headers=bo)
        for socket in (first, second):
            assert [socket.receive_json() for _ in range(2)] == [
                {"kind": "offered", "offer": 1, "title": "Tea pot"},
                {"kind": "sold", "offer": 1, "title": "Tea pot"},
            ]


def test_a_watcher_looks_at_offers(client: TestClient, ada: Headers) -> None:
    client.post("/offers", json={"title": "Tea pot", "price": 3}, headers=ada)
    with client.websocket_connect(watching(ada)) as socket:
        assert socket.receive_json() == {"watching": "ada"}
        socket.send_json({"look": 1})
        assert socket.receive_json() == client.get("/offers/1").json()
        socket.send_json({"look": 2})
        assert socket.receive_json() == {"gone": 2}
        socket.send_json({"look": "x"})
        problem = socket.receive_json()
        assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "/look")


def test_a_disconnected_client_gets_no_response(client: TestClient, ada: Headers) -> None:
    with client.websocket_connect(watching(ada)) as socket:
        socket.receive_json()
    assert client.post("/offers", json={"title": "Tea pot", "price": 3}, headers=ada).status_code == 201


@pytest.mark.parametrize(("target", "status"), [("/notices", 422), ("/notices?token=forged", 401)])
def test_watching_requires_a_token(client: TestClient, target: str, status: int) -> None:
    with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect(target):
        pass
    assert denied.value.status_code == status
