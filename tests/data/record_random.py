# Records what PyTorch draws, for tests/unit/test_random.py.
#
#     python -m tests.data.record_random
#
# Exact steps are kept as the CRC-32 of the memory, the others as the memory itself.

from __future__ import annotations

import base64
import json
import warnings
import zlib
from pathlib import Path

import torch

from tests.data.random_cases import SCENARIOS, Fresh, Weights, run


def make(fresh: Fresh) -> tuple[torch.Tensor, torch.Tensor]:
    dtype = getattr(torch, fresh.dtype)
    if fresh.strides is None:
        memory = torch.zeros(fresh.shape, dtype=dtype)
        return memory, memory
    extent = 1 + sum(
        (n - 1) * step for n, step in zip(fresh.shape, fresh.strides, strict=True)
    )
    memory = torch.zeros(extent, dtype=dtype)
    return memory, memory.as_strided(fresh.shape, fresh.strides)


def values(weights: Weights) -> torch.Tensor:
    dtype = getattr(torch, weights.dtype)
    shape = weights.shape[::-1] if weights.transposed else weights.shape
    made = torch.tensor(weights.numbers(), dtype=dtype).reshape(shape)
    return made.t() if weights.transposed else made


def raw(t: torch.Tensor) -> bytes:
    return t.contiguous().flatten().view(torch.uint8).numpy().tobytes()


def main() -> None:
    warnings.simplefilter("ignore")
    recorded = {}
    for name in SCENARIOS:
        entries = []
        for step, data in run(torch, make, values, raw, name):
            if step is None or step[3]:
                entries.append(f"{zlib.crc32(data):08x}")
            else:
                entries.append(base64.b64encode(data).decode())
        recorded[name] = " ".join(entry or "-" for entry in entries)
    out = Path(__file__).with_name("random.json")
    text = json.dumps({"torch": torch.__version__, "scenarios": recorded}, indent=0)
    out.write_text(text + "\n", encoding="utf-8")
    print(f"{out}: {out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
