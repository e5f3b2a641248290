// SPDX-License-Identifier: GPL-3.0-or-later

internal import Configuration
internal import FoundationEssentials
internal import JSON5

extension ServiceSettings {
    /// Reads settings from where operators put them.
    ///
    /// - Parameters:
    ///   - flags: what the command line says, by the settings' keys; lists have commas.
    ///   - environment: variables; `SPEAKCODE_PUBLIC_URL` is `publicURL`. Lists have commas.
    ///   - file: the path of a JSON object with the settings' keys.
    /// - Throws: ``SettingsError``.
    public init(
        flags: [String: String], environment: [String: String], file: String?
    ) async throws(SettingsError) {
        let secrets = Set(Setting.all.filter(\.isSecret).map(\.variable))
        var providers: [any ConfigProvider] = [
            Self.provider("flags", flags.mapValues(ConfigContent.string)),
            EnvironmentVariablesProvider(
                // An empty variable is how a unit file or a container unsets one.
                environmentVariables: environment.filter { !$0.value.isEmpty }, secretsSpecifier: .specific(secrets)
            ).prefixKeys(with: ["speakcode"]),
        ]
        var hasSecrets = false
        if let file {
            let contents = try Self.contents(ofFile: file)
            hasSecrets = Setting.all.contains { $0.isSecret && contents[$0.key] != nil }
            providers.append(Self.provider("file", contents))
        }
        try await self.init(ConfigReader(providers: providers))
        secretsFile = hasSecrets ? file : nil
    }

    private static func provider(_ name: String, _ contents: [String: ConfigContent]) -> InMemoryProvider {
        var values: [AbsoluteConfigKey: ConfigValue] = [:]
        for (key, content) in contents {
            var content = content
            let setting = Setting.all.first { $0.key == key }
            if setting?.isList ?? false, case .string(let text) = content {
                content = .stringArray(text.split(separator: ",").map { String($0.drop(while: \.isWhitespace)) })
            }
            values[AbsoluteConfigKey([key])] = ConfigValue(content, isSecret: setting?.isSecret ?? false)
        }
        return InMemoryProvider(name: name, values: values)
    }

    /// A file's settings: read here and not by the library's own provider, which brings all of Foundation and takes
    /// misspelt keys in silence.
    private static func contents(ofFile path: String) throws(SettingsError) -> [String: ConfigContent] {
        let document = JSON5Document(try SettingsFile.text(of: path, for: "config"))
        if let place = document.broken?.position {
            throw SettingsError(
                "config",
                "is not JSON5 in line \(place.line), column \(place.column): look for a comma, quotation mark or bracket that "
                    + "is missing or too many")
        }
        guard case .object(let values)? = document.value else {
            throw SettingsError("config", "must be a JSON object, such as {\"port\": 8080}")
        }
        if let twice = document.duplicate, let key = twice.path.first {
            throw SettingsError(
                "config", "has `\(key)` twice, in line \(twice.position.line) again; leave one of them out")
        }
        var contents: [String: ConfigContent] = [:]
        for (key, value) in values {
            guard Setting.all.contains(where: { $0.key == key }) else {
                let known = Setting.all.map(\.key).joined(separator: ", ")
                throw SettingsError("config", "has `\(key)`, which is no setting; known are \(known)")
            }
            switch value {
            case .text(let text): contents[key] = .string(text)
            case .number(let number):
                guard let number = Int(exactly: number) else { throw SettingsError(key, "must be a whole number") }
                contents[key] = .int(number)
            case .list(let list):
                contents[key] = .stringArray(
                    try list.map { (entry: JSON5Value) throws(SettingsError) in
                        guard case .text(let text) = entry else { throw SettingsError(key, "must be a list of texts") }
                        return text
                    })
            case .nothing: break
            case .flag, .object: throw SettingsError(key, "must be a text, a number or a list of texts")
            }
        }
        return contents
    }
}
