"""A worker: one process that holds both libraries and runs jobs line by line.

It reads ``["op", index, check]`` or ``["case", file, name]`` as JSON on standard
input and answers with one JSON object a line. What a library prints goes to standard
error, so that it cannot be taken for an answer.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from dataclasses import asdict
from typing import Any

MEMORY_LIMIT = 12 << 30


def main() -> None:
    """Serve until standard input closes."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    candidate_name = sys.argv[1]
    os.environ["OMP_NUM_THREADS"] = "1"

    import torch

    torch.set_num_threads(1)
    torch.set_warn_always(True)  # or a warning would come for the first case only
    from conformance._library import Library

    oracle = Library("torch", oracle=True)
    candidate = Library(candidate_name)
    if hasattr(candidate.module, "set_num_threads"):
        candidate.module.set_num_threads(1)
    if "op" in sys.argv[2:]:
        # Seconds on a busy machine, which must not count against the first job.
        from conformance._entries import entries

        entries()
    answers.write(json.dumps({"ready": True}) + "\n")
    for line in sys.stdin:
        job: list[Any] = json.loads(line)
        if job[0] == "op":
            from conformance._checks import run_check
            from conformance._entries import entries

            entry = entries()[job[1]]
            answer = run_check(entry, job[2], oracle, candidate)
        else:
            from conformance._cases import run_case

            answer = run_case(job[1], job[2], oracle, candidate)
        answers.write(json.dumps(asdict(answer)) + "\n")


if __name__ == "__main__":
    main()
