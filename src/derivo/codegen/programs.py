"""Kernels of loop programs: walks over the reduced space for each kept point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from derivo.codegen.emit import MEMORY, Block, Evaluator, Module
from derivo.codegen.folds import BLOCK, Fold
from derivo.codegen.maps import _CHEAP, _FREE, Access, Tail, lane_mask
from derivo.codegen.target import Target
from derivo.ir.dtypes import ITEMSIZE
from derivo.ir.expr import Expr, topological
from derivo.ir.program import (
    COUNT,
    INDEX,
    Program,
    Reduce,
    Store,
    is_result,
    passes,
    result,
    typed,
)

Value = tuple[str, str]

# Steps down the columns for which memory is asked in advance: fewer than the ways of a
# first-level cache, as columns of a wide matrix share a set.
AHEAD = 6


class _Tile(NamedTuple):
    """A run of kept points treated together: `copies` vectors, or one kept point."""

    copies: int
    bases: list[dict[int, str]]
    lanes: dict[int, list[str]]
    tail: Tail | None


class ProgramKernel:
    """Writes the kernel of one program."""

    def __init__(self, target: Target, program: Program) -> None:
        self.program = program
        self.row = program.axis == "row"
        self.module = Module(target)
        self.nout = len(program.outputs)
        self.nops = len(program.operands)
        # An alias has its output's place among the arguments.
        self.place = [
            j if m.alias is None else m.alias for j, m in enumerate(program.operands)
        ]
        self.arguments = sum(m.alias is None for m in program.operands)
        self.access = [
            Access(j, m.dtype, m.letter) for j, m in enumerate(program.operands)
        ]
        found = typed(program)
        self.types = found.types
        self.folds: dict[int, Fold] = {}
        for k, s in enumerate(program.stages):
            if isinstance(s, Reduce):
                t = self.types.strong(s.expr)
                self.folds[k] = Fold(s, t, found.accumulators[k], found.results[k])
        # What takes values in: the folds themselves, but for sums in blocks.
        self.takers = {k: fold.near or fold for k, fold in self.folds.items()}
        self.passes = passes(program)
        self.lanes = self._choose_lanes(target)
        self.block = Block(self.module, self.lanes)
        self.labels = 0
        self.allocas: list[str] = []
        self.used = {
            e for s in program.stages for e in topological([s.expr]) if e.op == "var"
        }

    # --- choices

    def _choose_lanes(self, target: Target) -> int:
        sizes = [ITEMSIZE[self.types.compute]]
        sizes += [ITEMSIZE[f.value] for f in self.folds.values()]
        widest = max(sizes)
        if any(ITEMSIZE[p] > widest for f in self.folds.values() for p in f.parts):
            # Two or four registers an accumulator, not sixteen.
            widest = max(widest, 4)
        lanes = max(1, target.vector_bytes // widest)
        return min(lanes, 16) if any(a.letter == "x" for a in self.access) else lanes

    def _copies(self, stages: Sequence[int]) -> int:
        """Choose how many vectors a walk takes at once."""
        cost = 0
        for e in topological([self.program.stages[k].expr for k in stages]):
            if e.op in _CHEAP:
                cost += 1
            elif e.op not in _FREE:
                cost += 12
        width = self.module.target.vector_bytes or 8
        registers = sum(
            max(1, ITEMSIZE[p] * self.lanes // width)
            for k in stages
            if k in self.takers
            for p in self.takers[k].parts
        )
        if any(a.letter == "x" for a in self.access):
            return 1
        most = 4 if self.row else 8
        while most > 1 and (most * registers > 16 or most * cost > 40):
            most //= 2
        return most

    # --- text

    def text(self, name: str) -> str:
        """Return the module's text."""
        b = self.block
        self._prologue(b, name)
        at = len(b.lines)
        with self._loop("%k1", "0") as k1:
            if self.row:
                with self._loop("%k0", "0") as k0:
                    self._tile(_Tile(1, [self._bases(k1, k0)], {}, None))
            else:
                self._columns(k1)
        b.line("ret void")
        b.lines.append("}")
        # Stack slots belong to the entry block, before the first branch.
        b.lines[at:at] = self.allocas
        self.module.body = b.lines
        return self.module.text(name)

    def _prologue(self, b: Block, name: str) -> None:
        b.lines.append(
            f"define void @{name}(ptr noalias nocapture readonly %sizes, "
            "ptr noalias nocapture readonly %ptrs, "
            "ptr noalias nocapture readonly %strides) #0 {"
        )
        b.label("entry")
        for k, size in enumerate(("r0", "r1", "k0", "k1")):
            b.line(f"%{size}.p = getelementptr i8, ptr %sizes, i64 {8 * k}")
            b.line(f"%{size} = load i64, ptr %{size}.p, align 8")
        b.line("%count = mul i64 %r0, %r1")
        vector = 0 if self.row else 2
        for j, a in enumerate(self.access):
            place = self.place[j]
            b.line(f"%pp{j} = getelementptr i8, ptr %ptrs, i64 {8 * place}")
            b.line(f"%p{j} = load ptr, ptr %pp{j}, align 8")
            for level in range(4):
                at = 8 * (self.arguments * level + place)
                b.line(f"%q{level}.{j} = getelementptr i8, ptr %strides, i64 {at}")
                b.line(f"%s{level}.{j} = load i64, ptr %q{level}.{j}, align 8")
            if a.letter == "x":
                for k in range(self.lanes):
                    b.line(f"%x{j}.{k} = mul i64 %s{vector}.{j}, {k}")

    @contextmanager
    def _loop(self, count: str, start: str, step: int = 1) -> Iterator[str]:
        """Write a loop from `start` while below `count`; yield its counter."""
        b = self.block
        self.labels += 1
        n = self.labels
        b.line(f"br label %L{n}.pre")
        b.label(f"L{n}.pre")
        b.line(f"%L{n}.some = icmp slt i64 {start}, {count}")
        b.line(f"br i1 %L{n}.some, label %L{n}.body, label %L{n}.end")
        b.label(f"L{n}.body")
        b.line(f"%L{n}.i = phi i64 [ {start}, %L{n}.pre ], [ %L{n}.in, %L{n}.latch ]")
        yield f"%L{n}.i"
        b.line(f"br label %L{n}.latch")
        b.label(f"L{n}.latch")
        b.line(f"%L{n}.in = add i64 %L{n}.i, {step}")
        b.line(f"%L{n}.more = icmp slt i64 %L{n}.in, {count}")
        b.line(f"br i1 %L{n}.more, label %L{n}.body, label %L{n}.end")
        b.label(f"L{n}.end")

    def _bases(self, k1: str, k0: str) -> dict[int, str]:
        """Return the address of every operand at a kept point."""
        b = self.block
        found = {}
        for j in range(self.nops):
            o1 = b.new(f"mul i64 {k1}, %s3.{j}")
            o0 = b.new(f"mul i64 {k0}, %s2.{j}")
            off = b.new(f"add i64 {o1}, {o0}")
            found[j] = b.new(f"getelementptr i8, ptr %p{j}, i64 {off}")
        return found

    def _columns(self, k1: str) -> None:
        b, n = self.block, self.lanes
        copies = min(self._copies(group) for group in self.passes)
        step = copies * n
        rest = b.new(f"srem i64 %k0, {step}")
        whole = b.new(f"sub i64 %k0, {rest}")
        with self._loop(whole, "0", step) as k0:
            bases = [self._bases(k1, k0)]
            for c in range(1, copies):
                at = b.new(f"add i64 {k0}, {c * n}")
                bases.append(self._bases(k1, at))
            lanes = {
                j: [f"%x{j}.{k}" for k in range(n)]
                for j, a in enumerate(self.access)
                if a.letter == "x"
            }
            self._tile(_Tile(copies, bases, lanes, None))
        with self._loop("%k0", whole, n) as k0:
            left = b.new(f"sub i64 %k0, {k0}")
            tail = self._tail(left)
            lanes = self._tail_lanes(left, 2)
            self._tile(_Tile(1, [self._bases(k1, k0)], lanes, tail))

    def _tail(self, left: str) -> Tail:
        b = self.block
        mask = lane_mask(b, left)
        top = b.new(f"call i64 @llvm.umin.i64(i64 {left}, i64 {self.lanes})")
        return Tail(mask, top, self._buffer)

    def _buffer(self, kind: str) -> str:
        self.allocas.append(
            f"  %buf{len(self.allocas)} = alloca <{self.lanes} x {kind}>, align 64"
        )
        return f"%buf{len(self.allocas) - 1}"

    def _tail_lanes(self, left: str, level: int) -> dict[int, list[str]]:
        """Return byte offsets of lanes that never pass the last element."""
        b = self.block
        strided = [j for j, a in enumerate(self.access) if a.letter == "x"]
        if not strided:
            return {}
        b.module.declare("llvm.umin.i64", "i64", "i64, i64")
        last = b.new(f"sub i64 {left}, 1")
        found: dict[int, list[str]] = {j: [] for j in strided}
        for k in range(self.lanes):
            at = b.new(f"call i64 @llvm.umin.i64(i64 {k}, i64 {last})")
            for j in strided:
                found[j].append(b.new(f"mul i64 {at}, %s{level}.{j}"))
        return found

    # --- one tile

    def _inputs(self, exprs: Sequence[Expr], space: str) -> list[tuple[Expr, Access]]:
        """List the inputs of this space that the expressions use."""
        return [
            (e, self.access[self.nout + e.index])
            for e in topological(exprs)
            if e.op == "var"
            and e is not COUNT
            and e is not INDEX
            and not is_result(e)
            and self.program.inputs[e.index].space == space
        ]

    def _tile(self, tile: _Tile) -> None:
        b = self.block
        shared: dict[Expr, Value] = {}
        if COUNT in self.used:
            shared[COUNT] = (b.splat("int64", "%count"), "int64")
        kept = []
        exprs = [s.expr for s in self.program.stages]
        for c in range(tile.copies):
            known = dict(shared)
            for e, a in self._inputs(exprs, "k"):
                at = tile.bases[c][a.number]
                if self.row or a.letter == "s":
                    known[e] = a.load_scalar(b, at)
                else:
                    lanes = tile.lanes.get(a.number, ())
                    known[e] = a.load(b, at, lanes, tile.tail)
            kept.append(Evaluator(b, self.types, known))
        for group in self.passes:
            first = self.program.stages[group[0]]
            if isinstance(first, Store) and self._output_space(first) == "k":
                self._store_kept(tile, kept, group)
            else:
                self._walk(tile, kept, group)

    def _output_space(self, s: Store) -> str:
        return self.program.outputs[s.output].space

    def _store_kept(self, tile: _Tile, kept: list[Evaluator], group: list[int]) -> None:
        b = self.block
        for c, ev in enumerate(kept):
            for k in group:
                s = self.program.stages[k]
                assert isinstance(s, Store)
                a = self.access[s.output]
                raw = self._raw(ev, s)
                at = tile.bases[c][s.output]
                if self.row:
                    kind = MEMORY[a.dtype]
                    one = b.new(f"extractelement <{self.lanes} x {kind}> {raw}, i64 0")
                    b.line(f"store {kind} {one}, ptr {at}, align {a.size}")
                else:
                    a.store(b, at, tile.lanes.get(s.output, ()), tile.tail, raw)

    def _raw(self, ev: Evaluator, s: Store) -> str:
        """Return the bits that a store writes."""
        ev.run(topological([s.expr]))
        value, dtype = ev.result(s.expr)
        natural = self.types.strong(s.expr)
        if dtype == "bool" != natural:
            value, dtype = ev.get(s.expr, natural), natural
        return self.block.to_memory(self.access[s.output].dtype, value, dtype)

    def _uniform(self, ev: Evaluator, order: Sequence[Expr]) -> None:
        """Compute what is the same everywhere in the coming loop."""
        for e in order:
            if e.op in ("var", "const") or e in ev.values:
                continue
            if all(a.op == "const" or a in ev.values for a in e.args):
                ev.run([e])

    def _walk(self, tile: _Tile, kept: list[Evaluator], group: list[int]) -> None:
        """Write one walk over the reduced space, and the results it gives."""
        b, n = self.block, self.lanes
        stages = [self.program.stages[k] for k in group]
        exprs = [s.expr for s in stages]
        order = topological(exprs)
        for ev in kept:
            self._uniform(ev, order)
        copies = self._copies(group) if self.row else tile.copies
        slots = {
            k: [self._slots(self.takers[k]) for _ in range(copies)]
            for k in group
            if k in self.takers
        }
        sums = {
            k: [self._slots(self.folds[k]) for _ in kept]
            for k in slots
            if self.takers[k] is not self.folds[k]
        }
        inputs = self._inputs(exprs, "r")
        with self._loop("%r1", "0") as r1:
            rows = [self._offset(base, 1, r1, inputs, stages) for base in tile.bases]
            index = b.new(f"mul i64 {r1}, %r0") if self._needs_index(group) else ""
            if self.row:
                known = dict(kept[0].values)
                for e, a in inputs:
                    if a.letter == "s":
                        known[e] = a.load_scalar(b, rows[0][a.number])
                level = Evaluator(b, self.types, known)
                self._uniform(level, order)
                vary = [(e, a) for e, a in inputs if a.letter != "s"]
                self._row_loops(level, rows[0], vary, group, slots, sums, copies, index)
            else:
                with self._steps("%r0", 1, slots, sums) as r0:
                    places = [self._offset(row, 0, r0, inputs, stages) for row in rows]
                    at = b.new(f"add i64 {index}, {r0}") if index else ""
                    where = b.splat("int64", at) if at else ""
                    splats = {
                        e: a.load_scalar(b, places[0][a.number])
                        for e, a in inputs
                        if a.letter == "s"
                    }
                    vary = [(e, a) for e, a in inputs if a.letter != "s"]
                    evs = []
                    if tile.tail is None:
                        self._fetch_ahead(places, vary)
                    for c in range(copies):
                        known = {**kept[c].values, **splats}
                        for e, a in vary:
                            lanes = tile.lanes.get(a.number, ())
                            known[e] = a.load(b, places[c][a.number], lanes, tile.tail)
                        if where:
                            known[INDEX] = (where, "int64")
                        evs.append(Evaluator(b, self.types, known))
                    self._body(evs, places, tile.lanes, tile.tail, group, slots, False)
        for k, stage_slots in slots.items():
            self._finish(kept, self.folds[k], k, sums.get(k, stage_slots), n)

    def _fetch_ahead(
        self, places: list[dict[int, str]], vary: list[tuple[Expr, Access]]
    ) -> None:
        """Ask for the memory of a later step down the columns.

        What a step reads is too short for the processor to see where it goes on.
        """
        b = self.block
        b.module.declare("llvm.prefetch.p0", "void", "ptr, i32, i32, i32")
        for _, a in vary:
            if a.letter != "c":
                continue
            ahead = b.new(f"mul i64 %s0.{a.number}, {AHEAD}")
            for place in places:
                at = b.new(f"getelementptr i8, ptr {place[a.number]}, i64 {ahead}")
                b.line(f"call void @llvm.prefetch.p0(ptr {at}, i32 0, i32 3, i32 1)")

    def _needs_index(self, group: list[int]) -> bool:
        for k in group:
            s = self.program.stages[k]
            if isinstance(s, Reduce) and s.combine in ("argmin", "argmax"):
                return True
            if any(e is INDEX for e in topological([s.expr])):
                return True
        return False

    def _offset(
        self,
        bases: dict[int, str],
        level: int,
        index: str,
        inputs: list[tuple[Expr, Access]],
        stages: Sequence[object],
    ) -> dict[int, str]:
        """Step the addresses of the operands of a walk along one axis."""
        b = self.block
        numbers = {a.number for _, a in inputs}
        numbers |= {s.output for s in stages if isinstance(s, Store)}
        found = {}
        for j in sorted(numbers):
            off = b.new(f"mul i64 {index}, %s{level}.{j}")
            found[j] = b.new(f"getelementptr i8, ptr {bases[j]}, i64 {off}")
        return found

    def _row_loops(
        self,
        level: Evaluator,
        row: dict[int, str],
        vary: list[tuple[Expr, Access]],
        group: list[int],
        slots: dict[int, list[list[str]]],
        sums: dict[int, list[list[str]]],
        copies: int,
        index: str,
    ) -> None:
        b, n = self.block, self.lanes
        step = copies * n
        plain = {
            j: [f"%x{j}.{k}" for k in range(n)]
            for j, a in enumerate(self.access)
            if a.letter == "x"
        }

        def body(
            i: str, count: int, lanes: dict[int, list[str]], tail: Tail | None
        ) -> None:
            places: list[dict[int, str]] = []
            for c in range(count):
                at = b.new(f"add i64 {i}, {c * n}") if c else i
                here = {}
                for j, pointer in row.items():
                    a = self.access[j]
                    size = a.size if a.letter == "c" else f"%s0.{j}"
                    off = b.new(f"mul i64 {at}, {size}")
                    here[j] = b.new(f"getelementptr i8, ptr {pointer}, i64 {off}")
                places.append(here)
            evs = []
            for c in range(count):
                known = dict(level.values)
                for e, a in vary:
                    known[e] = a.load(
                        b, places[c][a.number], lanes.get(a.number, ()), tail
                    )
                if index:
                    at = b.new(f"add i64 {index}, {i}")
                    at = b.new(f"add i64 {at}, {c * n}")
                    steps = ", ".join(f"i64 {k}" for k in range(n))
                    known[INDEX] = (
                        b.op("add", "int64", b.splat("int64", at), f"<{steps}>"),
                        "int64",
                    )
                evs.append(Evaluator(b, self.types, known))
            self._body(evs, places, lanes, tail, group, slots, True)

        rest = b.new(f"srem i64 %r0, {step}")
        whole = b.new(f"sub i64 %r0, {rest}")
        with self._steps(whole, step, slots, sums) as i:
            body(i, copies, plain, None)
        with self._loop("%r0", whole, n) as i:
            left = b.new(f"sub i64 %r0, {i}")
            body(i, 1, self._tail_lanes(left, 0), self._tail(left))
        if sums:
            self._flush(slots, sums)

    def _body(
        self,
        evs: list[Evaluator],
        places: list[dict[int, str]],
        lanes: dict[int, list[str]],
        tail: Tail | None,
        group: list[int],
        slots: dict[int, list[list[str]]],
        masked: bool,
    ) -> None:
        b = self.block
        mask = tail.mask if tail is not None and masked else None
        raws = []
        for c, ev in enumerate(evs):
            for k in group:
                s = self.program.stages[k]
                if isinstance(s, Store):
                    raws.append((c, s.output, self._raw(ev, s)))
                    continue
                fold = self.takers[k]
                ev.run(topological([s.expr]))
                x = ev.get(s.expr, fold.value)
                here = slots[k][c]
                acc = self._read(fold, here)
                index = ev.values[INDEX][0] if INDEX in ev.values else ""
                self._write(fold, here, fold.take(b, acc, x, index, mask))
        for c, output, raw in raws:
            a = self.access[output]
            if self.program.outputs[output].space == "t":
                so_far, t = a.load(b, places[c][output], lanes.get(output, ()), tail)
                raw = b.to_memory(a.dtype, b.op("fadd", t, so_far, raw), t)
            a.store(b, places[c][output], lanes.get(output, ()), tail, raw)

    # --- accumulators

    @contextmanager
    def _steps(
        self,
        count: str,
        step: int,
        slots: dict[int, list[list[str]]],
        sums: dict[int, list[list[str]]],
    ) -> Iterator[str]:
        """Write a loop; sums in blocks are flushed after every `BLOCK` rounds."""
        if not sums:
            with self._loop(count, "0", step) as i:
                yield i
            return
        b = self.block
        b.module.declare("llvm.smin.i64", "i64", "i64, i64")
        with self._loop(count, "0", BLOCK * step) as first:
            last = b.new(f"add i64 {first}, {BLOCK * step}")
            last = b.new(f"call i64 @llvm.smin.i64(i64 {last}, i64 {count})")
            with self._loop(last, first, step) as i:
                yield i
            self._flush(slots, sums)

    def _flush(
        self, slots: dict[int, list[list[str]]], sums: dict[int, list[list[str]]]
    ) -> None:
        """Add what blocks have summed to the sums, and begin anew."""
        b = self.block
        for k, totals in sums.items():
            near, fold = self.takers[k], self.folds[k]
            accs = [self._read(near, s) for s in slots[k]]
            if self.row:
                accs = [self._merged(near, accs)]
            for total, (x,) in zip(totals, accs, strict=True):
                acc = self._read(fold, total)
                self._write(fold, total, fold.take(b, acc, x, "", None))
            for s in slots[k]:
                self._write(near, s, near.neutral(b))

    def _merged(self, fold: Fold, accs: list[list[str]]) -> list[str]:
        while len(accs) > 1:
            half = len(accs) // 2
            accs = [
                fold.merge(self.block, accs[k], accs[k + half]) for k in range(half)
            ]
        return accs[0]

    def _slots(self, fold: Fold) -> list[str]:
        """Make room for one accumulator, empty so far."""
        b = self.block
        found = []
        for part in fold.parts:
            name = f"%acc{len(self.allocas)}"
            self.allocas.append(f"  {name} = alloca {b.vec(part)}, align 64")
            found.append(name)
        self._write(fold, found, fold.neutral(b))
        return found

    def _read(self, fold: Fold, slots: list[str]) -> list[str]:
        b = self.block
        return [
            b.new(f"load {b.vec(t)}, ptr {p}, align 64")
            for p, t in zip(slots, fold.parts, strict=True)
        ]

    def _write(self, fold: Fold, slots: list[str], values: list[str]) -> None:
        b = self.block
        for p, t, v in zip(slots, fold.parts, values, strict=True):
            b.line(f"store {b.vec(t)} {v}, ptr {p}, align 64")

    def _finish(
        self,
        kept: list[Evaluator],
        fold: Fold,
        stage: int,
        slots: list[list[str]],
        n: int,
    ) -> None:
        b = self.block
        accs = [self._read(fold, s) for s in slots]
        if self.row:
            accs = [self._across(fold, self._merged(fold, accs), n)]
        for ev, acc in zip(kept, accs, strict=True):
            values = fold.finish(b, acc)
            for e in self.used:
                if is_result(e):
                    for part, (v, t) in enumerate(
                        zip(values, fold.results, strict=True)
                    ):
                        if e is result(stage, part, e.name):
                            ev.values[e] = (v, t)

    def _across(self, fold: Fold, acc: list[str], n: int) -> list[str]:
        """Merge all lanes; every lane ends with the whole."""
        b = self.block
        shift = n // 2
        while shift:
            turn = ", ".join(f"i32 {(k + shift) % n}" for k in range(n))
            turned = [
                b.new(
                    f"shufflevector {b.vec(t)} {x}, {b.vec(t)} poison, "
                    f"<{n} x i32> <{turn}>"
                )
                for x, t in zip(acc, fold.parts, strict=True)
            ]
            acc = fold.merge(b, acc, turned)
            shift //= 2
        return acc


def program_text(
    name: str, target: Target, program: Program
) -> tuple[str, tuple[str, ...]]:
    """Return the text of a program's kernel and the C functions it calls."""
    kernel = ProgramKernel(target, program)
    text = kernel.text(name)
    return text, tuple(sorted(kernel.module.symbols))
