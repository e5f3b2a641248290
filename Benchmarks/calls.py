# SPDX-License-Identifier: GPL-3.0-or-later
"""The service under a load of calls: python3 calls.py GENERATOR CALLS SECONDS RAMP TRANSPORT…."""

import json
import os
import resource
import selectors
import subprocess
import sys
import threading
import time

from service import Connection, Service, folder, request

# What is asked of the service.
SHARE = 0.999
MILLISECONDS = 5
GROWTH = 1.05
# Bytes of each call that are compared, as many as the generator keeps, and how many there must be at least.
KEPT, SURE = 96_000, 40_000
SILENCE = b"\xff"


def processor(pid):
    """Seconds of user and system time so far, of the process alone."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid):
    """VmRSS in kB."""
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def taken():
    """Seconds that other guests of the host have had of this machine's processors so far."""
    with open("/proc/stat", encoding="ascii") as stat:
        return int(stat.readline().split()[8]) / os.sysconf("SC_CLK_TCK")


class Sample:
    """What both have used so far."""

    def __init__(self, server, generator):
        self.at = time.monotonic()
        self.server, self.generator = processor(server), processor(generator)
        self.memory = resident(server)
        self.taken = taken()

    def shares(self, later):
        """The shares of a core until a later sample."""
        elapsed = later.at - self.at
        return (later.server - self.server) / elapsed, (later.generator - self.generator) / elapsed


def post(connection, path, document, *headers):
    body = json.dumps(document).encode()
    connection.send(request("POST", path, ["Content-Type: application/json", *headers], body))
    return connection.answer()


def code(index):
    """A call's own code."""
    return str(100_000 + index % 900_000)


def place(service, port, calls, ramp, refused):
    """Asks for calls to the telephones of the generator, spread over some seconds."""
    began = time.monotonic()
    with Connection(service) as connection:
        for index in range(calls):
            time.sleep(max(0, began + index * ramp / calls - time.monotonic()))
            answer = post(connection, "/v1/calls", {
                "code": code(index), "to": f"sip:c{index}@127.0.0.1:{port}", "gate": "never"})
            if answer is None or answer.status != 202:
                refused.append(answer and answer.status)


def renderings(service, calls):
    """What each call's code is rendered to, at its beginning; its sounds are spoken from here on."""
    rendered = []
    with Connection(service) as connection:
        for index in range(calls):
            location = post(connection, "/v1/announcements", {"code": code(index)}).headers["location"]
            connection.send(request("GET", location[location.index("/a/"):].removesuffix(".wav") + ".ulaw"))
            rendered.append(connection.answer().body.lstrip(SILENCE)[:KEPT])
    return rendered


def crossed(rendered, heard):
    """How many calls have heard something else than what is rendered for their own code."""
    wrong = 0
    for index, expected in enumerate(rendered):
        with open(os.path.join(heard, f"{index}.ulaw"), "rb") as file:
            # A call may begin with a frame more of silence, until its session is there.
            bytes_ = file.read().lstrip(SILENCE)
        # The first reading is the same in an announcement that ends.
        wrong += len(bytes_) < min(SURE, len(expected)) or bytes_[:len(expected)] != expected[:len(bytes_)]
    return wrong


def run(generator, service, transport, calls, seconds, ramp, heard):
    """Runs the generator; what it has measured, how late the machine itself was, and a sample a second while all calls are on."""
    server, refused = service.process.pid, []
    floor = subprocess.Popen([generator, "floor", str(seconds + ramp)], stdout=subprocess.PIPE, text=True)
    arguments = (["sip", str(calls), str(seconds), heard] if transport == "sip" else
                 [transport, str(service.port), str(calls), str(seconds), str(ramp)])
    process = subprocess.Popen([generator, *arguments], stdout=subprocess.PIPE, text=True)
    if transport == "sip":
        port = int(process.stdout.readline().split()[1])
        threading.Thread(target=place, args=(service.port, port, calls, ramp, refused), daemon=True).start()
    samples, result, whole, ends = [], None, False, None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            if selector.select(timeout=1):
                line = process.stdout.readline()
                if not line:
                    break
                if line.startswith("whole"):
                    # The first call to begin is the first to end.
                    whole, ends = True, time.monotonic() + seconds - ramp - 1
                elif line.startswith("{"):
                    result = json.loads(line)
            if whole and time.monotonic() < ends:
                samples.append(Sample(server, process.pid))
    if process.wait() != 0 or result is None or len(samples) < 2:
        raise SystemExit(f"bench-calls: the generator ended with {process.returncode}; refused: {refused}")
    return result, json.loads(floor.communicate()[0]), samples


FLAGS = {
    "audiosocket": {"audio-socket-port": 0},
    "websocket": {},
    "sip": {
        "sip-from": "sip:codes@127.0.0.1", "call-prefixes": "sip:127.0.0.1", "call-waits": "0", "calls-per-number": 1000,
        "calls-per-range": 0, "calls-per-key": 0, "calls-per-day": 1_000_000, "call-seconds": 3600,
    },
}


def main():
    generator, calls, seconds, ramp = sys.argv[1], *map(int, sys.argv[2:5])
    # A descriptor for each call, in both processes.
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    missed = [line for transport in sys.argv[5:] for line in measure(generator, calls, seconds, ramp, transport)]
    return 1 if missed else 0


def measure(generator, calls, seconds, ramp, transport):
    """Measures calls over one transport, and says what is missed."""
    flags = FLAGS[transport] | {
        "live-calls": calls, "live-calls-per-address": calls, "waiting-calls-per-caller": 100_000,
        "connections-per-address": 100_000, "live-seconds": seconds + 3600, "rate": 1_000_000,
        "burst": 1_000_000, "longest-expiry": 3600,
    }
    if transport == "sip":
        flags["sip-calls"] = calls
    with folder() as work, folder() as heard:
        arguments = [part for name, value in flags.items() for part in (f"--{name}", str(value))]
        with Service(work, *arguments) as service:
            server = service.process.pid
            rendered = renderings(service.port, calls) if transport == "sip" else []
            before = resident(server)
            result, floor, samples = run(generator, service, transport, calls, seconds, ramp, heard)
            after = resident(server)
        others = crossed(rendered, heard)
    frames = max(1, result["frames"])
    sound = (f"{100 * result['heard'] / frames:.0f} % of them with sound" if "heard" in result else
             f"{others} calls heard another thing in their first seconds than what their code is rendered to")
    print(f"bench-calls: {result['calls']} calls of {seconds} s over {transport}, begun within {ramp} s; {result['frames']} frames "
          f"came of {result['expected']}; {sound}; {result['sent']} frames were sent")
    print("lateness against one frame each 20 ms, reckoned from the call's least delayed frame:")
    lower, sofar = 0, 0
    for upper, count in result["histogram"]:
        sofar += count
        step = f"{lower / 1000:7.2f} to {upper / 1000:6.2f} ms" if upper else f"{lower / 1000:7.2f} ms and more  "
        print(f"  {step} {count:10d} {100 * count / frames:8.4f} % {100 * sofar / frames:9.4f} %")
        lower = upper
    share = result["withinOfLeast"] / frames
    print(f"within {MILLISECONDS} ms of their time: {100 * share:.4f} %; around the call's median: "
          f"{100 * result['withinOfMedian'] / frames:.4f} %; the latest {result['latest'] / 1000:.1f} ms; "
          f"the most that a call drifted {result['drift'] / 1000:.2f} ms")
    server_share, generator_share = samples[0].shares(samples[-1])
    print(f"processor time while all calls were on, {samples[-1].at - samples[0].at:.0f} s: the service "
          f"{100 * server_share:.1f} % of a core, the generator {100 * generator_share:.1f} %")
    print(f"the machine itself: a thread that only waits{', before all others,' if floor['isFirst'] else ''} was "
          f"{100 * floor['late'] / floor['milliseconds']:.4f} % of the time more than {MILLISECONDS} ms late, the latest "
          f"{floor['latest'] / 1000:.1f} ms; other guests had "
          f"{100 * (samples[-1].taken - samples[0].taken) / (samples[-1].at - samples[0].at):.1f} % of a core")
    minute = next((sample for sample in samples if sample.at >= samples[0].at + 60), samples[0])
    when = "after a minute" if minute.at >= samples[0].at + 60 else "when all calls were on"
    print(f"memory of the service (VmRSS): {before} kB before, {samples[0].memory} kB with all calls, {minute.memory} kB "
          f"{when}, {samples[-1].memory} kB at the end of them, {after} kB behind them")

    missed = []
    if share < SHARE:
        missed.append(f"{100 * SHARE} % of frames within {MILLISECONDS} ms")
    if result["frames"] < 0.999 * result["expected"]:
        missed.append("frames are missing")
    for name, meaning in (
        ("strange", "messages that are no frame"), ("early", "calls ended by the service"),
        ("unsent", "frames that the service did not take"), ("parts", "reads that ended within a message"),
        ("lost", "packets lost or out of order"),
    ):
        if result.get(name):
            missed.append(f"{result[name]} {meaning}")
    if samples[-1].memory > GROWTH * minute.memory:
        missed.append("memory that does not grow")
    if others:
        missed.append(f"{others} calls heard what is not theirs")
    for line in missed:
        print(f"missed: {line}", flush=True)
    return missed


if __name__ == "__main__":
    sys.exit(main())
