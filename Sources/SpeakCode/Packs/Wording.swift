// SPDX-License-Identifier: GPL-3.0-or-later

/// Which of a pack's words are said: the way of saying symbols, the template, the register, what stands in slots.
///
/// It is asked for once for all languages: what a pack has no other word for, it says as it usually does.
public struct Wording: Hashable, Sendable {
    /// The style of digits, and of letters where they have one of that name; nil for the pack's usual ones.
    public var style: String?
    /// The style of letters, where it is to be another; nil for ``style``'s or the usual one.
    public var letterStyle: String?
    /// The template's name.
    public var template: String
    /// The register; nil for the one in which the pack's phrases are written.
    public var register: Register?
    /// The names of the values for slots of phrases, by the slots' names.
    ///
    /// The slot `digits` is filled with the code's length; given, it must be that.
    public var values: [String: String]

    /// The slots that any pack may have.
    public static let knownSlots = [digits, "minutes", "brand"]

    /// The slot that is filled with the number of the code's digits.
    public static let digits = "digits"

    /// Where a pack has the words for the slot ``digits`` of codes that have letters.
    package static let characters = "characters"

    /// Describes a wording.
    public init(
        style: String? = nil, letterStyle: String? = nil, template: String = VoicePack.standard,
        register: Register? = nil, values: [String: String] = [:]
    ) {
        self.style = style
        self.letterStyle = letterStyle
        self.template = template
        self.register = register
        self.values = values
    }

    /// The pack's usual words.
    public static let usual = Wording()
}
