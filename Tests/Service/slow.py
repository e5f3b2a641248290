# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks the service under TLS with slowness and with floods, and says how long each was borne.

A client who sends a byte a second, or nothing but frames that bring nothing, is closed within the service's patience, and one
address has no more connections than it may; an honest caller from elsewhere is answered meanwhile. Exits 1 where that is not so.
"""

import contextlib
import secrets
import socket
import ssl
import subprocess
import sys
import threading
import time

from service import Service, file, folder

REQUEST, IDLE, MOST = 2, 3, 40
# How much later than its deadline something may end, on a busy machine.
LATE = 3
findings, report = [], []


def wrong(name, what):
    findings.append(f"{name}: {what}")


def frame(kind, flags=0, stream=0, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def text(value):
    return bytes([len(value)]) + value


BEGINNING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4)
# :method, :scheme, :authority, :path of HPACK's static table.
GET = b"\x82\x87\x01" + text(b"localhost") + b"\x04" + text(b"/healthz")
POST = b"\x83\x87\x01" + text(b"localhost") + b"\x04" + text(b"/v1/announcements")


class Closed(Exception):
    pass


class Client:
    def __init__(self, port, host="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(host, 0))
        self.began = time.monotonic()

    def secure(self, protocols):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_alpn_protocols(protocols)
        self.socket = context.wrap_socket(self.socket)
        return self

    def http2(self, beginning=BEGINNING):
        self.secure(["h2"])
        self.send(beginning)
        return self

    def send(self, data):
        try:
            self.socket.sendall(data)
        except OSError as error:
            raise Closed from error

    def wait(self, seconds):
        """Reads for so long whatever comes."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                if not self.socket.recv(1 << 16):
                    raise Closed
            except (TimeoutError, ssl.SSLWantReadError):
                return
            except OSError as error:
                raise Closed from error

    def drip(self, pieces):
        """Sends a piece a second; the seconds until the connection was closed, None where it is not."""
        began = time.monotonic()
        try:
            for piece in pieces:
                self.send(piece)
                self.wait(1)
        except Closed:
            return time.monotonic() - began
        return None

    def flood(self, piece, most=200_000):
        """Sends pieces as fast as they are taken; how many there were until the connection was closed."""
        sent = 0
        try:
            while sent < most:
                count = 50
                self.send(b"".join(piece(sent + index) for index in range(count)) if callable(piece) else piece * count)
                sent += count
                self.socket.settimeout(0.001)
                with contextlib.suppress(TimeoutError, ssl.SSLWantReadError):
                    if not self.socket.recv(1 << 16):
                        return sent
                self.socket.settimeout(30)
            self.wait(2)
        except (Closed, OSError):
            return sent
        return None


def bytes_of(data):
    return [data[index:index + 1] for index in range(len(data))]


def slow(name, seconds, attack):
    def run():
        took = attack()
        report.append((name, "still open after 40 s" if took is None else f"closed after {took:.1f} s"))
        if took is None or took > seconds + LATE:
            wrong(name, f"{'open' if took is None else f'closed after {took:.1f} s'}, expected within {seconds} s")

    return run


def slowness(port):
    def hello():
        # A record of 200 bytes, a handshake's.
        return Client(port).drip(bytes_of(b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + b"\0" * 60))

    def http1():
        return Client(port).secure(["http/1.1"]).drip(bytes_of(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 60))

    def preface():
        return Client(port).http2(b"").drip(bytes_of(BEGINNING))

    def headers():
        return Client(port).http2().drip(bytes_of(frame(1, 5, 1, b"\x82" * 100)))

    def continuation():
        return Client(port).http2(BEGINNING + frame(1, 1, 1, GET)).drip(frame(9, 0, 1, b"\x82") for _ in range(40))

    def other():
        return Client(port).http2().drip(bytes_of(frame(0x77, 0, 0, b"x" * 100)))

    def body():
        return Client(port).http2(BEGINNING + frame(1, 4, 1, POST)).drip(frame(0, 0, 1, b" ") for _ in range(40))

    def unended():
        return Client(port).http2(BEGINNING + frame(1, 4, 1, GET)).drip(frame(0, 0, 1, b" ") for _ in range(40))

    def nothing():
        return Client(port).http2().drip(frame(6, 0, 0, b"\0" * 8) for _ in range(40))

    def unread():
        # A window of nothing, and of one byte more each second.
        window = frame(4, 0, 0, b"\0\4" + (0).to_bytes(4, "big"))
        return Client(port).http2(BEGINNING + window + frame(1, 5, 1, b"\x82\x87\x01" + text(b"x") + b"\x04" + text(b"/openapi.yaml"))
                                  ).drip(frame(8, 0, 1, (1).to_bytes(4, "big")) for _ in range(40))

    # It is looked four times in the time of the patience.
    look = REQUEST / 4
    return [
        slow("a ClientHello, a byte a second", REQUEST, hello),
        slow("a head of HTTP/1.1 under TLS, a byte a second", REQUEST, http1),
        slow("the preface of HTTP/2, a byte a second", REQUEST + look, preface),
        slow("a HEADERS frame, a byte a second", REQUEST + look, headers),
        slow("CONTINUATION without an end, a frame a second", REQUEST + look, continuation),
        slow("a frame of a kind that is unknown, a byte a second", REQUEST + look, other),
        slow("a body of HTTP/2, a byte a second", 2 * REQUEST + look, body),
        slow("a GET of HTTP/2 that never ends, a byte a second", 2 * REQUEST + look, unended),
        slow("no request but a PING a second", REQUEST + IDLE + look, nothing),
        slow("an answer that is read a byte a second", 2 * IDLE + look, unread),
    ]


def floods(port):
    kinds = {
        "WINDOW_UPDATE": frame(8, 0, 0, (1).to_bytes(4, "big")), "PING": frame(6, 0, 0, b"\0" * 8),
        "SETTINGS": frame(4), "empty DATA": frame(0, 0, 1), "GOAWAY": frame(7, 0, 0, b"\0" * 8),
        "PRIORITY": frame(2, 0, 1, b"\0\0\0\0\1"), "frames of an unknown kind": frame(0x77, 0, 0, b"x"),
        "empty CONTINUATION": frame(9, 0, 1),
    }
    for name, piece in kinds.items():
        beginning = frame(1, 0x0 if "CONTINUATION" in name else 0x4, 1, POST)
        yield name, lambda beginning=beginning, piece=piece: Client(port).http2(BEGINNING + beginning).flood(piece)
    yield "requests that are reset at once", lambda: Client(port).http2().flood(
        lambda index: frame(1, 5, 2 * index + 1, GET) + frame(3, 0, 2 * index + 1, b"\0\0\0\x08"))


def crowd(port):
    """One address tries to have all connections, and keeps those that it gets."""
    kept = []
    for _ in range(3 * MOST):
        with contextlib.suppress(OSError):
            kept.append(Client(port))
    time.sleep(0.5)
    living = 0
    for client in kept:
        with contextlib.suppress(Closed):
            client.wait(0.001)
            living += 1
    report.append((f"{3 * MOST} connections from one address", f"{living} stayed, {MOST} may"))
    if not 0 < living <= MOST:
        wrong("connections from one address", f"{living} stayed of {MOST} that may")
    return kept


class Honest(threading.Thread):
    """Asks ten times a second from another address, over a new connection each, and keeps the longest time."""

    def __init__(self, port, host):
        super().__init__(daemon=True)
        self.port, self.host, self.ends, self.times = port, host, threading.Event(), []

    def run(self):
        while not self.ends.wait(0.1):
            began = time.monotonic()
            try:
                client = Client(self.port, self.host).secure(["http/1.1"])
                client.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                client.socket.settimeout(10)
                if b" 200 " not in client.socket.recv(100):
                    wrong("an honest caller", "was not answered with 200")
                client.socket.close()
            except (OSError, Closed) as error:
                wrong("an honest caller", f"was not answered: {type(error).__name__}")
                return
            self.times.append(time.monotonic() - began)

    def end(self):
        self.ends.set()
        self.join()
        times = sorted(self.times)
        if times:
            report.append(("an honest caller meanwhile", f"{len(times)} answers, the median within "
                           f"{1000 * times[len(times) // 2]:.0f} ms, the last within {1000 * times[-1]:.0f} ms"))


def main():
    key = secrets.token_urlsafe(32)
    with folder() as work:
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-out", f"{work}/c.pem", "-keyout", f"{work}/k.pem"],
            check=True, stderr=subprocess.DEVNULL)
        arguments = [
            "--api-keys-file", file(work, "callers", f"slow {key}\n"), "--certificate", f"{work}/c.pem",
            "--private-key", f"{work}/k.pem", "--idle-seconds", str(IDLE), "--request-seconds", str(REQUEST),
            "--connections", str(4 * MOST), "--connections-per-address", str(MOST), "--grace-seconds", "5",
        ]
        with Service(work, *arguments, secure=True) as service:
            honest = Honest(service.port, "127.0.0.2")
            honest.start()
            threads = [threading.Thread(target=attack) for attack in slowness(service.port)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            for name, flood in floods(service.port):
                sent = flood()
                report.append((f"a flood of {name}", "still open" if sent is None else f"closed within {sent} frames"))
                if sent is None or sent > 20_000:
                    wrong(f"a flood of {name}", f"was borne for {sent or 'all of its'} frames")
            crowd(service.port)
            honest.end()
            if service.process.poll() is not None:
                wrong("the service", f"ended with {service.process.returncode}")
            elif service.end() != 0:
                wrong("the service", "did not end as it should after SIGTERM")
    for name, what in report:
        print(f"slow: {name}: {what}")
    for finding in findings:
        print(f"slow: {finding}", file=sys.stderr)
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
