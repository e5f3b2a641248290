// SPDX-License-Identifier: GPL-3.0-or-later

/// What a telephone network codes speech by, whether or not SpeakCode writes files of it.
public enum TelephoneCodec: String, CaseIterable, Sendable {
    /// ITU-T G.711 µ-law, 64 kbit/s.
    case muLaw = "ulaw"
    /// ITU-T G.711 A-law, 64 kbit/s.
    case aLaw = "alaw"
    /// ITU-T G.726 at 32 kbit/s, which was G.721.
    case g726
    /// GSM 06.10 full rate, 13 kbit/s.
    case gsm
    /// Opus (RFC 6716), as a file of it is made.
    case opus
    /// AMR narrow-band (3GPP TS 26.071), by its kbit/s: 4.75, 5.15, 5.9, 6.7, 7.4, 7.95, 10.2 and 12.2.
    case amr475, amr515, amr590, amr670, amr740, amr795, amr102, amr122

    /// The mode of AMR, from 0; nil of all others.
    package var amrMode: Int? { Self.amr.firstIndex(of: self) }

    private static let amr: [TelephoneCodec] = [
        .amr475, .amr515, .amr590, .amr670, .amr740, .amr795, .amr102, .amr122,
    ]
}

/// A way through a codec and back.
public protocol TelephoneCoder: Sendable {
    /// What is heard of speech behind a codec.
    ///
    /// - Parameters:
    ///   - samples: speech at 8,000 Hz.
    ///   - codec: the codec.
    /// - Returns: as many samples, not delayed.
    /// - Throws: where the library that does the work is not there, or refuses.
    func heard(_ samples: [Int16], through codec: TelephoneCodec) throws -> [Int16]
}
