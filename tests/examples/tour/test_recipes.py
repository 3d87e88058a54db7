"""The recipes of the tour that need more than one request, or more than a client sees."""

import base64
import json
import logging
import re
from pathlib import Path
from typing import Any

import anyio
import pytest

from examples.tour import plain, typed
from signette.testclient import AsyncTestClient, TestClient
from tests.asgi import DISCONNECT, body_of, exchange, scope_of

APPS = [plain.app, typed.app]


def test_each_response_names_the_author_of_the_application(client: TestClient) -> None:
    for path, status in {"/api": 200, "/nowhere": 404, "/trouble/nowhere": 404, "/bare/method/": 200}.items():
        response = client.get(path)
        assert (response.status_code, response.headers["x-author"]) == (status, "John")


def test_middleware_records_when_a_request_arrived(client: TestClient) -> None:
    first, second = [client.get("/elapsed").json()["seconds"] for _ in range(2)]
    assert 0 <= first < 60
    assert 0 <= second < 60


def test_parts_of_a_url(client: TestClient) -> None:
    result = client.get("https://example.org:8443/context/url?kw=hello").json()
    assert result == {
        "url": "https://example.org:8443/context/url?kw=hello",
        "scheme": "https",
        "netloc": "example.org:8443",
        "hostname": "example.org",
        "port": 8443,
        "path": "/context/url",
        "query": "kw=hello",
        "is_secure": True,
    }
    assert client.get("/context/url").json() | {"is_secure": False, "port": None} == client.get("/context/url").json()


def test_the_client_and_its_method(client: TestClient) -> None:
    assert client.post("/context/client").json() == {"host": "testclient", "port": 50000, "method": "POST"}


@pytest.mark.parametrize("app", APPS)
async def test_a_client_without_an_address(app: Any) -> None:
    async with AsyncTestClient(app, client=None) as client:
        result = (await client.get("/context/client")).json()
    assert result == {"host": None, "port": None, "method": "GET"}


def test_the_scope(client: TestClient) -> None:
    result = client.get("/context/scope/a%20b?kw=hello", headers={"X-Mine": "1"}).json()
    assert result["path"] == "/context/scope/a b"
    assert result["raw_path"] == "/context/scope/a%20b"
    assert result["query_string"] == "kw=hello"
    assert result["path_params"] == {"rest": "a b"}
    assert result["endpoint"] == "scope_info"
    assert "x-mine" in result["headers"]
    assert result["same_app"] is True


def test_an_upload_from_all_sides(client: TestClient) -> None:
    sent = {"upload_file": ("me.png", b"\x89PNG1234", "image/png")}
    result = client.post("/upload/inspect", files=sent).json()
    assert result["headers"]["content-type"] == result["content_type"] == "image/png"
    assert (result["filename"], result["size"], result["start"], result["is_text"]) == ("me.png", 8, "89504e47", False)


@pytest.mark.parametrize("size", [0, 10, 2 * 1024 * 1024])
def test_an_upload_comes_back_signed(client: TestClient, size: int) -> None:
    response = client.post("/upload/sign", files={"upload_file": ("a.txt", b"a" * size, "text/plain")})
    assert response.content == b"a" * size + b"\n-- seen"


def test_few_uploads(client: TestClient) -> None:
    def sent(files: int, fields: int) -> Any:
        uploads = [(f"file{number}", ("a", b"x")) for number in range(files)]
        return client.post("/upload/few", files=uploads, data={f"text{number}": "x" for number in range(fields)})

    assert sent(2, 1).json() == ["file0", "file1", "text0"]
    for response in (sent(3, 0), sent(1, 2)):
        assert response.status_code == 400
        assert "2" in response.text or "1" in response.text  # the limit is named


def test_a_page_is_escaped_and_links_by_name(client: TestClient) -> None:
    response = client.get("/home?name=<script>")
    assert "Hello, &lt;script&gt;" in response.text
    assert 'href="http://testserver/users/3"' in response.text
    assert response.headers["x-extra-key"] == "value"
    assert response.template.name == "home.html"  # type: ignore[attr-defined]  # set by the test client
    assert response.context["title"] == "The tour"  # type: ignore[attr-defined]  # set by the test client


def test_a_response_of_ones_own(client: TestClient) -> None:
    response = client.post("/custom")
    assert (response.status_code, response.json(), response.headers["x-extra-key"]) == (201, {"name": "Bo"}, "value")


def test_a_post_is_handled_elsewhere(client: TestClient) -> None:
    response = client.post("/redirect/other", follow_redirects=True)
    assert (response.request.method, response.text) == ("GET", "Here it is.")


def test_a_cookie_is_kept_until_it_is_deleted(client: TestClient) -> None:
    seen = [client.get("/cookies/mine").json()]
    for method in ("PUT", "DELETE"):
        assert client.request(method, "/cookies/mine").status_code == 204
        seen.append(client.get("/cookies/mine").json())
    assert seen == [None, "value", None]


def test_a_session_counts(client: TestClient) -> None:
    assert [client.post("/session/visits").json() for _ in range(3)] == [1, 2, 3]
    content = client.cookies["session"].partition(".")[0]
    assert json.loads(base64.b64decode(content)) == {"visits": 3}
    client.cookies.clear()
    assert client.post("/session/visits").json() == 1


def test_a_forged_session_is_empty(client: TestClient) -> None:
    forged = base64.b64encode(json.dumps({"login_user": "root"}).encode()).decode() + ".aaaaaa.bbbbbb"
    response = client.get("/account", headers={"cookie": f"session={forged}"})
    assert (response.status_code, response.headers["location"]) == (303, "/signin")


def test_a_signed_in_client_has_an_account(client: TestClient) -> None:
    assert client.get("/account").headers["location"] == "/signin"
    assert 'name="user"' in client.get("/account", follow_redirects=True).text
    response = client.post("/signin", data={"user": "Bo"}, follow_redirects=True)
    assert (str(response.url), response.text) == ("http://testserver/account", "hello, Bo")
    client.post("/signout")
    assert client.get("/account").status_code == 303


def test_after_leaving_there_is_no_account(client: TestClient) -> None:
    assert client.delete("/account").status_code == 303
    client.post("/signin", data={"user": "Bo"})
    assert client.delete("/account").status_code == 204
    assert client.get("/account").status_code == 303


def test_visits_are_counted_in_the_database_of_the_application(client: TestClient) -> None:
    assert [client.post("/visits").json() for _ in range(3)] == [1, 2, 3]


def test_a_state_wraps_a_dictionary(client: TestClient) -> None:
    assert client.get("/wrapped").json() == {"name": "Bo"}
    assert client.get("/wrapped?name=Ada").json() == {"name": "Ada"}


def test_pages_for_errors(client: TestClient) -> None:
    pages = {"/forbidden": (403, "My 403 page"), "/nowhere": (404, "My 404 page"), "/unavailable": (503, "Failed, ")}
    for path, (status, words) in pages.items():
        response = client.get("/trouble" + path)
        assert response.status_code == status
        assert words in response.text
        assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert client.get("/trouble/unavailable").headers["retry-after"] == "60"


@pytest.mark.parametrize("app", APPS)
def test_a_page_for_unexpected_errors(app: Any) -> None:
    with TestClient(app, raise_server_exceptions=False) as client:
        response = client.get("/trouble/broken")
    assert (response.status_code, response.text) == (500, "<h1>My 500 page</h1>")
    with TestClient(app) as client, pytest.raises(RuntimeError, match="unexpected"):
        client.get("/trouble/broken")


def test_a_file_for_once_is_gone_when_it_was_sent(client: TestClient, app_folder: Path) -> None:
    response = client.post("/once", content=b"content")
    assert (response.content, response.headers["content-disposition"]) == (
        b"content",
        'attachment; filename="once.txt"',
    )
    assert list(app_folder.glob("uploads/*")) == []


@pytest.fixture
def app_folder(client: TestClient) -> Path:
    """The folder of the application that the client speaks to."""
    folder: Path = client.app_state["backstage"].folder
    assert folder.is_dir()
    return folder


def test_an_invitation_is_followed_by_two_tasks_in_order(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "examples.tour.backstage"):
        assert client.post("/invite?email=ada@example.org").status_code == 202
    assert [re.sub(r" \(.*", "", record.getMessage()) for record in caplog.records] == [
        "A new member: 'ada'",
        "Sending email to 'ada@example.org': Come in",
    ]


def test_news_of_before(client: TestClient) -> None:
    for text in ("one", "two"):
        client.post("/news", content=text)
    assert client.get("/news").json() == ["one", "two"]
    assert client.get("/news?after=1").json() == ["two"]
    assert client.get("/news?after=2&tries=0").json() == []


@pytest.mark.parametrize("app", APPS)
async def test_a_waiting_client_gets_the_news(app: Any) -> None:
    responses = []

    async def wait() -> None:
        responses.append((await client.get("/news?pause=0.01&tries=1000")).json())

    async with AsyncTestClient(app) as client, anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        await client.post("/news", content="at last")
    assert responses == [["at last"]]


@pytest.mark.parametrize("app", APPS)
async def test_a_disconnected_client_waits_no_longer(app: Any) -> None:
    async with AsyncTestClient(app) as client:
        scope = scope_of("/news", version="2.3", query_string=b"pause=1&tries=1000", state=dict(client.app_state))
        await exchange(app, scope, *body_of(), DISCONNECT)


def test_bare_applications(client: TestClient) -> None:
    assert client.put("/bare/method/a/b").text == "PUT /bare/method/a/b"
    assert client.post("/bare/echo/", content=iter([b"a", b"b", b"c"])).text == "abc"
