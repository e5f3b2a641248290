// SPDX-License-Identifier: GPL-3.0-or-later

internal import Synchronization

/// The banks of a process, one for each pack and voice, as many as a number of bytes allows.
///
/// Where there is more, what was unused the longest is let go: first the clips of one rate and coding, then the bank that
/// has none left.
package final class BankStore: Sendable {
    private struct Key: Hashable {
        let locale: LanguageTag
        let revision: UInt64
        let voice: EngineVoice
    }

    private let engine: any SpeechEngine
    private let resampler: any Resampler
    private let encoder: any SoundEncoder
    private let prefetch: PrefetchPolicy
    private let retry: RetryPolicy
    private let mostBytes: Int
    private let onLetGo: @Sendable () -> Void
    private let kept = Mutex(Kept())

    private struct Kept {
        var banks: [Key: Entry] = [:]
        var bytes = 0
        var uses: UInt64 = 0
    }

    private struct Entry {
        let bank: Bank
        var lastUse: UInt64
        /// When the clips of a format were last asked for.
        var formats: [ClipFormat: UInt64] = [:]
        var bytes = BankStore.bytesOfBank
    }

    /// What a bank takes before it has spoken, about.
    private static let bytesOfBank = 8192

    /// Opens a store without banks.
    ///
    /// - Parameters:
    ///   - engine: what speaks.
    ///   - resampler: what changes the engine's rate.
    ///   - encoder: what codes samples.
    ///   - prefetch: how much a bank has spoken when a unit is missing.
    ///   - retry: when a failed engine is asked again.
    ///   - mostBytes: the most bytes of sound that are kept, unless what was used last has more; a bank of digits takes
    ///     about a megabyte, one with letters up to eight.
    ///   - onLetGo: told when something was let go, so that whoever else has clips may let them go as well.
    package init(
        engine: any SpeechEngine, resampler: any Resampler, encoder: any SoundEncoder,
        prefetch: PrefetchPolicy = .section, retry: RetryPolicy = .usual, mostBytes: Int,
        onLetGo: @escaping @Sendable () -> Void = {}
    ) {
        self.engine = engine
        self.resampler = resampler
        self.encoder = encoder
        self.prefetch = prefetch
        self.retry = retry
        self.mostBytes = mostBytes
        self.onLetGo = onLetGo
    }

    /// The bytes of sound that are kept, and what the banks themselves take, about.
    package var byteCount: Int { kept.withLock(\.bytes) }

    /// The bank of a pack in a voice.
    ///
    /// A bank that is let go lives on with those who hold it; a pack whose file has changed gets a new one.
    ///
    /// - Parameters:
    ///   - pack: the words.
    ///   - voice: how they sound.
    ///   - format: in what its clips will be asked for.
    package func bank(for pack: VoicePack, voice: EngineVoice, clipsIn format: ClipFormat? = nil) -> Bank {
        let key = Key(locale: pack.locale, revision: pack.revision, voice: voice)
        let (bank, haveGone) = kept.withLock { kept in
            kept.uses += 1
            let isNew = kept.banks[key] == nil
            if isNew {
                kept.banks[key] = Entry(bank: makeBank(for: pack, key), lastUse: kept.uses)
                kept.bytes += Self.bytesOfBank
            }
            kept.banks[key]?.lastUse = kept.uses
            if let format { kept.banks[key]?.formats[format] = kept.uses }
            return (kept.banks[key]?.bank, isNew && letGo(&kept))
        }
        if haveGone { onLetGo() }
        // What was used last is never let go.
        return bank ?? makeBank(for: pack, key)
    }

    private func makeBank(for pack: VoicePack, _ key: Key) -> Bank {
        Bank(
            pack: pack, voice: key.voice, engine: engine, resampler: resampler, encoder: encoder, prefetch: prefetch,
            retry: retry, clock: ContinuousClock()
        ) { [weak self] bank, bytes in self?.add(bytes, to: bank, key) }
    }

    /// Counts what has come to a bank, unless it was let go meanwhile.
    private func add(_ bytes: Int, to bank: Bank, _ key: Key) {
        let haveGone = kept.withLock { kept in
            guard kept.banks[key]?.bank === bank else { return false }
            kept.banks[key]?.bytes += bytes
            kept.bytes += bytes
            return letGo(&kept)
        }
        if haveGone { onLetGo() }
    }

    // MARK: Letting go

    /// What may be let go: a bank without clips, or its clips of one format.
    private struct Candidate {
        let key: Key
        let format: ClipFormat?
        let lastUse: UInt64
    }

    /// Lets go what was unused the longest until the bytes are few enough.
    ///
    /// - Returns: whether anything was let go.
    private func letGo(_ kept: inout Kept) -> Bool {
        guard kept.bytes > mostBytes else { return false }
        // A little more than has to be, since to look for it takes time.
        let goal = mostBytes - mostBytes / 16
        var candidates: [Candidate] = []
        for (key, entry) in kept.banks {
            candidates += entry.formats.map { Candidate(key: key, format: $0.key, lastUse: $0.value) }
            // A bank is as old as the latest of its clips, and goes after them.
            candidates.append(Candidate(key: key, format: nil, lastUse: entry.lastUse))
        }
        candidates.sort { ($0.lastUse, $0.format == nil ? 1 : 0) < ($1.lastUse, $1.format == nil ? 1 : 0) }
        var haveGone = false
        for candidate in candidates where candidate.lastUse < kept.uses {
            guard kept.bytes > goal else { break }
            haveGone = true
            guard let format = candidate.format else {
                kept.bytes -= kept.banks.removeValue(forKey: candidate.key)?.bytes ?? 0
                continue
            }
            guard let entry = kept.banks[candidate.key] else { continue }
            let bytes = entry.bank.letGo(format)
            kept.banks[candidate.key]?.formats[format] = nil
            kept.banks[candidate.key]?.bytes -= bytes
            kept.bytes -= bytes
        }
        return haveGone
    }
}
