"""Reports, the list of allowed changes, and the command `signette diff`."""

import json
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from signette import App
from signette.cli import main
from signette.contract import ContractError, contract_of
from signette.contract.diff import Finding, Report, assert_compatible
from signette.contract.diff.allowed import Allowed, apply_allowed, parse_allowed
from signette.contract.diff.rendering import render_github, render_json, render_markdown, render_text
from signette.contract.model import text_of
from tests.contract_diff.contracts import TODAY, document, findings, with_response

CHANGE = '[[allow]]\nrule = "input-required"\noperation = "GET /items"\nreason = "no client leaves it out"\n'


def shop(*, required: bool = False, page: bool = False) -> App:
    app = App(title="Shop")
    if required:

        @app.get("/items")
        async def items(q: int) -> list[str]: ...
    elif page:

        @app.get("/items", name="items")
        async def with_page(q: int = 1, page: int = 1) -> list[str]: ...
    else:

        @app.get("/items", name="items")
        async def optional(q: int = 1) -> list[str]: ...

    return app


def report(old: App, new: App, *entries: Allowed) -> Report:
    found, unused = apply_allowed(findings(contract_of(old), contract_of(new)), list(entries), TODAY)
    return Report(tuple(found), tuple(unused))


BROKEN = report(shop(), shop(required=True))


def test_the_text_names_the_place_the_reason_and_the_safe_way() -> None:
    assert render_text(BROKEN).splitlines() == [
        "breaking: the query parameter `q` is required now",
        "  in GET /items, query parameter `q`",
        "  rule: input-required",
        "  at: /operations/GET ~1items/inputs/query q",
        '  values: "optional" -> "required"',
        "  why: Clients that leave it out get an error",
        "  hint: Keep its default",
        "",
        "changes: 1 breaking, 0 notes, 0 compatible",
    ]
    assert render_text(report(shop(), shop())) == "no changes"


def test_compatible_changes_are_shown_if_you_want() -> None:
    added = report(shop(), shop(page=True))
    assert render_text(added) == "changes: 0 breaking, 0 notes, 1 compatible"
    assert render_text(added, everything=True).startswith("compatible: the query parameter `page` is new and optional")


def test_markdown_is_a_table_for_a_pull_request() -> None:
    text = render_markdown(BROKEN)
    assert text.startswith("## This change breaks clients: 1 breaking change\n\n### Breaking changes\n\n| where |")
    assert "| `GET /items`, query parameter `q` | the query parameter `q` is required now." in text
    assert "**Safe way:** Keep its default." in text
    assert "<details><summary>1 compatible</summary>" in render_markdown(report(shop(), shop(page=True)))
    assert render_markdown(report(shop(), shop())) == "## The contract does not change\n"


def test_cells_of_markdown_have_no_bars_and_lines() -> None:
    finding = findings(with_response({"enum": ["a"]}), with_response({"enum": ["a", "b|c\n"]}))
    rows = [line for line in render_markdown(Report(tuple(finding))).splitlines() if line.startswith("| `")]
    assert len(rows) == 1
    assert rows[0].replace("\\|", "").count("|") == 4


def test_json_has_all_findings() -> None:
    value = json.loads(render_json(BROKEN))
    assert (value["fails"], value["breaking"], value["note"], value["compatible"]) == (True, 1, 0, 0)
    (finding,) = value["findings"]
    assert finding["rule"] == "input-required"
    assert finding["operation"] == "GET /items"
    assert finding["pointer"] == "/operations/GET ~1items/inputs/query q"


def test_annotations_of_github_are_one_line_each() -> None:
    first, summary = render_github(BROKEN).splitlines()
    assert first == (
        "::error title=input-required::GET /items, query parameter `q`: the query parameter `q` is required now."
        " Clients that leave it out get an error%0ASafe way: Keep its default."
    )
    assert summary == "changes: 1 breaking, 0 notes, 0 compatible"


def item_shop(kind: Any) -> Any:
    schemas = {"Item": {"type": "object", "properties": {"price": kind}}}
    reference = {"$ref": "#/components/schemas/Item"}
    return with_response(
        reference, schemas=schemas, requestBody={"content": {"application/json": {"schema": reference}}}
    )


def test_a_change_of_a_shared_schema_is_shown_once_with_its_places() -> None:
    old, new = item_shop({"type": "integer"}), item_shop({"type": "number"})
    new["operations"]["GET /more"] = old["operations"]["GET /more"] = new["operations"]["POST /items/{}"]
    text = render_text(Report(tuple(findings(old, new))))
    assert text.count("breaking: `price` in the response 200 may now have values of type `number`") == 1
    assert "  in GET /more, response 200\n  in POST /items/{}, response 200\n" in text
    assert "  at: /schemas/Item/properties/price\n" in text


# The list of allowed changes.


def test_an_allowed_change_does_not_fail_and_keeps_its_reason() -> None:
    (entry,) = parse_allowed(CHANGE, "allow.toml")
    allowed = report(shop(), shop(required=True), entry)
    assert not allowed.fails()
    assert "allowed: the query parameter `q` is required now" in render_text(allowed)
    assert "  reason: no client leaves it out" in render_text(allowed)
    assert "| no client leaves it out |" in render_markdown(allowed)
    assert "Allowed: no client leaves it out" in render_github(allowed)
    assert allowed.summary() == "changes: 0 breaking, 0 notes, 0 compatible, 1 allowed"


def test_an_entry_that_allows_nothing_is_reported() -> None:
    (entry,) = parse_allowed(CHANGE, "allow.toml")
    unused = report(shop(), shop(), entry)
    for text in (render_text(unused), render_markdown(unused), render_json(unused), render_github(unused)):
        assert "input-required: GET /items" in text


@pytest.mark.parametrize(
    ("line", "allows"),
    [
        ('operation = "GET /items"', True),
        ('operation = "GET *"', True),
        ('operation = "*"', True),
        ('operation = "GET /item?"', False),
        ('operation = "POST /items"', False),
        ('operation = "*"\nuntil = 2026-06-01', True),
        ('operation = "*"\nuntil = 2026-05-31', False),
        ('operation = "*"\npointer = "/operations/GET ~1items/inputs/query q"', True),
        ('operation = "*"\npointer = "/operations"', False),
    ],
)
def test_an_entry_allows_one_rule_in_the_operations_that_it_names(line: str, allows: bool) -> None:
    text = f'[[allow]]\nrule = "input-required"\nreason = "it is meant"\n{line}\n'
    (entry,) = parse_allowed(text, "allow.toml")
    assert report(shop(), shop(required=True), entry).fails() is not allows


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("allow", "`allow.toml` cannot be parsed: "),
        ("x = 1", "`allow.toml` has something else than `[[allow]]`"),
        ("allow = 1", "`allow.toml` has something else than `[[allow]]`"),
        ("[[allow]]", "`allow.toml`, entry 1: `rule` is missing"),
        (CHANGE.replace("no client leaves it out", " "), "`allow.toml`, entry 1: `reason` is missing"),
        (CHANGE + "pointer = 1", "`allow.toml`, entry 1: `pointer` is not a text"),
        (CHANGE + 'until = "2026-01-01"', "`allow.toml`, entry 1: `until` is not a date"),
        (CHANGE + 'why = ""', "`allow.toml`, entry 1: unknown member `why`"),
        (
            CHANGE.replace("input-required", "input-requird"),
            "no rule `input-requird`\n  hint: did you mean `input-required`?",
        ),
        (CHANGE.replace("input-required", "zzz"), "no rule `zzz`\n  hint: copy it from the report"),
    ],
)
def test_an_invalid_entry_is_an_error_with_a_hint(text: str, problem: str) -> None:
    with pytest.raises(ContractError) as caught:
        parse_allowed(text, "allow.toml")
    assert problem in str(caught.value)
    assert "hint: " in str(caught.value)


def test_the_first_entry_that_fits_gives_the_reason() -> None:
    entries = [
        Allowed("input-required", "*", "first"),
        Allowed("input-required", "GET /items", "second", until=date.max),
    ]
    found, unused = apply_allowed(BROKEN.findings, entries, TODAY)
    assert [finding.allowed for finding in found] == ["first"]
    assert unused == []


# Tests and the command.


def test_assert_compatible_fails_with_the_report(tmp_path: Path) -> None:
    file, allow = tmp_path / "contract.json", tmp_path / "allow.toml"
    file.write_text(text_of(contract_of(shop())), "utf-8")
    allow.write_text(CHANGE, "utf-8")
    assert_compatible(shop(page=True), file)
    assert_compatible(shop(required=True), file, allow)
    with pytest.raises(
        AssertionError, match=r"breaks clients of `.*contract.json`:\n\nbreaking: the query parameter `q`"
    ):
        assert_compatible(shop(required=True), file)
    with pytest.raises(ContractError, match=r"cannot read `.*missing.toml`"):
        assert_compatible(shop(), file, tmp_path / "missing.toml")


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str, str]:
    """Two files with contracts, and a list that allows the change between them."""
    old, new, allow = (tmp_path / name for name in ("old.json", "new.json", "allow.toml"))
    old.write_text(text_of(contract_of(shop())), "utf-8")
    new.write_text(text_of(contract_of(shop(required=True))), "utf-8")
    allow.write_text(CHANGE, "utf-8")
    return str(old), str(new), str(allow)


def test_the_exit_status_is_1_for_a_breaking_change(
    files: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, allow = files
    assert main(["diff", old, new]) == 1
    assert capsys.readouterr().out.startswith("breaking: the query parameter `q` is required now\n")
    assert main(["diff", new, old]) == 0
    assert main(["diff", old, new, "--allow", allow]) == 0
    assert main(["diff", old, old]) == 0
    for form, start in (("markdown", "## This"), ("json", "{"), ("github", "::error ")):
        capsys.readouterr()
        assert main(["diff", old, new, "--format", form]) == 1
        assert capsys.readouterr().out.startswith(start)


def test_notes_fail_if_you_want(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(text_of(contract_of(shop(page=True))), "utf-8")
    new.write_text(text_of(contract_of(shop())), "utf-8")
    assert main(["diff", str(old), str(new)]) == 0
    assert main(["diff", str(old), str(new), "--fail-on", "note"]) == 1
    assert "note: the query parameter `page` is no longer read" in capsys.readouterr().out


def test_what_cannot_be_read_is_a_usage_error(files: tuple[str, str, str], capsys: pytest.CaptureFixture[str]) -> None:
    old, new, _ = files
    assert main(["diff", old, "missing.json"]) == 2
    assert main(["diff", old, new, "--allow", "missing.toml"]) == 2
    errors = capsys.readouterr().err
    assert "no file `missing.json`" in errors
    assert "cannot read `missing.toml`" in errors


def test_a_revision_is_that_of_the_other_side(
    files: tuple[str, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new, _ = files
    monkeypatch.chdir(tmp_path)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "old.json"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], check=True, capture_output=True)
    Path(old).write_bytes(Path(new).read_bytes())
    assert main(["diff", "HEAD", "old.json"]) == 1
    assert main(["diff", "HEAD:old.json", "new.json"]) == 1
    assert main(["diff", "old.json", "HEAD"]) == 0
    assert "input-required" in capsys.readouterr().out


def test_a_finding_has_a_message() -> None:
    (finding,) = BROKEN.findings
    assert isinstance(finding, Finding)
    assert finding.message == "the query parameter `q` is required now. Clients that leave it out get an error"


def test_a_part_of_a_form_is_named_with_its_media_types() -> None:
    schema = {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}

    def form(**content: Any) -> Any:
        return document(requestBody={"content": {"multipart/form-data": {"schema": schema, **content}}})

    (finding,) = findings(form(), form(encoding={"file": {"contentType": "image/png, image/gif"}}))
    assert finding.change == "the part `file` of the request body must be of image/png, image/gif"
    (finding,) = findings(form(), form(encoding={"file": {"headers": {"X-Name": {"schema": {"type": "string"}}}}}))
    assert finding.change == "the part `file` of the request body is encoded in another way"
