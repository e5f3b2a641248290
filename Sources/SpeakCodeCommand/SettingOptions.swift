// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import Logging
internal import SpeakCodeService

/// An option for each setting of the service that is no secret.
///
/// The parser finds options as children of a mirror and decodes each by its name, so a table of them is as good to it as
/// properties are.
struct SettingOptions: ParsableArguments, CustomReflectable {
    /// What was given, by the settings' keys.
    private(set) var given: [String: String] = [:]

    init() {}

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        for setting in Setting.all where setting.flag != nil {
            given[setting.key] = try container.decode(Option<String?>.self, forKey: Key(setting.key)).wrappedValue
        }
    }

    var customMirror: Mirror {
        Mirror(self, children: Self.options.map { (label: $0.key, value: $0.option) })
    }

    /// Made once: the parser asks for its mirror many times.
    private static let options = Setting.all.compactMap { setting in
        setting.flag.map { (key: setting.key, option: option(for: setting, named: $0)) }
    }

    private static func option(for setting: Setting, named flag: String) -> Option<String?> {
        Option(
            name: .customLong(flag),
            help: ArgumentHelp(stringLiteral: setting.sentence).named(setting.value.rawValue),
            completion: completion(of: setting.value))
    }

    private static func completion(of value: Setting.Value) -> CompletionKind? {
        switch value {
        case .file: .file()
        case .folder: .directory
        case .level: CompletionScript.words(Logger.Level.allCases.map(\.rawValue))
        case .tag: CompletionScript.locales
        case .address, .key, .list, .n, .name, .port, .seconds, .url, .value: nil
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }
}

extension ArgumentHelp {
    fileprivate func named(_ valueName: String) -> ArgumentHelp {
        var help = self
        help.valueName = valueName
        return help
    }
}
