// SPDX-License-Identifier: GPL-3.0-or-later

/// A gateway's way of signing its requests, with what this service needs to check it.
package protocol RequestSigning: Sendable {
    /// Whether the gateway signed this very request; false for a request without a signature and for nonsense.
    ///
    /// What a signature covers is the gateway's choice: see each of them.
    func isGenuine(_ request: SignedRequest) -> Bool
}
