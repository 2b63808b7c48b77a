"""Two functions timed beside each other in alternating blocks."""

from __future__ import annotations

import gc
import statistics
import time
import timeit
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    Step = Callable[[], object]

# Long enough that reading the clock is nothing, short enough that both sides meet the
# same disturbances of a shared machine.
BLOCK_S = 0.02
MIN_BLOCKS = 5


@dataclass(frozen=True)
class Timing:
    """Seconds a call of each side, and the ratio of the pairs of blocks."""

    first_s: float
    second_s: float
    ratio: float
    low: float
    high: float
    blocks: int


class Statement:
    """A statement timed inside the loop, as `timeit` does it.

    Where an operation takes a tenth of a microsecond, calling a function around it
    would be a good part of what is measured.
    """

    def __init__(self, statement: str, **scope: Any) -> None:
        names = ", ".join(scope)
        # Local variables of the loop: looking up globals takes time too.
        setup = f"{names} = {', '.join(f'_scope[{n!r}]' for n in scope)}"
        self._timer = timeit.Timer(
            statement, setup if scope else "pass", globals={"_scope": scope}
        )

    def __call__(self) -> None:
        """Run it once."""
        self._timer.timeit(1)

    def seconds(self, count: int) -> float:
        """Run it `count` times; return how long that took."""
        return self._timer.timeit(count)


def block(step: Step, count: int) -> float:
    """Time `count` calls; return seconds a call."""
    step()  # wake threads and refill caches after the other side's block
    if isinstance(step, Statement):
        return step.seconds(count) / count
    clock = time.perf_counter
    repeat = range(count)
    start = clock()
    for _ in repeat:
        step()
    return (clock() - start) / count


def calibrate(step: Step, block_s: float) -> int:
    """Return how many calls take about `block_s`."""
    count = 1
    while True:
        spent = block(step, count) * count
        if spent > block_s / 4:
            return max(1, round(count * block_s / spent))
        count *= 4


def compare(
    first: Step, second: Step, *, total_s: float = 2.0, block_s: float = BLOCK_S
) -> Timing:
    """Time both in alternating blocks for about `total_s` seconds.

    The ratio is the median over pairs of neighbouring blocks of first/second; `low`
    and `high` are its quartiles. Garbage collection is off inside a block, as in
    `timeit`, and runs between pairs.
    """
    counts = [calibrate(step, block_s) for step in (first, second)]
    pairs: list[tuple[float, float]] = []
    enabled = gc.isenabled()
    gc.disable()
    try:
        start = time.perf_counter()
        while len(pairs) < MIN_BLOCKS or time.perf_counter() - start < total_s:
            a, b = (first, counts[0]), (second, counts[1])
            # Who goes first alternates too: the second of a pair inherits the heat.
            if len(pairs) % 2:
                tb, ta = block(*b), block(*a)
            else:
                ta, tb = block(*a), block(*b)
            pairs.append((ta, tb))
            gc.collect(0)
    finally:
        if enabled:
            gc.enable()
    ratios = [a / b for a, b in pairs]
    low, middle, high = statistics.quantiles(ratios, n=4)
    return Timing(
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        middle,
        low,
        high,
        len(pairs),
    )
