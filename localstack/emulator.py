#!/usr/bin/env python3
"""Start LocalStack (host mode: no docker, no token) with the plugin beside this file; standard library only.

    python3 localstack/emulator.py up            # install if needed, start, wait until it answers, print the exports to use
    python3 localstack/emulator.py down
    python3 localstack/emulator.py run -- cargo nextest run

State (virtual environment, log, pid) lies in $COUNTERSIGN_EMULATOR_HOME, else in .state/ beside this file. Nothing is
fetched once the lock file is installed. `run` leaves an emulator alone that was up before it, and the last of several
`run`s stops the one that the first of them started.
"""
import contextlib
import fcntl
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
HOME = Path(os.environ.get("COUNTERSIGN_EMULATOR_HOME") or HERE / ".state").resolve()
PORT = int(os.environ.get("COUNTERSIGN_EMULATOR_PORT") or 4566)
URL = f"http://127.0.0.1:{PORT}"
VENV = HOME / "venv"
LOCKFILE = HERE / "requirements.lock"


def install():
    """A virtual environment that holds what the lock file says: made anew for another Python, else brought up to date in place, since
    emulators that run may share it."""
    want = hashlib.sha256(LOCKFILE.read_bytes() + sys.version.encode()).hexdigest()
    stamp = VENV / ".installed"
    if stamp.exists() and stamp.read_text() == want:
        return
    started = time.time()
    about = VENV / "pyvenv.cfg"
    if not stamp.exists() or f"version = {sys.version.split()[0]}\n" not in about.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
    subprocess.run([VENV / "bin/python", "-m", "pip", "install", "-q", "--no-deps", "-r", LOCKFILE],
                   check=True, env={k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"})
    stamp.write_text(want)
    print(f"# installed in {time.time() - started:.0f} s", file=sys.stderr)


def environment():
    env = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "LOCALSTACK_", "PYTHONDONTWRITE", "PYTHONHOME"))}
    env.update(
        PYTHONPATH=str(HERE / "plugin"),
        XDG_CACHE_HOME=str(HOME / "cache"),  # plux keeps an index of entry points there
        FILESYSTEM_ROOT=str(HOME / "fs"),  # without these two it writes /var/lib/localstack wherever it sees /.dockerenv
        OVERRIDE_IN_DOCKER="0",
        GATEWAY_LISTEN=f"127.0.0.1:{PORT}", LOCALSTACK_HOST=f"127.0.0.1:{PORT}",
        DNS_ADDRESS="0",  # no DNS server on port 53, no edit of /etc/resolv.conf
        DISABLE_EVENTS="1",  # no analytics
        SKIP_SSL_CERT_DOWNLOAD="1",  # self-signed, made on the spot
        API_ENDPOINT="http://127.0.0.1:9",  # no look-ups on LocalStack's platform
        PARITY_AWS_ACCESS_KEY_ID="1",  # AKIA/ASIA keys whose account can be told from the key
        EAGER_SERVICE_LOADING="0",
        LAMBDA_RUNTIME_EXECUTOR="process", LAMBDA_RETRY_BASE_DELAY="1",  # AWS waits a minute before it tries an event again
        LAMBDA_KEEPALIVE_MS="60000",  # how long a function's process waits for the next invocation
        SQS_ENDPOINT_STRATEGY="path",  # URLs of queues that resolve
        COUNTERSIGN_EMULATOR_CODE=code(),
        NO_PROXY="127.0.0.1,localhost", no_proxy="127.0.0.1,localhost",
        TZ="UTC",  # times without a zone are UTC everywhere in LocalStack
    )
    return env


DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback is not reached through a proxy


def healthy():
    try:
        with DIRECT.open(URL + "/_countersign/health", timeout=2) as answer:
            said = json.load(answer)
            return said["emulator"] == "countersign" and said
    except (OSError, ValueError, KeyError):
        return False


def code():
    """What plugin is on disk: a running emulator keeps the one it started with."""
    files = sorted((HERE / "plugin").rglob("*.py"))
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:12]


def up():
    HOME.mkdir(parents=True, exist_ok=True)
    with open(HOME / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if said := healthy():
            if said.get("code") != code():
                print("# an emulator with other plugin code is running; `down` and `up` renew it", file=sys.stderr)
            return None
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORT)) == 0:
                sys.exit(f"port {PORT} is taken by something that is not this emulator; set COUNTERSIGN_EMULATOR_PORT")
        install()
        started = time.time()
        log = open(HOME / "localstack.log", "wb")
        child = subprocess.Popen([VENV / "bin/python", "-m", "localstack.runtime.main"], env=environment(), stdout=log,
                                 stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, cwd=HOME, start_new_session=True)
        (HOME / "pid").write_text(str(child.pid))
        while not healthy():
            if child.poll() is not None or time.time() - started > 90:
                child.poll() is None and child.kill()
                sys.stderr.write((HOME / "localstack.log").read_text(errors="replace")[-4000:])
                sys.exit("the emulator did not start")
            time.sleep(0.1)
        print(f"# healthy in {time.time() - started:.1f} s, log {HOME / 'localstack.log'}", file=sys.stderr)
        return child


def down():
    try:
        pid = int((HOME / "pid").read_text())
        os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError):
        return
    for _ in range(15):  # everything is in memory: nothing is lost by not waiting long
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            pass
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.1)
    else:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    (HOME / "pid").unlink(missing_ok=True)
    (HOME / "stop-after-use").unlink(missing_ok=True)


def run(command, use):
    HOME.mkdir(parents=True, exist_ok=True)
    with open(HOME / "users", "w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)  # held while the command runs: who gets it alone afterwards is the last user
        if up():
            (HOME / "stop-after-use").touch()
        try:
            return subprocess.run(command, env={**os.environ, **use}).returncode
        finally:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if (HOME / "stop-after-use").exists():
                    down()
            except BlockingIOError:
                pass


def main():
    what = sys.argv[1] if len(sys.argv) > 1 else "up"
    use = {"AWS_ENDPOINT_URL": URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    if any(k.lower() in ("http_proxy", "https_proxy", "all_proxy") for k in os.environ):
        use["NO_PROXY"] = use["no_proxy"] = ",".join(filter(None, [os.environ.get("NO_PROXY") or os.environ.get("no_proxy"), "127.0.0.1"]))
    if what == "up":
        up()
        (HOME / "stop-after-use").unlink(missing_ok=True)  # asked for by hand: it stays
        print("\n".join(f"export {k}={v}" for k, v in use.items()))
    elif what == "down":
        down()
    elif what == "run":
        sys.exit(run(sys.argv[sys.argv.index("--") + 1:], use))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
