// SPDX-License-Identifier: GPL-3.0-or-later

internal import CSIP
internal import Dispatch
internal import SpeakCode
internal import SpeakCodeGateways
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// What calls from one address of this machine.
final class SIPAgent: Sendable {
    /// The agent of C.
    ///
    /// It is as safe from several threads as the C under it, whose every function but the last takes a lock or hands its
    /// command to the loop's thread by a queue; and the last is called once, behind which nobody has the pointer.
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private typealias Told = @Sendable (SIPEvent) -> Void

    private struct Waiting: Sendable {
        let number: UInt64
        let invitation: SIPInvitation
    }

    private struct State {
        /// nil once it is over.
        var agent: Handle?
        var calls: [UInt64: Told] = [:]
        var next: UInt64 = 1
        /// The invitations that wait for the registrar's word; nil once that is there.
        var waiting: [Waiting]?
        /// Why none may go out.
        var refusal: SIPEnd?
        var closed: [@Sendable () -> Void] = []
        var isClosing = false
    }

    private let state: Mutex<State>
    private let account: SIPAccount
    private let local: String
    /// Whether what it reaches must prove its name.
    private let hasTLS: Bool

    /// What libre keeps for a descriptor, times the most that a process is given room for here.
    private static let mostDescriptors = 65_536
    private static let usualUser = "speakcode"

    init(
        at local: String, _ account: SIPAccount, tlsPeer: String?, software: String
    ) throws(DialingError) {
        self.account = account
        self.local = local
        hasTLS = tlsPeer != nil
        var opened: OpaquePointer?
        let error = Self.open(&opened, at: local, account, tlsPeer, software)
        guard error == 0, let opened else {
            throw DialingError("sip", "cannot listen: \(Self.words(for: error))")
        }
        let agent = Handle(pointer: opened)
        state = Mutex(State(agent: agent, waiting: account.registrar == nil ? nil : []))
        listen(to: speakcode_sip_descriptor(agent.pointer))
        if let registrar = account.registrar { register(agent, registrar) }
    }

    private static func open(
        _ opened: inout OpaquePointer?, at local: String, _ account: SIPAccount, _ tlsPeer: String?,
        _ software: String
    ) -> Int32 {
        var limit = rlimit()
        #if canImport(Glibc)
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #else
            getrlimit(RLIMIT_NOFILE, &limit)
        #endif
        return withCStrings([local, software, account.user, account.password, tlsPeer]) { texts in
            var settings = speakcode_sip_settings(
                address: texts[0], port: UInt16(clamping: account.port ?? 0), software: texts[1], user: texts[2],
                password: texts[3], tls_peer: texts[4],
                most_descriptors: Int32(clamping: min(limit.rlim_cur, rlim_t(mostDescriptors))))
            return speakcode_sip_open(&opened, &settings)
        }
    }

    /// Lends texts as C has them.
    private static func withCStrings<Result>(
        _ texts: [String?], _ body: ([UnsafePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = texts.map { $0.flatMap { strdup($0) } }
        defer { copies.forEach { free($0) } }
        return body(copies.map { $0.map { UnsafePointer($0) } })
    }

    /// Whether it can still be asked for calls.
    var isOpen: Bool { state.withLock { $0.agent != nil && !$0.isClosing && $0.refusal == nil } }

    // MARK: Commands

    func invite(
        _ invitation: SIPInvitation, _ account: SIPAccount, told: @escaping @Sendable (SIPEvent) -> Void
    ) throws(DialingError) -> any SIPCall {
        let (number, error) = state.withLock { state -> (UInt64, Int32) in
            guard let agent = state.agent, !state.isClosing else { return (0, ECANCELED) }
            let number = state.next
            state.next += 1
            state.calls[number] = told
            if state.waiting != nil {
                state.waiting?.append(Waiting(number: number, invitation: invitation))
                return (number, 0)
            }
            let error = send(invitation, number, by: agent)
            if error != 0 { state.calls[number] = nil }
            return (number, error)
        }
        guard error == 0 else { throw DialingError("sip", "cannot call: \(Self.words(for: error))") }
        return Call(agent: self, number: number)
    }

    private func send(_ invitation: SIPInvitation, _ number: UInt64, by agent: Handle) -> Int32 {
        let user = account.user ?? Self.usualUser
        let home = account.registrar ?? account.proxy
        let from =
            invitation.from
            ?? SIPAddress(user: user, host: home?.host ?? local, port: home?.port, transport: nil)
        return Self.withCStrings([invitation.to.resolved.uri, from.uri, account.proxy?.resolved.uri, user]) { texts in
            speakcode_sip_invite(
                agent.pointer, number, texts[0], texts[1], texts[2], texts[3], UInt16(clamping: invitation.mediaPort),
                UInt16(clamping: invitation.textPort ?? 0), Int32(clamping: invitation.timeout))
        }
    }

    private func register(_ agent: Handle, _ registrar: SIPAddress) {
        let place = registrar.resolved
        let home = SIPAddress(user: nil, host: place.host, port: place.port, transport: place.transport)
        let identity = SIPAddress(user: account.user ?? Self.usualUser, host: place.host, port: place.port)
        let error = Self.withCStrings([home.uri, identity.uri]) { texts in
            speakcode_sip_register(agent.pointer, texts[0], texts[1])
        }
        if error != 0 { registered(.failed(Self.words(for: error))) }
    }

    fileprivate func end(_ number: UInt64) {
        state.withLock { state in
            guard state.calls.removeValue(forKey: number) != nil, let agent = state.agent else { return }
            if let index = state.waiting?.firstIndex(where: { $0.number == number }) {
                state.waiting?.remove(at: index)
            } else {
                _ = speakcode_sip_end(agent.pointer, number)
            }
        }
    }

    /// Ends every call and itself.
    func close(within patience: Duration, closed: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            guard let agent = state.agent else { return true }
            state.calls = [:]
            state.closed.append(closed)
            if !state.isClosing {
                state.isClosing = true
                _ = speakcode_sip_close(agent.pointer, Int32(clamping: patience.components.seconds))
            }
            return false
        }
        if isOver { closed() }
    }

    private struct Call: SIPCall {
        let agent: SIPAgent
        let number: UInt64

        func end() { agent.end(number) }
    }

    // MARK: Events

    private func listen(to descriptor: Int32) {
        let queue = DispatchQueue(label: "SIP")
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        // The source keeps the agent, and itself, until its end was told.
        source.setEventHandler { [self] in
            while let event = next() {
                guard event.kind == SPEAKCODE_SIP_CLOSED else {
                    take(event)
                    continue
                }
                source.setEventHandler {}
                source.setCancelHandler { [self] in farewell() }
                source.cancel()
                return
            }
        }
        source.activate()
    }

    private func next() -> speakcode_sip_event? {
        state.withLock { state in
            guard let agent = state.agent else { return nil }
            var event = speakcode_sip_event()
            return speakcode_sip_next(agent.pointer, &event) != 0 ? event : nil
        }
    }

    /// Its thread has ended.
    private func farewell() {
        let (agent, calls, closed) = state.withLock { state in
            defer { (state.agent, state.calls, state.closed) = (nil, [:], []) }
            return (state.agent, Array(state.calls.values), state.closed)
        }
        for told in calls { told(.ended(.failed(Self.words(for: ECANCELED)))) }
        if let agent { speakcode_sip_free(agent.pointer) }
        for closed in closed { closed() }
    }

    private func take(_ event: speakcode_sip_event) {
        guard event.kind != SPEAKCODE_SIP_REGISTERED else {
            guard event.error != 0 || event.status >= 300 else { return registered(nil) }
            return registered(end(event, elsewise: .notReached(reason(event.error))))
        }
        guard let told = self.event(event) else { return }
        let call = state.withLock { state in
            guard case .ended = told else { return state.calls[event.call] }
            return state.calls.removeValue(forKey: event.call)
        }
        call?(told)
    }

    /// What waited for the registrar goes out, or ends.
    private func registered(_ refusal: SIPEnd?) {
        let refused = state.withLock { state -> [Told] in
            guard let waiting = state.waiting, let agent = state.agent else { return [] }
            state.waiting = nil
            state.refusal = refusal
            return waiting.compactMap { waiting in
                if refusal == nil, send(waiting.invitation, waiting.number, by: agent) == 0 { return nil }
                return state.calls.removeValue(forKey: waiting.number)
            }
        }
        for told in refused { told(.ended(refusal ?? .failed(Self.words(for: EIO)))) }
    }

    private func event(_ event: speakcode_sip_event) -> SIPEvent? {
        switch event.kind {
        case SPEAKCODE_SIP_RINGING: .ringing
        case SPEAKCODE_SIP_ANSWERED: Self.media(event).map { .answered($0) }
        case SPEAKCODE_SIP_MOVED: Self.media(event).map { .moved($0) }
        case SPEAKCODE_SIP_TIMED_OUT:
            .ended(event.status > 0 ? .notTaken : .notReached("nothing was said to the invitation"))
        case SPEAKCODE_SIP_ENDED:
            .ended(
                end(
                    event,
                    elsewise: event.status > 0
                        ? .failed(Self.words(for: event.error)) : .notReached(reason(event.error))))
        default: nil
        }
    }

    /// - Parameter elsewise: what an error means that is not the peer's word.
    private func end(_ event: speakcode_sip_event, elsewise: SIPEnd) -> SIPEnd {
        if event.error == 0 { return event.status > 0 ? .refused(Int(event.status)) : .hungUp }
        return event.error == ENOSYS && [401, 407].contains(event.status)
            ? .askedStrangely(Int(event.status)) : elsewise
    }

    static func media(_ event: speakcode_sip_event) -> SIPMedia? {
        guard let sound = UInt8(exactly: event.sound), let coding = SIPMedia.Coding(rawValue: sound) else { return nil }
        return SIPMedia(
            host: text(event.address), port: event.port == 0 ? nil : Int(event.port),
            rtcpPort: event.rtcp_port == 0 ? nil : Int(event.rtcp_port), coding: coding,
            keys: UInt8(exactly: event.keys), text: realTimeText(event))
    }

    private static func realTimeText(_ event: speakcode_sip_event) -> SIPMedia.Text? {
        guard event.text_port != 0, let payloadType = UInt8(exactly: event.text) else { return nil }
        return SIPMedia.Text(
            host: text(event.text_address), port: Int(event.text_port), rtcpPort: Int(event.text_rtcp_port),
            format: RealTimeText.Format(
                text: payloadType, redundant: UInt8(exactly: event.redundant),
                generations: min(Int(event.generations), RealTimeText.Format.usualGenerations),
                charactersPerSecond: event.characters > 0
                    ? Int(event.characters) : RealTimeText.Format.usualCharactersPerSecond))
    }

    /// A text of C in an array.
    private static func text<Characters>(_ characters: Characters) -> String {
        withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    /// Why nothing was reached; of TLS the library tells but that it failed.
    private func reason(_ error: Int32) -> String {
        hasTLS && error == EPROTO ? "its certificate is not trusted, or not of that name" : Self.words(for: error)
    }

    static func words(for error: Int32) -> String { String(cString: strerror(error)) }
}
