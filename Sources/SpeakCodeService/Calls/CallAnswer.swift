// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import HTTPTypes
internal import SpeakCodeGateways
internal import SpeakCodeLinks

/// A call as answers and events tell of it; its number is in none.
struct CallAnswer: Encodable {
    let id: String
    let status: String
    let through: String
    let createdAt: String
    /// Who took it, as the gateway thinks.
    let answeredBy: String?
    let keys: Int
    let readings: Int
    let outcome: String?
    let cause: String?
    let sip: Int?
    let answeredSeconds: Int?
    let endedAt: String?
    var links: Links?
    /// Of the answer to who has asked for it.
    var locale: String?
    var localeMatch: String?
    var secondLocale: String?
    var warnings: [String]?

    struct Links: Encodable {
        let call: String
        let events: String
    }

    init(_ call: PlacedCalls.Snapshot) {
        let (record, end) = (call.record, call.record.end)
        id = call.sealed
        status = record.statusName
        through = call.ticket.gateway
        createdAt = Self.date(call.ticket.issued)
        answeredBy = record.party?.rawValue
        (keys, readings) = (record.keys, record.readings)
        (outcome, cause, sip) = (end?.outcome.rawValue, end?.cause, end?.sipStatus)
        answeredSeconds = end?.answeredSeconds
        endedAt = end == nil ? nil : record.events.last.map { Self.date($0.at) }
    }

    static func date(_ seconds: Int) -> String { Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601) }
}
