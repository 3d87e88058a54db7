from email.message import Message
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signette._http.media import content_disposition, is_json, parse_content_disposition, parse_media_type

TOKEN_CHARS = "!#$%&'*+-.^_`|~09azAZ"
TOKENS = st.text(st.sampled_from(TOKEN_CHARS), min_size=1)
TEXTS = st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]))


def quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


@given(TOKENS, TOKENS, st.dictionaries(TOKENS.map(str.lower), TOKENS | TEXTS))
def test_a_media_type_and_its_parameters_are_parsed_back(kind, subtype, parameters):
    text = f"{kind}/{subtype}" + "".join(f" ; {name}={quoted(value)}" for name, value in parameters.items())
    assert parse_media_type(text) == (f"{kind}/{subtype}".lower(), parameters)
    assert parse_content_disposition(text) == (f"{kind}/{subtype}".lower(), parameters)


@given(st.text() | st.lists(st.sampled_from([*'a=;"\\ \t/*', "x=", '="'])).map("".join))
def test_any_text_is_read(text):
    for parse in (parse_media_type, parse_content_disposition):
        kind, parameters = parse(text)
        assert kind == text.partition(";")[0].strip(" \t").lower()
        assert all(name == name.lower() for name in parameters)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("", {})),
        ("Text/HTML", ("text/html", {})),
        ("text/html;charset=UTF-8", ("text/html", {"charset": "UTF-8"})),
        (' text/html ; Charset="utf-8" ', ("text/html", {"charset": "utf-8"})),
        ("a/b; x=1; X=2", ("a/b", {"x": "1"})),
        ("a/b; x; y=2", ("a/b", {"y": "2"})),
        ("a/b; =1; y=2;;", ("a/b", {"y": "2"})),
        ("a/b; x=; y=2", ("a/b", {"y": "2"})),
        ('a/b; x=""', ("a/b", {"x": ""})),
        ('a/b; x="1;2"; y=3', ("a/b", {"x": "1;2", "y": "3"})),
        ('a/b; x="1"more; y=3', ("a/b", {"x": "1", "y": "3"})),
        (r'a/b; x="\1\"\\"', ("a/b", {"x": '1"\\'})),
        ('a/b; x="1; y=3', ("a/b", {"x": "1; y=3"})),
        ('a/b; x="1\\', ("a/b", {"x": "1"})),
        ("multipart/form-data; boundary=a b", ("multipart/form-data", {"boundary": "a b"})),
        ("a/b; bad name=1; y=3", ("a/b", {"y": "3"})),
    ],
)
def test_examples_of_media_types(text, expected):
    assert parse_media_type(text) == expected


@pytest.mark.parametrize(
    "json",
    [
        "application/json",
        b"application/json",
        "Application/JSON",
        b"application/json; charset=utf-8",
        " application/json ;x",
        "application/problem+json",
        b"application/vnd.api+json;v=1",
        "model/gltf+json",
        "text/+json",
    ],
)
def test_these_are_json(json):
    assert is_json(json)


@pytest.mark.parametrize(
    "other",
    [
        "",
        "json",
        "text/json",
        "text/plain",
        "application/jsonl",
        "application/json-seq",
        "application/x-json",
        "+json",
        "/+json",
        "a b/c+json",
        "a/b/c+json",
        b"text/plain; application/json",
        b"application/json\xff",
        "application/json\n",
    ],
)
def test_these_are_not(other):
    assert not is_json(other)


def test_a_backslash_in_a_file_name_is_literal():
    header = r'form-data; name="a"; filename="C:\dir\new \"x\".txt"'
    assert parse_content_disposition(header)[1]["filename"] == r'C:\dir\new "x".txt'


def test_an_extended_file_name_is_a_parameter_of_its_own():
    kind, parameters = parse_content_disposition("Attachment; filename*=utf-8''%C3%A9; filename=e")
    assert kind == "attachment"
    assert parameters == {"filename*": "utf-8''%C3%A9", "filename": "e"}


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("ok.txt", 'attachment; filename="ok.txt"'),
        ("", 'attachment; filename=""'),
        ("a b.txt", "attachment; filename*=utf-8''a%20b.txt"),
        ("é.txt", "attachment; filename*=utf-8''%C3%A9.txt"),
        ('a";\r\nx: y', "attachment; filename*=utf-8''a%22%3B%0D%0Ax%3A%20y"),
        ("a\udcff", "attachment; filename*=utf-8''a%3F"),
    ],
)
def test_file_names_are_written_in_ascii(filename, expected):
    assert content_disposition("attachment", filename) == expected


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_file_name_is_parsed_back(filename):
    header = content_disposition("inline", filename)
    assert header.isascii()
    assert header.isprintable()
    kind, parameters = parse_content_disposition(header)
    assert kind == "inline"
    assert len(parameters) == 1
    read = (
        parameters["filename"] if "filename" in parameters else unquote(parameters["filename*"].removeprefix("utf-8''"))
    )
    assert read == filename
    message = Message()
    message["content-disposition"] = header
    assert message.get_content_disposition() == "inline"


@pytest.mark.parametrize("kind", ["", "a b", "attachment; x=1", "attachment\r\n", "é"])
def test_a_disposition_type_must_be_a_token(kind):
    with pytest.raises(ValueError, match="invalid content disposition type"):
        content_disposition(kind, "a")
