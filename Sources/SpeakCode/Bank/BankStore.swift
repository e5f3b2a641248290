// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

/// The banks of a process, one for each pack and voice, the longest unused let go when there are too many.
public final class BankStore: Sendable {
    private struct Key: Hashable {
        let locale: LanguageTag
        let revision: UInt64
        let voice: EngineVoice
    }

    private let engine: any SpeechEngine
    private let resampler: any Resampler
    private let encoder: any SoundEncoder
    private let appetite: Bank.Appetite
    private let patience: Bank.Patience
    private let capacity: Int
    private let kept = Mutex(Kept())

    private struct Kept {
        var banks: [Key: (bank: Bank, lastUse: UInt64)] = [:]
        var uses: UInt64 = 0
    }

    /// Opens a store without banks.
    ///
    /// - Parameters:
    ///   - engine: what speaks.
    ///   - resampler: what changes the engine's rate.
    ///   - encoder: what codes samples.
    ///   - appetite: how much a bank has spoken when a unit is missing.
    ///   - patience: when a failed engine is asked again.
    ///   - capacity: the most banks that are kept; one of digits takes about a megabyte.
    public init(
        engine: any SpeechEngine, resampler: any Resampler, encoder: any SoundEncoder,
        appetite: Bank.Appetite = .section, patience: Bank.Patience = .usual, capacity: Int = 128
    ) {
        self.engine = engine
        self.resampler = resampler
        self.encoder = encoder
        self.appetite = appetite
        self.patience = patience
        self.capacity = max(1, capacity)
    }

    /// The bank of a pack in a voice.
    ///
    /// A bank that is let go lives on with those who hold it; a pack whose file has changed gets a new one.
    public func bank(for pack: VoicePack, voice: EngineVoice) -> Bank {
        let key = Key(locale: pack.locale, revision: pack.revision, voice: voice)
        return kept.withLock { kept in
            kept.uses += 1
            if let bank = kept.banks[key]?.bank {
                kept.banks[key]?.lastUse = kept.uses
                return bank
            }
            if kept.banks.count >= capacity, let oldest = kept.banks.min(by: { $0.value.lastUse < $1.value.lastUse }) {
                kept.banks[oldest.key] = nil
            }
            let bank = Bank(
                pack: pack, voice: voice, engine: engine, resampler: resampler, encoder: encoder, appetite: appetite,
                patience: patience)
            kept.banks[key] = (bank, kept.uses)
            return bank
        }
    }
}
