"""In which framework something is written. Sources are parsed, never executed.

A function decides by what it derives from, answers with or uses; one that names no framework by the methods that the arrays of one alone
have, if its files import that one too. Only then does an import decide, wherever in the files it stands.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from conformance.respondent.frameworks import facts, leading, names, spoken_for
from conformance.respondent.interview import builder_of
from conformance.targets.syntax import (
    Function,
    Head,
    Import,
    first_name,
    head_of,
    imports,
    inner_imports,
    own_nodes,
    root_framework,
)


@dataclass(frozen=True)
class Written:
    """The framework of a module or a function, and why: "line 2 imports keras", for example. `doubtful` says that others are imported too."""

    framework: str
    because: str
    doubtful: bool = False


@dataclass(frozen=True)
class _Sign:
    """Something that says of code that it is written in a framework."""

    framework: str
    what: str
    line: int
    file: PurePath


@dataclass(frozen=True)
class Module:
    """A target as its files say it, parsed as they are needed.

    first    the files that are read in any case, the one that offers the names before all others
    parsed   the tree of a file; None if it has none that can be read
    located  (file, parts, level) -> the target's own files that such an import in the file would execute
    """

    first: Sequence[PurePath]
    parsed: Callable[[PurePath], ast.Module | None]
    located: Callable[[PurePath, Sequence[str], int], Sequence[PurePath]]
    _heads: dict[PurePath, Head] = field(default_factory=dict, compare=False)
    _imported: dict[str, Written] = field(default_factory=dict, compare=False)

    def imported(self) -> Mapping[str, Written]:
        """The frameworks that the files import, at their head or inside functions, files of its own among them followed."""
        if not self._imported:
            self._imported.update(self._all_imported())
        return self._imported

    def _all_imported(self) -> dict[str, Written]:
        by_root, waiting = spoken_for(), list(reversed(self.first))
        known: dict[str, Written] = {}
        read: set[PurePath] = set()
        while waiting:
            file = waiting.pop()
            tree = None if file in read else self.parsed(file)
            read.add(file)
            for one in imports(tree) if tree is not None else ():
                framework = None if one.level else by_root.get(one.parts[0])
                if framework is None:
                    waiting += self.located(file, one.parts, one.level)
                else:
                    known.setdefault(framework, Written(framework, f"{self._place(file, one.line)} imports {one.parts[0]}"))
        return known

    def of(self, name: str) -> Written | None:
        """The framework that something at the head of the module says itself that it is written in; None if it does not say."""
        try:
            place = self._defined(self.first[0], name, set())
            return None if place is None else self._of(name, *place)
        except RecursionError:  # nested deeper than anybody writes
            return None

    def of_everything(self, offered: Iterable[str]) -> tuple[Written | None, dict[str, Written]]:
        """The framework of the whole, None if nothing says one; and those of the names, or their builders, that say another."""
        own = {name: written for name in offered if (written := self.of(name) or self.of(builder_of(name))) is not None}
        known, said = self.imported(), {written.framework for written in own.values()}
        # A single one that functions say outweighs imports of others; where they say several, an import decides on the rest.
        main = next(iter(said)) if len(said) == 1 else leading(known.keys() | said)
        if main is None:
            return None, {}
        spoken = next((written for written in own.values() if written.framework == main), None)
        alone = {name for name in known if not facts(name).companion} <= {main}
        whole = known[main] if main in known and (alone or len(said) != 1) else spoken
        whole = None if whole is None else replace(whole, doubtful=not alone)
        return whole, {name: written for name, written in own.items() if written.framework != main}

    def _of(self, name: str, file: PurePath, node: ast.AST | Import) -> Written | None:
        for verb, signs in (
            ("derives from", self._ancestors(file, node, set())),
            ("answers with", self._answers(file, node, set())),
            ("uses", self._uses(file, node, set())),
        ):
            by_framework = {sign.framework: sign for sign in reversed(list(signs))}
            speaking = [sign for sign in by_framework.values() if not facts(sign.framework).companion]
            if len(speaking) == 1:
                return self._said(name, verb, speaking[0])
        if by_framework:  # several, or one that is used beside all others
            return None
        habits = {sign.framework: sign for sign in reversed(list(self._habits(file, node)))}
        fitting = [sign for sign in habits.values() if sign.framework in self.imported()]
        return self._said(name, "uses", fitting[0]) if len(fitting) == 1 else None

    def _said(self, name: str, verb: str, sign: _Sign) -> Written:
        return Written(sign.framework, f"{name} {verb} {sign.what} ({self._place(sign.file, sign.line)})")

    def _place(self, file: PurePath, line: int) -> str:
        return f"line {line}" if file == self.first[0] else f"line {line} of {file.name}"

    def _head(self, file: PurePath) -> Head:
        if file not in self._heads:
            self._heads[file] = head_of(self.parsed(file))
        return self._heads[file]

    def _defined(self, file: PurePath, name: str, seen: set[tuple[PurePath, str]]) -> tuple[PurePath, ast.AST | Import] | None:
        """The file and the node that define a name of a file, through files of its own that it is taken from."""
        if (file, name) in seen:
            return None
        seen.add((file, name))
        bound = self._head(file).names.get(name)
        if isinstance(bound, ast.Name):  # one more name for it
            return self._defined(file, bound.id, seen) or (file, bound)
        if isinstance(bound, Import):
            taken = [self._defined(place, bound.parts[-1], seen) for place in self.located(file, bound.parts[:-1], bound.level)]
            return next(filter(None, taken), (file, bound) if root_framework(bound) is not None else None)
        if bound is not None:
            return file, bound
        stars = self._head(file).stars
        taken = (self._defined(place, name, seen) for one in stars for place in self.located(file, one.parts, one.level))
        return next(filter(None, taken), None)

    def _signs_of(self, file: PurePath, name: str, line: int, inner: dict[str, Import]) -> Iterator[_Sign]:
        """The framework that a name is imported from; nothing for any other name."""
        bound = inner.get(name) or self._head(file).names.get(name)
        if isinstance(bound, Import) and (framework := root_framework(bound)) is not None:
            yield _Sign(framework, bound.parts[0], line, file)

    def _ancestors(self, file: PurePath, node: ast.AST | Import, seen: set[int]) -> Iterator[_Sign]:
        if not isinstance(node, ast.ClassDef) or id(node) in seen:
            return
        seen.add(id(node))
        for base in node.bases:
            if (root := first_name(base)) is not None:
                yield from self._signs_of(file, root, base.lineno, {})
                place = self._defined(file, root, set())
                yield from self._ancestors(*place, seen) if place is not None else ()

    def _answers(self, file: PurePath, node: ast.AST | Import, seen: set[int]) -> Iterator[_Sign]:
        """Of what stands in `return`: the framework whose function makes the value, not those that only take part in it."""
        if id(node) in seen:
            return
        seen.add(id(node))
        if isinstance(node, ast.Lambda):
            returned, body = [node.body], [node.body]
        elif isinstance(node, Function):
            returned, body = (
                [one.value for one in own_nodes(node) if isinstance(one, ast.Return) and one.value],
                list(own_nodes(node)),
            )
        else:
            return
        inner = inner_imports(node)
        values = {
            target.id: one.value
            for one in body
            if isinstance(one, ast.Assign)
            for target in one.targets
            if isinstance(target, ast.Name)
        }
        for value in returned:
            yield from self._made_by(file, value, inner, values, seen)

    def _made_by(
        self, file: PurePath, value: ast.AST, inner: dict[str, Import], values: dict[str, ast.expr], seen: set[int]
    ) -> Iterator[_Sign]:
        match value:
            case ast.Call(func=ast.Name(id=name)) if name in self._head(file).names or name in inner:
                yield from self._signs_of(file, name, value.lineno, inner)
                place = self._defined(file, name, set())
                yield from self._answers(*place, seen) if place is not None else ()
            case ast.Call(func=ast.Attribute(value=of)) | ast.Attribute(value=of) | ast.Subscript(value=of):
                root = first_name(of)
                if root is not None and root not in values:
                    yield from self._signs_of(file, root, value.lineno, inner)
                else:
                    yield from self._made_by(file, of, inner, values, seen)
            case ast.Name(id=name) if name in values:
                rest = {other: one for other, one in values.items() if other != name}
                yield from self._made_by(file, values[name], inner, rest, seen)
            case ast.BinOp(left=left, right=right) | ast.IfExp(body=left, orelse=right):
                yield from self._made_by(file, left, inner, values, seen)
                yield from self._made_by(file, right, inner, values, seen)
            case ast.UnaryOp(operand=operand):
                yield from self._made_by(file, operand, inner, values, seen)
            case _:
                pass

    def _uses(self, file: PurePath, node: ast.AST | Import, seen: set[int]) -> Iterator[_Sign]:
        """Every framework that it names, itself or in functions and classes of the target that it names."""
        if id(node) in seen:
            return
        seen.add(id(node))
        inner = inner_imports(node)
        if isinstance(node, Import):
            framework = root_framework(node)
            yield from [_Sign(framework, node.parts[0], node.line, file)] if framework is not None else ()
        for one in ast.walk(node) if isinstance(node, ast.AST) else ():
            if isinstance(one, ast.Name):
                yield from self._signs_of(file, one.id, one.lineno, inner)
                place = self._defined(file, one.id, set())
            elif isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
                place = self._of_own_module(file, one.value.id, one.attr, inner)
            else:
                continue
            yield from self._uses(*place, seen) if place is not None else ()

    def _of_own_module(
        self, file: PurePath, module: str, name: str, inner: dict[str, Import]
    ) -> tuple[PurePath, ast.AST | Import] | None:
        """Where `module.name` is defined, if the module is a file of the target's own."""
        bound = inner.get(module) or self._head(file).names.get(module)
        places = self.located(file, bound.parts, bound.level) if isinstance(bound, Import) else ()
        return next(filter(None, (self._defined(place, name, set()) for place in places)), None)

    def _habits(self, file: PurePath, node: ast.AST | Import) -> Iterator[_Sign]:
        """Methods and keywords that only one framework's arrays have, of what the function is given or makes itself."""
        others = {*self._head(file).names, "self", "cls"}
        for one in ast.walk(node) if isinstance(node, Function | ast.Lambda) else ():
            if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and first_name(one.func.value) not in others:
                words = {f".{one.func.attr}()", *(f"{keyword.arg}=" for keyword in one.keywords)}
                for framework in names():
                    for word in sorted(words & facts(framework).habits):
                        yield _Sign(framework, word, one.lineno, file)
