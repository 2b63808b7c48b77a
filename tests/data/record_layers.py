"""Record what PyTorch gives for `layers_cases` and `optim_cases`.

    python -m tests.data.record_layers

needs PyTorch; the tests read the JSON files alone.
"""

from __future__ import annotations

import json
import pathlib
import struct
import warnings

import torch

from tests.data import layers_cases, optim_cases

HERE = pathlib.Path(__file__).parent


def short(value):
    """Floats with the digits that float32 holds."""
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            return value
        single = struct.unpack("f", struct.pack("f", value))[0]
        return float(f"{value:.9g}") if single == value else value
    if isinstance(value, dict):
        return {k: short(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [short(v) for v in value]
    return value


def write(name, data):
    text = json.dumps(short(data), separators=(",", ":"))
    # One case a line, so that a change shows what changed.
    text = text.replace('},"', '},\n"').replace(']],"', ']],\n"')
    (HERE / name).write_text(text + "\n")


def main():
    warnings.simplefilter("ignore")
    write(
        "layers.json",
        {
            "torch": torch.__version__,
            "layers": [
                layers_cases.run_layer(torch, *case) for case in layers_cases.LAYERS
            ],
            "functions": {
                text: layers_cases.run_function(torch, text)
                for text in layers_cases.FUNCTIONS
            },
            "inits": [
                layers_cases.run_init(torch, *case) for case in layers_cases.INITS
            ],
        },
    )
    write(
        "optim.json",
        {
            "torch": torch.__version__,
            "optimizers": {
                text: optim_cases.run_optimizer(torch, text)
                for text in optim_cases.OPTIMIZERS
            },
            "schedules": {
                name: optim_cases.run_schedule(torch, name)
                for name in optim_cases.SCHEDULES
            },
        },
    )


if __name__ == "__main__":
    main()
