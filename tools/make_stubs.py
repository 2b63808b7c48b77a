"""Write the stubs of modules whose contents are attached when derivo is imported.

Functions and methods are made from the records of operations, so no source file holds
their ``def`` and an editor could not complete them. This script imports derivo, asks
each public name for its signature and docstring, and writes the ``.pyi`` beside the
module. ``--check`` writes nothing and fails where a stub is out of date.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import difflib
import importlib
import inspect
import keyword
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
sys.path.insert(0, str(SRC))

# Modules that are filled from the registry.
MODULES = ("derivo", "derivo.tensor", "derivo.special", "derivo.nn.functional")

CORE = SRC / "derivo" / "_core"
MARK = "written by tools/make_stubs.py"

# Where the names in annotations come from, whoever uses them.
KNOWN = {
    "Any": "from typing import Any",
    "Callable": "from collections.abc import Callable",
    "Iterable": "from collections.abc import Iterable",
    "Iterator": "from collections.abc import Iterator",
    "Literal": "from typing import Literal",
    "Mapping": "from collections.abc import Mapping",
    "Sequence": "from collections.abc import Sequence",
    "Generator": "from derivo._core.generator import Generator",
    "Node": "from derivo._core.tensor import Node",
    "Size": "from derivo._core.tensor import Size",
    "Tensor": "from derivo.tensor import Tensor",
    "device": "from derivo._info import device",
    "dtype": "from derivo._core.tensor import DType as dtype",
    "layout": "from derivo._info import layout",
    "memory_format": "from derivo._info import memory_format",
    "np": "import numpy as np",
    "Number": "Number: TypeAlias = bool | int | float",
}
WIDTH = 88


class Stub:
    """One stub file: collects definitions, and the imports that they need."""

    def __init__(self, module: ModuleType) -> None:
        self.module = module
        self.lines: list[str] = []
        self.needed: dict[str, str] = {}
        self.public = set(public_names(module))
        self.members: set[str] = set()
        self.described: dict[str, str] = {}
        self.tensor = False

    def text(self) -> str:
        """Return the whole file."""
        imports = {s for s in self.needed.values() if "import " in s}
        aliases = sorted({s for s in self.needed.values() if "import " not in s})
        if aliases:
            imports.add("from typing import TypeAlias")
        head = [
            f"# Stub of {self.module.__name__}, {MARK}.",
            "# Not to be edited: `spin lint --fix` writes it again.",
            "",
            *sorted(imports, key=lambda s: (s.startswith("from derivo"), s)),
            "",
            *aliases,
            "",
        ]
        return "\n".join([*head, *self.lines]).rstrip() + "\n"

    def add(self, name: str, thing: Any) -> None:
        """One public name of the module."""
        if keyword.iskeyword(name):
            return
        here = self.module.__name__
        if inspect.ismodule(thing):
            parent, _, last = thing.__name__.rpartition(".")
            if parent == here:
                self.lines.append(f"from . import {last} as {name}")
            elif parent:
                self.lines.append(f"from {parent} import {last} as {name}")
            else:
                self.lines.append(f"import {thing.__name__} as {name}")
        elif name == "TensorBase" and inspect.isclass(thing):
            self.needed["Tensor"] = KNOWN["Tensor"]
            self.lines.append("TensorBase = Tensor")
        elif inspect.isclass(thing):
            if thing.__module__ == here and not _imported(self.module, name):
                self.lines += ["", *self._class(name, thing)]
            else:
                home, own = _home(thing, here), thing.__qualname__
                if own == name:
                    self.lines.append(f"from {home} import {name} as {name}")
                else:  # an import under another name would not be exported
                    self.needed[own] = f"from {home} import {own}"
                    self.lines.append(f"{name} = {own}")
        elif (written := _written_out(thing, name)) and written != here:
            self.lines.append(f"from {written} import {name} as {name}")
        elif inspect.isroutine(thing) or callable(thing):
            self.lines += ["", *self._function(name, thing)]
        else:
            self.lines.append(f"{name}: {self._type_of(thing)}")

    def _type_of(self, value: Any) -> str:
        cls = type(value)
        if cls.__module__ == "builtins":
            return self._annotation("None" if value is None else cls.__name__, None)
        if vars(self.module).get(cls.__name__) is not cls:
            home = _home(cls, "")
            self.needed[cls.__name__] = f"from {home} import {cls.__name__}"
        return cls.__name__

    def _class(self, name: str, cls: type) -> Iterator[str]:
        here = self.module.__name__
        # All tensors are Tensors: the base in the core is an alias of it.
        bases = [
            base
            for base in cls.__bases__
            if base is not object and base.__name__ != "TensorBase"
        ]
        for base in bases:
            if base.__module__ != "builtins":
                self.needed[base.__name__] = (
                    f"from {_home(base, '')} import {base.__name__}"
                )
        parents = [self._annotation(base.__name__, None) for base in bases]
        inherited = f"({', '.join(parents)})" if bases else ""
        yield f"class {name}{inherited}:"
        yield from _docstring(inspect.cleandoc(cls.__doc__ or ""), 4)
        # What a base of the core defines without a stub of its own belongs here, too.
        members: dict[str, Any] = {}
        for base in reversed(cls.__mro__[:-1]):
            if base is cls or not _has_stub(base):
                members.update(vars(base))
        self.tensor = any(base.__name__ == "TensorBase" for base in cls.__mro__)
        if "__new__" in members or "__init__" in members:
            self._annotation("Any", None)
            yield "    def __init__(self, *args: Any, **kwargs: Any) -> None: ..."
        attributes = members.keys() & {"__getattribute__", "__getattr__"}
        if attributes and not self.tensor:
            # (how Cython fills the slot for a __getattr__)
            yield "    def __getattr__(self, name: str) -> Any: ..."
        self.members = set(members)
        # What a tuple already says is not said again.
        inherits = any(base.__module__ == "builtins" for base in bases)
        for member in sorted(members, key=lambda m: (not m.startswith("__"), m)):
            if inherits and member.startswith("__"):
                continue
            private = _is_private(member) and not here.startswith("derivo._core.")
            private = private and member not in SHARED
            if member in SKIPPED or private or keyword.iskeyword(member):
                continue
            yield from self._member(member, members[member])
        self.members = set()

    def _member(self, name: str, thing: Any) -> Iterator[str]:
        if isinstance(thing, (staticmethod, classmethod)):
            kind = type(thing).__name__
            yield f"    @{kind}"
            yield from self._function(name, thing.__func__, indent=4)
        elif str(getattr(thing, "__doc__", "")).startswith(f"{name}: "):
            # Cython's documentation of a `cdef public` field.
            yield f"    {name}: Any"
        elif isinstance(thing, property) or inspect.isdatadescriptor(thing):
            getter = getattr(thing, "fget", None)
            settable = getattr(thing, "fset", None) is not None
            noted = _annotations(getter).get("return", "Any")
            if name in PROPERTIES and self.tensor:
                noted, settable = PROPERTIES[name]
            elif noted == "Any":
                noted = OTHERS.get(name, "Any")
            result = self._annotation(noted, getter)
            yield "    @property"
            yield f"    def {name}(self) -> {result}:"
            yield from _docstring(_first_paragraph(_documentation(thing)), 8)
            if settable:
                yield f"    @{name}.setter"
                yield f"    def {name}(self, value: {result}) -> None: ..."
        elif name in OBJECT and not self.tensor:
            yield f"    def {name}{OBJECT[name]}: ..."
        elif name in SLOTS and self.tensor:
            arguments, _, result = SLOTS[name].rpartition(" -> ")
            text = re.sub(
                r": ([^,)]+)",
                lambda m: f": {self._annotation(m[1], None)}",
                arguments,
            )
            text += f" -> {self._annotation(result, None)}"
            # A comparison of tensors is a tensor, which `object` does not foresee.
            odd = "  # type: ignore[override]" if name in ("__eq__", "__ne__") else ""
            yield f"    def {name}{text}: ...{odd}"
        elif callable(thing):
            yield from self._function(name, thing, indent=4)
        else:
            yield f"    {name}: {self._type_of(thing)}"

    def _function(self, name: str, thing: Any, indent: int = 0) -> Iterator[str]:
        margin = " " * indent
        full = _documentation(thing)
        signature = _signature(thing)
        if signature is None:
            arguments, result = "*args: Any, **kwargs: Any", "Any"
            self.needed["Any"] = KNOWN["Any"]
        else:
            arguments, result = self._arguments(signature, thing, bool(indent))
        head = f"{margin}def {name}({arguments}) -> {result}:"
        if len(head) > WIDTH:
            broken = ",\n".join(f"{margin}    {a}" for a in _split(arguments))
            head = f"{margin}def {name}(\n{broken},\n{margin}) -> {result}:"
        # A method says in a line what the function of its name says in full, and so
        # does an alias.
        first = self.described.setdefault(full, name)
        doc = full
        if indent or first != name:
            doc = _first_paragraph(full)
        if first != name and not indent and full:
            doc += f"\n\nThe same as `{first}`."
        if doc and not name.startswith("__"):
            yield head
            yield from _docstring(doc, indent + 4)
        else:
            yield f"{head} ..."

    def _arguments(
        self, signature: inspect.Signature, thing: Any, method: bool
    ) -> tuple[str, str]:
        parts: list[str] = []
        star = False
        kinds = [p.kind for p in signature.parameters.values()]
        only = inspect.Parameter.POSITIONAL_ONLY
        for i, p in enumerate(signature.parameters.values()):
            text = p.name
            if p.kind is p.KEYWORD_ONLY and not star:
                parts.append("*")
                star = True
            if p.kind is p.VAR_POSITIONAL:
                text, star = f"*{text}", True
            elif p.kind is p.VAR_KEYWORD:
                text = f"**{text}"
            if not (method and i == 0):
                noted = p.annotation if p.annotation is not p.empty else "Any"
                text += f": {self._annotation(noted, thing)}"
                if p.default is not p.empty:
                    text += f" = {_default(p.default)}"
            elif p.default is not p.empty:
                text += f"={_default(p.default)}"
            parts.append(text)
            if p.kind is only and kinds[i + 1 : i + 2] != [only]:
                parts.append("/")
        noted = signature.return_annotation
        result = "Any" if noted is signature.empty else noted
        return ", ".join(parts), self._annotation(result, thing)

    def _annotation(self, noted: Any, thing: Any) -> str:
        """Return the text of an annotation, having noted the imports that it needs."""
        text = noted if isinstance(noted, str) else inspect.formatannotation(noted)
        text = BARE.sub(lambda m: GENERIC[m[0]], text)
        return NAME.sub(lambda m: self._name(m[0], thing), text.replace('"', ""))

    def _name(self, name: str, thing: Any) -> str:
        # A name that means something else here (`derivo.float` is a dtype, a tensor has
        # a method `float`) is imported under another one.
        if name in ("None", "True", "False"):
            return name
        there = vars(self.module).get(name)
        shadowed = name in self.members or (name in self.public and there is not None)
        if hasattr(builtins, name):
            if not shadowed or there is getattr(builtins, name):
                return name
            statement = f"from builtins import {name}"
        elif name in KNOWN and "import" not in KNOWN[name]:
            _, _, value = KNOWN[name].partition(" = ")
            value = NAME.sub(lambda m: self._name(m[0], thing), value)
            self.needed[name] = f"{name}: TypeAlias = {value}"
            return name
        elif name not in self.members and inspect.isclass(there):
            if name not in self.public:
                self.needed.setdefault(name, f"from {_home(there, '')} import {name}")
            return name
        else:
            found = KNOWN.get(name) or _where(name, thing)
            own = f"from {self.module.__name__} import "
            if found and found.startswith(own):
                return found.removeprefix(own).partition(" as ")[0]
            if found is None:
                raise SystemExit(
                    f"[make_stubs] {thing!r} is annotated with {name!r}, which its "
                    "module neither defines nor imports."
                )
            if "import" not in found:
                _, _, value = found.partition(" = ")
                value = NAME.sub(lambda m: self._name(m[0], thing), value)
                found = f"{name}: TypeAlias = {value}"
            statement = found
        if not shadowed:
            self.needed.setdefault(name, statement)
            return name
        self.needed.setdefault(f"_{name}", f"{statement.split(' as ')[0]} as _{name}")
        return f"_{name}"


# What an annotation of Cython leaves out.
GENERIC = {"tuple": "tuple[Any, ...]", "list": "list[Any]", "dict": "dict[Any, Any]"}
BARE = re.compile(r"\b(?:tuple|list|dict)\b(?!\[)")
NAME = re.compile(r"(?<![\w.'])[A-Za-z_]\w*")

# Members that say nothing to a reader of the stub.
# Attributes of tensors that transforms use all over the package.
SHARED = {"_batch", "_tangents"}
SKIPPED = {
    *("__module__", "__doc__", "__dict__", "__weakref__", "__annotations__"),
    *("__new__", "__slots__", "__pyx_vtable__", "__reduce_cython__"),
    *("__setstate_cython__", "__getstate__", "__static_attributes__", "__class__"),
    *("__firstlineno__", "__match_args__", "__abstractmethods__", "_abc_impl"),
    *("__test__", "__getattribute__", "__setattr__", "__delattr__", "__init__"),
    *("__getattr__", "__dir__", "__init_subclass__", "__subclasshook__", "__sizeof__"),
    *("__reduce__", "__reduce_ex__", "__setstate__", "__qualname__", "__dealloc__"),
}
# What the core defines in C carries no annotations. Slots: arguments and result.
_BINARY = "(self, other: Tensor | Number) -> Tensor"
_COMPARE = "(self, other: Any) -> Tensor"
SLOTS = {
    **{
        f"__{prefix}{name}__": _BINARY
        for name in (
            *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
            *("and", "or", "xor", "lshift", "rshift"),
        )
        for prefix in ("", "r", "i")
    },
    **{f"__{name}__": _COMPARE for name in ("eq", "ne", "lt", "le", "gt", "ge")},
    "__bool__": "(self) -> bool",
    "__complex__": "(self) -> complex",
    "__float__": "(self) -> float",
    "__index__": "(self) -> int",
    "__int__": "(self) -> int",
    "__contains__": "(self, element: Any) -> bool",
    "__delitem__": "(self, key: Any) -> None",
    "__getitem__": "(self, key: Any) -> Tensor",
    "__hash__": "(self) -> int",
    "__len__": "(self) -> int",
    "__setitem__": "(self, key: Any, value: Any) -> None",
}
EXPOSED = {"_is_view"}
# Slots and properties of the core's other classes.
OBJECT = {
    "__repr__": "(self) -> str",
    "__hash__": "(self) -> int",
    "__len__": "(self) -> int",
    **{
        f"__{name}__": "(self, other: object) -> bool"
        for name in ("eq", "ne", "lt", "le", "gt", "ge")
    },
}
OTHERS = {
    "code": "int",
    "is_complex": "bool",
    "is_floating_point": "bool",
    "is_signed": "bool",
    "itemsize": "int",
    "metadata": "dict[Any, Any]",
    "name": "str",
    "nbytes": "int",
    "next_functions": "tuple[tuple[Any, int], ...]",
}
# Properties of tensors: type, and whether it can be set.
PROPERTIES = {
    "H": ("Tensor", False),
    "T": ("Tensor", False),
    "_base": ("Tensor | None", False),
    "_version": ("int", False),
    "data": ("Tensor", True),
    "device": ("device", False),
    "dtype": ("dtype", False),
    "grad": ("Tensor | None", True),
    "grad_fn": ("Node | None", False),
    "imag": ("Tensor", True),
    "is_leaf": ("bool", False),
    "itemsize": ("int", False),
    "layout": ("layout", False),
    "mH": ("Tensor", False),
    "mT": ("Tensor", False),
    "nbytes": ("int", False),
    "ndim": ("int", False),
    "output_nr": ("int", False),
    "real": ("Tensor", True),
    "requires_grad": ("bool", True),
    "retains_grad": ("bool", False),
    "shape": ("Size", False),
}


def _is_private(name: str) -> bool:
    private = name.startswith("_") and not name.startswith("__")
    return private and name not in PROPERTIES and name not in EXPOSED


def _home(thing: Any, here: str) -> str:
    """Find the module to import a thing from, without importing from where we are."""
    home: str = thing.__module__
    if home != here:
        return home
    found = inspect.getmodule(thing)
    return found.__name__ if found else home


def _imported(module: ModuleType, name: str) -> bool:
    source = inspect.getsourcefile(module)
    if source is None:
        return False
    tree = ast.parse(Path(source).read_text(encoding="utf-8"))
    return not any(isinstance(n, ast.ClassDef) and n.name == name for n in tree.body)


def _written_out(thing: Any, name: str) -> str | None:
    """Find the module in whose source a function stands as a plain ``def``."""
    code = getattr(thing, "__code__", None)
    if code is None or not code.co_filename.startswith(str(SRC)):
        return None
    tree = ast.parse(Path(code.co_filename).read_text(encoding="utf-8"))
    for node in tree.body:
        if (
            isinstance(node, ast.FunctionDef)
            and node.name == name
            and not node.decorator_list
        ):
            home: str = thing.__globals__["__name__"]
            return home
    return None


def _has_stub(cls: type) -> bool:
    """Whether a class that is inherited from is described by a file of its own."""
    if cls.__name__ == "TensorBase":
        return False
    if cls.__module__.startswith("derivo._core.") or cls.__module__ == "builtins":
        return True
    source = getattr(sys.modules[cls.__module__], "__file__", None)
    return source is not None and source.endswith(".py")


def _signature(thing: Any) -> inspect.Signature | None:
    try:
        return inspect.signature(thing)
    except (ValueError, TypeError):
        return None


def _annotations(thing: Any) -> dict[str, Any]:
    return getattr(thing, "__annotations__", {})


def _default(value: Any) -> str:
    if value is None or isinstance(value, (bool, int, str)):
        return repr(value)
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return repr(value)
    return "..."


def _split(arguments: str) -> list[str]:
    parts, depth, start = [], 0, 0
    for i, letter in enumerate(arguments):
        depth += (letter in "[(") - (letter in "])")
        if letter == "," and depth == 0:
            parts.append(arguments[start:i].strip())
            start = i + 1
    return [*parts, arguments[start:].strip()]


def _documentation(thing: Any) -> str:
    # Cython puts the signature before the text.
    doc = inspect.getdoc(thing) or ""
    return re.sub(r"\A[\w.]+\(.*\)(?: -> .*)?(?:\n+|\Z)", "", doc)


def _first_paragraph(doc: str) -> str:
    return doc.split("\n\n")[0]


def _docstring(doc: str, indent: int) -> Iterator[str]:
    margin = " " * indent
    quote = 'r"""' if "\\" in doc else '"""'
    lines = doc.strip().split("\n")
    if not doc.strip():
        yield f"{margin}..."
    elif len(lines) == 1:
        yield f'{margin}{quote}{lines[0]}"""'
    else:
        yield f"{margin}{quote}{lines[0]}"
        yield from (f"{margin}{line}".rstrip() for line in lines[1:])
        yield f'{margin}"""'


def _where(name: str, thing: Any) -> str | None:
    """Statement that gives `name` its meaning in the module that defines `thing`."""
    module = inspect.getmodule(thing) if thing is not None else None
    code = getattr(inspect.unwrap(thing), "__code__", None) if thing else None
    source = code.co_filename if code else getattr(module, "__file__", None)
    if source is None or not source.endswith(".py"):
        return None
    for node in _statements(ast.parse(Path(source).read_text(encoding="utf-8")).body):
        match node:
            case ast.ImportFrom(module=str(origin), names=names):
                for alias in names:
                    if (alias.asname or alias.name) == name:
                        renamed = f" as {alias.asname}" if alias.asname else ""
                        return f"from {origin} import {alias.name}{renamed}"
            case ast.Import(names=names):
                for alias in names:
                    if (alias.asname or alias.name) == name:
                        renamed = f" as {alias.asname}" if alias.asname else ""
                        return f"import {alias.name}{renamed}"
            case ast.Assign(targets=[ast.Name(id=target)], value=value):
                if target == name:
                    return f"{name}: TypeAlias = {ast.unparse(value)}"
            case ast.ClassDef(name=target) if target == name:
                dotted = Path(source).relative_to(SRC).with_suffix("").as_posix()
                home = dotted.replace("/", ".").removesuffix(".__init__")
                return f"from {home} import {name}"
    return None


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try)):
            yield from _statements(node.body)


def core_modules() -> list[str]:
    """Modules of the core whose stubs are not written by hand."""
    found = []
    for source in sorted(CORE.glob("*.pyx")):
        stub = source.with_suffix(".pyi")
        if not stub.exists() or MARK in stub.read_text(encoding="utf-8")[:200]:
            found.append(f"derivo._core.{source.stem}")
    return found


def public_names(module: ModuleType) -> list[str]:
    """Names that the stub of a module has to hold."""
    if module.__name__.startswith("derivo._core."):
        # Python modules of the package use what begins with an underscore, too.
        return sorted(
            name
            for name, thing in vars(module).items()
            if not name.startswith(("__", "derivo_"))
            and not inspect.ismodule(thing)
            # (a function of the core may be published under the package's name)
            and getattr(thing, "__module__", None) in (None, module.__name__, "derivo")
        )
    names = {name for name in dir(module) if not name.startswith("_")}
    if hasattr(module, "__path__"):
        names.discard("annotations")
        if hasattr(module, "__version__"):
            names.add("__version__")
    else:
        names = set(module.__all__)
    return sorted(names, key=lambda n: (n.lower(), n))


def stub_of(name: str) -> tuple[Path, str]:
    """Path and text of the stub of one module."""
    module = importlib.import_module(name)
    assert module.__file__ is not None
    stub = Stub(module)
    for public in public_names(module):
        try:
            stub.add(public, getattr(module, public))
        except ModuleNotFoundError:
            print(f"[make_stubs] {name}.{public} is announced, but not there")
    path = Path(module.__file__)
    return path.with_name(f"{path.name.partition('.')[0]}.pyi"), stub.text()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail where out of date")
    check = parser.parse_args().check
    stale = []
    for name in (*core_modules(), *MODULES):
        path, text = stub_of(name)
        old = path.read_text(encoding="utf-8") if path.exists() else ""
        if old == text:
            continue
        stale.append(path.relative_to(ROOT).as_posix())
        if check:
            lines = difflib.unified_diff(
                old.splitlines(), text.splitlines(), "", "", n=1
            )
            print("\n".join(list(lines)[:60]))
        else:
            path.write_text(text, encoding="utf-8")
    if check and stale:
        sys.exit(f"out of date: {', '.join(stale)}. Run `spin lint --fix`.")


if __name__ == "__main__":
    main()
