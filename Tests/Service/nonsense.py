# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends the service every kind of nonsense.

It is answered with problem details of a 4xx status that repeat nothing of what was sent, where it is no HTTP as well; or
the connection is closed; and the service lives on. Exits 1 where one of these is not so.
"""

import concurrent.futures
import json
import secrets
import socket
import sys
import time

from service import Connection, Service, ask, file, folder, get, request

# Stands in everything that is sent, and so may stand in nothing that comes back.
MARK = "8675309424242"
PATH = "/v1/announcements"
IDLE = 4
findings = []


def wrong(name, what, answer=None):
    shown = "" if answer is None else f" ({answer.status}, {answer.headers.get('content-type', 'no type')})"
    findings.append(f"{name}: {what}{shown}")


def expect(name, answer, statuses, kinds=None):
    """Holds an answer to what is expected of it."""
    if answer is None:
        return wrong(name, "the connection was closed without an answer")
    if answer.status not in statuses:
        wrong(name, f"expected {' or '.join(map(str, statuses))}", answer)
    elif answer.status >= 400 and answer.problem() is None:
        wrong(name, "no problem details", answer)
    elif kinds and answer.status >= 400 and answer.problem() not in kinds:
        wrong(name, f"expected {' or '.join(kinds)} and not {answer.problem()}", answer)
    if MARK.encode() in answer.raw or MARK.encode() in answer.raw.lower():
        wrong(name, "the answer repeats what was sent", answer)


# ---- Bodies ----------------------------------------------------------------------------------------------------------
def bodies():
    """Names, bodies and what is expected of them."""
    field, json_, long_ = ((422,), ("invalid-field",)), ((400,), ("not-json",)), ((413,), ("body-too-long",))
    yield "no body", b"", json_
    yield "white space", b" \n\t ", json_
    yield "no object but a text", f'"{MARK}"'.encode(), json_
    yield "no object but a number", MARK.encode(), json_
    yield "no object but a list", f'["{MARK}"]'.encode(), json_
    for word in (b"null", b"true", b"NaN", b"Infinity", b"undefined"):
        yield f"no object but {word.decode()}", word, json_
    yield "a comment", f'{{/* {MARK} */ "code": "1"}}'.encode(), json_
    yield "single quotes", f"{{'code': '{MARK}'}}".encode(), json_
    yield "a trailing comma", f'{{"code": "{MARK}",}}'.encode(), json_
    yield "two objects", f'{{"code": "{MARK}"}}{{"code": "{MARK}"}}'.encode(), json_
    yield "a form", f"code={MARK}&locale=en-US".encode(), json_
    yield "XML", f"<code>{MARK}</code>".encode(), json_
    yield "half an object", f'{{"code": "{MARK}'.encode(), json_
    yield "null bytes", b"\0" * 64 + MARK.encode(), json_
    yield "null bytes around", b'\0{"code": "' + MARK.encode() + b'"}\0', json_
    yield "a raw null byte in a text", b'{"code": "' + MARK.encode() + b'\0"}', json_
    yield "a raw line end in a text", b'{"code": "' + MARK.encode() + b'\n"}', json_
    yield "invalid UTF-8", b'{"code": "' + MARK.encode() + b'\xff\xfe"}', json_
    yield "overlong UTF-8", b'{"code": "' + MARK.encode() + b'\xc0\xb1"}', json_
    yield "a surrogate in UTF-8", b'{"code": "' + MARK.encode() + b'\xed\xa0\x80"}', json_
    yield "a cut-off character", b'{"code": "' + MARK.encode() + b'\xe2\x82"}', json_
    yield "UTF-16", f'{{"code": "{MARK}"}}'.encode("utf-16"), json_
    yield "UTF-32", f'{{"code": "{MARK}"}}'.encode("utf-32"), json_
    yield "compressed", b"\x1f\x8b\x08\0\0\0\0\0" + secrets.token_bytes(64), json_
    yield "random bytes", secrets.token_bytes(1024), json_
    yield "a bad escape", f'{{"code": "{MARK}\\x"}}'.encode(), json_
    for name, text in {"high": "\\ud800", "low": "\\udc00", "reversed": "\\udc00\\ud800", "cut": "\\ud8"}.items():
        yield f"a lone surrogate, {name}", f'{{"code": "{MARK}{text}"}}'.encode(), ((400, 422), None)
        yield f"a lone surrogate in a name, {name}", f'{{"{text}": "{MARK}"}}'.encode(), ((400, 422), None)
    yield "the same key twice", f'{{"code": "{MARK}", "code": "1{MARK}"}}'.encode(), json_
    yield "the same key, once escaped", f'{{"code": "{MARK}", "c\\u006fde": "1{MARK}"}}'.encode(), json_
    for depth in (17, 500, 2000):
        yield f"{depth} lists deep", b'{"code": ' + b"[" * depth + b"]" * depth + b"}", ((400, 422), None)
        yield f"{depth} lists opened", b"[" * depth, json_
        if depth < 600:
            yield f"{depth} objects deep", b'{"a":' * depth + b"1" + b"}" * depth, ((400, 413, 422), None)
        closers = b'{"a": "' + b"]" * min(depth, 1500) + b'", "code": ' + b"[" * min(depth, 1200)
        yield f"{depth} lists behind closed ones in a text", closers + b"]" * min(depth, 1200) + b"}", ((400, 422), None)
    yield "brackets in a code", f'{{"code": "{"[" * 20}{MARK}"}}'.encode(), field
    yield "10,000 digits", b'{"code": "' + b"7" * 10_000 + b'"}', long_
    yield "4,000 digits", b'{"code": "' + b"7" * 4_000 + b'"}', field
    yield "33 digits", b'{"code": "' + b"7" * 33 + b'"}', field
    yield "4,097 bytes", b'{"code": "1"}' + b" " * 4084, long_
    yield "a megabyte", b'{"code": "' + b"7" * (1 << 20) + b'"}', long_
    yield "no code", b"{}", field
    for name, value in {
        "a number": MARK, "a fraction": "1.5", "true": "true", "null": "null", "a list": f'["{MARK}"]',
        "an object": f'{{"{MARK}": 1}}', "an empty text": '""', "spaces": '"   "', "hyphens": '"---"',
        "a word": f'"{MARK}é"', "an emoji": f'"{MARK}\U0001f4de"', "a null byte": f'"{MARK}\\u0000"',
        "a line": f'"{MARK}\\r\\n{MARK}"', "an accent": f'"{MARK}\u0301"',
        "a direction alone": '"\u202e"', "a Roman numeral": '"Ⅷ"', "a path": '"../../etc/passwd"',
        "markup": f'"<speak>{MARK}</speak>"', "engine markup": f'"[[{MARK}]]"', "a huge number": "1" + "0" * 400,
        "an exponent": "1e999",
    }.items():
        yield f"a code that is {name}", f'{{"code": {value}}}'.encode(), ((400, 422), None)
    for name in ("readings", "maxDuration", "expiresIn"):
        for value in ("0", "-1", "1.5", "1e99", "99999999999999999999", f'"{MARK}"', "true", "[]", "{}", "-0.0"):
            yield f"{name} of {value}", f'{{"code": "{MARK}", "{name}": {value}}}'.encode(), field
        yield f"{name} of 1e999", f'{{"code": "{MARK}", "{name}": 1e999}}'.encode(), ((400, 422), None)
    for name in ("locale", "style", "letters", "register", "template", "format", "secondLocale", "voice", "phoneNumber"):
        for value in (MARK, "true", "[]", "{}", '""', f'"{MARK}"', f'"{"x" * 65}"', f'"{"en-" * 100}"', '"../en-US"',
                      '"en-US\\u0000"', '"\\ud83d\\ude00"', '"en\\r\\nX-Mark: 1"'):
            yield f"{name} of {value[:20]}", f'{{"code": "1", "{name}": {value}}}'.encode(), field
    for value in ("1", f'"{MARK}"', "[]", "{}"):
        yield f"gate of {value}", f'{{"code": "1", "gate": {value}}}'.encode(), field
    for value in ("1", f'"{MARK}"', '"again"', "true", "{}", f'["{MARK}"]', "[1]", "[[]]", '["again", null]'):
        yield f"keys of {value}", f'{{"code": "1", "keys": {value}}}'.encode(), field
    for value in ("1", f'"{MARK}"', "true", "[]", f'{{"rate": "{MARK}"}}', '{"rate": 49}', '{"symbolPause": 10001}',
                  '{"preset": 1}', f'{{"preset": "{MARK}"}}', '{"groupPause": -1}', '{"readingPause": []}'):
        yield f"pacing of {value}", f'{{"code": "1", "pacing": {value}}}'.encode(), field
    unknown = ((422,), ("unknown-field",))
    yield "an unknown field", f'{{"code": "1", "{MARK}": "{MARK}"}}'.encode(), unknown
    yield "an unknown field of pacing", f'{{"code": "1", "pacing": {{"{MARK}": 1}}}}'.encode(), unknown
    yield "an unknown slot", f'{{"code": "1", "slots": {{"{MARK}": "{MARK}"}}}}'.encode(), field
    yield "another case", f'{{"code": "1", "Readings": {MARK}}}'.encode(), unknown
    yield "400 unknown fields", b'{"code": "1"' + b"".join(b', "f%d":0' % i for i in range(400)) + b"}", ((413, 422), None)
    yield "an empty name", f'{{"code": "1", "": "{MARK}"}}'.encode(), unknown
    yield "a prototype", f'{{"code": "1", "__proto__": {{"x": "{MARK}"}}}}'.encode(), unknown


def check_bodies(port, key):
    for name, body, (statuses, kinds) in bodies():
        answer = ask(port, "POST", PATH, [f"Authorization: Bearer {key}", "Content-Type: application/json"], body)
        expect(name, answer, statuses, kinds)
        # The same in chunks of which nobody has told the length.
        with Connection(port) as connection:
            chunks = b"".join(b"%x\r\n%b\r\n" % (len(c), c) for c in (body[:7], body[7:]) if c) + b"0\r\n\r\n"
            headers = [f"Authorization: Bearer {key}", "Transfer-Encoding: chunked"]
            try:
                connection.send(request("POST", PATH, headers) + chunks)
            except ConnectionError:
                pass
            expect(name + ", in chunks", connection.answer(), statuses, kinds)


# ---- Heads -----------------------------------------------------------------------------------------------------------
def check_heads(port, key):
    good, authorization = b'{"code": "1"}', f"Authorization: Bearer {key}"
    for type_ in ("application/xml", "multipart/form-data; boundary=x", "image/png", "json", ";", "application/json/x", MARK):
        answer = ask(port, "POST", PATH, [authorization, f"Content-Type: {type_}"], good)
        expect(f"the type {type_}", answer, (415,), ("not-json",))
    for name, header in {
        "no key": "X: 1", "an empty key": "Authorization: Bearer ", "no scheme": f"Authorization: {key}",
        "another scheme": f"Authorization: Basic {key}", "a wrong key": f"Authorization: Bearer {MARK}{MARK}",
        "half a key": f"Authorization: Bearer {key[:-1]}", "a longer key": f"Authorization: Bearer {key}A",
        "a key of 7,000 bytes": f"Authorization: Bearer {'A' * 7000}", "no ASCII": "Authorization: Bearer \xff\xfe\xe9",
    }.items():
        expect(name, ask(port, "POST", PATH, [header], good), (401,), ("no-such-key",))
    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "X" * 40):
        with Connection(port) as connection:
            connection.send(request(method, PATH, [authorization]))
            answer = connection.answer(head=method == "HEAD")
        if method == "HEAD" and answer is not None:
            if answer.status != 405:
                wrong("HEAD of announcements", "expected 405", answer)
        elif method in ("X" * 40, "get"):
            expect(f"the method {method[:9]}", answer, (501,), ("unknown-method",))
        elif method == "CONNECT":
            if answer is not None and not 400 <= answer.status < 500:
                wrong("the method CONNECT", "expected a 4xx", answer)
        else:
            expect(f"the method {method[:9]}", answer, (405,), ("method-not-allowed",))
    for path in ("/", "//", "/a", "/a/", "/a/.wav", "/a/x.wav", "/v1", "/v1/announcements/", "/V1/announcements",
                 "/v1/../healthz", "/%2e%2e/etc/passwd", "/a/%00.wav", f"/a/{MARK * 12}.wav", f"/a/{MARK * 12}/live.wav",
                 f"/a/{'A' * 4000}.wav", f"/a/{'_' * 120}.exe", f"/a/{'A' * 120}.wav/x", f"/a/{'A' * 60}%2Ewav",
                 f"/a/{'A' * 120}.wav?x=1", f"/a/{'=' * 120}.wav", "/healthz/x", "/metrics/..", f"/{MARK}"):
        expect(f"the path {path[:30]}", get(port, path), (404,), ("no-such-link", "no-such-route"))
        with Connection(port) as connection:
            connection.send(request("HEAD", path))
            answer = connection.answer(head=True)
            if answer is None or answer.status != 404:
                wrong(f"HEAD of the path {path[:30]}", "expected 404", answer)


def check_conditions(port, sealed):
    """Absurd ranges and conditions: each answer is one that RFC 9110 allows, and the bytes are right."""
    path = f"/a/{sealed}.wav"
    whole = get(port, path)
    if whole.status != 200:
        return wrong("the audio", "expected 200", whole)
    huge = "9" * 40
    for value in ("bytes=", "bytes=-", "bytes=a-b", "bytes=1-0", "bytes=--5", "bytes=0-0,5-9", "bytes=0-,0-,0-", "lines=0-5",
                  "bytes 0-5", "=", "bytes=0-5;x", f"bytes={MARK}x-", "bytes=+1-2", "bytes=0x10-0x20", "bytes=1.5-2",
                  "bytes=" + ",".join(["0-0"] * 1500), "\xff\xfe", "bytes=\u00b9-\u00b2"):
        answer = get(port, path, f"Range: {value}")
        if answer is None or answer.status not in (200, 206, 416) or answer.status == 206 and len(answer.body) > 2:
            wrong(f"Range: {value[:20]}", "expected the whole", answer)
        elif answer.status == 200 and answer.body != whole.body:
            wrong(f"Range: {value[:20]}", "other bytes", answer)
        if answer is not None and MARK.encode() in answer.raw[:2000]:
            wrong(f"Range: {value[:20]}", "the answer repeats what was sent", answer)
    for value in (f"bytes={huge}-", f"bytes={len(whole.body)}-", f"bytes={huge}-{huge}9", "bytes=-0"):
        expect(f"Range: {value[:20]}", get(port, path, f"Range: {value}"), (416,), ("range-not-satisfiable",))
    for value, part in {f"bytes=0-{huge}": whole.body, f"bytes=-{huge}": whole.body, "bytes=0-0": whole.body[:1],
                        "bytes=-1": whole.body[-1:], "bytes= 1 - 3 ": None}.items():
        answer = get(port, path, f"Range: {value}")
        if answer is None or answer.status not in (200, 206) or part is not None and answer.body != part:
            wrong(f"Range: {value[:20]}", "not these bytes", answer)
    tag = whole.headers.get("etag", "")
    for header, statuses in {
        f"If-None-Match: {tag}": (304,), "If-None-Match: *": (304,), f"If-None-Match: W/{tag}": (304,),
        f'If-None-Match: "x", {tag}': (304,), f"If-None-Match: {MARK}": (200,), 'If-None-Match: "': (200,),
        "If-None-Match: " + '"x",' * 1500: (200,), "If-None-Match: ,,,,": (200,), "If-None-Match: \xff": (200,),
        f"If-Match: {MARK}": (412,), f"If-Match: W/{tag}": (412,), "If-Match: *": (200,), "If-Match: " + '"x",' * 1500: (412,),
        "If-Modified-Since: yesterday": (200,), "If-Modified-Since: Sun, 06 Nov 9999999999 08:49:37 GMT": (200,),
        "If-Modified-Since: Sun, 99 Nov 1994 99:99:99 GMT": (200,), "If-Modified-Since: " + "9" * 3000: (200,),
        "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT": (200, 304), "If-Modified-Since: \xff": (200,),
        "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT": (412,), "If-Unmodified-Since: never": (200,),
    }.items():
        answer = get(port, path, header)
        expect(header[:40], answer, statuses, ("precondition-failed",))
        if answer is not None and answer.status == 200 and answer.body != whole.body:
            wrong(header[:40], "other bytes", answer)
    for value in (MARK, f"W/{tag}", '"', "\xff", "Sun, 06 Nov 1994 08:49:37 GMT", "x" * 3000):
        answer = get(port, path, f"If-Range: {value}", "Range: bytes=0-1")
        if answer is None or answer.status != 200 or answer.body != whole.body:
            wrong(f"If-Range: {value[:20]}", "expected the whole", answer)


# ---- What is not HTTP ------------------------------------------------------------------------------------------------
def check_framing(port, key):
    host, authorization = "Host: 127.0.0.1\r\n", f"Authorization: Bearer {key}\r\n"
    post = f"POST {PATH} HTTP/1.1\r\n{host}{authorization}"
    hidden = f"GET /{MARK} HTTP/1.1\r\n{host}\r\n"
    for name, text in {
        "TLS": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + "\0" * 300, "a word": f"{MARK}\r\n\r\n",
        "null bytes": "\0" * 500 + "\r\n\r\n", "HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + "\0" * 30,
        "HTTP/0.9": "GET /healthz\r\n\r\n", "HTTP/9.9": f"GET /healthz HTTP/9.9\r\n{host}\r\n",
        "no path": f"GET HTTP/1.1\r\n{host}\r\n", "a space in the path": f"GET /a b HTTP/1.1\r\n{host}\r\n",
        "a null byte in the path": f"GET /\0 HTTP/1.1\r\n{host}\r\n", "a byte over ASCII in the path": f"GET /\xff HTTP/1.1\r\n{host}\r\n",
        "a null byte in a header": f"GET /healthz HTTP/1.1\r\n{host}X: \0{MARK}\r\n\r\n",
        "a folded header": f"GET /healthz HTTP/1.1\r\n{host}X: 1\r\n {MARK}\r\n\r\n",
        "a header without a colon": f"GET /healthz HTTP/1.1\r\n{host}{MARK}\r\n\r\n",
        "a space before the colon": f"GET /healthz HTTP/1.1\r\n{host}X : {MARK}\r\n\r\n",
        "no host": "GET /healthz HTTP/1.1\r\n\r\n", "two hosts": f"GET /healthz HTTP/1.1\r\n{host}Host: {MARK}\r\n\r\n",
        "a header of 9 KB": f"GET /healthz HTTP/1.1\r\n{host}X: {'A' * 9000}\r\n\r\n",
        "headers of 40 KB": f"GET /healthz HTTP/1.1\r\n{host}" + f"X: {'A' * 2000}\r\n" * 20 + "\r\n",
        "200 headers": f"GET /healthz HTTP/1.1\r\n{host}" + "X: 1\r\n" * 200 + "\r\n",
        "a path of 20 KB": f"GET /{'A' * 20000} HTTP/1.1\r\n{host}\r\n",
        "two lengths": f"{post}Content-Length: 5\r\nContent-Length: 6\r\n\r\n", "a negative length": f"{post}Content-Length: -5\r\n\r\n",
        "a length of words": f"{post}Content-Length: {MARK}x\r\n\r\n", "a huge length": f"{post}Content-Length: {'9' * 40}\r\n\r\n",
        "a length and chunks": f"{post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}",
        "chunks twice": f"{post}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n{hidden}",
        "chunks not last": f"{post}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n{hidden}",
        "an unknown coding": f"{post}Transfer-Encoding: {MARK}\r\n\r\n0\r\n\r\n{hidden}",
        "a bad chunk": f"{post}Transfer-Encoding: chunked\r\n\r\nZZ\r\n{MARK}", "a huge chunk": f"{post}Transfer-Encoding: chunked\r\n\r\n{'F' * 40}\r\n",
        "a chunk without its end": f"{post}Transfer-Encoding: chunked\r\n\r\n1\r\nXX0\r\n\r\n",
    }.items():
        with Connection(port, timeout=15) as connection:
            try:
                connection.send(text.encode("latin-1"))
                answer = connection.answer()
            except ConnectionError:
                continue
            except socket.timeout:
                wrong(name, "neither an answer nor a closed connection")
                continue
            if answer is None:
                continue
            if not 400 <= answer.status < 500:
                wrong(name, "expected a 4xx", answer)
            elif answer.problem() is None:
                wrong(name, "no problem details", answer)
            elif MARK.encode() in answer.raw:
                wrong(name, "the answer repeats what was sent", answer)
            elif not connection.is_closed(within=IDLE + 6):
                wrong(name, "the connection stays open", answer)


def check_pipelining(port, key):
    authorization = f"Authorization: Bearer {key}"
    with Connection(port) as connection:
        connection.send(request("GET", "/healthz") * 20)
        answers = [connection.answer() for _ in range(20)]
        if any(answer is None or answer.body != b"alive\n" for answer in answers):
            wrong("20 requests at once", "not 20 answers")
    with Connection(port) as connection:
        good, bad = b'{"code": "1"}', f'{{"code": "{MARK}é"}}'.encode()
        for body in (good, bad, good):
            connection.send(request("POST", PATH, [authorization], body))
        statuses = [getattr(connection.answer(), "status", None) for _ in range(3)]
        if statuses != [201, 422, 201]:
            wrong("good, bad, good", f"answered with {statuses}")
    # A body that is refused before it was read is no request.
    with Connection(port) as connection:
        hidden = request("GET", "/healthz")
        connection.send(request("POST", PATH, [authorization], hidden.ljust(5000)))
        connection.send(request("GET", "/openapi.yaml", ["Connection: close"]))
        first, second = connection.answer(), connection.answer()
        expect("a long body", first, (413,), ("body-too-long",))
        if second is not None and second.body == b"alive\n":
            wrong("a long body", "was taken for a request", second)


# ---- Time ------------------------------------------------------------------------------------------------------------
def slow_body(port, key):
    body = f'{{"code": "{MARK}"}}'.encode().ljust(60)
    with Connection(port, timeout=30) as connection:
        connection.send(request("POST", PATH, [f"Authorization: Bearer {key}", f"Content-Length: {len(body)}"]))
        began = time.monotonic()
        connection.socket.settimeout(1)
        for byte in body:
            try:
                connection.send(bytes([byte]))
                answer = connection.answer()
            except socket.timeout:
                continue
            except ConnectionError:
                answer = None
            expect("a body of a byte a second", answer, (408,), ("body-too-slow",))
            break
        else:
            return wrong("a body of a byte a second", "was waited for")
        if time.monotonic() - began > 15:
            wrong("a body of a byte a second", f"was waited for {time.monotonic() - began:.0f} s")
        if answer is not None and not connection.is_closed(within=IDLE + 10):
            wrong("a body of a byte a second", "the connection stays open", answer)


def slow_head(port, _):
    with Connection(port, timeout=30) as connection:
        connection.send(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
        for _ in range(30):
            try:
                connection.send(b"A")
            except ConnectionError:
                return
            if connection.is_closed(within=1):
                return
    wrong("a head of a byte a second", f"was waited for 30 s, although idleSeconds is {IDLE}")


def half(name, data):
    def run(port, key):
        with Connection(port, timeout=60) as connection:
            connection.send(data.replace(b"KEY", key.encode()))
            began = time.monotonic()
            if not connection.is_closed(within=45):
                # An answer is as good, where the connection ends with it.
                if not connection.is_closed(within=IDLE + 10):
                    wrong(name, f"the connection is open after {time.monotonic() - began:.0f} s")

    return run


def patience():
    head = b"POST /v1/announcements HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer KEY\r\n"
    return [
        slow_body, slow_head, half("nothing at all", b""), half("half a line", b"GET /hea"),
        half("half a head", b"GET /healthz HTTP/1.1\r\nHost: 127"),
        half("half a body", head + b'Content-Length: 50\r\n\r\n{"code": "1'),
        half("half a chunk", head + b'Transfer-Encoding: chunked\r\n\r\n20\r\n{"code'),
        half("no chunk", head + b"Transfer-Encoding: chunked\r\n\r\n"),
    ]


def check_live(port, key, sealed):
    """Listeners who leave at every moment take no place with them."""
    path = f"/a/{sealed}/live.wav"
    for moment in range(300):
        with Connection(port) as connection:
            if moment % 2:
                connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            connection.send(request("GET", path))
            time.sleep((moment % 10) / 2000)
    time.sleep(1.5)
    metrics = get(port, "/metrics").body.decode()
    calls = [line for line in metrics.splitlines() if line.startswith("speakcode_live_calls ")]
    if not calls or float(calls[0].split()[1]) != 0:
        wrong("300 listeners who left", f"left places taken: {calls}")
    with Connection(port) as connection:
        connection.send(request("HEAD", path))
        answer = connection.answer(head=True)
        if answer is None or answer.status != 200 or "content-length" in answer.headers:
            wrong("HEAD of endless audio", "expected 200 without a length", answer)
    with Connection(port) as connection:
        connection.send(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        answer = connection.answer()
        if answer is None or answer.status != 200 or "transfer-encoding" in answer.headers:
            wrong("endless audio for HTTP/1.0", "expected 200 without chunks", answer)


def main():
    key = secrets.token_urlsafe(32)
    with folder() as work:
        arguments = [
            "--api-keys-file", file(work, "callers", f"nonsense {key}\n"), "--rate", "1000000", "--burst", "1000000",
            "--idle-seconds", str(IDLE), "--grace-seconds", "5", "--log-level", "trace",
        ]
        with Service(work, *arguments) as service:
            port = service.port
            made = ask(port, "POST", PATH, [f"Authorization: Bearer {key}", "Accept: text/plain"], b'{"code": "123456"}')
            if made is None or made.status != 201:
                sys.exit(f"nonsense: no announcement can be made: {made}")
            sealed = made.body.decode().rsplit("/", 1)[1].removesuffix(".wav")
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                waiting = [pool.submit(check, port, key) for check in patience()]
                check_bodies(port, key)
                check_heads(port, key)
                check_conditions(port, sealed)
                check_framing(port, key)
                check_pipelining(port, key)
                check_live(port, key, sealed)
                for check in waiting:
                    check.result()
            if service.process.poll() is not None:
                wrong("the service", f"ended with {service.process.returncode}")
            elif ask(port, "POST", PATH, [f"Authorization: Bearer {key}"], b'{"code": "1"}').status != 201:
                wrong("the service", "makes no announcements any more")
            code = service.end()
            if code != 0:
                wrong("the service", f"ended with {code} after SIGTERM")
            log = service.written()
            for secret, what in ((MARK, "what was sent"), (key, "the API key"), (sealed, "a link"), ("passwd", "a path")):
                if secret in log:
                    line = next(line for line in log.splitlines() if secret in line)
                    wrong("the log", f"has {what}: …{line[:120].replace(secret, '(it)')}…")
    for finding in findings:
        print(f"nonsense: {finding}", file=sys.stderr)
    print(f"nonsense: {len(findings)} findings" if findings else "nonsense: nothing found")
    sys.exit(1 if findings else 0)


if __name__ == "__main__":
    main()
