// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCode

/// What rings telephones over SIP, whatever library it is made of.
package protocol SIPSignalling: Sendable {
    /// Asks for a call.
    ///
    /// - Parameters:
    ///   - invitation: whom, and where their sound is to go.
    ///   - told: what becomes of it, in order; behind an end there is nothing.
    /// - Returns: what ends it.
    func invite(
        _ invitation: SIPInvitation, told: @escaping @Sendable (SIPEvent) -> Void
    ) throws(DialingError) -> any SIPCall

    /// Ends every call, and itself once their peers have acknowledged that.
    ///
    /// - Parameters:
    ///   - patience: for how long they are waited for.
    ///   - closed: told when it is over.
    func close(within patience: Duration, closed: @escaping @Sendable () -> Void)
}

/// A call that was asked for.
package protocol SIPCall: Sendable {
    /// Ends it, or takes it back: nothing is told of it afterwards.
    func end()
}

/// Whom to ring, and where their sound is to go.
package struct SIPInvitation: Sendable {
    package var to: SIPAddress
    /// Who calls; nil for who the stack is.
    package var from: SIPAddress?
    /// The address of this machine from which the peer is reached, in numbers.
    package var local: String
    /// The port of RTP there.
    package var mediaPort: Int
    /// The port there of RTP with text (RFC 4103); nil where none is offered.
    package var textPort: Int?
    /// Seconds that the telephone may ring.
    package var timeout: Int

    package init(
        to: SIPAddress, from: SIPAddress?, local: String, mediaPort: Int, textPort: Int? = nil, timeout: Int
    ) {
        (self.to, self.from, self.local) = (to, from, local)
        (self.mediaPort, self.textPort, self.timeout) = (mediaPort, textPort, timeout)
    }
}

/// What becomes of a call over SIP.
package enum SIPEvent: Sendable {
    /// A provisional answer.
    case ringing
    /// It was taken.
    case answered(SIPMedia)
    /// Their sound goes elsewhere from now on.
    case moved(SIPMedia)
    case ended(SIPEnd)
}

/// Why a call over SIP is over.
package enum SIPEnd: Hashable, Sendable {
    /// The peer hung up.
    case hungUp
    /// It was refused by a status.
    case refused(Int)
    /// It asks by this status who calls, in a way that the library does not know.
    case askedStrangely(Int)
    /// It rang for as long as it may.
    case notTaken
    /// Nobody has said anything to the invitation.
    case notReached(String)
    /// It could not go on, in the words of the system.
    case failed(String)

    /// The same in the words of every gateway.
    package var end: CallEnd {
        switch self {
        case .hungUp: CallEnd(.completed)
        case .refused(let status): SIPStatus.end(status)
        case .askedStrangely(let status):
            CallEnd(.failed, cause: "with a digest that this system's libre does not know", sipStatus: status)
        case .notTaken: CallEnd(.noAnswer, cause: "no answer in time")
        case .notReached(let cause), .failed(let cause): CallEnd(.failed, cause: cause)
        }
    }
}

/// What the answer to an offer says of media.
package struct SIPMedia: Hashable, Sendable {
    /// Where sound goes, in numbers.
    package var host: String
    /// nil where none is to be sent for now.
    package var port: Int?
    package var rtcpPort: Int?
    package var coding: Coding
    /// The payload type of keys (RFC 4733); nil where the peer has none.
    package var keys: UInt8?
    /// Where real-time text goes; nil where the peer takes none for now.
    package var text: Text?

    /// What the answer says of real-time text (RFC 4103).
    package struct Text: Hashable, Sendable {
        /// In numbers.
        package var host: String
        package var port: Int
        package var rtcpPort: Int
        package var format: RealTimeText.Format

        package init(host: String, port: Int, rtcpPort: Int, format: RealTimeText.Format) {
            (self.host, self.port, self.rtcpPort, self.format) = (host, port, rtcpPort, format)
        }
    }

    /// G.711, in its two laws; the raw value is its payload type (RFC 3551, section 6).
    package enum Coding: UInt8, Sendable {
        case ulaw = 0
        case alaw = 8
    }

    package init(host: String, port: Int?, rtcpPort: Int?, coding: Coding, keys: UInt8?, text: Text? = nil) {
        (self.host, self.port, self.rtcpPort) = (host, port, rtcpPort)
        (self.coding, self.keys, self.text) = (coding, keys, text)
    }
}
