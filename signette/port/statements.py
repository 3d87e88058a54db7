"""Import statements as they are written: divided where their names move to several modules, and joined again."""

from collections.abc import Iterable, Sequence

import libcst as cst

from signette.port.changes import Changes, NewModule, NewName

WIDTH = 88  # of a line that the command writes; your formatter has the last word


def changed(statement: cst.Import | cst.ImportFrom, changes: Changes) -> list[cst.BaseSmallStatement] | None:
    """The statements that take the place of an import statement; None where it stays as it is."""
    if isinstance(statement.names, cst.ImportStar):
        return None
    if not any(alias in changes.names or alias in changes.modules for alias in statement.names):
        return None
    if isinstance(statement, cst.Import):
        return _changed_import(statement, changes)
    return _changed_from(statement, changes)


def _changed_import(statement: cst.Import, changes: Changes) -> list[cst.BaseSmallStatement]:
    kept = [alias for alias in statement.names if alias not in changes.modules or alias in changes.kept]
    written: list[cst.BaseSmallStatement] = [statement.with_changes(names=_without_last_comma(kept))] if kept else []
    for alias in statement.names:
        written += map(_import, changes.modules.get(alias, ()))
    return written


def _changed_from(statement: cst.ImportFrom, changes: Changes) -> list[cst.BaseSmallStatement]:
    assert not isinstance(statement.names, cst.ImportStar)
    groups: dict[str | None, list[cst.ImportAlias]] = {}
    for alias in statement.names:
        new = changes.names.get(alias)
        groups.setdefault(new.module if new else None, []).append(_renamed(alias, new) if new else alias)
    # The first module keeps the statement, with its parentheses and comments.
    written: list[cst.BaseSmallStatement] = []
    for index, (module, aliases) in enumerate(groups.items()):
        original = [alias for alias in statement.names if _module_of(alias, changes) == module]
        ordered = _in_order(original, aliases)
        node = statement.module if module is None else cst.parse_expression(module)
        if index == 0 and len(groups) == 1:
            written.append(statement.with_changes(module=node, names=_with_commas_of(statement.names, ordered)))
        else:
            written.append(_from(statement, node, ordered))
    for alias in statement.names:
        written += map(_import, changes.modules.get(alias, ()))
    return written


def _module_of(alias: cst.ImportAlias, changes: Changes) -> str | None:
    new = changes.names.get(alias)
    return new.module if new else None


def _renamed(alias: cst.ImportAlias, new: NewName) -> cst.ImportAlias:
    asname = cst.AsName(cst.Name(new.local)) if new.local else alias.asname
    if asname is not None and asname.name.deep_equals(cst.Name(new.name)) and alias.asname is None:
        asname = None
    return alias.with_changes(name=cst.Name(new.name), asname=asname)


def _import(new: NewModule) -> cst.BaseSmallStatement:
    asname = cst.AsName(cst.Name(new.local)) if new.local else None
    name = cst.parse_expression(new.module)
    assert isinstance(name, cst.Name | cst.Attribute)
    return cst.Import(names=[cst.ImportAlias(name=name, asname=asname)])


# -- names in order ----------------------------------------------------------------------------------------------------


def _by_kind(name: str) -> tuple[int, str]:
    """As isort and ruff sort: constants, classes, the rest."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2), name


SORTINGS = (_by_kind, str, str.lower)


def _in_order(before: Sequence[cst.ImportAlias], after: Sequence[cst.ImportAlias]) -> list[cst.ImportAlias]:
    """The names in the order in which the statement had them sorted, if it had; else each in the place of the old."""
    names = [_text(alias) for alias in before]
    for key in SORTINGS:
        if names == sorted(names, key=key):
            return sorted(after, key=lambda alias: key(_text(alias)))
    return list(after)


def _text(alias: cst.ImportAlias) -> str:
    assert isinstance(alias.name, cst.Name)
    return alias.name.value


def _with_commas_of(before: Sequence[cst.ImportAlias], after: Sequence[cst.ImportAlias]) -> list[cst.ImportAlias]:
    """The names with the line ends that their places have. A comment moves with its name, so it keeps the order."""
    if any(_has_comment(alias) for alias in before):
        return sorted(after, key=lambda alias: _place(alias, before))
    return [alias.with_changes(comma=old.comma) for alias, old in zip(after, before, strict=True)]


def _place(alias: cst.ImportAlias, before: Sequence[cst.ImportAlias]) -> int:
    return next((index for index, old in enumerate(before) if old.comma is alias.comma), len(before))


def _has_comment(alias: cst.ImportAlias) -> bool:
    return "#" in cst.Module(body=[]).code_for_node(alias)


def _without_last_comma(aliases: Sequence[cst.ImportAlias]) -> list[cst.ImportAlias]:
    return [*aliases[:-1], aliases[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)]


# -- a new statement --------------------------------------------------------------------------------------------------


def _from(statement: cst.ImportFrom, module: cst.CSTNode | None, aliases: list[cst.ImportAlias]) -> cst.ImportFrom:
    """A `from` import: on one line, or with each name on its own where that is too long or a name has a comment."""
    bare = statement.with_changes(module=module, lpar=None, rpar=None, names=_on_one_line(aliases))
    comments = any(_has_comment(alias) for alias in aliases)
    if not comments and len(cst.Module(body=[]).code_for_node(bare)) <= WIDTH:
        return bare
    return bare.with_changes(
        lpar=cst.LeftParen(whitespace_after=_line(inner=True)),
        rpar=cst.RightParen(),
        names=[_on_own_line(alias, last=index == len(aliases) - 1) for index, alias in enumerate(aliases)],
    )


def _on_one_line(aliases: Iterable[cst.ImportAlias]) -> list[cst.ImportAlias]:
    space = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    return _without_last_comma([alias.with_changes(comma=space) for alias in aliases])


def _on_own_line(alias: cst.ImportAlias, *, last: bool) -> cst.ImportAlias:
    after = alias.comma.whitespace_after if isinstance(alias.comma, cst.Comma) else None
    comment = after.first_line.comment if isinstance(after, cst.ParenthesizedWhitespace) else None
    return alias.with_changes(comma=cst.Comma(whitespace_after=_line(inner=not last, comment=comment)))


def _line(*, inner: bool, comment: cst.Comment | None = None) -> cst.ParenthesizedWhitespace:
    """The end of a line inside of parentheses, and the indentation of the next."""
    space = cst.SimpleWhitespace("  " if comment else "")
    return cst.ParenthesizedWhitespace(
        first_line=cst.TrailingWhitespace(whitespace=space, comment=comment),
        indent=True,
        last_line=cst.SimpleWhitespace("    " if inner else ""),
    )


# -- joining -----------------------------------------------------------------------------------------------------------


def joined(first: cst.ImportFrom, second: cst.ImportFrom) -> cst.ImportFrom:
    """One statement with the names of both, which are of one module."""
    assert not isinstance(first.names, cst.ImportStar)
    assert not isinstance(second.names, cst.ImportStar)
    new = [alias for alias in second.names if not any(_is_same(alias, known) for known in first.names)]
    if not new:
        return first
    names = _in_order(first.names, [*first.names, *new])
    return _from(first, first.module, names)


def _is_same(one: cst.ImportAlias, other: cst.ImportAlias) -> bool:
    return one.with_changes(comma=cst.MaybeSentinel.DEFAULT).deep_equals(
        other.with_changes(comma=cst.MaybeSentinel.DEFAULT)
    )
