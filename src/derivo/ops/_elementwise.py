"""Elementwise operations: the record that defines one, and what follows from it.

An elementwise operation is written once, as a Python function of scalars::

    @elementwise(promote="float", node="ExpBackward0", oracle="np.exp(x)")
    def exp(x):
        return s.exp(x)

Positional arguments are operands (tensors or numbers), keyword-only arguments are
scalar parameters, which are not differentiated. The function is read by handing it
symbols; from the expression that it returns come the kernel, the derivative, the
derivative's derivative, the tests and the documentation. Reading is put off until
the operation is first used: importing derivo traces nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NoReturn

from derivo.ops._accepted import ACCEPTS, WORDS

if TYPE_CHECKING:
    from derivo.ir.expr import Expr
    from derivo.ops._derived import Parts

__all__ = ["REGISTRY", "ElementwiseRecord", "Plan", "Spec", "elementwise"]

REGISTRY: dict[str, ElementwiseRecord] = {}

PROMOTIONS = {
    "same": "result in the promoted dtype of the operands",
    "float": "as same, but integers and bool become the default dtype",
    "compare": "operands promoted with each other, result bool",
    "logical": "operands read as bool, result bool",
}

# What complex operands give.
ON_COMPLEX = {"": 0, "complex": 1, "real": 2}

# The dtypes, and in which their parts are computed.
COMPLEX = {"complex64": "float32", "complex128": "float64"}


class Plan(NamedTuple):
    """How an operation goes backward for one choice of inputs that need it."""

    spec: Spec | Parts | None  # of the operation that computes the gradients
    sources: tuple[tuple[str, int], ...]  # its operands: g, in, out or param, number
    results: tuple[int, ...]  # per input: output of `spec`, ZERO, or PASS - k for g k


ZERO = -1
PASS = -2

# Public names of the operands, where definitions use letters.
PUBLIC_OPERANDS = {"x": "input", "y": "other"}

# Usual public forms; `ops._surface` says what the patterns mean.
FUNCTION = ("{}",)
PURE = ("{}", "Tensor.{}")
BINARY = ("{}", "Tensor.{}", "Tensor.{}_")
UNARY = ("{}", "{}_", "Tensor.{}", "Tensor.{}_")
SPECIAL = ("special.{}",)


class Spec:
    """What the core asks an elementwise operation for: kernels and derivatives.

    Variables of the expressions are numbered operands first, then parameters.
    """

    __slots__ = (
        "_call",
        "_complex_exprs",
        "_complex_trace",
        "_definition",
        "_derivative",
        "_exprs",
        "_plans",
        "_trace",
        "_unread",
        "accepts",
        "complaints",
        "complex_refusal",
        "derived",
        "first_promoted",
        "integers",
        "name",
        "names",
        "nin",
        "no_derivative",
        "node",
        "node_backward",
        "nout",
        "nparams",
        "on_complex",
        "promote",
        "save_output",
        "shown",
        "tensors_only",
    )

    def __init__(
        self,
        name: str,
        *,
        nin: int,
        nparams: int,
        nout: int,
        promote: str,
        node: str,
        node_backward: str | None = None,
        names: tuple[str, ...] = ("x",),
        trace: Callable[[Sequence[Expr], Sequence[Expr]], Any],
        derivative: Callable[..., Any] | None = None,
        no_derivative: frozenset[int] = frozenset(),
        first_promoted: int = 0,
        tensors_only: int = 0,
        accepts: str = "all",
        complaints: dict[str, str] | None = None,
        save_output: bool | Literal["too"] = True,
        on_complex: str = "",
        derived: bool = False,
        shown: dict[str, Any] | None = None,
    ) -> None:
        self.save_output = save_output
        # A key of `ON_COMPLEX`; what to say instead of that it is not implemented.
        self.on_complex = on_complex
        self.complex_refusal: str | None = None
        # Whether it computes the gradients of another operation.
        self.derived = derived
        # Definition for complex numbers, where it is not that for real ones.
        self._complex_trace: Callable[..., Any] | None = None
        self._complex_exprs: tuple[Expr, ...] | None = None
        # What else the node shows, such as an exponent that is in the name.
        self.shown = shown
        # Definition for integers, where dividing would lose their last digits.
        self.integers: Callable[..., Expr] | None = None
        self.name = name
        self.names = names
        self.nin = nin
        self.nparams = nparams
        self.nout = nout
        self.promote = promote
        self.first_promoted = first_promoted
        self.tensors_only = tensors_only
        self.node = node
        self.node_backward = node_backward
        self.accepts = accepts
        self.complaints = complaints
        self.no_derivative = no_derivative
        self._trace = trace
        self._derivative = derivative
        self._definition: tuple[Expr, ...] | None = None
        self._exprs: tuple[Expr, ...] | None = None
        self._call: str | None = None
        self._plans: dict[tuple[tuple[bool, ...], bool], Plan] = {}
        self._unread: dict[tuple[int, ...], frozenset[int] | None] = {}

    def __repr__(self) -> str:
        return f"<elementwise {self.name}: {self.nin} operands>"

    @property
    def operand_names(self) -> tuple[str, ...]:
        """Public names of the operands, for messages."""
        return tuple(PUBLIC_OPERANDS.get(n, n) for n in self.names)

    def variables(self) -> tuple[tuple[Expr, ...], tuple[Expr, ...]]:
        """Symbols for the operands and for the parameters."""
        from derivo.ir.expr import var

        symbols = tuple(var(i, name) for i, name in enumerate(self.names))
        return symbols[: self.nin], symbols[self.nin :]

    @property
    def exprs(self) -> tuple[Expr, ...]:
        """The definition, one expression per output, in functions of the language."""
        if self._exprs is None:
            from derivo.ir.calls import expand

            self._exprs = expand(self.definition)
        return self._exprs

    def unread(self, outputs: tuple[int, ...]) -> frozenset[int] | None:
        """Which operands none of these outputs reads; None if there is no such one."""
        if outputs not in self._unread:
            used = used_variables([self.definition[k] for k in outputs])
            operands, _ = self.variables()
            found = frozenset(i for i, v in enumerate(operands) if v not in used)
            self._unread[outputs] = found or None
        return self._unread[outputs]

    @property
    def definition(self) -> tuple[Expr, ...]:
        """The traced definition, which may call others that state a derivative."""
        if self._definition is None:
            from derivo.ir.expr import as_expr

            traced = self._trace(*self.variables())
            if not isinstance(traced, tuple):
                traced = (traced,)
            if len(traced) != self.nout:
                raise TypeError(
                    f"[{self.name}] the definition returns {len(traced)} expressions: "
                    f"expected {self.nout}. Return one expression per output."
                )
            self._definition = tuple(as_expr(e) for e in traced)
        return self._definition

    def called_as(self) -> str:
        """Kind of the node by which other definitions call this one."""
        if self._call is None:
            from derivo.ir.calls import define

            def body() -> tuple[tuple[Expr, ...], Expr]:
                operands, params = self.variables()
                return (*operands, *params), self.exprs[0]

            def rule(g: Expr, out: Expr, *args: Expr) -> tuple[Any, ...]:
                operands, params = args[: self.nin], args[self.nin :]
                assert self._derivative is not None
                found = self._derivative(g, *operands, out, params)
                return (*found, *([None] * self.nparams))

            self._call = define(self.name, self.nin + self.nparams, body, rule)
        return self._call

    @property
    def complex_exprs(self) -> tuple[Expr, ...]:
        """The definition for complex operands, one expression per output."""
        if self._complex_exprs is None:
            from derivo.ir import complex as _  # noqa: F401 - its functions
            from derivo.ir.expr import as_expr

            if self._complex_trace is None:
                self._complex_exprs = self.exprs
            else:
                self._complex_exprs = (as_expr(self._complex_trace(*self.variables())),)
        return self._complex_exprs

    def build(
        self,
        in_dtypes: Sequence[str],
        out_dtypes: Sequence[str],
        compute_dtype: str,
        layout: str,
    ) -> int:
        """Address of the kernel for these dtypes; the core asks once and keeps it."""
        from derivo.codegen import build_map

        if compute_dtype in COMPLEX:
            from derivo.ops._derived import build_pairs

            return build_pairs(self, in_dtypes, out_dtypes, compute_dtype, layout)
        self.check_dtypes(in_dtypes[: self.nin], compute_dtype)
        exprs = self.exprs
        if self.integers is not None and compute_dtype in ACCEPTS["bits"]:
            exprs = (self.integers(*self.variables()[0]),)
        return build_map(self.name, exprs, in_dtypes, out_dtypes, compute_dtype, layout)

    def check_complaints(self, in_dtypes: Sequence[str]) -> None:
        """Refuse dtypes about which PyTorch has words of its own."""
        for dtype in in_dtypes:
            if self.complaints and dtype in self.complaints:
                raise RuntimeError(f"[{self.name}] {self.complaints[dtype]}")

    def check_dtypes(self, in_dtypes: Sequence[str], compute_dtype: str) -> None:
        """Refuse dtypes that the operation has no meaning for."""
        self.check_complaints(in_dtypes)
        complaint = (self.complaints or {}).get("integers")
        if complaint and compute_dtype in ACCEPTS["bits"]:
            raise RuntimeError(f"[{self.name}] {complaint}")
        if self.accepts == "singles":
            # Half types are computed in float32, which is not their own precision.
            half = [d for d in in_dtypes if d in ("float16", "bfloat16")]
            compute_dtype = half[0] if half else compute_dtype
        if compute_dtype in ACCEPTS[self.accepts]:
            return
        word = WORDS.get(compute_dtype, compute_dtype)
        raise NotImplementedError(
            f'[{self.name}] "{self.name}" not implemented for {word!r}: expected one '
            f"of {', '.join(ACCEPTS[self.accepts])}, got {compute_dtype}. Convert the "
            "operands with .to(dtype) first."
        )

    def gradients(
        self, mask: tuple[bool, ...], on_complex: bool = False
    ) -> tuple[tuple[Expr, ...], tuple[Expr, ...], tuple[Expr, ...]]:
        """Gradient of each input that `mask` names, as expressions.

        Returns ``(gradients, seeds, outs)``: the expressions are over the
        operands and parameters of the operation, over `seeds` (gradients of its
        outputs) and `outs` (its outputs).
        """
        from derivo.ir.expr import as_expr, var

        operands, params = self.variables()
        first = self.nin + self.nparams
        # The gradients of a gradient's operation get the next letter.
        letter = next(c for c in "ghklmnpqrstuvw" if f"{c}0" not in self.names)
        seeds = tuple(var(first + k, f"{letter}{k}") for k in range(self.nout))
        outs = tuple(var(first + self.nout + k, f"out{k}") for k in range(self.nout))
        stated = self._derivative
        if stated is not None and not (on_complex and self._complex_trace):
            read: list[Any] = [operands, outs, params]
            if on_complex:
                # As the rules of `derivo.ir.complex`: analytic in what it reads.
                from derivo.ir.complex import conj

                read = [tuple(map(conj, part)) for part in read]
            every = stated(*seeds, *read[0], *read[1], read[2])
            if len(every) != self.nin:
                raise TypeError(
                    f"[{self.name}] the stated derivative returns {len(every)} "
                    f"expressions: expected one for each of {self.nin} operands."
                )
            picked = tuple(
                as_expr(0.0 if e is None else e)
                for e, wanted in zip(every, mask, strict=True)
                if wanted
            )
        else:
            picked = self._symbolic(mask, operands, seeds, outs, on_complex)
        return picked, seeds, outs

    def _symbolic(
        self,
        mask: tuple[bool, ...],
        operands: tuple[Expr, ...],
        seeds: tuple[Expr, ...],
        outs: tuple[Expr, ...],
        on_complex: bool,
    ) -> tuple[Expr, ...]:
        from derivo.ir.derive import vjp
        from derivo.ir.simplify import simplify

        rules: dict[str, Any] = {}
        exprs = self.definition
        if on_complex:
            from derivo.ir.complex import rule_of

            exprs, rules["rules"] = self.complex_exprs, rule_of
        wrt = tuple(x for x, wanted in zip(operands, mask, strict=True) if wanted)
        plain = simplify(*vjp(exprs, operands, seeds, wrt, **rules))
        if not self.save_output:
            return plain
        # Where the output alone says it all (exp, tanh, sqrt ...), save the output.
        by_output = simplify(*vjp(exprs, operands, seeds, wrt, outs=outs, **rules))
        if self.save_output == "too" or not used_variables(by_output) & set(operands):
            return by_output
        return plain

    def plan(self, mask: tuple[bool, ...], on_complex: bool = False) -> Plan:
        """How the gradients of the inputs where `mask` is true are computed."""
        found = self._plans.get((mask, on_complex))
        if found is None:
            found = self._plans[mask, on_complex] = self._plan(mask, on_complex)
        return found

    def complex_backward(self, mask: tuple[bool, ...]) -> Any:
        """Give the plan for complex operands in the core's form."""
        return self.backward(mask, on_complex=True)

    def backward(self, mask: tuple[bool, ...], on_complex: bool = False) -> Any:
        """Give the plan in the core's form."""
        from derivo._core.dispatch import BackwardPlan

        spec, sources, results = self.plan(mask, on_complex)
        call = core_op(spec) if isinstance(spec, Spec) else spec
        return BackwardPlan(call, sources, results)

    def _plan(self, mask: tuple[bool, ...], on_complex: bool) -> Plan:
        refused = self.no_derivative
        if any(wanted and i in refused for i, wanted in enumerate(mask)):
            name = self.name
            if len(refused) < self.nin:
                which = next(i for i, m in enumerate(mask) if m and i in refused)
                name = f"{name}: {self.operand_names[which]}"
            from derivo.ops._derived import Refusal

            return Plan(Refusal(name, sum(mask)), (("g", 0),), tuple(range(sum(mask))))
        from derivo.ir.expr import is_const
        from derivo.ir.simplify import simplify

        gradients, seeds, outs = self.gradients(mask, on_complex)
        operands, params = self.variables()
        # Expressions compare by identity: `in` a dict, never in a tuple.
        passed = {seed: k for k, seed in enumerate(seeds)}
        results: list[int] = []
        needed: list[Expr] = []
        for e in simplify(*gradients):
            if is_const(e, 0):
                results.append(ZERO)
            elif e in passed:
                results.append(PASS - passed[e])
            else:
                results.append(len(needed))
                needed.append(e)
        if not needed:
            return Plan(None, (), tuple(results))
        used = used_variables(needed)
        taken = [(("g", k), v) for k, v in enumerate(seeds) if v in used]
        taken += [(("in", k), v) for k, v in enumerate(operands) if v in used]
        taken += [(("out", k), v) for k, v in enumerate(outs) if v in used]
        taken += [(("param", k), v) for k, v in enumerate(params) if v in used]
        node = self.node_backward or backward_name(self.node)
        sources = tuple(source for source, _ in taken)
        if len(taken) + len(needed) <= LARGEST:
            whole = gradient_spec(f"{self.name}_backward", node, taken, needed)
            return Plan(whole, sources, tuple(results))
        from derivo.ops._derived import split

        parts = split(f"{self.name}_backward", node, taken, needed)
        return Plan(parts, sources, tuple(results))


# Operands and results of one kernel; the core's limit.
LARGEST = 10

Taken = Sequence[tuple[tuple[str, int], "Expr"]]


def gradient_spec(name: str, node: str, taken: Taken, exprs: Sequence[Expr]) -> Spec:
    """Operation of the variables `taken`, in that order, that computes `exprs`."""
    from derivo.ir.expr import substitute, var

    renumber = {v: var(i, v.name) for i, (_, v) in enumerate(taken)}
    made = substitute(exprs, renumber)
    nparams = sum(kind == "param" for (kind, _), _ in taken)
    return Spec(
        name,
        names=tuple(v.name for _, v in taken),
        nin=len(taken) - nparams,
        nparams=nparams,
        nout=len(made),
        promote="same",
        node=node,
        trace=lambda _operands, _params: made,
        on_complex="complex",
        derived=True,
    )


def used_variables(exprs: Sequence[Expr]) -> set[Expr]:
    """Variables that expressions read."""
    from derivo.ir.expr import topological

    return {e for e in topological(exprs) if e.op == "var"}


def backward_name(node: str) -> str:
    """Name of the node of the derivative: TanhBackward0 → TanhBackwardBackward0."""
    return re.sub(r"\d+$", "", node) + "Backward0"


def core_op(
    spec: Spec, node: str | None = None, edges: int = -1, hidden: int = 0
) -> Any:
    """Operation of the core that runs `spec`, under `node`'s name in the graph."""
    from derivo._core.dispatch import ElementwiseOp

    return ElementwiseOp(
        spec.name,
        spec.nin,
        spec.nparams,
        spec.nout,
        spec.promote,
        node or spec.node or None,
        spec,
        spec.first_promoted,
        spec.tensors_only,
        ON_COMPLEX[spec.on_complex],
        edges,
        hidden,
    )


class ElementwiseRecord:
    """Everything that derivo knows about one elementwise operation; immutable.

    Attributes
    ----------
    name : str
        Name in the registry.
    definition : callable
        Function of scalars: operands positional, parameters keyword-only.
    operands, params : tuple of str
        Names of both, in the definition's order.
    defaults : tuple
        Default of each parameter; `REQUIRED` where it has none.
    promote : str
        A key of `PROMOTIONS`.
    accepts : str
        A key of `ACCEPTS`: dtypes that the promoted operands may have.
    node : str
        Name of the graph node, PyTorch's.
    node_if_number : dict
        Operand's name → the node's name when that operand is a Python number.
    differentiable : bool
        Whether the result may require a gradient.
    api : tuple of str
        Public names that are made from the record (see `ops._surface`).
    oracle : str
        Independent NumPy/SciPy expression over the operands and parameters
        (``np``, ``sp`` = scipy.special), evaluated in higher precision by tests.
    domain : tuple of (low, high)
        Range of each operand from which tests draw.
    ulp : tuple of (float, float)
        Largest error of the float32 and the float64 kernel.
    kinks : tuple of (inputs, partials)
        Points where the derivative is a convention, with the values chosen.
    samples : tuple of dict
        Values of the parameters to test with; without them, the defaults.
    floor : float
        Errors are measured relative to at least this magnitude (for differences,
        which lose digits that their operands never had).
    save_output : bool or "too"
        Whether the derivative may use the result where it then needs no operand;
        "too": beside the operands, where computing it again is dear.
    core : _core.dispatch.ElementwiseOp
        The operation in the core, made at first use.
    on_complex : str
        A key of `ON_COMPLEX`: whether complex operands are refused (""), give a complex
        result or a real one.
    smooth : bool
        False where differences cannot judge the derivative (steps, integer parts).
    edges : int
        How many operands have an edge in the graph, -1 for all.
    """

    __slots__ = (
        "_cells",
        "accepts",
        "api",
        "complaints",
        "core",
        "defaults",
        "definition",
        "differentiable",
        "documentation",
        "domain",
        "edges",
        "floor",
        "keyword",
        "kinks",
        "name",
        "node",
        "node_backward",
        "node_if_number",
        "on_complex",
        "operands",
        "oracle",
        "params",
        "promote",
        "samples",
        "smooth",
        "spec",
        "ulp",
    )

    name: str
    definition: Callable[..., Any]
    operands: tuple[str, ...]
    params: tuple[str, ...]
    defaults: tuple[Any, ...]
    keyword: tuple[str, ...]
    promote: str
    accepts: str
    complaints: dict[str, str] | None
    node: str
    node_if_number: dict[str, str]
    node_backward: str | None
    differentiable: bool
    api: tuple[str, ...]
    oracle: str
    domain: tuple[tuple[float, float], ...]
    ulp: tuple[float, float]
    floor: float
    kinks: tuple[tuple[tuple[float, ...], tuple[float, ...]], ...]
    samples: tuple[dict[str, float], ...]
    smooth: bool
    on_complex: str
    edges: int
    documentation: str
    spec: Spec
    core: Any
    _cells: dict[str, Any]

    def __init__(self, **fields: Any) -> None:
        for field, value in fields.items():
            object.__setattr__(self, field, value)
        object.__setattr__(self, "_cells", {})

    def __setattr__(self, field: str, value: object) -> NoReturn:
        raise AttributeError(
            f"[elementwise] the record of {self.name!r} is immutable: cannot set "
            f"{field!r}. Register another operation instead."
        )

    def __repr__(self) -> str:
        arguments = ", ".join((*self.operands, *self.params))
        return f"<elementwise {self.name}({arguments}) {self.promote} {self.node}>"

    def __getattr__(self, field: str) -> Any:
        # Asked only while the slot is empty: the core's operation, at first use.
        if field != "core":
            raise AttributeError(f"[elementwise] records have no {field!r}")
        op = self.core_named(self.node, self.edges)
        object.__setattr__(self, "core", op)
        return op

    def core_named(self, node: str, edges: int = -1, hidden: int = 0) -> Any:
        """Give the operation another node's name (PyTorch's overloads).

        `edges` is how many operands the overload takes as tensors, if not all;
        `hidden` how many of the first it takes as numbers.
        """
        op = self._cells.get(node)
        if op is None:
            op = self._cells[node] = core_op(self.spec, node, edges, hidden)
        return op

    def overload(self, last: object, first: object = None) -> Any:
        """Give it the node's name for a number as its last (or first) operand."""
        edges, hidden = -1, 0
        if isinstance(last, (int, float, complex)):
            name = self.node_if_number.get(self.operands[-1])
            edges = len(self.operands)
            while not self.spec.tensors_only >> (edges - 1) & 1 and edges > 1:
                edges -= 1
        elif isinstance(first, (int, float, complex)):
            name, hidden = self.node_if_number.get(self.operands[0]), 1
        else:
            return self.core
        if name is None:
            return self.core
        return self._cells.get(name) or self.core_named(name, edges, hidden)

    def derivative(self, rule: Callable[..., Any]) -> Callable[..., Any]:
        """State the derivative where it is stabler than, or differs from, the symbolic.

        ``rule(g, *operands, out, *, params)`` returns one expression per operand,
        None where the operand has no gradient.
        """
        if self.spec._derivative is not None:
            raise ValueError(
                f"[elementwise] {self.name!r} has a stated derivative already. "
                "State it once."
            )
        names = self.params

        def call(*arguments: Any) -> tuple[Any, ...]:
            *exprs, params = arguments
            return rule(*exprs, **dict(zip(names, params, strict=True)))

        self.spec._derivative = call
        return rule

    def integers(self, definition: Callable[..., Expr]) -> Callable[..., Expr]:
        """State a definition of its own for integers."""
        self.spec.integers = definition
        return definition

    def complex(self, definition: Callable[..., Expr]) -> Callable[..., Expr]:
        """State a definition of its own for complex operands.

        Its derivative is taken from it, even if that for real ones is stated.
        """
        names = self.params

        def trace(xs: Sequence[Expr], ps: Sequence[Expr]) -> Any:
            return definition(*xs, **dict(zip(names, ps, strict=True)))

        self.spec._complex_trace = trace
        return definition

    def refuse_complex(self, reason: str) -> None:
        """Say why complex operands are refused."""
        self.spec.complex_refusal = reason


class _Required:
    def __repr__(self) -> str:
        return "<required>"


REQUIRED: Any = _Required()


def elementwise(
    *,
    promote: str,
    node: str | None = None,
    node_if_number: dict[str, str] | None = None,
    node_backward: str | None = None,
    oracle: str,
    api: Sequence[str] = (),
    aliases: dict[str, Sequence[str]] | None = None,
    accepts: str = "all",
    complaints: dict[str, str] | None = None,
    domain: Sequence[tuple[float, float]] | None = None,
    ulp: tuple[float, float] = (4, 4),
    kinks: Sequence[tuple[tuple[float, ...], tuple[float, ...]]] = (),
    samples: Sequence[dict[str, float]] = (),
    keyword: Sequence[str] = (),
    no_derivative: Sequence[str] | bool = (),
    first_promoted: int = 0,
    numbers: Sequence[str] = (),
    smooth: bool = True,
    floor: float = 0.0,
    save_output: bool | Literal["too"] = True,
    on_complex: str = "",
    edges: int = -1,
    shown: dict[str, Any] | None = None,
    register: bool = True,
) -> Callable[[Callable[..., Any]], ElementwiseRecord]:
    """Register the decorated function of scalars as an elementwise operation.

    See `ElementwiseRecord` for the fields; `numbers` names the operands that may be
    Python numbers, as in PyTorch; `shown` is what the node shows besides operands and
    parameters, by name. A record that lacks what its kind demands is refused: a node's
    name if it is differentiable, an oracle to test against, a docstring.
    """

    def make(definition: Callable[..., Any]) -> ElementwiseRecord:
        code = definition.__code__
        name = definition.__name__
        nin, nparams = code.co_argcount, code.co_kwonlyargcount
        operands = code.co_varnames[:nin]
        params = code.co_varnames[nin : nin + nparams]
        given = definition.__kwdefaults__ or {}
        differentiable = promote not in ("compare", "logical") and accepts not in (
            "bits",
            "integers",
        )
        documentation = definition.__doc__
        _demand(promote in PROMOTIONS, name, f"a known promotion, got {promote=}")
        _demand(accepts in ACCEPTS, name, f"a known set of dtypes, got {accepts=}")
        _demand(on_complex in ON_COMPLEX, name, f"a known kind, got {on_complex=}")
        _demand(nin >= 1, name, "at least one positional operand")
        _demand(bool(oracle), name, "an independent oracle")
        _demand(
            (node is not None) == differentiable,
            name,
            f"a node's name exactly if it is differentiable, got {node=}",
        )
        _demand(bool(documentation) or not register, name, "a docstring")
        _demand(domain is None or len(domain) == nin, name, "a domain for each operand")
        _demand(
            all(len(p) == nin == len(d) for p, d in kinks),
            name,
            "a value and a partial for each operand in every kink",
        )
        _demand(name not in REGISTRY or not register, name, "a name not yet taken")

        refused = frozenset(
            i
            for i, x in enumerate(operands)
            if no_derivative is True or (no_derivative and x in no_derivative)
        )

        def trace(xs: Sequence[Expr], ps: Sequence[Expr]) -> Any:
            return definition(*xs, **dict(zip(params, ps, strict=True)))

        spec = Spec(
            name,
            nin=nin,
            nparams=nparams,
            nout=1,
            promote=promote,
            node=node or "",
            node_backward=node_backward,
            names=(*operands, *params),
            trace=trace,
            no_derivative=refused,
            first_promoted=first_promoted,
            tensors_only=sum(
                1 << i for i, x in enumerate(operands) if nin > 1 and x not in numbers
            ),
            save_output=save_output,
            accepts=accepts,
            complaints=complaints,
            on_complex=on_complex,
            shown=shown,
        )
        record = ElementwiseRecord(
            name=name,
            definition=definition,
            operands=operands,
            params=params,
            defaults=tuple(given.get(p, REQUIRED) for p in params),
            promote=promote,
            accepts=accepts,
            complaints=complaints,
            node=node or "",
            node_if_number=node_if_number or {},
            node_backward=spec.node_backward,
            differentiable=differentiable and len(refused) < nin,
            floor=floor,
            api=_names(name, api, aliases),
            keyword=tuple(keyword),
            oracle=oracle,
            domain=tuple(domain) if domain else ((-3.0, 3.0),) * nin,
            ulp=ulp,
            kinks=tuple(kinks),
            samples=tuple(samples),
            smooth=smooth,
            on_complex=on_complex,
            edges=edges,
            documentation=documentation,
            spec=spec,
        )
        if register:
            REGISTRY[name] = record
        return record

    return make


def _names(
    name: str, api: Sequence[str], aliases: dict[str, Sequence[str]] | None
) -> tuple[str, ...]:
    names = [pattern.format(name) for pattern in api]
    for alias, patterns in (aliases or {}).items():
        names += [pattern.format(alias) for pattern in patterns]
    return tuple(names)


def _demand(met: bool, name: str, what: str) -> None:
    if not met:
        raise ValueError(
            f"[elementwise] cannot register {name!r}: expected {what}. A record must "
            "hold everything that its tests and its documentation are made from."
        )
