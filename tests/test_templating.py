import os
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import jinja2
import pytest

from signette import templating
from signette.applications import Application
from signette.background import BackgroundTask
from signette.requests import Request
from signette.responses import HTMLResponse, Response
from signette.routing import Mount, Route
from signette.staticfiles import StaticFiles
from signette.templating import Jinja2Templates, escapes
from signette.testclient import AsyncTestClient, TestClient
from tests.asgi import Exchange, call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "templates"
    (folder / "parts").mkdir(parents=True)
    (folder / "page.html").write_text("<p>{{ name }}</p>")
    (folder / "page.txt").write_text("{{ name }}")
    (folder / "links.html").write_text("{{ url_for('item', id=3) }} {{ url_for('static', path='/a b.css') }}")
    (folder / "child.html").write_text(
        "{% extends 'base.html' %}{% block b %}{% include 'parts/p.html' %}{% endblock %}"
    )
    (folder / "base.html").write_text("[{% block b %}{% endblock %}]")
    (folder / "parts" / "p.html").write_text("part")
    (folder / "image.png").write_bytes(b"\x89PNG\xff")
    (folder / "link").symlink_to("nowhere")
    return folder


def request(**scope: Any) -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [], **scope})


async def made(*args: Any, **options: Any) -> Jinja2Templates:
    """Templates as they are made before a loop runs; only then are files read."""
    return await anyio.to_thread.run_sync(partial(Jinja2Templates, *args, **options))


async def ask(templates: Jinja2Templates, *args: Any, path: str = "/", **options: Any) -> Exchange:
    """The response of an endpoint on the event loop, which must not read files."""

    async def endpoint(request: Request) -> Response:
        return templates.TemplateResponse(request, *args, **options)

    return await call(Application(routes=[Route(path, endpoint)]), path)


# -- responses ---------------------------------------------------------------------------------------------------------


async def test_a_template_is_rendered_with_its_context(folder: Path) -> None:
    response = await ask(await made(folder), "page.html", {"name": "Ada"}, status_code=201, headers={"x-a": "b"})
    assert (response.status, response.text) == (201, "<p>Ada</p>")
    assert response.headers == {"x-a": "b", "content-length": "10", "content-type": "text/html; charset=utf-8"}


async def test_templates_extend_and_include_each_other(folder: Path) -> None:
    assert (await ask(await made(folder), "child.html")).text == "[part]"


async def test_media_type_and_background_are_the_callers(folder: Path) -> None:
    ran: list[str] = []
    options: Any = {"media_type": "text/plain", "background": BackgroundTask(ran.append, "after")}
    response = await ask(await made(folder), "page.txt", {"name": "a"}, **options)
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert ran == ["after"]


async def test_urls_of_routes_are_there_in_each_template(folder: Path) -> None:
    templates = await made(folder)

    async def item(request: Request) -> Response:
        return templates.TemplateResponse(request, "links.html")

    static = Mount("/static", StaticFiles(), name="static")
    app = Application(routes=[Route("/items/{id:int}", item, name="item"), static])
    response = await call(app, "/items/1", headers=[(b"host", b"example.org")])
    assert response.text == "http://example.org/items/3 http://example.org/static/a%20b.css"


def test_the_response_has_template_and_context(folder: Path) -> None:
    asked = request()
    context = {"name": "Ada"}
    response = Jinja2Templates(folder).TemplateResponse(asked, "page.html", context)
    assert isinstance(response, HTMLResponse)
    assert response.template.name == "page.html"
    assert response.context == {"request": asked, "name": "Ada"}
    assert context == {"name": "Ada"}, "what the caller may use again for the next request is left as it was"


async def test_context_processors_give_values_that_the_call_may_replace(folder: Path) -> None:
    (folder / "both.html").write_text("{{ name }} {{ where }}")
    seen: list[str] = []

    def where(request: Request) -> dict[str, Any]:
        seen.append(request.url.path)
        return {"where": request.url.path, "name": "processor"}

    templates = await made(folder, context_processors=[where, lambda request: {"where": "later"}])
    assert (await ask(templates, "both.html", path="/x")).text == "processor later"
    assert (await ask(templates, "both.html", {"name": "call"}, path="/x")).text == "call later"
    assert seen == ["/x", "/x"]


def test_no_context_processor_can_override_the_request(folder: Path) -> None:
    templates = Jinja2Templates(folder, context_processors=[lambda request: {"request": None}])
    asked = request()
    assert templates.TemplateResponse(asked, "page.html").context["request"] is asked


def test_the_old_order_of_arguments_raises_with_a_hint(folder: Path) -> None:
    templates: Any = Jinja2Templates(folder)
    with pytest.raises(TypeError, match="The request must be the first argument"):
        templates.TemplateResponse("page.html", {"request": request()})


# -- what a test client sees -------------------------------------------------------------------------------------------


def test_a_test_client_sees_template_and_context(folder: Path) -> None:
    templates = Jinja2Templates(folder)

    async def endpoint(request: Request) -> Response:
        return templates.TemplateResponse(request, "page.html", {"name": "Ada"})

    response: Any = TestClient(Application(routes=[Route("/", endpoint)])).get("/")
    assert response.template.name == "page.html"
    assert response.context["name"] == "Ada"
    assert response.extensions["http.response.debug"]["context"] is response.context


async def test_an_async_one_does_too(folder: Path) -> None:
    templates = await made(folder)

    async def endpoint(request: Request) -> Response:
        return templates.TemplateResponse(request, "page.html", {"name": "Ada"})

    async with AsyncTestClient(Application(routes=[Route("/", endpoint)])) as client:
        response: Any = await client.get("/")
    assert response.template.name == "page.html"


@pytest.mark.parametrize("extensions", [None, {}, {"http.response.push": {}}])
async def test_without_the_extension_no_debug_message_is_sent(folder: Path, extensions: Any) -> None:
    response = (await made(folder)).TemplateResponse(request(), "page.html")
    result = await call(response, extensions=extensions)
    assert [message["type"] for message in result.messages] == ["http.response.start", "http.response.body"]


async def test_a_rejected_websocket_has_no_debug_message(folder: Path) -> None:
    response = (await made(folder)).TemplateResponse(request(), "page.html", status_code=403)
    result = await call(response, kind="websocket", extensions={"http.response.debug": {}})
    assert [message["type"] for message in result.messages] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]


# -- where templates come from -----------------------------------------------------------------------------------------


async def test_the_first_directory_with_the_template_is_used(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("first")
    templates = await made([tmp_path, str(folder)])
    assert (await ask(templates, "page.html")).text == "first"
    assert (await ask(templates, "parts/p.html")).text == "part"
    assert (await ask(templates, "templates/parts/p.html")).text == "part"


def test_a_directory_may_be_relative(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    assert Jinja2Templates("templates").get_template("parts/p.html").render() == "part"


def test_a_template_that_is_not_there(folder: Path) -> None:
    with pytest.raises(jinja2.TemplateNotFound):
        Jinja2Templates(folder).get_template("nope.html")
    with pytest.raises(jinja2.TemplateNotFound):
        Jinja2Templates(folder / "nowhere").get_template("page.html")


@pytest.mark.parametrize("name", ["../secret.html", "parts/../../secret.html", "/secret.html", "//secret.html"])
def test_no_name_leads_outside_of_the_directory(folder: Path, name: str) -> None:
    (folder.parent / "secret.html").write_text("secret")
    with pytest.raises(jinja2.TemplateNotFound):
        Jinja2Templates(folder).get_template(name)


def test_a_custom_environment_is_used_unchanged() -> None:
    env = jinja2.Environment(loader=jinja2.DictLoader({"a.html": "{{ x }} {{ url_for('a') }}"}), autoescape=False)
    env.globals["url_for"] = lambda name: f"own {name}"
    templates = Jinja2Templates(env=env)
    assert templates.env is env
    assert templates.TemplateResponse(request(), "a.html", {"x": "<"}).body == b"< own a"


def test_filters_can_be_added(folder: Path) -> None:
    (folder / "loud.html").write_text("{{ 'a'|loud }}")
    templates = Jinja2Templates(folder)
    templates.env.filters["loud"] = str.upper
    assert templates.get_template("loud.html").render() == "A"


@pytest.mark.parametrize("arguments", [{}, {"directory": []}, {"directory": "x", "env": jinja2.Environment()}])
def test_either_a_directory_or_an_environment(arguments: Any) -> None:
    with pytest.raises(AssertionError, match="either 'directory' or 'env' arguments must be passed"):
        Jinja2Templates(**arguments)


def test_without_jinja2_the_error_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templating, "jinja2", None)
    with pytest.raises(ImportError, match=r"jinja2 must be installed to use Jinja2Templates.*signette\[templates\]"):
        Jinja2Templates("templates")


# -- reading ahead -----------------------------------------------------------------------------------------------------


def test_a_file_that_came_later_is_found(folder: Path) -> None:
    templates = Jinja2Templates(folder)
    (folder / "later.html").write_text("later")
    assert templates.get_template("later.html").render() == "later"


def test_a_changed_file_counts_after_a_restart_or_with_auto_reload(folder: Path) -> None:
    read_once, reloading = Jinja2Templates(folder), Jinja2Templates(folder, auto_reload=True)
    page = folder / "parts" / "p.html"
    for templates in (read_once, reloading):
        assert templates.get_template("parts/p.html").render() == "part"
    page.write_text("changed")
    os.utime(page, (1, 1))
    assert read_once.get_template("parts/p.html").render() == "part"
    assert reloading.get_template("parts/p.html").render() == "changed"
    read_once.env.auto_reload = True
    assert read_once.get_template("parts/p.html").render() == "changed"


def test_a_large_template_is_read_on_first_use(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templating, "_MAX_FILE_BYTES", 5)
    assert Jinja2Templates(folder).get_template("page.html").render(name="a") == "<p>a</p>"
    monkeypatch.setattr(templating, "_MAX_TOTAL_BYTES", 10)
    assert Jinja2Templates(folder).get_template("parts/p.html").render() == "part"


def test_an_error_in_a_template_names_its_file(folder: Path) -> None:
    (folder / "broken.html").write_text("\n{{ 1 // 0 }}")
    template = Jinja2Templates(folder).get_template("broken.html")
    assert template.filename == str(folder / "broken.html")
    with pytest.raises(ZeroDivisionError) as caught:
        template.render()
    assert (caught.traceback[-1].path, caught.traceback[-1].lineno) == (folder / "broken.html", 1)


# -- escaping ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "escaped"),
    [
        ("a.html", True),
        ("a.HTM", True),
        ("a.xhtml", True),
        ("a.xml", True),
        ("a.svg", True),
        ("a.html.j2", True),
        ("a.html.jinja", True),
        ("dir.txt/a.html.jinja2", True),
        ("a", True),
        ("dir.txt/a.j2", True),
        (None, True),
        ("a.txt", False),
        ("a.txt.j2", False),
        ("a.md", False),
        ("a.html/b.txt", False),
    ],
)
def test_values_are_escaped_in_markup(name: str | None, escaped: bool) -> None:
    assert escapes(name) is escaped


async def test_a_value_cannot_become_markup(folder: Path) -> None:
    name = {"name": "<script>&\"'"}
    assert (await ask(await made(folder), "page.html", name)).text == "<p>&lt;script&gt;&amp;&#34;&#39;</p>"
    assert (await ask(await made(folder), "page.txt", name)).text == "<script>&\"'"
    assert (await made(folder)).env.from_string("{{ name }}").render(name="<") == "&lt;"
