// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// `speakcode call` by way of Kamailio, which asks who calls, and of rtpengine, to baresip behind them.
@Suite(
    "Calls through a proxy", .timeLimit(.minutes(10)),
    .enabled(
        if: ["/usr/sbin/kamailio", "/usr/bin/rtpengine"].allSatisfy(FileManager.default.isExecutableFile),
        "needs kamailio and rtpengine: scripts/setup --test"))
struct ProxiedCallTests {
    /// A short reading.
    private static let spoken = "12 --template code-only --gap 0.1s --pause 0.2s --times 1"

    /// Runs a script in which `speakcode` calls by way of `$port`.
    private func script(_ text: String, challenges: String = "") async throws -> (outcome: Outcome, shell: Shell) {
        let shell = try Shell()
        let outcome = try await shell.bash(
            "port=1\n" + Telephones.functions + """
                pair port; pair phone; pair control
                certificate
                telephone $phone
                relay $control
                proxy $port $phone $control \(challenges)
                (umask 077; echo word >right; echo other >wrong)
                export SSL_CERT_FILE=$PWD/cert.pem
                speakcode() { "$speakcode" call sip:anna@example.invalid \(Self.spoken) "$@"; }
                \(text)
                """)
        return (outcome, shell)
    }

    @Test(
        "are heard frame by frame as they are rendered, once the password was told",
        arguments: [
            "--proxy sip:127.0.0.1:$port", "--proxy 'sip:127.0.0.1:'$port';transport=tcp'",
            "--proxy 'sip:127.0.0.1:'$((port + 1))';transport=tls'",
            "--proxy sip:127.0.0.1:$port --registrar sip:127.0.0.1:$port",
        ])
    func heard(options: String) async throws {
        let (outcome, shell) = try await script(
            """
            "$speakcode" \(Self.spoken) --format ulaw -o rendered.ulaw
            speakcode --user me --password-file right \(options)
            status=$?
            until grep -qs "terminated (duration" phone.log && grep -qs "delete' from .*elapsed" relay.log; do sleep 0.02; done
            # The packets that came from the caller, of the lines for RTP in both directions.
            sed -nE '/RTCP/d; s/.*Port .* ([0-9]+) p, .*/\\1/p' relay.log
            exit $status
            """)
        defer { shell.remove() }
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errorLines.last == "speakcode: hung up after 1 reading", "\(outcome.errors)")
        let compared = try await shell.python(Telephones.comparison)
        #expect(compared.text == "alike\n", "\(compared.errors)")
        let frames = (try shell.bytes("rendered.ulaw").count + 159) / 160
        #expect(outcome.text.split(separator: "\n").first == "\(frames)", "\(outcome.text)")
    }

    @Test(
        "are not made where the password is wrong, or there is none",
        arguments: [
            ("--proxy sip:127.0.0.1:$port --user me --password-file wrong", "check --user and --password-file"),
            ("--proxy sip:127.0.0.1:$port", "a user and a password are asked for"),
            (
                "--proxy sip:127.0.0.1:$port --registrar sip:127.0.0.1:$port --user me --password-file wrong",
                "check --user and --password-file"
            ),
        ])
    func locked(options: String, words: String) async throws {
        let (outcome, shell) = try await script("speakcode \(options)")
        defer { shell.remove() }
        #expect(outcome.status == 77, "\(outcome.errors)")
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
    }

    @Test("are not made over TLS to who cannot prove who it is", arguments: ["", "SSL_CERT_FILE=other.pem"])
    func untrusted(environment: String) async throws {
        let (outcome, shell) = try await script(
            """
            cp cert.pem mine.pem
            certificate other.example DNS:other.example; mv cert.pem other.pem; mv mine.pem cert.pem
            unset SSL_CERT_FILE
            \(environment) "$speakcode" call sip:anna@example.invalid \(Self.spoken) \
                --proxy 'sip:127.0.0.1:'$((port + 1))';transport=tls' --user me --password-file right
            """)
        defer { shell.remove() }
        #expect(outcome.status == 68, "\(outcome.errors)")
        #expect(outcome.errors.contains("certificate"), "\(outcome.errors)")
    }

    /// The other challenge that Kamailio sends beside its own.
    private static func beside(_ algorithm: String) -> String {
        #"'append_to_reply("Proxy-Authenticate: Digest realm=\"proxy\", nonce=\"none\", algorithm=\#(algorithm)\r\n");'"#
    }

    /// A challenge in place of Kamailio's own.
    private static func only(_ algorithm: String) -> String {
        String(beside(algorithm).dropLast()) + #"sl_send_reply("407", "Proxy Authentication Required"); exit;'"#
    }

    @Test(
        "meet one challenge of several, which libre can (RFC 8760)",
        arguments: ["SHA-512-256", "SHA-256-sess", "something"])
    func several(algorithm: String) async throws {
        let (outcome, shell) = try await script(
            "speakcode --user me --password-file right --proxy sip:127.0.0.1:$port",
            challenges: "MD5 " + Self.beside(algorithm))
        defer { shell.remove() }
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    /// libre has SHA-256 since 3.12; before that we have (`digest.c`).
    @Test("meet SHA-256, of a proxy and of a registrar", arguments: ["", "--registrar sip:127.0.0.1:$port"])
    func sha256(options: String) async throws {
        let (outcome, shell) = try await script(
            "speakcode --user me --password-file right --proxy sip:127.0.0.1:$port \(options)", challenges: "SHA-256")
        defer { shell.remove() }
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.errorLines.last == "speakcode: hung up after 1 reading", "\(outcome.errors)")
    }

    @Test("are not made where the password is wrong for SHA-256, or the digest is none that is known")
    func unmet() async throws {
        for (password, algorithm, words) in [
            ("wrong", "SHA-256", "check --user and --password-file"),
            ("right", "MD5-sess", "with a digest that this system's libre does not know"),
        ] {
            let (outcome, shell) = try await script(
                "speakcode --user me --password-file \(password) --proxy sip:127.0.0.1:$port",
                challenges: algorithm == "SHA-256" ? algorithm : "MD5 " + Self.only(algorithm))
            defer { shell.remove() }
            #expect(outcome.status == 77, "\(outcome.errors)")
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
        }
    }
}
