// SPDX-License-Identifier: GPL-3.0-or-later

package import SpeakCodeGateways
internal import SpeakCodeLinks

/// A call that this node has placed, and whose sound it sends itself: it has its place before anybody is rung, and a session
/// once they have answered.
package struct CarriedCall: Sendable {
    private let services: CallServices
    private let id: CallID
    private let longest: Int
    private let place: LiveCalls.Place

    /// Takes a place for a call.
    ///
    /// - Throws: ``Problem`` where none is free, or the service ends.
    package init(_ order: CallOrder, services: CallServices) throws(Problem) {
        guard let id = CallID(order.id) else { throw .failed }
        place = try services.calls.takePlace(link: nil, client: nil)
        (self.services, self.id, longest) = (services, id, order.longest)
    }

    /// Begins the call, which was answered.
    ///
    /// - Parameter executor: where its sound is asked for.
    /// - Returns: nil for a call that is over.
    package func session(on executor: any TaskExecutor) -> CallSession? {
        guard let (announcement, media) = services.placed.announcement(of: id) else { return nil }
        return try? CallSession(
            announcement, over: .sip, link: media, client: nil, services: services.placing(for: longest), in: place,
            on: executor)
    }
}
