// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

@testable import SpeakCodeGateways

@Suite("The shape of a document")
struct DocumentShapeTests {
    /// What each vendor's reference says that a document may have: elements, their attributes, and what may stand in them.
    ///
    /// - Twilio: the attributes of twilio-python's `twiml/voice_response.py`; Telnyx: the pages of the TeXML verbs.
    /// - Plivo: plivo-python's `plivoxml`. FreeSWITCH: the attributes that mod_httapi.c reads.
    struct Shape: Sendable {
        let root: String
        let elements: [String: (attributes: Set<String>, children: Set<String>)]

        static let twiml = Shape(
            root: "Response",
            elements: [
                "Response": ([], ["Gather", "Play", "Redirect", "Hangup"]),
                "Gather": (
                    [
                        "input", "action", "method", "timeout", "finishOnKey", "numDigits", "actionOnEmptyResult",
                    ], ["Play"]
                ),
                "Play": (["loop", "digits"], []), "Redirect": (["method"], []), "Hangup": ([], []),
            ])
        static let texml = Shape(
            root: "Response",
            elements: [
                "Response": ([], ["Gather", "Play", "Redirect", "Hangup"]),
                "Gather": (["input", "action", "timeout", "finishOnKey", "numDigits", "validDigits"], ["Play"]),
                "Play": (["loop"], []), "Redirect": (["method"], []), "Hangup": ([], []),
            ])
        static let plivo = Shape(
            root: "Response",
            elements: [
                "Response": ([], ["GetInput", "Play", "Redirect", "Hangup"]),
                "GetInput": (
                    [
                        "action", "method", "inputType", "executionTimeout", "digitEndTimeout", "finishOnKey",
                        "numDigits", "redirect", "log",
                    ], ["Play"]
                ),
                "Play": (["loop"], []), "Redirect": (["method"], []), "Hangup": (["reason", "schedule"], []),
            ])
        static let httapi = Shape(
            root: "document",
            elements: [
                "document": (["type"], ["params", "work"]), "params": ([], ["asked"]), "asked": ([], []),
                "work": ([], ["playback", "hangup"]),
                "playback": (
                    ["file", "name", "error-file", "action", "digit-timeout", "input-timeout", "loops", "terminators"],
                    ["bind"]
                ),
                "bind": (["action", "strip"], []), "hangup": (["cause"], []),
            ])

        func check(_ element: StrictXML) {
            guard let known = elements[element.name] else {
                Issue.record("\(element.name) is no element of the vendor's")
                return
            }
            for attribute in element.attributes.keys {
                #expect(known.attributes.contains(attribute), "\(element.name) has \(attribute)")
            }
            for child in element.children {
                #expect(known.children.contains(child.name), "\(child.name) stands in \(element.name)")
                check(child)
            }
        }
    }

    static let shapes: [(name: String, shape: Shape)] = [
        ("twiml", .twiml), ("texml", .texml), ("plivo", .plivo), ("httapi", .httapi),
    ]

    private static func document(_ name: String) throws -> CallDocument {
        try #require(Gateways.document(named: name))
    }

    static let steps: [CallStep] = [
        .reading(audio: "https://codes.example.net/a/x.wav", keys: "", next: "https://codes.example.net/c/y.z"),
        .reading(audio: "https://codes.example.net/a/x.wav", keys: "12", next: "https://codes.example.net/c/y.z"),
        .gate(audio: "https://codes.example.net/a/x.wav", keys: "1", next: "https://codes.example.net/c/y.z"),
        .hangUp,
    ]

    @Test(
        "in XML has the elements and attributes that its vendor describes, and no others",
        arguments: shapes, steps)
    func shapeOfXML(_ known: (name: String, shape: Shape), _ step: CallStep) async throws {
        let root = try await StrictXML(try Self.document(known.name).encoded(step))
        let shape = known.shape
        #expect(root.name == shape.root)
        shape.check(root)
    }

    /// The keys of each action by Vonage's NCCO reference (@vonage/voice's types), those of each verb by jambonz's
    /// `lib/tasks/specs.json`.
    @Test("in JSON has the actions and properties that its vendor describes", arguments: steps)
    func shapeOfJSON(_ step: CallStep) throws {
        let ncco: [String: Set<String>] = [
            "stream": [
                "action", "streamUrl", "level", "bargeIn", "loop", "eventOnCompletion", "eventUrl", "eventMethod",
            ],
            "input": ["action", "type", "dtmf", "speech", "eventUrl", "eventMethod", "mode"],
        ]
        let actions = try #require(
            try JSONSerialization.jsonObject(with: Data(try Self.document("ncco").encoded(step))) as? [[String: Any]])
        for action in actions {
            let name = try #require(action["action"] as? String)
            let known = try #require(ncco[name])
            #expect(Set(action.keys).isSubset(of: known))
            for list in ["streamUrl", "eventUrl"] {
                if let urls = action[list] { #expect((urls as? [String])?.count == 1) }
            }
        }
        let verbs: [String: Set<String>] = [
            "answer": ["verb"], "hangup": ["verb", "headers"],
            "play": ["verb", "url", "loop", "earlyMedia", "seekOffset", "timeoutSecs", "actionHook"],
            "gather": ["verb", "actionHook", "input", "numDigits", "timeout", "play", "finishOnKey", "dtmfBargein"],
        ]
        let list = try #require(
            try JSONSerialization.jsonObject(with: Data(try Self.document("jambonz").encoded(step))) as? [[String: Any]]
        )
        for verb in list {
            let name = try #require(verb["verb"] as? String)
            let known = try #require(verbs[name])
            #expect(Set(verb.keys).isSubset(of: known))
        }
        #expect(!list.isEmpty)
    }

    @Test("escapes whatever an address may have")
    func escapes() async throws {
        let address = "https://codes.example.net/?a=1&b=<\"'>\u{1}\n\u{FFFF}\u{1F600}"
        let step = CallStep.gate(audio: address, keys: "1", next: address)
        for document in try Self.shapes.map({ try Self.document($0.name) }) {
            let xml = try await StrictXML(try document.encoded(step))
            let expected = "https://codes.example.net/?a=1&b=<\"'>\n\u{1F600}"
            let action = try #require(xml.elements.lazy.compactMap { $0.attributes["action"] }.first)
            #expect(action == expected, "\(document)")
        }
    }
}
