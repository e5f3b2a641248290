// SPDX-License-Identifier: GPL-3.0-or-later

internal import CoreMetrics
internal import FoundationEssentials
internal import HTTPTypes
internal import Logging
internal import SpeakCode
internal import SpeakCodeGateways
internal import SpeakCodeLinks

/// `POST /v1/announcements`: a code goes in, links come out, and nothing is kept.
package struct AnnouncementEndpoint: Sendable {
    static let path = "/v1/announcements"
    /// The most bytes of a body.
    package static let longestBody = 4096

    let announcer: Announcer
    let keys: ServiceKeys
    let buckets: TokenBuckets
    let metrics: ServiceMetrics
    /// The base of links where the operator has set one.
    let publicURL: String?
    /// Where calls of this node can be reached.
    let ports: MediaPorts
    let waiting: PendingCalls
    let log: AccessLog
    let logger: Logger
    let time: CalendarTime
    /// Seconds for which a link is valid by default, and at most.
    let lifetime: (usual: Int, longest: Int)

    /// Answers a request.
    ///
    /// - Throws: ``Problem``.
    func respond(
        to request: Request, _ origin: RequestOrigin, _ entry: inout AccessLog.Entry
    ) async throws -> Response {
        let keys = keys.now
        let caller = try admit(request, &entry)
        let wanted = try AnnouncementRequest(json: request.body(atMost: Self.longestBody))
        let base = try publicURL ?? request.base ?? origin.base()
        let made = try await make(wanted, base: base, keys.links, caller: caller)
        return Self.wantsText(request.headers[.accept])
            ? try Self.text(of: made, wanted.format) : try Self.document(of: made, wanted)
    }

    /// Makes what is asked for.
    ///
    /// - Throws: ``Problem``, or why nothing could be sealed.
    // Not optimised: the compiler (6.3.1) fails in release where it splits this function.
    @_optimize(none)
    func make(
        _ wanted: AnnouncementRequest, base: String, _ ring: LinkKeyring, caller: String?
    ) async throws -> Made {
        let (announcement, script, match) = try await announcement(wanted)
        let spoken = try await links(to: announcement, script, base, ring)
        let gate = wanted.gate ? try await gateLinks(wanted, announcement, script, base, ring) : nil
        let calls = try callLinks(to: announcement, wanted, base, ring, caller: caller)
        metrics.announced(in: "\(announcement.locale)")
        return Made(announcement: announcement, match: match, spoken: spoken, gate: gate, calls: calls)
    }

    /// Lets somebody ask who has a key, and has not asked too often.
    ///
    /// - Returns: the caller's name; nil where the service asks for no key.
    /// - Throws: ``Problem``.
    func admit(_ request: Request, _ entry: inout AccessLog.Entry) throws(Problem) -> String? {
        let caller = try authenticate(request, keys.now.callers)
        entry.caller = caller
        if let wait = buckets.take(for: caller ?? "") {
            metrics.refusals.increment()
            throw Problem(
                .tooManyRequests, "too-many-requests", "slow down, and try again after the time in Retry-After",
                retryAfter: wait)
        }
        try Self.checkType(request)
        return caller
    }

    /// What was made for a request.
    struct Made {
        let announcement: Announcement
        let match: Announcer.Match?
        let spoken: Links
        let gate: Links?
        let calls: CallLinks
    }

    private static func text(of made: Made, _ format: LinkKind) throws -> Response {
        let url = try url(of: format, made.spoken, made.calls, nil)
        return created(at: url, made, "text/plain", Array(url.utf8))
    }

    private static func document(of made: Made, _ wanted: AnnouncementRequest) throws -> Response {
        let announcement = made.announcement
        // Each link is sealed once.
        let calls = try Answer.Calls(made.calls)
        let url = try url(of: wanted.format, made.spoken, made.calls, calls)
        let answer = Answer(
            locale: "\(announcement.locale)", localeMatch: made.match?.rawValue,
            secondLocale: announcement.second.map { "\($0)" }, phoneNumber: wanted.phoneNumber?.e164,
            issuedAt: date(announcement.issued), expiresAt: date(announcement.expires), url: url,
            readings: made.spoken.rendition?.readings, duration: made.spoken.seconds,
            byteLength: made.spoken.rendition?.byteCount, links: made.spoken.all, calls: calls,
            warnings: wanted.warnings.isEmpty ? nil : wanted.warnings,
            gate: try made.gate.map { gate in
                Answer.Gate(
                    url: try Self.url(of: wanted.format, gate, nil, nil), duration: gate.seconds,
                    byteLength: gate.rendition?.byteCount, links: gate.all)
            })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return created(at: url, made, "application/json", Array(try encoder.encode(answer)))
    }

    private static func created(at url: String, _ made: Made, _ type: String, _ bytes: [UInt8]) -> Response {
        let location = url.hasPrefix("http") ? url : made.spoken.usual
        return Response(
            status: .created, headers: [.contentType: type, .location: location, .cacheControl: "no-store"],
            bytes: bytes)
    }

    /// The answer: what was made, and where.
    private struct Answer: Encodable {
        let locale: String
        /// How the locale was come by; nil where none was asked for.
        let localeMatch: String?
        let secondLocale: String?
        /// As it is dialled.
        let phoneNumber: String?
        let issuedAt: String
        let expiresAt: String
        let url: String
        /// Nil of what has no file, like the next two.
        let readings: Int?
        let duration: Double?
        let byteLength: Int?
        let links: [String: String]
        let calls: Calls
        /// Nil where there is nothing to warn of.
        let warnings: [String]?
        let gate: Gate?

        /// Call control and live media.
        struct Calls: Encodable {
            /// The links of documents, by their names; nil where there are none.
            let documents: [String: String]?
            let websocket: String
            let agi: String?
            let audioSocket: CallLinks.AudioSocket?

            init(_ links: CallLinks) throws {
                let documents = try links.documents()
                self.documents = documents.isEmpty ? nil : documents
                (websocket, agi, audioSocket) = (try links.webSocket(), try links.agi(), links.audioSocket)
            }
        }

        struct Gate: Encodable {
            let url: String
            let duration: Double?
            let byteLength: Int?
            let links: [String: String]
        }
    }

    // MARK: What is asked for

    /// The caller's name; nil where the service asks for no key.
    func authenticate(_ request: Request, _ callers: [Caller]) throws(Problem) -> String? {
        guard !callers.isEmpty else { return nil }
        let header = request.headers[.authorization] ?? ""
        let parts = header.split(separator: " ", maxSplits: 1)
        let key = parts.count == 2 && parts[0].lowercased() == "bearer" ? parts[1].drop { $0 == " " } : ""
        guard let caller = Caller.presenting(key, among: callers) else {
            metrics.refusals.increment()
            throw Problem(
                .unauthorized, "no-such-key", "send an API key of this service: Authorization: Bearer KEY")
        }
        return caller.name
    }

    /// A dialplan's `CURL()` posts as a form whatever it posts, so that type is taken for JSON as well.
    private static func checkType(_ request: Request) throws(Problem) {
        guard let type = request.headers[.contentType] else { return }
        let name = type.prefix { $0 != ";" }.filter { $0 != " " && $0 != "\t" }.lowercased()
        guard ["application/json", "application/x-www-form-urlencoded", "text/plain"].contains(name) else {
            throw Problem(.unsupportedMediaType, "not-json", "the body must be application/json")
        }
    }

    /// What is read for a request.
    ///
    /// - Throws: ``Problem``.
    func announcement(
        _ wanted: AnnouncementRequest
    ) async throws(Problem) -> (Announcement, Script, Announcer.Match?) {
        let shelf = announcer.shelf
        var (pack, match) = (shelf.usual, Announcer.Match?.none)
        if let tag = try Self.tag(wanted.locale, "locale") ?? wanted.phoneNumber?.locale {
            (pack, match) = try await announcer.pack(for: tag) ?? (pack, .usual)
        }
        var second: VoicePack?
        if let tag = try Self.tag(wanted.second, "secondLocale") {
            guard let found = try await announcer.pack(for: tag)?.pack else {
                throw .field("secondLocale", "has no voice here; `speakcode voices` lists what there is")
            }
            second = found.locale == pack.locale ? nil : found
        }
        if let name = wanted.voice {
            (pack, second) = try Self.packs(
                pack, second, spokenBy: name, asked: Self.tag(wanted.locale, "locale") ?? wanted.phoneNumber?.locale,
                on: shelf)
        }
        if let gender = wanted.gender {
            pack = try Self.pack(pack, spokenBy: gender)
            second = try second.map { (pack) throws(Problem) in try Self.pack(pack, spokenBy: gender) }
        }
        let lifetime = wanted.expiresIn ?? self.lifetime.usual
        guard lifetime <= self.lifetime.longest else {
            throw .field("expiresIn", "must be at most \(self.lifetime.longest) seconds in this service")
        }
        var script = try Self.script(wanted, in: pack)
        if let second { script = script.inTurn(with: try Self.script(wanted, in: second)) }
        script = script.delivered(wanted.delivery)
        let now = time.now
        let announcement = Announcement(
            content: wanted.totp.map { .totp($0, wanted.wording) } ?? .code(wanted.code, wanted.wording),
            locale: pack.locale, second: second?.locale,
            gender: wanted.gender, voice: wanted.voice, pacing: wanted.pacing, delivery: wanted.delivery,
            readings: wanted.readings,
            longest: wanted.longest, issued: now, expires: now + lifetime)
        return (announcement, script, match)
    }

    private static func pack(_ pack: VoicePack, spokenBy gender: EngineVoice.Gender) throws(Problem) -> VoicePack {
        guard let spoken = pack.spoken(by: gender) else {
            throw .field("voice", "cannot be chosen for \(pack.locale), whose voice is one of the operator's own")
        }
        return spoken
    }

    /// The packs, the voice of an operator's name speaking those of its language.
    ///
    /// - Parameter asked: the language of the first pack, where one was asked for.
    private static func packs(
        _ pack: VoicePack, _ second: VoicePack?, spokenBy name: String, asked: LanguageTag?, on shelf: VoiceShelf
    ) throws(Problem) -> (VoicePack, VoicePack?) {
        guard let locales = shelf.locales(of: name) else {
            let known = EngineVoice.Gender.allCases.map(\.rawValue) + shelf.names
            throw .field("voice", "must be one of \(known.joined(separator: ", "))")
        }
        var pack = pack
        if let found = asked.map({ $0.lookup(in: locales, allowingFallback: false) }) ?? locales.first,
            !locales.contains(pack.locale), let other = shelf[found]
        {
            pack = other
        }
        let spoken = (shelf.pack(pack, spokenBy: name), second.flatMap { shelf.pack($0, spokenBy: name) })
        guard spoken.0 != nil || spoken.1 != nil else {
            let languages = locales.map { "\($0)" }.joined(separator: ", ")
            throw .field("voice", "speaks \(languages) and not \(pack.locale); leave it out, or ask for another locale")
        }
        return (spoken.0 ?? pack, spoken.1 ?? second)
    }

    private static func tag(_ locale: String?, _ field: String) throws(Problem) -> LanguageTag? {
        guard let locale, !LanguageTag.isNone(locale) else { return nil }
        guard let tag = LanguageTag(locale) else { throw .field(field, "must be a BCP 47 tag, such as ja-JP") }
        return tag
    }

    private static func script(_ wanted: AnnouncementRequest, in pack: VoicePack) throws(Problem) -> Script {
        do throws(ScriptError) {
            return try Script(
                code: wanted.code, pack: pack, pacing: wanted.pacing.pacing(of: pack), wording: wanted.wording)
        } catch {
            throw problem(error, wanted.wording)
        }
    }

    private static func problem(_ error: ScriptError, _ wording: Wording) -> Problem {
        switch error.reason {
        case .noLetters: .field("code", "has letters, and this locale's voice reads digits only")
        case .noCapital: .field("case", "cannot be spoken in this locale, whose voice has no word for capital letters")
        case .unknownStyle(let style, let known):
            // The digits' style is looked at first.
            .field(
                style == wording.style ? "style" : "letters",
                "must be one of \(known.joined(separator: ", ")) in this locale")
        case .unknownTemplate(_, let known):
            .field("template", "must be one of \(known.joined(separator: ", ")) in this locale")
        case .missingValue(let slot, let known):
            .field("slots.\(slot)", "must be given for this template: \(known.joined(separator: ", "))")
        case .unknownSlot(let known):
            .field("slots", "has a slot that no template has; known are \(known.joined(separator: ", "))")
        case .unknownValue(let slot, let known):
            .field("slots.\(slot)", "must be one of \(known.joined(separator: ", ")) in this locale")
        case .noCount:
            .field("template", "cannot be had for this code: \(error)")
        case .wrongCount:
            .field("slots.\(Wording.digits)", "is not the length of the code; leave it out, and it is filled")
        case .nothingThere, .noGate:
            .field("gate", "cannot be asked for in this locale, whose voice has no such sentence")
        }
    }

    static func gateScript(_ wanted: AnnouncementRequest, of packs: [VoicePack]) throws(Problem) -> Script {
        do throws(ScriptError) {
            let scripts = try packs.map { (pack) throws(ScriptError) in
                try Script(
                    gateOf: pack, pacing: wanted.pacing.pacing(of: pack), register: wanted.wording.register)
            }
            return scripts.dropFirst().reduce(scripts[0]) { $0.inTurn(with: $1) }.delivered(wanted.delivery)
        } catch {
            throw problem(error, wanted.wording)
        }
    }

    // MARK: Links

    struct Links {
        /// What all of them begin with.
        let address: String
        /// The finite one; nil where what is said depends on when it is heard, so that no file has it.
        let rendition: Rendition?

        var seconds: Double? { rendition.map { ($0.duration / .milliseconds(1)).rounded() / 1000 } }

        func url(of representation: Representation) -> String { address + representation.suffix }

        private var representations: [Representation] {
            rendition == nil ? Representation.all.filter(\.isLive) : Representation.all
        }

        /// The links of every representation that there is, by its name.
        var all: [String: String] {
            Dictionary(uniqueKeysWithValues: representations.map { ($0.name, url(of: $0)) })
        }

        /// The link of the first of them.
        var usual: String { url(of: representations[0]) }
    }

    /// Seals an announcement, and renders it once: what cannot be spoken gets no link.
    private func links(
        to announcement: Announcement, _ script: Script, _ base: String, _ ring: LinkKeyring
    ) async throws -> Links {
        let sealed = try ring.seal(announcement)
        // The secret of an app may be longer than any code; nobody could open a link beyond the bounds.
        guard !announcement.changes || LinkKeyring.lengths.contains(sealed.utf8.count) else {
            throw Problem.field("totp", "has a secret too long to stand in a link beside such slots and names")
        }
        let rendition = try await announcer.rendition(of: script, announcement, as: .wav(), tag: sealed).get()
        return Links(
            address: base + LinkEndpoint.prefix + sealed, rendition: announcement.changes ? nil : rendition)
    }

    /// The links to the sentence that asks for a key before the code is read.
    private func gateLinks(
        _ wanted: AnnouncementRequest, _ announcement: Announcement, _ script: Script, _ base: String,
        _ ring: LinkKeyring
    ) async throws -> Links {
        let gate = Announcement(
            content: .gate(wanted.wording.register), locale: announcement.locale, second: announcement.second,
            gender: announcement.gender, voice: announcement.voice, pacing: announcement.pacing,
            delivery: announcement.delivery, readings: announcement.readings, longest: announcement.longest,
            issued: announcement.issued,
            expires: announcement.expires)
        return try await links(to: gate, try Self.gateScript(wanted, of: script.packs), base, ring)
    }

    /// The links to a call, which waits for AudioSocket where that is asked for.
    func callLinks(
        to announcement: Announcement, _ wanted: AnnouncementRequest, _ base: String, _ ring: LinkKeyring,
        caller: String?
    ) throws(Problem) -> CallLinks {
        var call = announcement
        call.call = CallState(keys: wanted.keys, carrier: .audioSocket, isGateAhead: wanted.gate)
        let ports = ports.now
        // What is refused waits for nobody.
        if wanted.format == .media(.fastAGI), ports.fastAGI == nil {
            throw .field("format", "needs agiPort to be set in this service")
        }
        var uuid: UUID?
        if wanted.audioSocket || wanted.format == .media(.audioSocket) {
            guard ports.audioSocket != nil else {
                throw .field(
                    wanted.audioSocket ? "audioSocket" : "format", "needs audioSocketPort to be set in this service")
            }
            uuid = try waiting.add(call, of: caller ?? "") { log.digest(of: $0.uuidString.lowercased()) }
        }
        return CallLinks(
            base: base, call: call, ring: ring, fastAGI: ports.fastAGI.map { "\(self.ports.authority):\($0)" },
            audioSocket: ports.audioSocket.flatMap { port in
                uuid.map { CallLinks.AudioSocket(host: self.ports.host, port: port, uuid: $0.uuidString.lowercased()) }
            })
    }

    /// The link that was asked for; of a gate, which is no call, its audio.
    private static func url(
        of kind: LinkKind, _ links: Links, _ calls: CallLinks?, _ made: Answer.Calls?
    ) throws -> String {
        let audio = Representation.all[0]
        guard let calls else {
            if case .audio(let representation) = kind { return links.url(of: representation) }
            return links.url(of: audio)
        }
        switch kind {
        case .audio(let representation): return links.url(of: representation)
        case .document(let document): return try made?.documents?[document.name] ?? calls.url(of: document)
        case .media(.webSocket): return try made?.websocket ?? calls.webSocket()
        case .media(.fastAGI):
            guard let agi = try made?.agi ?? calls.agi() else { throw Problem.tooManyListeners }
            return agi
        case .media(.audioSocket):
            guard let arguments = calls.audioSocketArguments else { throw Problem.tooManyListeners }
            return arguments
        }
    }

    // MARK: Answers

    /// Whether plain text is preferred to JSON (RFC 9110, section 12.5.1); JSON wins a draw.
    static func wantsText(_ accept: String?) -> Bool {
        guard let accept else { return false }
        func quality(_ type: String) -> Double {
            var best: (specificity: Int, quality: Double) = (-1, 0)
            for range in accept.split(separator: ",") {
                let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
                guard let name = parts.first else { continue }
                let specificity =
                    name == type ? 2 : name == type.prefix { $0 != "/" } + "/*" ? 1 : name == "*/*" ? 0 : -1
                guard specificity > best.specificity else { continue }
                let given = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) }
                best = (specificity, given ?? 1)
            }
            return best.quality
        }
        return quality("text/plain") > quality("application/json")
    }

    private static func date(_ seconds: Int) -> String {
        Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    }
}
