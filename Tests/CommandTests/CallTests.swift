// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// `speakcode call` with telephones that are other programs: baresip and sipp, on the loopback.
@Suite("Calls", .timeLimit(.minutes(10)))
struct CallTests {
    /// A short reading.
    private static let spoken = "12 --template code-only --gap 0.1s --pause 0.2s"

    private func script(_ text: String, scenario: String = "") async throws -> (outcome: Outcome, shell: Shell) {
        let shell = try Shell()
        try Data(scenario.utf8).write(to: shell.folder.appending(path: "scenario.xml"))
        let port = try #require(Loopback.freePort())
        let outcome = try await shell.bash("port=\(port)\n" + Telephones.functions + text)
        return (outcome, shell)
    }

    // MARK: What is heard

    @Test("are heard frame by frame as they are rendered", arguments: ["udp", "tcp", "tls"])
    func heard(transport: String) async throws {
        let (outcome, shell) = try await script(
            """
            certificate
            telephone $port
            place=$port; [[ \(transport) != tls ]] || place=$((port + 1))
            "$speakcode" \(Self.spoken) --times 2 --format ulaw -o rendered.ulaw
            SSL_CERT_FILE=$PWD/cert.pem "$speakcode" call "sip:anna@127.0.0.1:$place;transport=\(transport)" \
                \(Self.spoken) --times 2
            status=$?
            until grep -qs "terminated (duration" phone.log; do sleep 0.02; done
            exit $status
            """)
        defer { shell.remove() }
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            outcome.errorLines == [
                "speakcode: ringing …", "speakcode: answered", "speakcode: reading 1", "speakcode: reading 2",
                "speakcode: hung up after 2 readings",
            ], "\(outcome.errors)")
        let compared = try await shell.python(Telephones.comparison)
        #expect(compared.text == "alike\n", "\(compared.errors)")
    }

    @Test("are read by Linphone in real-time text, line by line from the first character on")
    func read() async throws {
        let (outcome, shell) = try await script(
            """
            reads $port
            "$speakcode" call sip:anna@127.0.0.1:$port 735198 --times 2
            status=$?
            echo quit >&8
            wait $telephone
            sed -n 's/^.*Message received from [^ ]*: //p' said
            exit $status
            """)
        defer { shell.remove() }
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.text == "Your verification code is:\n735198\nI repeat:\n735198\n", "\(outcome.text)")
    }

    // MARK: What a check says of what was heard

    /// A code and how it is read, long enough for clocks, and what a recording of it is made into.
    private static let checked = """
        options=(--template code-only --gap 0.3s --pause 0.3s)
        "$speakcode" "735 198" "${options[@]}" --times 2 -o sent.wav --captions code.json
        # What a check finds in a recording, in its own words.
        found() { "$speakcode" check "$1" --against code.json "${options[@]}" --json 2>/dev/null |
            python3 -c 'import json, sys; print(*[f["kind"] for f in json.load(sys.stdin)["findings"]] or ["clean"])'; }
        # The recording as it is, and with defects at known places of it.
        defects() {
            found "$1"
            read -r start end third < <(python3 - <<'PLACES'
        import json
        cues = json.load(open("code.json"))["cues"]
        print(cues[3]["start"], cues[3]["end"], cues[8]["start"] - 0.05)
        PLACES
            )
            begins=$("$speakcode" check "$1" --against code.json "${options[@]}" --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["offset"])')
            at() { python3 -c "print(max(0, $begins + $1))"; }
            sox "$1" a.wav trim 0 "$(at $start)"; sox "$1" b.wav trim "$(at $end)"
            sox -n -r 8000 -b 16 s.wav trim 0 "$(python3 -c "print($end - $start)")"
            sox a.wav s.wav b.wav lost.wav; found lost.wav
            sox "$1" cut.wav trim 0 "$(at $third)"; found cut.wav
            sox "$1" soft.wav vol -10dB; found soft.wav
            sox -n -r 8000 -b 16 hiss.wav synth "$(soxi -D "$1")" whitenoise vol -24dB
            sox -m -v 1 "$1" -v 1 hiss.wav noisy.wav; found noisy.wav
            sox "$1" fast.wav speed 1.0004 rate 8000; found fast.wav
            sox "$1" c.wav trim "$(at $start)"; sox -n -r 8000 -b 16 d.wav trim 0 0.04
            sox a.wav d.wav c.wav slip.wav; found slip.wav
            sox "$1" loud.wav vol 9dB; sox loud.wav -b 16 clipped.wav vol -6dB; found clipped.wav
        }

        """
    private static let findings = """
        clean
        lost
        cut-at-end
        level
        noise
        drift
        slip
        clipping

        """

    @Test("are found good by a check, and bad where they have been made so, as baresip records them")
    func checkedByBaresip() async throws {
        let (outcome, shell) = try await script(
            Self.checked + """
                certificate
                telephone $port
                "$speakcode" call "sip:anna@127.0.0.1:$port" "735 198" "${options[@]}" --times 2 2>call.txt
                until grep -qs "terminated (duration" phone.log; do sleep 0.02; done
                cp phone/dump*dec.wav heard.wav; defects heard.wav
                """)
        defer { shell.remove() }
        #expect(outcome.text == Self.findings, "\(outcome.errors)")
    }

    @Test("are found good by a check, and bad where they have been made so, as a telephone of sipp has them sent")
    func checkedBySipp() async throws {
        let (outcome, shell) = try await script(
            Self.checked + """
                pair media; sed -i "s/\\[media_port\\]/$media/" scenario.xml
                # Writes down what comes by RTP, A-law, by its time stamps.
                cat >recorder.py <<'RECORDER'
                import socket, struct, sys
                door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); door.bind(("127.0.0.1", int(sys.argv[1])))
                print("listens", flush=True)
                heard, first = bytearray(), None
                while True:
                    packet = door.recv(2048)
                    if packet == b"end": break
                    stamp = struct.unpack("!I", packet[4:8])[0]
                    first = stamp if first is None else first
                    place = stamp - first & 0xFFFFFFFF
                    heard += bytes([0xD5]) * (place + len(packet) - 12 - len(heard))
                    heard[place:place + len(packet) - 12] = packet[12:]
                open("heard.al", "wb").write(heard)
                RECORDER
                python3 recorder.py $media >recorder.txt & recorder=$!
                until grep -qs listens recorder.txt; do sleep 0.02; done
                answers $port scenario.xml
                "$speakcode" call sip:anna@127.0.0.1:$port "735 198" "${options[@]}" --times 2 2>call.txt
                wait $telephone; printf end >/dev/udp/127.0.0.1/$media; wait $recorder
                sox -t al -r 8000 -c 1 heard.al -b 16 -e signed heard.wav; defects heard.wav
                """, scenario: Self.taken)
        defer { shell.remove() }
        #expect(outcome.text == Self.findings, "\(outcome.errors)")
    }

    // MARK: How it ends

    @Test(
        "that are not taken say why, and end with a status of their own",
        arguments: [
            (486, 75, "the line is busy"), (600, 75, "the line is busy"), (603, 77, "the call was declined"),
            (403, 77, "the call was declined"), (404, 67, "there is no such address"), (480, 69, "nobody answered"),
            (407, 77, "a user and a password are asked for"), (503, 76, "the call failed (503"),
        ])
    func refused(status: Int, exit: Int32, words: String) async throws {
        let scenario = Telephones.scenario(
            .wait(request: "INVITE"), .answer(180, to: "INVITE"), .answer(status, to: "INVITE"), .wait(request: "ACK"))
        let (outcome, shell) = try await script(
            """
            answers $port scenario.xml
            "$speakcode" call sip:anna@127.0.0.1:$port \(Self.spoken)
            status=$?
            wait $telephone && exit $status
            """, scenario: scenario)
        defer { shell.remove() }
        #expect(outcome.status == exit, "\(outcome.errors)")
        #expect(outcome.errorLines.first == "speakcode: ringing …")
        #expect(outcome.errorLines.last?.hasPrefix("speakcode: \(words)") == true, "\(outcome.errors)")
    }

    @Test("that nobody takes are taken back when their time is over")
    func noAnswer() async throws {
        let (outcome, shell) = try await script(
            """
            answers $port scenario.xml
            "$speakcode" call sip:anna@127.0.0.1:$port \(Self.spoken) --timeout 1s
            status=$?
            wait $telephone && exit $status
            """, scenario: Self.ringing)
        defer { shell.remove() }
        #expect(outcome.status == 69, "\(outcome.errors)")
        #expect(outcome.errorLines.last == "speakcode: nobody answered")
    }

    private static let ringing = Telephones.scenario(
        .wait(request: "INVITE"), .answer(180, to: "INVITE"), .wait(request: "CANCEL"), .answer(200, to: "CANCEL"),
        .answer(487, to: "INVITE"), .wait(request: "ACK"))

    /// Rings, is taken although it was taken back, and hears that it is over (RFC 3261, section 9.1).
    private static let late = Telephones.scenario(
        .wait(request: "INVITE"), .answer(180, to: "INVITE"), .wait(request: "CANCEL"), .answer(200, to: "CANCEL"),
        .answer(200, to: "INVITE"), .wait(request: "ACK"), .wait(request: "BYE"), .answer(200, to: "BYE"))

    /// Is taken, and talks until the caller hangs up.
    private static let taken = Telephones.scenario(
        .wait(request: "INVITE"), .answer(180, to: "INVITE"), .answer(200, to: "INVITE"), .wait(request: "ACK"),
        .wait(request: "BYE"), .answer(200, to: "BYE"))

    @Test(
        "are hung up by a signal as by Ctrl-C, whatever they are doing",
        arguments: [
            (ringing, "ringing …", 143, "taken back before anybody answered"),
            (taken, "reading 1", 143, "hung up before a reading was whole"),
            (taken, "reading 2", 0, "hung up after 1 reading"),
        ])
    func interrupted(scenario: String, at moment: String, status: Int32, words: String) async throws {
        let (outcome, shell) = try await script(
            """
            answers $port scenario.xml
            "$speakcode" call sip:anna@127.0.0.1:$port \(Self.spoken) 2>said &
            caller=$!
            until grep -qs "\(moment)" said; do sleep 0.01; done
            kill -TERM $caller # what runs in the background of a script has SIGINT ignored
            wait $caller
            status=$?
            cat said >&2
            wait $telephone && exit $status
            """, scenario: scenario)
        defer { shell.remove() }
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.errorLines.last == "speakcode: \(words)", "\(outcome.errors)")
    }

    @Test("that are taken while they are taken back are ended as well")
    func race() async throws {
        let (outcome, shell) = try await script(
            """
            answers $port scenario.xml
            "$speakcode" call sip:anna@127.0.0.1:$port \(Self.spoken) --timeout 1s
            status=$?
            wait $telephone && exit $status
            """, scenario: Self.late)
        defer { shell.remove() }
        #expect(outcome.status == 69, "\(outcome.errors)")
    }

    @Test("end when the telephone hangs up, at any moment", arguments: [0, 1, 20, 150, 700])
    func hungUp(milliseconds: Int) async throws {
        let scenario = Telephones.scenario(
            .wait(request: "INVITE"), .answer(200, to: "INVITE"), .wait(request: "ACK"),
            .pause(milliseconds: milliseconds), .ask("BYE"), .waitForAnswer(200))
        let (outcome, shell) = try await script(
            """
            answers $port scenario.xml
            "$speakcode" call sip:anna@127.0.0.1:$port 123456
            status=$?
            wait $telephone && exit $status
            """, scenario: scenario)
        defer { shell.remove() }
        #expect(outcome.status == 75, "\(outcome.errors)")
        #expect(outcome.errorLines.last == "speakcode: they hung up before a reading was whole", "\(outcome.errors)")
    }

    /// Signalling of which packets are lost.
    private struct Loss: CustomTestStringConvertible {
        let testDescription: String
        let scenario: String
        var options = "--times 1"
        /// How what is lost begins.
        var lost = ""
        let count: Int
        let status: Int32
    }

    /// The command does not wait for what comes again once it knows of an end: that ends by itself.
    private static let losses = [
        Loss(
            testDescription: "the caller hangs up",
            scenario: scenario([.wait(request: "BYE"), .answer(200, to: "BYE")]), count: 5, status: 0),
        Loss(
            testDescription: "the telephone hangs up", scenario: scenario([.ask("BYE"), .waitForAnswer(200)]),
            options: "", lost: "(?s)INVITE|ACK|BYE|SIP/2.0 200.*CSeq: [0-9]+ INVITE", count: 4, status: 75),
        Loss(
            testDescription: "it rings",
            scenario: scenario(
                first: [.answer(180, to: "INVITE")], [.wait(request: "BYE"), .answer(200, to: "BYE")]), count: 6,
            status: 0),
        Loss(
            testDescription: "a password is asked for",
            scenario: scenario(
                first: [.answer(407, to: "INVITE"), .wait(request: "ACK"), .wait(request: "INVITE")],
                [.wait(request: "BYE"), .answer(200, to: "BYE")]),
            options: "--times 1 --user me --password-file word", lost: "INVITE|SIP/2.0|BYE", count: 6, status: 0),
        Loss(
            testDescription: "the line is busy",
            scenario: Telephones.scenario(
                .wait(request: "INVITE"), .answer(486, to: "INVITE"), .wait(request: "ACK")),
            lost: "INVITE|SIP/2.0", count: 2, status: 75),
        Loss(
            testDescription: "it is taken back", scenario: ringing, options: "--timeout 6s",
            lost: "INVITE|SIP/2.0 180|CANCEL", count: 3, status: 69),
    ]

    /// Taken, and what follows.
    private static func scenario(first: [Telephones.Step] = [], _ steps: [Telephones.Step]) -> String {
        Telephones.scenario(
            [.wait(request: "INVITE")] + first + [.answer(200, to: "INVITE"), .wait(request: "ACK")] + steps)
    }

    @Test("whose every packet of signalling is lost once come to the same end", arguments: losses)
    private func lossy(loss: Loss) async throws {
        // In the call, too, requests go by way of it.
        let relay = """
            import re, select, socket, sys
            near, far, pattern = sys.argv[1:]
            front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); front.bind(("127.0.0.1", int(near)))
            back = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); back.bind(("127.0.0.1", 0))
            seen, caller, lost = set(), None, 0
            while True:
                for end in select.select([front, back], [], [])[0]:
                    data, address = end.recvfrom(65536)
                    if end is front: caller = address
                    if data not in seen and re.match(pattern.encode(), data):
                        seen.add(data); lost += 1
                        open("lost", "w").write(str(lost))
                    elif end is front: back.sendto(data, ("127.0.0.1", int(far)))
                    else: front.sendto(data.replace(b"127.0.0.1:" + far.encode(), b"127.0.0.1:" + near.encode()), caller)
            """
        let near = try #require(Loopback.freePort())
        let (outcome, shell) = try await script(
            """
            (umask 077; echo word >word)
            answers $port scenario.xml
            python3 -c '\(relay)' \(near) $port '\(loss.lost)' &
            listens \(near)
            "$speakcode" call sip:anna@127.0.0.1:\(near) \(Self.spoken) \(loss.options)
            status=$?
            wait $telephone || exit 1
            echo lost $(<lost)
            exit $status
            """, scenario: loss.scenario)
        defer { shell.remove() }
        #expect(outcome.status == loss.status, "\(outcome.errors)")
        #expect(outcome.text == "lost \(loss.count)\n")
    }

    // MARK: What is refused

    private static let canHaveNetworkOfItsOwn =
        geteuid() == 0 && FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare")

    @Test(
        "find a port that nobody has, though others have half of them for TCP",
        .enabled(if: canHaveNetworkOfItsOwn, "needs root and unshare"))
    func ports() async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash(
            """
            cat >calls.py <<'CALLS'
            import fcntl, os, socket, struct, subprocess
            with socket.socket() as any: fcntl.ioctl(any, 0x8914, struct.pack("16sh", b"lo", 0x49))  # up and running
            open("/proc/sys/net/ipv4/ip_local_port_range", "w").write("40000 40511")
            others = [socket.create_server(("127.0.0.1", port)) for port in range(40000, 40512, 2)]
            call = [os.environ["speakcode"], "call", "sip:anna@127.0.0.1:5060", "12", "--timeout", "5s"]
            calls = [subprocess.Popen(call, stderr=subprocess.PIPE, text=True) for _ in range(8)]
            print(sum("cannot listen" in one.communicate()[1] for one in calls))
            CALLS
            speakcode=$speakcode unshare -n python3 calls.py
            """)
        #expect(outcome.text == "0\n", "\(outcome.errors)")
    }

    @Test(
        "are not begun where they cannot be made, and say what to do",
        arguments: [
            ("+4930123456 123456", 64, "only sip: addresses"), ("sips:a@h 123456", 64, "transport=tls"),
            ("'sip:a@h;x' 123456", 64, "nothing else"), ("sip:a@h 123456 --times 0", 64, "--times"),
            ("sip:a@h 123456 --user me", 64, "--password-file"),
            ("sip:a@h 123456 --proxy nowhere/", 64, "--proxy must be such as"),
            ("sip:a@h 123456 --timeout 0", 64, "--timeout"), ("sip:a@h '12 !'", 65, "punctuation"),
            ("sip:a@h", 64, "no code"),
            ("sip:a@h 123456 --user me --password-file secret", 78, "chmod 600"),
        ])
    func wrong(arguments: String, status: Int32, words: String) async throws {
        let shell = try Shell()
        defer { shell.remove() }
        let outcome = try await shell.bash("echo word >secret; \"$speakcode\" call \(arguments)")
        #expect(outcome.status == status, "\(outcome.errors)")
        #expect(outcome.errorLines.count == 1, "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(!outcome.errors.contains("123456"))
    }
}
