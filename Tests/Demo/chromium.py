# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives Chromium over a pipe of the DevTools protocol, with nothing but Python's own library."""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections import deque

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Longer than any machine needs, however busy it is.
PATIENCE = 120


def program():
    """The browser's path; None where there is none."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Failure(Exception):
    """What the page does not do."""


class Browser:
    """A browser of its own, without a window, and without the network."""

    def __init__(self, language):
        self.folder = tempfile.mkdtemp(prefix="speakcode-demo-")
        (read_theirs, self.write), (self.read, write_theirs) = os.pipe(), os.pipe()
        options = [
            program(), "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={self.folder}", "--no-first-run",
            f"--lang={language}", f"--accept-lang={language}", "--disable-gpu", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--disable-extensions", "--no-proxy-server",
            # Without a sound device it plays to nobody, in time.
            "--disable-audio-output", "--force-device-scale-factor=1", "--hide-scrollbars",
            # Nothing but this machine is found by its name.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        ]
        # Its sandbox does not start as root.
        if os.geteuid() == 0:
            options.append("--no-sandbox")

        # The browser reads 3 and writes 4.
        pipes = f'exec "$@" 3<&{read_theirs} 4>&{write_theirs}'
        self.process = subprocess.Popen(
            ["bash", "-c", pipes, "bash", *options], pass_fds=(read_theirs, write_theirs), stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env=os.environ | {"LANG": "C.UTF-8", "LANGUAGE": language})
        os.close(read_theirs), os.close(write_theirs)
        self.news = threading.Condition()
        self.answers, self.number, self.pages, self.closed = {}, 0, {}, False
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        rest = b""
        while chunk := os.read(self.read, 1 << 20):
            *messages, rest = (rest + chunk).split(b"\0")
            with self.news:
                for message in map(json.loads, messages):
                    if "id" in message:
                        self.answers[message["id"]] = message
                    elif page := self.pages.get(message.get("sessionId")):
                        page.events.append((message["method"], message["params"]))
                self.news.notify_all()
        with self.news:
            self.closed = True
            self.news.notify_all()

    def ask(self, method, session=None, **params):
        with self.news:
            self.number += 1
            number = self.number
            message = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
            os.write(self.write, json.dumps(message).encode() + b"\0")
            if not self.news.wait_for(lambda: number in self.answers or self.closed, PATIENCE):
                raise Failure(f"the browser does not answer {method}")
            answer = self.answers.pop(number, {"error": {"message": "the browser has ended"}})
        if "error" in answer:
            raise Failure(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def page(self, width=1280, height=900):
        """A new tab."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session, target)
        self.pages[session] = page
        for domain in ("Page", "Runtime", "Network", "Log"):
            page.ask(f"{domain}.enable")
        page.resize(width, height)
        return page

    def close(self):
        try:
            self.ask("Browser.close")
            self.process.wait(10)
        except (Failure, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Page:
    """A tab."""

    def __init__(self, browser, session, target):
        self.browser, self.session, self.target = browser, session, target
        self.events = deque()

    def ask(self, method, **params):
        return self.browser.ask(method, self.session, **params)

    def resize(self, width, height):
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def prefer(self, **features):
        """Media features, such as color_scheme="dark"."""
        self.ask("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-" + name.replace("_", "-"), "value": value} for name, value in features.items()])

    def open(self, url):
        self.ask("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, script):
        """What a script comes to, awaited."""
        answer = self.ask(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=False)
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise Failure(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    def wait(self, condition, patience=PATIENCE):
        """Waits until a script comes to something true, and returns it."""
        end = time.monotonic() + patience
        while True:
            try:
                if value := self.run(condition):
                    return value
            except Failure as failure:
                # While a page goes over to another there is none.
                if "navigat" not in str(failure).lower() and "context" not in str(failure).lower():
                    raise
            if time.monotonic() > end:
                raise Failure(f"it does not come to {condition}; it shows:\n{self.run('document.body.innerText')}")
            time.sleep(0.02)

    def see(self, selector, patience=PATIENCE):
        """Waits until there is such an element, and it is shown."""
        return self.wait(
            f"[...document.querySelectorAll({json.dumps(selector)})].some(e => e.getClientRects().length)", patience)

    def settle(self):
        """Waits until the page has its style and was shown once: before, a button moves from where it is pressed."""
        self.wait("document.readyState === 'complete' && performance.getEntriesByType('paint').length > 0")

    def click(self, selector):
        """Clicks as a mouse does."""
        self.settle()
        place = self.wait(
            f"(() => {{ const element = [...document.querySelectorAll({json.dumps(selector)})]"
            ".find(e => e.getClientRects().length && !e.disabled);"
            " if (!element) return null; element.scrollIntoView({ block: 'center', behavior: 'instant' });"
            " const { x, y, width, height } = element.getBoundingClientRect();"
            " return { x: x + width / 2, y: y + height / 2 }; })()")
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, **place, button="left", clickCount=1)

    def type(self, text):
        self.ask("Input.insertText", text=text)

    def press(self, key, code=None, virtual=0, text=""):
        self.settle()
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=code or key, windowsVirtualKeyCode=virtual,
                     text=text if kind == "keyDown" else "")

    def tab(self):
        self.press("Tab", virtual=9)

    def enter(self):
        self.press("Enter", virtual=13, text="\r")

    def close(self):
        self.browser.ask("Target.closeTarget", targetId=self.target)

    def screenshot(self, path, selector=None):
        clip = {}
        if selector:
            clip["clip"] = self.run(
                f"(() => {{ const r = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
                " return { x: r.x + scrollX, y: r.y + scrollY, width: r.width, height: r.height, scale: 1 }; })()")
        image = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, **clip)
        with open(path, "wb") as file:
            file.write(base64.b64decode(image["data"]))

    def told(self, method):
        """What the browser has told of, by the name of the event."""
        return [params for name, params in list(self.events) if name == method]
