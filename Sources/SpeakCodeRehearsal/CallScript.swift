// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5
internal import FoundationEssentials
internal import SpeakCodeGateways

/// What a document has its gateway do in a call, as that gateway reads it.
struct CallScript: Hashable, Sendable {
    /// The address of the file that is played; nil where the call is hung up.
    var audio: String?
    /// Whether it is played until the call ends.
    var isEndless = false
    /// Where a key is told; nil where none is listened to.
    var next: String?
    /// Whether it is told there as well that none came; else the gateway hangs up, or plays on.
    var tellsSilence = false

    /// Reads a document; nil for what this kind of gateway does not carry out.
    init?(_ document: [UInt8], of kind: FakeGateway.Kind) {
        switch kind {
        case .twilio, .signalwire, .telnyxTeXML: self.init(markup: document, listening: "Gather")
        case .plivo: self.init(markup: document, listening: "GetInput")
        case .vonage: self.init(ncco: document)
        case .jambonz: self.init(verbs: document)
        // It plays a file, and reads nothing.
        case .telnyxCallControl: return nil
        }
    }

    private init?(markup document: [UInt8], listening name: String) {
        guard let root = XMLTree.root(of: document), root.name == "Response", let first = root.children.first else {
            return nil
        }
        switch first.name {
        case "Hangup": return
        case "Play":
            guard first.attributes["loop"] == "0" else { return nil }
            (audio, isEndless) = (first.text, true)
        case name:
            guard let play = first.child("Play"), let action = first.attributes["action"],
                first.attributes["method", default: "POST"] == "POST", let behind = root.children.dropFirst().first
            else { return nil }
            (audio, next, isEndless) = (play.text, action, play.attributes["loop"] == "0")
            guard behind.name == (isEndless ? "Redirect" : "Hangup") else { return nil }
        default: return nil
        }
    }

    private init?(ncco document: [UInt8]) {
        guard let actions = JSON5Value.list(in: document)?.map({ $0.members ?? [:] }) else { return nil }
        guard let stream = actions.first else { return }
        guard stream["action"] == "stream", let url = stream["streamUrl"]?.elements?.first?.text else { return nil }
        (audio, isEndless) = (url, stream["loop"] == 0)
        if let input = actions.dropFirst().first {
            guard input["action"] == "input", stream["bargeIn"] == true, input["eventMethod"] == "POST",
                let url = input["eventUrl"]?.elements?.first?.text
            else { return nil }
            (next, tellsSilence) = (url, true)
        }
    }

    private init?(verbs document: [UInt8]) {
        guard let verbs = JSON5Value.list(in: document)?.compactMap(\.members) else { return nil }
        let rest = verbs.drop { $0["verb"] == "answer" }
        switch rest.first?["verb"] {
        case "hangup": return
        case "play":
            guard let url = rest.first?["url"]?.text else { return nil }
            (audio, isEndless) = (url, rest.first?["loop"] == "forever")
        case "gather":
            guard let play = rest.first?["play"]?.members, let url = play["url"]?.text,
                let hook = rest.first?["actionHook"]?.text
            else { return nil }
            (audio, isEndless) = (url, play["loop"] == "forever")
            (next, tellsSilence) = (hook, true)
        default: return nil
        }
    }
}

extension FakeGateway {
    /// What it posts to have a document, and then with what was pressed; an empty key for none.
    static func request(_ kind: Kind, call: String, to: String, from: String, key: String?) -> (String, [UInt8]) {
        let form = "application/x-www-form-urlencoded"
        switch kind {
        case .twilio, .signalwire, .telnyxTeXML, .telnyxCallControl:
            var fields = [
                ("AccountSid", "AC1"), ("CallSid", call), ("CallStatus", "in-progress"),
                ("Direction", "outbound-api"), ("From", from), ("To", to),
            ]
            if let key { fields.append(("Digits", key)) }
            return (form, FormFields.encoded(fields))
        case .plivo:
            var fields = [
                ("CallStatus", "in-progress"), ("CallUUID", call), ("Direction", "outbound"),
                ("Event", key == nil ? "StartApp" : "GetInput"), ("From", from), ("RequestUUID", call), ("To", to),
            ]
            if let key { fields += [("Digits", key), ("InputType", "dtmf")] }
            return (form, FormFields.encoded(fields))
        case .vonage:
            var json: [String: JSON5Value] = ["uuid": .text(call), "from": .text(from), "to": .text(to)]
            if let key { json["dtmf"] = ["digits": .text(key), "timed_out": .flag(key.isEmpty)] }
            return ("application/json", (try? JSONDocument.encode(json)) ?? [])
        case .jambonz:
            var json: [String: JSON5Value] = [
                "call_sid": .text(call), "call_status": "in-progress", "direction": "outbound", "from": .text(from),
                "to": .text(to),
            ]
            if let key {
                json["reason"] = key.isEmpty ? "timeout" : "dtmfDetected"
                if !key.isEmpty { json["digits"] = .text(key) }
            }
            return ("application/json", (try? JSONDocument.encode(json)) ?? [])
        }
    }
}
