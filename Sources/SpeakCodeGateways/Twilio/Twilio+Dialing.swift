// SPDX-License-Identifier: GPL-3.0-or-later

extension Twilio {
    /// One call a second by default; more are queued by Twilio.
    static let calls = GatewayDialing<any Dialing>([
        GatewaySetting("twilioAccount", "the account whose calls SpeakCode places, such as AC…"),
        GatewaySetting(
            "twilioAuthToken", "what Twilio signs requests with, and takes them by", .secret, isNeeded: true),
        GatewaySetting(
            "twilioNumbers", "the numbers that calls come from, the first by default", .list, isNeeded: true),
        GatewaySetting("twilioURL", "the address of Twilio's API, where it is not https://api.twilio.com", .url),
    ]) { values throws(DialingError) in
        let account = try values.name("twilioAccount")
        return TwiMLCalls(
            base: try values.base("twilioURL", "https://api.twilio.com") + "/2010-04-01", account: account,
            credential: .basic(user: account, password: try values.credential("twilioAuthToken")),
            callers: try values.callers("twilioNumbers"),
            keys: SetupKeys(account: "twilioAccount", credential: "twilioAuthToken", url: "twilioURL"))
    }
}
