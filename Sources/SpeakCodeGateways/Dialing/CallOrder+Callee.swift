// SPDX-License-Identifier: GPL-3.0-or-later

extension CallOrder {
    /// Whom to ring, as it may be put into a request; gateways ring several where one has certain marks in it.
    func dialled() throws(DialingError) -> Callee {
        switch callee {
        case .number(let number):
            guard number.utf8.first == UInt8(ascii: "+"), (3...16).contains(number.utf8.count),
                number.utf8.dropFirst().allSatisfy(Self.isFigure), number.utf8.dropFirst().first != UInt8(ascii: "0")
            else { throw DialingError("to", "must be a number such as +4930123456 (E.164)") }
        case .sip(let address):
            let marks = "-_.~%+@:[]"
            guard address.hasPrefix("sip:") || address.hasPrefix("sips:"), address.utf8.count <= 255,
                address.utf8.allSatisfy({ FormFields.isPlain($0) || marks.utf8.contains($0) })
            else { throw DialingError("to", "must be an address such as sip:anna@example.net, without parameters") }
        }
        return callee
    }

    /// Whom to ring: the figures of a number without their plus, or the address.
    func dialledWithoutPlus() throws(DialingError) -> String {
        switch try dialled() {
        case .number(let number): String(number.dropFirst())
        case .sip(let address): address
        }
    }

    /// Whom to ring: a number with its plus, or the address.
    func dialledWithPlus() throws(DialingError) -> String {
        switch try dialled() {
        case .number(let text), .sip(let text): text
        }
    }

    /// The address of the document that is heard.
    ///
    /// - Parameter gateway: what cannot let anything else be heard.
    func document(for gateway: String) throws(DialingError) -> String {
        guard case .document(let url) = heard else {
            throw DialingError("heard", "must be a document, which is all that \(gateway) takes")
        }
        return url
    }

    static func isFigure(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
