"""Object code on disk, private to the user and shared between processes.

One file holds one kernel: a magic word, the key, a SHA-256 of the rest, and the rest
(what to link, and the object code). A file that is not exactly that is ignored and
written again. Files appear by renaming, so readers see whole ones only, and any number
of processes may write at once.

Code that is loaded is code that runs: the folder must belong to the user, and nobody
else may write to it or to a file in it. Where that cannot be had there is no cache.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import stat
import struct
import sys
from typing import NamedTuple

# The layout of the files and of the arguments of kernels.
FORMAT = 1

_MAGIC = b"derivo-kernel-1\n"
_HEADER = struct.Struct("<16s32s32sQ")
_SUFFIX = ".kernel"


class Kernel(NamedTuple):
    """What is kept of a kernel: its symbol, the C functions it calls, its code."""

    name: str
    symbols: tuple[str, ...]
    code: bytes


class Info(NamedTuple):
    """What `info` tells: the folder (None without a disk cache), files and bytes."""

    path: str | None
    files: int
    bytes: int
    reason: str


counters = {"disk": 0, "compiled": 0}


def key(*parts: str) -> bytes:
    """Return the key of a kernel described by `parts`."""
    text = "\x1f".join((str(FORMAT), toolchain(), *parts))
    return hashlib.sha256(text.encode()).digest()


@functools.cache
def _generator() -> str:
    """Return what changes whenever a source file of the generator does."""
    here = os.path.dirname(os.path.abspath(__file__))
    marks = []
    for folder in (here, os.path.join(os.path.dirname(here), "ir")):
        try:
            with os.scandir(folder) as entries:
                for e in entries:
                    if e.name.endswith(".py"):
                        found = e.stat()
                        marks.append(f"{e.name} {found.st_size} {found.st_mtime_ns}")
        except OSError:
            continue
    return "\n".join(sorted(marks))


@functools.cache
def toolchain() -> str:
    """Return the version of the code generator, without importing LLVM."""
    return f"{_llvm()}\n{_generator()}"


def _llvm() -> str:
    from importlib.util import find_spec

    spec = find_spec("llvmlite")
    if spec is None or not spec.origin:
        return "none"
    folder = os.path.dirname(spec.origin)
    try:
        with open(os.path.join(folder, "_version.py"), encoding="utf-8") as f:
            return hashlib.sha256(f.read().encode()).hexdigest()[:16]
    except OSError:
        from importlib.metadata import version

        return version("llvmlite")


# --- the folder -----------------------------------------------------------------


def _default_folder() -> str:
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif sys.platform == "darwin":
        base = os.path.join(home, "Library", "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    return os.path.join(base, "derivo")


def wanted_folder() -> str:
    """Return where kernels should be kept: DERIVO_CACHE_DIR or the platform's place."""
    return os.path.join(
        os.environ.get("DERIVO_CACHE_DIR") or _default_folder(), "kernels"
    )


def _refusal(found: os.stat_result, kind: str) -> str:
    """Say why code kept there cannot be trusted; '' if it can."""
    if not hasattr(os, "getuid"):
        # Windows: the profile's folder is private by its access list.
        return ""
    if found.st_uid != os.getuid():
        return f"the {kind} belongs to another user"
    if stat.S_IMODE(found.st_mode) & 0o022:
        return f"other users may write to the {kind}"
    return ""


@functools.cache
def _check(path: str) -> str:
    """Make the folder if need be; return why it cannot be used, or ''."""
    try:
        parent = os.path.dirname(path)
        os.makedirs(parent, mode=0o700, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
        found = os.lstat(path)
        if not stat.S_ISDIR(found.st_mode):
            return "it is not a folder"
        if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
            return "it cannot be written to"
        # Who may rename the folder away may put another in its place.
        above = os.stat(parent)
        sticky = above.st_mode & stat.S_ISVTX
        return _refusal(found, "folder") or (
            "" if sticky else _refusal(above, "folder above it")
        )
    except OSError as error:
        return error.strerror or str(error)


def folder() -> str | None:
    """Return the folder of kernels, or None if there can be none."""
    path = wanted_folder()
    return None if _check(path) else path


# --- reading and writing --------------------------------------------------------


def read(key: bytes) -> Kernel | None:
    """Return the kernel of this key; None if there is no sound one."""
    path = folder()
    if path is None:
        return None
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        fd = os.open(os.path.join(path, key.hex() + _SUFFIX), flags)
    except OSError:
        return None
    try:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode) or _refusal(found, "file"):
            return None
        with open(fd, "rb", closefd=False) as f:
            data = f.read()
    except OSError:
        return None
    finally:
        os.close(fd)
    return _decode(data, key)


def _decode(data: bytes, key: bytes) -> Kernel | None:
    if len(data) < _HEADER.size:
        return None
    magic, whose, digest, size = _HEADER.unpack_from(data)
    payload = data[_HEADER.size :]
    if magic != _MAGIC or whose != key or size != len(payload):
        return None
    if hashlib.sha256(payload).digest() != digest:
        return None
    names, _, code = payload.partition(b"\0")
    name, *symbols = names.decode("ascii").split("\n")
    return Kernel(name, tuple(symbols), code)


def _encode(kernel: Kernel, key: bytes) -> bytes:
    names = "\n".join((kernel.name, *kernel.symbols)).encode("ascii")
    payload = names + b"\0" + kernel.code
    digest = hashlib.sha256(payload).digest()
    return _HEADER.pack(_MAGIC, key, digest, len(payload)) + payload


def write(key: bytes, kernel: Kernel) -> None:
    """Keep a kernel; where that fails, the next process builds it again."""
    path = folder()
    if path is None:
        return
    final = os.path.join(path, key.hex() + _SUFFIX)
    unique = f".{key.hex()[:16]}.{os.getpid()}.{os.urandom(6).hex()}.tmp"
    temporary = os.path.join(path, unique)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        fd = os.open(temporary, flags, 0o600)
        try:
            with open(fd, "wb") as f:
                f.write(_encode(kernel, key))
            os.replace(temporary, final)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
    except OSError:
        # A full or read-only disk: kernels stay in memory.
        return


def _files(path: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(path) as entries:
            return [
                e
                for e in entries
                if e.name.endswith((_SUFFIX, ".tmp"))
                and e.is_file(follow_symlinks=False)
            ]
    except OSError:
        return []


def info() -> Info:
    """Tell where kernels are kept, how many, and how large they are together.

    Examples
    --------
    >>> from derivo.codegen import cache
    >>> cache.info().files >= 0
    True
    """
    path = wanted_folder()
    reason = _check(path)
    if reason:
        return Info(None, 0, 0, f"no disk cache at {path}: {reason}")
    sizes = []
    for entry in _files(path):
        with contextlib.suppress(OSError):
            sizes.append(entry.stat(follow_symlinks=False).st_size)
    return Info(path, len(sizes), sum(sizes), "")


def clear() -> int:
    """Delete all kernels on disk; return how many files went."""
    path = folder()
    gone = 0
    for entry in _files(path) if path else ():
        with contextlib.suppress(OSError):
            os.unlink(entry.path)
            gone += 1
    return gone
