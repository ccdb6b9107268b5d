"""What all benchmarks share: the fastest of several runs, and one JSON line a figure."""

import gc
import json
import time


def say(name, ratio, aim, *, at_least=False, **more):
    """Print one figure; without an aim nothing is claimed. The aim is the most, or the least."""
    holds = None if aim is None else ratio >= aim if at_least else ratio <= aim
    print(json.dumps({"name": name, "ratio": round(ratio, 2), "aim": aim, "holds": holds, **more}, ensure_ascii=False))


def best(work, repeats=7):
    """Return the seconds of the fastest of several runs, without the garbage collector's pauses."""
    taken = []
    for _ in range(repeats):
        gc.collect()
        gc.disable()
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
        gc.enable()
    return min(taken)
