// SPDX-License-Identifier: GPL-3.0-or-later

internal import CAMR
public import SpeakCode

/// libopencore-amrnb, where it is installed: AMR narrow-band, which libsndfile does not have.
///
/// It is looked for when AMR is asked for, and no program needs it to start.
public struct AMRCoder: TelephoneCoder {
    /// A coder without state.
    public init() {}

    /// Whether the library is installed.
    public static var isInstalled: Bool { speakcode_amr_is_there() != 0 }

    private static let frame = 160
    /// How far the encoder looks ahead (3GPP TS 26.090, section 5.1), by which all is delayed.
    private static let delay = 40

    /// What is heard of speech behind AMR.
    ///
    /// - Throws: ``AMRError``.
    public func heard(_ samples: [Int16], through codec: TelephoneCodec) throws -> [Int16] {
        guard let mode = codec.amrMode else { throw AMRError(message: "\(codec.rawValue) is no mode of AMR") }
        let frames = (samples.count + Self.delay + Self.frame - 1) / Self.frame
        let padded = samples + [Int16](repeating: 0, count: frames * Self.frame - samples.count)
        var status: CInt = 0
        let heard = [Int16](unsafeUninitializedCapacity: padded.count) { buffer, count in
            buffer.initialize(repeating: 0)
            status = speakcode_amr_heard(padded, frames, CInt(mode), buffer.baseAddress)
            count = padded.count
        }
        switch status {
        case 0: return Array(heard[Self.delay..<(Self.delay + samples.count)])
        case -1:
            throw AMRError(
                message: "\(codec.rawValue) needs libopencore-amrnb, which is not installed; "
                    + "`apt-get install libopencore-amrnb0`, or leave the line out")
        default: throw AMRError(message: "libopencore-amrnb has refused")
        }
    }
}

/// Why there is no AMR.
public struct AMRError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What happened, and what to do.
    public let message: String

    /// What happened, and what to do.
    public var description: String { message }
}
