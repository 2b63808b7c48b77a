"""The table on the terminal, and results.json and results.md."""

from __future__ import annotations

import json
import os
import platform
from importlib import metadata
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"


def duration(seconds: float) -> str:
    """Write a time with three digits and a fitting unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def line(result: dict[str, Any]) -> str:
    """Write a result as one line of text."""
    name = f"{result['name']:55}"
    if "error" in result:
        return f"{name} {result['error']}"
    text = (
        f"{name} {result['ratio']:7.2f} [{result['low']:.2f}-{result['high']:.2f}]"
        f"  {duration(result['torch_s']):>8} / {duration(result['derivo_s']):>8}"
    )
    if "target" in result:
        mark = "reached" if result["reached"] else "MISSED"
        text += f"  target {result['target']:g} {mark}"
    if "memory" in result:
        data = {k: v["data"] for k, v in result["memory"].items()}
        text += f"  data {data['torch']:.0f} / {data['derivo']:.0f} MB"
        text += "" if result["memory_ok"] else " MORE"
    return text


def machine() -> dict[str, Any]:
    """Describe where the figures were taken."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        for text in info.read_text(encoding="utf-8").splitlines():
            if text.startswith("model name"):
                cpu = text.partition(":")[2].strip()
                break
    versions = {}
    for package in ("torch", "numpy", "scipy", "llvmlite"):
        try:
            versions[package] = metadata.version(package).partition("+")[0]
        except metadata.PackageNotFoundError:
            continue
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "versions": versions,
    }


def write(
    rows: list[dict[str, Any]], functions: list[dict[str, Any]], folder: str | None
) -> None:
    """Write results.json and results.md."""
    target = Path(folder) if folder else RESULTS
    target.mkdir(parents=True, exist_ok=True)
    document = {"machine": machine(), "rows": rows, "functions": functions}
    (target / "results.json").write_text(
        json.dumps(document, indent=1) + "\n", encoding="utf-8"
    )
    (target / "results.md").write_text(_markdown(document), encoding="utf-8")


def _markdown(document: dict[str, Any]) -> str:
    where = document["machine"]
    versions = ", ".join(f"{k} {v}" for k, v in where["versions"].items())
    lines = [
        "# Benchmarks",
        "",
        f"{where['cpu']}, {where['cores']} cores, "
        f"Python {where['python']}, {versions}.",
        "",
        "Ratio: PyTorch's time divided by derivo's, median over alternating blocks in "
        "one process, with quartiles. First call: of derivo in a fresh process, with "
        "kernels in the disk cache / with an empty cache. Memory: peak of the whole "
        "process, and of what the row's data added, PyTorch / derivo, in fresh "
        "processes.",
        "",
        "| | ratio | quartiles | target | PyTorch | derivo | first call | "
        "process MB | data MB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for r in document["rows"]:
        if "error" in r:
            lines.append(
                f"| {r['name']} | {r['error']} | | {r['target']:g} | | | | | |"
            )
            continue
        first = process = data = ""
        if "memory" in r:
            first = f"{duration(r['first_warm_s'])} / {duration(r['first_cold_s'])}"
            a, b = r["memory"]["torch"], r["memory"]["derivo"]
            process = f"{a['process']:.0f} / {b['process']:.0f}"
            data = f"{a['data']:.1f} / {b['data']:.1f}"
        mark = "" if r["reached"] else " (missed)"
        lines.append(
            f"| {r['name']} | **{r['ratio']:.2f}**{mark} | {r['low']:.2f}-"
            f"{r['high']:.2f} | {r['target']:g} | {duration(r['torch_s'])} | "
            f"{duration(r['derivo_s'])} | {first} | {process} | {data} |"
        )
    if document["functions"]:
        lines += ["", "## Every public function, on small inputs", ""]
        lines += ["| | ratio | PyTorch | derivo |", "|---|---|---|---|"]
        for r in document["functions"]:
            if "error" in r:
                lines.append(f"| `{r['name']}` | {r['error']} | | |")
            else:
                lines.append(
                    f"| `{r['name']}` | {r['ratio']:.1f} | {duration(r['torch_s'])} | "
                    f"{duration(r['derivo_s'])} |"
                )
    return "\n".join(lines) + "\n"
