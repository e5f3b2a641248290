// swift-tools-version: 6.2
// SPDX-License-Identifier: GPL-3.0-or-later

import PackageDescription

// A package of its own, so that users of the library never resolve what benchmarks need. scripts/bench and scripts/bench-calls run it.

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "speakcode", path: "..")],
    targets: [
        // Counts what is allocated, by standing before the C library's malloc.
        .target(name: "CAllocations"),

        // Renders in a process that has rendered before.
        .executableTarget(
            name: "warm",
            dependencies: [
                "CAllocations",
                .product(name: "SpeakCode", package: "speakcode"),
                .product(name: "SpeakCodeEspeak", package: "speakcode"),
                .product(name: "SpeakCodeSndfile", package: "speakcode"),
                .product(name: "SpeakCodeSoxr", package: "speakcode"),
            ],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ]),

        // Calls a service over AudioSocket, and measures how late each frame is. scripts/bench-calls runs it.
        .systemLibrary(name: "CTimestamps"),
        .executableTarget(
            name: "calls",
            dependencies: ["CTimestamps"],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ]),
    ]
)
