#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lives the story of `speakcode demo` in a browser, in both languages, and looks at each page with axe where it is told where that is.

usage: story.py SPEAKCODE [--axe axe.min.js] [--pictures FOLDER] [NAME ...]

With --pictures it lives none of them, and takes the pictures of docs/demo.md.
"""

import argparse
import base64
import contextlib
import json
import os
import signal
import struct
import subprocess
import sys
import time
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from chromium import Browser, Failure, program  # noqa: E402

LANGUAGES = ("en", "ja")
LOCALES = {"en": "en-US", "ja": "ja-JP"}
RATE = 16000
# What the page hands to its player is kept.
LISTEN = """
(() => {
  const post = MessagePort.prototype.postMessage;
  window.heard = [];
  MessagePort.prototype.postMessage = function (message, ...rest) {
    if (message?.samples && !window.isOver) for (const sample of message.samples) window.heard.push(sample);
    return post.call(this, message, ...rest);
  };
})();
"""
# The same through the page's own player, into a sound card that is none and loses nothing.
PLAY = """
(async () => {
  window.isOver = true;
  const heard = Int16Array.from(window.heard);
  const context = new OfflineAudioContext(1, heard.length + 4096, 16000);
  await context.audioWorklet.addModule("/demo/worklet.js");
  const player = new AudioWorkletNode(context, "samples", { numberOfInputs: 0, outputChannelCount: [1] });
  player.connect(context.destination);
  // Once it has the samples, all else is played.
  context.suspend(0.04).then(async () => {
    player.port.postMessage({ samples: heard });
    await new Promise((resume) => setTimeout(resume, 500));
    context.resume();
  });
  const sound = (await context.startRendering()).getChannelData(0);
  return Array.from(sound, (sample) => sample * 32768);
})()
"""


class Demo:
    """The demo, on a port of its own."""

    def __init__(self, speakcode, *options):
        self.process = subprocess.Popen(
            [speakcode, "demo", "--port", "0", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.url = line.split()[4].rstrip("/")
        check("without a key" in line, "it says that it needs no key")

    def post(self, body):
        request = urllib.request.Request(
            f"{self.url}/v1/announcements", json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    def fetch(self, url):
        with urllib.request.urlopen(url) as answer:
            return answer.read()

    def rendering(self, code, locale):
        """The samples of some readings, as the service renders them."""
        links = self.post({"code": code, "locale": locale, "readings": 3})["links"]
        return samples(self.fetch(links["sln16"]))

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        output, errors = self.process.communicate(timeout=90)
        self.said = output + errors


def samples(data):
    return struct.unpack(f"<{len(data) // 2}h", data[:len(data) & ~1])


def check(holds, what):
    if not holds:
        raise Failure(what)


class Visit:
    """Somebody at the site, in a tab."""

    def __init__(self, page, url, looks=None):
        self.page, self.url, self.looks = page, url, looks
        page.open(f"{url}/")

    def stage(self, name, patience=120):
        self.page.see(f"[data-stage={name}]", patience)
        if self.looks:
            self.looks(self.page, name)

    def telephone(self, state, patience=120):
        self.page.wait(f"document.getElementById('telephone').dataset.state === '{state}'", patience)
        if self.looks:
            self.looks(self.page, f"telephone {state}")

    def press(self, action):
        self.page.click(f"button[value={action}]")

    def enter(self, code):
        self.page.wait("(() => { const code = document.getElementById('code'); code.focus(); code.value = ''; return true; })()")
        self.page.type(code)
        self.page.enter()

    def sign_in(self):
        self.stage("sign-in")
        self.press("sign-in")
        self.stage("sent")

    def ask_for_call(self):
        self.press("not-arrived")
        self.stage("choosing")
        self.press("call")
        self.telephone("ringing")
        # The button that takes the call has the focus.
        self.page.wait("document.activeElement.dataset.do === 'answer'")

    def answer(self):
        self.page.click("button[data-do=answer]")
        self.telephone("answered")

    def hear(self):
        """The code, off the captions."""
        if self.page.run("document.querySelector('[data-do=captions]').ariaPressed") == "false":
            self.page.click("button[data-do=captions]")
        digits = self.page.wait("(t => t.length === 6 && t)(document.querySelector('[data-part=digits]').textContent)")
        if self.looks:
            self.looks(self.page, "captions")
        return digits

    def notice(self, kind, text):
        self.page.wait(f"document.querySelector('.notice.{kind}')?.textContent.includes({json.dumps(text)})")
        if self.looks:
            self.looks(self.page, f"notice {text}")


# ---- The stories -----------------------------------------------------------------------------------------------------


def the_whole_story(world, language):
    """Signs in, is called, types what is heard, and signs in again with the app."""
    with world.demo() as demo, world.browser(language) as browser:
        page = browser.page()
        page.ask("Page.addScriptToEvaluateOnNewDocument", source=LISTEN)
        visit = Visit(page, demo.url, world.looks)
        check(page.run("document.documentElement.lang") == language, "the page is in the browser's language")
        visit.sign_in()
        visit.ask_for_call()
        visit.answer()
        code = visit.hear()
        page.click("button[data-do=keys]")
        visit.enter("000000" if code != "000000" else "000001")
        visit.notice("error", "2")
        check(page.run("document.getElementById('telephone').dataset.state") == "answered", "the call goes on")
        # Two readings, so that the second is heard as well.
        rendering = demo.rendering(code, LOCALES[language])
        page.wait(f"window.heard.length > {len(rendering) * 2 // 3}", 120)
        page.click("[data-part=keys] button[data-key='2']")
        visit.enter(code)
        visit.stage("accepted")
        page.click("button[data-do=hang-up]")
        visit.telephone("ended")
        check_sound(page, rendering)
        check_secret(page, demo, code)
        visit.press("sign-in-with-app")
        visit.stage("app")
        page.click("[data-part=read]")
        page.see("[data-part=caption]")
        page.click("[data-part=read]")
        for _ in range(2):
            visit.enter(page.run("document.querySelector('[data-part=code]').textContent"))
            page.wait("document.querySelector('[data-stage=done], .notice.error') !== null")
            if page.run("document.querySelector('[data-stage=done]') !== null"):
                break
            # On a busy machine it may have changed twice meanwhile.
        visit.stage("done")
        world.measured[language] = dict(page.run("performance.getEntriesByType('measure').map(m => [m.name, m.duration])"))
        check_clean(page)


def check_sound(page, rendering):
    """What came over the WebSocket, what was handed to the player and what that plays is the rendering, sample for sample."""
    frames = [frame["response"] for frame in page.told("Network.webSocketFrameReceived")]
    sent = samples(b"".join(base64.b64decode(frame["payloadData"]) for frame in frames if frame["opcode"] == 2))
    # One whole reading and more, before a key was pressed.
    length = len(rendering) * 3 // 5
    expected = tuple(rendering[:length])
    check(any(expected), "something is said")
    check(sent[:length] == expected, "what is sent is the rendering, sample for sample")
    check(tuple(page.run("window.heard")[:length]) == expected, "what is played is what is sent")
    played = page.run(PLAY)
    begins = next(index for index, sample in enumerate(expected) if sample)
    first = next((index for index, sample in enumerate(played) if sample), None)
    check(first is not None, "something is heard")
    check(tuple(played[first:first + length - begins]) == expected[begins:], "what is heard is what is played")


def check_secret(page, demo, code):
    """The code is in no address, and nothing that the demo writes."""
    urls = [event["request"]["url"] for event in page.told("Network.requestWillBeSent")]
    urls += [event["url"] for event in page.told("Network.webSocketCreated")]
    check(urls and not any(code in url for url in urls), "no code is in an address")
    check(all(url.split("://")[1].startswith(demo.url.split("://")[1]) for url in urls), "no request leaves the host")


def check_clean(page):
    for event in ("Runtime.exceptionThrown", "Log.entryAdded"):
        for entry in page.told(event):
            # A call that is taken is answered with 409 in another tab.
            if entry.get("entry", {}).get("networkRequestId") and "409" in entry["entry"]["text"]:
                continue
            raise Failure(f"{event}: {json.dumps(entry)[:500]}")


def hanging_up(world, language):
    """Hangs up and declines; each code is another."""
    with world.demo() as demo, world.browser(language) as browser:
        visit = Visit(browser.page(), demo.url)
        visit.sign_in()
        visit.ask_for_call()
        visit.answer()
        visit.hear()
        visit.page.click("button[data-do=hang-up]")
        visit.telephone("ended")
        check(visit.page.run("document.querySelector('[data-do=answer]').hidden"), "nothing is to be taken behind a call")
        visit.ask_for_call()
        visit.page.click("button[data-do=decline]")
        visit.telephone("ended")
        visit.ask_for_call()
        visit.answer()
        visit.hear()
        # Who closes the tab hangs up.
        visit.page.close()
        check_over(demo)


def check_over(demo):
    """No call is left, by the service's own count."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        metrics = demo.fetch(f"{demo.url}/metrics").decode()
        lines = [line for line in metrics.splitlines() if line.startswith("speakcode_live_calls ")]
        if lines and float(lines[0].split()[1]) == 0:
            return
        time.sleep(0.05)
    raise Failure(f"a call goes on: {lines}")


def three_wrong_codes(world, language):
    """Three wrong codes end the sign-in and the call."""
    with world.demo() as demo, world.browser(language) as browser:
        visit = Visit(browser.page(), demo.url, world.looks)
        visit.sign_in()
        visit.ask_for_call()
        visit.answer()
        for left in ("2", "1"):
            visit.enter("no code 000")
            visit.notice("error", left)
        visit.enter("")
        visit.notice("error", "6")
        visit.enter("0")
        visit.stage("locked")
        visit.telephone("ended")
        visit.press("start-over")
        visit.stage("sign-in")
        check_clean(visit.page)


def expiry(world, language):
    """A code's time is over, and the page says so by itself."""
    with world.demo("--valid-for", "10s") as demo, world.browser(language) as browser:
        visit = Visit(browser.page(), demo.url, world.looks)
        visit.stage("sign-in")
        for action in ("sign-in", "send-again"):
            visit.page.run("document.querySelector('[data-stage]').id = 'before'")
            visit.press(action)
            # On a machine that is busy nobody may see the page on which it is typed.
            visit.page.wait("document.getElementById('before') === null")
            visit.stage("expired")
        visit.press("call")
        visit.telephone("ringing")
        check_clean(visit.page)


def two_tabs(world, language):
    """Two tabs show one story, and a call is taken in one of them."""
    with world.demo() as demo, world.browser(language) as browser:
        one = Visit(browser.page(), demo.url)
        one.sign_in()
        other = Visit(browser.page(), demo.url)
        other.stage("sent")
        one.ask_for_call()
        other.telephone("ringing")
        one.answer()
        other.telephone("elsewhere")
        code = one.hear()
        other.enter(code)
        other.stage("accepted")
        # The first goes on with it by itself.
        one.stage("accepted")
        one.page.click("button[data-do=hang-up]")
        other.telephone("ended")
        # A form of a sign-in that is over does nothing.
        other.press("start-over")
        other.stage("sign-in")
        for page in (one.page, other.page):
            check_clean(page)


def by_keyboard_alone(world, language):
    """From the first page to the end, without a pointer."""
    with world.demo() as demo, world.browser(language) as browser:
        visit = Visit(browser.page(), demo.url)
        page = visit.page

        def go(selector):
            for _ in range(60):
                page.tab()
                if page.run(f"document.activeElement.matches({json.dumps(selector)})"):
                    ring = page.run("getComputedStyle(document.activeElement).outlineStyle")
                    check(ring != "none", f"{selector} shows that it has the focus")
                    return
            raise Failure(f"{selector} cannot be reached")

        visit.stage("sign-in")
        go("button[value=sign-in]"), page.enter()
        visit.stage("sent")
        go("button[value=not-arrived]"), page.enter()
        visit.stage("choosing")
        go("button[value=call]"), page.enter()
        visit.telephone("ringing")
        page.wait("document.activeElement.dataset.do === 'answer'")
        page.enter()
        visit.telephone("answered")
        page.wait("document.activeElement.dataset.do === 'hang-up'")
        page.press("Tab", virtual=9)
        go("button[data-do=captions]"), page.enter()
        code = page.wait("(t => t.length === 6 && t)(document.querySelector('[data-part=digits]').textContent)")
        go("button[data-do=hang-up]"), page.enter()
        visit.telephone("ended")
        page.wait("document.activeElement.id === 'code'")
        page.type(code)
        page.enter()
        visit.stage("accepted")
        page.wait("document.activeElement.tagName === 'H1'")


def the_bench(world, language):
    """Hears a code in some languages; captions and numbers come with it."""
    with world.demo() as demo, world.browser(language) as browser:
        page = browser.page()
        page.open(f"{demo.url}/demo/bench")
        page.see("#lines li")
        if world.looks:
            world.looks(page, "bench")
        for locale in (LOCALES[language], "de-DE"):
            page.run(f"(() => {{ const l = document.getElementById('locale'); l.value = '{locale}';"
                     " l.dispatchEvent(new Event('input', { bubbles: true })); })()")
            check(locale in page.run("document.getElementById('command').textContent"), "the command names the language")
            page.click("#hear")
            page.wait("parseFloat(document.getElementById('length').textContent) > 5")
            level = float(page.run("document.getElementById('level').textContent").split()[0])
            check(-28 < level < -16, f"speech has its level: {level}")
            caption = page.run("document.getElementById('caption').textContent")
            page.wait(f"document.getElementById('caption').textContent !== {json.dumps(caption)}")
            check(page.run("document.getElementById('caption').lang") == locale, "captions say their language")
            page.click("#stop")
        page.click("#lines button")
        page.run("(() => { const c = document.getElementById('code'); c.value = '?'; })()")
        page.click("#hear")
        page.see("#problem")
        check("code" in page.run("document.getElementById('problem').textContent"), "the field is named")
        if world.looks:
            world.looks(page, "bench refused")


def without_script(world, language):
    """The pages work as forms do where no script runs."""
    with world.demo() as demo, world.browser(language) as browser:
        page = browser.page()
        page.ask("Emulation.setScriptExecutionDisabled", value=True)
        page.ask("Page.navigate", url=f"{demo.url}/demo/")
        visit = Visit.__new__(Visit)
        visit.page, visit.url, visit.looks = page, demo.url, None
        page.see("[data-stage=sign-in]")
        for action, stage in (("sign-in", "sent"), ("not-arrived", "choosing"), ("back", "sent"), ("type", "sent")):
            page.click(f"button[value={action}]")
            page.see(f"[data-stage={stage}]")


# Those that docs/demo.md shows.
SCENES = {"en": range(1, 9), "ja": (3, 4, 5, 7)}


def pictures(world, folder):
    """The story as a film."""
    for language in LANGUAGES:
        with world.demo() as demo, world.browser(language) as browser:
            page = browser.page(1100, 820)
            page.prefer(color_scheme="light", reduced_motion="reduce")
            visit = Visit(page, demo.url)
            page.run("document.documentElement.style.fontSize = '16px'")
            scenes = iter(range(1, 20))

            def take():
                # One clock for all, so that pictures change with the pages alone.
                page.run("document.querySelectorAll('[data-part=clock]').forEach(c => c.textContent = '9:41')")
                scene = next(scenes)
                if scene in SCENES[language]:
                    page.screenshot(os.path.join(folder, f"{language}-{scene}.png"))

            visit.stage("sign-in"), take()
            visit.press("sign-in"), visit.stage("sent"), take()
            visit.press("not-arrived"), visit.stage("choosing"), take()
            visit.press("call"), visit.telephone("ringing"), page.wait("document.activeElement.dataset.do === 'answer'"), take()
            visit.answer()
            code = visit.hear()
            take()
            visit.enter(code), visit.stage("accepted")
            page.click("button[data-do=hang-up]"), visit.telephone("ended"), take()
            visit.press("sign-in-with-app"), visit.stage("app")
            page.click("[data-part=read]"), page.see("[data-part=caption]"), take()
            page.prefer(color_scheme="dark", reduced_motion="reduce")
            page.open(f"{demo.url}/demo/bench"), page.see("#lines li")
            page.run("document.documentElement.style.fontSize = '16px'; document.querySelector('.lines').remove(); true")
            page.click("#hear"), page.wait("parseFloat(document.getElementById('length').textContent) > 5")
            caption = page.run("document.getElementById('caption').textContent")
            page.wait(f"document.getElementById('caption').textContent !== {json.dumps(caption)}")
            take()


STORIES = (
    the_whole_story, hanging_up, three_wrong_codes, expiry, two_tabs, by_keyboard_alone, the_bench, without_script)
# What both languages are worth.
IN_ALL_LANGUAGES = (the_whole_story, the_bench)


# ---- The world -------------------------------------------------------------------------------------------------------


class World:
    """What the stories have in common."""

    def __init__(self, speakcode, axe):
        self.speakcode, self.measured, self.findings, self.looked = speakcode, {}, [], 0
        self.axe = open(axe, encoding="utf-8").read() if axe else None
        self.looks = self._look if axe else None

    @contextlib.contextmanager
    def demo(self, *options):
        demo = Demo(self.speakcode, *options)
        try:
            yield demo
        finally:
            demo.close()
        check(demo.process.returncode == 0 and demo.said == "", f"the demo ends, and has nothing to say: {demo.said}")

    @contextlib.contextmanager
    def browser(self, language):
        browser = Browser(language)
        try:
            yield browser
        finally:
            browser.close()

    def _look(self, page, name):
        """Looks at a page with axe, light and dark, wide and narrow."""
        for scheme in ("light", "dark"):
            for width in (1280, 320):
                page.prefer(color_scheme=scheme, reduced_motion="reduce")
                page.resize(width, 900)
                page.run(self.axe + "; true")
                found = page.run(
                    "axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],"
                    " resultTypes: ['violations'] }).then(r => r.violations.map(v => [v.id, v.help,"
                    " v.nodes.map(n => n.target.join(' ') + ': ' + n.failureSummary)]))")
                wide = page.run("document.documentElement.scrollWidth - innerWidth")
                if wide > 0:
                    found.append(["reflow", f"the page is {wide} px wider than the window", []])
                self.findings += [f"{name}, {scheme}, {width} px: {finding}" for finding in found]
                self.looked += 1
        page.prefer()
        page.resize(1280, 900)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("speakcode")
    arguments.add_argument("--axe")
    arguments.add_argument("--pictures")
    arguments.add_argument("stories", nargs="*")
    given = arguments.parse_intermixed_args()
    if not program():
        print("skipped: there is no chromium here")
        return 0
    world = World(given.speakcode, given.axe)
    if given.pictures:
        pictures(world, given.pictures)
        return 0
    failures = 0
    for story in STORIES:
        if given.stories and story.__name__ not in given.stories:
            continue
        for language in LANGUAGES if story in IN_ALL_LANGUAGES else LANGUAGES[-1:]:
            began = time.monotonic()
            try:
                story(world, language)
                print(f"passed: {story.__name__} ({language}), {time.monotonic() - began:.1f} s", flush=True)
            except (Failure, OSError, StopIteration, subprocess.TimeoutExpired) as failure:
                failures += 1
                print(f"failed: {story.__name__} ({language}): {failure!r}", flush=True)
    for language, measures in world.measured.items():
        for name, milliseconds in measures.items():
            print(f"measured: {name} ({language}): {milliseconds:.0f} ms")
    for finding in world.findings:
        print(f"axe: {finding}")
    if world.axe:
        print(f"axe: {world.looked} pages and states, {len(world.findings)} findings")
    return 1 if failures or world.findings else 0


if __name__ == "__main__":
    sys.exit(main())
