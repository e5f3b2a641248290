# SPDX-License-Identifier: GPL-3.0-or-later
"""Two replicas under mixed load for a while: python3 soak.py SECONDS FOLDER.

Announcements, fetches, captions, documents, compressed files, endless audio, calls over AudioSocket and SIP, hang-ups at any time
and strangers' bytes; meanwhile packs and keys are read again, link keys are rotated, and one replica is killed and started again.
What each caller was given is looked at: length, pace and end of what is heard, links of before a rotation. Two witnesses tell how late this
program was woken, and how late the machine wakes one that does nothing else: what is missing of a call for so long is not held
against the service, and counted. Memory, descriptors, processor time and the time of an answer are written to FOLDER/soak.csv
every five seconds, and drawn in FOLDER/soak.png where matplotlib is there. Exits 1 where something was lost or grows.
"""

import asyncio
import collections
import contextlib
import csv
import json
import os
import random
import secrets
import signal
import statistics
import sys
import time

from service import Service, descriptors, file, folder, link_key, megabytes, path_of, processor_time

KEY = "soak-key-0123456789abcdef"
AUTHORIZED = f"Authorization: Bearer {KEY}\r\n"
FRAME = 0.02
# How many of each go on at once, and how many requests a second are made besides.
LIVE, AUDIO_SOCKET, SIP, ANNOUNCEMENTS, COMPRESSED = 20, 30, 8, 10, 0.5
# Seconds between two of each.
RELOAD, ROTATION, KILL, SAMPLE = 20, 30, 180, 5
# A call lasts so many seconds; many of them end within a sentence.
SHORTEST, LONGEST = 2, 30
# What is late by so many seconds is remembered.
LATE = 0.05
# The first share of the time, in which buffers reach their size.
WARMING = 0.25


class Lost(Exception):
    """A caller was not given what a caller is to be given."""


class Witness:
    """Knows by how much, and when, something was woken later than it had asked for."""

    def __init__(self):
        self.moments = collections.deque(maxlen=100_000)

    def tell(self, late):
        if late > LATE:
            self.moments.append((time.monotonic(), late))

    def since(self, moment):
        """How late it was in all since then, in seconds."""
        return sum(late for when, late in self.moments if when >= moment)

    def most(self, moment=0):
        return max((late for when, late in self.moments if when >= moment), default=0.0)


# Of the machine: a process that is woken every 20 ms, and says when that was late.
IDLE_PROCESS = f"""
import time
while True:
    before = time.monotonic()
    time.sleep(0.02)
    late = time.monotonic() - before - 0.02
    if late > {LATE}:
        print(late, flush=True)
"""


class Replica:
    def __init__(self, name, work, keys):
        self.name, self.work, self.keys = name, work, keys
        self.port = 0
        self.killed_at = -1e9
        self.service = None

    def start(self):
        self.service = Service(
            self.work, "--api-keys-file", file(self.work, f"callers-{secrets.token_hex(4)}", f"soak {KEY}\n"),
            "--link-keys-file", self.keys, "--rate", "1000000", "--burst", "1000000", "--audio-socket-port", "0",
            "--waiting-calls-per-caller", "1000", "--sip-from", "sip:codes@127.0.0.1", "--call-prefixes", "sip:127.0.0.1",
            "--calls-per-number", "1000", "--calls-per-range", "0", "--calls-per-key", "0", "--calls-per-day", "1000000",
            "--call-waits", "0", "--calls-file", os.path.join(self.work, f"calls-{self.name}"), "--node-name", self.name,
            port=self.port, name=self.name, environment={"SPEAKCODE_CONNECTIONS_PER_ADDRESS": "1000"})
        self.port = self.service.port

    def kill(self):
        self.killed_at = time.monotonic()
        self.service.kill()
        self.start()
        self.killed_at = time.monotonic()

    def was_killed(self, since):
        """Whether who has been here since then may have been cut off."""
        return self.killed_at > since - 1 or self.service.process.poll() is not None

    def sample(self):
        pid = self.service.process.pid
        return {
            "megabytes": megabytes(pid), "threads": len(os.listdir(f"/proc/{pid}/task")), "descriptors": descriptors(pid),
            "seconds": processor_time(pid),
        }


class Soak:
    def __init__(self, work, seconds):
        self.work, self.began, self.ends = work, time.monotonic(), time.monotonic() + seconds
        self.seconds = seconds
        self.keys = file(work, "links", link_key() + "\n")
        self.replicas = [Replica(name, work, self.keys) for name in ("one", "two")]
        self.counts, self.lost = collections.Counter(), []
        self.waits = []
        self.rows = []
        self.old_links = collections.deque(maxlen=20)
        self.telephone = None
        self.own, self.machine = Witness(), Witness()

    @property
    def is_over(self):
        return time.monotonic() >= self.ends

    # ---- Asking ------------------------------------------------------------------------------------------------------
    async def ask(self, replica, method, path, body=None, headers=""):
        began = time.monotonic()
        reader, writer = await asyncio.open_connection("127.0.0.1", replica.port)
        try:
            length = f"Content-Length: {len(body)}\r\n" if body is not None else ""
            writer.write(
                f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{replica.port}\r\nConnection: close\r\n{headers}{length}\r\n".encode()
                + (body or b""))
            data = await asyncio.wait_for(reader.read(-1), 30)
        finally:
            writer.close()
        if not data:
            raise Lost("hung up without an answer")
        top, _, rest = data.partition(b"\r\n\r\n")
        lines = top.decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        if method != "HEAD" and len(rest) != int(fields.get("content-length", len(rest))):
            raise Lost("an answer was cut off")
        self.waits.append(time.monotonic() - began)
        return int(lines[0].split()[1]), fields, rest

    async def announce(self, replica, **fields):
        code = f"{random.randrange(10**6):06}"
        body = json.dumps({"code": code, **fields}).encode()
        status, _, answer = await self.ask(replica, "POST", "/v1/announcements", body, AUTHORIZED)
        if status != 201:
            raise Lost(f"an announcement was answered {status}")
        return json.loads(answer)

    # ---- Callers -----------------------------------------------------------------------------------------------------
    async def announcement(self, replica):
        made = await self.announce(replica, locale=random.choice(["en-US", "de-DE", "ja-JP", "fr-FR", "es-ES"]))
        # Any replica has what another has sealed.
        other = random.choice(self.replicas)
        since = time.monotonic()
        try:
            status, _, audio = await self.ask(other, "GET", path_of(made["links"]["wav"]))
            if (status, len(audio)) != (200, made["byteLength"]):
                raise Lost(f"audio was answered {status} with {len(audio)} bytes of {made['byteLength']}")
            for method, url in (("HEAD", made["links"]["ulaw"]), ("GET", made["links"]["vtt"])):
                status, _, _ = await self.ask(other, method, path_of(url))
                if status != 200:
                    raise Lost(f"{method} was answered {status}")
            status, _, _ = await self.ask(replica, "POST", path_of(made["calls"]["documents"]["plivo"]), b"")
            if status != 200:
                raise Lost(f"a document was answered {status}")
        except (OSError, Lost):
            if not other.was_killed(since):
                raise
            return
        if random.random() < 0.02:
            self.old_links.append((path_of(made["links"]["wav"]), made["byteLength"], time.monotonic()))

    async def old_link(self, replica):
        """A link of before some rotations of the keys."""
        if not self.old_links or time.monotonic() - self.old_links[0][2] < ROTATION:
            return
        path, length, _ = self.old_links.popleft()
        status, _, audio = await self.ask(replica, "GET", path)
        if (status, len(audio)) != (200, length):
            raise Lost(f"a link of before was answered {status}")

    async def compressed(self, replica):
        made = await self.announce(replica)
        status, _, audio = await self.ask(replica, "GET", path_of(made["links"][random.choice(["ogg", "mp3", "flac"])]))
        if status == 503:
            return self.counts.update({"compressed refused": 1})
        if status != 200 or len(audio) < 1000:
            raise Lost(f"a compressed file was answered {status}")

    async def live(self, replica):
        made = await self.announce(replica)
        reader, writer = await asyncio.open_connection("127.0.0.1", replica.port)
        try:
            writer.write(f"GET {path_of(made['links']['live.ulaw'])} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            top = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 30)
            if b" 200 " not in top:
                raise Lost("endless audio was answered otherwise")
            began, count, lasts = time.monotonic(), 0, random.uniform(SHORTEST, LONGEST)
            while time.monotonic() - began < lasts:
                more = await asyncio.wait_for(reader.read(65536), 30)
                if not more:
                    raise Lost("endless audio ended")
                count += len(more)
            heard = count / 8000
            self.paced(heard, lasts, 0.5, began, "of endless audio", may_lead=True)
        finally:
            writer.close()

    async def audio_socket(self, replica):
        call = (await self.announce(replica, audioSocket=True))["calls"]["audioSocket"]
        reader, writer = await asyncio.open_connection(call["host"], call["port"])
        try:
            writer.write(b"\x01\x00\x10" + bytes.fromhex(call["uuid"].replace("-", "")))
            began, frames, lasts = None, 0, random.uniform(SHORTEST, LONGEST)
            while began is None or time.monotonic() - began < lasts:
                head = await asyncio.wait_for(reader.readexactly(3), 30)
                await reader.readexactly(int.from_bytes(head[1:], "big"))
                if head[0] != 0x10:
                    raise Lost("a call over AudioSocket ended")
                began = began or time.monotonic()
                frames += 1
            self.paced(frames * FRAME, lasts, 1, began, "over AudioSocket")
            # Half of them hang up, half are gone.
            if random.random() < 0.5:
                writer.write(b"\x00\x00\x00")
                await writer.drain()
        except asyncio.IncompleteReadError:
            raise Lost("a call over AudioSocket was cut off") from None
        finally:
            writer.close()

    async def sip(self, replica):
        user, lasts = "x" + secrets.token_hex(6), random.uniform(SHORTEST, LONGEST / 2)
        call = self.telephone.expect(user, lasts)
        body = json.dumps({"code": f"{random.randrange(10**6):06}", "to": f"sip:{user}@127.0.0.1:{self.telephone.port}"}).encode()
        status, fields, _ = await self.ask(
            replica, "POST", "/v1/calls", body, AUTHORIZED + f"Idempotency-Key: {secrets.token_hex(8)}\r\n")
        if status not in (201, 202):
            raise Lost(f"a call was answered {status}")
        since = time.monotonic()
        frames = await asyncio.wait_for(call, lasts + 60)
        self.paced(frames * FRAME, lasts, 1.5, since, "over SIP")
        for _ in range(100):
            _, _, answer = await self.ask(replica, "GET", path_of(fields["location"]), headers=AUTHORIZED)
            told = json.loads(answer)
            if told["status"] == "ended":
                if told["outcome"] != "completed":
                    raise Lost(f"a call that was heard ended as {told['outcome']}")
                return
            await asyncio.sleep(0.1)
        raise Lost("a call that was hung up has no end")

    async def stranger(self, replica):
        """Somebody who has no business here."""
        reader, writer = await asyncio.open_connection("127.0.0.1", replica.port)
        try:
            writer.write(random.choice([b"\x00" * 40, b"GET / HTTP/1.1\r\n", b"GET /a/x.wav HTTP/1.1\r\nHost: x\r\n\r\n",
                                        b"POST /v1/announcements HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"]))
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(reader.read(1000), 1)
        finally:
            writer.close()

    async def repeatedly(self, caller, pause=0.0):
        while not self.is_over:
            replica, since = random.choice(self.replicas), time.monotonic()
            try:
                await caller(replica)
                self.counts[caller.__name__] += 1
            except (OSError, Lost, asyncio.TimeoutError) as error:
                if replica.was_killed(since):
                    self.counts["cut off by a kill"] += 1
                    await asyncio.sleep(0.5)
                else:
                    self.lost.append(f"{time.monotonic() - self.began:.0f} s: {caller.__name__}: {error or type(error).__name__}")
            if pause:
                await asyncio.sleep(random.expovariate(1 / pause))

    # ---- What an administrator does ----------------------------------------------------------------------------------
    async def administrate(self):
        next_reload, next_rotation, next_kill = (self.began + each for each in (RELOAD, ROTATION, KILL))
        while not self.is_over:
            await asyncio.sleep(1)
            now = time.monotonic()
            if now >= next_rotation:
                next_rotation += ROTATION
                with open(self.keys, encoding="ascii") as old:
                    kept = old.read().splitlines()[:30]
                file(self.work, "links.new", "\n".join([*kept, link_key()]) + "\n")
                await self.put_keys(kept)
                self.counts["rotations"] += 1
            if now >= next_reload:
                next_reload += RELOAD
                self.hang_up()
                self.counts["reloads"] += 1
            if now >= next_kill:
                next_kill += KILL
                await asyncio.to_thread(self.replicas[1].kill)
                self.counts["kills"] += 1

    async def put_keys(self, kept):
        """As docs/operations.md has it: everybody knows the new key before anybody seals with it."""
        os.replace(os.path.join(self.work, "links.new"), self.keys)
        self.hang_up()
        await asyncio.sleep(2)
        with open(self.keys, encoding="ascii") as told:
            lines = told.read().splitlines()
        file(self.work, "links.new", "\n".join([lines[-1], *kept]) + "\n")
        os.replace(os.path.join(self.work, "links.new"), self.keys)
        self.hang_up()

    def hang_up(self):
        for replica in self.replicas:
            replica.service.signal(signal.SIGHUP)

    # ---- What is measured --------------------------------------------------------------------------------------------
    def paced(self, heard, lasts, slack, since, where, may_lead=False):
        """Whether as much was heard as time has passed, all in seconds."""
        own, machine = self.own.since(since), self.machine.since(since)
        missing = lasts - heard
        if missing > slack + max(own, machine) or (missing < -slack and not may_lead):
            raise Lost(f"{heard:.1f} s {where} in {lasts:.1f}, where this program was {own:.1f} s late and the machine {machine:.1f}")
        if missing > slack:
            self.counts["cut short while the machine stood still"] += 1

    async def witness(self):
        while not self.is_over:
            before = time.monotonic()
            await asyncio.sleep(0.02)
            self.own.tell(time.monotonic() - before - 0.02)

    async def witness_machine(self):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", IDLE_PROCESS, stdout=asyncio.subprocess.PIPE)
        while not self.is_over:
            with contextlib.suppress(asyncio.TimeoutError):
                self.machine.tell(float(await asyncio.wait_for(process.stdout.readline(), 1) or 0))
        process.kill()
        await process.wait()

    async def watch(self):
        while not self.is_over:
            await asyncio.sleep(SAMPLE)
            waits, self.waits = sorted(self.waits) or [0.0], []
            row = {"time": time.monotonic() - self.began, "median ms": statistics.median(waits) * 1000,
                   "p99 ms": waits[int(len(waits) * 0.99)] * 1000,
                   "own late ms": self.own.most(time.monotonic() - SAMPLE) * 1000,
                   "machine late ms": self.machine.most(time.monotonic() - SAMPLE) * 1000}
            for replica in self.replicas:
                with contextlib.suppress(OSError, TypeError):
                    row |= {f"{replica.name} {name}": value for name, value in replica.sample().items()}
            self.rows.append(row)

    async def run(self):
        for replica in self.replicas:
            await asyncio.to_thread(replica.start)
        loop = asyncio.get_running_loop()
        _, self.telephone = await loop.create_datagram_endpoint(Telephone, local_addr=("127.0.0.1", 0))
        self.began, self.ends = time.monotonic(), time.monotonic() + self.seconds
        callers = [self.repeatedly(self.live) for _ in range(LIVE)]
        callers += [self.repeatedly(self.audio_socket) for _ in range(AUDIO_SOCKET)]
        callers += [self.repeatedly(self.sip) for _ in range(SIP)]
        callers += [self.repeatedly(self.announcement, 4 / ANNOUNCEMENTS) for _ in range(4)]
        callers += [self.repeatedly(self.compressed, 1 / COMPRESSED), self.repeatedly(self.stranger, 1),
                    self.repeatedly(self.old_link, 2)]
        await asyncio.gather(*callers, self.administrate(), self.watch(), self.witness(), self.witness_machine())
        # Calls are over: what stays is what nobody has.
        await asyncio.sleep(3)
        idle = {replica.name: replica.sample() for replica in self.replicas}
        codes = {replica.name: await asyncio.to_thread(replica.service.end) for replica in self.replicas}
        return idle, codes

    def judge(self, idle, codes):
        failures = list(self.lost)
        failures += [f"{name} ended with {code}" for name, code in codes.items() if code != 0]
        steady = [row for row in self.rows if row["time"] > self.seconds * WARMING]
        half = len(steady) // 2
        for what, slack in (("one megabytes", 4), ("one descriptors", 12), ("one threads", 3)):
            values = [row[what] for row in steady if what in row]
            first, last = statistics.median(values[:half] or [0]), statistics.median(values[half:] or [0])
            print(f"soak: {what}: {first:.1f} in the first half, {last:.1f} in the second, at most {max(values):.1f}; "
                  f"{idle['one'][what.split()[1]]:.1f} when all calls were over")
            if last > first * 1.05 + slack:
                failures.append(f"{what} grow from {first:.1f} to {last:.1f}")
        waits = [row["p99 ms"] for row in steady]
        print(f"soak: an answer: median {statistics.median(row['median ms'] for row in steady):.1f} ms, p99 of five seconds: "
              f"median {statistics.median(waits):.0f}, most {max(waits):.0f} ms")
        times = [(row["time"], row["one seconds"]) for row in self.rows if "one seconds" in row]
        share = (times[-1][1] - times[0][1]) / (times[-1][0] - times[0][0])
        print(f"soak: {share * 100:.0f} % of a core for the replica that was not killed")
        for name, witness in (("this program", self.own), ("the machine", self.machine)):
            print(f"soak: {name} was late by more than {LATE * 1000:.0f} ms {len(witness.moments)} times, "
                  f"at most {witness.most():.2f} s, {witness.since(0):.1f} s in all")
        print("soak: " + ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(self.counts.items())))
        for failure in failures[:20]:
            print(f"soak: failed: {failure}", file=sys.stderr)
        if len(failures) > 20:
            print(f"soak: and {len(failures) - 20} more", file=sys.stderr)
        return not failures


class Telephone(asyncio.DatagramProtocol):
    """Takes calls over SIP, hears for a while how many frames come, and hangs up (RFC 3261)."""

    def __init__(self):
        self.expected, self.calls = {}, {}

    def connection_made(self, transport):
        self.transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def expect(self, user, lasts):
        self.expected[user] = (asyncio.get_running_loop().create_future(), lasts)
        return self.expected[user][0]

    def datagram_received(self, data, address):
        top = data.split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        kept = [line for line in top[1:] if line.split(":")[0].strip().lower() in ("via", "from", "to", "call-id", "cseq")]
        name = next((line for line in kept if line.lower().startswith("call-id")), "")
        if top[0].startswith("INVITE ") and name not in self.calls:
            asyncio.ensure_future(self.take(top, kept, name, data, address))
        elif top[0].startswith("BYE "):
            self.transport.sendto("\r\n".join(["SIP/2.0 200 OK", *kept, "Content-Length: 0", "", ""]).encode(), address)

    async def take(self, top, kept, name, offer, address):
        self.calls[name] = True
        user = top[0].split("sip:")[1].split("@")[0]
        future, lasts = self.expected.pop(user, (None, 0))
        if future is None:
            return
        loop = asyncio.get_running_loop()
        media, sound = await loop.create_datagram_endpoint(Frames, local_addr=("127.0.0.1", 0))
        try:
            port = media.get_extra_info("sockname")[1]
            tagged = [line + ";tag=soak" if line.lower().startswith("to:") else line for line in kept]
            ringing = ["SIP/2.0 180 Ringing", *tagged, "Content-Length: 0", "", ""]
            self.transport.sendto("\r\n".join(ringing).encode(), address)
            await asyncio.sleep(0.3)
            answer = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", f"m=audio {port} RTP/AVP 0"]
            if b"m=text" in offer:
                answer.append("m=text 0 RTP/AVP 98")
            text = "\r\n".join([*answer, ""])
            contact = f"Contact: <sip:{user}@127.0.0.1:{self.port}>"
            taken = ["SIP/2.0 200 OK", *tagged, contact, "Content-Type: application/sdp", f"Content-Length: {len(text)}", "", text]
            self.transport.sendto("\r\n".join(taken).encode(), address)
            await asyncio.wait_for(sound.first, 30)
            await asyncio.sleep(lasts)
            frames = sound.count
            # A request of the other direction: whom we answered is whom we ask.
            fields = {line.split(":")[0].lower(): line.split(":", 1)[1].strip() for line in tagged}
            to = next((line.split(":", 1)[1] for line in top if line.lower().startswith("contact:")), "")
            target = to[to.index("<") + 1:to.index(">")] if "<" in to else to.strip()
            bye = [f"BYE {target} SIP/2.0", f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{secrets.token_hex(8)}",
                   "Max-Forwards: 70", f"From: {fields['to']}", f"To: {fields['from']}", f"Call-ID: {fields['call-id']}",
                   "CSeq: 1 BYE", "Content-Length: 0", "", ""]
            self.transport.sendto("\r\n".join(bye).encode(), address)
            if not future.done():
                future.set_result(frames)
        except asyncio.TimeoutError:
            if not future.done():
                future.set_exception(Lost("nothing is heard over SIP"))
        finally:
            media.close()


class Frames(asyncio.DatagramProtocol):
    def __init__(self):
        self.count, self.first = 0, asyncio.get_running_loop().create_future()

    def datagram_received(self, data, address):
        if not self.first.done():
            self.first.set_result(None)
        else:
            self.count += 1


def draw(rows, path):
    try:
        import matplotlib
    except ImportError:
        return print("soak: no picture: python3-matplotlib is not there")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, charts = pyplot.subplots(4, 1, figsize=(9, 10), sharex=True)
    columns = [("megabytes", "memory, MB"), ("descriptors", "descriptors"), ("seconds", "processor time, % of a core")]
    for chart, (name, title) in zip(charts, columns):
        for replica in ("one", "two"):
            points = [(row["time"] / 60, row[f"{replica} {name}"]) for row in rows if f"{replica} {name}" in row]
            if name == "seconds":
                points = [(b[0], max(0, (b[1] - a[1]) / (b[0] - a[0]) / 0.6)) for a, b in zip(points, points[1:])]
            chart.plot(*zip(*points), label=replica)
        chart.set_ylabel(title)
        chart.set_ylim(bottom=0)
        chart.legend(loc="lower right")
    charts[3].semilogy([row["time"] / 60 for row in rows], [row["median ms"] or None for row in rows], label="median")
    charts[3].semilogy([row["time"] / 60 for row in rows], [row["p99 ms"] or None for row in rows], label="p99")
    charts[3].set_ylabel("an answer, ms")
    charts[3].set_xlabel("minutes")
    charts[3].legend(loc="lower right")
    figure.tight_layout()
    figure.savefig(path, dpi=100)


def main():
    seconds, out = float(sys.argv[1]), sys.argv[2]
    os.makedirs(out, exist_ok=True)
    with folder() as work:
        soak = Soak(work, seconds)
        try:
            idle, codes = asyncio.run(soak.run())
        finally:
            for replica in soak.replicas:
                if replica.service is not None:
                    replica.service.kill()
        passed = soak.judge(idle, codes)
    names = list(dict.fromkeys(name for row in soak.rows for name in row))
    with open(os.path.join(out, "soak.csv"), "w", encoding="ascii", newline="") as table:
        writer = csv.DictWriter(table, names)
        writer.writeheader()
        writer.writerows({name: f"{value:.3f}" for name, value in row.items()} for row in soak.rows)
    draw(soak.rows, os.path.join(out, "soak.png"))
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
