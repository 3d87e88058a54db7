"""The documentation page as people have it: loaded, read, filtered, filled in, sent."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import Chromium
from tests.browser.contrast import poor_texts
from tests.browser.shop import MARKUP, app

OPEN = "document.querySelector('.operation[open]')"
# Words for the tests' scripts: the open operation's form, an input by its name, the response.
WORDS = f"""
    var form = () => {OPEN}.querySelector("form");
    var field = (name) => form().querySelector(`[aria-label="${{name}}"]`);
    var fill = (name, value) => {{
        field(name).value = value;
        field(name).dispatchEvent(new Event("input", {{bubbles: true}}));
    }};
    var send = () => form().requestSubmit();
    var state = () => form().querySelector(".response .state")?.textContent ?? "";
    var body = () => form().querySelector(".response pre.body")?.textContent;
    var over = () => state() && !form().querySelector(".response[aria-busy]");
"""


@pytest.fixture
def page(browser: Chromium, server: str) -> Chromium:
    browser.requests.clear()
    browser.complaints.clear()
    browser.open(f"{server}/docs")
    browser.until("document.querySelector('.operation')")
    browser.run(WORDS)
    return browser


def go(page: Chromium, operation: str) -> None:
    """Open an operation by the address."""
    page.run(f"location.hash = {json.dumps(operation)}")
    page.until(f"{OPEN}?.querySelector('form')")


def sent(page: Chromium) -> Any:
    """Press the button, and give the JSON that came back."""
    page.run("send()")
    page.until("over()")
    return json.loads(page.run("body()"))


def test_nothing_is_loaded_from_elsewhere_and_nothing_breaks_the_policy(page: Chromium, server: str) -> None:
    for operation in ("place_order", "read_order", "login", "upload", "raw", "who_key", "picture"):
        go(page, operation)
        page.run("document.querySelectorAll('details').forEach((each) => (each.open = true))")
    page.until("document.querySelectorAll('.operation[open] .responses[open] .tree').length > 10")
    assert page.complaints == []
    assert {url for url in page.requests if not url.startswith(("about:", "data:"))} == {
        f"{server}/docs",
        f"{server}/openapi.json",
    }


def test_what_looks_like_markup_is_shown_as_text(page: Chromium) -> None:
    assert page.run("document.querySelector('h1').textContent") == f"Shop {MARKUP} 1.2.3"
    assert page.run("document.title") == f"Shop {MARKUP}"
    go(page, "read_order")
    row = page.run("field('since').closest('tr').textContent")
    assert MARKUP in row
    assert sent(page)["markup"] == MARKUP
    assert page.run("document.querySelectorAll('img, body script ~ script').length") == 0
    assert page.run("typeof window.hacked") == "undefined"
    assert page.run("[...document.links].filter((each) => each.protocol === 'javascript:').length") == 0


def test_a_response_of_html_is_shown_as_text(page: Chromium) -> None:
    go(page, "markup_page")
    page.run("send()")
    page.until("over()")
    assert page.run("body()") == MARKUP
    assert page.run("typeof window.hacked") == "undefined"


def test_the_policy_stops_markup_that_a_fault_of_ours_would_let_in(page: Chromium) -> None:
    rejected = page.run("(() => { try { document.body.innerHTML = '<b>'; } catch (error) { return error.name; } })()")
    assert rejected == "TypeError"


def test_the_head_says_what_the_api_is(page: Chromium) -> None:
    text = page.run("document.querySelector('#about').innerText")
    assert "A shop for tests." in text
    assert page.run("[...document.querySelectorAll('#about li')].map((each) => each.textContent)") == ["one", "two"]
    assert page.run("document.querySelector('#about code').textContent") == "buy()"


def test_operations_are_listed_under_their_tags_in_the_order_of_the_document(page: Chromium) -> None:
    titles = page.run("[...document.querySelectorAll('.group:not(.schemas) > h2')].map((each) => each.textContent)")
    assert titles == ["orders", "echo", "who", "Others", "Webhooks"]
    shown = page.run("[...document.querySelectorAll('.operation')].map((each) => each.dataset.operation)")
    document = app.openapi()
    assert sorted(shown) == sorted(
        operation["operationId"]
        for item in [*document["paths"].values(), *document["webhooks"].values()]
        for operation in item.values()
    )


def test_an_address_opens_its_operation_and_an_opened_operation_is_in_the_address(
    browser: Chromium, server: str
) -> None:
    browser.open(f"{server}/docs#read_order")
    assert browser.until(f"{OPEN}?.dataset.operation") == "read_order"
    assert browser.run("document.activeElement.parentElement.dataset.operation") == "read_order"
    browser.run("document.querySelector('[data-operation=login] > summary').click()")
    assert browser.until("location.hash === '#login' && location.hash") == "#login"


def test_a_keyboard_opens_an_operation_and_sends_it(page: Chromium) -> None:
    page.run("document.querySelector('[data-operation=who_basic] > summary').focus()")
    page.press("Enter")
    page.until(f"{OPEN}?.querySelector('form')")
    page.press("Tab")
    assert page.run("document.activeElement.textContent") == "Try it"
    page.press("Enter")
    page.until("over()")
    assert page.run("state()").startswith("401 Unauthorized")


def test_parameters_are_shown_with_their_limits_and_sent_from_all_places(page: Chromium) -> None:
    go(page, "read_order")
    limit = page.run("field('limit').closest('tr').innerText")
    assert [word in limit for word in ("query", "integer", "≥ 1", "≤ 100", "multiple of 5", "default 20")] == [True] * 6
    page.run("""
        fill("order_id", "12"); fill("tags", "a b\\nc&d"); fill("limit", "25"); fill("details", "true");
        fill("x-trace", "3fa85f64-5717-4562-b3fc-2c963f66afa6"); fill("visits", "3"); fill("since", "2026-01-31");
        field("colour").options[1].selected = true;
    """)
    response = sent(page)
    assert response == {
        "order_id": 12, "since": "2026-01-31", "colour": ["green"], "tags": ["a b", "c&d"], "limit": 25,
        "details": True, "x_trace": "3fa85f64-5717-4562-b3fc-2c963f66afa6", "visits": 3,
        "big": 12345678901234567890, "markup": MARKUP,
    }  # fmt: skip
    assert page.run("state()").startswith("200 OK ")
    assert page.run("document.cookie") == ""
    page.run("form().querySelector('.headers').open = true")
    assert "application/json" in page.until("form().querySelector('.headers table')?.innerText")


def test_a_response_keeps_the_digits_of_large_numbers(page: Chromium) -> None:
    go(page, "read_order")
    sent(page)
    assert '\n  "big": 12345678901234567890,\n' in page.run("body()")


def test_a_cookie_that_was_there_before_is_there_again(page: Chromium) -> None:
    page.run("document.cookie = 'visits=1; path=/'")
    go(page, "read_order")
    page.run("fill('visits', '2')")
    assert sent(page)["visits"] == 2
    assert page.run("document.cookie") == "visits=1"
    page.run("document.cookie = 'visits=; path=/; max-age=0'")


def test_a_path_without_its_parameter_is_not_sent(page: Chromium) -> None:
    go(page, "drop_order")
    page.requests.clear()
    page.run("send()")
    assert page.until("form().querySelector('[role=alert]').textContent") == "Fill in order_id: it is part of the path."
    assert page.run("document.activeElement.ariaLabel") == "order_id"
    assert page.requests == []


def test_a_response_without_a_body_says_so(page: Chromium) -> None:
    go(page, "drop_order")
    page.run("fill('order_id', '3'); send()")
    page.until("over()")
    assert page.run("state()").startswith("204 No Content")
    assert page.run("form().querySelector('.response').innerText").endswith("No body.")


def test_the_example_of_a_body_is_one_that_is_taken(page: Chromium) -> None:
    page.run("credentials.set('APIKeyHeader', {value: 'k'})")
    go(page, "place_order")
    response = sent(page)
    assert page.run("state()").startswith("201 Created")
    assert response == json.loads(page.run("field('Body').value"))


def test_text_that_is_no_json_is_flagged_and_sent_anyway(page: Chromium) -> None:
    page.run("credentials.set('APIKeyHeader', {value: 'k'})")
    go(page, "place_order")
    page.run("fill('Body', '{')")
    assert "Invalid JSON" in page.run("form().innerText")
    assert sent(page)["status"] == 400


def test_a_problem_is_explained_by_the_document(page: Chromium) -> None:
    page.run("credentials.set('APIKeyHeader', {value: 'k'})")
    go(page, "place_order")
    page.run("""fill("Body", '{"sku": "tea", "pieces": 99}')""")
    assert sent(page)["left"] == 12
    assert page.run("state()").startswith("409 Conflict")
    assert app.openapi()["paths"]["/orders"]["post"]["responses"]["409"]["description"] in page.run(
        "form().querySelector('.response').innerText"
    )


def test_a_recursive_schema_unfolds_as_far_as_one_likes(page: Chromium) -> None:
    go(page, "place_order")
    last = "[...form().querySelectorAll('.tree details')].at(-1)"
    before = 0
    for _ in range(4):
        page.run(f"{last}.open = true")
        page.until(
            f"form().querySelectorAll('.tree details').length > {before} && {last}.querySelector('.row, summary')"
        )
        before = page.run("form().querySelectorAll('.tree details').length")
    assert before >= 3


def test_forms_and_files_are_sent(page: Chromium, tmp_path: Path) -> None:
    go(page, "login")
    page.run("fill('username', 'Ada & co'); fill('remember', 'true')")
    assert sent(page) == {"username": "Ada & co", "remember": True}
    page.run("document.querySelector('.operation[open]').open = false")
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text("12345")
    second.write_text("")
    go(page, "upload")
    page.run("fill('note', 'two')")
    page.choose_files(".operation[open] input[type=file]", first, second)
    assert sent(page) == {"note": "two", "files": [["a.txt", 5], ["b.txt", 0]]}
    assert '--form \'files=@"a.txt"\'' in page.run("curlOf({method: 'POST', url: '/', headers: [], cookies: [], body: "
                                                   "{parts: [['files', field('files').files[0]]]}})")  # fmt: skip


def test_a_raw_body_is_a_file(page: Chromium, tmp_path: Path) -> None:
    file = tmp_path / "a.bin"
    file.write_bytes(b"\0" * 33)
    go(page, "raw")
    page.choose_files(".operation[open] input[type=file]", file)
    assert sent(page) == {"bytes": 33}


def test_credentials_are_typed_once_kept_in_memory_and_sent_where_they_are_asked_for(page: Chromium) -> None:
    page.run("document.querySelector('.authorize').click()")
    for scheme, texts in {
        "APIKeyQuery": ["q&1"], "APIKeyCookie": ["c1"], "HTTPBasic": ["Zoë", "p:w"], "HTTPBearer": ["t.1"],
    }.items():  # fmt: skip
        part = (
            f"[...document.querySelectorAll('dialog fieldset')].find((each) => each.innerText.startsWith('{scheme}'))"
        )
        for index, text in enumerate(texts):
            page.run(f"{part}.querySelectorAll('input')[{index}].focus()")
            page.type(text)
    page.press("Enter")
    page.until("!document.querySelector('dialog').open")
    assert page.run("document.querySelector('.authorize').textContent") == "Authorized: 4 of 6"
    for operation, expected in {
        "who_key": {"query": "q&1", "cookie": "c1"},
        "who_basic": {"username": "Zoë", "password": "p:w"},
        "who_bearer": {"token": "t.1"},
    }.items():
        go(page, operation)
        assert sent(page) == expected
        page.run("document.querySelector('.operation[open]').open = false")
    assert page.run("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    page.run("document.querySelector('.authorize').click(); document.querySelector('dialog .quiet').click()")
    assert page.run("[credentials.size, document.querySelector('.authorize').textContent]") == [0, "Authorize"]


def test_the_page_logs_in_where_the_scheme_says_and_sends_the_token(page: Chromium) -> None:
    page.run("""
        document.querySelector('.authorize').click();
        var part = [...document.querySelectorAll('dialog fieldset')].find((each) => each.querySelector('.login'));
        var told = () => part.querySelector('[role=status]').textContent;
        part.querySelector('[name=username]').focus();
    """)
    page.type("Zoë")
    page.run("part.querySelector('[name=password]').focus()")
    page.type("wrong")
    page.press("Enter")
    page.until("told()")
    assert page.run("told()") == f"Login failed: Not Zoë's {MARKUP}"
    assert page.run("[part.querySelectorAll('img').length, credentials.size]") == [0, 0]
    assert page.run("document.querySelector('dialog').open")
    page.run(
        "part.querySelector('[name=password]').value = 'p w&d'; part.querySelectorAll('[type=checkbox]')[1].click()"
    )
    page.run("part.querySelector('.login button').click()")
    page.until("told() === 'Token received.'")
    assert page.run("document.querySelector('.authorize').textContent") == "Authorized: 1 of 6"
    page.run("document.querySelector('dialog').close()")
    go(page, "who_member")
    assert sent(page) == {"token": "Zoë:read:None"}
    assert page.complaints == [each for each in page.complaints if "400" in each]  # the browser notes the rejection


def test_a_token_that_cannot_be_fetched_is_reported(page: Chromium) -> None:
    page.run("""
        var asked = (tokenUrl) => tokenFor({ name: "clientCredentials", tokenUrl }, [["username", "Ann"]], []);
        var why = (tokenUrl) => asked(tokenUrl).catch((error) => error.message);
    """)
    assert page.run("why('/login')") == "the response (200) has no access_token"
    assert page.run("why('/page')") == "Method Not Allowed"
    assert page.run("loginFlows({type: 'oauth2', flows: {implicit: {authorizationUrl: '/a'}}})") == []
    flows = {"clientCredentials": {"tokenUrl": "/t"}, "authorizationCode": {"tokenUrl": "/t", "authorizationUrl": "/a"}}
    found = page.run(f"loginFlows({json.dumps({'type': 'oauth2', 'flows': flows})}).map((flow) => flow.name)")
    assert found == ["authorizationCode", "clientCredentials"]


def test_the_curl_command_matches_what_is_sent(page: Chromium) -> None:
    page.run("credentials.set('APIKeyHeader', {value: \"it's\"})")
    go(page, "place_order")
    page.run("form().querySelector('.command').open = true; fill('Body', '{\"a\": 1}')")
    assert page.until("form().querySelector('.curl')?.textContent") == (
        f"curl --request POST {page.run('location.origin')}/orders \\\n"
        "  --header 'X-Key: it'\\''s' \\\n"
        "  --header 'Content-Type: application/json' \\\n"
        "  --data-raw '{\"a\": 1}'"
    )


def test_pictures_are_shown_and_files_offered(page: Chromium) -> None:
    go(page, "picture")
    page.run("send()")
    page.until("form().querySelector('.response img')?.naturalWidth === 1")
    page.run("document.querySelector('.operation[open]').open = false")
    go(page, "archive")
    page.run("send()")
    page.until("over()")
    assert page.run("state()").endswith(" · 2.0 kB")
    assert page.run("form().querySelector('.response a').download") == "archive"


def test_a_stream_is_shown_as_it_came(page: Chromium) -> None:
    go(page, "count")
    page.run("send()")
    page.until("over()")
    assert page.run("body()").split() == ["0", "1", "2"]


def test_an_unreachable_server_is_reported(page: Chromium) -> None:
    go(page, "count")
    page.run("chosenServer = {url: 'http://127.0.0.1:9'}; send()")
    page.until("over()")
    assert page.run("state()").startswith("Request failed: ")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_can_be_read_in_light_and_dark(page: Chromium, scheme: str) -> None:
    page.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    go(page, "read_order")
    page.press("/")
    page.type("order")
    poor = poor_texts(page)
    page.run("document.querySelector('.authorize').click()")
    poor += poor_texts(page)
    page.call("Emulation.setEmulatedMedia", features=[])
    assert poor == []


def test_a_phone_needs_no_sideways_scrolling(page: Chromium) -> None:
    page.call("Emulation.setDeviceMetricsOverride", width=360, height=700, deviceScaleFactor=2, mobile=True)
    for operation in ("read_order", "place_order"):
        go(page, operation)
    wide = page.run("document.documentElement.scrollWidth")
    page.call("Emulation.clearDeviceMetricsOverride")
    assert wide == 360


def test_every_input_has_a_name(page: Chromium) -> None:
    for operation in ("read_order", "place_order", "upload", "raw"):
        go(page, operation)
    nameless = page.run("""[...document.querySelectorAll("input, select, textarea, button")]
        .filter((each) => !each.ariaLabel && !each.closest("label") && !each.textContent.trim()).length""")
    assert nameless == 0


# -- the parts of the script, with what documents of ours do not hold --------------------------------------------------

SCHEMAS: dict[str, Any] = {
    "Loop": {"$ref": "#/components/schemas/Loop"},
    "Ring": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Ring"}}, "required": ["next"]},
    "List": {"type": "array", "items": {"$ref": "#/components/schemas/List"}},
    "a/b~c": {"type": "string", "enum": ["x"]},
    "Cat": {"type": "object", "properties": {"purrs": {"type": "boolean"}}, "title": "Cat"},
    "Dog": {
        "allOf": [
            {"$ref": "#/components/schemas/Cat"},
            {"properties": {"barks": {"type": "integer"}}, "required": ["barks"]},
        ]
    },
}


@pytest.fixture
def script(page: Chromium) -> Chromium:
    page.run(f"contract = {json.dumps({'paths': {}, 'components': {'schemas': SCHEMAS}})}")
    return page


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer", "exclusiveMinimum": 3}, 4),
        ({"type": "number", "minimum": 0.1, "multipleOf": 0.1}, 0.1),
        ({"type": "integer", "maximum": -5}, -5),
        ({"type": "string", "minLength": 8}, "stringst"),
        ({"type": "string", "maxLength": 3}, "str"),
        ({"type": "string", "format": "email"}, "ada@example.com"),
        ({"const": "tea"}, "tea"),
        ({"enum": ["b", "a"]}, "b"),
        ({"type": "string", "default": "d", "examples": ["e"]}, "e"),
        ({"anyOf": [{"type": "null"}, {"type": "boolean"}]}, True),
        ({"type": ["null", "string"]}, "string"),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2}, [0, 0]),
        ({"prefixItems": [{"type": "integer"}, {"const": 1}]}, [0, 1]),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"name": 0}),
        ({"type": "object", "properties": {"id": {"type": "integer", "readOnly": True}}}, {}),
        ({"$ref": "#/components/schemas/Dog"}, {"purrs": True, "barks": 0}),
        ({"$ref": "#/components/schemas/a~1b~0c"}, "x"),
        ({"$ref": "#/components/schemas/Ring"}, {"next": None}),
        ({"$ref": "#/components/schemas/List"}, []),
        ({"$ref": "#/components/schemas/Loop"}, {}),
        ({"$ref": "#/nowhere"}, {}),
        (True, {}),
    ],
)
def test_an_example_fits_its_schema(script: Chromium, schema: Any, expected: Any) -> None:
    assert script.run(f"exampleOf({json.dumps(schema)})") == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "array", "items": {"type": "string", "format": "uuid"}}, "array of string (uuid)"),
        ({"anyOf": [{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}, {"type": "null"}]},
         "Cat or Dog or null"),
        ({"type": ["string", "null"]}, "string or null"),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, "object of integer"),
        ({"type": "string", "contentMediaType": "application/octet-stream"}, "string (file)"),
        ({"$ref": "#/components/schemas/a~1b~0c"}, "a/b~c"),
        ({"type": "null"}, "null"),
        ({}, "anything"),
    ],
)  # fmt: skip
def test_a_type_is_described_in_words(script: Chromium, schema: Any, expected: str) -> None:
    assert script.run(f"typeOf({json.dumps(schema)})") == expected


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_that_names_itself_has_a_tree(script: Chromium, name: str) -> None:
    reference = {"$ref": "#/components/schemas/" + name.replace("~", "~0").replace("/", "~1")}
    assert script.run(f"schemaTree({json.dumps(reference)}).textContent") != ""


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        ({"name": "q"}, ["a", "b"], [["q", "a"], ["q", "b"]]),
        ({"name": "q", "explode": False}, ["a", "b"], [["q", "a,b"]]),
        ({"name": "q", "style": "pipeDelimited"}, ["a", "b"], [["q", "a|b"]]),
        ({"name": "q", "style": "deepObject"}, {"a": 1}, [["q[a]", "1"]]),
        ({"name": "q"}, {"a": 1, "b": "x"}, [["a", "1"], ["b", "x"]]),
        ({"name": "q", "explode": False}, {"a": 1}, [["q", "a,1"]]),
        ({"name": "q", "content": {"application/json": {}}}, {"a": [1]}, [["q", '{"a":[1]}']]),
    ],
)
def test_a_query_parameter_is_written_in_its_style(script: Chromium, parameter: Any, value: Any, expected: Any) -> None:
    assert script.run(f"pairsOf({json.dumps(parameter)}, {json.dumps(value)})") == expected


@pytest.mark.parametrize(
    ("parameter", "value", "expected"),
    [
        ({"name": "p"}, "a/b ?", "a%2Fb%20%3F"),
        ({"name": "p"}, ["a,", "b"], "a%2C,b"),
        ({"name": "p", "style": "label"}, "a", ".a"),
        ({"name": "p", "style": "matrix"}, "a", ";p=a"),
        ({"name": "p", "explode": True}, {"a": 1, "b": 2}, "a=1,b=2"),
    ],
)
def test_a_path_parameter_is_written_in_its_style(script: Chromium, parameter: Any, value: Any, expected: str) -> None:
    assert script.run(f"segmentOf({json.dumps(parameter)}, {json.dumps(value)})") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a":[1,{"b":[]}],"c":{}}', '{\n  "a": [\n    1,\n    {\n      "b": []\n    }\n  ],\n  "c": {}\n}'),
        ('"a{b}[c]\\",:"', '"a{b}[c]\\",:"'),
        ("[1.0, 1e999]", "[\n  1.0,\n  1e999\n]"),
        ("not json", "not json"),
        ("", ""),
    ],
)
def test_json_is_indented_without_a_change_of_value(script: Chromium, text: str, expected: str) -> None:
    assert script.run(f"indented({json.dumps(text)})") == expected


def test_a_query_method_and_choices_of_security_are_understood(script: Chromium) -> None:
    document = {
        "paths": {"/s": {"x-query": {"responses": {}}, "x-note": "no operation",
                         "parameters": [{"in": "query", "name": "a"}],
                         "get": {"parameters": [{"in": "query", "name": "a", "required": True}]}}},
        "components": {"securitySchemes": {"a": {"type": "http", "scheme": "bearer"},
                                           "b": {"type": "apiKey", "in": "header", "name": "B"}}},
    }  # fmt: skip
    script.run(f"contract = {json.dumps(document)}; credentials.set('b', {{value: '1'}})")
    assert script.run("operations().map(({id, method}) => [id, method])") == [["query-/s", "QUERY"], ["get-/s", "GET"]]
    assert script.run("operations()[1].parameters") == [{"in": "query", "name": "a", "required": True}]
    script.run("var sent = (choices) => { const sent = {headers: []}; authorize(sent, choices); return sent.headers; }")
    assert script.run("sent([{a: []}, {b: []}])") == [["B", "1"]]
    assert script.run("sent([{}])") == []
    assert script.run("requirementInWords([{a: ['x'], b: []}, {}])") == "a (x) and b, or nothing"


def test_a_webhook_is_there_to_read_and_not_to_send(page: Chromium) -> None:
    page.run("location.hash = 'order_placed'")
    page.until(f"{OPEN}?.querySelector('.tree')")
    assert page.run(f"{OPEN}.querySelector('form')") is None
    text = page.run(f"{OPEN}.textContent")
    assert "Sent to everyone who asked for it." in text
    assert "x-signature in header" in text
    assert "pieces" in text
