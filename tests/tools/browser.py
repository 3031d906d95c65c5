#!/usr/bin/env python3
"""Looks at an HTML report in headless Chromium as a person would, and says what it saw as JSON.

    browser.py REPORT.html [--width 1400] [--height 900] [--dark] [--screenshot FILE.png] [--pdf FILE.pdf] [--script JS]
    browser.py REPORT.html --steps FILE.json        `-` reads them from standard input

Prints one object: `requests` (every address that was fetched beside the file itself), `dialogs` (every alert, confirm
or prompt), `console` (errors), `overflow` (pixels by which the page is wider than the window), `text` (the visible
text), `result` (of --script), `answers` (of the steps that have a name). Ends with 77 where no browser is installed.

Steps are a list of objects, done one after another once the page is loaded, in the order of the list:

    {"open": "other.html#part"}             a file, or `#part` of the one that is open; {"reload": true}; {"back": true}
    {"key": "j"}                            with "shift": true; Tab, Enter, Escape and others by their names
    {"type": "text"}                        key by key, into what has the focus
    {"click": "selector"}                   with the mouse
    {"choose": "selector", "value": "x"}    in a list to choose from
    {"wait": "js"}                          until the expression is true
    {"tell": "name", "js": "expression"}    its value becomes answers.name
    {"media": "print", "scheme": "dark"}    emulates either or both, until it is said anew
    {"size": [400, 900]}
    {"scripts": false}                      pages opened from now on run none
    {"screenshot": "file.png", "full": true} / {"pdf": "file.pdf"}
    {"axe": "name", "from": "axe.min.js"}   what axe-core objects to: rule, and elements; in a world of its own
    {"opened": "name"}                      milliseconds from navigation to `load`, and to the end of the frame after it
    {"clock": "name", "event": "input", "until": "js", "do": [steps]}
                                            milliseconds from the event to the end of the first frame in which it is true
"""
import argparse
import base64
import json
import sys
from pathlib import Path

from devtools import Browser

# Ends after the frame that follows was drawn: a message comes after painting.
AFTER_THE_FRAME = """new Promise(done => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now());
    channel.port2.postMessage(0);
}))"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Steps:
    """What can be done with a page, one method a kind of step."""

    def __init__(self, page, folder):
        self.page, self.folder, self.answers = page, folder, {}

    def do(self, steps):
        for step in steps:
            verbs = [verb for verb in step if hasattr(self, f"step_{verb}")]
            if len(verbs) != 1:
                raise RuntimeError(f"a step says one thing to do: {step}")
            getattr(self, f"step_{verbs[0]}")(step[verbs[0]], step)

    def step_open(self, path, _):
        if path.startswith(("#", "?")):
            self.page.open(self.page.opened[-1] + path)
        else:
            path, mark, part = path.partition("#")
            self.page.open((self.folder / path).resolve().as_uri() + mark + part)

    def step_reload(self, *_):
        self.leave("Page.reload")

    def step_back(self, *_):
        history = self.page.send("Page.getNavigationHistory")
        if history["currentIndex"] < 1:
            raise RuntimeError("there is no page to go back to")
        entry = history["entries"][history["currentIndex"] - 1]
        self.page.send("Page.navigateToHistoryEntry", entryId=entry["id"])
        self.page.until(f"location.href === {json.dumps(entry['url'])}")
        self.page.loaded()

    def leave(self, method):
        """Goes on only in the new document: the old one still answers for a while."""
        self.page.evaluate("window.old = true")
        self.page.send(method)
        self.page.until("!window.old && document.readyState === 'complete'")

    def step_key(self, key, step):
        self.page.press(key, step.get("shift", False))

    def step_type(self, text, _):
        for character in text:
            self.page.press(character)

    def step_click(self, selector, _):
        self.page.click(selector)

    def step_choose(self, selector, step):
        told = self.page.evaluate(f"""(() => {{
            const list = document.querySelector({json.dumps(selector)});
            list.value = {json.dumps(step['value'])};
            for (const name of ['input', 'change']) list.dispatchEvent(new Event(name, {{bubbles: true}}));
            return list.value;
        }})()""")
        if told != step["value"]:
            raise RuntimeError(f"{selector} does not offer `{step['value']}`")

    def step_wait(self, condition, _):
        self.page.until(condition)

    def step_tell(self, name, step):
        self.answers[name] = self.page.evaluate(step["js"])

    def step_media(self, media, step):
        features = [{"name": "prefers-color-scheme", "value": step.get("scheme", "light")}]
        self.page.send("Emulation.setEmulatedMedia", media=media, features=features)

    def step_size(self, size, _):
        width, height = size
        self.page.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)

    def step_scripts(self, on, _):
        self.page.send("Emulation.setScriptExecutionDisabled", value=not on)

    def step_screenshot(self, file, step):
        shot = self.page.send("Page.captureScreenshot", format="png", captureBeyondViewport=step.get("full", False))
        Path(file).write_bytes(base64.b64decode(shot["data"]))

    def step_pdf(self, file, _):
        pdf = self.page.send("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        Path(file).write_bytes(base64.b64decode(pdf["data"]))

    def step_axe(self, name, step):
        world = self.page.isolated()
        self.page.evaluate(Path(step["from"]).read_text() + "\n;0", world)
        found = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})", world)
        shown = lambda node: f"{node['target']} {node['html'][:200]} {node['failureSummary'][:300]}"
        self.answers[name] = {
            "violations": [{"rule": rule["id"], "impact": rule["impact"], "nodes": [shown(node) for node in rule["nodes"][:5]],
                            "count": len(rule["nodes"])} for rule in found["violations"]],
            "passes": len(found["passes"]),
        }

    def step_opened(self, name, _):
        frame = self.page.evaluate(AFTER_THE_FRAME)
        load = self.page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
        paint = self.page.evaluate("performance.getEntriesByType('paint').map(entry => entry.startTime)[0] ?? null")
        self.answers[name] = {"load": load, "first_paint": paint, "frame_after": frame}

    def step_clock(self, name, step):
        self.page.evaluate(f"""void (window.clocked = new Promise(done => addEventListener({json.dumps(step['event'])}, event => {{
            const frame = () => requestAnimationFrame(() => {{
                const channel = new MessageChannel();
                channel.port1.onmessage = () => {{
                    if ({step['until']}) done(performance.now() - event.timeStamp);
                    else frame();
                }};
                channel.port2.postMessage(0);
            }});
            frame();
        }}, {{capture: true, once: true}})))""")
        self.do(step["do"])
        self.answers[name] = self.page.evaluate("window.clocked")


def look(browser, args):
    page = browser.page()
    steps = Steps(page, args.report.parent)
    steps.do([{"size": [args.width, args.height]}, {"media": "", "scheme": "dark" if args.dark else "light"}])
    page.open(args.report.resolve().as_uri())
    result = page.evaluate(args.script) if args.script else None
    if args.steps:
        steps.do(json.loads(sys.stdin.read() if args.steps == "-" else Path(args.steps).read_text()))
    seen = {"result": result, "answers": steps.answers, "overflow": page.evaluate(OVERFLOW), "text": page.evaluate("document.body.innerText")}
    if args.screenshot:
        steps.step_screenshot(args.screenshot, {"full": args.full})
    if args.pdf:
        steps.step_pdf(args.pdf, {})
    return {**page.happened(), **seen}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("--width", type=int, default=1400)
    parser.add_argument("--height", type=int, default=900)
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--full", action="store_true", help="the whole page, not only the window")
    parser.add_argument("--screenshot", type=Path)
    parser.add_argument("--pdf", type=Path)
    parser.add_argument("--script", help="JavaScript to evaluate once the page is loaded")
    parser.add_argument("--steps", help="a file of steps, or `-`")
    args = parser.parse_args()
    browser = Browser.start()
    if browser is None:
        print(json.dumps({"skipped": "no browser is installed"}))
        return 77
    with browser:
        print(json.dumps(look(browser, args)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
