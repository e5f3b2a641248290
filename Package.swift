// swift-tools-version: 6.2
// SPDX-License-Identifier: GPL-3.0-or-later

import PackageDescription

// The manifest is the architecture drawing: targets stand bottom-up, each names all that it may import.
//
//     speakcode ─► SpeakCodeEspeak, SpeakCodeSndfile, SpeakCodeSoxr ─► SpeakCode
//     speakcode ─► SpeakCodeAMR, SpeakCodeCorpus ─► SpeakCode
//     speakcode ─► SpeakCodeSIP ─► SpeakCodeGateways
//     speakcode ─► SpeakCodeServer ─► SpeakCodeService ─► SpeakCodeGateways ─► SpeakCodeLinks ─► SpeakCode
//     speakcode ─► SpeakCodeDoctor
//     speakcode ─► SpeakCodeDemo ─► SpeakCodeService, SpeakCodeGateways, SpeakCodeLinks
//     speakcode, SpeakCodeTesting ─► SpeakCodeRehearsal ─► SpeakCodeService
//     speakcode, SpeakCodeService, SpeakCodeTesting ─► SpeakCodePackTools ─► SpeakCode
//     SpeakCode, SpeakCodePackTools, SpeakCodeGateways, SpeakCodeRehearsal, SpeakCodeService, EmbedVoices ─► JSON5
//     folders of SpeakCode: Code · Locales · Audio ─► TextTelephone · Packs ─► Script ─► Bank ─► Rendition ─► Captions, each knowing those before it
//
// Arrows that must never exist (scripts/lint holds them):
//   SpeakCode ─► any C library, Foundation (FoundationEssentials at most): it is pure.
//   one door, or the server ─► another door: only the command, the composition root, knows which libraries do the work.
//   SpeakCodeService, SpeakCodeGateways, SpeakCodeLinks ─► NIO: they are handed bytes and give bytes, and open no socket.
//   any C target ─► more than one Swift target: each C library has one door, and no C type leaves it.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// What reckons with samples is slow in a debug build: `scripts/build` asks for the optimiser there as well.
// By a variable, since a package with these flags could not be depended on by its version.
let reckoning: [SwiftSetting] =
    strict
    + (Context.environment["SPEAKCODE_QUICK_DEBUG"] == nil
        ? [] : [.unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))])

// What `--version` names; scripts/package and scripts/install tell it.
let commit: [CSetting] = Context.environment["SPEAKCODE_COMMIT"].map { [.define("SPEAKCODE_COMMIT", to: $0)] } ?? []

let package = Package(
    name: "speakcode",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "SpeakCode", targets: ["SpeakCode"]),
        .library(name: "SpeakCodePackTools", targets: ["SpeakCodePackTools"]),
        .library(name: "SpeakCodeEspeak", targets: ["SpeakCodeEspeak"]),
        .library(name: "SpeakCodeSndfile", targets: ["SpeakCodeSndfile"]),
        .library(name: "SpeakCodeSoxr", targets: ["SpeakCodeSoxr"]),
        .library(name: "SpeakCodeLinks", targets: ["SpeakCodeLinks"]),
        .library(name: "SpeakCodeService", targets: ["SpeakCodeService"]),
        .library(name: "SpeakCodeServer", targets: ["SpeakCodeServer"]),
        .library(name: "SpeakCodeTesting", targets: ["SpeakCodeTesting", "SpeakCodeRehearsal"]),
        .executable(name: "speakcode", targets: ["SpeakCodeCommand"]),
        // What speaks for programs that use the library.
        .executable(name: "speakcode-engine", targets: ["SpeakCodeEngine"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
        // Without its trait for JSON files, which brings Foundation.
        .package(url: "https://github.com/apple/swift-configuration", .upToNextMinor(from: "1.4.0"), traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", .upToNextMinor(from: "2.13.0")),
        .package(url: "https://github.com/apple/swift-crypto", .upToNextMinor(from: "4.5.2")),
        .package(url: "https://github.com/apple/swift-log", .upToNextMinor(from: "1.16.2")),
        .package(url: "https://github.com/apple/swift-metrics", .upToNextMinor(from: "2.13.0")),
        .package(url: "https://github.com/apple/swift-http-types", .upToNextMinor(from: "1.8.0")),
        .package(url: "https://github.com/apple/swift-nio", .upToNextMinor(from: "2.101.2")),
        .package(url: "https://github.com/apple/swift-nio-http2", .upToNextMinor(from: "1.46.0")),
        .package(url: "https://github.com/swift-server/async-http-client", .upToNextMinor(from: "1.37.0")),
        .package(url: "https://github.com/apple/swift-nio-ssl", .upToNextMinor(from: "2.37.6")),
    ],
    targets: [
        // The C libraries.
        .systemLibrary(
            name: "CEspeakNG", pkgConfig: "espeak-ng",
            providers: [.apt(["libespeak-ng-dev"]), .brew(["espeak-ng"])]),
        .systemLibrary(
            name: "CSndfile", pkgConfig: "sndfile",
            providers: [.apt(["libsndfile1-dev"]), .brew(["libsndfile"])]),
        .systemLibrary(
            name: "CSoxr", pkgConfig: "soxr",
            providers: [.apt(["libsoxr-dev"]), .brew(["libsoxr"])]),
        .systemLibrary(
            name: "CLibre", pkgConfig: "libre",
            providers: [.apt(["libre-dev"]), .brew(["libre"])]),

        // C of our own: forks that run nothing but C, and what a process is told at its start.
        .target(name: "CEspeakFork", dependencies: ["CEspeakNG", "CProgram"]),
        .target(name: "CProgram", cSettings: commit),
        // AMR, where its library is installed: it is looked for, and not linked.
        .target(name: "CAMR"),
        // A caller whose loop has a thread of its own.
        .target(name: "CSIP", dependencies: ["CLibre"]),

        // The strict reader of JSON and JSON5, for packs, settings and requests.
        .target(name: "JSON5", swiftSettings: reckoning),
        // The packs and variants of `voices/`, written into the binary; packs in a form that is read in microseconds.
        .executableTarget(name: "EmbedVoices", dependencies: ["JSON5"], swiftSettings: strict),
        .plugin(
            name: "EmbedVoicesPlugin", capability: .buildTool(), dependencies: ["EmbedVoices"],
            path: "Sources/EmbedVoicesPlugin"),

        // The library: pure Swift.
        .target(
            name: "SpeakCode", dependencies: ["JSON5"], swiftSettings: reckoning, plugins: ["EmbedVoicesPlugin"]
        ),
        // What makes packs and voices, and tries them: the checker, digits without a pack, recordings made into a voice.
        .target(
            name: "SpeakCodePackTools", dependencies: ["SpeakCode", "JSON5"], swiftSettings: reckoning),

        // The doors: one for each C library.
        .target(
            name: "SpeakCodeEspeak", dependencies: ["CEspeakFork", "CEspeakNG", "SpeakCode"], swiftSettings: reckoning,
            plugins: ["EmbedVoicesPlugin"]),
        .target(name: "SpeakCodeSndfile", dependencies: ["CSndfile", "SpeakCode"], swiftSettings: reckoning),
        .target(name: "SpeakCodeSoxr", dependencies: ["CSoxr", "SpeakCode"], swiftSettings: reckoning),

        .target(name: "SpeakCodeAMR", dependencies: ["CAMR", "SpeakCode"], swiftSettings: reckoning),

        // Material for tests: what lines do to speech, corpora of it, and what a line has done to what came back.
        .target(
            name: "SpeakCodeCorpus",
            dependencies: ["SpeakCode", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: reckoning),

        // What a link or a call's id carries, sealed.
        .target(
            name: "SpeakCodeLinks",
            dependencies: ["SpeakCode", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: strict),

        // Gateways, each in a folder of its own: what they are told, what they say, and how they sign it.
        .target(
            name: "SpeakCodeGateways",
            dependencies: [
                "JSON5", "SpeakCode", "SpeakCodeLinks",
                .product(name: "Crypto", package: "swift-crypto"),
                // RS256, by which Vonage knows an application.
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: strict),

        // The door to libre, which is told whom to ring in the words of the gateways.
        .target(name: "SpeakCodeSIP", dependencies: ["CSIP", "SpeakCode", "SpeakCodeGateways"], swiftSettings: strict),

        // Fakes of engines and of time, for tests, and those of gateways.
        .target(
            name: "SpeakCodeTesting",
            dependencies: [
                "SpeakCode", "SpeakCodeGateways", "SpeakCodePackTools", "SpeakCodeRehearsal",
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: reckoning),

        // The service without a socket, so that any server can have it in it. No C library either: it is given an engine, a
        // resampler and an encoder.
        .target(
            name: "SpeakCodeService",
            dependencies: [
                "JSON5", "SpeakCode", "SpeakCodeGateways", "SpeakCodeLinks", "SpeakCodePackTools",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("openapi.yaml")], swiftSettings: strict),

        // Gateways and phones that are none, and a call from end to end with them, in front of the service itself.
        .target(
            name: "SpeakCodeRehearsal",
            dependencies: [
                "JSON5", "SpeakCode", "SpeakCodeGateways", "SpeakCodeLinks", "SpeakCodeService",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),

        // The demo: a site in front of the service, as pages of the service's own ports.
        .target(
            name: "SpeakCodeDemo",
            dependencies: [
                "SpeakCode", "SpeakCodeGateways", "SpeakCodeLinks", "SpeakCodeService",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            resources: [.embedInCode("Resources")], swiftSettings: strict),

        // The service on its ports: HTTP, live media, and what a process of its own needs.
        .target(
            name: "SpeakCodeServer",
            dependencies: [
                "SpeakCode", "SpeakCodeGateways", "SpeakCodeLinks", "SpeakCodeService",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),

        // The doctor: fetches a running service as gateways do. It knows nothing of what the service is made of.
        .target(
            name: "SpeakCodeDoctor",
            dependencies: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),

        // The engine's process, where it is not the command itself.
        .executableTarget(name: "SpeakCodeEngine", dependencies: ["SpeakCodeEspeak"], swiftSettings: strict),

        // The command: parses, wires, prints.
        .executableTarget(
            name: "SpeakCodeCommand",
            dependencies: [
                "CProgram", "SpeakCode", "SpeakCodeAMR", "SpeakCodeCorpus", "SpeakCodeDemo", "SpeakCodeDoctor",
                "SpeakCodeEspeak", "SpeakCodeGateways", "SpeakCodeLinks",
                "SpeakCodePackTools", "SpeakCodeRehearsal", "SpeakCodeSIP", "SpeakCodeServer", "SpeakCodeService",
                "SpeakCodeSndfile", "SpeakCodeSoxr",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict,
            linkerSettings: [
                // The name of the library that SoundDevice.swift stands for; gold would leave it out of a program.
                .unsafeFlags(["-use-ld=lld", "-Xlinker", "-soname=libpcaudio.so.0"], .when(platforms: [.linux])),
                // 84,000 places that the loader mends at each start, told in 80 kB and not in 2 MB.
                .unsafeFlags(["-Xlinker", "-z", "-Xlinker", "pack-relative-relocs"], .when(platforms: [.linux])),
                // No names of this program and of Swift's own libraries for others to link to: 3 MB of them.
                .unsafeFlags(["-Xlinker", "--no-export-dynamic"], .when(platforms: [.linux])),
            ]),

        // Tests are sorted by what they run: nothing but Swift, the engine, the codecs, SIP, the built command.
        .testTarget(
            name: "SpeakCodeTests",
            dependencies: ["SpeakCode", "SpeakCodePackTools", "SpeakCodeTesting", "JSON5", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "LinksTests", dependencies: ["SpeakCode", "SpeakCodeLinks", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "GatewaysTests",
            dependencies: [
                "SpeakCodeGateways", "SpeakCodeLinks", "SpeakCodeTesting", "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ServiceTests",
            dependencies: [
                "SpeakCode", "SpeakCodeLinks", "SpeakCodeRehearsal", "SpeakCodeService", "SpeakCodeTesting",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "SpeakCode", "SpeakCodeCorpus", "SpeakCodeEspeak", "SpeakCodePackTools", "SpeakCodeSndfile",
                "SpeakCodeSoxr", "SpeakCodeTesting", "TestSupport",
            ],
            swiftSettings: reckoning),
        .testTarget(
            name: "CodecTests",
            dependencies: [
                "SpeakCode", "SpeakCodeAMR", "SpeakCodeCorpus", "SpeakCodeSndfile", "SpeakCodeSoxr", "SpeakCodeTesting",
                "TestSupport",
            ],
            swiftSettings: reckoning),
        .testTarget(
            name: "SIPTests",
            dependencies: [
                "SpeakCode", "SpeakCodeGateways", "SpeakCodeServer", "SpeakCodeSIP", "SpeakCodeTesting", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DoctorTests",
            dependencies: [
                "SpeakCodeDoctor", "SpeakCodeCommand", "SpeakCodeTesting", "TestSupport",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "SpeakCode", "SpeakCodeCommand", "SpeakCodeDoctor", "SpeakCodeGateways", "SpeakCodeLinks",
                "SpeakCodePackTools", "SpeakCodeRehearsal", "SpeakCodeServer", "SpeakCodeService", "SpeakCodeSndfile",
                "SpeakCodeTesting", "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHPACK", package: "swift-nio-http2"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOTLS", package: "swift-nio"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DemoTests",
            dependencies: [
                "SpeakCode", "SpeakCodeDemo", "SpeakCodeGateways", "SpeakCodeService", "SpeakCodeTesting",
                "TestSupport",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "SpeakCode", "SpeakCodeLinks", "SpeakCodePackTools", "SpeakCodeTesting", "SpeakCodeCommand",
                "TestSupport",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        // What reads bytes of others, each with the seeds of `Tests/Corpora`; scripts/fuzz makes a program of it.
        .testTarget(
            name: "FuzzingTests",
            dependencies: [
                "JSON5", "SpeakCode", "SpeakCodeCorpus", "SpeakCodeDoctor", "SpeakCodeGateways", "SpeakCodeLinks",
                "SpeakCodeRehearsal", "SpeakCodeServer", "SpeakCodeService", "SpeakCodeSIP", "SpeakCodeTesting",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/Fuzzing", swiftSettings: strict),
        // Runs other programs; of no product.
        .target(
            name: "TestSupport", dependencies: ["CTestSupport", "SpeakCodeEspeak"], path: "Tests/TestSupport",
            swiftSettings: strict),
        .target(name: "CTestSupport", path: "Tests/CTestSupport"),
    ]
)

// For scripts/fuzz: all of our own is watched by libFuzzer and the address sanitizer, and the readers' tests are a program.
if Context.environment["SPEAKCODE_FUZZ"] != nil {
    let watched = "-sanitize=fuzzer,address"
    for target in package.targets {
        switch target.type {
        case .regular where target.name.hasPrefix("C"):
            target.cSettings = [.unsafeFlags(["-fsanitize=fuzzer-no-link,address"])]
        case .regular: target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags([watched])]
        case .executable:
            target.swiftSettings = (target.swiftSettings ?? []) + [.unsafeFlags([watched])]
            target.linkerSettings =
                (target.linkerSettings ?? []) + [.unsafeFlags(["-sanitize=address", "-use-ld=lld"])]
        default: break
        }
    }
    if let tests = package.targets.first(where: { $0.name == "FuzzingTests" }) {
        package.targets.append(
            .executableTarget(
                name: "fuzz", dependencies: tests.dependencies, path: tests.path,
                swiftSettings: strict + [.define("FUZZING"), .unsafeFlags([watched])],
                linkerSettings: [.unsafeFlags([watched, "-use-ld=lld"])]))
        package.targets.removeAll { $0.type == .test }
    }
}
