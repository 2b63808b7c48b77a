"""The learning curve as a picture: by Matplotlib where it is, else a plain SVG."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .training import History

__all__ = ["save_curve"]

_LOSS, _ACCURACY, _INK = "#c2410c", "#1d4ed8", "#444444"


def save_curve(history: History, path: str | Path | None = None) -> Path:
    """Draw loss and test accuracy over the epochs and save the picture.

    Parameters
    ----------
    history : History
        What to draw.
    path : str or Path, optional
        Where to save; its ending tells the format. If not given,
        ``derivo-demo.png`` in the current folder, or ``derivo-demo.svg`` where
        Matplotlib is not installed.

    Returns
    -------
    Path
        The file that was written. Without Matplotlib its ending is ``.svg``.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    try:
        figure_class = _matplotlib_figure()
    except ImportError:
        target = Path(path or "derivo-demo.svg").with_suffix(".svg")
        target.write_text(_svg(history), encoding="utf-8")
        return target
    target = Path(path or "derivo-demo.png")
    _figure(history, figure_class).savefig(target)
    return target


def _matplotlib_figure() -> Any:
    # The class alone: pyplot would look for a display.
    from matplotlib.figure import Figure

    return Figure


def _figure(history: History, figure_class: Any) -> Any:
    epochs = range(1, len(history.loss) + 1)
    figure = figure_class(figsize=(7, 4), dpi=150, layout="constrained")
    left = figure.add_subplot()
    left.plot(epochs, history.loss, color=_LOSS, marker="o", markersize=3)
    left.set_xlabel("epoch")
    left.set_ylabel("training loss", color=_LOSS)
    left.set_ylim(bottom=0)
    left.xaxis.get_major_locator().set_params(integer=True)
    right = left.twinx()
    right.plot(
        epochs,
        [100 * a for a in history.accuracy],
        color=_ACCURACY,
        marker="o",
        markersize=3,
    )
    right.set_ylabel("test accuracy (%)", color=_ACCURACY)
    right.set_ylim(top=100.5)
    left.set_title("Learning to read digits")
    for axes in (left, right):
        axes.spines["top"].set_visible(False)
    return figure


def _svg(history: History) -> str:
    """Draw the same two lines by hand."""
    width, height, left, right, top, bottom = 700, 400, 60, 640, 50, 340
    count = len(history.loss)
    highest = max(history.loss) or 1.0
    lowest = min(0.9, *history.accuracy)

    def x(i: int) -> float:
        return left + (right - left) * (i / (count - 1) if count > 1 else 0.5)

    def y(share: float) -> float:
        return bottom - (bottom - top) * share

    def text(at_x: float, at_y: float, words: str, color: str, anchor: str) -> str:
        return (
            f'<text x="{at_x:.1f}" y="{at_y:.1f}" fill="{color}" '
            f'text-anchor="{anchor}">{words}</text>'
        )

    def line(shares: list[float], color: str) -> str:
        points = " ".join(f"{x(i):.1f},{y(s):.1f}" for i, s in enumerate(shares))
        return (
            f'<polyline points="{points}" fill="none" stroke="{color}" '
            'stroke-width="2" stroke-linejoin="round"/>'
        )

    accuracy = [(a - lowest) / ((1 - lowest) or 1.0) for a in history.accuracy]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        'font-family="sans-serif" font-size="13">',
        f'<rect width="{width}" height="{height}" fill="white"/>',
        text(350, 28, "Learning to read digits", _INK, "middle"),
        f'<path d="M{left},{top} V{bottom} H{right} V{top}" fill="none" '
        f'stroke="{_INK}"/>',
        line([v / highest for v in history.loss], _LOSS),
        line(accuracy, _ACCURACY),
        text(left, top - 16, "training loss", _LOSS, "middle"),
        text(right, top - 16, "test accuracy", _ACCURACY, "middle"),
        text(350, bottom + 45, "epoch", _INK, "middle"),
    ]
    for share in (0.0, 0.5, 1.0):
        loss, reached = share * highest, lowest + share * (1 - lowest)
        parts.append(text(left - 8, y(share) + 4, f"{loss:.2f}", _LOSS, "end"))
        parts.append(
            text(right + 8, y(share) + 4, f"{reached:.0%}", _ACCURACY, "start")
        )
    step = max(1, count // 5)
    parts += [
        text(x(i), bottom + 20, str(i + 1), _INK, "middle")
        for i in sorted({0, *range(step - 1, count, step)})
    ]
    return "\n".join([*parts, "</svg>\n"])
