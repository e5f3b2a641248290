// SPDX-License-Identifier: GPL-3.0-or-later

package import NIOCore
package import SpeakCode
package import SpeakCodeGateways

/// What is heard in one call that this node carries itself.
///
/// It lives on one event loop, as the call does.
package protocol CallSound: AnyObject {
    /// The next frame of 20 ms; nil when the call is to end.
    func nextFrame() -> ArraySlice<UInt8>?
    /// Whether a reading began with the last frame.
    var beginsReading: Bool { get }
    /// The reading that the last frame was of, as who does not hear reads it; nil before the first.
    var writing: String? { get }
    /// How the call ends where there is no next frame.
    var end: CallEnd { get }
    /// Takes a key.
    func press(_ key: Character)
    /// Notes that the call is over.
    ///
    /// - Parameter isCut: whether this process ends, and the call with it.
    func hangUp(isCut: Bool)
}

/// The calls that this node carries itself: what is heard in them.
package protocol LocalCalls: Sendable {
    /// Makes a call ready, before anybody is rung for it.
    ///
    /// - Returns: nil where there is no room for one more.
    func call(_ order: CallOrder) -> (any LocalCall)?
}

/// A call that this node carries itself, before it is taken.
package protocol LocalCall: Sendable {
    /// What is heard in it, asked for on its loop when it was taken.
    ///
    /// - Returns: nil where nothing is to be heard, so that it ends.
    func sound(as coding: SIPMedia.Coding, on loop: any EventLoop) -> (any CallSound)?
}

extension SIPMedia.Coding {
    /// The format whose samples it sends.
    package var kind: AudioFormat.Kind {
        switch self {
        case .ulaw: .muLaw
        case .alaw: .aLaw
        }
    }

    /// A sample of silence.
    var silence: UInt8 {
        switch self {
        case .ulaw: SampleCoding.muLaw.silence
        case .alaw: SampleCoding.aLaw.silence
        }
    }
}

/// One announcement that was spoken beforehand, for every call that is placed.
package struct PreparedCalls: LocalCalls, LocalCall {
    private let renditions: [SIPMedia.Coding: LiveRendition<ContinuousClock>]
    private let longest: Duration
    private let onReading: @Sendable (Reading) -> Void

    /// How far a call is, in readings from 1.
    package enum Reading: Sendable {
        case begins(Int)
        /// It was heard to its end.
        case ended(Int)
        /// Nothing follows, and this side hangs up.
        case over
    }

    /// - Parameters:
    ///   - renditions: the announcement in each coding that a telephone may choose.
    ///   - longest: how long a call may last; a reading that would end later is not begun.
    ///   - onReading: told how far it is.
    package init(
        _ renditions: [SIPMedia.Coding: LiveRendition<ContinuousClock>], longest: Duration,
        onReading: @escaping @Sendable (Reading) -> Void
    ) {
        self.renditions = renditions
        self.longest = longest
        self.onReading = onReading
    }

    package func call(_ order: CallOrder) -> (any LocalCall)? { self }

    package func sound(as coding: SIPMedia.Coding, on loop: any EventLoop) -> (any CallSound)? {
        renditions[coding].map { Sound(frames: $0.frames(), longest: longest, onReading: onReading) }
    }

    private final class Sound: CallSound {
        private var frames: LiveRendition<ContinuousClock>.Frames
        private let longest: Duration
        private let onReading: @Sendable (Reading) -> Void
        private var sent = 0
        private var begun = 0
        private var readings = 0
        private var isOver = false
        private(set) var beginsReading = false

        init(
            frames: LiveRendition<ContinuousClock>.Frames, longest: Duration,
            onReading: @escaping @Sendable (Reading) -> Void
        ) {
            (self.frames, self.longest, self.onReading) = (frames, longest, onReading)
        }

        func nextFrame() -> ArraySlice<UInt8>? {
            guard !isOver, let frame = frames.next() else {
                onReading(.over)
                return nil
            }
            sent += 1
            beginsReading = begun == readings
            if beginsReading {
                begun += 1
                onReading(.begins(begun))
            }
            guard frame.endsReading else { return frame.bytes }
            readings += 1
            onReading(.ended(readings))
            // A frame is 20 ms.
            isOver = .milliseconds(20 * (sent + sent / readings)) > longest
            return frame.bytes
        }

        var writing: String? { begun == 0 ? nil : frames.writing }
        var end: CallEnd { CallEnd(.completed) }
        func press(_ key: Character) {}
        func hangUp(isCut: Bool) {}
    }
}
