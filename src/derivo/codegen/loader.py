"""Object code made runnable without LLVM.

Importing LLVM takes a tenth of a second, which a process whose kernels are all in the
cache need not spend. Kernels are small, freestanding functions, so on Linux x86-64 a
loader for the few kinds of section and relocation that they have is enough. Anything
unforeseen raises `Unsupported`, and LLVM's own loader takes over.
"""

from __future__ import annotations

import ctypes
import functools
import mmap
import os
import struct
import sys
from collections.abc import Callable
from typing import Any, NamedTuple

_EHDR = struct.Struct("<16sHHIQQQIHHHHHH")
_SHDR = struct.Struct("<IIQQQQIIQQ")
_SYM = struct.Struct("<IBBHQQ")
_RELA = struct.Struct("<QQq")

_ALLOC, _WRITE, _TLS = 2, 1, 0x400
_PROGBITS, _SYMTAB, _RELA_TYPE, _NOBITS, _REL = 1, 2, 4, 8, 9
_R64, _PC32, _PLT32, _R32S = 1, 2, 4, 11
# jmp [rip + 0], then the address
_STUB = b"\xff\x25\x00\x00\x00\x00"


class Unsupported(Exception):
    """The object file holds something that this loader does not know."""


class _Section(NamedTuple):
    name: int
    type: int
    flags: int
    addr: int
    offset: int
    size: int
    link: int
    info: int
    align: int
    entsize: int


@functools.cache
def _libc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux") or os.uname().machine != "x86_64":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [
        *(ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int),
        *(ctypes.c_int, ctypes.c_long),
    ]
    libc.mprotect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
    return libc


def available() -> bool:
    """Tell whether this loader works on this machine."""
    return _libc() is not None


def _sections(code: bytes) -> list[_Section]:
    if len(code) < _EHDR.size:
        raise Unsupported("truncated")
    head = _EHDR.unpack_from(code)
    ident, kind, machine, offset, size, count = (
        *head[:3],
        head[6],
        head[11],
        head[12],
    )
    # 64 bits, little endian, relocatable, x86-64
    if ident[:6] != b"\x7fELF\x02\x01" or kind != 1 or machine != 62:
        raise Unsupported("not a relocatable x86-64 file")
    if size != _SHDR.size or offset + size * count > len(code):
        raise Unsupported("section table")
    return [_Section(*_SHDR.unpack_from(code, offset + size * k)) for k in range(count)]


def _string(code: bytes, table: _Section, at: int) -> str:
    start = table.offset + at
    return code[start : code.index(b"\0", start)].decode("ascii")


def load(code: bytes, name: str, resolve: Callable[[str], int | None]) -> int:
    """Load object code for the life of the process; return the address of `name`.

    Raises
    ------
    Unsupported
        If the file needs more than this loader does.
    """
    libc = _libc()
    if libc is None:
        raise Unsupported("platform")
    try:
        return _load(libc, code, name, resolve)
    except (struct.error, IndexError, ValueError, UnicodeDecodeError) as error:
        raise Unsupported(str(error)) from error


def _load(
    libc: Any, code: bytes, name: str, resolve: Callable[[str], int | None]
) -> int:
    sections = _sections(code)
    offsets: dict[int, int] = {}
    size = 0
    for k, s in enumerate(sections):
        if not s.flags & _ALLOC or not s.size:
            continue
        if s.flags & (_WRITE | _TLS) or s.type not in (_PROGBITS, 0x70000001):
            raise Unsupported("writable data")
        align = max(1, s.align)
        size = (size + align - 1) // align * align
        offsets[k] = size
        size += s.size
    tables = [s for s in sections if s.type == _SYMTAB]
    if len(tables) != 1 or any(s.type == _REL for s in sections):
        raise Unsupported("symbol tables")
    symtab = tables[0]
    strtab = sections[symtab.link]
    symbols = [
        _SYM.unpack_from(code, symtab.offset + _SYM.size * k)
        for k in range(symtab.size // _SYM.size)
    ]
    # One stub for each C function.
    stubs: dict[int, int] = {}
    size = (size + 15) // 16 * 16
    for k, symbol in enumerate(symbols):
        if k and symbol[3] == 0:
            stubs[k] = size
            size += 16
    length = (size + mmap.PAGESIZE - 1) // mmap.PAGESIZE * mmap.PAGESIZE
    image = bytearray(length)
    for k, at in offsets.items():
        s = sections[k]
        image[at : at + s.size] = code[s.offset : s.offset + s.size]
    for k, at in stubs.items():
        wanted = _string(code, strtab, symbols[k][0])
        target = resolve(wanted)
        if not target:
            raise Unsupported(f"{wanted} is not in this machine's libraries")
        image[at : at + 14] = _STUB + target.to_bytes(8, "little")
    base = libc.mmap(None, length, 3, 0x22, -1, 0)
    if base in (None, ctypes.c_void_p(-1).value):
        raise Unsupported("no memory")
    try:
        where = [
            stubs.get(k, -1) if s[3] == 0 else offsets.get(s[3], -1) + s[4]
            for k, s in enumerate(symbols)
        ]
        for s in sections:
            if s.type == _RELA_TYPE and s.info in offsets:
                _relocate(code, s, image, offsets[s.info], where, base)
        entry = next(
            where[k]
            for k, s in enumerate(symbols)
            if s[3] and _string(code, strtab, s[0]) == name
        )
        ctypes.memmove(base, bytes(image), length)
        if libc.mprotect(base, length, 5):
            raise Unsupported("memory cannot be made executable")
    except StopIteration:
        libc.munmap(base, length)
        raise Unsupported(f"no function {name}") from None
    except BaseException:
        libc.munmap(base, length)
        raise
    return int(base + entry)


def _relocate(
    code: bytes,
    section: _Section,
    image: bytearray,
    start: int,
    where: list[int],
    base: int,
) -> None:
    for k in range(section.size // _RELA.size):
        offset, info, addend = _RELA.unpack_from(code, section.offset + _RELA.size * k)
        kind, symbol = info & 0xFFFFFFFF, info >> 32
        at = start + offset
        target = where[symbol]
        if target < 0:
            raise Unsupported("relocation to a section that is not loaded")
        if kind in (_PC32, _PLT32):
            value = target + addend - at
            if not -(1 << 31) <= value < 1 << 31:
                raise Unsupported("distance")
            image[at : at + 4] = value.to_bytes(4, "little", signed=True)
        elif kind == _R64:
            image[at : at + 8] = (base + target + addend).to_bytes(8, "little")
        else:
            raise Unsupported(f"relocation kind {kind}")
