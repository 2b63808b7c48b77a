"""Where the demo writes: a terminal, with colours and a live bar if Rich is there.

Both screens print the same text. Lines are made of pieces, each a text and the name
of a style, and only `RichScreen` makes something of the styles.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TextIO

__all__ = ["RichScreen", "Screen", "make_screen"]

# A text and a style: a name, or an object of Rich's own.
Piece = tuple[str, Any]

MARGIN = "   "
WIDTH = 76

_STYLES = {
    "title": "bold",
    "number": "bold cyan",
    "step": "bold",
    "rule": "dim",
    "quiet": "dim",
    "prompt": "cyan",
    "node": "yellow",
    "leaf": "green",
    "good": "bold green",
    "bad": "red",
}

# For terminals whose encoding lacks drawing characters.
_ASCII = str.maketrans(
    dict(zip("─│├└█▓▒░·×–…²", "-||`#%+.-x-~2", strict=True))
    | {"▁": "_", "▂": "_", "▃": "-", "▄": "-", "▅": "=", "▆": "=", "▇": "#"}
)


class Screen:
    """Plain text on a stream.

    Parameters
    ----------
    stream : text stream, optional
        Standard output if not given.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = sys.stdout if stream is None else stream
        self.is_terminal = self.stream.isatty()
        self._table = None if _can_draw(self.stream) else _ASCII
        self._steps = 0
        self._after_gap = False

    def line(self, *pieces: Piece) -> None:
        """Write one line of (text, style) pieces."""
        if self._table:
            pieces = tuple((text.translate(self._table), s) for text, s in pieces)
        self._after_gap = not any(text.strip() for text, _ in pieces)
        self._write(pieces)
        self.stream.flush()

    def _write(self, pieces: Sequence[Piece]) -> None:
        self.stream.write("".join(text for text, _ in pieces).rstrip() + "\n")

    def gap(self) -> None:
        """Leave an empty line, unless there is one already."""
        if not self._after_gap:
            self.line()

    def title(self, name: str, rest: str) -> None:
        """Write the heading of everything."""
        self.gap()
        self.line((MARGIN, ""), (name, "title"), (f"  {rest}", "quiet"))

    def step(self, heading: str) -> None:
        """Begin a numbered part."""
        self._steps += 1
        rule = "─" * (WIDTH - len(heading) - 4)
        self.gap()
        self.line(
            (f"{self._steps:>2} ", "number"), (f"{heading} ", "step"), (rule, "rule")
        )
        self.gap()

    def say(self, text: str) -> None:
        """Write a paragraph."""
        for line in textwrap.wrap(" ".join(text.split()), WIDTH - len(MARGIN)):
            self.line((MARGIN + line, "text"))
        self.gap()

    def code(self, source: str, prompts: bool = True) -> None:
        """Write Python source, as in an interactive session if `prompts`."""
        for i, line in enumerate(source.splitlines()):
            prompt = ("... " if i else ">>> ") if prompts else ""
            self.line((MARGIN, ""), (prompt, "prompt"), *self.highlight(line))

    def highlight(self, line: str) -> list[Piece]:
        """Cut a line of Python into pieces."""
        return [(line, "code")]

    def result(self, text: str, style: str = "result") -> None:
        """Write what some code gave."""
        for line in text.splitlines():
            self.line((MARGIN, ""), (line, style))

    @contextlib.contextmanager
    def progress(self, total: int) -> Iterator[Callable[[int, str], None]]:
        """Show a bar while the block runs; the value takes (steps done, a note)."""
        if not self.is_terminal:
            yield lambda done, note: None
            return
        room = shutil.get_terminal_size().columns - 1

        def show(done: int, note: str) -> None:
            filled = 30 * done // total
            text = f"{MARGIN}{'█' * filled}{'░' * (30 - filled)}  {note}"[:room]
            if self._table:
                text = text.translate(self._table)
            self.stream.write("\r" + text.ljust(room))
            self.stream.flush()

        try:
            yield show
        finally:
            self.stream.write("\r" + " " * room + "\r")
            self.stream.flush()


class RichScreen(Screen):
    """The same text with colours, where `rich` is installed.

    Parameters
    ----------
    stream : text stream, optional
        Standard output if not given.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        super().__init__(stream)
        from rich.console import Console
        from rich.syntax import Syntax

        self._console = Console(file=self.stream, highlight=False)
        self._python = Syntax("", "python", theme="ansi_dark")

    def _write(self, pieces: Sequence[Piece]) -> None:
        from rich.text import Text

        text = Text()
        for part, style in pieces:
            named = isinstance(style, str)
            text.append(part, _STYLES.get(style, "") if named else style)
        text.rstrip()
        self._console.print(text, soft_wrap=True)

    def highlight(self, line: str) -> list[Piece]:
        """Cut a line of Python into pieces, one for each colour."""
        segments = self._python.highlight(line).render(self._console)
        return [(s.text, s.style) for s in segments if s.text != "\n"]

    @contextlib.contextmanager
    def progress(self, total: int) -> Iterator[Callable[[int, str], None]]:
        """Show a bar while the block runs; the value takes (steps done, a note)."""
        if not self.is_terminal:
            yield lambda done, note: None
            return
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn(MARGIN[1:]),  # a column is followed by a space
            BarColumn(bar_width=30),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console, transient=True) as bar:
            task = bar.add_task("", total=total, note="")
            yield lambda done, note: bar.update(task, completed=done, note=note)


def make_screen(stream: TextIO | None = None, plain: bool = False) -> Screen:
    """Return the best screen there is.

    Parameters
    ----------
    stream : text stream, optional
        Standard output if not given.
    plain : bool, default False
        Do without Rich even if it is installed.
    """
    if not plain:
        with contextlib.suppress(ImportError):
            return RichScreen(stream)
    return Screen(stream)


def _can_draw(stream: TextIO) -> bool:
    try:
        # A stream in memory has no encoding.
        "─│├└█▓▒░·×²▁".encode(stream.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
