"""A function's `bootstrap` as a process: started, listened to, ended."""
import contextlib
import fcntl
import os
import signal
import struct
import subprocess
import termios
import threading
import time
import weakref

RUNNING = weakref.WeakSet()


class Process:
    """What it prints (both streams) is kept until `take_output`; `ended` is called once it is gone, with its exit status."""

    def __init__(self, folder, environment, ended):
        self.output, self._lock = bytearray(), threading.Lock()
        self.peak = 0  # most memory in use so far, bytes
        self._pipe, inside = os.pipe()
        try:
            self._child = subprocess.Popen([folder / "bootstrap"], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                                           stdout=inside, stderr=inside, start_new_session=True)
        except OSError:
            os.close(self._pipe)
            raise
        finally:
            os.close(inside)
        RUNNING.add(self)
        threading.Thread(target=self._listen, daemon=True, name="lambda-output").start()
        threading.Thread(target=lambda: ended(self, self._child.wait()), daemon=True, name="lambda-exit").start()

    def _listen(self):
        while chunk := os.read(self._pipe, 65536):
            with self._lock:
                self.output += chunk
        with self._lock:
            os.close(self._pipe)
            self._pipe = None

    @property
    def alive(self):
        return self._child.poll() is None

    def take_output(self):
        """All that was printed up to now."""
        ends = time.monotonic() + 1
        while self._unread() and time.monotonic() < ends:
            time.sleep(0.001)
        with self._lock:
            text, self.output = self.output.decode(errors="replace"), bytearray()
        return text

    def _unread(self):
        with self._lock:
            return self._pipe is not None and struct.unpack("i", fcntl.ioctl(self._pipe, termios.FIONREAD, b"\0" * 4))[0]

    def memory(self):
        """The most memory that it has had so far, in MB."""
        with contextlib.suppress(OSError, StopIteration):
            with open(f"/proc/{self._child.pid}/status") as status:
                self.peak = int(next(line for line in status if line.startswith("VmHWM")).split()[1]) // 1024 + 1
        return self.peak

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)


def kill_all():
    for process in list(RUNNING):
        process.kill()
