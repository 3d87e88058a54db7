"""Bookmarks are those of a visitor, and are kept on the server."""

from signette.testclient import TestClient

Headers = dict[str, str]


def test_bookmarks_are_those_of_a_visitor(client: TestClient, ada: Headers) -> None:
    for title in ("Tea pot", "Cup"):
        client.post("/offers", json={"title": title, "price": 3}, headers=ada)
    assert client.get("/bookmarks").json() == []
    assert [client.put(f"/bookmarks/{offer}").status_code for offer in (1, 2, 1)] == [204, 204, 204]
    assert client.get("/bookmarks").json() == [1, 2]
    client.cookies.clear()
    assert client.get("/bookmarks").json() == []


def test_what_is_not_offered_has_no_bookmark(client: TestClient) -> None:
    response = client.put("/bookmarks/7")
    assert (response.status_code, response.json()["detail"]) == (404, "There is no offer 7")
    assert "set-cookie" not in response.headers
