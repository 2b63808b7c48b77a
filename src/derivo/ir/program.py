"""Loop programs: reductions, and what is computed around them, in one kernel.

A program runs over two index spaces. The *kept* space (k1, k0) has one result each;
for every point of it the *reduced* space (r1, r0) is walked, once or several times.
`Reduce` stages fold an expression over the reduced space into results; `Store` stages
write an expression, for every point of the reduced space or once per kept point. Later
stages see the results of earlier ones, so that softmax is a maximum, a sum and a
store. An output may also be a *total*: one element for each point of the reduced space,
to which every kept point adds (the weight's gradient of a normalization, in the same
walk as the input's)::

    p = Builder("softmax", axis="row", compute="float32")
    out = p.output("float32", "c")
    x = p.input("float32", "c")
    m = p.reduce("max", x)
    s = p.reduce("add", exp(x - m))
    p.store(out, exp(x - m) / s)
    program = p.build()

`axis` says along which axis vectors lie: ``row`` along r0, with the lanes combined at
the end; ``col`` along k0, with one kept point a lane. `check` is the spec that every
program must pass; `derivo.codegen.interpreter.run` is its meaning.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from derivo.ir import dtypes
from derivo.ir.expr import Expr, Operand, as_expr, canonical, topological, var
from derivo.ir.typing import Types

# Numbers of variables beyond operands.
_COUNT = 1 << 15
_INDEX = _COUNT + 1
_RESULT = 1 << 16
_PARTS = 4

# The number of points of the reduced space, and the position in it (r1 * R0 + r0).
COUNT = var(_COUNT, "count")
INDEX = var(_INDEX, "index")

# combine: the names of what it gives
COMBINES = {
    "add": ("sum",),
    "mul": ("prod",),
    "min": ("min",),
    "max": ("max",),
    "any": ("any",),
    "all": ("all",),
    "argmin": ("min", "argmin"),
    "argmax": ("max", "argmax"),
    "welford": ("mean", "m2"),
}


class ProgramError(ValueError):
    """A program does not follow its spec: a defect of whoever built it."""


class Memory(NamedTuple):
    """One operand.

    Attributes
    ----------
    dtype : str
        Dtype in memory.
    letter : str
        Access along the vectorised axis: 'c' contiguous, 's' stride 0, 'x' any.
    space : str
        'r': varies over the reduced space; 'k': one element per kept point; 't' (of
        outputs): one per point of the reduced space, whatever the kept point.
    alias : int, optional
        For an input: the number of the output whose memory it is. It reads what
        earlier stages have stored there, and is no argument of the kernel.
    """

    dtype: str
    letter: str
    space: str = "r"
    alias: int | None = None


def _stage_key(stage: tuple[Any, ...]) -> tuple[Any, ...]:
    # Expressions by identity: their ``==`` builds a comparison.
    return tuple(id(v) if isinstance(v, Expr) else v for v in stage)


class Reduce(NamedTuple):
    """Fold `expr` over the reduced space.

    Sums of floats are accumulated in float64 and those of integers in int64 unless
    `dtype` says otherwise (a sum in float32 is one in short blocks, whose sums are
    accumulated in float64); `result` is the dtype in which later stages see the result.
    """

    name: str
    combine: str
    expr: Expr
    dtype: str | None = None
    result: str | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Reduce) and _stage_key(self) == _stage_key(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(_stage_key(self))


class Store(NamedTuple):
    """Write `expr` to output number `output`, or add it to that if it is a total."""

    output: int
    expr: Expr

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Store) and _stage_key(self) == _stage_key(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(_stage_key(self))


Stage = Reduce | Store


class Program(NamedTuple):
    """A loop program; build one with `Builder`."""

    name: str
    outputs: tuple[Memory, ...]
    inputs: tuple[Memory, ...]
    compute: str
    axis: str
    stages: tuple[Stage, ...]

    @property
    def operands(self) -> tuple[Memory, ...]:
        """All operands; those that are no alias are the kernel's arguments."""
        return (*self.outputs, *self.inputs)

    def text(self) -> str:
        """Return the program as people read it."""
        lines = [f"program {self.name} (axis {self.axis}, compute {self.compute})"]
        for k, m in enumerate(self.outputs):
            lines.append(f"  out{k}: {m.dtype} {m.letter} [{m.space}]")
        for k, m in enumerate(self.inputs):
            alias = "" if m.alias is None else f" = out{m.alias}"
            lines.append(f"  in{k}: {m.dtype} {m.letter} [{m.space}]{alias}")
        for s in self.stages:
            if isinstance(s, Reduce):
                dtype = f" in {s.dtype}" if s.dtype else ""
                lines.append(f"  {s.name} = {s.combine}({s.expr!r}){dtype}")
            else:
                lines.append(f"  out{s.output} <- {s.expr!r}")
        return "\n".join(lines)

    def canonical(self) -> str:
        """Return a text that is the same for the same program, in any process."""
        lines = [self.axis, self.compute]
        lines += [
            f"{m.dtype} {m.letter} {m.space} {m.alias}"
            for m in (*self.outputs, Memory("", "", ""), *self.inputs)
        ]
        for s in self.stages:
            if isinstance(s, Reduce):
                lines.append(f"reduce {s.combine} {s.dtype} {s.result}")
            else:
                lines.append(f"store {s.output}")
        lines.append(canonical([s.expr for s in self.stages]))
        return "\n".join(lines)


def result(stage: int, part: int = 0, name: str | None = None) -> Expr:
    """Return the variable that stands for a result of stage number `stage`."""
    return var(_RESULT + _PARTS * stage + part, name)


def is_result(e: Expr) -> bool:
    """Tell whether a variable is a result of a stage."""
    return e.index >= _RESULT


def stage_of(e: Expr) -> tuple[int, int]:
    """Return the stage and the part that a result variable stands for."""
    return divmod(e.index - _RESULT, _PARTS)


_result = result


class Builder:
    """Builds a `Program` step by step.

    Examples
    --------
    >>> p = Builder("mean", axis="row", compute="float32")
    >>> out = p.output("float32", "c", space="k")
    >>> x = p.input("float32", "c")
    >>> p.store(out, p.reduce("add", x) / p.count)
    >>> print(p.build().text())
    program mean (axis row, compute float32)
      out0: float32 c [k]
      in0: float32 c [r]
      sum = add(in0)
      out0 <- sum / count
    """

    count = COUNT
    index = INDEX

    def __init__(self, name: str, *, axis: str, compute: Any) -> None:
        self._name = name
        self._axis = axis
        self._compute = dtypes.normalise(compute)
        self._outputs: list[Memory] = []
        self._inputs: list[Memory] = []
        self._stages: list[Stage] = []
        self._names: set[str] = set()

    def output(self, dtype: Any, letter: str = "c", *, space: str = "r") -> int:
        """Add an output; return its number, for `store` and `input(alias=)`."""
        self._outputs.append(Memory(dtypes.normalise(dtype), letter, space))
        return len(self._outputs) - 1

    def input(
        self,
        dtype: Any,
        letter: str = "c",
        *,
        space: str = "r",
        name: str | None = None,
        alias: int | None = None,
    ) -> Expr:
        """Add an input; return the variable that stands for it."""
        self._inputs.append(Memory(dtypes.normalise(dtype), letter, space, alias))
        k = len(self._inputs) - 1
        return var(k, name or f"in{k}")

    @property
    def compute(self) -> str:
        """Dtype that inputs are converted to."""
        return dtypes.compute_dtype(self._compute)

    def keeps(self, output: int) -> bool:
        """Tell whether an output holds what is computed as it is."""
        return self._outputs[output].dtype == self.compute

    def stored(self, output: int) -> Expr:
        """Return what earlier stages have stored to an output; no inputs follow."""
        dtype, letter, space, _ = self._outputs[output]
        return self.input(dtype, letter, space=space, alias=output)

    def reduce(
        self,
        combine: str,
        expr: Operand,
        *,
        dtype: Any = None,
        result: Any = None,
        name: str | None = None,
    ) -> Any:
        """Add a reduction; return its result (a pair for argmin, argmax, welford)."""
        parts = COMBINES.get(combine)
        if parts is None:
            raise ProgramError(
                f"[{self._name}] unknown reduction: expected one of "
                f"{', '.join(COMBINES)}, got {combine=}"
            )
        stage = len(self._stages)
        name = name or parts[0]
        while name in self._names:
            name += "_"
        self._names.add(name)
        self._stages.append(
            Reduce(
                name,
                combine,
                as_expr(expr),
                None if dtype is None else dtypes.normalise(dtype),
                None if result is None else dtypes.normalise(result),
            )
        )
        found = tuple(
            _result(stage, k, name if k == 0 else f"{part}_of_{name}")
            for k, part in enumerate(parts)
        )
        return found[0] if len(found) == 1 else found

    def store(self, output: int, expr: Operand) -> None:
        """Add a store of `expr` to output number `output`."""
        self._stages.append(Store(output, as_expr(expr)))

    def build(self) -> Program:
        """Return the program, checked."""
        program = Program(
            self._name,
            tuple(self._outputs),
            tuple(self._inputs),
            self._compute,
            self._axis,
            tuple(self._stages),
        )
        check(program)
        return program


# --- the spec -------------------------------------------------------------------


class Typed(NamedTuple):
    """Dtypes in a program: of nodes, of accumulators and of results."""

    types: Types
    accumulators: tuple[str, ...]
    results: tuple[tuple[str, ...], ...]


def _accumulator(s: Reduce, t: str) -> str:
    if s.dtype is not None:
        wanted = dtypes.compute_dtype(s.dtype)
        in_blocks = s.combine == "add" and wanted == t == "float32"
        return "float64" if in_blocks else wanted
    if s.combine in ("any", "all"):
        return "bool"
    if s.combine in ("min", "max", "argmin", "argmax"):
        return t
    if s.combine == "welford" or t in dtypes.FLOATS:
        return "float64"
    return "int64"


def _results(s: Reduce, t: str, accumulator: str) -> tuple[str, ...]:
    if s.combine in ("any", "all"):
        return ("bool",)
    if s.combine in ("argmin", "argmax"):
        return (t, "int64")
    if s.result is not None:
        kept = dtypes.compute_dtype(s.result)
    elif s.combine in ("min", "max") or t in dtypes.FLOATS:
        kept = t
    else:
        kept = accumulator
    return (kept, kept) if s.combine == "welford" else (kept,)


def typed(program: Program) -> Typed:
    """Return the dtypes of everything in a program."""
    compute = dtypes.compute_dtype(program.compute)
    variables: dict[Expr, str] = {COUNT: "int64", INDEX: "int64"}
    accumulators: list[str] = []
    results: list[tuple[str, ...]] = []
    for k, s in enumerate(program.stages):
        for e in topological([s.expr]):
            if e.op == "var" and e.index < _COUNT:
                variables[e] = compute
            elif e.op == "var" and is_result(e):
                stage, part = stage_of(e)
                if stage < k and part < len(results[stage]):
                    variables[e] = results[stage][part]
        if isinstance(s, Reduce):
            t = Types([s.expr], variables, compute).strong(s.expr)
            accumulators.append(_accumulator(s, t))
            results.append(_results(s, t, accumulators[-1]))
        else:
            accumulators.append("")
            results.append(())
    types = Types([s.expr for s in program.stages], variables, compute)
    return Typed(types, tuple(accumulators), tuple(results))


def check(program: Program) -> None:
    """Raise `ProgramError` unless `program` follows the spec.

    1. `axis` is 'row' or 'col'; dtypes are known; letters are 'c', 's' or 'x'; spaces
       are 'r', 'k' or 't'.
    2. Outputs do not have stride 0 along the vectorised axis: their letter is not 's',
       except that in a 'row' program the letter of a 'k' operand means nothing.
    3. Expressions use declared operands, the count, the index and results of earlier
       stages only.
    4. What is stored per kept point uses nothing that varies over the reduced space.
    5. Every output is stored to; an alias is an output of equal dtype and space, and
       follows all other inputs.
    6. Sums, products and welford need numbers they can hold: welford floats only.
    7. Totals are outputs of a 'row' program without alias, in the dtype that is
       computed in.
    """
    name = program.name

    def need(condition: bool, message: str) -> None:
        if not condition:
            raise ProgramError(f"[{name}] {message}")

    need(
        program.axis in ("row", "col"),
        f"the axis must be 'row' or 'col': got axis={program.axis!r}",
    )
    need(bool(program.stages), "a program has stages: got none")
    for m in program.operands:
        need(m.dtype in dtypes.ITEMSIZE, f"unknown dtype={m.dtype!r}")
        need(m.letter in ("c", "s", "x"), f"unknown access: got letter={m.letter!r}")
        need(m.space in ("r", "k", "t"), f"unknown space={m.space!r}")
    for k, m in enumerate(program.outputs):
        free = program.axis == "row" and m.space == "k"
        need(
            free or m.letter != "s",
            f"output {k} has stride 0 along the vectorised axis",
        )
        need(m.alias is None, f"output {k} cannot have an alias: give it to the input")
        need(
            m.space != "t" or program.axis == "row",
            f"output {k} is a total: only a 'row' program adds to one",
        )
        need(
            m.space != "t"
            or m.dtype == dtypes.compute_dtype(program.compute) in dtypes.FLOATS,
            f"output {k} is a total in {m.dtype}: expected the floats computed in",
        )
    for k, m in enumerate(program.inputs):
        need(m.space != "t", f"input {k} is a total: only outputs are")
        if m.alias is None:
            need(
                k == 0 or program.inputs[k - 1].alias is None,
                f"input {k} follows the alias of an output: aliases come last",
            )
            continue
        need(
            0 <= m.alias < len(program.outputs),
            f"input {k} is the alias of an unknown output: got {m.alias}",
        )
        other = program.outputs[m.alias]
        need(
            (other.dtype, other.space) == (m.dtype, m.space),
            f"input {k} and output {m.alias}, its alias, differ in dtype or space",
        )
    stored = set()
    for k, s in enumerate(program.stages):
        kept = isinstance(s, Store) and _space(program, s.output, need) == "k"
        for e in topological([s.expr]):
            if e.op == "var":
                _check_variable(program, k, e, kept, need)
        if isinstance(s, Store):
            stored.add(s.output)
        else:
            need(
                s.combine in COMBINES,
                f"stage {k} has an unknown reduction: got combine={s.combine!r}",
            )
    missing = set(range(len(program.outputs))) - stored
    need(not missing, f"nothing is stored to outputs {sorted(missing)}")
    found = typed(program)
    for k, s in enumerate(program.stages):
        if not isinstance(s, Reduce):
            continue
        t = found.types.strong(s.expr)
        if s.combine == "welford":
            need(
                t in dtypes.FLOATS and found.accumulators[k] in dtypes.FLOATS,
                f"stage {k}: welford needs floating-point values, got {t}",
            )
        if s.combine in ("add", "mul"):
            need(
                found.accumulators[k] != "bool",
                f"stage {k}: {s.combine} cannot accumulate truth values: "
                "state an integer or floating-point dtype",
            )


def _space(program: Program, output: int, need: Any) -> str:
    need(
        0 <= output < len(program.outputs),
        f"a stage stores to an unknown output: got {output}",
    )
    return program.outputs[output].space


def _check_variable(program: Program, k: int, e: Expr, kept: bool, need: Any) -> None:
    if e is COUNT:
        return
    if e is INDEX:
        need(not kept, f"stage {k} stores per kept point, where there is no index")
        return
    if is_result(e):
        stage, part = stage_of(e)
        source = program.stages[stage] if stage < k else None
        need(
            isinstance(source, Reduce) and part < len(COMBINES[source.combine]),
            f"stage {k} uses {e.name!r}, which is not a result of an earlier stage",
        )
        return
    need(
        e.index < len(program.inputs),
        f"stage {k} uses operand {e.index}: there are {len(program.inputs)} inputs",
    )
    need(
        not kept or program.inputs[e.index].space == "k",
        f"stage {k} stores per kept point but uses input {e.index}, which varies over "
        "the reduced space",
    )


def passes(program: Program) -> list[list[int]]:
    """Group stages that one walk over the reduced space can do together.

    A stage starts a new walk if it uses a result of the current one or reads memory
    that the current one stores to. Stores per kept point form groups of their own.
    """
    groups: list[list[int]] = []
    current: list[int] = []
    for k, s in enumerate(program.stages):
        kept = isinstance(s, Store) and program.outputs[s.output].space == "k"
        used = [e for e in topological([s.expr]) if e.op == "var"]
        stored = {
            t.output for j in current if isinstance(t := program.stages[j], Store)
        }
        clash = any(
            stage_of(e)[0] in current
            if is_result(e)
            else e.index < _COUNT and program.inputs[e.index].alias in stored
            for e in used
        ) or (isinstance(s, Store) and s.output in stored)
        was_kept = bool(current) and _is_kept(program, current[0])
        if current and (clash or kept != was_kept):
            groups.append(current)
            current = []
        current.append(k)
    if current:
        groups.append(current)
    return groups


def _is_kept(program: Program, k: int) -> bool:
    s = program.stages[k]
    return isinstance(s, Store) and program.outputs[s.output].space == "k"
