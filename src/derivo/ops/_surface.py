"""Public functions and methods made from the elementwise records.

A record names its public forms in `api`, as patterns that its name is put into:

=====================  ========================================================
``"{}"``               ``derivo.exp(input, *, out=None)``
``"{}!"``              the same without ``out=``
``"{}_"``              ``derivo.exp_(input)``, in place
``"special.{}"``       ``derivo.special.expit(input, *, out=None)``
``"Tensor.{}"``        ``Tensor.exp(self)``
``"Tensor.{}_"``       ``Tensor.exp_(self)``, in place
``"nn.functional.{}!"``  ``nn.functional.softsign(input)``
``"nn.functional.{}~"``  ``nn.functional.relu(input, inplace=False)``
=====================  ========================================================

The functions are plain Python functions with their own names, arguments and
docstrings, one call away from the core. Making hundreds of them from source text
would cost tens of milliseconds at import; instead a handful of templates is compiled
with this file, and each function is a copy of a template's code object with its
arguments renamed. A copy carries the file and line of the definition, so that
``inspect.getsource(derivo.exp)`` and an editor's "go to definition" show it.

Operations with several forms (``div`` with a rounding mode, ``clamp`` with optional
bounds) have public functions written by hand, marked with `public`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any, TypeVar

from derivo.ops._elementwise import PUBLIC_OPERANDS, REGISTRY, REQUIRED
from derivo.ops._formula import OperationFormula

if TYPE_CHECKING:
    from types import CodeType

    from derivo.ops._elementwise import ElementwiseRecord

__all__ = ["FUNCTIONS", "namespace", "public"]

_Function = TypeVar("_Function", bound=Callable[..., Any])

FUNCTIONS: dict[str, Callable[..., Any]] = {}
"""Qualified public name ("exp", "Tensor.exp_", "special.expit") → function."""


# Templates: `op` is the core operation. One line each, so that a traceback through a
# copy shows one line, the definition's.
# fmt: off
def _plain_1(op: Any) -> Any:
    def f(a): return op(a)
    return f


def _plain_2(op: Any) -> Any:
    def f(a, b): return op(a, b)
    return f


def _plain_3(op: Any) -> Any:
    def f(a, b, c): return op(a, b, c)
    return f


def _plain_4(op: Any) -> Any:
    def f(a, b, c, d): return op(a, b, c, d)
    return f


def _out_1(op: Any) -> Any:
    def f(a, *, out=None): return op(a) if out is None else op.out(out, a)
    return f


def _out_2(op: Any) -> Any:
    def f(a, b, *, out=None): return op(a, b) if out is None else op.out(out, a, b)
    return f


def _out_3(op: Any) -> Any:
    def f(a, b, c, *, out=None): return op(a, b, c) if out is None else op.out(out, a, b, c)  # noqa: E501
    return f


def _inplace_1(op: Any) -> Any:
    def f(a): return op.inplace(a)
    return f


def _inplace_2(op: Any) -> Any:
    def f(a, b): return op.inplace(a, b)
    return f


def _inplace_3(op: Any) -> Any:
    def f(a, b, c): return op.inplace(a, b, c)
    return f


def _inplace_4(op: Any) -> Any:
    def f(a, b, c, d): return op.inplace(a, b, c, d)
    return f


def _choice_1(op: Any) -> Any:
    def f(a, inplace=False): return op.inplace(a) if inplace else op(a)
    return f


def _choice_2(op: Any) -> Any:
    def f(a, b, inplace=False): return op.inplace(a, b) if inplace else op(a, b)
    return f


def _choice_3(op: Any) -> Any:
    def f(a, b, c, inplace=False): return op.inplace(a, b, c) if inplace else op(a, b, c)  # noqa: E501
    return f


# With one keyword-only parameter (`value` of addcmul).
def _plain_3_keyword(op: Any) -> Any:
    def f(a, b, c, *, p): return op(a, b, c, p)
    return f


def _out_3_keyword(op: Any) -> Any:
    def f(a, b, c, *, p, out=None): return op(a, b, c, p) if out is None else op.out(out, a, b, c, p)  # noqa: E501
    return f


def _inplace_3_keyword(op: Any) -> Any:
    def f(a, b, c, *, p): return op.inplace(a, b, c, p)
    return f


# fmt: on
_TEMPLATES: dict[tuple[str, int, int], CodeType] = {}
for _make in (
    *(_plain_1, _plain_2, _plain_3, _plain_4, _out_1, _out_2, _out_3),
    *(_inplace_1, _inplace_2, _inplace_3, _inplace_4),
    *(_choice_1, _choice_2, _choice_3),
    *(_plain_3_keyword, _out_3_keyword, _inplace_3_keyword),
):
    _kind, _count = _make.__name__.split("_")[1:3]
    _TEMPLATES[_kind, int(_count), int(_make.__name__.endswith("keyword"))] = _make(
        None
    ).__code__


# Flags of code with *args or **kwargs (inspect's names for them cost an import).
_VARIADIC = 0x04 | 0x08


def _cell(value: Any) -> Any:
    return (lambda: value).__closure__[0]  # type: ignore[index]


def form_of(public_name: str) -> tuple[str, str, str]:
    """Split a public name into ``(namespace, name, kind)`` of its template."""
    where, _, name = public_name.rpartition(".")
    mark = name[-1]
    name = name.rstrip("!~")
    if mark == "~":
        kind = "choice"
    elif mark == "_":
        kind = "inplace"
    elif mark == "!" or where == "Tensor":
        kind = "plain"
    else:
        kind = "out"
    return where, name, kind


def _make_functions(record: ElementwiseRecord) -> None:
    """Make every public form of one record."""
    names = [PUBLIC_OPERANDS.get(n, n) for n in record.operands]
    positional = [*names, *(p for p in record.params if p not in record.keyword)]
    count = len(positional)
    defaults = tuple(d for d in record.defaults if d is not REQUIRED)
    keywords = record.keyword
    code = record.definition.__code__
    file, line = code.co_filename, code.co_firstlineno
    cell = (_cell(record.core),)
    forms = [form_of(public_name) for public_name in record.api]
    summary, full = _documentation(record, names, {kind for _, _, kind in forms})
    annotations: dict[str, str] = dict.fromkeys(names, "Tensor | Number")
    annotations[names[0]] = "Tensor"
    annotations.update(dict.fromkeys(record.params, "float"))
    annotations["return"] = "Tensor"
    codes: dict[tuple[str, bool], CodeType] = {}
    formula = OperationFormula(record)
    for where, name, kind in forms:
        method = where == "Tensor"
        template = codes.get((kind, method))
        if template is None:
            template = _TEMPLATES[kind, count, len(keywords)]
            arguments = [*positional, *keywords]
            if method:
                arguments[0] = "self"
            template = codes[kind, method] = template.replace(
                co_varnames=(*arguments, *template.co_varnames[len(arguments) :]),
                co_filename=file,
                co_firstlineno=line,
            )
        qualified = f"Tensor.{name}" if method else name
        argdefs = () if keywords else defaults
        if kind == "choice":
            argdefs = (*argdefs, False)
        function = FunctionType(
            template.replace(co_name=name, co_qualname=qualified),
            globals(),
            name,
            argdefs or None,
            cell,
        )
        notes = dict(annotations)
        if method:
            del notes[names[0]]
        if kind == "out":
            function.__kwdefaults__ = {"out": None}
            notes["out"] = "Tensor | None"
        elif kind == "choice":
            notes["inplace"] = "bool"
        if keywords:
            given = dict(zip(keywords, defaults, strict=True))
            function.__kwdefaults__ = {**given, **(function.__kwdefaults__ or {})}
        function.__annotations__ = notes
        function.__module__ = "derivo" + (f".{where}" if where and not method else "")
        function.__qualname__ = qualified
        if kind == "inplace":
            plain = name.rstrip("_")
            function.__doc__ = f"{summary}\n\nIn place; see `derivo.{plain}`."
        else:
            function.__doc__ = full
        function.formula = formula  # type: ignore[attr-defined]
        FUNCTIONS[f"{where}.{name}" if where else name] = function


def public(*names: str) -> Callable[[_Function], _Function]:
    """Publish a function written by hand under these qualified names."""

    def publish(function: _Function) -> _Function:
        where, _, name = names[0].rpartition(".")
        if where == "Tensor":
            function.__module__, function.__qualname__ = "derivo", f"Tensor.{name}"
        else:
            function.__module__ = f"derivo.{where}".rstrip(".")
            function.__qualname__ = name
        function.__name__ = name
        method = None
        for qualified in names:
            if qualified in FUNCTIONS:
                raise ValueError(
                    f"[public] {qualified!r} is taken already by "
                    f"{FUNCTIONS[qualified]!r}. Publish one function under a name."
                )
            made: Callable[..., Any] = function
            if qualified.startswith("Tensor.") and where != "Tensor":
                if method is None:
                    method = _method_of(function)
                made = method
            FUNCTIONS[qualified] = made
        return function

    return publish


def _method_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give the form of a public function that is a method: `self`, and no ``out=``.

    A function whose only keyword-only argument is not `out` is its own method.
    """
    code = function.__code__
    count = code.co_argcount
    keywords = code.co_varnames[count : count + code.co_kwonlyargcount]
    template = _TEMPLATES.get(("plain", count, 0))
    if keywords != ("out",) or template is None or code.co_flags & _VARIADIC:
        return function
    method = FunctionType(
        template.replace(
            co_name=function.__name__,
            co_qualname=f"Tensor.{function.__name__}",
            co_varnames=("self", *code.co_varnames[1:count]),
            co_filename=code.co_filename,
            co_firstlineno=code.co_firstlineno,
        ),
        globals(),
        function.__name__,
        function.__defaults__,
        (_cell(function),),
    )
    notes = dict(function.__annotations__)
    notes.pop("out", None)
    notes.pop(code.co_varnames[0], None)
    method.__annotations__ = notes
    method.__module__ = "derivo"
    summary = (function.__doc__ or "").partition("\n")[0]
    method.__doc__ = f"{summary}\n\nSee `derivo.{function.__name__}`."
    return method


def namespace(where: str = "") -> dict[str, Callable[..., Any]]:
    """Functions of one namespace: "" (derivo), "Tensor", "special", "nn.functional"."""
    found = {}
    for qualified, function in FUNCTIONS.items():
        prefix, _, name = qualified.rpartition(".")
        if prefix == where:
            found[name] = function
    return found


_DTYPES = {
    "all": "",
    "numbers": " except bool",
    "floats": ", floating point",
    "singles": ", float32 or float64",
    "integers": ", of integers",
    "bits": ", of integers or bool",
}
_RESULT = {
    "same": "In the promoted dtype of the operands",
    "float": "In the promoted dtype of the operands, integers become the default dtype",
    "compare": "bool",
    "logical": "bool",
}


def _documentation(
    record: ElementwiseRecord, names: list[str], kinds: set[str]
) -> tuple[str, str]:
    """Summary line and full docstring, with the sections that every record shares."""
    if not record.documentation:
        return "", ""
    text = record.documentation.rstrip().replace("\n    ", "\n")
    head, examples_mark, examples = text.partition("\nExamples\n--------\n")
    head, _, own = head.partition("\nParameters\n----------\n")
    summary, _, notes = head.partition("\n")
    documented = (
        {line.split(" :")[0] for line in own.split("\n") if " : " in line}
        if own
        else ()
    )
    parts = [summary, "\n\nParameters\n----------\n"]
    dtypes = _DTYPES[record.accepts]
    kinds_of = "any" if record.on_complex else "any real"
    for i, name in enumerate(names):
        if name not in documented:
            kind = "Tensor" if i == 0 else "Tensor or Number"
            shape = "Any shape" if i == 0 else "Broadcast with the others"
            parts.append(f"{name} : {kind}\n    {shape}, {kinds_of} dtype{dtypes}.\n")
    if own:
        parts.append(own.rstrip() + "\n")
    if "out" in kinds:
        parts.append("out : Tensor, optional\n    Takes the result.\n")
    if "choice" in kinds:
        parts.append("inplace : bool, default False\n    Change `input` itself.\n")
    parts.append(
        "\nReturns\n-------\nTensor\n    "
        f"Of the broadcast shape. {_RESULT[record.promote]}.\n"
    )
    if record.accepts != "all":
        parts.append(
            "\nRaises\n------\nNotImplementedError\n    If the promoted dtype is not "
            "one of those above.\n"
        )
    if notes.strip():
        parts.append(f"\nNotes\n-----\n{notes.strip()}\n")
    if examples_mark:
        parts.append(f"\nExamples\n--------\n{examples.strip()}\n")
    return summary, "".join(parts)


def publish_records() -> None:
    """Make the public functions of every record; called once, after the families."""
    for record in REGISTRY.values():
        if record.api:
            _make_functions(record)
        by_hand = FUNCTIONS.get(record.name)
        if by_hand is not None and not hasattr(by_hand, "formula"):
            by_hand.formula = OperationFormula(record)  # type: ignore[attr-defined]
