# SPDX-License-Identifier: GPL-3.0-or-later
"""What administrators do with the package: python3 package.py PID, in the network of the Debian whose init is PID.

Its /root has this.deb and above.deb, the same with a version above.
"""

import http.client
import json
import socket
import subprocess
import sys
import threading
import time
import uuid

INIT = sys.argv[1]
CODE = "90718253"
HTTP, AUDIOSOCKET = 8080, 9092


def ask(*command, check=True):
    """Runs a command in the Debian; what it says."""
    done = subprocess.run(
        ["nsenter", "--target", INIT, "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--", "env", "-i",
         "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", *command],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check and done.returncode:
        sys.exit(f"check-package: {' '.join(command)} fails ({done.returncode}):\n{done.stdout}")
    return done.stdout.strip()


def shell(script, check=True):
    return ask("sh", "-c", script, check=check)


def want(what, holds, seen=""):
    if not holds:
        print(shell("journalctl --no-pager -n 30 -o cat -u speakcode", check=False), file=sys.stderr)
        sys.exit(f"check-package: not so: {what} {seen}")
    print(f"check-package: {what}", flush=True)


def until(what, condition, seconds=30):
    ends = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > ends:
            want(what, False)
        time.sleep(0.02)


def get(path):
    connection = http.client.HTTPConnection("127.0.0.1", HTTP, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def post(**body):
    key = shell("cat /etc/speakcode/api-keys").split(":")[-1].split()[-1]
    connection = http.client.HTTPConnection("127.0.0.1", HTTP, timeout=30)
    connection.request(
        "POST", "/v1/announcements", json.dumps(body), {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    answer = connection.getresponse()
    made = json.load(answer)
    if answer.status != 201:
        want(f"an announcement is made of {sorted(body)}", False, made)
    return made


def is_ready():
    return get("/readyz")[0] == 200


def pid():
    return ask("systemctl", "show", "--property=MainPID", "--value", "speakcode")


class Caller(threading.Thread):
    """A telephone behind Asterisk's AudioSocket: what is heard, and when."""

    def __init__(self, **body):
        super().__init__(daemon=True)
        place = post(code=CODE, audioSocket=True, **body)
        self.url = place["links"]["wav"]
        there = place["calls"]["audioSocket"]
        self.socket = socket.create_connection((there["host"], there["port"]), timeout=90)
        name = uuid.UUID(there["uuid"]).bytes
        self.socket.sendall(b"\x01" + len(name).to_bytes(2, "big") + name)
        self.audio, self.late, self.end, self.ended = bytearray(), 0.0, None, None
        self.start()

    def exactly(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def run(self):
        last = None
        try:
            while True:
                head = self.exactly(3)
                body = self.exactly(int.from_bytes(head[1:], "big"))
                now = time.monotonic()
                if head[0] == 0x10:
                    self.late = max(self.late, now - last if last else 0)
                    last = now
                    self.audio += body
                elif head[0] == 0x00:
                    self.end = "hung up in order"
                    break
        except (EOFError, OSError) as fault:
            self.end = f"cut off ({fault!r})"
        self.ended = time.monotonic()

    def press(self, key):
        self.socket.sendall(b"\x03\x00\x01" + key)

    @property
    def seconds(self):
        return len(self.audio) / 16000


# ---- Installed ---------------------------------------------------------------------------------------------------------
# It waits for itself, once the manager can be asked.
until("the system is up", lambda: shell("timeout 60 systemctl is-system-running --wait", check=False) in ("running", "degraded"), 120)
said = ask("dpkg", "--install", "/root/this.deb")
until("the service is ready after its installation", is_ready)
want("the service runs as its own user", ask("stat", "-c", "%U", f"/proc/{pid()}") == "speakcode")
want("it is started with the system", ask("systemctl", "is-enabled", "speakcode") == "enabled")
want(
    "keys are root's to write and the service's to read",
    shell("stat -c '%a %U %G' /etc/speakcode /etc/speakcode/*-keys").split("\n")
    == ["750 root speakcode"] + ["640 root speakcode"] * 2)
lines = shell("journalctl --no-pager -o cat -u speakcode").split("\n")
want("its log has nothing to complain of", not [x for x in lines if "ailed" in x or " error " in x or " warning " in x], lines)
want("it is told by man, and completed", shell("ls /usr/share/man/man1/speakcode.1.gz /usr/share/bash-completion/completions/speakcode"))
want("the command speaks", shell("speakcode 123456 --times 1 -o /tmp/x.wav && head -c 4 /tmp/x.wav") == "RIFF")
made = post(code=CODE, locale="ja-JP")
want("a code that is posted is heard at its link", get(made["url"].split(str(HTTP), 1)[1])[1][:4] == b"RIFF")
kept = made["url"].split(str(HTTP), 1)[1]

# ---- Set up as an administrator does -------------------------------------------------------------------------------------
shell(f"sed -i 's/\"port\": {HTTP}/\"port\": {HTTP}, \"audioSocketPort\": {AUDIOSOCKET}/' /etc/speakcode/config.json")
ask("systemctl", "restart", "speakcode")
until("the service is ready with a port for calls", is_ready)

# ---- Upgraded while calls are heard ----------------------------------------------------------------------------------------
def reading(locale):
    """One reading of the code as a file has it, without the silence at its end, before which a call's ends."""
    file = get(post(code=CODE, locale=locale, readings=1)["url"].split(str(HTTP), 1)[1])[1]
    data = file[file.index(b"data") + 8:]
    return data[: len(data) * 9 // 10]


first, behind_gate = reading("en-US"), reading("fr-FR")
open_call, gated = Caller(locale="en-US"), Caller(locale="fr-FR", gate=True)
until("both callers hear something", lambda: open_call.seconds > 1 and gated.seconds > 1)
old = pid()
began = time.monotonic()
upgrade = subprocess.Popen(
    ["nsenter", "--target", INIT, "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--", "env", "-i",
     "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "dpkg", "--install", "/root/above.deb"],
    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
until("the old instance takes nothing new", lambda: get("/healthz")[0] == 0)
refused = time.monotonic()
# Who was at the gate presses the key only now.
time.sleep(0.5)
gated.press(b"1")
until("a new caller is answered", is_ready, 120)
answered = time.monotonic()
said, _ = upgrade.communicate(timeout=120)
want("the upgrade succeeds", upgrade.returncode == 0, said)
want("the settings that were changed stay", str(AUDIOSOCKET) in shell("cat /etc/speakcode/config.json"))
for caller in (open_call, gated):
    caller.join(60)
# Silence may come before it, where the machine is busy.
want("who heard the code hears the reading to its end", first in bytes(open_call.audio), f"{open_call.seconds:.1f} s")
want("and is hung up in order", open_call.end == "hung up in order", open_call.end)
begins = bytes(gated.audio).find(behind_gate)
want("who opened the gate meanwhile hears a reading to its end, and nothing more", 0 < begins and len(gated.audio) < begins + 2 * len(behind_gate),
     f"{begins / 16000:.1f} of {gated.seconds:.1f} s, a reading has {len(behind_gate) / 16000:.1f}")
want("and is hung up in order as well", gated.end == "hung up in order", gated.end)
calls = [x for x in shell("journalctl --no-pager -o cat -u speakcode").split("\n") if "transport=audioSocket" in x]
want("both calls are in the log with a whole reading", len(calls) == 2 and not [x for x in calls if "readings=0" in x], calls)
want("and neither hears a gap of a second", max(open_call.late, gated.late) < 1.0,
     f"{open_call.late:.3f} {gated.late:.3f}")
want("another process answers", pid() not in (old, "0"))
want("its version is the one above", ask("dpkg-query", "--show", "--showformat=${Version}", "speakcode").endswith("+above"))
want("a link from before is served by it", get(kept)[1][:4] == b"RIFF")
later = Caller(locale="en-US")
until("a new caller hears the code of it", lambda: later.seconds > 1)
later.socket.close()
print(f"check-package: the upgrade took {time.monotonic() - began:.1f} s with two calls; the calls ended {open_call.ended - refused:.1f} s and "
      f"{gated.ended - refused:.1f} s after the ports had closed, and a new caller was answered {answered - refused:.1f} s after; "
      f"frames were at most {1000 * max(open_call.late, gated.late):.0f} ms apart")

# ---- Without the service, removed, installed again, purged -------------------------------------------------------------------
keys = shell("cat /etc/speakcode/*-keys")
ask("dpkg", "--remove", "speakcode")
want("a removed package leaves no process", not shell("grep -lx speakcode /proc/[0-9]*/comm", check=False))
want("nor a program", not shell("command -v speakcode", check=False))
want("but keys and settings", keys == shell("cat /etc/speakcode/*-keys") and shell("ls /etc/speakcode/config.json"))
ask("dpkg", "--install", "/root/above.deb")
until("installed again it is ready", is_ready)
want("with the keys and settings of before", keys == shell("cat /etc/speakcode/*-keys") and get(kept)[0] == 200)
# An administrator's own: a key for TLS, that the service may read, and a link to what is elsewhere.
shell("mkdir -m 750 /etc/speakcode/tls && touch /etc/speakcode/tls/key.pem /etc/speakcode/tls/own.pem /etc/chain.pem "
      "&& ln -s /etc/chain.pem /etc/speakcode/tls/chain.pem && chmod 640 /etc/speakcode/tls/*.pem && chmod 644 /etc/chain.pem "
      "&& chgrp -R speakcode /etc/speakcode/tls && chown speakcode /etc/speakcode/tls/own.pem")
ask("dpkg", "--purge", "speakcode")
seen = shell("cd /etc/speakcode && stat -c '%a %U %G %n' . tls tls/key.pem tls/own.pem /etc/chain.pem")
want("what an administrator has put beside the package's files stays when it is purged, for root alone; what is elsewhere, as it was",
     seen.split("\n") == ["700 root root .", "700 root root tls", "600 root root tls/key.pem", "600 root root tls/own.pem", "644 root root /etc/chain.pem"],
     seen)
want("and nothing else stays there", shell("find /etc/speakcode | wc -l") == "5")
ask("dpkg", "--install", "/root/this.deb")
until("the package can be installed anew", is_ready)
want("with new keys", keys != shell("cat /etc/speakcode/*-keys"))
want("and without a right at what was there", shell("stat -c '%a %U %G' /etc/speakcode/tls/key.pem") == "600 root root")
shell("rm -r /etc/speakcode/tls")
ask("dpkg", "--purge", "speakcode")
left = shell(
    "ls -d /etc/speakcode /var/lib/speakcode /etc/systemd/system/*/speakcode* /etc/systemd/system/speakcode* /var/lib/systemd/deb-systemd-helper*/*speakcode* "
    "/usr/share/doc/speakcode /lib/systemd/system/speakcode* 2>/dev/null; getent passwd speakcode; getent group speakcode; "
    "dpkg --list speakcode 2>/dev/null | grep '^.[ic]'", check=False)
want("a purged package leaves nothing: no key, setting, state, user or group", left == "", left)
