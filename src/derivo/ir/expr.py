"""Scalar expressions: the language in which elementwise operations are defined.

An `Expr` is an immutable node. Nodes are hash-consed: building the same expression
twice gives the same object, so ``is`` decides equality, common subexpressions are
shared from the start, and an expression can key a cache by identity. Comparison
operators build expressions too, hence nothing here may compare nodes with ``==``.

Node kinds (`op`):

``var``
    operand number `index`, called `name` in formulas.
``const``
    a Python ``bool``, ``int`` or ``float`` in `value`. Constants are *weak*: they take
    the dtype of what they meet.
``cast``
    the argument converted to the dtype named by `value`.
anything else
    a function of `args`; `derivo.ir.scalar` lists them.
"""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from derivo.errors import TraceAttributeError, TraceError

Number = bool | int | float


_INSTEAD = {
    "truth value": "Choose with where(condition, a, b) instead of `if` or a "
    "conditional expression, and join conditions with & | ~ (or logical_and, "
    "logical_or, logical_not) instead of `and`, `or`, `not` or a chained comparison.",
    "Python number": "Compute with it as it is; functions of math work on it inside a "
    "definition, and a loop runs over a number that is fixed, as in range(4).",
    "elements": "Take elements and loop over them outside, on tensors; inside, one "
    "operand is one element.",
}


def _no_truth(what: str) -> NoReturn:
    raise TraceError(
        f"[scalar expression] a scalar expression has no {what}: it stands for every "
        "element at once, and its value is known only inside the kernel. "
        f"{_INSTEAD[what]}"
    )


def _missing(e: Expr, name: str) -> Any:
    # Set by `derivo.ops.definitions`, which knows the methods that tensors have.
    raise TraceAttributeError(f"[scalar expression] has no attribute {name!r}")


on_missing: list[Callable[[Expr, str], Any]] = [_missing]


class Expr:
    """A node of a scalar expression; build them with operators and functions."""

    __slots__ = ("__weakref__", "args", "index", "name", "op", "value")

    # By which the core knows that a definition is being read.
    __derivo_scalar__ = True

    # NumPy scalars on the left of an operator leave the work to this class.
    __array_ufunc__ = None

    op: str
    args: tuple[Expr, ...]
    value: Any
    name: str
    index: int

    def __init__(self) -> None:
        raise TypeError(
            "[scalar expression] expressions are built by operators and by the "
            "functions of derivo.ir.scalar: use var(), const() or an operator"
        )

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"[scalar expression] nodes are immutable: {name=}")

    __delattr__ = __setattr__  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        if self.op == "var":
            return var, (self.index, self.name)
        if self.op == "const":
            return const, (self.value,)
        return _node, (self.op, self.args, self.value)

    def __repr__(self) -> str:
        from derivo.ir.formula import text

        return text(self)

    # Identity hashing matches hash-consing; `==` builds a comparison.
    __hash__ = object.__hash__

    def __bool__(self) -> bool:
        _no_truth("truth value")

    def __float__(self) -> float:
        _no_truth("Python number")

    def __int__(self) -> int:
        _no_truth("Python number")

    def __index__(self) -> int:
        _no_truth("Python number")

    def __iter__(self) -> NoReturn:
        _no_truth("elements")

    def __len__(self) -> int:
        _no_truth("elements")

    def __getitem__(self, index: object) -> NoReturn:
        _no_truth("elements")

    def __array__(self, *_: object, **__: object) -> NoReturn:
        raise TraceError(
            "[scalar expression] NumPy cannot work on a scalar expression: write the "
            "function of derivo with that name, such as derivo.exp for numpy.exp."
        )

    def __getattr__(self, name: str) -> Any:
        # Asked only for what the class does not have; dunders are protocols.
        if name[:2] == "__":
            raise AttributeError(name)
        return on_missing[0](self, name)

    def __round__(self, digits: None = None) -> Expr:
        if digits is not None:
            raise TraceError(
                "[scalar expression] round() to digits is not a scalar operation: "
                "write round(x * 10**n) / 10**n."
            )
        return make("round", self)

    def __floor__(self) -> Expr:
        return make("floor", self)

    def __ceil__(self) -> Expr:
        return make("ceil", self)

    def __trunc__(self) -> Expr:
        return make("trunc", self)

    def __divmod__(self, other: Operand) -> tuple[Expr, Expr]:
        return self // other, self % other

    def __add__(self, other: Operand) -> Expr:
        return _binary("add", self, other)

    def __radd__(self, other: Operand) -> Expr:
        return _binary("add", other, self)

    def __sub__(self, other: Operand) -> Expr:
        return _binary("sub", self, other)

    def __rsub__(self, other: Operand) -> Expr:
        return _binary("sub", other, self)

    def __mul__(self, other: Operand) -> Expr:
        return _binary("mul", self, other)

    def __rmul__(self, other: Operand) -> Expr:
        return _binary("mul", other, self)

    def __truediv__(self, other: Operand) -> Expr:
        return _binary("div", self, other)

    def __rtruediv__(self, other: Operand) -> Expr:
        return _binary("div", other, self)

    def __floordiv__(self, other: Operand) -> Expr:
        return _binary("floor_divide", self, other)

    def __rfloordiv__(self, other: Operand) -> Expr:
        return _binary("floor_divide", other, self)

    def __mod__(self, other: Operand) -> Expr:
        return _binary("remainder", self, other)

    def __rmod__(self, other: Operand) -> Expr:
        return _binary("remainder", other, self)

    def __pow__(self, other: Operand) -> Expr:
        return _binary("pow", self, other)

    def __rpow__(self, other: Operand) -> Expr:
        return _binary("pow", other, self)

    def __neg__(self) -> Expr:
        return make("neg", self)

    def __pos__(self) -> Expr:
        return self

    def __abs__(self) -> Expr:
        return make("abs", self)

    def __lt__(self, other: Operand) -> Expr:
        return _binary("lt", self, other)

    def __le__(self, other: Operand) -> Expr:
        return _binary("le", self, other)

    def __gt__(self, other: Operand) -> Expr:
        return _binary("gt", self, other)

    def __ge__(self, other: Operand) -> Expr:
        return _binary("ge", self, other)

    def __eq__(self, other: object) -> Expr:  # type: ignore[override]
        return _binary("eq", self, other)

    def __ne__(self, other: object) -> Expr:  # type: ignore[override]
        return _binary("ne", self, other)

    def __and__(self, other: Operand) -> Expr:
        return _binary("bitwise_and", self, other)

    def __rand__(self, other: Operand) -> Expr:
        return _binary("bitwise_and", other, self)

    def __or__(self, other: Operand) -> Expr:
        return _binary("bitwise_or", self, other)

    def __ror__(self, other: Operand) -> Expr:
        return _binary("bitwise_or", other, self)

    def __xor__(self, other: Operand) -> Expr:
        return _binary("bitwise_xor", self, other)

    def __rxor__(self, other: Operand) -> Expr:
        return _binary("bitwise_xor", other, self)

    def __invert__(self) -> Expr:
        return make("bitwise_not", self)

    def __lshift__(self, other: Operand) -> Expr:
        return _binary("shift_left", self, other)

    def __rlshift__(self, other: Operand) -> Expr:
        return _binary("shift_left", other, self)

    def __rshift__(self, other: Operand) -> Expr:
        return _binary("shift_right", self, other)

    def __rrshift__(self, other: Operand) -> Expr:
        return _binary("shift_right", other, self)


Operand = Expr | Number

# Keys hold the identities of argument nodes. That is sound because a node keeps its
# arguments alive and leaves this table before they can be freed and reused.
_table: weakref.WeakValueDictionary[tuple[Any, ...], Expr] = (
    weakref.WeakValueDictionary()
)
_lock = threading.Lock()


def _intern(
    key: tuple[Any, ...],
    op: str,
    args: tuple[Expr, ...],
    value: Any = None,
    name: str = "",
    index: int = -1,
) -> Expr:
    found = _table.get(key)
    if found is not None:
        return found
    with _lock:
        found = _table.get(key)
        if found is not None:
            return found
        node = object.__new__(Expr)
        put = object.__setattr__
        put(node, "op", op)
        put(node, "args", args)
        put(node, "value", value)
        put(node, "name", name)
        put(node, "index", index)
        _table[key] = node
        return node


def _node(op: str, args: tuple[Expr, ...], value: Any = None) -> Expr:
    """Intern a function node without folding."""
    return _intern((op, value, *map(id, args)), op, args, value)


def var(index: int, name: str | None = None) -> Expr:
    """Return the operand number `index`."""
    if not isinstance(index, int) or index < 0:
        raise TypeError(f"[var] an operand has a number from 0 on: got {index=}")
    name = f"x{index}" if name is None else name
    return _intern(("var", index, name), "var", (), None, name, index)


def variables(names: str | Iterable[str]) -> tuple[Expr, ...]:
    """Return operands 0, 1, ... with the given names."""
    if isinstance(names, str):
        names = names.replace(",", " ").split()
    return tuple(var(i, name) for i, name in enumerate(names))


def const(value: Any) -> Expr:
    """Return a constant, from a Python or NumPy number."""
    kind = type(value)
    if kind is not float and kind is not int and kind is not bool:
        if not isinstance(value, (bool, int, float)) and hasattr(value, "item"):
            # A NumPy number; an array stays one, and is refused below.
            value = value if getattr(value, "ndim", 0) else value.item()
        if isinstance(value, (bool, int)):
            value = bool(value) if isinstance(value, bool) else int(value)
        elif isinstance(value, float):
            value = float(value)
        else:
            raise TypeError(
                "[scalar expression] operands are expressions and real numbers: "
                f"got {type(value).__name__}. Pass tensors as operands of the "
                "operation, not as constants inside its definition."
            )
        kind = type(value)
    # hex tells -0.0 from 0.0 and makes all NaNs one.
    code = value.hex() if kind is float else value
    return _intern(("const", kind, code), "const", (), value)


def as_expr(value: Any) -> Expr:
    """Return `value` as an expression."""
    return value if isinstance(value, Expr) else const(value)


def is_const(e: Expr, value: Number | None = None) -> bool:
    """Tell whether `e` is a constant (equal to `value`, if given)."""
    if e.op != "const":
        return False
    return value is None or bool(e.value == value)


ZERO = const(0)
ONE = const(1)


def _binary(op: str, a: object, b: object) -> Expr:
    if isinstance(a, Expr) and isinstance(b, Expr):
        return make(op, a, b)
    try:
        return make(op, as_expr(a), as_expr(b))
    except TypeError:
        if any(hasattr(x, "shape") for x in (a, b)):
            return NotImplemented
        raise


# op -> function of Python numbers, used only when every argument is constant.
FOLD: dict[str, Callable[..., Number]] = {}


def _c_fold(op: str, args: Sequence[Expr]) -> Expr | None:
    fold = FOLD.get(op)
    if fold is None:
        return None
    try:
        value = fold(*(a.value for a in args))
    except (ArithmeticError, ValueError, TypeError):
        # Domain errors and overflow are left to the kernel, which gives IEEE results.
        return None
    if isinstance(value, complex):
        return None
    return const(value)


def make(op: str, *args: Expr, value: Any = None) -> Expr:
    """Build the node ``op(*args)``, folding constants and exact identities.

    Only identities that hold bit for bit are applied here (``x * 1``, ``x - 0``,
    ``-(-x)``); `derivo.ir.simplify` holds the rest.
    """
    if args and value is None and all(a.op == "const" for a in args):
        folded = _c_fold(op, args)
        if folded is not None:
            return folded
    rule = _IDENTITIES.get(op)
    if rule is not None:
        found = rule(*args)
        if found is not None:
            return found
    return _node(op, args, value)


def _is_one(e: Expr) -> bool:
    return e.op == "const" and e.value == 1


def _is_int_zero(e: Expr) -> bool:
    return e.op == "const" and type(e.value) is int and e.value == 0


def _mul(a: Expr, b: Expr) -> Expr | None:
    if _is_one(b):
        return a
    if _is_one(a):
        return b
    if is_const(a, -1):
        return make("neg", b)
    if is_const(b, -1):
        return make("neg", a)
    # One order for commuting operands, constants first: 2*x and x*2 are one node.
    if b.op == "const":
        return make("mul", b, a)
    return None


def _add(a: Expr, b: Expr) -> Expr | None:
    if b.op == "neg":
        return make("sub", a, b.args[0])
    return None


def _sub(a: Expr, b: Expr) -> Expr | None:
    if b.op == "const" and b.value == 0 and math.copysign(1.0, b.value) > 0:
        return a
    if b.op == "neg":
        return make("add", a, b.args[0])
    return None


def _neg(a: Expr) -> Expr | None:
    return a.args[0] if a.op == "neg" else None


def _abs(a: Expr) -> Expr | None:
    if a.op == "abs":
        return a
    return make("abs", a.args[0]) if a.op == "neg" else None


def _pow(a: Expr, b: Expr) -> Expr | None:
    return a if _is_one(b) else None


def _where(c: Expr, a: Expr, b: Expr) -> Expr | None:
    if c.op == "const":
        return a if c.value else b
    if a is b:
        return a
    if c.op == "logical_not":
        return make("where", c.args[0], b, a)
    # A choice already made by the same condition.
    if a.op == "where" and a.args[0] is c:
        return make("where", c, a.args[1], b)
    if b.op == "where" and b.args[0] is c:
        return make("where", c, a, b.args[2])
    return None


def _logical_not(a: Expr) -> Expr | None:
    return a.args[0] if a.op == "logical_not" and is_truth(a.args[0]) else None


def _same(a: Expr, b: Expr) -> Expr | None:
    return a if a is b else None


_IDENTITIES: dict[str, Callable[..., Expr | None]] = {
    "mul": _mul,
    "add": _add,
    "sub": _sub,
    "neg": _neg,
    "abs": _abs,
    "pow": _pow,
    "where": _where,
    "logical_not": _logical_not,
    "minimum": _same,
    "maximum": _same,
}

TRUTH_OPS = frozenset(
    {
        "lt",
        "le",
        "gt",
        "ge",
        "eq",
        "ne",
        "logical_and",
        "logical_or",
        "logical_xor",
        "logical_not",
        "isnan",
        "isinf",
        "isfinite",
        "signbit",
    }
)


def is_truth(e: Expr) -> bool:
    """Tell whether `e` is a truth value whatever its operands are."""
    return e.op in TRUTH_OPS or (e.op == "const" and type(e.value) is bool)


def topological(roots: Iterable[Expr]) -> list[Expr]:
    """List every node below `roots`, arguments before users, without recursion."""
    order: list[Expr] = []
    seen: set[int] = set()
    stack: list[tuple[Expr, bool]] = [(r, False) for r in reversed(list(roots))]
    while stack:
        node, done = stack.pop()
        if done:
            order.append(node)
            continue
        if id(node) in seen:
            continue
        seen.add(id(node))
        stack.append((node, True))
        stack.extend((a, False) for a in reversed(node.args) if id(a) not in seen)
    return order


def canonical(roots: Sequence[Expr]) -> str:
    """Return a text that is the same for the same expressions, in any process.

    Operands appear by number: names do not matter.
    """
    number: dict[Expr, int] = {}
    lines = []
    for k, e in enumerate(topological(roots)):
        number[e] = k
        if e.op == "var":
            lines.append(f"v{e.index}")
        elif e.op == "const":
            value = e.value
            lines.append(value.hex() if type(value) is float else repr(value))
        else:
            args = " ".join([str(number[a]) for a in e.args])
            lines.append(f"{e.op} {e.value or ''} {args}")
    lines.append("-> " + " ".join([str(number[r]) for r in roots]))
    return "\n".join(lines)


def substitute(roots: Sequence[Expr], mapping: dict[Expr, Expr]) -> tuple[Expr, ...]:
    """Rebuild `roots` with every node in `mapping` replaced."""
    done: dict[Expr, Expr] = dict(mapping)
    for node in topological(roots):
        if node in done:
            continue
        args = tuple(done[a] for a in node.args)
        if all(x is y for x, y in zip(args, node.args, strict=True)):
            done[node] = node
        else:
            done[node] = make(node.op, *args, value=node.value)
    return tuple(done[r] for r in roots)
