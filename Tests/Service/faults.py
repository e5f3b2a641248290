# SPDX-License-Identifier: GPL-3.0-or-later
"""Has what the service asks of the system fail, one kind of call after the other, while honest callers are served.

A library before the C library (faults.c) answers the first, the second … call of a kind with an error, or every one of them.
Honest callers may meanwhile be refused or hung up on. Nobody may hear or read anything wrong, the service must live, and once the
fault is over serve everybody as before, with as many descriptors as before. Then disks are full, engines are killed, and the
clock is put forward and back. Prints a line for each fault; exits 1 where one was not borne.
"""

import contextlib
import errno
import hashlib
import json
import mmap
import os
import re
import secrets
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

from service import Connection, Service, children, descriptors, file, folder, path_of, request

KEY = "faults-key-0123456789abcdef"
# Stands in every announcement, and so in no line of the log.
CODE = "735198"
PATH = "/v1/announcements"
# The longest that an honest caller waits for an answer while something fails, in seconds.
PATIENCE = 20.0
# How soon everybody must be served again.
RECOVERY = 15.0
POSITIONS = [1, 2, 3, 5, 8]
ALL = 0

# Of voices that have not spoken yet: each of them at 80 rates.
LOCALES = ["en-US", "de-DE", "es-ES", "it-IT", "nl-NL", "pl-PL"]

# Kinds of calls and of descriptors, as in faults.c.
(READ, WRITE, OPEN, ACCEPT, SOCKET, BIND, CONNECT, OPTION, NAME, DESCRIPTOR, FORK, EXEC, THREAD, ALLOCATE, RENAME,
 EVENTS) = range(1, 17)
ANYWHERE, ON_SOCKET, IN_FILE, IN_PIPE = range(4)

# What fails, which calls, on what, and how.
FAULTS = [
    ("reading a socket", READ, ON_SOCKET, errno.ECONNRESET),
    ("reading a socket, interrupted", READ, ON_SOCKET, errno.EINTR),
    ("reading a pipe, interrupted", READ, IN_PIPE, errno.EINTR),
    ("writing to a socket", WRITE, ON_SOCKET, errno.EPIPE),
    ("writing to a socket, no buffers", WRITE, ON_SOCKET, errno.ENOBUFS),
    ("writing to a socket, interrupted", WRITE, ON_SOCKET, errno.EINTR),
    ("writing to a file", WRITE, IN_FILE, errno.ENOSPC),
    ("opening files, none left", OPEN, ANYWHERE, errno.EMFILE),
    ("opening files, not allowed", OPEN, ANYWHERE, errno.EACCES),
    ("renaming and removing files", RENAME, ANYWHERE, errno.EIO),
    ("taking connections, no files", ACCEPT, ANYWHERE, errno.EMFILE),
    ("taking connections, gone again", ACCEPT, ANYWHERE, errno.ECONNABORTED),
    ("making sockets", SOCKET, ANYWHERE, errno.EMFILE),
    ("taking ports", BIND, ANYWHERE, errno.EADDRINUSE),
    ("connecting", CONNECT, ANYWHERE, errno.ENETUNREACH),
    ("setting up sockets", OPTION, ANYWHERE, errno.EINVAL),
    ("asking a socket who it is", NAME, ANYWHERE, errno.EINVAL),
    ("pipes and counters", DESCRIPTOR, ANYWHERE, errno.EMFILE),
    ("registering for events", EVENTS, ANYWHERE, errno.ENOMEM),
    ("other programs", EXEC, ANYWHERE, errno.ENOENT),
    ("starting threads", THREAD, ANYWHERE, errno.EAGAIN),
]
failures = []


def say(name, text):
    print(f"faults: {name}: {text}", flush=True)


# ---- A telephone that is always engaged ------------------------------------------------------------------------------
class Telephone(threading.Thread):
    """Answers each INVITE with 486, over UDP."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.start()

    def run(self):
        while True:
            try:
                data, address = self.socket.recvfrom(65536)
            except OSError:
                return
            if not data.startswith(b"INVITE "):
                continue
            kept = [line for line in data.split(b"\r\n\r\n")[0].split(b"\r\n")[1:]
                    if line.split(b":")[0].strip().lower() in (b"via", b"from", b"to", b"call-id", b"cseq")]
            kept = [line + b";tag=engaged" if line.lower().startswith(b"to:") else line for line in kept]
            answer = b"\r\n".join([b"SIP/2.0 486 Busy Here", *kept, b"Content-Length: 0", b"", b""])
            with contextlib.suppress(OSError):
                self.socket.sendto(answer, address)


# ---- Honest callers --------------------------------------------------------------------------------------------------
class Refused(Exception):
    """A caller was not served, and knows it."""


class Wrong(Exception):
    """A caller was served something wrong, or not told."""


class Callers:
    """What a service is for, each once: an announcement, its audio, captions and document, live audio, a call over
    AudioSocket, a voice that has not spoken yet, and a call that is placed."""

    def __init__(self, service, telephone):
        self.port, self.telephone = service.port, telephone
        self.patience = PATIENCE
        self.rate = 0
        self.known = {}
        self.names = set()
        self.voices = []

    def asked(self, method, path, body=None, headers=()):
        try:
            with Connection(self.port, self.patience) as connection:
                connection.send(request(method, path, [f"Authorization: Bearer {KEY}", *headers], body))
                answer = connection.answer()
        except socket.timeout:
            if self.patience < PATIENCE:
                raise Refused(f"{method}: nobody came") from None
            raise Wrong(f"{method} was not answered in {PATIENCE:.0f} s") from None
        except OSError as error:
            raise Refused(f"{method}: {error.strerror}") from None
        if answer is None:
            raise Refused(f"{method}: hung up")
        if answer.status >= 400 and answer.problem() is None:
            raise Wrong(f"{method} was answered {answer.status} without problem details")
        if answer.status >= 500:
            raise Refused(f"{method}: {answer.problem()}")
        if answer.status >= 400:
            raise Wrong(f"{method} was answered {answer.status}, {answer.problem()}")
        told = int(answer.headers.get("content-length", len(answer.body)))
        if len(answer.body) < told:
            raise Refused(f"{method}: cut off")
        return answer

    def announce(self, **fields):
        answer = self.asked("POST", PATH, json.dumps({"code": CODE, **fields}).encode())
        return json.loads(answer.body)

    def fetch(self, url, name):
        """Fetches what is to be the same each time."""
        answer = self.asked("GET", path_of(url))
        digest = hashlib.sha256(answer.body).digest()
        if self.known.setdefault(name, digest) != digest:
            raise Wrong(f"other bytes: {name}")

    def announcement(self):
        made = self.announce()
        self.fetch(made["links"]["wav"], "wav")
        self.fetch(made["links"]["vtt"], "vtt")
        self.asked("POST", path_of(made["calls"]["documents"]["plivo"]), b"")

    def live(self):
        path = path_of(self.announce()["links"]["live.ulaw"])
        try:
            with Connection(self.port, PATIENCE) as connection:
                connection.send(request("GET", path))
                got = b""
                while len(got) < 6000:
                    more = connection.socket.recv(65536)
                    if not more:
                        raise Refused("live: hung up")
                    got += more
        except socket.timeout:
            raise Wrong(f"live audio stood still for {PATIENCE:.0f} s") from None
        except OSError as error:
            raise Refused(f"live: {error.strerror}") from None
        if not got.startswith(b"HTTP/1.1 200"):
            raise Refused("live: " + got[:12].decode("latin-1"))

    def audio_socket(self):
        call = self.announce(audioSocket=True)["calls"]["audioSocket"]
        if call["uuid"] in self.names:
            raise Wrong("two calls over AudioSocket have one name")
        self.names.add(call["uuid"])
        try:
            with socket.create_connection((call["host"], call["port"]), timeout=PATIENCE) as line:
                line.sendall(b"\x01\x00\x10" + bytes.fromhex(call["uuid"].replace("-", "")))
                frames, got = 0, b""
                while frames < 10:
                    more = line.recv(65536)
                    if not more:
                        raise Refused("AudioSocket: hung up")
                    got += more
                    while len(got) >= 3 and len(got) >= 3 + struct.unpack(">H", got[1:3])[0]:
                        if got[0] != 0x10:
                            raise Refused("AudioSocket: over")
                        got = got[3 + struct.unpack(">H", got[1:3])[0]:]
                        frames += 1
        except socket.timeout:
            raise Wrong(f"AudioSocket stood still for {PATIENCE:.0f} s") from None
        except OSError as error:
            raise Refused(f"AudioSocket: {error.strerror}") from None

    def new_voice(self):
        fields = {"locale": LOCALES[self.rate // 80 % len(LOCALES)], "pacing": {"rate": 70 + self.rate % 80}}
        self.rate += 1
        self.voices.append(fields)
        self.fetch(self.announce(**fields)["links"]["wav"], json.dumps(fields))

    def placed(self):
        address = f"sip:x{secrets.token_hex(6)}@127.0.0.1:{self.telephone.port}"
        body = json.dumps({"code": CODE, "to": address}).encode()
        made = self.asked("POST", "/v1/calls", body, [f"Idempotency-Key: {secrets.token_hex(8)}"])
        path = path_of(made.headers["location"])
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            call = json.loads(self.asked("GET", path).body)
            if call["status"] == "ended":
                if call["outcome"] != "busy":
                    raise Refused("placed: " + call["outcome"])
                return
            time.sleep(0.02)
        raise Wrong(f"a call had no end in {PATIENCE:.0f} s")

    @property
    def all(self):
        return [self.announcement, self.live, self.audio_socket, self.new_voice, self.placed]

    def round(self):
        """One of each at a time; how many were served, and what was wrong."""
        outcomes = []

        def run(caller):
            try:
                caller()
                outcomes.append((True, None))
            except Refused:
                outcomes.append((False, None))
            except Wrong as error:
                outcomes.append((False, f"{caller.__name__}: {error}"))
            except Exception as error:  # Anything else is a fault of this program's.
                outcomes.append((False, f"{caller.__name__}: {type(error).__name__}"))

        threads = [threading.Thread(target=run, args=[caller]) for caller in self.all]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(served for served, _ in outcomes), [wrong for _, wrong in outcomes if wrong]

    def until_served(self, what):
        """All are served again, and hear what they heard before."""
        deadline, served = time.monotonic() + RECOVERY, -1
        while time.monotonic() < deadline:
            served, wrong = self.round()
            if served == len(self.all):
                break
            time.sleep(0.1)
        else:
            failures.append(f"{what}: {served} of {len(self.all)} callers are served {RECOVERY:.0f} s after it: {wrong}")
        # What was spoken while it failed is heard once more: half a word would be kept for ever.
        for fields in self.voices:
            with contextlib.suppress(Refused):
                try:
                    self.fetch(self.announce(**fields)["links"]["wav"], json.dumps(fields))
                except Wrong as error:
                    failures.append(f"{what}: {error}")
        self.voices.clear()


# ---- Faults ----------------------------------------------------------------------------------------------------------
class Fault:
    """What faults.c does in the service and its engines."""

    LAYOUT = struct.Struct("7i")

    def __init__(self, work):
        self.path = os.path.join(work, f"fault-{secrets.token_hex(4)}")
        with open(self.path, "wb") as out:
            out.write(bytes(self.LAYOUT.size))
        with open(self.path, "r+b") as shared:
            self.memory = mmap.mmap(shared.fileno(), self.LAYOUT.size)
        # The dump of a process that ends takes longer than anybody waits.
        self.environment = {
            "SWIFT_BACKTRACE": "enable=no", "LD_PRELOAD": os.environ["SPEAKCODE_FAULTS_LIBRARY"], "SPEAKCODE_FAULTS": self.path}

    def begin(self, kind, place, error, when, process=0):
        """From now on, the call of this number fails, or every one."""
        # The kind last: it is what turns it on.
        self.LAYOUT.pack_into(self.memory, 0, 0, place, error, when, when == ALL, 0, process)
        struct.pack_into("i", self.memory, 0, kind)

    def end(self):
        """No call fails any more; how many did."""
        struct.pack_into("i", self.memory, 0, 0)
        return self.LAYOUT.unpack_from(self.memory)[5]


def system_calls(work, wanted):
    telephone, fault = Telephone(), Fault(work)
    with serving(work, environment=fault.environment) as service:
        callers = Callers(service, telephone)
        # What is opened once and kept is open by then.
        for _ in range(2):
            callers.until_served("before any fault")
        time.sleep(1)
        before = descriptors(service.process.pid)
        for name, kind, place, error in FAULTS:
            if wanted and wanted not in name:
                continue
            served, failed = [], 0
            # What is interrupted each time is tried for ever, as it should be.
            for when in [*POSITIONS] if error == errno.EINTR else [*POSITIONS, ALL]:
                what = f"{name} ({errno.errorcode[error]}, {'each' if when == ALL else f'no. {when}'})"
                fault.begin(kind, place, error, when)
                # Whom nobody takes waits, and knows it.
                callers.patience = 3 if (kind, when) == (ACCEPT, ALL) else PATIENCE
                count, wrong = callers.round()
                callers.patience = PATIENCE
                failed += fault.end()
                served.append(count)
                failures.extend(f"{what}: {one}" for one in wrong)
                if service.process.poll() is not None:
                    failures.append(f"{what}: the service ended with {service.process.returncode}: {service.written()[-400:]}")
                    return
                callers.until_served(what)
            if not failed:
                failures.append(f"{name}: the service makes no such call")
            open_now = settled(service.process.pid, before)
            say(f"{name}, {errno.errorcode[error]}",
                f"{failed} calls failed; served while it lasted: {' '.join(map(str, served))} of {len(callers.all)}; "
                f"{open_now} descriptors, {before} before")
            if open_now > before + 4:
                failures.append(f"{name}: {open_now - before} descriptors more than before")
        judge(service, "system calls")


def allocations(work):
    """No memory. A Swift program ends where it is given none; that it says no word of what it knew is what is looked at."""
    outcomes = []
    for when in (1, 20, 200, 2000):
        fault = Fault(work)
        with serving(work, environment=fault.environment) as service:
            callers = Callers(service, Telephone())
            callers.until_served("before any fault")
            fault.begin(ALLOCATE, ANYWHERE, errno.ENOMEM, when, service.process.pid)
            callers.patience = 3
            callers.round()
            fault.end()
            with contextlib.suppress(subprocess.TimeoutExpired):
                service.process.wait(5)
            code = service.process.returncode
            outcomes.append(f"no. {when}: {'lives' if code is None else signal.Signals(-code).name if code < 0 else code}")
            service.kill()
            if CODE in service.written():
                failures.append(f"the service's allocation no. {when}: the log has the code")
    say("the service's allocations", "; ".join(outcomes))


def settled(pid, before):
    """The descriptors that stay open."""
    deadline = time.monotonic() + 20
    while descriptors(pid) > before + 4 and time.monotonic() < deadline:
        time.sleep(0.2)
    return descriptors(pid)


def judge(service, name):
    dead = [pid for pid in children(service.process.pid) if state(pid) == "Z"]
    if dead:
        failures.append(f"{name}: {len(dead)} children were not waited for")
    code = service.end()
    if code != 0:
        failures.append(f"{name}: the service ended with {code}")
    if CODE in service.written():
        failures.append(f"{name}: the log has the code")


def state(pid):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return stat.read().rsplit(")", 1)[1].split()[0]
    return ""


# ---- Disks, engines, clocks ------------------------------------------------------------------------------------------
def full_disk(work):
    """The log and the file of calls are on a disk that is full, and then is not."""
    disk = os.path.join(work, "disk")
    os.mkdir(disk)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=512k", "none", disk], check=False, capture_output=True)
    if mounted.returncode != 0:
        return say("a full disk", "passed over, since nothing may be mounted here")
    try:
        with serving(disk, keys_in=work, calls_file=os.path.join(disk, "calls")) as service:
            callers = Callers(service, Telephone())
            callers.until_served("before the disk is full")
            filler = os.path.join(disk, "filler")
            with contextlib.suppress(OSError), open(filler, "wb") as out:
                while True:
                    out.write(b"x" * 4096)
                    out.flush()
            served, wrong = callers.round()
            failures.extend(f"a full disk: {one}" for one in wrong)
            deadline = time.monotonic() + 10
            while not (counted := metric(service.port, "log_lines_dropped_total")) and time.monotonic() < deadline:
                time.sleep(0.1)
            if not counted:
                failures.append("a full disk: no line of the log is counted as dropped")
            os.remove(filler)
            callers.until_served("a full disk")
            say("a full disk", f"{served} of {len(callers.all)} callers served (a call whose count cannot be kept is placed, and "
                               f"the log says so), {counted} lines of the log dropped and counted")
            judge(service, "a full disk")
    finally:
        subprocess.run(["umount", disk], check=False)


def killed_engines(work):
    """Each engine is killed as soon as it is there, for a while."""
    with serving(work) as service:
        callers, is_over, killed = Callers(service, Telephone()), threading.Event(), [0]
        callers.until_served("before engines are killed")

        def kill():
            while not is_over.is_set():
                for child in children(service.process.pid):
                    with contextlib.suppress(OSError):
                        os.kill(child, signal.SIGKILL)
                        killed[0] += 1
                time.sleep(0.003)

        thread = threading.Thread(target=kill)
        thread.start()
        served = 0
        for _ in range(10):
            count, wrong = callers.round()
            served += count
            failures.extend(f"killed engines: {one}" for one in wrong)
        is_over.set()
        thread.join()
        callers.until_served("killed engines")
        say("killed engines", f"{killed[0]} kills; {served} of {10 * len(callers.all)} callers served meanwhile")
        judge(service, "killed engines")


def clock(work):
    """The clock is put forward and back by an hour and by ten years, by libfaketime; what is steady stays."""
    library = f"/usr/lib/{os.uname().machine}-linux-gnu/faketime/libfaketimeMT.so.1"
    step = file(work, "step", "+0\n")
    environment = {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": step, "FAKETIME_NO_CACHE": "1",
                   "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    with serving(work, environment=environment) as service:
        callers = Callers(service, Telephone())
        callers.until_served("before the clock is put forward")
        link = callers.announce(expiresIn=1800)["links"]["wav"]
        path = path_of(link)
        outcomes = []
        for shift in ("+3600", "-3600", "+315360000", "-86400", "+0"):
            with open(step, "w", encoding="ascii") as out:
                out.write(shift + "\n")
            time.sleep(1.1)
            served, wrong = callers.round()
            failures.extend(f"the clock put by {shift} s: {one}" for one in wrong)
            with Connection(service.port, PATIENCE) as connection:
                connection.send(request("GET", path))
                status = connection.answer().status
            outcomes.append(f"{shift} s: {served} of {len(callers.all)} served, a link of before {status}")
            if served != len(callers.all):
                failures.append(f"the clock put by {shift} s: {served} of {len(callers.all)} callers served")
            # What is over by the clock is over; what is not, is not.
            if status != (410 if shift.startswith("+3") else 200):
                failures.append(f"the clock put by {shift} s: a link of before is answered {status}")
        say("the clock", "; ".join(outcomes))
        judge(service, "the clock")


def metric(port, name):
    with Connection(port) as connection:
        connection.send(request("GET", "/metrics", [f"Authorization: Bearer {KEY}"]))
        answer = connection.answer()
    found = answer and re.search(rf"{name} (\d+)", answer.body.decode())
    return int(found[1]) if found else 0


@contextlib.contextmanager
def serving(work, keys_in=None, calls_file=None, environment=None):
    arguments = [
        "--api-keys-file", file(keys_in or work, f"keys-{secrets.token_hex(4)}", f"faults {KEY}\n"),
        "--rate", "1000000", "--burst", "1000000", "--audio-socket-port", "0", "--waiting-calls-per-caller", "1000",
        "--sip-from", "sip:codes@127.0.0.1", "--call-prefixes", "sip:127.0.0.1", "--calls-per-number", "1000",
        "--calls-per-range", "0", "--calls-per-key", "0", "--calls-per-day", "1000000", "--call-waits", "0",
        "--calls-file", calls_file or os.path.join(work, f"calls-{secrets.token_hex(4)}"),
    ]
    with Service(work, *arguments, environment=environment) as service:
        yield service


def main():
    faults = {"full-disk": full_disk, "engines": killed_engines, "clock": clock, "allocations": allocations}
    wanted = sys.argv[1:]
    for word in wanted:
        if word not in [*faults, "system-calls"] and not any(word in name for name, *_ in FAULTS):
            print(f"faults: nothing is called {word}; known are {', '.join([*faults, 'system-calls'])}", file=sys.stderr)
            sys.exit(64)
    with folder() as work:
        for name, fault in faults.items():
            if not wanted or name in wanted:
                fault(work)
        kinds = [name for name in wanted if name not in faults]
        for kind in kinds if wanted else [""]:
            system_calls(work, "" if kind == "system-calls" else kind)
    for failure in failures:
        print(f"faults: failed: {failure}", file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
