// SPDX-License-Identifier: GPL-3.0-or-later

/// A call that a gateway is to place.
///
/// It does not show itself, since a telephone number is a person.
package struct CallOrder: Hashable, Sendable {
    /// Our name of the call, a UUID in small letters.
    ///
    /// It is the gateway's as well where that takes one, so that the call is placed once.
    package let id: String
    /// Whom to ring.
    package let callee: Callee
    /// The number or address that the telephone shows; nil for the gateway's own.
    package let from: String?
    /// Seconds that the telephone may ring.
    package let timeout: Int
    /// Seconds that an answered call may last.
    package let longest: Int
    /// What is heard once it is answered.
    package let heard: Heard
    /// The address to which the gateway tells what becomes of it; nil for one that tells over its own socket.
    package let reportTo: String?
    /// Whether the gateway is asked to find out who answers; what is heard begins at once, and not after it.
    package let detectsMachine: Bool
    /// What is shown to who does not hear, by a gateway that has real-time text; nil where it changes.
    package let text: Text?

    /// What is heard, in writing.
    package struct Text: Hashable, Sendable {
        /// What is asked in front of the code; nil where it waits for no key.
        package let question: String?
        /// The sentence and the code.
        package let reading: String

        package init(question: String?, reading: String) { (self.question, self.reading) = (question, reading) }
    }

    /// Whom to ring.
    package enum Callee: Hashable, Sendable {
        /// A number as it is dialled, such as `+4930123456` (E.164).
        case number(String)
        /// An address such as `sip:anna@example.net` (RFC 3261).
        case sip(String)
    }

    /// What is heard once a call is answered: each is a link to the call, for what asks by it.
    package enum Heard: Hashable, Sendable {
        /// The address of the gateway's document.
        case document(String)
        /// The address of a file with the whole announcement, for what takes no documents: there are no keys, and no gate.
        case audio(String)
        /// The address of a WebSocket.
        case webSocket(String)
        /// The arguments of `AudioSocket()`: a UUID, and `host:port`.
        case audioSocket(uuid: String, address: String)
        /// The address of a FastAGI, `agi://…`.
        case fastAGI(String)
        /// Frames that this node sends itself.
        case local
    }

    package init(
        id: String, to callee: Callee, from: String? = nil, timeout: Int = 30, longest: Int = 600, heard: Heard,
        reportTo: String? = nil, detectsMachine: Bool = false, text: Text? = nil
    ) {
        (self.id, self.callee, self.from) = (id, callee, from)
        (self.timeout, self.longest, self.heard) = (timeout, longest, heard)
        (self.reportTo, self.detectsMachine, self.text) = (reportTo, detectsMachine, text)
    }
}

extension CallOrder: CustomStringConvertible, CustomReflectable {
    package var description: String { "CallOrder(\(id))" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension CallOrder.Text: CustomStringConvertible, CustomReflectable {
    package var description: String { "CallOrder.Text" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension CallOrder.Callee: CustomStringConvertible, CustomReflectable {
    package var description: String {
        switch self {
        case .number: "a number"
        case .sip: "a SIP address"
        }
    }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
