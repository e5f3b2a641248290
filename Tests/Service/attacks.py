# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks the service on loopback as a stranger, a caller with a key, or a machine without means would, and measures what an
honest caller notices meanwhile.

Prints a line for each attack. Exits 1 where the service ends, answers nobody, or an honest caller waits for too long. Each
attack is bounded in time and number.
"""

import concurrent.futures
import contextlib
import json
import os
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time

from service import (
    COMMAND, Connection, Service, children, file, folder, get, megabytes, path_of, processor_time, request)

PATH = "/v1/announcements"
KEY = "attacks-key-0123456789abcdef"
# The longest that an honest caller may wait, in seconds: less than an identity server's patience.
PATIENCE = 3.0
failures = []


def post(port, body, timeout=20):
    with Connection(port, timeout) as connection:
        connection.send(request("POST", PATH, [f"Authorization: Bearer {KEY}"], json.dumps(body).encode()))
        return connection.answer()


def links(port, body):
    answer = post(port, body)
    if answer is None or answer.status != 201:
        raise SystemExit(f"attacks: no announcement can be made: {answer}")
    return {name: path_of(url) for name, url in json.loads(answer.body)["links"].items()}


class Honest:
    """Somebody who asks for an announcement now and then, in a language that has been spoken, and fetches it."""

    def __init__(self, port):
        self.port, self.waits, self.failed, self.is_over = port, [], 0, threading.Event()
        self.thread = threading.Thread(target=self._ask)

    def _ask(self):
        while not self.is_over.wait(0.1):
            began = time.monotonic()
            try:
                answer = post(self.port, {"code": "735198"})
                good = answer is not None and answer.status == 201
            except OSError:
                good = False
            self.waits.append(time.monotonic() - began)
            self.failed += not good

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()

    def told(self):
        waits = sorted(self.waits) or [float("nan")]
        return (f"honest POSTs: {len(self.waits)}, failed {self.failed}, median {statistics.median(waits) * 1000:.0f} ms, "
                f"longest {waits[-1] * 1000:.0f} ms")

    def judge(self, name):
        if self.failed or not self.waits or max(self.waits) > PATIENCE:
            failures.append(f"{name}: {self.told()}")


def say(name, text):
    print(f"attacks: {name}: {text}", flush=True)


def settle(service, name):
    """The service must live, answer, and end when it is told to."""
    if service.process.poll() is not None:
        return failures.append(f"{name}: the service ended with {service.process.returncode}")
    try:
        alive = get(service.port, "/healthz")
        if alive is None or alive.status != 200:
            failures.append(f"{name}: the service answers nobody")
    except OSError as error:
        failures.append(f"{name}: the service answers nobody: {error}")


# ---- 1: out of descriptors -------------------------------------------------------------------------------------------
def descriptors(work, files):
    """Silent connections until no descriptor is left, then a POST for a language that has not been spoken."""
    name = f"{files} files"
    command = ["bash", "-c", f'ulimit -n {files}; export SPEAKCODE_CONNECTIONS_PER_ADDRESS=10000; exec "$@"', "bash"]
    service = Service(work, "--api-keys-file", keys(work), "--idle-seconds", "60", prefix=command)
    with contextlib.closing(Connection(service.port)) as friend, contextlib.ExitStack() as stack:
        friend.send(request("GET", "/healthz"))
        friend.answer()
        for _ in range(files + 40):
            stranger = socket.socket()
            stack.callback(stranger.close)
            stranger.setblocking(False)
            stranger.connect_ex(("127.0.0.1", service.port))
        time.sleep(1)
        before, began = processor_time(service.process.pid), time.monotonic()
        time.sleep(3)
        burnt = (processor_time(service.process.pid) - before) / (time.monotonic() - began)
        asked = time.monotonic()
        friend.send(request("POST", PATH, [f"Authorization: Bearer {KEY}"], b'{"code": "1", "locale": "fi"}'))
        try:
            answer = friend.answer()
        except OSError:
            answer = None
        waited = time.monotonic() - asked
        ended = service.process.poll()
    status = None if answer is None else answer.status
    say(name, f"a POST in a new language is answered {status} after {waited:.2f} s; exit {ended}; "
              f"{burnt * 100:.0f} % of a core meanwhile")
    if status not in (201, 503) or ended is not None or burnt > 0.2:
        failures.append(f"{name}: see above")
    service.end()


# ---- 2: fetches of one compressed file, hung up at once -------------------------------------------------------------
def encodes(work):
    with Service(work, "--api-keys-file", keys(work), "--rate", "1000000", "--burst", "1000000") as service:
        # As long as may be asked for by default.
        path = links(service.port, {"code": "0123456789", "readings": 100, "maxDuration": 600})["ogg"]
        before = processor_time(service.process.pid)
        with Honest(service.port) as honest:
            for _ in range(300):
                with Connection(service.port) as connection:
                    connection.send(request("GET", path))
            time.sleep(10)
        spent = processor_time(service.process.pid) - before
        say("300 GETs of one .ogg, hung up at once", f"{spent:.1f} s of processor time; {honest.told()}")
        honest.judge("encodes")
        settle(service, "encodes")
    with Service(work, "--api-keys-file", keys(work), "--rate", "1000000", "--burst", "1000000") as service:
        paths = [links(service.port, {"code": f"{n:06}", "readings": 100, "maxDuration": 600})["ogg"] for n in range(100)]
        before, statuses = processor_time(service.process.pid), {}

        def fetch(path):
            try:
                answer = get(service.port, path)
                return None if answer is None else answer.status
            except OSError:
                return None

        with Honest(service.port) as honest, concurrent.futures.ThreadPoolExecutor(100) as pool:
            for status in pool.map(fetch, paths):
                statuses[status] = statuses.get(status, 0) + 1
        spent = processor_time(service.process.pid) - before
        say("100 GETs of 100 .ogg", f"answers {statuses}; {spent:.1f} s of processor time; {honest.told()}")
        honest.judge("encodes of many")
        settle(service, "encodes of many")


# ---- 3: nobody reads the log ----------------------------------------------------------------------------------------
def log(work):
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--api-keys-file", keys(work)], stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL, stderr=writing)
    os.close(writing)
    try:
        written = b""
        while b"] ready" not in written:
            more = os.read(reading, 65536)
            if not more:
                return failures.append("log: the service does not start")
            written += more
        port = int(re.search(rb"host=\S+ port=(\d+)", written)[1])
        answered, longest = 0, 0.0
        began = time.monotonic()
        while time.monotonic() - began < 10 and answered < 20_000:
            asked = time.monotonic()
            try:
                with Connection(port, 3) as connection:
                    connection.send(request("GET", "/healthz") * 100)
                    for _ in range(100):
                        if connection.answer() is None:
                            break
                        answered += 1
            except OSError:
                longest = time.monotonic() - asked
                break
            longest = max(longest, time.monotonic() - asked)
        dropped = None
        with contextlib.suppress(OSError):
            dropped = re.search(r"log_lines_dropped_total (\d+)", get(port, "/metrics").body.decode())
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(10)
        except subprocess.TimeoutExpired:
            code = None
        say("nobody reads the log", f"{answered} requests answered, the longest hundred took {longest * 1000:.0f} ms; "
                                    f"dropped lines {dropped and dropped[1]}; after SIGTERM exit {code}")
        # How many are answered in ten seconds is the machine's; that the last ones still are is the service's.
        if longest >= PATIENCE or code != 0:
            failures.append("log: see above")
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(reading)


# ---- 6: other rates with letters -------------------------------------------------------------------------------------
def memory(work, voices, patience):
    with Service(work, "--api-keys-file", keys(work), "--rate", "1000000", "--burst", "1000000") as service:
        pid, began, made, statuses = service.process.pid, time.monotonic(), 0, {}
        before = megabytes(pid)
        with Honest(service.port) as honest:
            for number in range(voices):
                if time.monotonic() - began > patience:
                    break
                locale = ("en-US", "de-DE", "fr-FR", "es-ES")[number % 4]
                body = {"code": "A1B2C3", "locale": locale, "pacing": {"rate": 60 + number // 4 % 80}}
                try:
                    answer = post(service.port, body)
                    status = answer and answer.status
                    made += 1
                    if status == 201:
                        path = path_of(json.loads(answer.body)["links"]["48000.wav"])
                        get(service.port, path)
                except OSError:
                    status = None
                statuses[status] = statuses.get(status, 0) + 1
        say(f"{made} voices with letters", f"answers {statuses}; {before:.0f} MB before, {megabytes(pid):.0f} MB after, "
                                           f"at most {megabytes(pid, 'VmHWM'):.0f} MB; {honest.told()}")
        if megabytes(pid, "VmHWM") > 800:
            failures.append("memory: see above")
        honest.judge("memory")
        settle(service, "memory")


# ---- 7: a stopped engine ---------------------------------------------------------------------------------------------
def stopped(work):
    """An engine that is stopped as soon as it has started, for as long as a POST waits for it."""
    with Service(work, "--api-keys-file", keys(work)) as service:
        is_over = threading.Event()

        def stop():
            while not is_over.is_set():
                for child in children(service.process.pid):
                    with contextlib.suppress(OSError):
                        os.kill(child, signal.SIGSTOP)
                time.sleep(0.001)

        thread = threading.Thread(target=stop)
        thread.start()
        try:
            began = time.monotonic()
            try:
                answer = post(service.port, {"code": "1", "locale": "fi"}, timeout=60)
            except OSError:
                answer = None
            waited = time.monotonic() - began
        finally:
            is_over.set()
            thread.join()
        status = answer and answer.status
        say("a stopped engine", f"the POST is answered {status} after {waited:.1f} s, Retry-After "
                                f"{answer and answer.headers.get('retry-after')}")
        if status != 503 or waited > 15:
            failures.append("a stopped engine: see above")


def keys(work):
    return file(work, f"keys-{time.monotonic_ns()}", f"attacks {KEY}\n")


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    attacks = {
        "descriptors": lambda work: [descriptors(work, files) for files in (64, 1024)],
        "encodes": encodes, "log": log, "memory": lambda work: memory(work, 200, 180), "stopped": stopped,
    }
    wanted = sys.argv[1:] or list(attacks)
    with folder() as work:
        for name in wanted:
            attacks[name](work)
    for failure in failures:
        print(f"attacks: failed: {failure}", file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
