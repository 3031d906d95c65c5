"""Chromium without a window, spoken to over a pipe in the DevTools protocol. Standard library only.

    with Browser.start() as browser:        # None where no browser is installed
        page = browser.page()
        page.open("file:///tmp/report.html")
        page.evaluate("document.title")
"""
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ("--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
         "--disable-component-update --disable-sync --disable-dev-shm-usage --hide-scrollbars --remote-debugging-pipe").split()
# A browser that says nothing for so many seconds hangs; a large page on a busy machine needs many of them.
SILENCE = 300
# What keys without a character of their own are called: code, number, text.
KEYS = {"Enter": ("Enter", 13, "\r"), "Tab": ("Tab", 9, ""), "Escape": ("Escape", 27, ""), " ": ("Space", 32, " "),
        "ArrowDown": ("ArrowDown", 40, ""), "ArrowUp": ("ArrowUp", 38, ""), "ArrowLeft": ("ArrowLeft", 37, ""),
        "ArrowRight": ("ArrowRight", 39, ""), "Home": ("Home", 36, ""), "End": ("End", 35, ""), "Backspace": ("Backspace", 8, "")}


class Browser:
    """A browser of our own, with an empty profile that goes when it ends."""

    @classmethod
    def start(cls):
        binary = next((found for name in BROWSERS if (found := shutil.which(name))), None)
        return cls(binary) if binary else None

    def __init__(self, binary):
        self.profile = tempfile.mkdtemp(prefix="browser-")
        to_browser, self.out = os.pipe()
        self.back, from_browser = os.pipe()

        def wire():  # the protocol is spoken on file descriptors 3 and 4
            os.dup2(to_browser, 103), os.dup2(from_browser, 104)
            os.dup2(103, 3), os.dup2(104, 4)

        self.process = subprocess.Popen([binary, *FLAGS, f"--user-data-dir={self.profile}", "about:blank"], preexec_fn=wire,
                                        close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_browser), os.close(from_browser)
        self.buffer, self.number, self.events = b"", 0, []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.out), os.close(self.back)
        shutil.rmtree(self.profile, ignore_errors=True)

    def page(self):
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        return Page(self, self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])

    def send(self, method, session=None, **params):
        """Sends a command and waits for its answer; what arrives in between is kept as events."""
        mine = self.write(method, session, params)
        while True:
            answer = self.read()
            if answer.get("id") == mine:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)
            if answer.get("method") == "Page.javascriptDialogOpening":
                self.write("Page.handleJavaScriptDialog", session, {"accept": False})

    def write(self, method, session, params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params, **({"sessionId": session} if session else {})}
        left = json.dumps(message).encode() + b"\0"
        while left:
            left = left[os.write(self.out, left):]
        return self.number

    def read(self):
        while b"\0" not in self.buffer:
            if not select.select([self.back], [], [], SILENCE)[0]:
                raise RuntimeError(f"the browser said nothing for {SILENCE} seconds")
            part = os.read(self.back, 1 << 20)
            if not part:
                raise RuntimeError("the browser went away")
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(line)


class Page:
    """One tab, and what happened in it."""

    def __init__(self, browser, session):
        self.browser, self.session, self.opened = browser, session, []
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(f"{domain}.enable")
        # Without it nothing in a headless page looks focused.
        self.send("Emulation.setFocusEmulationEnabled", enabled=True)

    def send(self, method, **params):
        return self.browser.send(method, self.session, **params)

    def open(self, url):
        self.opened.append(bare(url))
        problem = self.send("Page.navigate", url=url).get("errorText")
        if problem:
            raise RuntimeError(f"{url}: {problem}")
        self.loaded()

    def loaded(self):
        """Waits until what was navigated to is there. Right after a reload or a step back the old page still answers."""
        self.until("document.readyState === 'complete'")

    def until(self, condition, seconds=60):
        """Waits until an expression is true."""
        end = time.monotonic() + seconds
        while not self.evaluate(condition):
            if time.monotonic() > end:
                raise RuntimeError(f"not true after {seconds} seconds: {condition}")
            time.sleep(0.02)

    def evaluate(self, expression, world=None):
        """The value of an expression, awaited where it is a promise. A debugger's, so the page's policy does not forbid it."""
        context = {"contextId": world} if world else {}
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True, **context)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(f"{expression[:300]}: {details.get('exception', {}).get('description', details['text'])}")
        return answer["result"].get("value")

    def isolated(self):
        """A world beside the page's own: scripts in it see the document, and the page's policy stays as it is."""
        frame = self.send("Page.getFrameTree")["frameTree"]["frame"]["id"]
        return self.send("Page.createIsolatedWorld", frameId=frame, worldName="test")["executionContextId"]

    def press(self, key, shift=False):
        # The numbers of signs are those of other keys: a full stop would delete.
        code, number, text = KEYS.get(key) or ("", ord(key.upper()) if key.isalnum() else 0, key)
        common = {"key": key, "code": code, "windowsVirtualKeyCode": number, "modifiers": 8 if shift else 0}
        self.send("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **common, **({"text": text} if text else {}))
        self.send("Input.dispatchKeyEvent", type="keyUp", **common)

    def click(self, selector):
        """Moves the mouse to the middle of what the selector names, and clicks what is there."""
        at = self.evaluate(f"""(() => {{
            const it = document.querySelector({json.dumps(selector)});
            if (!it) return null;
            it.scrollIntoView({{block: 'center', behavior: 'instant'}});
            const box = it.getClientRects()[0];
            return box ? [box.x + box.width / 2, box.y + box.height / 2] : null;
        }})()""")
        if at is None:
            raise RuntimeError(f"nothing to click: {selector}")
        common = {"x": at[0], "y": at[1], "button": "left", "clickCount": 1}
        self.send("Input.dispatchMouseEvent", **{**common, "type": "mouseMoved", "button": "none"})
        self.send("Input.dispatchMouseEvent", type="mousePressed", **common)
        self.send("Input.dispatchMouseEvent", type="mouseReleased", **common)

    def named(self, name):
        return [event["params"] for event in self.browser.events if event.get("method") == name and event.get("sessionId") == self.session]

    def happened(self):
        """Addresses that were fetched beside the pages that were opened, dialogs, and errors."""
        self.evaluate("0")  # what was said until now has arrived when this is answered
        errors = [event["entry"]["text"] for event in self.named("Log.entryAdded") if event["entry"]["level"] == "error"]
        errors += [str(event["args"]) for event in self.named("Runtime.consoleAPICalled") if event["type"] in ("error", "assert")]
        errors += [event["exceptionDetails"].get("exception", {}).get("description", "an exception") for event in self.named("Runtime.exceptionThrown")]
        fetched = [event["request"]["url"] for event in self.named("Network.requestWillBeSent")]
        return {
            "requests": [url for url in fetched if bare(url) not in self.opened],
            "dialogs": [event["message"] for event in self.named("Page.javascriptDialogOpening")],
            "console": errors,
        }


def bare(url):
    """An address without query and fragment."""
    return url.split("#")[0].split("?")[0]
