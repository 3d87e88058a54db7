"""Applications for both sides: each function takes the names of a toolkit and gives the same application of it."""

import os
from pathlib import Path
from typing import Any

from tests.differential.names import Names


def recorder(names: Names, label: str) -> Any:
    """An endpoint that responds with how it was reached."""

    async def endpoint(request: Any) -> Any:
        values = {name: [type(value).__name__, str(value)] for name, value in request.path_params.items()}
        return names.JSONResponse(
            {"at": label, "method": request.method, "values": values, "root": request.scope.get("root_path", "")}
        )

    return endpoint


def routing(names: Names) -> Any:
    Route, Mount, Host = names.Route, names.Mount, names.Host
    at = lambda label: recorder(names, label)  # noqa: E731 - a word for a table

    async def urls(request: Any) -> Any:
        name = request.query_params.get("name", "int")
        params = {key: value for key, value in request.query_params.items() if key != "name"}
        if "number" in params:
            params["number"] = int(params["number"])
        try:
            return names.PlainTextResponse(str(request.url_for(name, **params)))
        except names.NoMatchFound as exc:
            return names.PlainTextResponse(f"none: {exc}", status_code=404)
        except AssertionError as exc:  # of a convertor
            return names.PlainTextResponse(f"unfit: {exc}", status_code=404)

    inner = [
        Route("/", at("inner-root"), name="root"),
        Route("/leaf", at("leaf"), name="leaf"),
        Route("/{name}/edit", at("edit"), methods=["GET", "POST"], name="edit"),
        Mount("/deep/{depth:int}", routes=[Route("/{leaf}", at("deep-leaf"), name="leaf")], name="deep"),
    ]
    host = names.Router(routes=[Route("/", at("host-root"), name="root"), Route("/who", at("host-who"))])
    return names.Application(
        routes=[
            Host("{sub}.hosts.example", host, name="hosts"),
            Route("/", at("root"), name="root"),
            Route("/urls", urls),
            Route("/plain", at("plain")),
            Route("/slash/", at("slash")),
            Route("/both", at("both")),
            Route("/both/", at("both-slash")),
            Route("/int/{number:int}", at("int"), name="int"),
            Route("/float/{number:float}", at("float"), name="float"),
            Route("/uuid/{id:uuid}", at("uuid"), name="uuid"),
            Route("/str/{text}", at("str"), name="str"),
            Route("/path/{rest:path}", at("path"), name="path"),
            Route("/tail/{rest:path}.txt", at("tail")),
            Route("/pair/{a}-{b}", at("pair")),
            Route("/methods", at("get-post"), methods=["GET", "POST"]),
            Route("/methods", at("patch"), methods=["PATCH"]),
            Route("/write", at("put"), methods=["PUT", "DELETE"]),
            Mount("/mount", routes=inner, name="mount"),
            Mount("/mount", routes=[Route("/second", at("second"))]),
            Mount("/users/{user}", routes=inner, name="users"),
            Mount("/app", app=names.Application(routes=[Route("/leaf", at("app-leaf"), name="leaf")]), name="app"),
            names.WebSocketRoute("/socket", echo_socket),
        ]
    )


async def echo_socket(websocket: Any) -> None:
    await websocket.accept()
    await websocket.close()


def requests(names: Names) -> Any:
    async def facts(request: Any) -> Any:
        url = request.url
        return names.JSONResponse(
            {
                "method": request.method,
                "url": str(url),
                "parts": [url.scheme, url.netloc, url.path, url.query, url.fragment, url.hostname, str(url.port)],
                "base_url": str(request.base_url),
                "headers": sorted(request.headers.items()),
                "keys": sorted(request.headers.keys()),
                "agents": request.headers.getlist("x-a"),
                "query": request.query_params.multi_items(),
                "last": dict(request.query_params),
                "query_text": str(request.query_params),
                "cookies": request.cookies,
                "client": list(request.client),
                "url_again": str(request.url.include_query_params(a="b c")),
                "mapping": [request["method"], "path" in request, len(request) > 5],
            }
        )

    async def body(request: Any) -> Any:
        first = await request.body()
        again = b"".join([chunk async for chunk in request.stream()])
        return names.Response(first + b"|" + again, media_type="application/octet-stream")

    async def stream(request: Any) -> Any:
        chunks = [chunk async for chunk in request.stream()]
        try:
            await request.body()
        except RuntimeError as exc:
            chunks.append(str(exc).encode())
        return names.Response(b"/".join(chunks))

    async def json(request: Any) -> Any:
        return names.JSONResponse({"json": await request.json(), "again": await request.json()})

    async def form(request: Any) -> Any:
        async with request.form(max_fields=20, max_files=5, max_part_size=200) as found:
            results = [[name, await tell(value)] for name, value in found.multi_items()]
            return names.JSONResponse({"form": results, "keys": list(found.keys()), "length": len(found)})

    async def tell(value: Any) -> Any:
        if isinstance(value, str):
            return value
        content = await value.read()
        await value.seek(0)
        again = await value.read(3)
        fields = sorted(value.headers.items())
        return [value.filename, value.content_type, value.size, content.decode("latin-1"), len(again), fields]

    methods = ["GET", "POST", "PUT"]
    return names.Application(
        routes=[
            names.Route("/body", body, methods=methods),
            names.Route("/stream", stream, methods=methods),
            names.Route("/json", json, methods=methods),
            names.Route("/form", form, methods=methods),
            names.Route("/{rest:path}", facts, methods=methods),
        ]
    )


def responses(names: Names) -> Any:
    """One route, which makes the kind of response that the query string asks for."""

    async def chunks(request: Any) -> Any:
        for chunk in request.query_params.getlist("piece"):
            yield chunk

    async def reply(request: Any) -> Any:
        query = request.query_params
        kind, text = query.get("kind", "plain"), query.get("text", "")
        status = int(query.get("status", "200"))
        headers = {"x-text": "one", "vary": "accept"} if "headers" in query else None
        media_type = query.get("media_type")
        kinds = {
            "plain": lambda: names.PlainTextResponse(text, status, headers, media_type),
            "html": lambda: names.HTMLResponse(text, status, headers, media_type),
            "bytes": lambda: names.Response(text.encode("utf-8", "replace"), status, headers, media_type),
            "none": lambda: names.Response(None, status, headers, media_type),
            "json": lambda: names.JSONResponse(
                {"text": text, "list": [1, 2.5, None, True, "é\u2028"]}, status, headers
            ),
            "redirect": lambda: names.RedirectResponse(text, headers=headers),
            "stream": lambda: names.StreamingResponse(chunks(request), status, headers, media_type),
            "sync": lambda: names.StreamingResponse(iter(query.getlist("piece")), status, headers, media_type),
        }
        response = kinds[kind]()
        if "cookie" in query:
            response.set_cookie(
                query["cookie"],
                text if "cookie_text" in query else "value",
                max_age=int(query["max_age"]) if "max_age" in query else None,
                path=query.get("path", "/"),
                domain=query.get("domain"),
                secure="secure" in query,
                httponly="httponly" in query,
                samesite=query.get("samesite", "lax"),
            )
        if "delete" in query:
            response.delete_cookie(query["delete"], path=query.get("path", "/"))
        if "add" in query:
            response.headers["x-added"] = "1"
            response.headers.append("x-text", "two")
            response.headers.add_vary_header("accept-language")
            response.headers.setdefault("content-type", "text/never")
        return response

    return names.Application(routes=[names.Route("/", reply, methods=["GET", "POST"])])


# 2024-01-02T03:04:05Z: the files' time, so that entity tags and dates are those of every day.
FILES_TIME = 1704164645
FILES_DATE = "Tue, 02 Jan 2024 03:04:05 GMT"


def write_files(folder: Path) -> Path:
    """What the file applications serve."""
    (folder / "docs" / "sub").mkdir(parents=True)
    (folder / "docs" / "sub" / "index.html").write_text("<h1>sub</h1>")
    (folder / "docs" / "bare").mkdir()
    (folder / "docs" / "bare" / "note.md").write_text("note")
    (folder / "docs" / "a b.txt").write_text("spaced")
    (folder / "docs" / "ten.bin").write_bytes(b"0123456789")
    (folder / "docs" / "page.html").write_text("<p>page</p>")
    (folder / "docs" / "empty.txt").write_text("")
    (folder / "docs" / ".env").write_text("hidden")
    (folder / "docs" / "404.html").write_text("<p>not here</p>")
    (folder / "secret.txt").write_text("secret")
    for path in folder.rglob("*"):
        os.utime(path, (FILES_TIME, FILES_TIME))
    return folder


def files(names: Names, folder: Path) -> Any:
    docs = folder / "docs"

    async def file(request: Any) -> Any:
        return names.FileResponse(
            docs / request.path_params["name"],
            filename=request.query_params.get("filename"),
            content_disposition_type=request.query_params.get("as", "attachment"),
        )

    return names.Application(
        routes=[
            names.Route("/file/{name}", file, methods=["GET", "POST"]),
            names.Mount("/plain", names.StaticFiles(directory=docs), name="plain"),
            names.Mount("/site", names.StaticFiles(directory=docs, html=True), name="site"),
        ]
    )
