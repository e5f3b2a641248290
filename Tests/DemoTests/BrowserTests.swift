// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import SpeakCodeTesting
import TestSupport
import Testing

/// The demo in a browser: `Tests/Demo/story.py` drives Chromium, and says what fails.
@Suite("The demo in a browser")
struct BrowserTests {
    private static let program = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../Demo/story.py").standardized.path

    private static let hasBrowser = ["chromium", "chromium-browser", "google-chrome"].contains { name in
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
            FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
    }

    @Test(
        "tells each of its stories",
        .enabled(if: hasBrowser, "there is no Chromium here: apt install chromium"), .timeLimit(.minutes(10)),
        arguments: [
            "the_whole_story", "hanging_up", "three_wrong_codes", "expiry", "two_tabs", "by_keyboard_alone",
            "the_bench",
            "without_script",
        ])
    func story(name: String) async throws {
        let outcome = try await run(
            "/usr/bin/env", ["python3", Self.program, BuiltProduct.path(of: "speakcode"), name])
        #expect(outcome.status == 0, "\(outcome.text)\(outcome.errors)")
        #expect(outcome.text.contains("passed: \(name) ("), "\(outcome.text)")
    }
}
