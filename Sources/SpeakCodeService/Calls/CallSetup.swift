// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import HTTPTypes
package import SpeakCodeGateways

/// Looks at the settings by which calls are placed, with whoever has a part in one, and rings nobody.
///
/// Nothing is asked of anybody but those who are named in the settings.
package struct CallSetup: Sendable {
    /// What was found, and of whom.
    package struct Finding: Hashable, Sendable {
        /// The gateway's name; `service` for what is the service's own.
        package let part: String
        package let verdict: SetupVerdict
    }

    /// What is at an address of this service.
    package enum Reached: Hashable, Sendable {
        case answered(status: Int, body: [UInt8])
        /// Why there is no answer, in words.
        case failed(String)
    }

    /// How others are asked.
    package struct Means: Sendable {
        /// Sends requests to gateways and to the operator's addresses.
        let sender: any HTTPSender
        /// Holds a conversation with who listens at a host and port; whatever keeps it from its end is among its verdicts.
        let converse: @Sendable (_ host: String, _ port: Int, any SetupConversation) async -> [SetupVerdict]
        /// Fetches an address of the service, over no proxy.
        let fetch: @Sendable (_ url: String) async -> Reached

        package init(
            sender: any HTTPSender,
            converse: @escaping @Sendable (String, Int, any SetupConversation) async -> [SetupVerdict],
            fetch: @escaping @Sendable (String) async -> Reached
        ) {
            (self.sender, self.converse, self.fetch) = (sender, converse, fetch)
        }
    }

    private let settings: ServiceSettings
    private let means: Means
    private let calendar: CalendarTime

    /// The name of what is no gateway's.
    private static let service = "service"
    /// How long an answer is waited for.
    private static let limit: Duration = .seconds(10)

    package init(_ settings: ServiceSettings, means: Means, calendar: CalendarTime = .system) {
        (self.settings, self.means, self.calendar) = (settings, means, calendar)
    }

    /// Looks at everything.
    ///
    /// - Parameter progress: told who is asked next.
    package func examine(progress: (String) -> Void = { _ in }) async -> [Finding] {
        let dialers = dialers()
        var verdicts = [prefixes] + routing(dialers) + keys
        verdicts += await publicAddress(dialers, progress)
        verdicts += [callsFile]
        verdicts += await events(progress)
        var findings = verdicts.map { Finding(part: Self.service, verdict: $0) }
        for dialer in dialers {
            progress(dialer.name)
            findings += (await examine(dialer)).map { Finding(part: dialer.name, verdict: $0) }
        }
        return findings
    }

    // MARK: Gateways

    /// A gateway that is set up, or is to be.
    private struct DialingGateway {
        let name: String
        let way: Way
        let isSigned: SetupVerdict?

        enum Way {
            case requests(any Dialing)
            case socket(SocketDialing)
            /// Without a gateway.
            case sip(SIPAccount)
            /// Its settings cannot be taken.
            case broken(DialingError)
        }

        /// Whether it fetches nothing and reports nothing over HTTP.
        var needsNoAddress: Bool {
            if case .sip = way { true } else { false }
        }

        /// Whether it comes from the Internet.
        var isOnInternet: Bool {
            if case .requests(let dialing) = way { dialing.isOnInternet } else { false }
        }
    }

    private func dialers() -> [DialingGateway] {
        Gateways.all.flatMap { gateway in
            var ways: [DialingGateway.Way] = []
            do throws(DialingError) {
                if let way = try gateway.dialing?.dialing(with: settings.gatewayValues, now: { calendar.now }) {
                    ways.append(.requests(way))
                }
                if let way = try gateway.socketDialing?.dialing(with: settings.gatewayValues, now: { calendar.now }) {
                    ways.append(.socket(way))
                }
            } catch {
                ways.append(.broken(error))
            }
            return ways.map { DialingGateway(name: gateway.name, way: $0, isSigned: signature(of: gateway)) }
        } + sip
    }

    private var sip: [DialingGateway] {
        do throws(DialingError) {
            let account = try SIPAccount.calls.dialing(with: settings.gatewayValues) { calendar.now }
            return account.map { [DialingGateway(name: SIPAccount.route, way: .sip($0), isSigned: nil)] } ?? []
        } catch {
            return [DialingGateway(name: SIPAccount.route, way: .broken(error), isSigned: nil)]
        }
    }

    private static func look(at account: SIPAccount) -> [SetupVerdict] {
        [
            .pass("sipFrom", account.callers.count == 1 ? "one caller is named" : "\(account.callers.count) are named"),
            account.proxy == nil
                ? .notApplicable("sipProxy", "it is not set: addresses are called, and no numbers")
                : .pass("sipProxy", "numbers are called through it"),
            account.user == nil
                ? .notApplicable("sipUser", "it is not set: who asks for a password refuses every call")
                : .notApplicable("sipUser", "whether it is taken shows with the first call"),
        ]
    }

    private func examine(_ dialer: DialingGateway) async -> [SetupVerdict] {
        let signed = dialer.isSigned.map { [$0] } ?? []
        switch dialer.way {
        case .broken(let error):
            return [.fail(error.field, "it cannot be taken", "It " + error.problem + ".")]
        case .requests(let dialing): return await ask(dialing.checks) + dialing.unchecked + signed
        case .socket(let dialing): return await converse(dialing) + signed
        case .sip(let account): return Self.look(at: account)
        }
    }

    /// Asks in turn; behind the first that fails each would fail.
    private func ask(_ checks: [SetupCheck]) async -> [SetupVerdict] {
        var verdicts: [SetupVerdict] = []
        for (place, check) in checks.enumerated() {
            let verdict = await ask(check)
            verdicts.append(verdict)
            if place == 0, verdict.outcome == .fail { break }
        }
        return verdicts
    }

    private func ask(_ check: SetupCheck) async -> SetupVerdict {
        var last = check.unreachable
        for question in check.questions {
            guard let answer = try? await means.sender.send(question.request, within: Self.limit) else {
                return check.unreachable
            }
            last = question.verdict(answer)
            if last.outcome != .fail { break }
        }
        return last
    }

    private func converse(_ dialing: SocketDialing) async -> [SetupVerdict] {
        switch dialing.door {
        case .connect(let host, let port):
            guard let check = dialing.check else { return [] }
            return await means.converse(host, port, check)
        case .openWebSocket: return [media] + (await ask(dialing.checks))
        case .webSocket(let path, _, _, _):
            return [
                media,
                .notApplicable(
                    "asteriskUser", "Asterisk comes to the service, at \(path), and cannot be asked from here",
                    "Its console tells of the WebSocket that it opens; calls end as gateway-busy without one."),
            ]
        }
    }

    /// Whether an answered call that comes to the service has a port for that.
    private var media: SetupVerdict {
        settings.audioSocketPort == nil && settings.agiPort == nil
            ? .fail(
                "audioSocketPort", "neither it nor agiPort is set",
                "Set one of them: by it the answered call comes to be heard.")
            : .pass(settings.audioSocketPort == nil ? "agiPort" : "audioSocketPort", "an answered call has a port")
    }

    /// Whether what the gateway says must be signed; nil for a gateway that signs nothing.
    private func signature(of gateway: any Gateway) -> SetupVerdict? {
        // One that takes another's documents signs as that one does.
        let signing =
            gateway.signing
            ?? gateway.document.flatMap { document in
                Gateways.all.first { $0.document == document && $0.signing != nil }?.signing
            }
        guard let signing else { return nil }
        guard let value = settings.gatewayValues[signing.setting], !value.isEmpty else {
            return .warning(
                signing.setting, "it is not set, so reports and keys are taken without a signature",
                "Set \(signing.help).")
        }
        guard signing.checking(with: value) != nil else {
            return .fail(signing.setting, "it cannot be taken", "It \(signing.requirement).")
        }
        return .pass(signing.setting, "what the gateway says must be signed")
    }

    // MARK: The service's own

    private var prefixes: SetupVerdict {
        do throws(SettingsError) {
            let count = try settings.readCallBounds().allowed.count
            guard count > 0 else {
                return .fail(
                    "callPrefixes", "nobody may be called",
                    "List the beginnings of the numbers that may be, such as +49.")
            }
            return .pass(
                "callPrefixes", count == 1 ? "one beginning may be called" : "\(count) beginnings may be called")
        } catch {
            return Self.fail(error)
        }
    }

    private func routing(_ dialers: [DialingGateway]) -> [SetupVerdict] {
        guard !dialers.isEmpty else {
            let settings =
                Gateways.all.compactMap { ($0.dialing?.settings ?? $0.socketDialing?.settings)?.first?.key }
                + SIPAccount.calls.settings.prefix(1).map(\.key)
            return [
                .fail(
                    "callThrough", "no gateway is set up to dial",
                    "Set what one of them needs; they begin with \(settings.joined(separator: ", ")).")
            ]
        }
        do throws(SettingsError) {
            let routes = try settings.readCallPrefixes(dialers.map(\.name))
            let usual = settings.callThrough ?? dialers[0].name
            return [
                .pass("callThrough", "calls go through \(usual)")
            ]
                + (routes.isEmpty
                    ? [] : [.pass("callRoutes", "\(routes.count) of them lead to gateways that are set up")])
        } catch {
            return [Self.fail(error)]
        }
    }

    private static func fail(_ error: SettingsError) -> SetupVerdict {
        .fail(error.key, "it cannot be taken", "It " + error.problem + ".")
    }

    /// Keys that links are sealed by, and those that callers have.
    private var keys: [SetupVerdict] {
        do throws(SettingsError) {
            let remedy = "`speakcode keys new` makes one; put it into a file that every replica has."
            let links: SetupVerdict =
                try settings.readLinkKeys().isEmpty
                ? .fail("linkKeysFile", "link keys end with the process, and with them every call's addresses", remedy)
                : .pass("linkKeysFile", "link keys are kept")
            guard try settings.readCallers().isEmpty else { return [links, .pass("apiKeysFile", "callers have keys")] }
            return [
                links,
                settings.opening == nil
                    ? .warning("apiKeysFile", "whoever is on this machine may have calls placed", Self.callers)
                    : .fail("apiKeysFile", "the service does not start without API keys", Self.callers),
            ]
        } catch {
            return [Self.fail(error)]
        }
    }

    private static let callers = "`speakcode keys caller NAME` makes one."

    /// Where what was counted is kept; nothing is written.
    private var callsFile: SetupVerdict {
        guard let path = settings.callsFile else {
            return .warning(
                "callsFile", "it is not set: who was called is forgotten with the process",
                "Name a file in a folder that the service may write to.")
        }
        let folder = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) : "."
        let files = FileManager.default
        guard files.isWritableFile(atPath: folder.isEmpty ? "/" : folder) else {
            return .fail(
                "callsFile", "its folder cannot be written to by this user",
                "Make the folder, and let the service's user write to it.")
        }
        guard !files.fileExists(atPath: path) || files.isReadableFile(atPath: path) else {
            return .fail("callsFile", "it cannot be read by this user", "Let the service's user read it.")
        }
        return .pass("callsFile", "what is counted can be kept")
    }

    // MARK: Addresses

    private func events(_ progress: (String) -> Void) async -> [SetupVerdict] {
        do throws(SettingsError) { _ = try settings.readWebhookKey() } catch { return [Self.fail(error)] }
        guard !settings.callEvents.isEmpty else {
            return [.notApplicable("callEvents", "nobody is told of calls; GET has what becomes of them")]
        }
        var verdicts: [SetupVerdict] = []
        for (place, address) in settings.callEvents.enumerated() {
            progress("callEvents")
            let name = settings.callEvents.count == 1 ? "it" : "number \(place + 1)"
            verdicts.append(await self.events(at: address, name))
        }
        return verdicts
    }

    /// Asks for the head alone, which nobody takes for an event.
    private func events(at address: String, _ name: String) async -> SetupVerdict {
        guard let answer = try? await means.sender.send(GatewayRequest(.head, address), within: Self.limit) else {
            return .fail("callEvents", "\(name) does not answer", "Start your back end, and let this machine reach it.")
        }
        guard answer.status < 500 else {
            return .warning(
                "callEvents", "\(name) answers with HTTP \(answer.status)", "See the log of what stands there.")
        }
        return .pass("callEvents", "\(name) answers")
    }

    private func publicAddress(
        _ dialers: [DialingGateway], _ progress: (String) -> Void
    ) async -> [SetupVerdict] {
        let isOnInternet = dialers.contains(where: \.isOnInternet)
        guard let base = settings.publicURL else {
            guard dialers.isEmpty || !dialers.allSatisfy(\.needsNoAddress) else {
                return [.notApplicable("publicURL", "it is not set: SIP needs no address of the service")]
            }
            let remedy = "Set the beginning of the addresses at which gateways reach the service."
            let seen = "it is not set: gateways are told the host that your back end has asked"
            return [isOnInternet ? .fail("publicURL", seen, remedy) : .warning("publicURL", seen, remedy)]
        }
        var verdicts: [SetupVerdict] = []
        if isOnInternet, let problem = Self.problem(ofPublic: base) { verdicts.append(problem) }
        progress("publicURL")
        verdicts.append(Self.verdict(of: await means.fetch(base + "/healthz")))
        return verdicts
    }

    private static func verdict(of reached: Reached) -> SetupVerdict {
        switch reached {
        case .answered(200, let body) where body.elementsEqual(StateEndpoint.alive.utf8):
            .pass("publicURL", "the service answers there")
        case .answered(let status, _):
            .fail(
                "publicURL", "something else answers there (HTTP \(status))",
                "Lead it, and all paths beneath it, to the service.")
        case .failed(let reason):
            .fail("publicURL", reason, "Start the service, and lead this address to it; its certificate must hold.")
        }
    }

    /// What keeps gateways of the Internet from an address.
    private static func problem(ofPublic base: String) -> SetupVerdict? {
        let host = ServiceSettings.host(of: base)
        let isPrivate =
            NetworkAddress(host).map { $0.isLoopback || $0.isPrivate }
            ?? (!host.contains(".")
                || [".local", ".localhost", ".internal", ".lan", ".home.arpa"].contains(where: host.hasSuffix))
        if isPrivate {
            return .fail(
                "publicURL", "its host is of this machine or of a private network",
                "Give the service a name that the gateway reaches from the Internet.")
        }
        guard base.hasPrefix("https://") else {
            return .warning("publicURL", "codes go over the Internet in clear", "Begin it with https://.")
        }
        return nil
    }
}
