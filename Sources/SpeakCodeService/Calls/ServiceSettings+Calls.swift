// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
package import SpeakCodeGateways

extension ServiceSettings {
    /// Whom the operator lets be called, and how often.
    ///
    /// - Throws: ``SettingsError``.
    func readCallBounds() throws(SettingsError) -> CallBounds {
        var bounds = CallBounds()
        for prefix in callPrefixes {
            guard prefix.hasPrefix("sip:") ? HostName(prefix.dropFirst(4)) != nil : Self.isPrefix(prefix) else {
                throw SettingsError("callPrefixes", "must be a list such as +49,+1212,sip:pbx.example.net")
            }
        }
        bounds.allowed = callPrefixes.map { $0.hasPrefix("sip:") ? $0.lowercased() : $0 }
        let waits = callWaits.compactMap { Int($0) }
        guard waits.count == callWaits.count, waits.allSatisfy({ (0...86_400).contains($0) }) else {
            throw SettingsError("callWaits", "must be a list of seconds, such as 0,30,60,120,300")
        }
        if !waits.isEmpty { bounds.waits = waits }
        (bounds.perNumber, bounds.perRange) = (callsPerNumber, callsPerRange)
        (bounds.perCaller, bounds.perDay) = (callsPerKey, callsPerDay)
        for text in quietHours {
            guard let hours = QuietHours(text, zone: Self.timeZone) else {
                throw SettingsError(
                    "quietHours",
                    "must be a list such as 21:00-08:00@Europe/Berlin,+49=22:00-07:00@+01:00, of time zones that this "
                        + "machine has")
            }
            bounds.quiet.append(hours)
        }
        return bounds
    }

    /// What the operator has set up for calls through some gateways.
    ///
    /// - Throws: ``SettingsError``.
    func readCallTerms(_ routes: [CallRoute]) throws(SettingsError) -> CallTerms {
        let prefixes = try readCallPrefixes(routes.map(\.name))
        // It stands before a full stop in addresses.
        let node = nodeName ?? ""
        guard node.utf8.count <= 32,
            node.utf8.allSatisfy({ "abcdefghijklmnopqrstuvwxyz0123456789-".utf8.contains($0) })
        else { throw SettingsError("nodeName", "must have 1 to 32 small letters, digits and hyphens") }
        for address in callEvents where !["https://", "http://"].contains(where: address.hasPrefix) {
            throw SettingsError("callEvents", "must be a list of addresses such as https://example.net/calls")
        }
        return CallTerms(
            routes: CallRoutes(routes, prefixes: prefixes, usual: callThrough), webhooks: callEvents,
            node: node, longest: callSeconds)
    }

    /// Which beginnings of numbers lead to which of the gateways that are set up.
    ///
    /// - Throws: ``SettingsError``.
    func readCallPrefixes(_ names: [String]) throws(SettingsError) -> [(prefix: String, name: String)] {
        if let callThrough, !names.contains(callThrough) {
            throw SettingsError("callThrough", "must be the name of a gateway that is set up to dial")
        }
        var prefixes: [(prefix: String, name: String)] = []
        for entry in callRoutes {
            let parts = entry.split(separator: "=").map(String.init)
            guard parts.count == 2, parts[0].lowercased().hasPrefix("sip:") || Self.isPrefix(parts[0]),
                names.contains(parts[1])
            else {
                throw SettingsError(
                    "callRoutes", "must be a list such as +1=name,sip:=name, of gateways that are set up to dial")
            }
            prefixes.append((parts[0].lowercased(), parts[1]))
        }
        return prefixes
    }

    /// What events are signed by; nil where none are sent.
    ///
    /// - Throws: ``SettingsError``.
    func readWebhookKey() throws(SettingsError) -> WebhookKey? {
        guard let text = callEventsKey else {
            guard callEvents.isEmpty else {
                throw SettingsError(
                    "callEventsKey", "must be given with callEvents: who gets events must know whose they are")
            }
            return nil
        }
        guard let key = WebhookKey(text) else {
            throw SettingsError("callEventsKey", "must be whsec_ and the base64 of 24 to 64 random bytes")
        }
        return key
    }

    /// Who calls over SIP, without any gateway; nil for nobody.
    ///
    /// - Throws: ``SettingsError``.
    package func readSIPAccount() throws(SettingsError) -> SIPAccount? {
        do throws(DialingError) {
            return try SIPAccount.calls.dialing(with: gatewayValues) { 0 }
        } catch {
            throw SettingsError(error.field, error.problem)
        }
    }

    /// The gateways that the operator has set up to dial over HTTP.
    ///
    /// - Throws: ``SettingsError``.
    func readCallRoutes(
        sender: any HTTPSender, time: SteadyTime, calendar: CalendarTime
    ) throws(SettingsError) -> [CallRoute] {
        let signatures = try readSignatures()
        var routes: [CallRoute] = []
        for gateway in Gateways.all {
            let found: (any Dialing)?
            do throws(DialingError) {
                found = try gateway.dialing?.dialing(with: gatewayValues) { calendar.now }
            } catch {
                throw SettingsError(error.field, error.problem)
            }
            guard let dialing = found else { continue }
            let hearing: CallRoute.Hearing? =
                switch dialing.hears {
                case .document: gateway.document.map { .document($0) }
                case .audio: .audio
                }
            guard let hearing else { continue }
            routes.append(
                CallRoute(
                    name: gateway.name, dialer: HTTPDialer(dialing, sender: sender, time: time), hearing: hearing,
                    numbers: dialing.numbers,
                    reports: CallRoute.Reports(
                        read: { dialing.report(query: $0, body: $1) },
                        signing: gateway.document.flatMap { signatures[$0] })
                ) { order throws(DialingError) in _ = try dialing.create(order) })
        }
        return routes
    }

    private static func isPrefix(_ text: String) -> Bool {
        let digits = text.dropFirst().utf8
        return text.first == "+" && (1...15).contains(digits.count)
            && digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// A fixed offset, or a place of the time zone database.
    private static func timeZone(_ name: Substring) -> TimeZoneRules? {
        if let fixed = TimeZoneRules(fixed: name) { return fixed }
        guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !name.contains(".."), name.first != "/",
            let data = FileManager.default.contents(atPath: "/usr/share/zoneinfo/\(name)")
        else { return nil }
        return TimeZoneRules(file: Array(data))
    }
}
