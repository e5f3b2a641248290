// SPDX-License-Identifier: GPL-3.0-or-later

/// What FreeSWITCH is asked about the settings by which it dials: whether it lets us in, whether it is up, and whether the
/// gateway of its dial string is.
///
/// Source: mod_event_socket.c, mod_commands.c (`status`) and mod_sofia.c (`cmd_status`) of github.com/signalwire/freeswitch.
struct EventSocketCheck: SetupConversation {
    private let password: String
    /// The gateway of the dial string; nil where it has none.
    private let trunk: String?
    private var frames = EventSocketFrames()
    private var asked = Asked.nothing
    private(set) var verdicts: [SetupVerdict] = []
    private(set) var isOver = false

    private enum Asked: Sendable { case nothing, password, status, trunk }

    init(password: String, trunk: String?) {
        (self.password, self.trunk) = (password, trunk)
    }

    var unreachable: SetupVerdict {
        .fail(
            "freeswitchEventSocket", asked == .nothing ? "FreeSWITCH does not answer there" : "FreeSWITCH says no more",
            "See that mod_event_socket is loaded, and where event_socket.conf.xml has it listen.")
    }

    mutating func received(_ bytes: [UInt8]) -> [UInt8] {
        guard let frames = try? frames.append(bytes) else {
            return end(.fail("freeswitchEventSocket", "no event socket is there", "Set the address of one."))
        }
        return frames.flatMap { isOver ? [] : read($0) }
    }

    private mutating func read(_ frame: EventSocketFrames.Frame) -> [UInt8] {
        switch (frame.type, asked) {
        case ("auth/request", .nothing): return ask(.password, "auth \(password)")
        case ("text/rude-rejection", _):
            return end(
                .fail(
                    "freeswitchEventSocket", "its access list does not let this machine in",
                    "Have apply-inbound-acl in event_socket.conf.xml allow the service's address."))
        case ("command/reply", .password):
            guard frame.head["Reply-Text"]?.hasPrefix("+OK") == true else {
                return end(
                    .fail(
                        "freeswitchPassword", "FreeSWITCH does not take it",
                        "Set the password of event_socket.conf.xml."))
            }
            verdicts.append(.pass("freeswitchPassword", "FreeSWITCH lets us in"))
            return ask(.status, "api status")
        case ("api/response", .status): return read(status: frame.body)
        case ("api/response", .trunk): return end(Self.verdict(trunk: frame.body))
        default: return []
        }
    }

    private mutating func read(status: [UInt8]) -> [UInt8] {
        guard String(decoding: status, as: UTF8.self).hasPrefix("UP") else {
            return end(.fail("freeswitchEventSocket", "FreeSWITCH is not up", "See its log."))
        }
        verdicts.append(.pass("freeswitchEventSocket", "FreeSWITCH is up"))
        guard let trunk else {
            return end(
                .notApplicable(
                    "freeswitchDial", "it goes through no gateway of mod_sofia that could be asked about",
                    "Try it with `originate` on FreeSWITCH's console."))
        }
        return ask(.trunk, "api sofia status gateway \(trunk)")
    }

    private static func verdict(trunk status: [UInt8]) -> SetupVerdict {
        var fields: [String: String] = [:]
        for line in String(decoding: status, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: "\t", maxSplits: 1)
            if parts.count == 2 { fields[parts[0].filter { $0 != " " }] = String(parts[1]) }
        }
        guard let state = fields["State"], let up = fields["Status"] else {
            return .fail(
                "freeswitchDial", "FreeSWITCH has no gateway of that name",
                "`sofia status` lists those that it has; `sofia profile external rescan` reads new ones.")
        }
        guard up.hasPrefix("UP"), ["REGED", "NOREG"].contains(state) else {
            return .fail(
                "freeswitchDial", "its gateway is down, or not registered",
                "`sofia status gateway` says more: the trunk's address, user and password.")
        }
        return .pass("freeswitchDial", state == "REGED" ? "its gateway is up and registered" : "its gateway is up")
    }

    private mutating func ask(_ what: Asked, _ command: String) -> [UInt8] {
        asked = what
        return Array("\(command)\n\n".utf8)
    }

    private mutating func end(_ verdict: SetupVerdict) -> [UInt8] {
        verdicts.append(verdict)
        isOver = true
        return Array("exit\n\n".utf8)
    }
}

extension EventSocketCheck: CustomStringConvertible, CustomReflectable {
    var description: String { "EventSocketCheck" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
