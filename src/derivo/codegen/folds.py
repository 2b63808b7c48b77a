"""Accumulators: how each reduction begins, takes a value, merges and ends.

An accumulator is one or more vectors, one partial result a lane. Sums of float64 are
compensated: each addition's rounding error is found exactly and summed apart, which
is more accurate than pairwise summation at any length. Sums of float32 accumulate in
float64, which costs nothing beside the memory they read. Where the data are in the
cache already, as in a softmax, a program may ask for float32: then `BLOCK` values a
lane are added up in float32 (`near`), and the blocks in float64, which is what pairwise
summation does at half the work.
"""

from __future__ import annotations

from typing import NamedTuple

from derivo.codegen.emit import BITS, Block
from derivo.codegen.lower import extreme
from derivo.ir.dtypes import FLOATS
from derivo.ir.program import Reduce

_LAST = (1 << 63) - 1

# Values that a lane adds up in float32.
BLOCK = 16


def _lowest(block: Block, t: str) -> str:
    if t in FLOATS:
        return block.const(float("-inf"), t)
    if t in ("bool", "uint8"):
        return block.const(0, t)
    return block.const(-(1 << (BITS[t] - 1)), t)


def _highest(block: Block, t: str) -> str:
    if t in FLOATS:
        return block.const(float("inf"), t)
    if t == "bool":
        return block.const(True, t)
    if t == "uint8":
        return block.const(255, t)
    return block.const((1 << (BITS[t] - 1)) - 1, t)


class Fold(NamedTuple):
    """One reduction stage: its value's dtype and its accumulator's."""

    stage: Reduce
    value: str
    accumulator: str
    results: tuple[str, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """Dtypes of the vectors that make up one accumulator."""
        combine = self.stage.combine
        if combine in ("argmin", "argmax"):
            return (self.value, "int64")
        if combine == "welford":
            return (self.accumulator,) * 3
        return (
            (self.accumulator, self.accumulator) if self._exact else (self.accumulator,)
        )

    @property
    def _exact(self) -> bool:
        return (
            self.stage.combine == "add" and self.accumulator == self.value == "float64"
        )

    @property
    def near(self) -> Fold | None:
        """The fold inside a block, for sums in blocks."""
        if self.stage.combine == "add" and self.stage.dtype == self.value == "float32":
            return self._replace(accumulator="float32")
        return None

    def neutral(self, b: Block) -> list[str]:
        """Return an accumulator of nothing."""
        combine, t = self.stage.combine, self.accumulator
        if combine in ("min", "argmin"):
            first = _highest(b, self.parts[0])
        elif combine in ("max", "argmax"):
            first = _lowest(b, self.parts[0])
        else:
            first = b.const(1 if combine in ("mul", "all") else 0, t)
        if combine in ("argmin", "argmax"):
            return [first, b.const(_LAST, "int64")]
        return [first, *(b.const(0, p) for p in self.parts[1:])]

    def take(
        self, b: Block, acc: list[str], x: str, index: str, mask: str | None
    ) -> list[str]:
        """Take in the value `x` (in the lanes of `mask`)."""
        combine = self.stage.combine
        if combine in ("argmin", "argmax"):
            return self._better(b, acc, [x, index], mask)
        if combine == "welford":
            return self._welford(
                b, acc, b.convert(x, self.value, self.accumulator), mask
            )
        t = self.accumulator
        x = b.convert(x, self.value, t)
        if mask is not None:
            x = b.select(mask, t, x, self.neutral(b)[0])
        if self._exact:
            return self._two_sum(b, acc, [x, None])
        return [self._plain(b, acc[0], x)]

    def merge(self, b: Block, one: list[str], other: list[str]) -> list[str]:
        """Return the accumulator of what both have taken in."""
        combine = self.stage.combine
        if combine in ("argmin", "argmax"):
            return self._better(b, one, other, None)
        if combine == "welford":
            return self._welford_merge(b, one, other)
        if self._exact:
            return self._two_sum(b, one, list(other))
        return [self._plain(b, one[0], other[0])]

    def finish(self, b: Block, acc: list[str]) -> list[str]:
        """Return the results, in their dtypes."""
        combine, t = self.stage.combine, self.accumulator
        if self._exact:
            total = b.op("fadd", t, acc[0], acc[1])
            size = b.intrinsic("fabs", t, acc[0])
            finite = b.new(f"fcmp olt {b.vec(t)} {size}, {_highest(b, t)}")
            # The error of an infinite sum is not a number.
            acc = [b.select(finite, t, total, acc[0])]
        elif combine == "welford":
            acc = acc[1:]
        sources = self.parts if combine in ("argmin", "argmax") else (t,) * len(acc)
        return [
            b.convert(x, source, to)
            for x, source, to in zip(acc, sources, self.results, strict=True)
        ]

    def _plain(self, b: Block, a: str, x: str) -> str:
        combine, t = self.stage.combine, self.accumulator
        if combine in ("add", "mul"):
            word = f"f{combine} contract" if t in FLOATS else combine
            return b.op(word, t, a, x)
        if combine in ("any", "all"):
            return b.op("or" if combine == "any" else "and", t, a, x)
        return extreme(b, "minimum" if combine == "min" else "maximum", t, a, x)

    def _two_sum(self, b: Block, acc: list[str], other: list[str | None]) -> list[str]:
        # Knuth: the error of s + x, whichever is larger.
        t = self.accumulator
        s, x = acc[0], other[0]
        assert x is not None
        total = b.op("fadd", t, s, x)
        part = b.op("fsub", t, total, s)
        left = b.op("fsub", t, s, b.op("fsub", t, total, part))
        right = b.op("fsub", t, x, part)
        error = b.op("fadd", t, acc[1], b.op("fadd", t, left, right))
        if other[1] is not None:
            error = b.op("fadd", t, error, other[1])
        return [total, error]

    def _better(
        self, b: Block, acc: list[str], new: list[str], mask: str | None
    ) -> list[str]:
        """Choose the better of two (value, index) pairs: NaN, then the first."""
        t = self.value
        v = b.vec(t)
        small = self.stage.combine == "argmin"
        if t in FLOATS:
            wins = b.new(f"fcmp {'olt' if small else 'ogt'} {v} {new[0]}, {acc[0]}")
            new_nan = b.new(f"fcmp uno {v} {new[0]}, {new[0]}")
            acc_nan = b.new(f"fcmp uno {v} {acc[0]}, {acc[0]}")
            both = b.op("and", "bool", new_nan, acc_nan)
            equal = b.new(f"fcmp oeq {v} {new[0]}, {acc[0]}")
            tie = b.op("or", "bool", equal, both)
            differ = b.op("xor", "bool", acc_nan, b.const(True, "bool"))
            wins = b.op("or", "bool", wins, b.op("and", "bool", new_nan, differ))
        else:
            sign = "u" if t in ("bool", "uint8") else "s"
            wins = b.new(f"icmp {sign}{'lt' if small else 'gt'} {v} {new[0]}, {acc[0]}")
            tie = b.new(f"icmp eq {v} {new[0]}, {acc[0]}")
        before = b.new(f"icmp slt {b.vec('int64')} {new[1]}, {acc[1]}")
        wins = b.op("or", "bool", wins, b.op("and", "bool", tie, before))
        if mask is not None:
            wins = b.op("and", "bool", wins, mask)
        return [
            b.select(wins, t, new[0], acc[0]),
            b.select(wins, "int64", new[1], acc[1]),
        ]

    def _welford(self, b: Block, acc: list[str], x: str, mask: str | None) -> list[str]:
        t = self.accumulator
        n = b.op("fadd", t, acc[0], b.const(1.0, t))
        d = b.op("fsub", t, x, acc[1])
        mean = b.op("fadd", t, acc[1], b.op("fdiv", t, d, n))
        rest = b.op("fsub", t, x, mean)
        m2 = b.op("fadd contract", t, acc[2], b.op("fmul contract", t, d, rest))
        new = [n, mean, m2]
        if mask is not None:
            new = [b.select(mask, t, x, a) for x, a in zip(new, acc, strict=True)]
        return new

    def _welford_merge(self, b: Block, one: list[str], other: list[str]) -> list[str]:
        # Chan, Golub and LeVeque: the means differ by d.
        t = self.accumulator
        n = b.op("fadd", t, one[0], other[0])
        d = b.op("fsub", t, other[1], one[1])
        some = b.new(f"fcmp ogt {b.vec(t)} {n}, zeroinitializer")
        share = b.op("fdiv", t, other[0], n)
        share = b.select(some, t, share, b.const(0.0, t))
        mean = b.op("fadd", t, one[1], b.op("fmul", t, d, share))
        between = b.op("fmul", t, b.op("fmul", t, d, d), b.op("fmul", t, one[0], share))
        m2 = b.op("fadd", t, b.op("fadd", t, one[2], other[2]), between)
        return [n, mean, m2]
