// SPDX-License-Identifier: GPL-3.0-or-later

internal import JSON5
public import SpeakCode
public import SpeakCodeLinks

/// What a caller asks for: the body of `POST /v1/announcements`.
public struct AnnouncementRequest: Sendable {
    /// The code; it shows itself in nothing that is printed.
    public var code: VerificationCode
    /// What codes follow from, whichever it is when it is read, in the place of a code: for calls and live media alone.
    public private(set) var totp: TOTP?
    /// What the caller may want to know, and no error; never the code.
    var warnings: [String] = []
    /// The language, as a BCP 47 tag; nil for the service's own.
    public var locale: String?
    /// The number that is called, whose language is taken where no locale is given; kept nowhere.
    public var phoneNumber: PhoneNumber?
    var pacing = RequestedPacing()
    /// How often the code is read at most, where there is an end: 1 to 100.
    public var readings = CodeReader.usualReadings
    /// Seconds, 1 to 600; a finite representation has fewer readings where they do not fit.
    public var longest = Int(CodeReader.usualDuration.components.seconds)
    /// Which words are said.
    public var wording = Wording.usual
    /// A second language, read in turn with the first, as a BCP 47 tag.
    public var second: String?
    /// Who speaks; nil for the packs' own voices.
    public var gender: EngineVoice.Gender?
    /// The operator's name of a voice that somebody has lent.
    public var voice: String?
    /// Whether the code is read aloud, or written as the tones of a text telephone.
    public var delivery = Delivery.spoken
    /// What a plain-text answer names.
    var format = LinkKind.audio(Representation.all[0])
    /// The keys that do something in a call.
    var keys: CallState.Keys = .all
    /// Seconds for which the links are valid, 10 to 86,400; nil for what the service is set to.
    public var expiresIn: Int?
    /// Whether the code is read only behind a sentence that asks for a key press.
    public var gate = false
    /// Whether the call waits for Asterisk's AudioSocket on this node.
    var audioSocket = false

    /// All fields, in the order in which they are asked for.
    static let known: [String] = {
        var fields = Fields(["code": .text("0")])
        _ = try? AnnouncementRequest(all: &fields)
        return fields.asked
    }()

    /// The bounds of what may be asked for.
    static let readings = 1...100
    static let durations = 1...600
    static let lifetimes = 10...86_400
    private static let longestName = 64
    /// Bounds of what a link carries beside the code, so that it has at most 500 characters.
    static let longestWord = 20
    static let mostSlots = 3
    static let longestSlot = 15

    /// Asks for a code to be read.
    ///
    /// - Parameters:
    ///   - code: the code.
    ///   - locale: the language, as a BCP 47 tag; nil for the service's own.
    public init(_ code: VerificationCode, locale: String? = nil) {
        self.code = code
        self.locale = locale
    }

    /// Asks for the code of an authenticator's app to be read, whichever it is at the time of each reading.
    ///
    /// It can be heard live alone: no file can change.
    ///
    /// - Parameters:
    ///   - totp: what codes follow from.
    ///   - locale: the language, as a BCP 47 tag; nil for the service's own.
    public init(_ totp: TOTP, locale: String? = nil) {
        self.init(totp.code(at: .zero), locale: locale)
        self.totp = totp
        format = .live
    }

    /// Reads a body.
    ///
    /// - Throws: ``Problem`` that names the field.
    init(json body: some Collection<UInt8>) throws(Problem) {
        var fields = try Fields(json: body)
        try self.init(all: &fields)
    }

    private init(all fields: inout Fields) throws(Problem) {
        try self.init(said: &fields)
        if let number = try Self.name(&fields, "phoneNumber") {
            phoneNumber = try Self.phoneNumber(number, "phoneNumber")
        }
        gate = try fields.flag("gate") ?? gate
        audioSocket = try fields.flag("audioSocket") ?? audioSocket
        if let name = try Self.name(&fields, "format") {
            guard let kind = LinkKind(name) else {
                throw .field("format", "must be one of \(LinkKind.names.joined(separator: ", "))")
            }
            format = kind
        }
        if delivery != .spoken, format.isForEars { warnings.append(Self.forEars) }
        guard totp == nil || format.isLive else {
            let live = LinkKind.liveNames.joined(separator: ", ")
            throw .field("format", "must be one of \(live): no file can change with the code of `totp`")
        }
        try fields.refuseTheRest()
    }

    /// Takes the fields that say what is read; who asks for more than that takes the rest.
    ///
    /// - Throws: ``Problem`` that names the field.
    init(said fields: inout Fields) throws(Problem) {
        if let totp = try Self.totp(&fields) {
            // The first of its codes stands for all: they are of one shape.
            (self.totp, code, format) = (totp, totp.code(at: .zero), .live)
        } else {
            code = try Self.code(&fields)
        }
        if try Self.letterCase(&fields) == .ignored {
            if code.isMixedCase { warnings.append(Self.mixedCase) }
            code = code.ignoringCase
        }
        locale = try Self.name(&fields, "locale")
        pacing = try Self.pacing(&fields)
        readings = try fields.integer("readings", in: Self.readings) ?? readings
        longest = try fields.integer("maxDuration", in: Self.durations) ?? longest
        second = try Self.name(&fields, "secondLocale")
        if let name = try Self.name(&fields, "voice", atMost: Self.longestWord) {
            gender = EngineVoice.Gender(rawValue: name)
            if gender == nil { voice = name }
        }
        wording = try Self.wording(&fields)
        try readDelivery(&fields)
        expiresIn = try fields.integer("expiresIn", in: Self.lifetimes)
        if let names = try fields.texts("keys") {
            let wanted = names.compactMap(CallKey.named)
            guard wanted.count == names.count else {
                throw .field("keys", "must be a list of \(CallKey.all.map(\.name).joined(separator: ", "))")
            }
            keys = CallState.Keys(wanted)
        }
    }

    private mutating func readDelivery(_ fields: inout Fields) throws(Problem) {
        guard let name = try Self.name(&fields, "rendition") else { return }
        guard let known = Delivery(name: name) else {
            throw .field("rendition", "must be one of \(Delivery.all.map(\.name).joined(separator: ", "))")
        }
        delivery = known
        guard delivery != .spoken else { return }
        guard totp == nil else {
            throw .field("rendition", "must be spoken: a code that changes is not written as tones")
        }
        guard !code.keepsCase else {
            throw .field("rendition", "must be spoken where `case` is: text telephones have no small letters")
        }
        guard delivery.fits(code) else {
            throw .field("rendition", "must be spoken or tty: beside a voice, tones have no room for so long a code")
        }
    }

    private static func code(_ fields: inout Fields) throws(Problem) -> VerificationCode {
        guard let written = try fields.text("code") else {
            throw .field("code", "must be given: 1 to 32 digits or letters, in quotation marks to keep leading zeros")
        }
        do {
            return try VerificationCode(written, keepingCase: true)
        } catch {
            throw .field("code", error.description)
        }
    }

    private static func totp(_ fields: inout Fields) throws(Problem) -> TOTP? {
        guard let written = try fields.text("totp") else { return nil }
        guard try fields.text("code") == nil else { throw .field("totp", "stands in the place of `code`; give one") }
        do {
            return try TOTP(written)
        } catch {
            throw .field("totp", "cannot be read: \(error)")
        }
    }

    /// Reads a telephone number.
    static func phoneNumber(_ text: String, _ field: String) throws(Problem) -> PhoneNumber {
        do {
            return try PhoneNumber(text)
        } catch {
            throw .field(field, error.description)
        }
    }

    private static let forEars =
        "the format is made for voices: the tones of a text telephone belong in wav, ulaw, alaw, sln or au"
    private static let mixedCase =
        "the code has capital and small letters, and they are read alike; \"case\": \"spoken\" says which are capital"

    private static func letterCase(_ fields: inout Fields) throws(Problem) -> LetterCase {
        guard let name = try name(&fields, "case") else { return .ignored }
        guard let known = LetterCase(rawValue: name) else {
            throw .field("case", "must be \(LetterCase.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        return known
    }

    private static func wording(_ fields: inout Fields) throws(Problem) -> Wording {
        var wording = Wording.usual
        wording.style = try name(&fields, "style", atMost: longestWord)
        wording.letterStyle = try name(&fields, "letters", atMost: longestWord)
        wording.template = try name(&fields, "template", atMost: longestWord) ?? wording.template
        if let register = try name(&fields, "register") {
            guard let known = Register(rawValue: register) else {
                throw .field("register", "must be \(Register.allCases.map(\.rawValue).joined(separator: " or "))")
            }
            wording.register = known
        }
        if let slots = try fields.object("slots") {
            wording.values = try slots.words(atMost: mostSlots, ofLength: longestSlot)
        }
        return wording
    }

    static func name(
        _ fields: inout Fields, _ field: String, atMost length: Int = longestName
    ) throws(Problem) -> String? {
        guard let name = try fields.text(field) else { return nil }
        guard (1...length).contains(name.utf8.count) else {
            throw .field(fields.name(field), "must have 1 to \(length) bytes")
        }
        return name
    }

    private static func pacing(_ fields: inout Fields) throws(Problem) -> RequestedPacing {
        var pacing = RequestedPacing()
        let (word, object) = try fields.textOrObject("pacing")
        func preset(_ word: String?, _ field: String) throws(Problem) -> Pacing.Preset {
            guard let word else { return .normal }
            guard let preset = Pacing.Preset(rawValue: word) else {
                throw .field(field, "must be \(Pacing.Preset.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            return preset
        }
        pacing.preset = try preset(word, "pacing")
        guard var object else { return pacing }
        pacing.preset = try preset(object.text("preset"), object.name("preset"))
        pacing.symbol = try object.integer("symbolPause", in: RequestedPacing.silences)
        pacing.group = try object.integer("groupPause", in: RequestedPacing.silences)
        pacing.reading = try object.integer("readingPause", in: RequestedPacing.silences)
        pacing.rate = try object.integer("rate", in: RequestedPacing.rates)
        try object.refuseTheRest()
        return pacing
    }
}

extension AnnouncementRequest: CustomStringConvertible, CustomReflectable {
    /// Nothing of the code.
    public var description: String { "AnnouncementRequest" }

    /// A mirror without children.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
