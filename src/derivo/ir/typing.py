"""Which dtype each node of an expression has: shared by interpreter and LLVM."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from derivo.ir import dtypes
from derivo.ir.expr import Expr, topological
from derivo.ir.scalar import FUNCTIONS

# Constants are weak: they take the dtype of what they meet.
_WEAK = {bool: "?bool", int: "?int", float: "?float"}


def float_of(compute: str) -> str:
    """Return the float dtype in which a kernel of dtype `compute` does its maths."""
    return compute if compute in dtypes.FLOATS else "float64"


def join(types: Iterable[str], compute: str) -> str:
    """Return the dtype in which operands of these dtypes meet."""
    strong = ""
    weak = set()
    for t in types:
        if t[0] == "?":
            weak.add(t)
        else:
            strong = dtypes.promote(strong, t) if strong else t
    if "?float" in weak and strong not in dtypes.FLOATS:
        return float_of(compute)
    if not strong:
        if "?int" in weak:
            return "int64" if compute == "bool" else compute
        return "bool"
    if "?int" in weak and strong == "bool":
        return "int64" if compute == "bool" else compute
    return strong


class Types:
    """Dtypes of all nodes below `roots`.

    `variables` gives the dtype of each operand in the kernel; `compute` is the dtype
    in which truth values count and constants stand when nothing else decides.
    """

    def __init__(
        self, roots: Iterable[Expr], variables: Mapping[Expr, str], compute: str
    ) -> None:
        self.compute = compute
        self.of: dict[Expr, str] = {}
        # The dtype in which a node's arguments meet.
        self.args: dict[Expr, str] = {}
        self.order = topological(roots)
        for e in self.order:
            if e.op == "var":
                self.of[e] = variables[e]
            elif e.op == "const":
                self.of[e] = _WEAK[type(e.value)]
            else:
                self._function(e)

    def strong(self, e: Expr) -> str:
        """Return the dtype in which `e` stands on its own."""
        return join([self.of[e]], self.compute)

    def _function(self, e: Expr) -> None:
        function = FUNCTIONS.get(e.op)
        if function is None:
            raise TypeError(
                f"[scalar expression] unknown function: got op={e.op!r}. Build "
                "expressions with the functions of derivo.ir.scalar."
            )
        if function.arity != len(e.args):
            raise TypeError(
                f"[{e.op}] wrong number of operands: expected {function.arity}, "
                f"got {len(e.args)}"
            )
        kind = function.kind
        if kind == "cast":
            self.args[e] = self.strong(e.args[0])
            self.of[e] = dtypes.compute_dtype(e.value)
            return
        values = e.args[1:] if kind == "where" else e.args
        t = join([self.of[a] for a in values], self.compute)
        if kind == "arith" and t == "bool" and self.compute != "bool":
            t = self.compute
        elif kind == "float":
            t = t if t in dtypes.FLOATS else float_of(self.compute)
        elif kind == "bits" and t in dtypes.FLOATS:
            raise TypeError(
                f"[{e.op}] is not defined for floating-point operands: expected "
                f"integers or bool, got {t}"
            )
        elif kind == "logical":
            t = "bool"
        self.args[e] = t
        truth = kind in ("compare", "logical", "predicate")
        self.of[e] = "bool" if truth else t
