// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import PackagePlugin

/// Writes what lies in `voices/` into the binary, so that adding a language or a voice is adding a file: the packs into the
/// library, the variants of eSpeak NG's voices into its door.
@main
struct EmbedVoicesPlugin: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let voices = context.package.directoryURL.appending(path: "voices")
        let files = try FileManager.default.contentsOfDirectory(at: voices, includingPropertiesForKeys: nil)
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        let isDoor = target.name == "SpeakCodeEspeak"
        let embedded = files.filter {
            isDoor ? $0.lastPathComponent.hasPrefix("speakcode-") : $0.pathExtension == "json5"
        }
        let name = isDoor ? "BuiltInVariants.swift" : "BuiltInVoicePacks.swift"
        let output = context.pluginWorkDirectoryURL.appending(path: name)
        return [
            .buildCommand(
                displayName: "Embedding \(embedded.count) \(isDoor ? "variants" : "voice packs")",
                executable: try context.tool(named: "EmbedVoices").url,
                arguments: [isDoor ? "variants" : "packs", output.path] + embedded.map(\.path),
                inputFiles: embedded,
                outputFiles: [output])
        ]
    }
}
