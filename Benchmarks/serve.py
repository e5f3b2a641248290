# SPDX-License-Identifier: GPL-3.0-or-later
"""The service beside nginx with the same bytes: python3 serve.py WRK NGINX ROUNDS SECONDS CONNECTIONS READINGS."""

import json
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import time

from service import Service, ask, file, folder, get

NGINX = """
daemon off;
user root;
worker_processes auto;
pid {work}/nginx.pid;
error_log {work}/nginx-error.log;
events {{ worker_connections 4096; }}
http {{
    types {{ audio/wav wav; application/json json; }}
    access_log {work}/nginx-access.log;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    client_body_temp_path {work}/body;
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        root {work}/static;
        # An answer as long as the service's, without any work: nginx finds nothing there, and sends this file.
        location = /v1/announcements {{ error_page 404 405 =201 /answer.json; }}
    }}
}}
"""


def processes(pid):
    """A process and those below it."""
    found = [pid]
    for one in found:
        try:
            with open(f"/proc/{one}/task/{one}/children", encoding="ascii") as children:
                found += map(int, children.read().split())
        except OSError:
            pass
    return found


def cpu(pid):
    """Seconds of user and system time so far."""
    ticks = 0
    for one in processes(pid):
        try:
            with open(f"/proc/{one}/stat", encoding="ascii") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
        except OSError:
            pass
    return ticks / os.sysconf("SC_CLK_TCK")


class Failure(Exception):
    pass


def measure(wrk, port, pid, path, script, seconds, connections):
    """Requests a second, and microseconds of the server's CPU for each."""
    before = cpu(pid)
    run = subprocess.run(
        [wrk, "--threads", "2", "--connections", str(connections), "--duration", f"{seconds}s", "--timeout", "10s",
         "--script", script, f"http://127.0.0.1:{port}{path}"],
        capture_output=True, text=True, check=True, timeout=seconds + 60)
    used = cpu(pid) - before
    requests = int(re.search(r"(\d+) requests in", run.stdout)[1])
    # What is cut off by the end is no failure; another status, or a connection that nobody takes, is.
    refused = re.search(r"connect (\d+), read (\d+), write (\d+), timeout (\d+)", run.stdout)
    if "Non-2xx" in run.stdout or requests == 0 or refused and int(refused[1]) + int(refused[4]) > 0:
        raise Failure(run.stdout)
    return float(re.search(r"Requests/sec: *([\d.]+)", run.stdout)[1]), used / requests * 1e6


def main():
    wrk, nginx, rounds, seconds, connections, readings = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])
    key = secrets.token_urlsafe(32)
    with folder() as work:
        keys = file(work, "callers", f"bench {key}\n")
        arguments = ["--api-keys-file", keys, "--rate", "1000000", "--burst", "1000000", "--longest-expiry", "86400"]
        proxy = None
        with Service(work, *arguments) as service:
            try:
                body = json.dumps({"code": "1234", "readings": readings, "expiresIn": 86400}).encode()
                made = ask(service.port, "POST", "/v1/announcements", [f"Authorization: Bearer {key}"], body)
                path = json.loads(made.body)["url"].split("/", 3)[3]
                audio = get(service.port, f"/{path}")
                os.makedirs(f"{work}/static")
                with open(f"{work}/static/code.wav", "wb") as out:
                    out.write(audio.body)
                with open(f"{work}/static/answer.json", "wb") as out:
                    out.write(made.body)
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", 0))
                    port = probe.getsockname()[1]
                configuration = file(work, "nginx.conf", NGINX.format(work=work, port=port))
                with open(f"{work}/nginx.log", "wb") as log:
                    proxy = subprocess.Popen([nginx, "-c", configuration, "-e", f"{work}/nginx-error.log"], stdout=log, stderr=log)
                for _ in range(100):
                    try:
                        same = get(port, "/code.wav")
                        break
                    except OSError:
                        time.sleep(0.1)
                else:
                    sys.exit(f"bench-serve: nginx does not serve:\n{open(f'{work}/nginx.log').read()}")
                posted = ask(port, "POST", "/v1/announcements", body=body)
                if same.body != audio.body or (posted.status, posted.body) != (201, made.body):
                    sys.exit("bench-serve: nginx serves other bytes")

                scripts = {
                    "GET, keep-alive": "",
                    "GET, new connection each": 'wrk.headers["Connection"] = "close"',
                    # wrk waits for a body behind each HEAD that is not 304; Asterisk asks in just this way.
                    "HEAD for 304, keep-alive": 'wrk.method = "HEAD"; wrk.headers["If-None-Match"] = TAG',
                    "HEAD for 304, new connection":
                        'wrk.method = "HEAD"; wrk.headers["If-None-Match"] = TAG; wrk.headers["Connection"] = "close"',
                    "POST, keep-alive": 'wrk.method = "POST"; wrk.body = [[' + body.decode() + "]]; "
                    f'wrk.headers["Authorization"] = "Bearer {key}"; wrk.headers["Content-Type"] = "application/json"',
                }
                results = {}
                for number in range(rounds):
                    for name, text in scripts.items():
                        ours = "/v1/announcements" if name.startswith("POST") else f"/{path}"
                        theirs = "/v1/announcements" if name.startswith("POST") else "/code.wav"
                        turns = [
                            ("speakcode", service.port, service.process.pid, ours, audio),
                            ("nginx", port, proxy.pid, theirs, same),
                        ]
                        for who, port_, pid, path_, whole in turns if number % 2 == 0 else reversed(turns):
                            script = os.path.join(work, "wrk.lua")
                            with open(script, "w", encoding="utf-8") as out:
                                out.write(f"TAG = [[{whole.headers['etag']}]]; {text}\n")
                            try:
                                figures = measure(wrk, port_, pid, path_, script, seconds, connections)
                            except Failure as failure:
                                sys.exit(f"bench-serve: {name}, {who}:\n{failure}")
                            results.setdefault(name, {}).setdefault(who, []).append(figures)
            finally:
                if proxy is not None:
                    proxy.terminate()
                    proxy.wait()
    report = {}
    print(f"{len(audio.body)} bytes of audio, {connections} connections, medians of {rounds} rounds of {seconds} s")
    print(f"{'':30} {'requests a second':>28}   {'':13} {'CPU for each, µs':>18}")
    print(f"{'':30} {'speakcode':>14} {'nginx':>13}   {'ratio (least)':>13} {'speakcode':>10} {'nginx':>7}")
    for name, by in results.items():
        ours, theirs = (statistics.median(rate for rate, _ in by[who]) for who in ("speakcode", "nginx"))
        costs = [statistics.median(cost for _, cost in by[who]) for who in ("speakcode", "nginx")]
        ratios = [one[0] / other[0] for one, other in zip(by["speakcode"], by["nginx"])]
        ratio = statistics.median(ratios)
        report[name] = ratio
        print(f"{name:30} {ours:14,.0f} {theirs:13,.0f}   {ratio:5.2f}  ({min(ratios):4.2f}) {costs[0]:10.0f} {costs[1]:7.0f}")
    missed = [name for name in ("GET, keep-alive", "GET, new connection each") if report[name] < 0.5]
    for name in missed:
        print(f"bench-serve: {name} is {report[name]:.2f} of nginx, not at least half", file=sys.stderr)
    sys.exit(1 if missed else 0)


if __name__ == "__main__":
    main()
