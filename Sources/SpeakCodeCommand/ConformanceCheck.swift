// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import HTTPTypes
internal import SpeakCode
internal import SpeakCodeDoctor
internal import SpeakCodeGateways
internal import SpeakCodeService

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Asks a running service for announcements of a code of chance, calls nobody, and measures what the conformance report is filled in
/// with.
struct ConformanceCheck {
    typealias Seen = ConformanceReport.Seen

    /// The service's address, without a slash behind it.
    let base: String
    /// The API key that is presented; nil for none.
    let key: String?
    /// Any code.
    let code: String
    let sender: any HTTPSender

    /// How long an answer is waited for.
    private static let limit: Duration = .seconds(20)
    private static let (locale, second) = ("en-US", "de-DE")

    /// What is known of an announcement.
    private struct Announcement: Decodable {
        let duration: Double?
        let links: [String: String]
        let gate: Gate?

        struct Gate: Decodable { let links: [String: String] }
    }

    private struct Captions: Decodable {
        let cues: [Cue]

        struct Cue: Decodable {
            let startSample, endSample, reading: Int
            let symbol: String?
        }
    }

    /// Measures everything that can be.
    ///
    /// - Parameter progress: told what is looked at next.
    func measure(progress: (String) -> Void) async throws -> [Criterion.Measure: Seen] {
        var seen: [Criterion.Measure: Seen] = [:]
        progress("captions")
        let plain = try await announcement(#""gate":true,"readings":3"#)
        let captions = try await self.captions(plain.links)
        seen[.captions] = captions.cues.isEmpty ? .missed("none") : .met("\(captions.cues.count) cues")
        let readings = captions.cues.map(\.reading).max() ?? 0
        seen[.repetition] = readings > 1 ? .met("\(readings) readings") : .missed("\(readings) readings")
        seen[.endless] = plain.links["live.wav"] == nil ? .missed("no endless link") : .met("until they hang up")
        seen[.captionLanguage] = try await language(plain.links)
        seen[.gate] = try await gate(plain.gate)
        progress("sound")
        seen[.wideband] = try await wideband(plain.links)
        let sound = try await samples(plain.links)
        seen[.level] = Self.level(sound)
        seen[.background] = Self.background(sound, captions)
        progress("other ways to read it")
        seen[.secondLanguage] = try await secondLanguage()
        let slow = try await announcement(#""readings":3,"pacing":"slow""#)
        seen[.slower] = Self.slower(plain.duration, slow.duration)
        seen[.textTelephone] = try await textTelephone()
        return seen
    }

    // MARK: Requests

    private func announcement(_ fields: String) async throws -> Announcement {
        var headers = HTTPFields()
        headers[.contentType] = "application/json"
        if let key { headers[.authorization] = "Bearer \(key)" }
        let body = #"{"code":"\#(code)","locale":"\#(Self.locale)",\#(fields)}"#
        let answer = try await send(
            GatewayRequest(.post, base + "/v1/announcements", headers: headers, body: Array(body.utf8)))
        switch answer.status {
        case 201: break
        case 401, 403: throw Failure(EX_NOPERM, "the service asks for an API key; give --key-file")
        case let status: throw Failure(EX_UNAVAILABLE, "no announcement is made there: it answers with \(status)")
        }
        return try decoded(answer.body)
    }

    private func decoded<Value: Decodable>(_ body: [UInt8]) throws -> Value {
        guard let value = try? JSONDecoder().decode(Value.self, from: Data(body)) else {
            throw Failure(EX_PROTOCOL, "what is there is not this service: its answer cannot be read")
        }
        return value
    }

    private func send(_ request: GatewayRequest) async throws -> GatewayAnswer {
        do {
            return try await sender.send(request, within: Self.limit)
        } catch {
            throw Failure(EX_UNAVAILABLE, "nothing was fetched: there is no answer")
        }
    }

    /// What is at a link; empty where nothing is.
    private func fetch(_ links: [String: String], _ name: String) async throws -> [UInt8] {
        guard let link = links[name] else { return [] }
        let answer = try await send(GatewayRequest(.get, link))
        // What is busy or gone is no fault of the announcement.
        guard answer.status == 200 else {
            throw Failure(EX_UNAVAILABLE, "a link of the announcement is answered with HTTP \(answer.status)")
        }
        return answer.body
    }

    private func captions(_ links: [String: String]) async throws -> Captions {
        try decoded(try await fetch(links, "json"))
    }

    /// The samples of the telephone's WAVE file.
    private func samples(_ links: [String: String]) async throws -> [Int16] {
        let bytes = try await fetch(links, "wav").dropFirst(44)
        return stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2).map {
            Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
        }
    }

    // MARK: Measures

    private func language(_ links: [String: String]) async throws -> Seen {
        let text = String(decoding: try await fetch(links, "vtt"), as: UTF8.self)
        let line = text.split(separator: "\n").first { $0.hasPrefix("Language: ") }
        guard let line else { return .missed("WebVTT names none") }
        return line.dropFirst("Language: ".count) == Self.locale
            ? .met(Self.locale) : .missed("another than was asked for")
    }

    private func gate(_ gate: Announcement.Gate?) async throws -> Seen {
        guard let gate else { return .missed("no sentence in front of the code") }
        let cues = try await captions(gate.links).cues
        return cues.contains { $0.symbol != nil } ? .missed("the code is in it") : .met("a sentence without the code")
    }

    private func wideband(_ links: [String: String]) async throws -> Seen {
        guard let link = links["16000.wav"] else { return .missed("no link at 16 kHz") }
        let status = try await send(GatewayRequest(.head, link)).status
        return status == 200 ? .met("files at 16 kHz") : .missed("16 kHz is answered with \(status)")
    }

    private func secondLanguage() async throws -> Seen {
        let both = try await announcement(#""secondLocale":"\#(Self.second)""#)
        let text = String(decoding: try await fetch(both.links, "vtt"), as: UTF8.self)
        return text.contains("<lang \(Self.second)>") ? .met("\(Self.second) is marked") : .missed("it is not marked")
    }

    private func textTelephone() async throws -> Seen {
        let written = try await announcement(#""readings":1,"rendition":"tty""#)
        let share = Self.shareOfTones(try await samples(written.links))
        let words = "\(Int((share * 100).rounded())) % of the sound is at 1400 and 1800 Hz"
        return share > 0.8 ? .met(words) : .missed(words)
    }

    private static func slower(_ plain: Double?, _ slow: Double?) -> Seen {
        guard let plain, let slow, plain > 0, slow / plain < 100 else { return .missed("no length is told") }
        let percent = Int((slow / plain * 100).rounded())
        return percent > 110 ? .met("\(percent) % of the usual length") : .missed("\(percent) % of the usual length")
    }

    /// RFC 7874, section 4: -19 dBm0, which is 3 dB above what is told in dBov.
    private static func level(_ samples: [Int16]) -> Seen {
        let level = ActiveSpeechLevel(of: samples.map { Float($0) / 32_768 }, hertz: 8000).dBov + 3
        let words = "\(level.tenths) dBm0"
        return abs(level + 19) <= 2 ? .met(words) : .missed(words)
    }

    /// WCAG 2.2, 1.4.7: 20 dB below the voice.
    private static func background(_ samples: [Int16], _ captions: Captions) -> Seen {
        var isVoice = [Bool](repeating: false, count: samples.count)
        for cue in captions.cues {
            let (start, end) = (max(0, cue.startSample), min(cue.endSample, samples.count))
            if start < end { isVoice.replaceSubrange(start..<end, with: repeatElement(true, count: end - start)) }
        }
        func decibels(_ wanted: Bool) -> Double? {
            let squares = zip(samples, isVoice).filter { $1 == wanted }.map { Double($0.0) * Double($0.0) }
            return squares.isEmpty ? nil : 10 * log10(max(1e-3, squares.reduce(0, +) / Double(squares.count)))
        }
        guard let voice = decibels(true), let rest = decibels(false) else { return .missed("nothing is heard") }
        let words = "\((voice - rest).tenths) dB below the voice"
        return voice - rest >= 20 ? .met(words) : .missed(words)
    }

    /// How much of what is heard is at the two frequencies of V.18's annex A, by hundredths of a second (Goertzel).
    private static func shareOfTones(_ samples: [Int16]) -> Double {
        let window = 80
        var (tones, all) = (0.0, 0.0)
        for start in stride(from: 0, to: samples.count - window, by: window) {
            let piece = samples[start..<(start + window)].map(Double.init)
            all += piece.reduce(0) { $0 + $1 * $1 }
            for hertz in [1400.0, 1800.0] {
                let coefficient = 2 * cos(2 * .pi * hertz / 8000)
                var (one, two) = (0.0, 0.0)
                for sample in piece { (one, two) = (sample + coefficient * one - two, one) }
                tones += 2 * (one * one + two * two - coefficient * one * two) / Double(window)
            }
        }
        return all == 0 ? 0 : tones / all
    }
}
