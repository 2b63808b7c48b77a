"""How a tensor looks when it is printed: PyTorch's layout, character for character.

Printing takes three steps, each a function of the one before:

1. `_shown` reads the elements that will be visible into nested lists. Where a
   dimension is abbreviated, the marker `_GAP` stands for what was left out.
2. `_Style` looks at those elements only and picks one notation and one column
   width for all of them (two styles for complex numbers, one for each part).
3. `_lay_out` writes the nested lists as text.

Only elements that are shown decide the notation, so an outlier in the middle of a
large tensor does not change how its corners look. Nothing here computes with
tensors: elements are Python numbers from `tolist` on, which is exact for every
dtype (a float32 is formatted as the double of the same value).
"""

from __future__ import annotations

import contextlib
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

__all__ = ["get_printoptions", "printoptions", "set_printoptions", "tensor_repr"]

_GAP = object()


class _Options:
    # Not a dataclass: importing dataclasses takes longer than importing derivo.
    def __init__(self) -> None:
        self.precision = 4
        self.threshold: float = 1000
        self.edgeitems = 3
        self.linewidth = 80
        self.sci_mode: bool | None = None


_PROFILES: dict[str, dict[str, Any]] = {
    "default": {"precision": 4, "threshold": 1000, "edgeitems": 3, "linewidth": 80},
    "short": {"precision": 2, "threshold": 1000, "edgeitems": 2, "linewidth": 80},
    "full": {"precision": 4, "threshold": math.inf, "edgeitems": 3, "linewidth": 80},
}

_options = _Options()


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """Choose how tensors are printed.

    Options that are not given keep their value, except `sci_mode`, which goes back
    to automatic (as in PyTorch).

    Parameters
    ----------
    precision : int, optional
        Digits after the decimal point (4 at start).
    threshold : float, optional
        A tensor of more elements than this is abbreviated (1000 at start).
    edgeitems : int, optional
        How many elements are shown at each end of an abbreviated dimension
        (3 at start).
    linewidth : int, optional
        Characters in a line, before a row of numbers is wrapped (80 at start).
    profile : {'default', 'short', 'full'}, optional
        A named set of the options above; the other arguments override it.
    sci_mode : bool, optional
        Always (True) or never (False) use scientific notation; None decides from
        the range of the elements shown.

    Raises
    ------
    ValueError
        If `profile` is not one of the three names.

    Examples
    --------
    >>> import derivo
    >>> derivo.set_printoptions(precision=2)
    >>> derivo.tensor([1.12345])
    tensor([1.12])
    >>> derivo.set_printoptions(profile="default")
    >>> derivo.tensor([1.12345])
    tensor([1.1235])
    """
    changes: dict[str, Any] = {}
    if profile is not None:
        if profile not in _PROFILES:
            raise ValueError(
                "[set_printoptions] unknown profile: expected 'default', 'short' or "
                f"'full', got {profile=}. Leave it out to set options one by one."
            )
        changes.update(_PROFILES[profile])
    given = {
        "precision": precision,
        "threshold": threshold,
        "edgeitems": edgeitems,
        "linewidth": linewidth,
    }
    changes.update({name: value for name, value in given.items() if value is not None})
    for name, value in changes.items():
        setattr(_options, name, value)
    _options.sci_mode = sci_mode


def get_printoptions() -> dict[str, Any]:
    """Return the options of `set_printoptions` that are in force.

    Returns
    -------
    dict
        Keys ``precision``, ``threshold``, ``edgeitems``, ``linewidth`` and
        ``sci_mode``; ``set_printoptions(**options)`` restores them.

    Examples
    --------
    >>> from derivo._tensor_str import get_printoptions
    >>> get_printoptions()["precision"]
    4
    """
    return dict(vars(_options))


@contextlib.contextmanager
def printoptions(**options: Any) -> Iterator[None]:
    """Apply the options of `set_printoptions` inside a ``with`` block.

    Parameters
    ----------
    **options
        As for `set_printoptions`.

    Examples
    --------
    >>> import derivo
    >>> from derivo._tensor_str import printoptions
    >>> with printoptions(precision=1):
    ...     print(derivo.tensor([3.14159]))
    tensor([3.1])
    """
    before = get_printoptions()
    set_printoptions(**options)
    try:
        yield
    finally:
        set_printoptions(**before)


def tensor_repr(t: Any, *, tensor_contents: str | None = None) -> str:
    """Return the text that ``repr(t)`` shows.

    Parameters
    ----------
    t : Tensor
        Any shape and dtype.
    tensor_contents : str, optional
        Text to show in place of the elements.

    Returns
    -------
    str
        For example ``"tensor([1., 2.], grad_fn=<AddBackward0>)"``.

    Examples
    --------
    >>> import derivo
    >>> from derivo._tensor_str import tensor_repr
    >>> tensor_repr(derivo.ones(2, requires_grad=True))
    'tensor([1., 1.], requires_grad=True)'
    """
    if t._batch is not None:
        return _batched(t)
    prefix, is_parameter = _prefix(t)
    if tensor_contents is None:
        tensor_contents = _contents(t.detach(), indent=len(prefix))
    text = _close(prefix + tensor_contents, _suffixes(t), indent=len(prefix))
    return f"Parameter({text})" if is_parameter else text


def _batched(t: Any) -> str:
    """Text of a tensor inside `vmap`: that of all examples, indented."""
    from derivo.func._batch import frames

    b = t._batch
    inner = tensor_repr(b.tensor)
    if not b.batched:
        return inner
    levels = [frame.level for frame in frames()]
    depth = levels.index(b.level) + 1 if b.level in levels else 0
    inner = inner.replace("\n", "\n    ")
    return f"BatchedTensor(lvl={depth}, bdim=0, value=\n    {inner}\n)"


def _prefix(t: Any) -> tuple[str, bool]:
    """Return the opening words, and whether the class derives from Parameter."""
    import derivo

    cls = type(t)
    if cls is derivo.Tensor:
        return "tensor(", False
    # Not before: printing plain tensors does not load nn.
    from derivo.nn import Parameter

    if cls is Parameter:
        return "tensor(", False
    return f"{cls.__name__}(", isinstance(t, Parameter)


def _contents(t: Any, indent: int) -> str:
    """Return the elements between brackets; `t` needs no gradient."""
    count = t.numel()
    if count == 0:
        return "[]"
    if count > _options.threshold:
        if _options.edgeitems == 0 and t.dim() > 0:
            return "[...]"
        elements = _shown(t)
    else:
        elements = t.tolist()
    leaves = list(_leaves(elements))
    cell: Callable[[Any], str]
    if t.dtype.is_complex:
        real = _Style([z.real for z in leaves], is_float=True)
        imag = _Style([z.imag for z in leaves], is_float=True)
        width = real.width + imag.width + 1  # the j

        def cell(z: complex) -> str:
            part = imag.format(z.imag).lstrip()
            sign = "" if part[0] in "+-" else "+"
            return f"{real.format(z.real)}{sign}{part}j"
    else:
        style = _Style(leaves, is_float=t.dtype.is_floating_point)
        width, cell = style.width, style.format
    if t.dim() == 0:
        return cell(elements)
    return _lay_out(elements, t.dim(), indent, width, cell)


def _shown(t: Any) -> Any:
    """Read the visible elements of an abbreviated tensor, as nested lists with gaps."""
    if t.dim() == 0:
        return t.item()
    edge = _options.edgeitems
    size = t.shape[0]
    if size <= 2 * edge:
        return t.tolist() if t.dim() == 1 else [_shown(t[i]) for i in range(size)]
    if t.dim() == 1:
        return [*t[:edge].tolist(), _GAP, *t[size - edge :].tolist()]
    head = [_shown(t[i]) for i in range(edge)]
    tail = [_shown(t[i]) for i in range(size - edge, size)]
    return [*head, _GAP, *tail]


def _leaves(elements: Any) -> Iterator[Any]:
    if isinstance(elements, list):
        for inner in elements:
            yield from _leaves(inner)
    elif elements is not _GAP:
        yield elements


class _Style:
    """One notation and column width for all `values`.

    Floats are written in one of three ways: as integers with a closing point when
    all are whole ("3."), with `precision` decimals, or scientifically when their
    magnitudes are too far apart, too large or too small. Zeros and non-finite values
    have no say in this and are padded to the width that the others need.
    """

    def __init__(self, values: list[Any], *, is_float: bool) -> None:
        self.width = 1
        self._spec: str | None = None  # format of one float; None: plain str()
        self._closing_point = False
        if not is_float:
            self.width = max((len(str(v)) for v in values), default=1)
            return
        self._spec, self._closing_point = ".0f", True
        telling = [v for v in values if v != 0 and math.isfinite(v)]
        if not telling:
            return
        smallest = min(abs(v) for v in telling)
        largest = max(abs(v) for v in telling)
        scientific = _options.sci_mode
        if scientific is None:
            scientific = largest / smallest > 1e3 or largest > 1e8 or smallest < 1e-4
        if scientific:
            self._spec, self._closing_point = f".{_options.precision}e", False
        elif not all(v.is_integer() for v in telling):
            self._spec, self._closing_point = f".{_options.precision}f", False
        widest = max(len(format(v, self._spec)) for v in telling)
        self.width = max(1, widest + self._closing_point)

    def format(self, value: Any) -> str:
        text = str(value) if self._spec is None else format(value, self._spec)
        if self._closing_point and math.isfinite(value):
            text += "."
        return text.rjust(self.width)


def _lay_out(
    elements: list[Any], dim: int, indent: int, width: int, cell: Callable[[Any], str]
) -> str:
    """Write nested lists of depth `dim`, starting in column `indent`."""
    margin = " " * (indent + 1)
    if dim > 1:
        rows = [
            "..." if row is _GAP else _lay_out(row, dim - 1, indent + 1, width, cell)
            for row in elements
        ]
        return "[" + ("," + "\n" * (dim - 1) + margin).join(rows) + "]"
    cells = [" ..." if value is _GAP else cell(value) for value in elements]
    in_line = max(1, (_options.linewidth - indent) // (width + 2))
    lines = [
        ", ".join(cells[start : start + in_line])
        for start in range(0, len(cells), in_line)
    ]
    return "[" + (",\n" + margin).join(lines) + "]"


def _suffixes(t: Any) -> list[str]:
    """List what follows the elements: size, dtype, place in the graph."""
    import derivo

    default = derivo.get_default_dtype()
    suffixes = []
    if t.numel() == 0:
        # No elements tell the shape, nor that whole numbers are int64.
        if t.dim() != 1:
            suffixes.append(f"size={tuple(t.shape)}")
        obvious = t.dtype == default
    else:
        if not _options.edgeitems:
            suffixes.append(f"size={tuple(t.shape)}")
        double = default == derivo.float64
        complex_default = derivo.complex128 if double else derivo.complex64
        obvious = t.dtype in (default, complex_default, derivo.int64, derivo.bool)
    if not obvious:
        suffixes.append(f"dtype={t.dtype}")

    try:
        node = t.grad_fn
    except RuntimeError:
        # A view made and changed under no_grad has no history that could be told.
        suffixes.append("grad_fn=<Invalid>")
        return suffixes
    if node is not None:
        suffixes.append(f"grad_fn=<{node.name().rsplit('::', 1)[-1]}>")
    elif t.requires_grad:
        suffixes.append("requires_grad=True")
    return suffixes


def _close(text: str, suffixes: list[str], indent: int) -> str:
    """Append the suffixes, on a new line where one would pass the line width."""
    # Two more than the last line's length, as PyTorch counts: equal breaks need it.
    column = len(text) - text.rfind("\n") + 1
    for suffix in suffixes:
        if column + len(suffix) + 2 > _options.linewidth:
            text += ",\n" + " " * indent + suffix
            column = indent + len(suffix)
        else:
            text += ", " + suffix
            column += len(suffix) + 2
    return text + ")"
