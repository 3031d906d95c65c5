"""What the benchmarks share: what one process cost, and Markdown tables."""
import statistics
import subprocess
import sys
import tempfile

# A process inherits the peak of the one that started it: so a small one starts what is measured, and says what it cost.
LAUNCHER = """
import os, sys, time
started = time.perf_counter()
_, status, used = os.wait4(os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ), 0)
wall = time.perf_counter() - started
with open(sys.argv[1], "w") as out:
    print(os.waitstatus_to_exitcode(status), wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, file=out)
"""


class Usage:
    """What one process cost."""

    def __init__(self, command, env):
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, tempfile.NamedTemporaryFile() as cost:
            launch = [sys.executable, "-I", "-S", "-c", LAUNCHER, cost.name, *map(str, command)]
            subprocess.run(launch, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err, check=True)
            code, self.wall, self.cpu, self.rss_mb = map(float, cost.read().split())
            out.seek(0), err.seek(0)
            self.stdout = out.read().decode(errors="replace")
            if code:
                sys.exit(f"{' '.join(map(str, command))}: exit {code:.0f}\n{err.read().decode(errors='replace')[-3000:]}")


def measure(command, env=None):
    """Runs a command to its end and says what that process, with its children, cost."""
    return Usage(command, env)


def median(values):
    return statistics.median(values)


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("|" + "|".join("---" if at == 0 else "---:" for at in range(len(head))) + "|")
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print(flush=True)
