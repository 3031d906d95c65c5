#!/usr/bin/env python3
"""Show that the emulator does what localstack/README.md says: python3 localstack/probes/run.py [word in a probe's name]

Needs a running emulator (`emulator.py up`). Every probe has accounts of its own, so it can run beside other users.
"""
import importlib
import os
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = Path(os.environ.get("COUNTERSIGN_EMULATOR_HOME") or HERE.parent / ".state")
PYTHON = HOME / "venv/bin/python"


def attempt(probe):
    started = time.time()
    try:
        probe()
        return probe, None, time.time() - started
    except Exception:
        return probe, traceback.format_exc(), time.time() - started


def main():
    if Path(sys.prefix).resolve() != (HOME / "venv").resolve():
        if not PYTHON.exists():
            sys.exit("the emulator is not installed: python3 localstack/emulator.py up")
        os.execv(PYTHON, [str(PYTHON), "-B", __file__, *sys.argv[1:]])
    from kit import URL, answers

    if not answers():
        sys.exit(f"no emulator at {URL}: python3 localstack/emulator.py up")
    word = sys.argv[1] if len(sys.argv) > 1 else ""
    modules = [importlib.import_module(f.stem) for f in sorted(HERE.glob("probe_*.py"))]
    probes = [p for m in modules for n, p in vars(m).items() if n.startswith("shows_") and word in f"{m.__name__} {n}"]
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(attempt, probes))
    for probe, error, seconds in results:
        print(f"{'FAIL' if error else 'pass'} {seconds:5.2f}s {probe.__module__[6:]}: {probe.__name__[6:].replace('_', ' ')}")
        if error:
            print("     " + error.strip().replace("\n", "\n     "))
    failed = sum(1 for _, error, _ in results if error)
    print(f"{len(results) - failed} passed, {failed} failed")
    sys.exit(1 if failed or not results else 0)


if __name__ == "__main__":
    main()
