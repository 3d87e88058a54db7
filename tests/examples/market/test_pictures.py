"""Pictures go up with limits, and come back as files."""

from pathlib import Path

import pytest

from examples.market.pictures import MAX_BYTES, MOST, Album
from examples.market.problems import NoSuchOffer
from examples.market.store import opened
from signette.testclient import TestClient

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
GIF = b"GIF89a" + b"picture"
Headers = dict[str, str]


@pytest.fixture
def pot(client: TestClient, ada: Headers) -> str:
    """The path of an offer of ada's."""
    client.post("/offers", json={"title": "Tea pot", "price": 3}, headers=ada)
    return "/offers/1"


def add(client: TestClient, target: str, by: Headers, content: bytes = PNG, name: str = "../../a.png") -> int:
    return client.post(
        f"{target}/pictures", files={"picture": (name, content, "application/octet-stream")}, headers=by
    ).status_code


def test_a_picture_comes_back_as_it_was(client: TestClient, ada: Headers, pot: str, folder: Path) -> None:
    sent = client.post(f"{pot}/pictures", files={"picture": ("../a.html", PNG, "image/jpeg")}, headers=ada)
    assert sent.status_code == 201
    response = client.get(sent.headers["location"])
    assert (response.content, response.headers["content-type"]) == (PNG, "image/png")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert client.get(pot).json()["pictures"] == [1]
    assert [file.name for file in (folder / "pictures").iterdir()] == ["1.png"]


def test_a_part_of_it_or_nothing_where_the_client_has_it(client: TestClient, ada: Headers, pot: str) -> None:
    add(client, pot, ada, GIF)
    first = client.get(f"{pot}/pictures/1")
    assert first.headers["content-type"] == "image/gif"
    assert client.get(f"{pot}/pictures/1", headers={"range": "bytes=0-2"}).content == b"GIF"
    assert client.get(f"{pot}/pictures/1", headers={"if-none-match": first.headers["etag"]}).status_code == 304


def test_invalid_or_too_large_pictures_are_rejected(client: TestClient, ada: Headers, pot: str, folder: Path) -> None:
    assert add(client, pot, ada, b"<script>") == 415
    assert add(client, pot, ada, b"") == 415
    sent = client.post(f"{pot}/pictures", files={"picture": ("a.png", PNG, "text/html")}, headers=ada)
    assert (sent.status_code, sent.json()["detail"].partition(";")[0]) == (
        415,
        "the file 'picture' has an unsupported media type",
    )
    assert add(client, pot, ada, PNG + b"a" * MAX_BYTES) == 413
    assert list((folder / "pictures").iterdir()) == []


def test_only_the_seller_adds_pictures_and_not_too_many(
    client: TestClient, ada: Headers, bo: Headers, pot: str, folder: Path
) -> None:
    assert add(client, pot, bo) == 403
    assert [add(client, pot, ada) for _ in range(MOST + 1)] == [201] * MOST + [409]
    assert add(client, "/offers/2", ada) == 404
    assert sorted(file.name for file in (folder / "pictures").iterdir()) == [f"{n + 1}.png" for n in range(MOST)]


def test_pictures_go_with_their_offer(client: TestClient, ada: Headers, pot: str, folder: Path) -> None:
    add(client, pot, ada)
    assert client.get("/offers/2/pictures/1").status_code == 404
    client.delete(pot, headers=ada)
    assert client.get(f"{pot}/pictures/1").status_code == 404
    assert list((folder / "pictures").iterdir()) == []


def test_a_picture_of_what_was_withdrawn_meanwhile_is_not_moved(tmp_path: Path) -> None:
    with opened(tmp_path / "market.sqlite3") as store:
        album = Album(tmp_path / "pictures", store)
        file = album.folder / "a"
        file.write_bytes(PNG)
        with pytest.raises(NoSuchOffer):
            album.add(1, file)
    assert list((tmp_path / "pictures").iterdir()) == [file]
