# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the service under test on loopback, and speaks HTTP with it to the byte."""

import contextlib
import json
import os
import re
import secrets
import shlex
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass

COMMAND = shlex.split(os.environ.get("SPEAKCODE") or ".build/debug/speakcode")


class Service:
    """One process of the service. It takes a free port, unless it is given one, and is ended by its process id.

    One that speaks TLS is secure: its log says whether it is ready.
    """

    def __init__(self, folder, *arguments, port=0, name="service", secure=False, prefix=(), environment=None):
        self.secure = secure
        self.log = os.path.join(folder, f"{name}-{secrets.token_hex(4)}.log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [*prefix, *COMMAND, "serve", "--host", "127.0.0.1", "--port", str(port), *arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=os.environ | (environment or {}))
        try:
            self.port = self._listening()
            self.wait_until_ready()
        except BaseException:
            self.kill()
            raise

    def _listening(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = re.search(r"port=(\d+).* listening$", self.written(), re.MULTILINE)
            if found:
                return int(found[1])
            if self.process.poll() is not None:
                raise SystemExit(f"the service ended with {self.process.returncode}:\n{self.written()}")
            time.sleep(0.05)
        raise SystemExit(f"the service does not listen:\n{self.written()}")

    def wait_until_ready(self):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.secure and re.search(r" ready$", self.written(), re.MULTILINE):
                return
            with contextlib.suppress(OSError):
                if not self.secure and get(self.port, "/readyz").status == 200:
                    return
            time.sleep(0.05)
        raise SystemExit(f"the service is not ready:\n{self.written()}")

    def written(self):
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return log.read()

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def end(self):
        """Asks it to end; returns its exit code, or None where it had to be killed."""
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="speakcode-") as path:
        yield path


def file(folder, name, text):
    path = os.path.join(folder, name)
    with open(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    return path


def link_key():
    import base64

    return base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass
class Answer:
    """An HTTP/1.1 response as it came."""

    status: int
    headers: dict
    body: bytes
    raw: bytes

    def problem(self):
        """The word of its problem type; None where it is no problem details."""
        if self.headers.get("content-type") != "application/problem+json":
            return None
        try:
            details = json.loads(self.body)
        except ValueError:
            return None
        kind = details.get("type", "")
        if details.get("status") != self.status or not details.get("title") or not details.get("detail"):
            return None
        return kind.removeprefix("urn:speakcode:problem:") if kind.startswith("urn:speakcode:problem:") else None


class Connection:
    """A connection of which every byte is ours."""

    def __init__(self, port, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.buffer = b""

    def send(self, data):
        self.socket.sendall(data)

    def _more(self):
        data = self.socket.recv(65536)
        self.buffer += data
        return bool(data)

    def answer(self, head=False):
        """The next answer; None where the connection is closed before one. Interim answers are passed over."""
        try:
            while b"\r\n\r\n" not in self.buffer:
                if not self._more():
                    return None
            top, rest = self.buffer.split(b"\r\n\r\n", 1)
            lines = top.decode("latin-1").split("\r\n")
            status = int(lines[0].split()[1])
            headers = {}
            for line in lines[1:]:
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            self.buffer = rest
            if 100 <= status < 200:
                return self.answer(head)
            length = 0 if head or status in (204, 304) else int(headers.get("content-length", 0))
            while len(self.buffer) < length:
                if not self._more():
                    break
            body, self.buffer = self.buffer[:length], self.buffer[length:]
            return Answer(status, headers, body, top + b"\r\n\r\n" + body)
        except (ConnectionError, socket.timeout) as error:
            if isinstance(error, socket.timeout):
                raise
            return None

    def is_closed(self, within):
        """Whether the service closes it in so many seconds."""
        self.socket.settimeout(within)
        try:
            return self.socket.recv(65536) == b""
        except ConnectionError:
            return True
        except socket.timeout:
            return False

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def request(method, path, headers=(), body=None):
    """The bytes of a request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (body or b"")


def ask(port, method, path, headers=(), body=None):
    with Connection(port) as connection:
        connection.send(request(method, path, headers, body))
        return connection.answer(head=method == "HEAD")


def get(port, path, *headers):
    return ask(port, "GET", path, headers)


def path_of(url):
    """The path of an address, as a request names it."""
    return "/" + url.split("/", 3)[3]


# ---- What the system knows of a process ------------------------------------------------------------------------------
def processor_time(pid):
    """Seconds of user and system time so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid, what="VmRSS"):
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        return int(re.search(rf"{what}:\s+(\d+)", status.read())[1]) / 1024


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def children(pid):
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{task}/children", encoding="ascii") as listed:
                yield from map(int, listed.read().split())
