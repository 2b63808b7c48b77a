"""Record the random orders of PyTorch's loaders, for tests/unit/test_data.py.

Run by hand with PyTorch installed: ``python tests/data/record_loader.py``.
"""

from __future__ import annotations

import json
from pathlib import Path

import torch
from loader_scenarios import SCENARIOS

SEEDS = (0, 1234)


def main() -> None:
    records = {}
    for name, run in SCENARIOS.items():
        for seed in SEEDS:
            torch.manual_seed(seed)
            records[f"{name}-{seed}"] = run(torch)
    path = Path(__file__).with_name("loader.json")
    lines = ",\n".join(
        f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}"
        for k, v in records.items()
    )
    path.write_text(f'{{"torch":{json.dumps(torch.__version__)},\n{lines}}}\n')


if __name__ == "__main__":
    main()
