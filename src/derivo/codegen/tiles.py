"""The inner loops of matrix products, as LLVM text.

A product is cut into *tiles*: a few rows by one or two vectors of columns of the
result, held in registers while the summed dimension runs. A tile reads the left operand
one element at a time (broadcast, so any strides do) and the right operand by vectors
along its rows. The other form, `dots`, has its vectors along the summed dimension, for
products with a few rows or columns only. What brings operands into these forms and
picks one is `_core/tiles.pyx` and `_core/blas.pyx`.

One module holds all functions for one dtype. Its entry writes their addresses, in the
order of `names`, to an array; the core calls them directly. All strides are in bytes.

The tile is that of K. Goto and R. A. van de Geijn, Anatomy of High-Performance Matrix
Multiplication, ACM TOMS 34(3), 2008, without their copy of the left operand, which the
broadcast loads make unnecessary at the sizes of small models.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derivo.codegen.emit import REGISTER, Module
from derivo.ir.dtypes import ITEMSIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from derivo.codegen.target import Target

__all__ = ["lanes_of", "names", "rows_of", "tiles_text"]

# A tile asks memory for the row of the right operand this many steps ahead.
AHEAD = 8
# Rows of the left operand that `dots` takes together, and columns of the right one.
DOT_ROWS, DOT_COLUMNS = 4, 4
# Accumulators of one long sum: they hide the latency of the addition.
LONG = 8


def rows_of(target: Target) -> int:
    """Return the most rows of a tile: two accumulators each, and three registers."""
    return 14 if target.vector_bytes == 64 else 6


def lanes_of(target: Target, dtype: str) -> int:
    """Return the lanes of the vectors (16 bytes where the machine has none)."""
    return max(16, target.vector_bytes) // ITEMSIZE[dtype]


def names(target: Target) -> list[str]:
    """Functions of a module, in the order in which its entry gives their addresses."""
    tiles = [f"tile{m}x{v}" for m in range(1, rows_of(target) + 1) for v in (1, 2)]
    dots = [f"dots{n}" for n in range(1, DOT_COLUMNS + 1)]
    return [*tiles, *dots, "long_dot", "turn", "copy_panels"]


def tiles_text(symbol: str, target: Target, dtype: str) -> tuple[str, tuple[str, ...]]:
    """Write the module of one dtype; return it and the C functions that it calls."""
    writer = _Writer(target, dtype)
    writer.write()
    lines = [f"define void @{symbol}(ptr %sizes, ptr %out, ptr %strides) #0 {{"]
    for i, name in enumerate(names(target)):
        lines.append(f"  %p{i} = getelementptr i8, ptr %out, i64 {8 * i}")
        lines.append(f"  store ptr @{name}, ptr %p{i}, align 8")
    writer.module.body.append("\n".join([*lines, "  ret void", "}"]))
    return writer.module.text(symbol), ()


class _Writer:
    """Functions over vectors of one dtype."""

    def __init__(self, target: Target, dtype: str) -> None:
        self.module = Module(target)
        self.size = ITEMSIZE[dtype]
        self.lanes = lanes_of(target, dtype)
        self.rows = rows_of(target)
        self.one = REGISTER[dtype]
        self.vec = f"<{self.lanes} x {self.one}>"
        self.bytes = self.lanes * self.size
        self.suffix = "f32" if self.size == 4 else "f64"
        self.lines: list[str] = []
        self.count = 0
        v = f"v{self.lanes}{self.suffix}"
        self.module.declare(
            f"llvm.fmuladd.{v}", self.vec, f"{self.vec}, {self.vec}, {self.vec}"
        )
        self.module.declare(
            f"llvm.fmuladd.{self.suffix}", self.one, ", ".join([self.one] * 3)
        )
        self.module.declare("llvm.prefetch.p0", "void", "ptr, i32, i32, i32")

    def write(self) -> None:
        for rows in range(1, self.rows + 1):
            for vectors in (1, 2):
                self.tile(rows, vectors)
        for columns in range(1, DOT_COLUMNS + 1):
            self.dots(columns)
        self.long_dot()
        self.turn()
        self.copy_panels()

    # --- text

    def new(self, text: str) -> str:
        self.count += 1
        self.lines.append(f"  %t{self.count} = {text}")
        return f"%t{self.count}"

    def line(self, text: str) -> None:
        self.lines.append("  " + text)

    def label(self, name: str) -> None:
        self.lines.append(f"{name}:")

    def begin(self, name: str, arguments: str) -> None:
        self.lines = [f"define internal void @{name}({arguments}) #0 {{", "entry:"]
        self.count = 0

    def end(self) -> None:
        self.line("ret void")
        self.module.body.append("\n".join([*self.lines, "}"]))

    def at(self, base: str, step: str | int) -> str:
        return self.new(f"getelementptr i8, ptr {base}, i64 {step}")

    def load(self, address: str) -> str:
        return self.new(f"load {self.vec}, ptr {address}, align {self.size}")

    def store(self, value: str, address: str) -> None:
        self.line(f"store {self.vec} {value}, ptr {address}, align {self.size}")

    def load_one(self, address: str) -> str:
        return self.new(f"load {self.one}, ptr {address}, align {self.size}")

    def splat(self, value: str) -> str:
        put = self.new(f"insertelement {self.vec} poison, {self.one} {value}, i64 0")
        zeros = f"<{self.lanes} x i32> zeroinitializer"
        return self.new(f"shufflevector {self.vec} {put}, {self.vec} poison, {zeros}")

    def fma(self, x: str, y: str, z: str) -> str:
        v = self.vec
        return self.new(
            f"call {v} @llvm.fmuladd.v{self.lanes}{self.suffix}({v} {x}, {v} {y}, "
            f"{v} {z})"
        )

    def fma_one(self, x: str, y: str, z: str) -> str:
        t = self.one
        return self.new(
            f"call {t} @llvm.fmuladd.{self.suffix}({t} {x}, {t} {y}, {t} {z})"
        )

    def prefetch(self, address: str, write: bool = False) -> None:
        self.line(
            f"call void @llvm.prefetch.p0(ptr {address}, i32 {int(write)}, i32 3, "
            "i32 1)"
        )

    def number(self, argument: str) -> str:
        """Return a factor, which comes as a double, in the module's dtype."""
        if self.size == 8:
            return argument
        return self.new(f"fptrunc double {argument} to float")

    def shuffle(self, x: str, y: str, lanes: Iterator[int]) -> str:
        order = ", ".join(f"i32 {lane}" for lane in lanes)
        v = self.vec
        return self.new(
            f"shufflevector {v} {x}, {v} {y}, <{self.lanes} x i32> <{order}>"
        )

    def total(self, v: str) -> str:
        """Sum of the lanes, by halves."""
        half = self.lanes // 2
        while half:
            n = self.lanes
            turned = self.shuffle(v, v, ((lane + half) % n for lane in range(n)))
            v = self.new(f"fadd {self.vec} {v}, {turned}")
            half //= 2
        return self.new(f"extractelement {self.vec} {v}, i64 0")

    # --- functions

    def tile(self, rows: int, vectors: int) -> None:
        """Make ``c = alpha * a b + beta * cin`` for `rows` rows and `vectors` vectors.

        Row addresses come in fours, so that four pointers and the strides r, 2r and 3r
        reach every row.
        """
        self.begin(
            f"tile{rows}x{vectors}",
            "i64 %k, ptr %a, i64 %rs, i64 %cs, ptr %b, i64 %ldb, ptr %c, i64 %ldc, "
            "ptr %cin, i64 %ldcin, double %alpha64, double %beta64",
        )
        alpha, beta = self.number("%alpha64"), self.number("%beta64")
        r2 = self.new("shl i64 %rs, 1")
        steps = ["0", "%rs", r2, self.new(f"add i64 {r2}, %rs")]
        r4 = self.new("shl i64 %rs, 2")
        starts = ["%a"]
        for _ in range(4, rows, 4):
            starts.append(self.at(starts[-1], r4))
        ahead = self.new(f"mul i64 %ldb, {AHEAD}")
        short = self.new(f"icmp slt i64 %k, {rows}")
        near = self.new(f"select i1 {short}, i64 %k, i64 {rows}")
        some = self.new("icmp sgt i64 %k, 0")
        self.line(f"br i1 {some}, label %first, label %done")
        cells = [(i, v) for i in range(rows) for v in range(vectors)]

        def loop(name: str, before: str, bound: str, begin: dict[str, str]) -> None:
            """One loop over k; `begin` has the values with which it is entered."""
            self.label(name)
            for key, value in begin.items():
                kind = "i64" if key == "p" else "ptr" if key[0] != "s" else self.vec
                self.line(
                    f"%{name}.{key} = phi {kind} [ {value}, %{before} ], "
                    f"[ %{name}.{key}.n, %{name} ]"
                )
            if name == "first":
                # c comes from far away in large products: ask for a row of it with each
                # of the first steps, write after the last.
                self.prefetch("%first.next", write=True)
                if vectors * self.bytes > 64:
                    self.prefetch(self.at("%first.next", self.bytes), write=True)
                self.line("%first.next.n = getelementptr i8, ptr %first.next, i64 %ldc")
            right = [self.load(f"%{name}.b")]
            if vectors == 2:
                right.append(self.load(self.at(f"%{name}.b", self.bytes)))
            later = self.at(f"%{name}.b", ahead)
            self.prefetch(later)
            if vectors * self.bytes > 64:
                self.prefetch(self.at(later, self.bytes))
            for i in range(rows):
                q = f"%{name}.a{i // 4}"
                address = q if i % 4 == 0 else self.at(q, steps[i % 4])
                x = self.splat(self.load_one(address))
                for v in range(vectors):
                    made = self.fma(x, right[v], f"%{name}.s{i}_{v}")
                    # Renamed to what the phi expects.
                    self.lines[-1] = self.lines[-1].replace(
                        f"  {made} = ", f"  %{name}.s{i}_{v}.n = "
                    )
            for g in range(len(starts)):
                self.line(
                    f"%{name}.a{g}.n = getelementptr i8, ptr %{name}.a{g}, i64 %cs"
                )
            self.line(f"%{name}.b.n = getelementptr i8, ptr %{name}.b, i64 %ldb")
            self.line(f"%{name}.p.n = add i64 %{name}.p, 1")
            more = self.new(f"icmp slt i64 %{name}.p.n, {bound}")
            leave = "between" if name == "first" else "done"
            self.line(f"br i1 {more}, label %{name}, label %{leave}")

        begin = {"p": "0", "b": "%b", "next": "%c"}
        begin |= {f"a{g}": start for g, start in enumerate(starts)}
        begin |= {f"s{i}_{v}": "zeroinitializer" for i, v in cells}
        loop("first", "entry", near, begin)
        self.label("between")
        long = self.new(f"icmp slt i64 {near}, %k")
        self.line(f"br i1 {long}, label %rest, label %done")
        del begin["next"]
        loop("rest", "between", "%k", {key: f"%first.{key}.n" for key in begin})
        self.label("done")
        for i, v in cells:
            self.line(
                f"%s{i}_{v} = phi {self.vec} [ zeroinitializer, %entry ], "
                f"[ %first.s{i}_{v}.n, %between ], [ %rest.s{i}_{v}.n, %rest ]"
            )
        by = self.splat(alpha)
        zero = self.new(f"fcmp oeq {self.one} {beta}, 0.0")
        self.line(f"br i1 {zero}, label %plain, label %mixed")
        # beta 0 must hide nan and infinity in cin.
        for name in ("plain", "mixed"):
            self.label(name)
            row, old = "%c", "%cin"
            scale = self.splat(beta) if name == "mixed" else ""
            for i in range(rows):
                for v in range(vectors):
                    value = self.new(f"fmul {self.vec} {by}, %s{i}_{v}")
                    if scale:
                        was = self.load(old if not v else self.at(old, self.bytes))
                        value = self.fma(scale, was, value)
                    self.store(value, row if not v else self.at(row, self.bytes))
                if i + 1 < rows:
                    row = self.at(row, "%ldc")
                    old = self.at(old, "%ldcin") if scale else old
            if name == "plain":
                self.line("ret void")
        self.end()

    def dots(self, columns: int) -> None:
        """out[i, j] = sum over k of x[i, k] * y[j, k], four rows, `columns` columns."""
        cells = [(i, j) for i in range(DOT_ROWS) for j in range(columns)]
        self.begin(
            f"dots{columns}",
            "i64 %k, ptr %x, i64 %ldx, ptr %y, i64 %ldy, ptr %out",
        )
        xs, ys = ["%x"], ["%y"]
        for _ in range(1, DOT_ROWS):
            xs.append(self.at(xs[-1], "%ldx"))
        for _ in range(1, columns):
            ys.append(self.at(ys[-1], "%ldy"))
        whole = self.new(f"and i64 %k, {-self.lanes}")
        some = self.new(f"icmp sgt i64 {whole}, 0")
        self.line(f"br i1 {some}, label %main, label %sums")
        self.label("main")
        self.line("%p = phi i64 [ 0, %entry ], [ %p.n, %main ]")
        for i, j in cells:
            self.line(
                f"%s{i}_{j} = phi {self.vec} [ zeroinitializer, %entry ], "
                f"[ %s{i}_{j}.n, %main ]"
            )
        offset = self.new(f"mul i64 %p, {self.size}")
        right = [self.load(self.at(y, offset)) for y in ys]
        for i in range(DOT_ROWS):
            left = self.load(self.at(xs[i], offset))
            for j in range(columns):
                made = self.fma(left, right[j], f"%s{i}_{j}")
                self.lines[-1] = self.lines[-1].replace(
                    f"  {made} = ", f"  %s{i}_{j}.n = "
                )
        self.line(f"%p.n = add i64 %p, {self.lanes}")
        more = self.new(f"icmp slt i64 %p.n, {whole}")
        self.line(f"br i1 {more}, label %main, label %sums")
        self.label("sums")
        for i, j in cells:
            self.line(
                f"%v{i}_{j} = phi {self.vec} [ zeroinitializer, %entry ], "
                f"[ %s{i}_{j}.n, %main ]"
            )
        begin = {(i, j): self.total(f"%v{i}_{j}") for i, j in cells}
        self.tail(whole, begin, xs, ys, "sums")
        for n, (i, j) in enumerate(cells):
            place = self.at("%out", n * self.size)
            self.line(f"store {self.one} %e{i}_{j}, ptr {place}, align {self.size}")
        self.end()

    def tail(
        self,
        whole: str,
        begin: dict[tuple[int, int], str],
        xs: list[str],
        ys: list[str],
        before: str,
    ) -> None:
        """Add the products from `whole` to k one by one; the sums become %e{i}_{j}."""
        left = self.new(f"icmp slt i64 {whole}, %k")
        self.line(f"br i1 {left}, label %tail, label %end")
        self.label("tail")
        self.line(f"%q = phi i64 [ {whole}, %{before} ], [ %q.n, %tail ]")
        for (i, j), value in begin.items():
            self.line(
                f"%d{i}_{j} = phi {self.one} [ {value}, %{before} ], "
                f"[ %d{i}_{j}.n, %tail ]"
            )
        offset = self.new(f"mul i64 %q, {self.size}")
        x = [self.load_one(self.at(each, offset)) for each in xs]
        y = [self.load_one(self.at(each, offset)) for each in ys]
        for i, j in begin:
            made = self.fma_one(x[i], y[j], f"%d{i}_{j}")
            self.lines[-1] = self.lines[-1].replace(f"  {made} = ", f"  %d{i}_{j}.n = ")
        self.line("%q.n = add i64 %q, 1")
        more = self.new("icmp slt i64 %q.n, %k")
        self.line(f"br i1 {more}, label %tail, label %end")
        self.label("end")
        for (i, j), value in begin.items():
            self.line(
                f"%e{i}_{j} = phi {self.one} [ {value}, %{before} ], "
                f"[ %d{i}_{j}.n, %tail ]"
            )

    def long_dot(self) -> None:
        """out[0] = sum over k of x[k] * y[k], with many accumulators."""
        self.begin("long_dot", "i64 %k, ptr %x, i64 %ldx, ptr %y, i64 %ldy, ptr %out")
        v, stride = self.vec, LONG * self.lanes
        blocks = self.new(f"and i64 %k, {-stride}")
        whole = self.new(f"and i64 %k, {-self.lanes}")
        some = self.new(f"icmp sgt i64 {blocks}, 0")
        self.line(f"br i1 {some}, label %main, label %fold")
        self.label("main")
        self.line("%p = phi i64 [ 0, %entry ], [ %p.n, %main ]")
        for i in range(LONG):
            self.line(
                f"%s{i} = phi {v} [ zeroinitializer, %entry ], [ %s{i}.n, %main ]"
            )
        offset = self.new(f"mul i64 %p, {self.size}")
        x, y = self.at("%x", offset), self.at("%y", offset)
        for i in range(LONG):
            left = self.load(self.at(x, i * self.bytes))
            right = self.load(self.at(y, i * self.bytes))
            made = self.fma(left, right, f"%s{i}")
            self.lines[-1] = self.lines[-1].replace(f"  {made} = ", f"  %s{i}.n = ")
        self.line(f"%p.n = add i64 %p, {stride}")
        more = self.new(f"icmp slt i64 %p.n, {blocks}")
        self.line(f"br i1 {more}, label %main, label %fold")
        self.label("fold")
        parts = []
        for i in range(LONG):
            parts.append(f"%f{i}")
            self.line(
                f"%f{i} = phi {v} [ zeroinitializer, %entry ], [ %s{i}.n, %main ]"
            )
        while len(parts) > 1:
            parts = [
                self.new(f"fadd {v} {a}, {b}")
                for a, b in zip(parts[::2], parts[1::2], strict=True)
            ]
        few = self.new(f"icmp slt i64 {blocks}, {whole}")
        self.line(f"br i1 {few}, label %vectors, label %sums")
        self.label("vectors")
        self.line(f"%w = phi i64 [ {blocks}, %fold ], [ %w.n, %vectors ]")
        self.line(f"%u = phi {v} [ {parts[0]}, %fold ], [ %u.n, %vectors ]")
        offset = self.new(f"mul i64 %w, {self.size}")
        made = self.fma(
            self.load(self.at("%x", offset)), self.load(self.at("%y", offset)), "%u"
        )
        self.lines[-1] = self.lines[-1].replace(f"  {made} = ", "  %u.n = ")
        self.line(f"%w.n = add i64 %w, {self.lanes}")
        more = self.new(f"icmp slt i64 %w.n, {whole}")
        self.line(f"br i1 {more}, label %vectors, label %sums")
        self.label("sums")
        self.line(f"%sum = phi {v} [ {parts[0]}, %fold ], [ %u.n, %vectors ]")
        self.tail(whole, {(0, 0): self.total("%sum")}, ["%x"], ["%y"], "sums")
        self.line(f"store {self.one} %e0_0, ptr %out, align {self.size}")
        self.end()

    def turn(self) -> None:
        """A square block the other way round: dst[p, j] = src[j, p].

        Each stage exchanges one bit of the row's number with that of the lane's. Lanes
        from `count` on hold copies of the last row.
        """
        self.begin("turn", "ptr %src, i64 %lds, i64 %count, ptr %dst, i64 %ldd")
        n = self.lanes
        last = self.new("sub i64 %count, 1")
        rows = []
        for i in range(n):
            within = self.new(f"icmp slt i64 {i}, %count")
            which = self.new(f"select i1 {within}, i64 {i}, i64 {last}")
            address = self.at("%src", self.new(f"mul i64 {which}, %lds"))
            rows.append(self.load(address))
            self.prefetch(self.at(address, 4 * self.bytes))
        half = 1
        while half < n:
            for i in range(n):
                if i & half:
                    continue
                x, y = rows[i], rows[i + half]
                rows[i] = self.shuffle(
                    x, y, (n + k - half if k & half else k for k in range(n))
                )
                rows[i + half] = self.shuffle(
                    x, y, (n + k if k & half else k + half for k in range(n))
                )
            half *= 2
        for i in range(n):
            address = self.at("%dst", self.new(f"mul i64 %ldd, {i}")) if i else "%dst"
            self.store(rows[i], address)
        self.end()

    def copy_panels(self) -> None:
        """Rows of the right operand into panels two vectors wide, one after another.

        ``dst[x, p] = src[p, x]`` for p < depth and x < panels. Row by row: memory is
        read in longer runs.
        """
        self.begin(
            "copy_panels", "i64 %depth, i64 %panels, ptr %src, i64 %ld, ptr %dst"
        )
        panel = 2 * self.bytes
        jump = self.new(f"mul i64 %depth, {panel}")
        ahead = self.new("shl i64 %ld, 2")
        rows = self.new("icmp sgt i64 %depth, 0")
        columns = self.new("icmp sgt i64 %panels, 0")
        some = self.new(f"and i1 {rows}, {columns}")
        self.line(f"br i1 {some}, label %row, label %out")
        self.label("row")
        self.line("%p = phi i64 [ 0, %entry ], [ %p.n, %next ]")
        self.line("%s = phi ptr [ %src, %entry ], [ %s.n, %next ]")
        self.line("%d = phi ptr [ %dst, %entry ], [ %d.n, %next ]")
        self.line("br label %copy")
        self.label("copy")
        self.line("%x = phi i64 [ 0, %row ], [ %x.n, %copy ]")
        self.line("%from = phi ptr [ %s, %row ], [ %from.n, %copy ]")
        self.line("%to = phi ptr [ %d, %row ], [ %to.n, %copy ]")
        self.prefetch(self.at("%from", ahead))
        first = self.load("%from")
        second = self.load(self.at("%from", self.bytes))
        self.store(first, "%to")
        self.store(second, self.at("%to", self.bytes))
        self.line(f"%from.n = getelementptr i8, ptr %from, i64 {panel}")
        self.line(f"%to.n = getelementptr i8, ptr %to, i64 {jump}")
        self.line("%x.n = add i64 %x, 1")
        more = self.new("icmp slt i64 %x.n, %panels")
        self.line(f"br i1 {more}, label %copy, label %next")
        self.label("next")
        self.line("%p.n = add i64 %p, 1")
        self.line("%s.n = getelementptr i8, ptr %s, i64 %ld")
        self.line(f"%d.n = getelementptr i8, ptr %d, i64 {panel}")
        more = self.new("icmp slt i64 %p.n, %depth")
        self.line(f"br i1 {more}, label %row, label %out")
        self.label("out")
        self.end()
