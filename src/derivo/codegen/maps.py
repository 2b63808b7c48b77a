"""Elementwise kernels: loops over (n0, n1) around the code of some expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from derivo.codegen.emit import MEMORY, REGISTER, Block, Evaluator, Module
from derivo.codegen.target import Target
from derivo.ir.dtypes import COMPLEX, ITEMSIZE, compute_dtype
from derivo.ir.expr import Expr
from derivo.ir.typing import Types

# Nodes that cost next to nothing do not count when the unrolling is chosen.
_FREE = frozenset({"var", "const", "cast"})
_CHEAP = frozenset(
    {"add", "sub", "mul", "neg", "abs", "minimum", "maximum", "where", "square"}
    | {"rounded"}
    | {"lt", "le", "gt", "ge", "eq", "ne", "logical_and", "logical_or", "logical_not"}
    | {"bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not", "isnan", "sign"}
    | {"div", "sqrt", "rsqrt", "reciprocal", "floor", "ceil", "trunc", "round"}
)
# Functions of float32 that are written in place, not called.
_IN_PLACE = frozenset({"exp", "sin", "cos"})


def operands(exprs: Sequence[Expr]) -> dict[int, Expr]:
    """Return the operand variables of expressions by number."""
    from derivo.ir.expr import topological

    return {e.index: e for e in topological(exprs) if e.op == "var"}


class Tail:
    """The last, incomplete vector: its mask, and how many lanes it has."""

    def __init__(
        self, mask: str, left: str, buffer: Callable[[str], str] | None = None
    ) -> None:
        self.mask = mask
        self.left = left
        # Gives a stack slot, on machines without masked operations.
        self.buffer = buffer


Value = tuple[str, str]  # a register and its dtype


class Access:
    """How a kernel reads and writes one operand along the vectorised axis."""

    # Numbers in memory for one element.
    width = 1

    def __init__(self, number: int, dtype: str, letter: str) -> None:
        self.number = number
        self.dtype = dtype
        self.letter = letter
        self.size = ITEMSIZE[dtype]

    def scalars(self, b: Block, pointer: str) -> tuple[Value, ...]:
        """Load one element, its parts apart, and copy it into all lanes."""
        return (self.load_scalar(b, pointer),)

    def loads(
        self, b: Block, pointer: str, lanes: Sequence[str], tail: Tail | None
    ) -> tuple[Value, ...]:
        """Load a vector, the parts of its elements apart."""
        return (self.load(b, pointer, lanes, tail),)

    def stores(
        self,
        b: Block,
        pointer: str,
        lanes: Sequence[str],
        tail: Tail | None,
        raws: Sequence[str],
    ) -> None:
        """Store a vector from the bits of its parts."""
        (raw,) = raws
        self.store(b, pointer, lanes, tail, raw)

    def load_scalar(self, b: Block, pointer: str) -> Value:
        """Load one element and copy it into all lanes."""
        kind = MEMORY[self.dtype]
        raw = b.new(f"load {kind}, ptr {pointer}, align {self.size}")
        v = f"<{b.lanes} x {kind}>"
        one = b.new(f"insertelement {v} poison, {kind} {raw}, i64 0")
        zero = f"<{b.lanes} x i32> zeroinitializer"
        raw = b.new(f"shufflevector {v} {one}, {v} poison, {zero}")
        return b.from_memory(self.dtype, raw)

    def load(
        self, b: Block, pointer: str, lanes: Sequence[str], tail: Tail | None
    ) -> tuple[str, str]:
        """Load a vector at `pointer`; for 'x', lane k is at byte offset lanes[k]."""
        kind = MEMORY[self.dtype]
        v = f"<{b.lanes} x {kind}>"
        if self.letter == "x":
            raw = "poison"
            for k, offset in enumerate(lanes):
                at = b.new(f"getelementptr i8, ptr {pointer}, i64 {offset}")
                one = b.new(f"load {kind}, ptr {at}, align {self.size}")
                raw = b.new(f"insertelement {v} {raw}, {kind} {one}, i64 {k}")
        elif tail is None:
            raw = b.new(f"load {v}, ptr {pointer}, align {self.size}")
        elif not b.target.masks:
            raw = self._fetch(b, pointer, tail)
        else:
            name = f"llvm.masked.load.v{b.lanes}{_suffix(kind)}.p0"
            bits = f"<{b.lanes} x i1>"
            b.module.declare(name, v, f"ptr, i32 immarg, {bits}, {v}")
            one = "0x3FF0000000000000" if kind in ("float", "double") else "1"
            raw = b.new(
                f"call {v} @{name}(ptr {pointer}, i32 {self.size}, {bits} {tail.mask}, "
                f"{v} splat ({kind} {one}))"
            )
        return b.from_memory(self.dtype, raw)

    def store(
        self, b: Block, pointer: str, lanes: Sequence[str], tail: Tail | None, raw: str
    ) -> None:
        """Store the bits `raw`, which `Block.to_memory` made."""
        kind = MEMORY[self.dtype]
        v = f"<{b.lanes} x {kind}>"
        if self.letter == "x":
            # The last lanes of a tail repeat the last element's address; going
            # backwards, its own value is written last.
            for k in range(b.lanes - 1, -1, -1):
                at = b.new(f"getelementptr i8, ptr {pointer}, i64 {lanes[k]}")
                one = b.new(f"extractelement {v} {raw}, i64 {k}")
                b.line(f"store {kind} {one}, ptr {at}, align {self.size}")
        elif tail is None:
            b.line(f"store {v} {raw}, ptr {pointer}, align {self.size}")
        elif not b.target.masks:
            self._put(b, pointer, tail, raw)
        else:
            name = f"llvm.masked.store.v{b.lanes}{_suffix(kind)}.p0"
            bits = f"<{b.lanes} x i1>"
            b.module.declare(name, "void", f"{v}, ptr, i32 immarg, {bits}")
            b.line(
                f"call void @{name}({v} {raw}, ptr {pointer}, i32 {self.size}, "
                f"{bits} {tail.mask})"
            )

    def _fetch(self, b: Block, pointer: str, tail: Tail) -> str:
        """Load an incomplete vector by way of the stack; the other lanes hold 1."""
        assert tail.buffer is not None
        kind = MEMORY[self.dtype]
        v = f"<{b.lanes} x {kind}>"
        one = "0x3FF0000000000000" if kind in ("float", "double") else "1"
        slot = tail.buffer(kind)
        b.module.declare("llvm.memcpy.p0.p0.i64", "void", "ptr, ptr, i64, i1")
        b.line(f"store {v} splat ({kind} {one}), ptr {slot}, align 64")
        size = b.new(f"mul i64 {tail.left}, {self.size}")
        b.line(_copy(slot, pointer, size))
        return b.new(f"load {v}, ptr {slot}, align 64")

    def _put(self, b: Block, pointer: str, tail: Tail, raw: str) -> None:
        assert tail.buffer is not None
        kind = MEMORY[self.dtype]
        slot = tail.buffer(kind)
        b.module.declare("llvm.memcpy.p0.p0.i64", "void", "ptr, ptr, i64, i1")
        b.line(f"store <{b.lanes} x {kind}> {raw}, ptr {slot}, align 64")
        size = b.new(f"mul i64 {tail.left}, {self.size}")
        b.line(_copy(pointer, slot, size))


class PairAccess(Access):
    """Complex numbers: real and imaginary part side by side in memory."""

    width = 2

    def __init__(self, number: int, dtype: str, letter: str) -> None:
        super().__init__(number, COMPLEX[dtype], letter)
        # Of an element; its parts have the size of `part`.
        self.part = self.size
        self.size = 2 * self.part

    def _imaginary(self, b: Block, pointer: str) -> str:
        return b.new(f"getelementptr i8, ptr {pointer}, i64 {self.part}")

    def scalars(self, b: Block, pointer: str) -> tuple[Value, ...]:
        """Load one number into all lanes of two registers."""
        alone = Access(self.number, self.dtype, "s")
        other = self._imaginary(b, pointer)
        return alone.load_scalar(b, pointer), alone.load_scalar(b, other)

    def loads(
        self, b: Block, pointer: str, lanes: Sequence[str], tail: Tail | None
    ) -> tuple[Value, ...]:
        """Load numbers as a vector of real and one of imaginary parts."""
        single = Access(self.number, self.dtype, self.letter)
        if self.letter == "x":
            other = self._imaginary(b, pointer)
            return single.load(b, pointer, lanes, None), single.load(
                b, other, lanes, None
            )
        n = b.lanes
        with _doubled(b):
            both, dtype = single.load(b, pointer, (), _double(b, tail))
        wide = f"<{2 * n} x {MEMORY[self.dtype]}>"
        found = []
        for part in range(2):
            index = ", ".join(f"i32 {2 * k + part}" for k in range(n))
            value = b.new(
                f"shufflevector {wide} {both}, {wide} poison, <{n} x i32> <{index}>"
            )
            found.append((value, dtype))
        return tuple(found)

    def stores(
        self,
        b: Block,
        pointer: str,
        lanes: Sequence[str],
        tail: Tail | None,
        raws: Sequence[str],
    ) -> None:
        """Store a vector of real and one of imaginary parts as numbers."""
        re, im = raws
        single = Access(self.number, self.dtype, self.letter)
        if self.letter == "x":
            single.store(b, pointer, lanes, None, re)
            single.store(b, self._imaginary(b, pointer), lanes, None, im)
            return
        n = b.lanes
        v = f"<{n} x {MEMORY[self.dtype]}>"
        index = ", ".join(f"i32 {k}, i32 {n + k}" for k in range(n))
        both = b.new(f"shufflevector {v} {re}, {v} {im}, <{2 * n} x i32> <{index}>")
        with _doubled(b):
            single.store(b, pointer, (), _double(b, tail), both)


@contextmanager
def _doubled(b: Block) -> Iterator[None]:
    """Write for vectors of twice as many lanes."""
    b.lanes *= 2
    try:
        yield
    finally:
        b.lanes //= 2


def _double(b: Block, tail: Tail | None) -> Tail | None:
    """Return the tail of the parts, two for each number (`b` is doubled already)."""
    if tail is None:
        return None
    n = b.lanes // 2
    index = ", ".join(f"i32 {k}, i32 {k}" for k in range(n))
    bits = f"<{n} x i1>"
    mask = b.new(
        f"shufflevector {bits} {tail.mask}, {bits} poison, <{2 * n} x i32> <{index}>"
    )
    return Tail(mask, tail.left, tail.buffer)


def _suffix(kind: str) -> str:
    return {"float": "f32", "double": "f64"}.get(kind, kind)


def lane_mask(b: Block, remaining: str) -> str:
    """Return the mask of the first `remaining` lanes."""
    n = b.lanes
    wide = "i8" if n > 64 else "i32"
    top = b.new(f"call i64 @llvm.umin.i64(i64 {remaining}, i64 {n})")
    b.module.declare("llvm.umin.i64", "i64", "i64, i64")
    few = b.new(f"trunc i64 {top} to {wide}")
    v = f"<{n} x {wide}>"
    one = b.new(f"insertelement {v} poison, {wide} {few}, i64 0")
    many = b.new(f"shufflevector {v} {one}, {v} poison, <{n} x i32> zeroinitializer")
    steps = ", ".join(f"{wide} {k}" for k in range(n))
    return b.new(f"icmp ult {v} <{steps}>, {many}")


class MapKernel:
    """Writes one elementwise kernel."""

    def __init__(
        self,
        target: Target,
        exprs: Sequence[Expr],
        in_dtypes: Sequence[str],
        out_dtypes: Sequence[str],
        compute: str,
        layout: str,
        pairs: bool = False,
    ) -> None:
        self.module = Module(target)
        self.target = target
        self.exprs = exprs
        self.nout = len(out_dtypes)
        self.nops = self.nout + len(in_dtypes)
        self.compute = compute_dtype(compute)
        self.access = [
            (PairAccess if d in COMPLEX else Access)(j, d, letter)
            for j, (d, letter) in enumerate(
                zip((*out_dtypes, *in_dtypes), layout, strict=True)
            )
        ]
        # Variables of an operand.
        self.step = 2 if pairs else 1
        self.vars = operands(exprs)
        self.types = Types(
            exprs, dict.fromkeys(self.vars.values(), self.compute), self.compute
        )
        # Expressions of each output: its parts.
        rest = iter(exprs)
        self.results = [
            [next(rest) for _ in range(a.width)] for a in self.access[: self.nout]
        ]
        used = {self.types.strong(e) for e in exprs} | {self.compute}
        widest = max(ITEMSIZE[t] for t in used)
        lanes = max(1, target.vector_bytes // widest)
        if "x" in layout:
            lanes = min(lanes, 16)
        self.lanes = lanes
        self.block = Block(self.module, lanes)
        self.unroll = self._unrolling(layout)

    def _unrolling(self, layout: str) -> int:
        cost = 0
        for e in self.types.order:
            if e.op in _CHEAP:
                cost += 1
            elif e.op not in _FREE:
                return 1
        if "x" in layout:
            return 1
        return 4 if cost <= 6 else 2 if cost <= 16 else 1

    def inputs(self, letters: str) -> list[tuple[list[Expr | None], Access]]:
        """List the operands that are used and have one of these letters.

        Each with its variables, None for a part that is not used.
        """
        found = []
        for i in self._used():
            access = self.access[self.nout + i]
            if access.letter in letters:
                first = self.step * i
                parts = [self.vars.get(first + k) for k in range(access.width)]
                found.append((parts, access))
        return found

    def _used(self) -> list[int]:
        return sorted({i // self.step for i in self.vars})

    def text(self, name: str) -> str:
        """Return the module's text."""
        b = self.block
        self._prologue(b, name)
        self._row(b)
        b.lines.append("}")
        self.module.body = b.lines
        return self.module.text(name)

    def _live(self) -> list[int]:
        """List the operands that the kernel touches."""
        return [*range(self.nout), *(self.nout + i for i in self._used())]

    def _prologue(self, b: Block, name: str) -> None:
        b.lines.append(
            f"define void @{name}(ptr noalias nocapture readonly %sizes, "
            "ptr noalias nocapture readonly %ptrs, "
            "ptr noalias nocapture readonly %strides) #0 {"
        )
        b.label("entry")
        b.line("%n0 = load i64, ptr %sizes, align 8")
        b.line("%n1p = getelementptr i8, ptr %sizes, i64 8")
        b.line("%n1 = load i64, ptr %n1p, align 8")
        b.line("%some0 = icmp sgt i64 %n0, 0")
        b.line("%some1 = icmp sgt i64 %n1, 0")
        b.line("%some = and i1 %some0, %some1")
        for j in self._live():
            b.line(f"%pp{j} = getelementptr i8, ptr %ptrs, i64 {8 * j}")
            b.line(f"%p{j} = load ptr, ptr %pp{j}, align 8")
            at = 8 * (self.nops + j)
            b.line(f"%op{j} = getelementptr i8, ptr %strides, i64 {at}")
            b.line(f"%o{j} = load i64, ptr %op{j}, align 8")
            if self.access[j].letter == "x":
                b.line(f"%sp{j} = getelementptr i8, ptr %strides, i64 {8 * j}")
                b.line(f"%s{j} = load i64, ptr %sp{j}, align 8")
                for k in range(self.lanes):
                    b.line(f"%x{j}.{k} = mul i64 %s{j}, {k}")
        if not self.target.masks:
            for j in self._buffered():
                a = self.access[j]
                kind = MEMORY[a.dtype]
                v = f"<{self.lanes * a.width} x {kind}>"
                one = "0x3FF0000000000000" if kind in ("float", "double") else "1"
                b.line(f"%buf{j} = alloca {v}, align 64")
                b.line(f"store {v} splat ({kind} {one}), ptr %buf{j}, align 64")
        b.line("br i1 %some, label %row, label %exit")

    def _buffered(self) -> list[int]:
        return [j for j in self._live() if self.access[j].letter == "c"]

    def _row(self, b: Block) -> None:
        n, unroll = self.lanes, self.unroll
        b.label("row")
        b.line("%i1 = phi i64 [ 0, %entry ], [ %i1n, %row.end ]")
        for j in self._live():
            b.line(f"%d{j} = mul i64 %i1, %o{j}")
            b.line(f"%r{j} = getelementptr i8, ptr %p{j}, i64 %d{j}")
        known: dict[Expr, Value] = {}
        for parts, a in self.inputs("s"):
            _bind(known, parts, a.scalars(b, f"%r{a.number}"))
        uniform = Evaluator(b, self.types, known)
        uniform.run(e for e in self.types.order if self._is_uniform(e, uniform))
        before = b.at
        main = unroll * n if self._has_main() else 0
        if main:
            b.line(f"%whole = urem i64 %n0, {main}")
            b.line("%main.n = sub i64 %n0, %whole")
            b.line("%main.some = icmp ne i64 %main.n, 0")
            b.line("br i1 %main.some, label %main, label %tail.head")
            b.label("main")
            at = len(b.lines)
            self._body(b, uniform, "%i", unroll, None, {})
            b.line(f"%in = add i64 %i, {main}")
            b.line("%main.more = icmp ult i64 %in, %main.n")
            # The body may have ended in another basic block than it began in.
            b.lines.insert(at, f"  %i = phi i64 [ 0, %{before} ], [ %in, %{b.at} ]")
            b.line("br i1 %main.more, label %main, label %tail.head")
            start = f"[ 0, %{before} ], [ %main.n, %{b.at} ]"
        else:
            b.line("br label %tail.head")
            start = f"[ 0, %{before} ]"
        b.label("tail.head")
        b.line(f"%t0 = phi i64 {start}")
        b.line("%tail.some = icmp ult i64 %t0, %n0")
        b.line("br i1 %tail.some, label %tail, label %row.end")
        b.label("tail")
        b.line("%t = phi i64 [ %t0, %tail.head ], [ %tn, %tail.end ]")
        b.line("%left = sub i64 %n0, %t")
        self._tail(b, uniform)
        b.line("br label %tail.end")
        b.label("tail.end")
        b.line(f"%tn = add i64 %t, {n}")
        b.line("%tail.more = icmp ult i64 %tn, %n0")
        b.line("br i1 %tail.more, label %tail, label %row.end")
        b.label("row.end")
        b.line("%i1n = add i64 %i1, 1")
        b.line("%row.more = icmp ult i64 %i1n, %n1")
        b.line("br i1 %row.more, label %row, label %exit")
        b.label("exit")
        b.line("ret void")

    def _has_main(self) -> bool:
        # Masks are a quarter of exp's time, and nothing beside a call.
        short = _CHEAP | _FREE
        if self.target.fma and self.compute == "float32":
            short |= _IN_PLACE
        ops = {e.op for e in self.types.order}
        return self.unroll > 1 or (len(self.types.order) <= 48 and ops <= short)

    def _is_uniform(self, e: Expr, ev: Evaluator) -> bool:
        # Operands first: an operand is known already if it is a splat.
        return e.op != "var" and all(a.op == "const" or a in ev.values for a in e.args)

    def _body(
        self,
        b: Block,
        uniform: Evaluator,
        index: str,
        copies: int,
        tail: Tail | None,
        where: dict[int, str],
        lanes: dict[int, list[str]] | None = None,
    ) -> None:
        """Write `copies` vectors of work from element `index` on.

        `where` overrides the address of operands (the tail's buffers).
        """
        n = self.lanes
        pointers: dict[int, str] = {}
        for j in self._live():
            a = self.access[j]
            if a.letter == "s" or j in where:
                continue
            step = a.size if a.letter == "c" else f"%s{j}"
            off = b.new(f"mul i64 {index}, {step}")
            pointers[j] = b.new(f"getelementptr i8, ptr %r{j}, i64 {off}")
        pointers.update(where)
        if lanes is None:
            lanes = {
                j: [f"%x{j}.{k}" for k in range(n)]
                for j in self._live()
                if self.access[j].letter == "x"
            }
        evaluators = []
        for c in range(copies):
            known = dict(uniform.values)
            for parts, a in self.inputs("cx"):
                at = pointers[a.number]
                if c:
                    at = b.new(f"getelementptr i8, ptr {at}, i64 {c * n * a.size}")
                _bind(known, parts, a.loads(b, at, lanes.get(a.number, ()), tail))
            evaluators.append(Evaluator(b, self.types, known))
        raws = []
        for ev in evaluators:
            ev.run(self.types.order)
            for a, results in zip(self.access, self.results, strict=False):
                raws.append([self._bits(b, ev, a.dtype, e) for e in results])
        for c in range(copies):
            for j in range(self.nout):
                a = self.access[j]
                at = pointers[j]
                if c:
                    at = b.new(f"getelementptr i8, ptr {at}, i64 {c * n * a.size}")
                a.stores(b, at, lanes.get(j, ()), tail, raws[c * self.nout + j])

    def _bits(self, b: Block, ev: Evaluator, dtype: str, e: Expr) -> str:
        """Return the value of a result as the bits that are stored."""
        value, source = ev.result(e)
        natural = self.types.strong(e)
        if source == "bool" != natural:
            value, source = ev.get(e, natural), natural
        return b.to_memory(dtype, value, source)

    def _tail(self, b: Block, uniform: Evaluator) -> None:
        lanes = self._tail_lanes(b)
        if self.target.masks:
            tail = Tail(lane_mask(b, "%left"), "%left")
            self._body(b, uniform, "%t", 1, tail, {}, lanes)
            return
        n = self.lanes
        buffered = self._buffered()
        if not buffered or n == 1:
            self._body(b, uniform, "%t", 1, None, {}, lanes)
            return
        # Without masked operations an incomplete vector travels through a buffer,
        # whose other lanes hold 1.
        b.module.declare("llvm.memcpy.p0.p0.i64", "void", "ptr, ptr, i64, i1")
        b.line(f"%full = icmp uge i64 %left, {n}")
        for j in buffered:
            b.line(f"%to{j} = mul i64 %t, {self.access[j].size}")
            b.line(f"%tp{j} = getelementptr i8, ptr %r{j}, i64 %to{j}")
            b.line(f"%tl{j} = mul i64 %left, {self.access[j].size}")
        b.line("br i1 %full, label %work, label %fetch")
        b.label("fetch")
        for j in buffered:
            if j >= self.nout:
                b.line(_copy(f"%buf{j}", f"%tp{j}", f"%tl{j}"))
        b.line("br label %work")
        b.label("work")
        where = {}
        for j in buffered:
            b.line(f"%w{j} = phi ptr [ %tp{j}, %tail ], [ %buf{j}, %fetch ]")
            where[j] = f"%w{j}"
        self._body(b, uniform, "%t", 1, None, where, lanes)
        if any(j < self.nout for j in buffered):
            b.line("br i1 %full, label %tail.done, label %put")
            b.label("put")
            for j in buffered:
                if j < self.nout:
                    b.line(_copy(f"%tp{j}", f"%buf{j}", f"%tl{j}"))
            b.line("br label %tail.done")
            b.label("tail.done")

    def _tail_lanes(self, b: Block) -> dict[int, list[str]]:
        """Return byte offsets of lanes that never pass the last element."""
        strided = [j for j in self._live() if self.access[j].letter == "x"]
        if not strided:
            return {}
        b.line("%last = sub i64 %left, 1")
        b.module.declare("llvm.umin.i64", "i64", "i64, i64")
        found: dict[int, list[str]] = {j: [] for j in strided}
        for k in range(self.lanes):
            at = b.new(f"call i64 @llvm.umin.i64(i64 {k}, i64 %last)")
            for j in strided:
                found[j].append(b.new(f"mul i64 {at}, %s{j}"))
        return found


def _bind(
    known: dict[Expr, Value], variables: Sequence[Expr | None], values: Sequence[Value]
) -> None:
    known.update(
        {v: x for v, x in zip(variables, values, strict=True) if v is not None}
    )


def _copy(to: str, source: str, size: str) -> str:
    return (
        f"call void @llvm.memcpy.p0.p0.i64(ptr {to}, ptr {source}, i64 {size}, "
        "i1 false)"
    )


def map_text(
    name: str,
    target: Target,
    exprs: Sequence[Expr],
    in_dtypes: Sequence[str],
    out_dtypes: Sequence[str],
    compute: str,
    layout: str,
    pairs: bool = False,
) -> tuple[str, tuple[str, ...]]:
    """Return the text of an elementwise kernel and the C functions it calls."""
    kernel = MapKernel(target, exprs, in_dtypes, out_dtypes, compute, layout, pairs)
    text = kernel.text(name)
    return text, tuple(sorted(kernel.module.symbols))


__all__ = ["REGISTER", "Access", "MapKernel", "lane_mask", "map_text", "operands"]
