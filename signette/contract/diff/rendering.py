"""Reports for people and machines: text for a terminal, Markdown for a pull request, JSON, annotations of GitHub."""

import json
from collections.abc import Callable, Iterator, Mapping

from signette.contract.diff.findings import VERDICTS, Finding, Verdict
from signette.contract.diff.report import Group, Report, groups
from signette.contract.diff.schema_rules import shown

_TITLES: Mapping[Verdict, str] = {
    "breaking": "Breaking changes",
    "note": "Notes",
    "compatible": "Compatible changes",
}
_LABELS: Mapping[Verdict, str] = {"breaking": "breaking", "note": "note", "compatible": "compatible"}
_MOST_PLACES = 5


def render_text(report: Report, *, everything: bool = False) -> str:
    """The report as text. Compatible changes are only counted, unless you want `everything`."""
    blocks = []
    for verdict in VERDICTS:
        if verdict != "compatible" or everything:
            blocks += [_text(group, _LABELS[verdict]) for group in groups(report.of(verdict))]
    blocks += [_text(group, "allowed") for group in groups(report.allowed)]
    if report.unused:
        blocks.append("\n".join(["allowed changes that match no change:", *(f"  {entry}" for entry in report.unused)]))
    return "\n\n".join([*blocks, report.summary()])


def _text(group: Group, label: str) -> str:
    one = group.first
    lines = [f"{label}: {one.change}"]
    lines += [f"  in {place}" for place in group.places[:_MOST_PLACES]]
    if len(group.places) > _MOST_PLACES:
        lines.append(f"  and {len(group.places) - _MOST_PLACES} more")
    lines += [f"  rule: {one.rule}", f"  at: {one.pointer}"]
    if one.before is not None or one.after is not None:
        lines.append(f"  values: {_value(one.before)} -> {_value(one.after)}")
    lines += [f"  why: {one.why}"] if one.why else []
    if one.allowed is not None:
        lines.append(f"  reason: {one.allowed}")
    elif one.hint:
        lines.append(f"  hint: {one.hint}")
    return "\n".join(lines)


def _value(value: object) -> str:
    return "-" if value is None else shown(value).strip("`")


def render_markdown(report: Report, *, everything: bool = False) -> str:
    """The report as Markdown for a comment on a pull request. Compatible changes are folded."""
    lines = [f"## {_headline(report)}"]
    for verdict in ("breaking", "note"):
        found = groups(report.of(verdict))
        if found:
            lines += ["", f"### {_TITLES[verdict]}", "", *_table(found)]
    if report.allowed:
        lines += ["", "### Allowed changes", "", "| where | change | reason |", "|---|---|---|"]
        lines += [
            _row(_places(group), group.first.change, str(group.first.allowed)) for group in groups(report.allowed)
        ]
    found = groups(report.of("compatible"))
    if found:
        opened = " open" if everything else ""
        lines += [
            "",
            f"<details{opened}><summary>{len(found)} compatible</summary>",
            "",
            *_table(found),
            "",
            "</details>",
        ]
    if report.unused:
        lines += ["", "### Allowed changes that there are not", "", *(f"* `{entry}`" for entry in report.unused)]
    return "\n".join(lines) + "\n"


def _headline(report: Report) -> str:
    count = len(groups(report.breaking))
    if count:
        return f"This change breaks clients: {count} breaking {'change' if count == 1 else 'changes'}"
    return "The contract does not change" if not report.findings else "This change breaks no clients"


def _table(found: list[Group]) -> list[str]:
    lines = ["| where | change | rule |", "|---|---|---|"]
    for group in found:
        one = group.first
        text = " ".join(f"{part}." for part in (one.change, one.why) if part)
        text += f"<br>**Safe way:** {one.hint}." if one.hint else ""
        lines.append(_row(_places(group), text, f"`{one.rule}`"))
    return lines


def _places(group: Group) -> str:
    places = [_code(place) for place in group.places[:_MOST_PLACES]]
    more = len(group.places) - _MOST_PLACES
    return "<br>".join([*places, *([f"and {more} more"] if more > 0 else [])])


def _code(place: str) -> str:
    operation, comma, where = place.partition(", ")
    return f"`{operation}`{comma}{where}" if comma else place


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def render_json(report: Report, *, everything: bool = False) -> str:  # noqa: ARG001 - JSON has everything
    """The report as JSON."""
    return json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n"


_COMMANDS: Mapping[Verdict, str] = {"breaking": "error", "note": "warning", "compatible": "notice"}


def render_github(report: Report, *, everything: bool = False) -> str:
    """The report as workflow commands of GitHub Actions, which become annotations."""
    return "\n".join([*_annotations(report, everything=everything), report.summary()])


def _annotations(report: Report, *, everything: bool) -> Iterator[str]:
    for verdict in VERDICTS:
        if verdict == "compatible" and not everything:
            continue
        for group in groups(report.of(verdict)):
            yield f"::{_COMMANDS[verdict]} title={_property(group.first.rule)}::{_data(_annotation(group))}"
    for group in groups(report.allowed):
        reason = f"{group.first.change}. Allowed: {group.first.allowed}"
        yield f"::notice title={_property(group.first.rule)}::{_data(reason)}"
    for entry in report.unused:
        yield f"::warning title=unused::{_data(f'an allowed change that there is not: {entry}')}"


def _annotation(group: Group) -> str:
    one: Finding = group.first
    hint = f"Safe way: {one.hint}." if one.hint else ""
    return "\n".join(part for part in (f"{'; '.join(group.places)}: {one.message}", hint) if part)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


RENDERERS: Mapping[str, Callable[..., str]] = {
    "text": render_text,
    "markdown": render_markdown,
    "json": render_json,
    "github": render_github,
}
