"""What each endpoint of the tour does, in both applications, as the documentation that it comes from says."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examples.tour import plain, typed
from examples.tour.backstage import FILES
from signette.testclient import TestClient
from tests.asgi import body_of, exchange, scope_of

APPS = [plain.app, typed.app]


def test_what_a_request_brings(client: TestClient) -> None:
    response = client.get("/info?a=1&a=2", headers={"X-Mine": "yes"})
    found = response.json()
    assert found["method"] == "GET"
    assert found["url"] == "http://testserver/info?a=1&a=2"
    assert found["path"] == "/info"
    assert found["query"] == "a=1&a=2"
    assert found["headers"]["x-mine"] == "yes"
    assert found["client"] == "testclient"


def test_a_search(client: TestClient) -> None:
    assert client.get("/search").json() == {"query": "", "page": 1, "per_page": 10, "tags": []}
    found = client.get("/search?q=asgi&page=2&per_page=50&tag=python&tag=web").json()
    assert found == {"query": "asgi", "page": 2, "per_page": 50, "tags": ["python", "web"]}


def test_values_of_the_path(client: TestClient) -> None:
    assert client.get("/users/7").json() == {"user_id": 7, "post_id": None}
    assert client.get("/users/7/posts/9").json() == {"user_id": 7, "post_id": 9}


def test_headers(client: TestClient) -> None:
    sent = [("ACCEPT", "text/html"), ("accept", "*/*"), ("authorization", "Basic x"), ("x-api-key", "k")]
    assert client.get("/headers", headers=[*sent, ("content-type", "a/b"), ("user-agent", "me")]).json() == {
        "content_type": "a/b",
        "user_agent": "me",
        "has_auth": True,
        "api_key": True,
        "accept": ["text/html", "*/*"],
    }


def test_cookies(client: TestClient) -> None:
    assert client.get("/cookies").json() == {"session_id": False, "preferences": "{}", "all_cookies": []}
    found = client.get("/cookies", headers={"cookie": "session_id=s; preferences=dark"}).json()
    assert found == {"session_id": True, "preferences": "dark", "all_cookies": ["session_id", "preferences"]}


@pytest.mark.parametrize(
    ("sent", "kind"), [({"a": 1}, "dict"), ([1], "list"), ("a", "str"), (1, "int"), (1.5, "float"), (None, "NoneType")]
)
def test_json(client: TestClient, sent: Any, kind: str) -> None:
    response = client.post("/json", content=json.dumps(sent), headers={"content-type": "application/json"})
    assert response.json() == {"received": sent, "type": kind}


def test_a_form_urlencoded_and_multipart(client: TestClient) -> None:
    fields = {"name": "Ada", "email": "ada@example.org", "interest": ["sums", "engines"]}
    result = {"name": "Ada", "email": "ada@example.org", "interests": ["sums", "engines"]}
    assert client.post("/form", data=fields).json() == result
    response = client.post("/form", data=fields, files={"avatar": ("ada.png", b"12345", "image/png")})
    assert response.json() == result | {"avatar": {"filename": "ada.png", "content_type": "image/png", "size": 5}}


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 64 * 1024 + 1, 3 * 1024 * 1024])
def test_a_body_whole_and_in_chunks(client: TestClient, size: int) -> None:
    assert client.post("/raw", content=b"a" * size).json() == {"body_size": size, "content_type": None}

    def chunks() -> Iterator[bytes]:
        for start in range(0, size, 64 * 1024):
            yield b"a" * min(64 * 1024, size - start)

    assert client.post("/raw/stream", content=chunks()).json() == {
        "chunks": -(-size // (64 * 1024)),
        "total_size": size,
    }


def test_too_large_a_stream_is_rejected_while_it_arrives(client: TestClient) -> None:
    taken = []

    def chunks() -> Iterator[bytes]:
        for number in range(1000):
            taken.append(number)
            yield b"a" * 1024 * 1024

    assert client.post("/raw/stream", content=chunks()).status_code == 413
    assert len(taken) < 30


def test_json_responses(client: TestClient) -> None:
    assert client.get("/api").json() == {"message": "success"}
    assert client.get("/api/status").status_code == 404
    response = client.get("/api/headers")
    assert (response.json(), response.headers["x-custom-header"]) == ({"data": "value"}, "value")


def test_texts(client: TestClient) -> None:
    response = client.get("/text")
    assert (response.text, response.headers["content-type"]) == ("Hello, plain text!", "text/plain; charset=utf-8")
    response = client.get("/html")
    assert "<h1>Hello, HTML!</h1>" in response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"


def test_redirects(client: TestClient) -> None:
    places = {
        "/redirect": (307, "/new-location"),
        "/redirect/permanent": (301, "/new-location"),
        "/redirect/users/5": (307, "http://testserver/users/5"),
    }
    for path, expected in places.items():
        response = client.get(path)
        assert (response.status_code, response.headers["location"]) == expected
    assert client.get("/redirect", follow_redirects=True).text == "Here it is."
    assert client.get("/redirect/users/5", follow_redirects=True).json() == {"user_id": 5, "post_id": None}


def test_downloads(client: TestClient) -> None:
    places = {
        "/download": ("documents/report.pdf", "application/pdf", 'attachment; filename="monthly_report.pdf"'),
        "/download/export": ("data/export.csv", "text/csv; charset=utf-8", 'attachment; filename="data_export.csv"'),
        "/download/chart": ("images/chart.png", "image/png", None),
    }
    for path, (file, media_type, disposition) in places.items():
        response = client.get(path)
        assert response.content == FILES[file]
        assert response.headers["content-type"] == media_type
        assert response.headers.get("content-disposition") == disposition
        assert response.headers["last-modified"] == "Tue, 14 Nov 2023 22:13:20 GMT"
        assert client.get(path, headers={"if-none-match": response.headers["etag"]}).status_code == 304
        part = client.get(path, headers={"range": "bytes=2-4"})
        assert (part.status_code, part.content) == (206, FILES[file][2:5])
    assert client.get("/download/export").headers["x-custom-header"] == "value"


def test_streams(client: TestClient) -> None:
    response = client.get("/stream?pause=0")
    assert response.text == "".join(f"data chunk {number}\n" for number in range(100))
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    response = client.get("/stream/csv?pause=0")
    lines = response.text.splitlines()
    assert (len(lines), lines[0], lines[-1]) == (1001, "id,name,email", "999,User 999,user999@example.com")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"] == "attachment; filename=users.csv"


def test_events(client: TestClient) -> None:
    response = client.get("/events?pause=0&count=3")
    assert response.text == "data: Event 0\n\ndata: Event 1\n\ndata: Event 2\n\n"
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("app", APPS)
async def test_a_disconnect_ends_the_events(app: Any) -> None:
    endless = scope_of("/events", version="2.3", query_string=b"pause=0&count=1000")
    response = await exchange(app, endless, *body_of(), leave_at=2)
    assert response.error is None
    assert 3 <= len(response.messages) < 100


def test_cookies_are_set_and_deleted(client: TestClient) -> None:
    response = client.get("/cookies/set")
    assert response.json() == {"message": "Cookie set"}
    assert response.headers.get_list("set-cookie") == [
        "simple=value; Path=/; SameSite=lax",
        "preferences=dark_theme; HttpOnly; Max-Age=2592000; Path=/; SameSite=strict; Secure",
    ]
    response = client.get("/cookies/delete")
    assert response.json() == {"message": "Cookie deleted"}
    [deleted] = response.headers.get_list("set-cookie")
    assert deleted.startswith('preferences=""; ')
    assert "Max-Age=0; Path=/" in deleted


def test_a_sign_up_gets_a_response_and_then_a_greeting(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "examples.tour.backstage"):
        responses = [client.post("/signup", json={"email": f"{name}@example.org"}).json() for name in ("ada", "grace")]
    assert responses == [{"user_id": number, "message": "User created"} for number in (1, 2)]
    assert [record.getMessage() for record in caplog.records] == [
        f"Sending email to '{name}@example.org': Welcome! (22 characters)" for name in ("ada", "grace")
    ]


def test_a_rejected_sign_up_is_not_greeted(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "examples.tour.backstage"):
        for sent in ({}, [], None, {"email": None}, {"email": ["a"]}):
            assert client.post("/signup", json=sent).is_client_error
    assert caplog.records == []


def test_an_address_writes_no_extra_log_lines(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "examples.tour.backstage"):
        assert client.post("/signup", json={"email": "a@b\nERROR all is lost"}).status_code == 200
    [record] = caplog.records
    assert "\n" not in record.getMessage()


# -- uploads -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where the applications make their folders."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def files_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("app", APPS)
def test_uploads_are_stored_and_go_with_the_application(app: Any, made: Path) -> None:
    contents = {"document": b"", "picture": b"a" * 2 * 1024 * 1024}
    with TestClient(app) as client:
        [folder] = made.iterdir()
        response = client.post("/upload", files={name: (f"{name}.txt", found) for name, found in contents.items()})
        uploads = response.json()["uploaded_files"]
        assert [upload["field"] for upload in uploads] == ["document", "picture"]
        for upload in uploads:
            assert upload["filename"] == upload["field"] + ".txt"
            assert upload["content_type"] == "text/plain"
            assert upload["size"] == len(contents[upload["field"]])
            assert (folder / upload["path"]).read_bytes() == contents[upload["field"]]
    assert list(made.iterdir()) == []


@pytest.mark.parametrize("app", APPS)
def test_no_file_name_leads_out_of_the_folder(app: Any, made: Path) -> None:
    @given(st.lists(NAMES, min_size=1, max_size=4))
    def check(names: list[str]) -> None:
        parts = [
            f'--x\r\nContent-Disposition: form-data; name="document"; filename="{name}"\r\n\r\nevil\r\n'
            for name in names
        ]
        body = "".join(parts).encode("utf-8", "surrogatepass") + b"--x--\r\n"
        response = client.post("/upload", content=body, headers={"content-type": "multipart/form-data; boundary=x"})
        assert response.status_code in {200, 400}
        stored = files_below(folder)
        for path, content in FILES.items():
            assert stored.pop(path) == content
        assert all(path.startswith("uploads/") and path.count("/") == 1 for path in stored)
        assert all(len(Path(path).name) == 32 for path in stored)
        assert [path for path in made.iterdir() if path.name not in {folder.name, "outside"}] == []

    (made / "outside").mkdir()
    with TestClient(app) as client:
        [folder] = [path for path in made.iterdir() if path.name != "outside"]
        check()
    assert files_below(made) == {}


NAMES = st.one_of(
    st.sampled_from(
        [
            "../../outside/x", "/etc/passwd", "..\\..\\x", "C:\\x", "..", ".", "a/../../b", "%2e%2e%2fx", "~/x",
            "x" * 300, "CON", "a\0b", "\u202egpj.exe", "\ud800", "images/chart.png", "./../data/export.csv",
        ]
    ),
    st.text(st.characters(exclude_characters='"\\\r\n'), min_size=1, max_size=30),
)  # fmt: skip
