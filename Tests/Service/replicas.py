# SPDX-License-Identifier: GPL-3.0-or-later
"""Two replicas behind HAProxy, killed and restarted under load: python3 replicas.py HAPROXY CONFIGURATION SECONDS."""

import collections
import http.client
import itertools
import json
import os
import queue
import random
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time

from service import Service, ask, file, folder, get, link_key

RATE = 50
WORKERS = 24
SUFFIXES = [".wav", ".ulaw", ".mp3", ".ogg", ".flac", "/16000.wav", ".vtt"]
findings = []
counts = collections.Counter()
counting = threading.Lock()


def wrong(what):
    with counting:
        findings.append(what)


def count(what):
    with counting:
        counts[what] += 1


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(port, path, headers={}):
    """One GET on a connection of its own, as Asterisk makes it; raises unless all of the body comes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def announce(port, key, code):
    """Makes an announcement; tries twice, as a back end does."""
    for attempt in range(2):
        try:
            answer = ask(port, "POST", "/v1/announcements", [f"Authorization: Bearer {key}"],
                         json.dumps({"code": code}).encode())
        except OSError:
            answer = None
        if answer is not None and answer.status == 201:
            return re.search(r"/a/([A-Za-z0-9_-]+)", answer.headers["location"])[1]
        count("POSTs tried again" if attempt == 0 else "POSTs failed")
    return None


def balancer(haproxy, configuration, work, front, ports, change=lambda text: text):
    """HAProxy as it is documented, on a port of its own, in front of two replicas; once it serves."""
    with open(configuration, encoding="utf-8") as text:
        text = text.read()
    text, bound = re.subn(r"^( *bind ).*$", rf"\g<1>127.0.0.1:{front}", text, flags=re.MULTILINE)
    text = re.sub(r"maxconn \d+", "maxconn 1000", text)
    for documented, port in zip((8081, 8082), ports):
        text, found = re.subn(rf"127\.0\.0\.1:{documented}", f"127.0.0.1:{port}", text)
        if bound != 1 or found == 0:
            sys.exit("replicas: the configuration has not one bind line and the ports 8081 and 8082")
    with open(os.path.join(work, f"haproxy-{front}.log"), "wb") as log:
        process = subprocess.Popen(
            [haproxy, "-db", "-f", file(work, f"haproxy-{front}.cfg", change(text))], stdin=subprocess.DEVNULL, stdout=log,
            stderr=log)
    deadline = time.monotonic() + 20
    while True:
        try:
            if get(front, "/openapi.yaml").status == 200:
                return process
        except OSError:
            pass
        if time.monotonic() > deadline or process.poll() is not None:
            process.kill()
            sys.exit(f"replicas: HAProxy does not serve:\n{open(log.name).read()}")
        time.sleep(0.1)


class Load:
    """So many fetches a second; each is tried twice, and must be the announcement's own bytes."""

    def __init__(self, port, wanted):
        self.port, self.wanted = port, wanted
        self.jobs = queue.Queue()
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self.work) for _ in range(WORKERS)] + [threading.Thread(target=self.pace)]
        for thread in self.threads:
            thread.start()

    def pace(self):
        began = time.monotonic()
        for number in itertools.count():
            if self.over.wait(max(0, began + number / RATE - time.monotonic())):
                break
            self.jobs.put(random.choice(list(self.wanted)))
        for _ in range(WORKERS):
            self.jobs.put(None)

    def work(self):
        while (path := self.jobs.get()) is not None:
            for attempt in range(2):
                try:
                    status, _, body = fetch(self.port, path)
                    if status == 200:
                        break
                except (OSError, http.client.HTTPException):
                    status = None
                count("fetches tried again" if attempt == 0 else "fetches failed")
            else:
                wrong(f"a fetch failed twice, last with {status or 'a broken connection'}")
                continue
            count("fetches")
            if body != self.wanted[path]:
                others = any(body == other for other in self.wanted.values())
                wrong("a fetch had another announcement's bytes" if others else "a fetch had other bytes")

    def end(self):
        self.over.set()
        for thread in self.threads:
            thread.join()


class Listener(threading.Thread):
    """A live call, which has to end as HTTP does: with its last chunk."""

    def __init__(self, port, path):
        super().__init__()
        self.port, self.path, self.bytes, self.ended = port, path, 0, None
        self.start()

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", self.path)
            response = connection.getresponse()
            while data := response.read1(65536):
                self.bytes += len(data)
            self.ended = "well" if response.status == 200 else f"with {response.status}"
        except (OSError, http.client.HTTPException) as error:
            self.ended = f"broken ({type(error).__name__})"
        finally:
            connection.close()


def check_ranges(replicas, sealed, wanted):
    """Ranges of one link from two replicas in turn are the link's bytes, under one entity tag."""
    for suffix in SUFFIXES:
        path = f"/a/{sealed}{suffix}"
        tags = {get(replica.port, path).headers.get("etag") for replica in replicas}
        if len(tags) != 1 or None in tags:
            wrong(f"{suffix}: the replicas have other entity tags")
            continue
        tag, body, step = tags.pop(), b"", max(1, len(wanted[path]) // 37)
        for number, start in enumerate(range(0, len(wanted[path]), step)):
            status, headers, part = fetch(
                replicas[number % len(replicas)].port, path,
                {"Range": f"bytes={start}-{start + step - 1}", "If-Range": tag})
            if status != 206 or headers["ETag"] != tag:
                wrong(f"{suffix}: a range is {status}")
            body += part
        if body != wanted[path]:
            wrong(f"{suffix}: ranges of several replicas do not assemble")
        count("representations assembled from ranges")


def main():
    haproxy, configuration, seconds = sys.argv[1], sys.argv[2], float(sys.argv[3])
    key = secrets.token_urlsafe(32)
    with folder() as work:
        arguments = [
            "--link-keys-file", file(work, "link-keys", link_key() + "\n"),
            "--api-keys-file", file(work, "api-keys", f"replicas {key}\n"),
            "--trusted-proxies", "127.0.0.1", "--rate", "100000", "--burst", "100000",
        ]
        started, processes = [], []

        def start(port, name):
            service = Service(work, *arguments, port=port, name=name)
            started.append(service)
            return service

        try:
            one, two = start(free_port(), "one"), start(free_port(), "two")
            front = free_port()
            processes.append(balancer(haproxy, configuration, work, front, [one.port, two.port]))

            codes = ["0", "123456", "654321", "123457", "000000", "48151623", "1234 5678", "9" * 12]
            links = [announce(front, key, code) for code in codes]
            if None in links:
                sys.exit("replicas: no announcements can be made")
            wanted = {f"/a/{link}{suffix}": get(one.port, f"/a/{link}{suffix}").body for link in links for suffix in SUFFIXES}
            for suffix in SUFFIXES:
                if len({wanted[f"/a/{link}{suffix}"] for link in links}) != len(codes):
                    wrong(f"{suffix}: two codes have the same bytes")
            for path, body in wanted.items():
                if get(two.port, path).body != body:
                    wrong("the replicas have other bytes for one link")
            check_ranges([one, two], links[1], wanted)

            load = Load(front, wanted)
            try:
                slice_ = seconds / 5
                time.sleep(slice_)
                print("replicas: SIGKILL to one", flush=True)
                one.signal(signal.SIGKILL)
                one.process.wait()
                time.sleep(slice_ / 2)
                one = start(one.port, "one-again")
                check_ranges([one, two], links[2], wanted)
                time.sleep(slice_)
                listeners = [Listener(two.port, f"/a/{link}/live.ulaw") for link in links[:3]]
                time.sleep(2)
                print("replicas: SIGTERM to the other", flush=True)
                two.signal(signal.SIGTERM)
                code = two.process.wait(timeout=90)
                if code != 0:
                    wrong(f"a replica ended with {code} after SIGTERM")
                for listener in listeners:
                    listener.join()
                    if listener.ended != "well" or listener.bytes == 0:
                        wrong(f"a live call ended {listener.ended} after {listener.bytes} bytes")
                two = start(two.port, "two-again")
                check_ranges([one, two], links[3], wanted)
                made = announce(front, key, "123456")
                if made is None or get(two.port, f"/a/{made}.wav").body != wanted[f"/a/{links[1]}.wav"]:
                    wrong("the same code has other bytes on a new replica")
                time.sleep(2 * slice_)
            finally:
                load.end()
            if counts["fetches"] < RATE * seconds * 0.8:
                wrong(f"only {counts['fetches']} fetches were made")
        finally:
            for process in processes:
                process.kill()
                process.wait()
            for service in started:
                service.end()
    print("replicas: " + ", ".join(f"{number} {what}" for what, number in sorted(counts.items())))
    for finding, number in collections.Counter(findings).items():
        print(f"replicas: {finding} ({number} times)", file=sys.stderr)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
