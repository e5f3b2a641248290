// SPDX-License-Identifier: GPL-3.0-or-later

#if !FUZZING
    import Foundation
    import SpeakCodeSIP
    import SpeakCodeTesting
    import Testing

    @Suite("Whatever reads bytes of others")
    struct ReplayTests {
        private static let corpora = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Corpora").standardized

        private static func seeds(of name: String) throws -> [[UInt8]] {
            let folder = corpora.appending(path: name)
            return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
                Array(try Data(contentsOf: folder.appending(path: $0)))
            }
        }

        @Test("has seeds of its own, and no other has any")
        func complete() throws {
            #expect(
                try Set(FileManager.default.contentsOfDirectory(atPath: Self.corpora.path))
                    == Set(Reader.all.map(\.name)))
        }

        /// A reader that traps ends this process, and one that does not end meets the limit.
        @Test(
            "reads its seeds and all that ever stopped it, cut anywhere, with any byte another, and one behind the other",
            .timeLimit(.minutes(1)), arguments: Reader.all.map(\.name))
        func replayed(name: String) throws {
            let reader = try #require(Reader.all.first { $0.name == name })
            let seeds = try Self.seeds(of: name)
            #expect(!seeds.isEmpty)
            var random = SeededGenerator(seed: 17)
            for seed in seeds {
                try? reader.read(seed)
                for cut in stride(from: 0, to: seed.count, by: max(1, seed.count / 32)) {
                    try? reader.read(Array(seed[..<cut]))
                    try? reader.read(Array(seed[cut...]))
                    var changed = seed
                    changed[cut] = UInt8.random(in: 0...255, using: &random)
                    try? reader.read(changed)
                    changed[cut] = seed[cut] ^ 1 << UInt8.random(in: 0...7, using: &random)
                    try? reader.read(changed)
                    let other = seeds.randomElement(using: &random) ?? seed
                    try? reader.read(Array(seed[..<cut]) + other)
                }
            }
        }

        @Test("takes what is right among its seeds, so that what follows is read as well")
        func accepted() throws {
            let sdp = try Self.seeds(of: "sdp")
            #expect(sdp.contains { SIPAnswer.media(of: $0) != nil })
            for name in [
                "call-request", "voice-pack", "wording", "telephone-number", "code", "sip-address", "api-keys",
            ] {
                let reader = try #require(Reader.all.first { $0.name == name })
                #expect(try Self.seeds(of: name).contains { (try? reader.read($0)) != nil }, "\(name)")
            }
        }
    }
#endif
