"""Words that readers of signette would have to learn first, and the words of the field to write in their place."""

import ast
import io
import re
import textwrap
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# A pattern of prose (docstrings, comments, messages, pages), and what to write instead.
BANNED = {
    r"tells?|told|telling|untold": "reports, documents, shows, says whether",
    r"mend(?:s|ed|ing)?": "fix, hint",
    r"bears?|bore": "has",
    r"bids?|bade": "asks",
    r"nobody|whoever|who(?:se)? comes": "name who: no parameter, the caller, the client",
    r"whatever": "name the thing: any ..., all ...",
    r"pieces? of (?:the |a |its )?path": "path parameter, path segment",
    r"refus(?:es?|ed|als?|ing)": "rejects, rejection, error response",
    r"answer(?:s|ed|ing)?": "response, responds",
    r"bounds?": "limit; of a number: minimum, maximum",
    r"layers?": "middleware; of the architecture: layer of packages is written in tests only",
    r"mistakes?|slips?": "error",
    r"stands? (?:for|beside|behind|before|in|around|there|at|as|between)|stood": "is, is part of, represents",
    r"is (?-i:none)|are (?-i:none)|is no \w+ at all": "is not a ...",
    r"will not do": "is invalid",
    r"anew": "again",
    r"wish(?:es)?": "dependency, request",
    r"octets?(?!-stream)": "bytes",
    r"look(?:s|ed|ing)? at .{1,40} once more": "validates",
    r"what leaves|who leaves|leavers?|departures?": "what is sent; client disconnect",
    r"by (?:itself|themselves)": "on its own",
    r"of (?:its|their|your|an application's|a user's) own": "its own ..., a custom ...",
    r"(?:thing|word|name|way)s? of ours|none of ours": "signette's",
    r"houses?|rooms|floors?|doors?": "package, module, layer, adapter",
    r"said (?:beside|of|so|nothing)|as said|is said|was said|that says": "declared, configured",
    r"beneath|beside|apart from|lest|else(?:where)?(?= that)|upon": "below, next to, except",
    r"unheard|heard|hears?": "ignored, used",
}
# Parts of identifiers, between underscores.
BANNED_IN_NAMES = {
    "said", "told", "tell", "tells", "untold", "mend", "nobody", "whoever", "refusal", "refusals", "refuse", "refuses",
    "refused", "answer", "answers", "answered", "answerer", "bound", "bounds", "unheard", "wish", "octets", "mistake",
    "slip", "anew", "departure", "bears",
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A banned word, where it is, and what to write instead."""

    file: str
    line: int
    word: str
    instead: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: `{self.word}`; write: {self.instead}"


_PROSE = {
    re.compile(rf"(?<![\w`.])(?:{pattern})(?![\w`])", re.IGNORECASE): instead for pattern, instead in BANNED.items()
}


_PYTHON = re.compile(r"^ *```python\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def words_in(text: str) -> Iterator[tuple[int, str, str]]:
    """Line (from 0), word and what to write instead, of each banned word in a text; code in backticks is left out."""
    plain = re.sub(r"``?[^`\n]+``?", lambda code: " " * len(code[0]), text)
    for pattern, instead in _PROSE.items():
        for match in pattern.finditer(plain):
            yield plain.count("\n", 0, match.start()), match[0], instead


def prose_of(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each comment, docstring and text with a space in a Python file."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and not re.match(r"#\s*(?:type:|noqa|fmt:|pragma)", token.string):
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.lineno, node.value


def explained_in(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each comment and docstring in a file of tests, whose other texts are data."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node
        ):
            yield node.body[0].lineno, "\n".join(lines[node.body[0].lineno - 1 : node.body[0].end_lineno])


def found_in_test(file: Path, root: Path) -> list[Found]:
    """Each banned word of docstrings, comments and names of tests. Layers of packages are tested, and so named."""
    source, shown = file.read_text(encoding="utf-8"), str(file.relative_to(root))
    found = [
        Found(shown, start + line, word, instead)
        for start, text in explained_in(source)
        for line, word, instead in words_in(text)
        if word.lower() not in {"layer", "layers"}
    ]
    found += [
        Found(shown, line, name, f"no `{part}` in a name")
        for line, name in names_of(source)
        if name.startswith("test_")
        for part in parts_of(name)
        if part in BANNED_IN_NAMES
    ]
    return sorted(found, key=lambda each: each.line)


def names_of(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of each definition, parameter and variable."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.attr


def parts_of(name: str) -> list[str]:
    """The words of an identifier: `refuse_all` and `RefuseAll` have two."""
    return [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def found_in(file: Path, root: Path) -> list[Found]:
    """Each banned word of a Python file or a page, also in the page's blocks of Python."""
    text, shown = file.read_text(encoding="utf-8"), str(file.relative_to(root))
    if file.suffix == ".py":
        return sorted(_found_in_code(text, shown), key=lambda each: each.line)
    prose = re.sub(r"```.*?```", lambda block: "\n" * block[0].count("\n"), text, flags=re.DOTALL)
    found = [
        Found(shown, line + 1, word, instead)
        for line, word, instead in words_in(re.sub(r"\]\([^)]*\)", lambda link: " " * len(link[0]), prose))
    ]
    for block in _PYTHON.finditer(text):
        before = text.count("\n", 0, block.start(1))
        found += _found_in_code(textwrap.dedent(block[1]), shown, before)
    return sorted(found, key=lambda each: each.line)


def _found_in_code(code: str, shown: str, before: int = 0) -> list[Found]:
    """Each banned word of Python code, which begins after so many lines."""
    found = [
        Found(shown, before + start + line, word, instead)
        for start, piece in prose_of(code)
        for line, word, instead in words_in(piece)
    ]
    found += [
        Found(shown, before + line, name, f"no `{part}` in a name")
        for line, name in names_of(code)
        for part in parts_of(name)
        if part in BANNED_IN_NAMES and name != "tell"  # the method of files
    ]
    return found


if __name__ == "__main__":
    import sys

    root = Path(__file__).parent.parent.parent
    files = [file for name in sys.argv[1:] for file in sorted((root / name).rglob("*.py"))] + [
        root / name for name in sys.argv[1:] if (root / name).is_file()
    ]
    everything = [each for file in files for each in found_in(file, root)]
    sys.stdout.write("\n".join([*map(str, everything), f"{len(everything)} words\n"]))
