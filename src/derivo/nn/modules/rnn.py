"""Recurrent layers: plain, LSTM and GRU, and their single steps."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import Any

import derivo
from derivo.nn import functional as F
from derivo.nn import init
from derivo.nn.modules.module import Module
from derivo.nn.parameter import Parameter
from derivo.nn.utils.rnn import PackedSequence
from derivo.tensor import Tensor

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNBase", "RNNCell"]

_GATES = {"RNN_TANH": 1, "RNN_RELU": 1, "LSTM": 4, "GRU": 3}


# One step, from what the input and the state contribute to the gates.
def _rnn_step(mode: str) -> Any:
    def step(x: Tensor, h: Tensor) -> Tensor:
        total = x + h
        return total.tanh() if mode == "RNN_TANH" else total.relu()

    return step


def _lstm_step(x: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    i, f, g, o = (x + h).chunk(4, -1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def _gru_step(x: Tensor, h: Tensor, state: Tensor) -> Tensor:
    xr, xz, xn = x.chunk(3, -1)
    hr, hz, hn = h.chunk(3, -1)
    r = (xr + hr).sigmoid()
    z = (xz + hz).sigmoid()
    n = (xn + r * hn).tanh()
    return (state - n) * z + n


class RNNBase(Module):
    """What the recurrent layers share: parameters, layers, directions.

    Parameters
    ----------
    mode : {"RNN_TANH", "RNN_RELU", "LSTM", "GRU"}
        The kind of step.
    input_size, hidden_size : int
        Widths of input and state.
    num_layers : int, optional
        Layers on top of one another.
    bias : bool, optional
        Whether to learn biases.
    batch_first : bool, optional
        Whether inputs are ``(N, L, width)`` instead of ``(L, N, width)``.
    dropout : float, optional
        Probability of dropout between layers.
    bidirectional : bool, optional
        Run a second time backwards, and join both outputs.
    proj_size : int, optional
        Width of the projected state of an LSTM.
    device, dtype : optional
        Of the parameters.

    Raises
    ------
    ValueError, TypeError
        If an argument is out of range.

    Examples
    --------
    >>> import derivo as torch
    >>> layer = torch.nn.LSTM(10, 20, num_layers=2)
    >>> out, (h, c) = layer(torch.ones(5, 3, 10))
    >>> out.shape, h.shape
    (torch.Size([5, 3, 20]), torch.Size([2, 3, 20]))
    """

    __constants__ = [
        "mode",
        "input_size",
        "hidden_size",
        "num_layers",
        "bias",
        "batch_first",
        "dropout",
        "bidirectional",
        "proj_size",
    ]

    def __init__(
        self,
        mode: str,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        if mode not in _GATES:
            raise ValueError("Unrecognized RNN mode: " + mode)
        if (
            not isinstance(dropout, (int, float))
            or isinstance(dropout, bool)
            or not 0 <= dropout <= 1
        ):
            raise ValueError(
                "dropout should be a number in range [0, 1] representing the "
                "probability of an element being zeroed"
            )
        if dropout > 0 and num_layers == 1:
            warnings.warn(
                "dropout option adds dropout after all but last recurrent layer, so "
                f"non-zero dropout expects num_layers greater than 1, but got "
                f"dropout={dropout} and num_layers={num_layers}",
                stacklevel=2,
            )
        if not isinstance(hidden_size, int):
            raise TypeError(
                f"hidden_size should be of type int, got: {type(hidden_size).__name__}"
            )
        if hidden_size <= 0:
            raise ValueError("hidden_size must be greater than zero")
        if num_layers <= 0:
            raise ValueError("num_layers must be greater than zero")
        if proj_size < 0:
            raise ValueError("proj_size should be a positive integer or zero")
        if proj_size >= hidden_size:
            raise ValueError("proj_size has to be smaller than hidden_size")
        if proj_size and mode != "LSTM":
            raise ValueError(
                "proj_size argument is only supported for LSTM, not RNN or GRU"
            )
        self.mode = mode
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bias = bias
        self.batch_first = batch_first
        self.dropout = float(dropout)
        self.bidirectional = bidirectional
        self.proj_size = proj_size
        kind = {"device": device, "dtype": dtype}
        rows = _GATES[mode] * hidden_size
        width = proj_size or hidden_size
        directions = 2 if bidirectional else 1
        for layer in range(num_layers):
            inputs = input_size if layer == 0 else width * directions
            for suffix in self._suffixes(layer):
                shapes: dict[str, tuple[int, ...]] = {
                    "weight_ih": (rows, inputs),
                    "weight_hh": (rows, width),
                }
                if bias:
                    shapes["bias_ih"] = shapes["bias_hh"] = (rows,)
                if proj_size:
                    shapes["weight_hr"] = (proj_size, hidden_size)
                for name, shape in shapes.items():
                    setattr(self, name + suffix, Parameter(derivo.empty(shape, **kind)))
        self.reset_parameters()

    def _suffixes(self, layer: int) -> Iterator[str]:
        yield f"_l{layer}"
        if self.bidirectional:
            yield f"_l{layer}_reverse"

    def reset_parameters(self) -> None:
        """Draw new parameters, uniform in ±1/sqrt(hidden_size)."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def flatten_parameters(self) -> None:
        """Do nothing: parameters need not lie in one block here."""

    @property
    def all_weights(self) -> list[list[Parameter]]:
        """Parameters of each layer and direction."""
        names = ["weight_ih", "weight_hh"]
        names += ["bias_ih", "bias_hh"] if self.bias else []
        names += ["weight_hr"] if self.proj_size else []
        return [
            [getattr(self, name + suffix) for name in names]
            for layer in range(self.num_layers)
            for suffix in self._suffixes(layer)
        ]

    def extra_repr(self) -> str:
        """Describe the arguments."""
        text = f"{self.input_size}, {self.hidden_size}"
        for name, default in (
            ("proj_size", 0),
            ("num_layers", 1),
            ("bias", True),
            ("batch_first", False),
            ("dropout", 0),
            ("bidirectional", False),
        ):
            value = getattr(self, name)
            if value != default:
                text += f", {name}={value}"
        return text

    def _check_input(self, input: Tensor) -> None:
        if input.dim() not in (2, 3):
            raise ValueError(
                f"{type(self).__name__}: Expected input to be 2D or 3D, got "
                f"{input.dim()}D instead"
            )
        if input.size(-1) != self.input_size:
            raise RuntimeError(
                f"[{type(self).__name__}] input.size(-1) must be equal to input_size. "
                f"Expected {self.input_size}, got {input.size(-1)}"
            )

    def _state(
        self, given: Tensor | None, width: int, count: int, x: Tensor, name: str
    ) -> Tensor:
        """Return a state of shape (layers * directions, N, width)."""
        rows = self.num_layers * (2 if self.bidirectional else 1)
        expected = (rows, count, width)
        if given is None:
            return derivo.zeros(expected, dtype=x.dtype)
        if tuple(given.shape) != expected:
            raise RuntimeError(
                f"[{type(self).__name__}] Expected hidden{name} size {expected}, got "
                f"{list(given.shape)}"
            )
        return given

    def _run(
        self, x: Tensor, states: tuple[Tensor, ...], widths: list[int] | None = None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Run all layers over ``(L, N, width)``, or over packed ``(rows, width)``."""
        finals: list[list[Tensor]] = [[] for _ in states]
        row = 0
        for layer in range(self.num_layers):
            outputs = []
            for suffix in self._suffixes(layer):
                begin = tuple(state[row] for state in states)
                row += 1
                out, end = self._run_one(x, begin, suffix, widths)
                outputs.append(out)
                for found, state in zip(finals, end, strict=True):
                    found.append(state)
            x = outputs[0] if len(outputs) == 1 else derivo.cat(outputs, -1)
            if self.dropout and self.training and layer < self.num_layers - 1:
                x = F.dropout(x, self.dropout, True)
        return x, tuple(derivo.stack(found) for found in finals)

    def _run_one(
        self,
        x: Tensor,
        state: tuple[Tensor, ...],
        suffix: str,
        widths: list[int] | None,
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        weight = getattr(self, "weight_hh" + suffix)
        bias = getattr(self, "bias_hh" + suffix) if self.bias else None
        first_bias = getattr(self, "bias_ih" + suffix) if self.bias else None
        project = getattr(self, "weight_hr" + suffix) if self.proj_size else None
        # The inputs of all times at once.
        inputs = F.linear(x, getattr(self, "weight_ih" + suffix), first_bias)
        times = list(inputs.unbind(0) if widths is None else inputs.split(widths))
        backwards = suffix.endswith("reverse")
        if backwards:
            times.reverse()
        plain = _rnn_step(self.mode)
        outputs = []
        begin, ended = state, []
        if widths is not None and backwards:
            state = tuple(s[: widths[-1]] for s in state)
        for now in times:
            if widths is not None:
                state, rest = _of_width(state, now.size(0), begin)
                ended += rest
            gates = F.linear(state[0], weight, bias)
            if self.mode == "LSTM":
                h, c = _lstm_step(now, gates, state[1])
                state = (h if project is None else F.linear(h, project), c)
            elif self.mode == "GRU":
                state = (_gru_step(now, gates, state[0]),)
            else:
                state = (plain(now, gates),)
            outputs.append(state[0])
        if backwards:
            outputs.reverse()
        if widths is None:
            return derivo.stack(outputs), state
        # The shortest sequences are the last ones, and ended first.
        parts = [state, *reversed(ended)]
        return derivo.cat(outputs), tuple(
            derivo.cat(each) for each in zip(*parts, strict=True)
        )

    def _forward(
        self, input: Any, states: tuple[Tensor | None, ...]
    ) -> tuple[Any, tuple[Tensor, ...]]:
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, states)
        self._check_input(input)
        had_batch = input.dim() == 3
        if not had_batch:
            input = input.unsqueeze(1)
            states = tuple(s if s is None else s.unsqueeze(1) for s in states)
        elif self.batch_first:
            input = input.transpose(0, 1)
        full = self._full_states(states, input.size(1), input)
        out, ends = self._run(input, full)
        if not had_batch:
            return out.squeeze(1), tuple(end.squeeze(1) for end in ends)
        return (out.transpose(0, 1) if self.batch_first else out), ends

    def _full_states(
        self, states: tuple[Tensor | None, ...], count: int, x: Tensor
    ) -> tuple[Tensor, ...]:
        widths = (self.proj_size or self.hidden_size, self.hidden_size)
        names = ("", "[1]") if len(states) == 1 else ("[0]", "[1]")
        return tuple(
            self._state(given, width, count, x, name)
            for given, width, name in zip(states, widths, names, strict=False)
        )

    def _forward_packed(
        self, input: PackedSequence, states: tuple[Tensor | None, ...]
    ) -> tuple[PackedSequence, tuple[Tensor, ...]]:
        data, batch_sizes, order, back = input
        if data.size(-1) != self.input_size:
            raise RuntimeError(
                f"[{type(self).__name__}] input.size(-1) must be equal to input_size. "
                f"Expected {self.input_size}, got {data.size(-1)}"
            )
        widths = batch_sizes.tolist()
        full = self._full_states(states, widths[0], data)
        if order is not None:
            full = tuple(state.index_select(1, order) for state in full)
        out, ends = self._run(data, full, widths)
        if back is not None:
            ends = tuple(end.index_select(1, back) for end in ends)
        return PackedSequence(out, batch_sizes, order, back), ends


def _of_width(
    state: tuple[Tensor, ...], width: int, begin: tuple[Tensor, ...]
) -> tuple[tuple[Tensor, ...], list[tuple[Tensor, ...]]]:
    """Cut off the states of sequences that have ended, or begin with further ones."""
    before = state[0].size(0)
    if width < before:
        rest = tuple(s[width:] for s in state)
        return tuple(s[:width] for s in state), [rest]
    if width > before:
        new = zip(state, begin, strict=True)
        return tuple(derivo.cat([s, b[before:width]]) for s, b in new), []
    return state, []


_DOC = """{what}

Parameters
----------
input_size, hidden_size : int
    Widths of input and state.
{more}num_layers, bias, batch_first, dropout, bidirectional : optional
    As for `RNNBase`.
device, dtype : optional
    Of the parameters.

Raises
------
ValueError
    If an argument is out of range.

Examples
--------
>>> import derivo as torch
>>> layer = torch.nn.{name}(10, 20)
>>> layer(torch.ones(5, 3, 10))[0].shape
torch.Size([5, 3, 20])
"""


class RNN(RNNBase):  # noqa: D101 - below
    __doc__ = _DOC.format(
        what="Recurrent layer: ``h = tanh(W x + b + U h + c)``.",
        name="RNN",
        more='nonlinearity : {"tanh", "relu"}, optional\n    The function.\n',
    )

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if "proj_size" in kwargs:
            raise ValueError(
                "proj_size argument is only supported for LSTM, not RNN or GRU"
            )
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(
                f"Unknown nonlinearity '{nonlinearity}'. Select from 'tanh' or 'relu'."
            )
        mode = f"RNN_{nonlinearity.upper()}"
        super().__init__(mode, input_size, hidden_size, num_layers, *args, **kwargs)
        self.nonlinearity = nonlinearity

    def forward(self, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        """Run over ``(L, N, input_size)``; returns all outputs and the last state.

        A `PackedSequence` gives one, too.
        """
        out, (h,) = self._forward(input, (hx,))
        return out, h


class LSTM(RNNBase):  # noqa: D101 - below
    __doc__ = _DOC.format(
        what="Long short-term memory (Hochreiter and Schmidhuber, 1997).",
        name="LSTM",
        more="proj_size : int, optional\n    Width of the projected state.\n",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__("LSTM", *args, **kwargs)

    def forward(
        self, input: Any, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Any, tuple[Tensor, Tensor]]:
        """Run over ``(L, N, input_size)``; returns all outputs and ``(h, c)``.

        A `PackedSequence` gives one, too.
        """
        out, (h, c) = self._forward(input, (None, None) if hx is None else tuple(hx))
        return out, (h, c)


class GRU(RNNBase):  # noqa: D101 - below
    __doc__ = _DOC.format(
        what="Gated recurrent unit (Cho et al., 2014).", name="GRU", more=""
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "proj_size" in kwargs:
            raise ValueError(
                "proj_size argument is only supported for LSTM, not RNN or GRU"
            )
        super().__init__("GRU", *args, **kwargs)

    def forward(self, input: Any, hx: Tensor | None = None) -> tuple[Any, Tensor]:
        """Run over ``(L, N, input_size)``; returns all outputs and the last state.

        A `PackedSequence` gives one, too.
        """
        out, (h,) = self._forward(input, (hx,))
        return out, h


class _Cell(Module):
    __constants__ = ["input_size", "hidden_size", "bias"]
    _gates = 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__()
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.bias = bias
        kind = {"device": device, "dtype": dtype}
        rows = self._gates * hidden_size
        self.weight_ih = Parameter(derivo.empty((rows, input_size), **kind))
        self.weight_hh = Parameter(derivo.empty((rows, hidden_size), **kind))
        for name in ("bias_ih", "bias_hh"):
            self.register_parameter(
                name, Parameter(derivo.empty(rows, **kind)) if bias else None
            )
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw new parameters, uniform in ±1/sqrt(hidden_size)."""
        bound = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -bound, bound)

    def _gate_parts(self, input: Tensor, h: Tensor) -> tuple[Tensor, Tensor]:
        return (
            F.linear(input, self.weight_ih, self.bias_ih),
            F.linear(h, self.weight_hh, self.bias_hh),
        )

    def _check(self, input: Tensor, *states: Tensor | None) -> list[Tensor]:
        name = type(self).__name__
        if input.dim() not in (1, 2):
            raise ValueError(
                f"{name}: Expected input to be 1D or 2D, got {input.dim()}D instead"
            )
        full = []
        for state in states:
            if state is None:
                shape = (*input.shape[:-1], self.hidden_size)
                state = derivo.zeros(shape, dtype=input.dtype)
            elif state.dim() not in (1, 2):
                raise ValueError(
                    f"{name}: Expected hidden to be 1D or 2D, got {state.dim()}D "
                    "instead"
                )
            full.append(state)
        return full

    def extra_repr(self) -> str:
        """Describe the arguments."""
        text = f"{self.input_size}, {self.hidden_size}"
        if self.bias is not True:
            text += f", bias={self.bias}"
        if getattr(self, "nonlinearity", "tanh") != "tanh":
            text += f", nonlinearity={self.nonlinearity}"
        return text


class RNNCell(_Cell):
    """One step of `RNN`.

    Parameters
    ----------
    input_size, hidden_size : int
        Widths of input and state.
    bias : bool, optional
        Whether to learn biases.
    nonlinearity : {"tanh", "relu"}, optional
        The function.
    device, dtype : optional
        Of the parameters.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.RNNCell(10, 20)(torch.ones(3, 10)).shape
    torch.Size([3, 20])
    """

    __constants__ = ["input_size", "hidden_size", "bias", "nonlinearity"]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Return the next state."""
        (h,) = self._check(input, hx)
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        return _rnn_step(f"RNN_{self.nonlinearity.upper()}")(
            *self._gate_parts(input, h)
        )


class LSTMCell(_Cell):
    """One step of `LSTM`.

    Parameters
    ----------
    input_size, hidden_size : int
        Widths of input and state.
    bias : bool, optional
        Whether to learn biases.
    device, dtype : optional
        Of the parameters.

    Examples
    --------
    >>> import derivo as torch
    >>> h, c = torch.nn.LSTMCell(10, 20)(torch.ones(3, 10))
    >>> h.shape
    torch.Size([3, 20])
    """

    _gates = 4

    def forward(
        self, input: Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return the next ``(h, c)``."""
        h, c = self._check(input, *((None, None) if hx is None else hx))
        return _lstm_step(*self._gate_parts(input, h), c)


class GRUCell(_Cell):
    """One step of `GRU`.

    Parameters
    ----------
    input_size, hidden_size : int
        Widths of input and state.
    bias : bool, optional
        Whether to learn biases.
    device, dtype : optional
        Of the parameters.

    Examples
    --------
    >>> import derivo as torch
    >>> torch.nn.GRUCell(10, 20)(torch.ones(3, 10)).shape
    torch.Size([3, 20])
    """

    _gates = 3

    def forward(self, input: Tensor, hx: Tensor | None = None) -> Tensor:
        """Return the next state."""
        (h,) = self._check(input, hx)
        return _gru_step(*self._gate_parts(input, h), h)
