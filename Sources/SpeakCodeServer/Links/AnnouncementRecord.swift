// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// The bytes of an announcement inside a link.
///
/// A version, then fields in a fixed order, then zeros up to 64 bytes, or to a multiple of 32 above: the length of a link
/// does not tell how long its code is. Numbers are big-endian. A later version reads this one for as long as links live.
enum AnnouncementRecord {
    private static let version: UInt8 = 1
    private static let block = 32
    private static let shortest = 64

    static func encode(_ announcement: Announcement) -> [UInt8] {
        var bytes: [UInt8] = [version]
        append(UInt32(clamping: announcement.issued), to: &bytes)
        append(UInt32(clamping: announcement.expires), to: &bytes)
        append(UInt16(clamping: announcement.readings), to: &bytes)
        append(UInt16(clamping: announcement.longest), to: &bytes)
        append("\(announcement.locale)", to: &bytes)
        let pacing = announcement.pacing
        bytes.append(UInt8(Pacing.Preset.allCases.firstIndex(of: pacing.preset) ?? 0))
        for number in [pacing.symbol, pacing.group, pacing.reading, pacing.rate] {
            append(number.map(UInt16.init(clamping:)) ?? .max, to: &bytes)
        }
        switch announcement.content {
        case .gate: append("", to: &bytes)
        case .code(let code, let style, let template):
            append(code.text, to: &bytes)
            append(style == VoicePack.standard ? "" : style, to: &bytes)
            append(template == VoicePack.standard ? "" : template, to: &bytes)
        }
        let length = max(shortest, (bytes.count + block - 1) / block * block)
        bytes += [UInt8](repeating: 0, count: length - bytes.count)
        return bytes
    }

    /// Reads a record; nil for one that no version of ours has written.
    static func decode(_ bytes: some Sequence<UInt8>) -> Announcement? {
        var bytes = Array(bytes)[...]
        guard bytes.popFirst() == version,
            let issued = number(&bytes, UInt32.self), let expires = number(&bytes, UInt32.self),
            let readings = number(&bytes, UInt16.self), let longest = number(&bytes, UInt16.self),
            let locale = text(&bytes).flatMap({ LanguageTag($0) }),
            let preset = bytes.popFirst(), Pacing.Preset.allCases.indices.contains(Int(preset)),
            let symbol = number(&bytes, UInt16.self), let group = number(&bytes, UInt16.self),
            let reading = number(&bytes, UInt16.self), let rate = number(&bytes, UInt16.self),
            let written = text(&bytes)
        else { return nil }
        func given(_ number: Int) -> Int? { number == UInt16.max ? nil : number }
        var content = Announcement.Content.gate
        if !written.isEmpty {
            guard let code = try? VerificationCode(written), let style = text(&bytes), let template = text(&bytes)
            else { return nil }
            content = .code(
                code, style: style.isEmpty ? VoicePack.standard : style,
                template: template.isEmpty ? VoicePack.standard : template)
        }
        return Announcement(
            content: content, locale: locale,
            pacing: RequestedPacing(
                preset: Pacing.Preset.allCases[Int(preset)], symbol: given(symbol), group: given(group),
                reading: given(reading), rate: given(rate)),
            readings: readings, longest: longest, issued: issued, expires: expires)
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
