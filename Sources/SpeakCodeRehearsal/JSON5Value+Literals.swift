// SPDX-License-Identifier: GPL-3.0-or-later

package import JSON5

// What fakes say is written down as it is sent.
extension JSON5Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral text: String) { self = .text(text) }
    package init(integerLiteral number: Int) { self = .number(Double(number)) }
    package init(booleanLiteral bool: Bool) { self = .flag(bool) }
    package init(arrayLiteral elements: JSON5Value...) { self = .list(elements) }
    package init(dictionaryLiteral elements: (String, JSON5Value)...) {
        self = .object(Dictionary(elements) { $1 })
    }
}
