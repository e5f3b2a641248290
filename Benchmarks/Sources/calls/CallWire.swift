// SPDX-License-Identifier: GPL-3.0-or-later

/// A call that waits on a connection of its own, and what is said over it.
protocol CallWire {
    /// What is asked for, by the name that the service has for it.
    static var format: String { get }
    /// The frames that the service sends ahead of its clock.
    static var lead: Int { get }
    /// 20 ms of what a caller says; a voice is never quite silent.
    static var callersFrame: [UInt8] { get }

    /// From what the service has answered.
    init?(_ answer: String)

    var port: UInt16 { get }

    /// Begins the call, over a connection that waits.
    func begin(over descriptor: CInt)

    /// How long the first message is; nil where not all of it has come.
    static func length(ofFirst bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int?
    /// What a whole message is.
    static func kind(of message: Slice<UnsafeBufferPointer<UInt8>>) -> MessageKind
}

/// What the service says in a call.
enum MessageKind {
    case frame(isSilent: Bool)
    /// What is to be answered, as a gateway does.
    case answered([UInt8])
    /// Nothing that it should say.
    case strange
}
