// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCode

/// The bytes of an announcement inside a link.
///
/// A version, then fields in a fixed order, then zeros up to 96 bytes, or to a multiple of 32 above: the length of a link
/// does not tell how long its code is. Numbers are big-endian. A later version reads this one for as long as links live.
enum AnnouncementRecord {
    private static let version: UInt8 = 3

    static func encode(_ announcement: Announcement) -> [UInt8] {
        var bytes: [UInt8] = [version]
        bytes.append(number: UInt32(clamping: announcement.issued))
        bytes.append(number: UInt32(clamping: announcement.expires))
        bytes.append(number: UInt16(clamping: announcement.readings))
        bytes.append(number: UInt16(clamping: announcement.longest))
        bytes.append(text: "\(announcement.locale)")
        bytes.append(text: announcement.second.map { "\($0)" } ?? "")
        let pacing = announcement.pacing
        bytes.append(UInt8(Pacing.Preset.allCases.firstIndex(of: pacing.preset) ?? 0))
        for number in [pacing.symbol, pacing.group, pacing.reading, pacing.rate] {
            bytes.append(number: number.map(UInt16.init(clamping:)) ?? UInt16.max)
        }
        switch announcement.content {
        case .gate(let register):
            bytes.append(text: "")
            append(register, to: &bytes)
        case .code(let code, let wording):
            bytes.append(text: code.plain)
            append(wording, to: &bytes)
        case .totp(let totp, let wording):
            bytes.append(field: record(of: totp))
            append(wording, to: &bytes)
        }
        append(announcement.call, to: &bytes)
        let gender = announcement.gender.flatMap(EngineVoice.Gender.allCases.firstIndex).map { $0 + 1 } ?? 0
        let delivery = Delivery.all.firstIndex(of: announcement.delivery) ?? 0
        bytes.append(UInt8(gender | delivery << deliveryBits))
        bytes.append(text: announcement.voice ?? "")
        bytes.fillRecord()
        return bytes
    }

    private static func append(_ wording: Wording, to bytes: inout [UInt8]) {
        append(wording.register, to: &bytes)
        bytes.append(text: wording.style ?? "")
        bytes.append(text: wording.letterStyle ?? "")
        bytes.append(text: wording.template == VoicePack.standard ? "" : wording.template)
        bytes.append(UInt8(clamping: wording.values.count))
        for (place, value) in wording.values.sorted(by: { $0.key < $1.key }).prefix(255) {
            bytes.append(text: place)
            bytes.append(text: value)
        }
    }

    /// What stands in the place of a code, and in none, before what its codes follow from.
    private static let totpMark = UInt8(ascii: "@")

    private static func record(of totp: TOTP) -> [UInt8] {
        // As few as can be: with a long secret, and all else as long, a link is at its bounds.
        let algorithm = UInt8(TOTP.Algorithm.allCases.firstIndex(of: totp.algorithm) ?? 0)
        var bytes = [totpMark, algorithm << 4 | UInt8(totp.digits)]
        bytes.append(number: UInt32(totp.period))
        bytes.remove(at: 2)
        return bytes + totp.secret
    }

    private static func totp(_ written: ArraySlice<UInt8>) -> TOTP? {
        var rest = RecordReader(Array(written))
        guard rest.byte() == totpMark, let kind = rest.byte(), let period = rest.number(of: 3),
            TOTP.Algorithm.allCases.indices.contains(Int(kind >> 4))
        else { return nil }
        return try? TOTP(
            secret: Array(written.dropFirst(5)), algorithm: TOTP.Algorithm.allCases[Int(kind >> 4)],
            digits: Int(kind & 0xF), period: period)
    }

    /// Reads a record; nil for one that no version of ours has written.
    static func decode(_ bytes: some Sequence<UInt8>) -> Announcement? {
        var rest = RecordReader(Array(bytes))
        guard let written = rest.byte(), (1...version).contains(written),
            let issued = rest.number(of: 4), let expires = rest.number(of: 4),
            let readings = rest.number(of: 2), let longest = rest.number(of: 2),
            let locale = rest.text().flatMap({ LanguageTag($0) }),
            let second = written == 1 ? "" : rest.text(),
            let preset = rest.byte(), Pacing.Preset.allCases.indices.contains(Int(preset)),
            let symbol = rest.number(of: 2), let group = rest.number(of: 2),
            let reading = rest.number(of: 2), let rate = rest.number(of: 2),
            let content = written == 1 ? firstContent(&rest) : content(&rest)
        else { return nil }
        func given(_ number: Int) -> Int? { number == UInt16.max ? nil : number }
        // Earlier versions had no calls: their links are audio.
        guard let call = written < 3 ? Call.none : Self.call(&rest) else { return nil }
        let manner = written < 3 ? (gender: nil, delivery: .spoken) : manner(&rest)
        return Announcement(
            content: content, locale: locale, second: second.isEmpty ? nil : LanguageTag(second),
            gender: manner.gender, voice: written < 3 ? nil : voice(&rest),
            pacing: RequestedPacing(
                preset: Pacing.Preset.allCases[Int(preset)], symbol: given(symbol), group: given(group),
                reading: given(reading), rate: given(rate)),
            delivery: manner.delivery, readings: readings, longest: longest, issued: issued,
            expires: expires,
            call: call.terms)
    }

    /// How far left of the gender the delivery stands, of which earlier versions had none but the first.
    private static let deliveryBits = 4

    /// Who speaks, and whether it is spoken; zero, as in all that follows a record, is the packs' own voices, read aloud.
    private static func manner(_ rest: inout RecordReader) -> (gender: EngineVoice.Gender?, delivery: Delivery) {
        let (genders, byte) = (EngineVoice.Gender.allCases, Int(rest.byte() ?? 0))
        let gender = byte & ((1 << deliveryBits) - 1) - 1
        let delivery = byte >> deliveryBits
        return (
            genders.indices.contains(gender) ? genders[gender] : nil,
            Delivery.all.indices.contains(delivery) ? Delivery.all[delivery] : .spoken
        )
    }

    /// Zero, as in all that follows a record, is a name without a letter: the packs' own voice.
    private static func voice(_ rest: inout RecordReader) -> String? {
        rest.text().flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What a record says of a call.
    private enum Call {
        case none
        case some(CallState)

        var terms: CallState? {
            switch self {
            case .none: nil
            case .some(let terms): terms
            }
        }
    }

    /// Of a call, what its keys do and where it is; zero, as in all that follows a record, where there is none.
    ///
    /// - Returns: nil for a call that is for nothing: no door opens to it.
    private static func call(_ rest: inout RecordReader) -> Call? {
        guard let flags = rest.byte() else { return nil }
        guard flags != 0 else { return Call.none }
        guard flags & Flag.isCall != 0, let keys = rest.byte(),
            let carrier = CallCarrier(recorded: flags >> Flag.carrier)
        else { return nil }
        return .some(
            CallState(
                keys: CallState.Keys(rawValue: keys), carrier: carrier, isGateAhead: flags & Flag.isGateAhead != 0,
                isInOneLanguage: flags & Flag.isInOneLanguage != 0))
    }

    private static func append(_ call: CallState?, to bytes: inout [UInt8]) {
        guard let call else { return bytes.append(0) }
        bytes.append(
            Flag.isCall | (call.isGateAhead ? Flag.isGateAhead : 0)
                | (call.isInOneLanguage ? Flag.isInOneLanguage : 0) | call.carrier.number << Flag.carrier)
        bytes.append(call.keys.rawValue)
    }

    private enum Flag {
        static let isCall: UInt8 = 1
        static let isGateAhead: UInt8 = 2
        static let isInOneLanguage: UInt8 = 4
        /// How far left the carrier's number stands.
        static let carrier = 3
    }

    private static func content(_ rest: inout RecordReader) -> Announcement.Content? {
        guard let written = rest.field(), let number = rest.byte() else { return nil }
        let register = Register.allCases.indices.contains(Int(number) - 1) ? Register.allCases[Int(number) - 1] : nil
        guard !written.isEmpty else { return .gate(register) }
        let totp = totp(written)
        let code = totp == nil ? VerificationCode(plain: written) : nil
        guard totp != nil || code != nil, let style = rest.text(), let letterStyle = rest.text(),
            let template = rest.text(), let count = rest.byte()
        else { return nil }
        var wording = Wording(
            style: style.isEmpty ? nil : style, letterStyle: letterStyle.isEmpty ? nil : letterStyle,
            template: template.isEmpty ? VoicePack.standard : template, register: register)
        for _ in 0..<count {
            guard let place = rest.text(), let value = rest.text() else { return nil }
            wording.values[place] = value
        }
        return totp.map { .totp($0, wording) } ?? code.map { .code($0, wording) }
    }

    /// What version 1 wrote, of links that are still valid: a style whose empty text was the standard one.
    private static func firstContent(_ rest: inout RecordReader) -> Announcement.Content? {
        guard let written = rest.field() else { return nil }
        guard !written.isEmpty else { return .gate(nil) }
        guard let code = VerificationCode(plain: written), let style = rest.text(), let template = rest.text()
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
}
