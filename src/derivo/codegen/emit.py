"""Scalar expressions as LLVM vector instructions, written as text.

Text is written directly rather than through a builder: a kernel's text takes well
under two milliseconds. `Module` collects what a kernel refers to (declarations,
helper functions, symbols that the loader must find); `Block` writes straight-line
code for vectors of `lanes` elements.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable
from typing import Any

from derivo.codegen import helpers
from derivo.codegen import target as targets
from derivo.ir.dtypes import FLOATS, ITEMSIZE
from derivo.ir.expr import Expr
from derivo.ir.typing import Types, float_of

# In registers: a truth value is one bit; half types are computed as float32.
REGISTER = {
    "bool": "i1",
    "uint8": "i8",
    "int8": "i8",
    "int16": "i16",
    "int32": "i32",
    "int64": "i64",
    "float32": "float",
    "float64": "double",
}
# In memory: half types travel as their bits.
MEMORY = REGISTER | {"bool": "i8", "float16": "i16", "bfloat16": "i16"}

BITS = {k: 8 * v for k, v in ITEMSIZE.items()}


def float_text(value: float, dtype: str) -> str:
    """Return a floating-point constant as LLVM reads it."""
    if dtype == "float32":
        # LLVM writes float constants with the bits of the equal double.
        try:
            value = struct.unpack("f", struct.pack("f", value))[0]
        except OverflowError:
            value = math.copysign(math.inf, value)
    if math.isnan(value):
        return "0x7FF8000000000000"
    return f"0x{struct.unpack('>Q', struct.pack('>d', value))[0]:016X}"


def const_text(value: Any, dtype: str) -> str:
    """Return the constant `value` of a register dtype."""
    if dtype == "bool":
        return "true" if value else "false"
    if dtype in FLOATS:
        try:
            return float_text(float(value), dtype)
        except OverflowError:
            return float_text(math.copysign(math.inf, value), dtype)
    if isinstance(value, float):
        value = int(value) if math.isfinite(value) else 0
    bits = BITS[dtype]
    value = int(value) & ((1 << bits) - 1)
    if value >> (bits - 1):
        value -= 1 << bits
    return str(value)


class Module:
    """One LLVM module in the making."""

    def __init__(self, target: targets.Target) -> None:
        self.target = target
        self.declarations: dict[str, str] = {}
        self.functions: dict[str, str] = {}
        self.symbols: set[str] = set()
        self.body: list[str] = []
        self.metadata: list[str] = []

    def declare(self, name: str, result: str, args: str) -> None:
        """Declare an external function or an intrinsic."""
        if name not in self.declarations:
            self.declarations[name] = f"declare {result} @{name}({args})"

    def external(self, name: str, result: str, args: str) -> None:
        """Declare a C function, which the loader will have to find."""
        self.symbols.add(name)
        self.declare(name, result, args)

    def text(self, name: str) -> str:
        """Return the text of the module with the kernel `name`."""
        bits = self.target.vector_bytes * 8
        features = f'"target-cpu"="{self.target.cpu}"'
        if bits:
            # Without these LLVM halves 512-bit vectors on processors it deems slow.
            features += (
                f' "min-legal-vector-width"="{bits}" "prefer-vector-width"="{bits}"'
            )
        attributes = f"attributes #0 = {{ nounwind {features} }}"
        return "\n".join(
            [
                f"; kernel {name}, {self.target.level}",
                *self.declarations.values(),
                *self.functions.values(),
                *self.body,
                attributes,
                *self.metadata,
                "",
            ]
        )


class Block:
    """A writer of vector code. `at` is the label of the basic block it is in."""

    def __init__(self, module: Module, lanes: int) -> None:
        self.module = module
        self.target = module.target
        self.lanes = lanes
        self.lines: list[str] = []
        self.count = 0
        self.at = ""

    # --- text

    def line(self, text: str) -> None:
        """Write one instruction that gives no value."""
        self.lines.append("  " + text)

    def label(self, name: str) -> None:
        """Begin a basic block."""
        self.lines.append(f"{name}:")
        self.at = name

    def new(self, text: str) -> str:
        """Write one instruction and return its value."""
        self.count += 1
        ref = f"%v{self.count}"
        self.lines.append(f"  {ref} = {text}")
        return ref

    def vec(self, dtype: str) -> str:
        """Return the type of a vector register of `dtype`."""
        return f"<{self.lanes} x {REGISTER[dtype]}>"

    def const(self, value: Any, dtype: str) -> str:
        """Return a constant vector."""
        return f"splat ({REGISTER[dtype]} {const_text(value, dtype)})"

    # --- small instructions

    def op(self, name: str, dtype: str, a: str, b: str) -> str:
        """Write a two-operand instruction."""
        return self.new(f"{name} {self.vec(dtype)} {a}, {b}")

    def select(self, mask: str, dtype: str, a: str, b: str) -> str:
        """Choose lanes of `a` where `mask` is set, else of `b`."""
        v = self.vec(dtype)
        return self.new(f"select {self.vec('bool')} {mask}, {v} {a}, {v} {b}")

    def rarely(
        self, mask: str, dtype: str, value: str, other: Callable[[], str]
    ) -> str:
        """Return `value`, in the lanes of `mask` what `other` writes.

        That is only run where there are such lanes.
        """
        bits, v = self.vec("bool"), self.vec(dtype)
        name = f"llvm.vector.reduce.or.v{self.lanes}i1"
        self.module.declare(name, "i1", bits)
        # The compiler then saves registers around the call only if it is made.
        self.module.metadata = ['!0 = !{!"branch_weights", i32 1, i32 65536}']
        some = self.new(f"call i1 @{name}({bits} {mask})")
        self.count += 1
        here, there, after = (f"R{self.count}.{k}" for k in ("", "some", "end"))
        self.line(f"br label %{here}")
        self.label(here)
        self.line(f"br i1 {some}, label %{there}, label %{after}, !prof !0")
        self.label(there)
        mended = self.select(mask, dtype, other(), value)
        self.line(f"br label %{after}")
        self.label(after)
        return self.new(f"phi {v} [ {value}, %{here} ], [ {mended}, %{there} ]")

    def intrinsic(self, name: str, dtype: str, *args: str, extra: str = "") -> str:
        """Call an LLVM intrinsic that maps vectors of `dtype` to the same."""
        v = self.vec(dtype)
        scalar = {"float": "f32", "double": "f64"}.get(REGISTER[dtype], REGISTER[dtype])
        full = f"llvm.{name}.v{self.lanes}{scalar}"
        types = ", ".join([v] * len(args)) + (", i1" if extra else "")
        self.module.declare(full, v, types)
        values = ", ".join(f"{v} {a}" for a in args)
        values += f", {extra}" if extra else ""
        return self.new(f"call {v} @{full}({values})")

    def bits(self, dtype: str, value: str, to: str) -> str:
        """Read the bits of a vector as another type of the same width."""
        return self.new(f"bitcast {self.vec(dtype)} {value} to <{self.lanes} x {to}>")

    def splat(self, dtype: str, scalar: str) -> str:
        """Copy a scalar register into every lane."""
        v = self.vec(dtype)
        one = self.new(f"insertelement {v} poison, {REGISTER[dtype]} {scalar}, i64 0")
        if self.lanes == 1:
            return one
        zero = f"<{self.lanes} x i32> zeroinitializer"
        return self.new(f"shufflevector {v} {one}, {v} poison, {zero}")

    # --- conversions

    def from_memory(self, dtype: str, raw: str) -> tuple[str, str]:
        """Turn loaded bits into a register value; return (value, dtype)."""
        n = self.lanes
        if dtype == "bool":
            return self.new(f"icmp ne <{n} x i8> {raw}, zeroinitializer"), "bool"
        if dtype == "bfloat16":
            wide = self.new(f"zext <{n} x i16> {raw} to <{n} x i32>")
            up = self.new(f"shl <{n} x i32> {wide}, splat (i32 16)")
            return self.new(f"bitcast <{n} x i32> {up} to <{n} x float>"), "float32"
        if dtype == "float16":
            return self._half_to_float(raw), "float32"
        return raw, dtype

    def to_memory(self, dtype: str, value: str, source: str) -> str:
        """Turn a register value of dtype `source` into the bits that are stored."""
        n = self.lanes
        if dtype == "bool":
            mask = self.convert(value, source, "bool")
            return self.new(f"zext <{n} x i1> {mask} to <{n} x i8>")
        if dtype == "bfloat16":
            return self._float_to_bfloat(self.convert(value, source, "float32"))
        if dtype == "float16":
            return self._float_to_half(self.convert(value, source, "float32"))
        return self.convert(value, source, dtype)

    def round_to(self, dtype: str, value: str, source: str) -> str:
        """Round a value to a half type and give it back as float32."""
        return self.from_memory(dtype, self.to_memory(dtype, value, source))[0]

    def _half_to_float(self, raw: str) -> str:
        n = self.lanes
        if self.target.f16:
            half = self.new(f"bitcast <{n} x i16> {raw} to <{n} x half>")
            return self.new(f"fpext <{n} x half> {half} to <{n} x float>")
        v = f"<{n} x i32>"
        wide = self.new(f"zext <{n} x i16> {raw} to {v}")
        sign = self.new(f"and {v} {wide}, splat (i32 32768)")
        sign = self.new(f"shl {v} {sign}, splat (i32 16)")
        rest = self.new(f"and {v} {wide}, splat (i32 32767)")
        up = self.new(f"shl {v} {rest}, splat (i32 13)")
        small = self.new(f"bitcast {v} {up} to <{n} x float>")
        # The exponent's bias differs by 112; multiplying also mends subnormals.
        scaled = self.op("fmul", "float32", small, self.const(2.0**112, "float32"))
        bits = self.new(f"bitcast <{n} x float> {scaled} to {v}")
        special = self.new(f"icmp uge {v} {rest}, splat (i32 31744)")
        infinite = self.new(f"or {v} {up}, splat (i32 2139095040)")
        bits = self.new(f"select <{n} x i1> {special}, {v} {infinite}, {v} {bits}")
        bits = self.new(f"or {v} {bits}, {sign}")
        return self.new(f"bitcast {v} {bits} to <{n} x float>")

    def _float_to_half(self, value: str) -> str:
        n = self.lanes
        if self.target.f16:
            half = self.new(f"fptrunc <{n} x float> {value} to <{n} x half>")
            return self.new(f"bitcast <{n} x half> {half} to <{n} x i16>")
        v = f"<{n} x i32>"
        x = self.new(f"bitcast <{n} x float> {value} to {v}")
        sign = self.new(f"lshr {v} {x}, splat (i32 16)")
        sign = self.new(f"and {v} {sign}, splat (i32 32768)")
        a = self.new(f"and {v} {x}, splat (i32 2147483647)")
        nan = self.new(f"icmp ugt {v} {a}, splat (i32 2139095040)")
        huge = self.new(f"icmp uge {v} {a}, splat (i32 1199570944)")
        tiny = self.new(f"icmp ult {v} {a}, splat (i32 947912704)")
        special = self.new(
            f"select <{n} x i1> {nan}, {v} splat (i32 32256), {v} splat (i32 31744)"
        )
        # Adding 0.5 makes the hardware round the subnormal's bits to even.
        f = self.new(f"bitcast {v} {a} to <{n} x float>")
        f = self.op("fadd", "float32", f, self.const(0.5, "float32"))
        low = self.new(f"bitcast <{n} x float> {f} to {v}")
        low = self.new(f"sub {v} {low}, splat (i32 1056964608)")
        odd = self.new(f"lshr {v} {a}, splat (i32 13)")
        odd = self.new(f"and {v} {odd}, splat (i32 1)")
        # Rebias the exponent by -112 and add just under half a unit.
        r = self.new(f"add {v} {a}, splat (i32 -939520001)")
        r = self.new(f"add {v} {r}, {odd}")
        r = self.new(f"lshr {v} {r}, splat (i32 13)")
        r = self.new(f"select <{n} x i1> {tiny}, {v} {low}, {v} {r}")
        r = self.new(f"select <{n} x i1> {huge}, {v} {special}, {v} {r}")
        r = self.new(f"or {v} {r}, {sign}")
        return self.new(f"trunc {v} {r} to <{n} x i16>")

    def _float_to_bfloat(self, value: str) -> str:
        n = self.lanes
        v = f"<{n} x i32>"
        x = self.new(f"bitcast <{n} x float> {value} to {v}")
        nan = self.new(f"fcmp uno <{n} x float> {value}, zeroinitializer")
        odd = self.new(f"lshr {v} {x}, splat (i32 16)")
        odd = self.new(f"and {v} {odd}, splat (i32 1)")
        r = self.new(f"add {v} {x}, splat (i32 32767)")
        r = self.new(f"add {v} {r}, {odd}")
        r = self.new(f"lshr {v} {r}, splat (i32 16)")
        r = self.new(f"select <{n} x i1> {nan}, {v} splat (i32 32704), {v} {r}")
        return self.new(f"trunc {v} {r} to <{n} x i16>")

    def convert(self, value: str, source: str, to: str) -> str:
        """Convert between register dtypes, as C does on common machines."""
        if source == to:
            return value
        a, b = self.vec(source), self.vec(to)
        if to == "bool":
            if source in FLOATS:
                return self.new(f"fcmp une {a} {value}, zeroinitializer")
            return self.new(f"icmp ne {a} {value}, zeroinitializer")
        if source in FLOATS and to in FLOATS:
            word = "fpext" if to == "float64" else "fptrunc"
            return self.new(f"{word} {a} {value} to {b}")
        unsigned = source in ("bool", "uint8")
        if to in FLOATS:
            word = "uitofp" if unsigned else "sitofp"
            return self.new(f"{word} {a} {value} to {b}")
        if source in FLOATS:
            # C converts to at least 32 bits and drops the upper ones.
            middle = "int64" if to == "int64" else "int32"
            m = self.vec(middle)
            whole = self.new(f"fptosi {a} {value} to {m}")
            # Out of range is undefined to LLVM; freezing leaves the hardware's answer.
            whole = self.new(f"freeze {m} {whole}")
            return whole if to == middle else self.new(f"trunc {m} {whole} to {b}")
        if BITS[to] < BITS[source] and source != "bool":
            return self.new(f"trunc {a} {value} to {b}")
        if BITS[to] == BITS[source] and source != "bool":
            return value
        return self.new(f"{'zext' if unsigned else 'sext'} {a} {value} to {b}")

    # --- calls of C functions

    def call(self, name: str, dtype: str, *args: str) -> str:
        """Call the C math function `name` on vectors of float32 or float64."""
        symbol = targets.vector_function(self.target, name, dtype, len(args))
        if symbol is not None:
            most = self.target.lanes(dtype)
            least = 16 // ITEMSIZE[dtype]
            if self.lanes >= most:
                return self._call_vector(symbol, dtype, most, args)
            if self.lanes >= least:
                size = ITEMSIZE[dtype]
                symbol = targets.narrower(symbol, self.lanes, size)
                return self._call_vector(symbol, dtype, self.lanes, args)
        suffix = "f" if dtype == "float32" else ""
        return self.per_lane(name + suffix, dtype, args)

    def _call_vector(
        self, symbol: str, dtype: str, lanes: int, args: tuple[str, ...]
    ) -> str:
        scalar = REGISTER[dtype]
        part = f"<{lanes} x {scalar}>"
        self.module.external(symbol, part, ", ".join([part] * len(args)))
        if lanes == self.lanes:
            values = ", ".join(f"{part} {a}" for a in args)
            return self.new(f"call {part} @{symbol}({values})")
        v = self.vec(dtype)
        results = []
        for start in range(0, self.lanes, lanes):
            index = ", ".join(f"i32 {start + k}" for k in range(lanes))
            pieces = [
                self.new(
                    f"shufflevector {v} {a}, {v} poison, <{lanes} x i32> <{index}>"
                )
                for a in args
            ]
            values = ", ".join(f"{part} {p}" for p in pieces)
            results.append(self.new(f"call {part} @{symbol}({values})"))
        return self._join(results, scalar, lanes)

    def _join(self, parts: list[str], scalar: str, lanes: int) -> str:
        while len(parts) > 1:
            a = f"<{lanes} x {scalar}>"
            index = ", ".join(f"i32 {k}" for k in range(2 * lanes))
            parts = [
                self.new(
                    f"shufflevector {a} {parts[k]}, {a} {parts[k + 1]}, "
                    f"<{2 * lanes} x i32> <{index}>"
                )
                for k in range(0, len(parts), 2)
            ]
            lanes *= 2
        return parts[0]

    def per_lane(
        self, symbol: str, dtype: str, args: tuple[str, ...], extra: str = ""
    ) -> str:
        """Call a C function for each lane."""
        scalar = REGISTER[dtype]
        types = ", ".join([scalar] * len(args)) + (", i32" if extra else "")
        if symbol not in self.module.functions:
            self.module.external(symbol, scalar, types)
        v = self.vec(dtype)
        result = "poison"
        for k in range(self.lanes):
            lanes = [self.new(f"extractelement {v} {a}, i64 {k}") for a in args]
            values = ", ".join(f"{scalar} {x}" for x in lanes)
            values += f", {extra}" if extra else ""
            one = self.new(f"call {scalar} @{symbol}({values})")
            result = self.new(f"insertelement {v} {result}, {scalar} {one}, i64 {k}")
        return result

    def helper(self, name: str, dtype: str, *args: str) -> str:
        """Call one of the generator's own functions, adding it to the module."""
        symbol = helpers.need(self.module, name, dtype, self.lanes)
        v = self.vec(dtype)
        values = ", ".join(f"{v} {a}" for a in args)
        return self.new(f"call {v} @{symbol}({values})")


class Evaluator:
    """Writes the nodes of expressions into a block, each once.

    `known` maps variables (and anything computed before, such as what is the same for
    a whole row) to (register value, register dtype).
    """

    def __init__(
        self, block: Block, types: Types, known: dict[Expr, tuple[str, str]]
    ) -> None:
        self.block = block
        self.types = types
        self.values = dict(known)
        self.converted: dict[tuple[Expr, str], str] = {}
        # Work that several functions of one value share.
        self.shared: dict[str, tuple[str, ...]] = {}

    def run(self, nodes: Iterable[Expr]) -> None:
        """Write the code of `nodes`, which come arguments first."""
        from derivo.codegen.lower import lower

        for e in nodes:
            if e.op == "const" or e in self.values:
                continue
            self.values[e] = lower(self, e)

    def get(self, e: Expr, dtype: str) -> str:
        """Return the value of `e` as a vector of `dtype`."""
        if e.op == "const":
            return self.block.const(e.value, dtype)
        value, source = self.values[e]
        if source == dtype:
            return value
        key = (e, dtype)
        found = self.converted.get(key)
        if found is None:
            # A bool operand in a float kernel is a mask until somebody counts it.
            natural = self.types.of[e]
            if source == "bool" and natural not in ("bool", dtype) and dtype != "bool":
                value, source = self.get(e, natural), natural
            found = self.block.convert(value, source, dtype)
            self.converted[key] = found
        return found

    def result(self, e: Expr) -> tuple[str, str]:
        """Return the value of `e` and its dtype, for storing."""
        if e.op == "const":
            dtype = self.types.strong(e)
            return self.block.const(e.value, dtype), dtype
        return self.values[e]

    def mask(self, e: Expr) -> str:
        """Return `e` as a truth value."""
        return self.get(e, "bool")

    @property
    def float(self) -> str:
        """The dtype of floating-point maths in this kernel."""
        return float_of(self.types.compute)
