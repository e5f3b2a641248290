// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// The bytes of an announcement inside a link.
///
/// A version, then fields in a fixed order, then zeros up to 96 bytes, or to a multiple of 32 above: the length of a link
/// does not tell how long its code is. Numbers are big-endian. A later version reads this one for as long as links live.
enum AnnouncementRecord {
    private static let version: UInt8 = 2
    private static let block = 32
    private static let shortest = 96

    static func encode(_ announcement: Announcement) -> [UInt8] {
        var bytes: [UInt8] = [version]
        append(UInt32(clamping: announcement.issued), to: &bytes)
        append(UInt32(clamping: announcement.expires), to: &bytes)
        append(UInt16(clamping: announcement.readings), to: &bytes)
        append(UInt16(clamping: announcement.longest), to: &bytes)
        append("\(announcement.locale)", to: &bytes)
        append(announcement.second.map { "\($0)" } ?? "", to: &bytes)
        let pacing = announcement.pacing
        bytes.append(UInt8(Pacing.Preset.allCases.firstIndex(of: pacing.preset) ?? 0))
        for number in [pacing.symbol, pacing.group, pacing.reading, pacing.rate] {
            append(number.map(UInt16.init(clamping:)) ?? .max, to: &bytes)
        }
        switch announcement.content {
        case .gate(let register):
            append("", to: &bytes)
            append(register, to: &bytes)
        case .code(let code, let wording):
            append(code.text, to: &bytes)
            append(wording.register, to: &bytes)
            append(wording.style ?? "", to: &bytes)
            append(wording.letterStyle ?? "", to: &bytes)
            append(wording.template == VoicePack.standard ? "" : wording.template, to: &bytes)
            bytes.append(UInt8(clamping: wording.values.count))
            for (place, value) in wording.values.sorted(by: { $0.key < $1.key }).prefix(255) {
                append(place, to: &bytes)
                append(value, to: &bytes)
            }
        }
        let length = max(shortest, (bytes.count + block - 1) / block * block)
        bytes += [UInt8](repeating: 0, count: length - bytes.count)
        return bytes
    }

    /// Reads a record; nil for one that no version of ours has written.
    static func decode(_ bytes: some Sequence<UInt8>) -> Announcement? {
        var bytes = Array(bytes)[...]
        guard let written = bytes.popFirst(), (1...version).contains(written),
            let issued = number(&bytes, UInt32.self), let expires = number(&bytes, UInt32.self),
            let readings = number(&bytes, UInt16.self), let longest = number(&bytes, UInt16.self),
            let locale = text(&bytes).flatMap({ LanguageTag($0) }),
            let second = written == 1 ? "" : text(&bytes),
            let preset = bytes.popFirst(), Pacing.Preset.allCases.indices.contains(Int(preset)),
            let symbol = number(&bytes, UInt16.self), let group = number(&bytes, UInt16.self),
            let reading = number(&bytes, UInt16.self), let rate = number(&bytes, UInt16.self),
            let content = written == 1 ? firstContent(&bytes) : content(&bytes)
        else { return nil }
        func given(_ number: Int) -> Int? { number == UInt16.max ? nil : number }
        return Announcement(
            content: content, locale: locale, second: LanguageTag(second),
            pacing: RequestedPacing(
                preset: Pacing.Preset.allCases[Int(preset)], symbol: given(symbol), group: given(group),
                reading: given(reading), rate: given(rate)),
            readings: readings, longest: longest, issued: issued, expires: expires)
    }

    private static func content(_ bytes: inout ArraySlice<UInt8>) -> Announcement.Content? {
        guard let written = text(&bytes), let number = bytes.popFirst() else { return nil }
        let register = Register.allCases.indices.contains(Int(number) - 1) ? Register.allCases[Int(number) - 1] : nil
        guard !written.isEmpty else { return .gate(register) }
        guard let code = try? VerificationCode(written), let style = text(&bytes), let letterStyle = text(&bytes),
            let template = text(&bytes), let count = bytes.popFirst()
        else { return nil }
        var wording = Wording(
            style: style.isEmpty ? nil : style, letterStyle: letterStyle.isEmpty ? nil : letterStyle,
            template: template.isEmpty ? VoicePack.standard : template, register: register)
        for _ in 0..<count {
            guard let place = text(&bytes), let value = text(&bytes) else { return nil }
            wording.values[place] = value
        }
        return .code(code, wording)
    }

    /// What version 1 wrote, of links that are still valid: a style whose empty text was the standard one.
    private static func firstContent(_ bytes: inout ArraySlice<UInt8>) -> Announcement.Content? {
        guard let written = text(&bytes) else { return nil }
        guard !written.isEmpty else { return .gate(nil) }
        guard let code = try? VerificationCode(written), let style = text(&bytes), let template = text(&bytes)
        else { return nil }
        return .code(
            code,
            Wording(
                style: style.isEmpty ? VoicePack.standard : style,
                template: template.isEmpty ? VoicePack.standard : template))
    }

    private static func append(_ register: Register?, to bytes: inout [UInt8]) {
        bytes.append(UInt8(register.flatMap(Register.allCases.firstIndex).map { $0 + 1 } ?? 0))
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.bigEndian) { bytes += $0 }
    }

    /// At most 255 bytes; what is asked for is bounded far below.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        let utf8 = text.utf8.prefix(255)
        bytes.append(UInt8(utf8.count))
        bytes += utf8
    }

    private static func number<Number: FixedWidthInteger>(_ bytes: inout ArraySlice<UInt8>, _: Number.Type) -> Int? {
        let size = MemoryLayout<Number>.size
        guard bytes.count >= size else { return nil }
        defer { bytes = bytes.dropFirst(size) }
        return bytes.prefix(size).reduce(0) { $0 << 8 | Int($1) }
    }

    private static func text(_ bytes: inout ArraySlice<UInt8>) -> String? {
        guard let length = bytes.popFirst().map({ Int($0) }), bytes.count >= length else { return nil }
        defer { bytes = bytes.dropFirst(length) }
        return String(validating: bytes.prefix(length), as: UTF8.self)
    }
}

extension VerificationCode {
    /// The code as it was written, groups included; for a sealed record and nothing else.
    fileprivate var text: String {
        groups.map { String($0.map(\.character)) }.joined(separator: "-")
    }
}
