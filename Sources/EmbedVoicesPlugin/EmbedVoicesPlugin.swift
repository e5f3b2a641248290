// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import PackagePlugin

/// Writes the packs of `voices/` into the binary, so that adding a language is adding a file.
@main
struct EmbedVoicesPlugin: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let voices = context.package.directoryURL.appending(path: "voices")
        let packs = try FileManager.default.contentsOfDirectory(at: voices, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json5" }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
        let output = context.pluginWorkDirectoryURL.appending(path: "BuiltInVoicePacks.swift")
        return [
            .buildCommand(
                displayName: "Embedding \(packs.count) voice packs",
                executable: try context.tool(named: "EmbedVoices").url,
                arguments: [output.path] + packs.map(\.path),
                inputFiles: packs,
                outputFiles: [output])
        ]
    }
}
