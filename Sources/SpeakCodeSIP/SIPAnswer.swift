// SPDX-License-Identifier: GPL-3.0-or-later

internal import CSIP
package import SpeakCodeGateways

/// A description of media as an answer to our offer (RFC 3264, RFC 4566).
package enum SIPAnswer {
    /// Reads an answer; nil where it is none, or has no sound that we send.
    package static func media(of description: [UInt8]) -> SIPMedia? {
        var event = speakcode_sip_event()
        let error = description.withUnsafeBufferPointer { bytes in
            speakcode_sip_read_answer(bytes.baseAddress, Int32(clamping: bytes.count), &event)
        }
        return error == 0 ? SIPAgent.media(event) : nil
    }
}
