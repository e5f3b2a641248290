# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls placed through two replicas behind HAProxy, killed and restarted: python3 replicated_calls.py HAPROXY CONFIGURATION.

No replica may have a number called more often than its bound, whatever becomes of it; and while both are there, or HAProxy does
not let one stand in for the other, nobody may.
"""

import base64
import collections
import hashlib
import hmac
import http.client
import http.server
import json
import os
import queue
import re
import secrets
import signal
import sys
import threading
import time
import urllib.parse

from replicas import balancer, free_port
from service import Service, file, folder, get, link_key

BOUND = 3
NUMBERS = 24
WORKERS = 8
TOKEN = "word-of-the-gateway"
NAMES = ["one", "two"]


class Gateway(http.server.ThreadingHTTPServer):
    """Answers as Twilio's API does, and reports that each call rings, is taken and ends."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.counting = threading.Lock()
        # How often each number was called, and through which replica.
        self.calls = collections.Counter()
        self.untold = 0
        self.reports = queue.Queue()
        self.threads = [threading.Thread(target=self.serve_forever)] + [
            threading.Thread(target=self.report) for _ in range(WORKERS)]
        for thread in self.threads:
            thread.start()

    def place(self, form):
        node = re.search(r"/v1/reports/([a-z]+)\.", form["StatusCallback"])[1]
        with self.counting:
            self.calls[node, form["To"]] += 1
        sid = "CA" + secrets.token_hex(16)
        self.reports.put((form["StatusCallback"], sid))
        return sid

    def report(self):
        while (order := self.reports.get()) is not None:
            url, sid = order
            for number, status in enumerate(["ringing", "in-progress", "completed"]):
                if not self.tell(url, {"CallSid": sid, "CallStatus": status, "SequenceNumber": str(number)}):
                    with self.counting:
                        self.untold += 1
            self.reports.task_done()

    @staticmethod
    def tell(url, form):
        """Sends a report, signed, and again where there is no answer, as Twilio does."""
        signed = url + "".join(name + form[name] for name in sorted(form))
        code = base64.b64encode(hmac.new(TOKEN.encode(), signed.encode(), hashlib.sha1).digest()).decode()
        address = urllib.parse.urlsplit(url)
        for _ in range(40):
            try:
                connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
                connection.request("POST", address.path, urllib.parse.urlencode(form), {
                    "Content-Type": "application/x-www-form-urlencoded", "X-Twilio-Signature": code})
                status = connection.getresponse().status
                connection.close()
                if status < 500:
                    return status == 204
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.1)
        return False

    def end(self):
        self.shutdown()
        for _ in range(WORKERS):
            self.reports.put(None)
        for thread in self.threads:
            thread.join()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.answer(201, {"sid": self.server.place(dict(urllib.parse.parse_qsl(text))), "status": "queued"})

    def do_GET(self):
        self.answer(200, {"calls": []})

    def log_message(self, *_):
        pass


class Asking:
    """Asks for calls to all numbers in turn, each in one way of writing or the other, for as long as it lasts."""

    def __init__(self, port, key, numbers):
        self.port, self.key, self.numbers = port, key, numbers
        self.over = threading.Event()
        self.statuses = collections.Counter()
        self.counting = threading.Lock()
        self.threads = [threading.Thread(target=self.run, args=(place,)) for place in range(WORKERS)]
        for thread in self.threads:
            thread.start()

    def run(self, place):
        turn = 0
        while not self.over.is_set():
            for number in self.numbers[place::WORKERS]:
                turn += 1
                written = number if turn % 2 else f"{number[:3]} ({number[3:5]}) {number[5:8]}-{number[8:]}"
                status = self.ask(written)
                with self.counting:
                    self.statuses[number, status] += 1

    def ask(self, number):
        """One call, asked for again with the same key where the answer is lost."""
        body = json.dumps({"code": "123456", "to": number})
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json",
                   "Idempotency-Key": secrets.token_hex(8)}
        for _ in range(2):
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
                connection.request("POST", "/v1/calls", body, headers)
                status = connection.getresponse().status
                connection.close()
                if status not in (502, 503, 504):
                    return status
            except (OSError, http.client.HTTPException):
                status = 0
        return status

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


class Check:
    def __init__(self, haproxy, configuration, work):
        self.findings, self.gateway, self.started, self.proxies = [], Gateway(), [], []
        self.key = secrets.token_urlsafe(32)
        self.work = work
        self.front, self.strict = free_port(), free_port()
        # The token goes by the environment: a flag shows itself to everybody on the machine.
        os.environ["SPEAKCODE_TWILIO_AUTH_TOKEN"] = TOKEN
        self.arguments = [
            "--link-keys-file", file(work, "link-keys", link_key() + "\n"),
            "--api-keys-file", file(work, "api-keys", f"calls {self.key}\n"),
            "--trusted-proxies", "127.0.0.1", "--rate", "100000", "--burst", "100000",
            "--public-url", f"http://127.0.0.1:{self.front}", "--twilio-account", "AC1", "--twilio-numbers", "+4930123456",
            "--twilio-url", f"http://127.0.0.1:{self.gateway.server_port}", "--call-prefixes", "+49",
            "--calls-per-number", str(BOUND), "--call-waits", "0", "--calls-per-range", "0", "--calls-per-key", "0",
            "--calls-per-day", "1000000",
        ]
        self.replicas = {name: self.start(name, free_port()) for name in NAMES}
        ports = [self.replicas[name].port for name in NAMES]
        self.proxies.append(balancer(haproxy, configuration, work, self.front, ports))
        self.proxies.append(balancer(haproxy, configuration, work, self.strict, ports, self.without_stand_in))

    @staticmethod
    def without_stand_in(text):
        """The configuration whose replicas do not call each other's numbers."""
        head, calls = text.split("\nbackend calls\n")
        calls, rest = calls.split("\nbackend one\n")
        changed = re.sub(r"^( *server \S+ \S+) check .*$", r"\1", calls, flags=re.MULTILINE)
        if changed == calls:
            sys.exit("replicated-calls: the backend of calls has no check")
        return f"{head}\nbackend calls\n{changed}\nbackend one\n{rest}"

    def start(self, name, port):
        service = Service(
            self.work, *self.arguments, "--node-name", name, "--calls-file", os.path.join(self.work, f"calls-{name}"),
            port=port, name=name)
        self.started.append(service)
        return service

    def end(self):
        self.gateway.end()
        for process in self.proxies:
            process.kill()
            process.wait()
        for service in self.started:
            service.end()

    def wrong(self, what):
        self.findings.append(what)

    def counts(self, number):
        with self.gateway.counting:
            return {name: self.gateway.calls[name, number] for name in NAMES}

    def wait_until(self, what, holds, seconds=30):
        """Waits for a state of all: the calls that have begun have ended by then."""
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                return self.wrong(f"not within {seconds} s: {what}")
            time.sleep(0.05)
        return None

    def through_standing_in(self):
        """While one is gone, the other calls its numbers."""
        numbers = [f"+4930555{index:05d}" for index in range(NUMBERS)]
        asking = Asking(self.front, self.key, numbers)
        try:
            total = lambda number: sum(self.counts(number).values())
            self.wait_until("every number is called as often as it may be", lambda: all(total(n) == BOUND for n in numbers))
            homes = {number: max(NAMES, key=self.counts(number).get) for number in numbers}
            for number in numbers:
                if sorted(self.counts(number).values()) != [0, BOUND]:
                    self.wrong("a number was called through two replicas while both were there")
            if set(homes.values()) != set(NAMES):
                self.wrong("one replica has all numbers")
            for gone, standing, how in [("one", "two", signal.SIGKILL), ("two", "one", signal.SIGTERM)]:
                self.replicas[gone].signal(how)
                self.replicas[gone].process.wait(timeout=60)
                theirs = [number for number in numbers if homes[number] == gone]
                self.wait_until(
                    f"{standing} calls the numbers of {gone}",
                    lambda: all(self.counts(number)[standing] == BOUND for number in theirs))
                self.replicas[gone] = self.start(gone, self.replicas[gone].port)
                # Long enough for HAProxy to have it back, and for every number to be asked for again.
                before = sum(asking.statuses.values())
                self.wait_until("they are asked for again", lambda: sum(asking.statuses.values()) > before + 8 * NUMBERS)
                time.sleep(2)
        finally:
            asking.end()
        self.gateway.reports.join()
        for number in numbers:
            for name, count in self.counts(number).items():
                if count > BOUND:
                    self.wrong(f"{name} had a number called more often than its bound")
        print(f"replicated-calls: {NUMBERS} numbers, {sum(asking.statuses.values())} times asked for; each replica had a number "
              f"called at most {max(max(self.counts(n).values()) for n in numbers)} times, both together at most "
              f"{max(sum(self.counts(n).values()) for n in numbers)}", flush=True)
        return numbers

    def without_standing_in(self):
        """While one is gone, its numbers are not called."""
        numbers = [f"+4930777{index:05d}" for index in range(NUMBERS)]
        self.replicas["one"].signal(signal.SIGKILL)
        self.replicas["one"].process.wait()
        asking = Asking(self.strict, self.key, numbers)
        try:
            refused = lambda: sum(count for (_, status), count in list(asking.statuses.items()) if status in (0, 502, 503, 504))
            self.wait_until("calls to the numbers of one that is gone are refused", lambda: refused() >= WORKERS)
            called = {number for number in numbers if sum(self.counts(number).values()) > 0}
            if not 0 < len(called) < NUMBERS:
                self.wrong("the numbers of a replica that is gone were called, or nobody's")
            self.replicas["one"] = self.start("one", self.replicas["one"].port)
            self.wait_until(
                "every number is called as often as it may be",
                lambda: all(sum(self.counts(number).values()) >= BOUND for number in numbers))
            time.sleep(1)
        finally:
            asking.end()
        self.gateway.reports.join()
        for number in numbers:
            if sum(self.counts(number).values()) != BOUND:
                self.wrong("a number was called more often than its bound")
        print(f"replicated-calls: {NUMBERS} numbers without a stand-in, {refused()} times refused while a replica was gone; both "
              f"together had a number called at most {max(sum(self.counts(n).values()) for n in numbers)} times", flush=True)


def main():
    with folder() as work:
        check = Check(sys.argv[1], sys.argv[2], work)
        try:
            check.through_standing_in()
            check.without_standing_in()
        finally:
            check.end()
        if check.gateway.untold:
            check.wrong(f"{check.gateway.untold} reports of the gateway were not taken")
    for finding, number in collections.Counter(check.findings).items():
        print(f"replicated-calls: {finding} ({number} times)", file=sys.stderr)
    sys.exit(1 if check.findings else 0)


if __name__ == "__main__":
    main()
