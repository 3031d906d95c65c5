#!/usr/bin/env python3
"""Looks at an HTML report in headless Chromium as a person would, and says what it saw as JSON.

    browser.py REPORT.html [--width 1400] [--height 900] [--dark] [--screenshot FILE.png] [--pdf FILE.pdf] [--script JS]

Prints one object: `requests` (every address that was fetched beside the file itself), `dialogs` (every alert, confirm
or prompt), `console` (errors), `overflow` (pixels by which the page is wider than the window), `text` (the visible
text), `result` (of --script). Speaks the DevTools protocol over a pipe, so the standard library is enough.
"""
import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ("--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
         "--disable-component-update --disable-sync --hide-scrollbars --remote-debugging-pipe").split()


class Browser:
    def __init__(self, binary: str):
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

    def send(self, method, session=None, **params):
        """Sends a command and waits for its answer; what arrives in between is kept as events."""
        self.number += 1
        mine = self.number
        message = {"id": mine, "method": method, "params": params, **({"sessionId": session} if session else {})}
        os.write(self.out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.read()
            if answer.get("id") == mine:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)
            if answer.get("method") == "Page.javascriptDialogOpening":
                self.number += 1
                os.write(self.out, json.dumps({"id": self.number, "method": "Page.handleJavaScriptDialog",
                                               "params": {"accept": False}, "sessionId": session}).encode() + b"\0")

    def read(self):
        while b"\0" not in self.buffer:
            part = os.read(self.back, 1 << 20)
            if not part:
                raise RuntimeError("the browser went away")
            self.buffer += part
        line, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(line)

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


def look(browser: Browser, args) -> dict:
    target = browser.send("Target.createTarget", url="about:blank")["targetId"]
    session = browser.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    for domain in ("Page", "Network", "Runtime", "Log"):
        browser.send(f"{domain}.enable", session)
    browser.send("Emulation.setDeviceMetricsOverride", session, width=args.width, height=args.height, deviceScaleFactor=1, mobile=args.width < 600)
    if args.dark:
        browser.send("Emulation.setEmulatedMedia", session, features=[{"name": "prefers-color-scheme", "value": "dark"}])
    url = args.report.resolve().as_uri()
    browser.send("Page.navigate", session, url=url)
    evaluate = lambda expression: browser.send("Runtime.evaluate", session, expression=expression, returnByValue=True, awaitPromise=True)["result"].get("value")
    evaluate("new Promise(done => document.readyState === 'complete' ? done() : addEventListener('load', () => done()))")
    result = evaluate(args.script) if args.script else None
    overflow = evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    text = evaluate("document.body.innerText")
    if args.screenshot:
        shot = browser.send("Page.captureScreenshot", session, format="png", captureBeyondViewport=args.full)
        args.screenshot.write_bytes(base64.b64decode(shot["data"]))
    if args.pdf:
        pdf = browser.send("Page.printToPDF", session, printBackground=True, preferCSSPageSize=True)
        args.pdf.write_bytes(base64.b64decode(pdf["data"]))
    named = lambda name: [e["params"] for e in browser.events if e.get("method") == name]
    return {
        "requests": [e["request"]["url"] for e in named("Network.requestWillBeSent") if e["request"]["url"].split("#")[0] != url],
        "dialogs": [e["message"] for e in named("Page.javascriptDialogOpening")],
        "console": [e["entry"]["text"] for e in named("Log.entryAdded") if e["entry"]["level"] == "error"],
        "overflow": overflow, "result": result, "text": text,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("--width", type=int, default=1400)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--full", action="store_true", help="the whole page, not only the window")
    parser.add_argument("--screenshot", type=Path)
    parser.add_argument("--pdf", type=Path)
    parser.add_argument("--script", help="JavaScript to evaluate before looking")
    args = parser.parse_args()
    binary = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if binary is None:
        print(json.dumps({"skipped": "no browser is installed"}))
        return 77
    browser = Browser(binary)
    try:
        print(json.dumps(look(browser, args)))
    finally:
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
