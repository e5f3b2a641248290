// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeTesting
import Testing

@testable import SpeakCodeGateways

/// A switch at the other end of a session, as a value.
protocol FakeSwitch {
    var course: FakeCallCourse { get set }
    var placed: [String] { get }
    mutating func greet() -> [[UInt8]]
    mutating func take(_ message: [UInt8]) -> [[UInt8]]
    mutating func step() -> [[UInt8]]?
}

struct FreeSWITCHBehind: FakeSwitch {
    var fake = FakeEventSocket(password: "s3cret")
    var course: FakeCallCourse {
        get { fake.course }
        set { fake.course = newValue }
    }
    var placed: [String] { fake.placed }
    mutating func greet() -> [[UInt8]] { [fake.greet()] }
    // In pieces, as TCP has them.
    mutating func take(_ message: [UInt8]) -> [[UInt8]] { fake.take(message).map { [$0] } }
    mutating func step() -> [[UInt8]]? { fake.next().map { [$0] } }
}

struct AsteriskBehind: FakeSwitch {
    var fake = FakeARI()
    var course: FakeCallCourse {
        get { fake.course }
        set { fake.course = newValue }
    }
    var placed: [String] { fake.placed }
    mutating func greet() -> [[UInt8]] { [] }
    mutating func take(_ message: [UInt8]) -> [[UInt8]] { fake.take(message) }
    mutating func step() -> [[UInt8]]? { fake.next() }
}

/// A session and the switch that it speaks to, with a line between them that is there or not.
struct Line {
    var session: any DialingSession
    var behind: any FakeSwitch
    var isUp = false
    /// Whether it is down as soon as a call was placed.
    var isLosingPlacement = false
    private(set) var placed: [String: [PlacedCall]] = [:]
    private(set) var told: [String: [CallProgress]] = [:]
    private(set) var sent: [[UInt8]] = []

    mutating func open() throws {
        isUp = true
        let steps = session.opened()
        try hear(behind.greet())
        try run(steps)
    }

    mutating func close() throws {
        isUp = false
        try run(session.closed())
    }

    mutating func dial(_ order: CallOrder) throws { try run(session.dial(order)) }
    mutating func hangUp(_ id: String) throws { try run(session.hangUp(id)) }

    /// Lets everything happen that happens by itself.
    mutating func settle() throws { while let messages = behind.step() { try hear(messages) } }

    /// Lets one thing happen.
    mutating func step() throws { try hear(behind.step() ?? []) }

    mutating func hear(_ messages: [[UInt8]]) throws {
        guard isUp else { return }
        for message in messages { try run(session.received(message)) }
    }

    private mutating func run(_ steps: [DialingStep]) throws {
        for step in steps {
            switch step {
            case .send(let bytes):
                sent.append(bytes)
                guard isUp else { continue }
                let before = behind.placed.count
                let answers = behind.take(bytes)
                if isLosingPlacement, behind.placed.count > before { isUp = false }
                try hear(answers)
            case .placed(let id, let placed): self.placed[id, default: []].append(placed)
            case .progress(let id, let progress): told[id, default: []].append(progress)
            }
        }
    }
}

@Suite("A gateway that dials over a socket")
struct SessionTests {
    static let id = DialingFixture.id
    static let kinds = ["freeswitch", "asterisk"]
    static let settings = [
        "freeswitchEventSocket": "127.0.0.1:8021", "freeswitchPassword": "s3cret",
        "freeswitchDial": "sofia/gateway/trunk/{number}", "freeswitchNumbers": "+4930987654,+4930987655",
        "asteriskDial": "PJSIP/{digits}@trunk", "asteriskUser": "asterisk", "asteriskPassword": "s3cret",
        "asteriskNumbers": "+4930987654,+4930987655",
    ]

    static func dialing(_ kind: String, _ changed: [String: String] = [:]) throws -> SocketDialing {
        let gateway = Gateways.all.first { $0.name == kind }
        let dialing = try gateway?.socketDialing?.dialing(with: settings.merging(changed) { $1 }, now: { 0 })
        return try #require(dialing)
    }

    static func order(_ kind: String, id: String = id, to callee: CallOrder.Callee = .number("+4930123456"))
        -> CallOrder
    {
        CallOrder(
            id: id, to: callee,
            heard: kind == "freeswitch"
                ? .document("https://codes.example.net/c/SEALED.httapi")
                : .audioSocket(uuid: "40325ec2-5efd-4bd3-805f-53576e581d13", address: "127.0.0.1:9092"))
    }

    static func line(_ kind: String, _ course: FakeCallCourse = .heard, opened: Bool = true) throws -> Line {
        var line = Line(
            session: try dialing(kind).session, behind: kind == "freeswitch" ? FreeSWITCHBehind() : AsteriskBehind())
        line.behind.course = course
        if opened { try line.open() }
        return line
    }

    @Test("has a fake")
    func fakes() {
        #expect(Gateways.all.filter { $0.socketDialing != nil }.map(\.name) == Self.kinds)
    }

    @Test(
        "tells a call as it goes, to its end", arguments: kinds,
        [
            (FakeCallCourse.heard, [CallProgress.ringing, .answered], CallOutcome.completed),
            (.busy, [.ringing], .busy),
            (.noAnswer, [.ringing], .noAnswer), (.declined, [.ringing], .rejected), (.badNumber, [], .invalidNumber),
        ])
    func courses(kind: String, course: (FakeCallCourse, [CallProgress], CallOutcome)) throws {
        var line = try Self.line(kind, course.0)
        try line.dial(Self.order(kind))
        #expect(line.placed == [Self.id: [.placed(Self.id)]])
        try line.settle()
        let told = line.told[Self.id] ?? []
        #expect(Array(told.dropLast()) == course.1)
        guard case .ended(let end)? = told.last else { return #expect(Bool(false), "\(told)") }
        #expect(end.outcome == course.2 && end.cause?.isEmpty == false)
        if kind == "freeswitch" {
            #expect(end.sipStatus != nil && end.answeredSeconds == (course.2 == .completed ? 41 : nil))
        }
    }

    @Test("places an order once, however often it is asked", arguments: kinds)
    func once(kind: String) throws {
        var line = try Self.line(kind, .ringing)
        for _ in 0..<3 { try line.dial(Self.order(kind)) }
        #expect(line.behind.placed.count == 1 && line.placed[Self.id] == Array(repeating: .placed(Self.id), count: 3))
    }

    @Test("places an order once, also where the service began anew and knows nothing of it", arguments: kinds)
    func again(kind: String) throws {
        var line = try Self.line(kind, .ringing)
        try line.dial(Self.order(kind))
        var other = Line(session: try Self.dialing(kind).session, behind: line.behind)
        try other.open()
        try other.dial(Self.order(kind))
        #expect(other.placed[Self.id] == [.placed(Self.id)] && other.behind.placed.count == 1)
    }

    @Test("takes a call back while it rings, and ends it once it is answered", arguments: kinds)
    func hangUp(kind: String) throws {
        for (course, outcome) in [(FakeCallCourse.ringing, CallOutcome.canceled), (.answered, .completed)] {
            var line = try Self.line(kind, course)
            try line.dial(Self.order(kind))
            try line.settle()
            try line.hangUp(Self.id)
            guard case .ended(let end)? = line.told[Self.id]?.last else { return #expect(Bool(false)) }
            #expect(end.outcome == outcome)
            let told = line.told
            try line.hangUp(Self.id)
            #expect(line.told == told)
        }
    }

    @Test("ends a call that begins after it was taken back", arguments: kinds)
    func unwanted(kind: String) throws {
        var line = try Self.line(kind, .answered)
        try line.dial(Self.order(kind))
        // The line is down while it is taken back.
        line.isUp = false
        try line.hangUp(Self.id)
        line.isUp = true
        try line.settle()
        #expect(line.told[Self.id]?.last?.isEnd == true)
    }

    @Test("says that it cannot before it is in, and is not asked for what it cannot do", arguments: kinds)
    func notReady(kind: String) throws {
        var line = try Self.line(kind, opened: false)
        try line.dial(Self.order(kind))
        #expect(line.placed[Self.id] == [.busy(after: 5)] && line.behind.placed.isEmpty && !line.session.isReady)
        try line.open()
        #expect(line.session.isReady)
        for callee in [CallOrder.Callee.sip("sip:anna@example.net"), .number("+4930123456&PJSIP/x"), .number("+49|x")] {
            let error = #expect(throws: DialingError.self) { try line.dial(Self.order(kind, to: callee)) }
            #expect(error?.field == "to")
        }
        for heard in [CallOrder.Heard.local, .document("https://x/a,b"), .document("https://x/}"), .audio("https://x")]
        {
            let order = CallOrder(id: Self.id, to: .number("+4930123456"), heard: heard)
            #expect(throws: DialingError.self) { try line.dial(order) }
        }
        for id in ["", "x", "a b", "0b0c5a52-7a6e-4d55-9c0f-0a8a1d0d7f11}"] {
            #expect(throws: DialingError.self) { try line.dial(Self.order(kind, id: id)) }
        }
        #expect(line.behind.placed.isEmpty)
    }

    @Test("does not know of an order whose answer the line took with it, and asks on the next", arguments: kinds)
    func lost(kind: String) throws {
        var line = try Self.line(kind, .answered)
        // The request arrives, and its answer does not.
        var deaf = line
        deaf.isLosingPlacement = true
        try deaf.dial(Self.order(kind))
        try deaf.close()
        #expect(deaf.placed[Self.id] == [.unknown] && deaf.behind.placed.count == 1)
        try deaf.open()
        try deaf.settle()
        #expect(deaf.told[Self.id]?.first == .ringing && deaf.behind.placed.count == 1)

        // It is over before the line is there again.
        try line.dial(Self.order(kind))
        try line.step()
        try line.close()
        line.behind = kind == "freeswitch" ? FreeSWITCHBehind() : AsteriskBehind()
        try line.open()
        #expect(line.told[Self.id]?.last?.isEnd == true)
    }

    @Test("is told apart in its calls", arguments: kinds)
    func several(kind: String) throws {
        var line = try Self.line(kind, .heard)
        let ids = (0..<5).map { "0b0c5a52-7a6e-4d55-9c0f-0a8a1d0d7f1\($0)" }
        for id in ids { try line.dial(Self.order(kind, id: id)) }
        try line.settle()
        for id in ids { #expect(line.told[id]?.count == 3 && line.placed[id] == [.placed(id)]) }
    }

    @Test("survives whatever comes", arguments: kinds)
    func nonsense(kind: String) throws {
        var random = SeededGenerator(seed: 17)
        for round in 0..<400 {
            var line = try Self.line(kind, .heard)
            try line.dial(Self.order(kind))
            while let messages = line.behind.step() {
                do { try line.hear(messages.map { round == 0 ? $0 : random.disturbed($0) }) } catch is DialingViolation
                {
                    break
                }
            }
            #expect((line.told[Self.id] ?? []).dropLast().allSatisfy { !$0.isEnd })
        }
    }

    @Test("shows no secret and no number", arguments: kinds)
    func secrets(kind: String) throws {
        var line = try Self.line(kind, .ringing)
        let steps = try line.session.dial(Self.order(kind, id: "0b0c5a52-7a6e-4d55-9c0f-0a8a1d0d7f12"))
        try line.dial(Self.order(kind))
        let things: [Any] = [line.session, steps, try Self.dialing(kind)]
        for thing in things {
            var dumped = "\(thing) \(String(reflecting: thing))"
            dump(thing, to: &dumped)
            #expect(!dumped.contains("s3cret") && !dumped.contains("30123456"), "\(type(of: thing))")
        }
    }

    @Test(
        "refuses a setting that it cannot take, and does not repeat it",
        arguments: [
            ("freeswitch", "freeswitchEventSocket", "localhost"), ("freeswitch", "freeswitchEventSocket", "x:0"),
            ("freeswitch", "freeswitchEventSocket", "x y:8021"), ("freeswitch", "freeswitchDial", "sofia/gateway/x"),
            ("freeswitch", "freeswitchDial", "a/{number},b/{number}"), ("freeswitch", "freeswitchPassword", "a b"),
            ("freeswitch", "freeswitchNumbers", "anna"), ("asterisk", "asteriskDial", "PJSIP/{number}&PJSIP/x"),
            ("asterisk", "asteriskContext", "a?b"), ("asterisk", "asteriskApplication", "a,b"),
            ("asterisk", "asteriskUser", "a:b"), ("asterisk", "asteriskPassword", "é"),
        ])
    func unusable(kind: String, key: String, value: String) throws {
        let error = #expect(throws: DialingError.self) { try Self.dialing(kind, [key: value]) }
        #expect(error?.field == key && error?.description.contains("\(value) ") == false)
    }

    @Test("needs its settings, by their names", arguments: kinds)
    func needed(kind: String) throws {
        let settings = try #require(Gateways.all.first { $0.name == kind }?.socketDialing?.settings)
        for setting in settings where setting.isNeeded {
            let error = #expect(throws: DialingError.self) { try Self.dialing(kind, [setting.key: ""]) }
            #expect(error?.field == setting.key)
        }
        let gateway = Gateways.all.first { $0.name == kind }
        #expect(try gateway?.socketDialing?.dialing(with: [:], now: { 0 }) == nil)
    }
}

@Suite("FreeSWITCH's event socket")
struct EventSocketTests {
    @Test("is asked for a call in these words, which begin at the first greeting")
    func words() throws {
        var line = try SessionTests.line("freeswitch", .heard)
        try line.dial(SessionTests.order("freeswitch"))
        try line.settle()
        #expect(
            line.sent.map { String(decoding: $0, as: UTF8.self) } == [
                "auth s3cret\n\n",
                "event json CHANNEL_PROGRESS CHANNEL_PROGRESS_MEDIA CHANNEL_ANSWER CHANNEL_HANGUP_COMPLETE BACKGROUND_JOB\n\n",
                "api uuid_exists \(SessionTests.id)\n\n",
                "bgapi originate {origination_uuid=\(SessionTests.id),origination_caller_id_number=+4930987654,"
                    + "originate_timeout=30,ignore_early_media=true,originate_retries=0,"
                    + "execute_on_answer='sched_hangup +600 ALLOTTED_TIMEOUT'}sofia/gateway/trunk/+4930123456 "
                    + "&httapi({url=https://codes.example.net/c/SEALED.httapi,method=POST})\n"
                    + "Job-UUID: \(SessionTests.id)\n\n",
            ])
    }

    @Test(
        "is left where it refuses us",
        arguments: [
            "Content-Type: auth/request\n\nContent-Type: command/reply\nReply-Text: -ERR invalid\n\n",
            "Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n",
            "Content-Type: text/disconnect-notice\nContent-Length: 2\n\nx\n",
            "Content-Type: auth/request\n\nContent-Type: auth/request\n\n",
            "Content-Type: text/event-json\nContent-Length: 1\n\n{", "Content-Length: x\n\n", "Content-Length: -1\n\n",
            "Content-Length: 99999999\n\n", String(repeating: "a", count: 20_000),
        ])
    func refused(text: String) throws {
        var session = try SessionTests.dialing("freeswitch").session
        _ = session.opened()
        #expect(throws: DialingViolation.self) { _ = try session.received(Array(text.utf8)) }
    }

    // MARK: Text

    private static func textOrder(_ text: CallOrder.Text?) -> CallOrder {
        CallOrder(
            id: SessionTests.id, to: .number("+4930123456"),
            heard: .document("https://codes.example.net/c/SEALED.httapi"), text: text)
    }

    private static func textLine(_ setting: String, _ text: CallOrder.Text?) throws -> Line {
        var line = Line(
            session: try SessionTests.dialing("freeswitch", ["freeswitchText": setting]).session,
            behind: FreeSWITCHBehind())
        line.behind.course = .heard
        try line.open()
        try line.dial(textOrder(text))
        return line
    }

    private static func key(_ digit: String, of id: String = SessionTests.id) -> [UInt8] {
        let body = #"{"Event-Name":"DTMF","Unique-ID":"\#(id)","DTMF-Digit":"\#(digit)"}"#
        return Array("Content-Length: \(body.utf8.count)\nContent-Type: text/event-json\n\n\(body)".utf8)
    }

    private static func texts(_ line: Line) -> [String] { (line.behind as? FreeSWITCHBehind)?.fake.texts ?? [] }

    @Test("writes what is asked at the gate, and the code behind its key, each as one line")
    func gate() throws {
        var line = try Self.textLine(
            "true", .init(question: "Press 1 for your code.", reading: "Your code is:\n735 198"))
        // What is pressed before anybody has answered is nobody's.
        try line.hear([Self.key("1")])
        try line.step()
        #expect(Self.texts(line).isEmpty)
        try line.step()
        #expect(Self.texts(line) == ["Press 1 for your code."])
        try line.hear([Self.key("2"), Self.key("1", of: "somebody else's")])
        #expect(Self.texts(line).count == 1)
        try line.hear([Self.key("1")])
        try line.hear([Self.key("1")])
        #expect(Self.texts(line).dropFirst() == ["Your code is: 735 198", "Your code is: 735 198"])
        try line.settle()
        try line.hear([Self.key("1")])
        #expect(Self.texts(line).count == 3)
        #expect(!"\(line.session) \(Self.textOrder(.init(question: nil, reading: "735198")))".contains("735"))
    }

    @Test(
        "writes the code at once where there is no gate, and nothing where it changes or no text is wanted",
        arguments: [
            ("true", CallOrder.Text(question: nil, reading: "735198"), ["735198"]), ("true", nil, []),
            ("false", CallOrder.Text(question: nil, reading: "735198"), []),
            ("", CallOrder.Text(question: nil, reading: "735198"), []),
        ] as [(String, CallOrder.Text?, [String])])
    func text(setting: String, text: CallOrder.Text?, written: [String]) throws {
        var line = try Self.textLine(setting, text)
        try line.settle()
        #expect(Self.texts(line) == written)
        let sent = line.sent.map { String(decoding: $0, as: UTF8.self) }.joined()
        #expect(
            sent.contains("rtp_enable_text=true") == !written.isEmpty && sent.contains(" DTMF") == (setting == "true"))
        #expect(sent.contains("735198") == !written.isEmpty)
    }

    @Test("is read byte by byte as in one piece")
    func pieces() throws {
        var (whole, fake) = (try SessionTests.dialing("freeswitch").session, FakeEventSocket(password: "s3cret"))
        var pieces = whole
        (_, _) = (whole.opened(), pieces.opened())
        let greeting = fake.greet()
        let expected = try whole.received(greeting)
        var steps: [DialingStep] = []
        for byte in greeting { steps += try pieces.received([byte]) }
        #expect(steps == expected && steps == [.send(Array("auth s3cret\n\n".utf8))])
    }

    @Test("tells a trunk that is down by its word, without a channel")
    func gatewayDown() throws {
        var line = try SessionTests.line("freeswitch", .ringing)
        try line.dial(SessionTests.order("freeswitch"))
        let body = #"{"Event-Name":"BACKGROUND_JOB","Job-UUID":"\#(SessionTests.id)","_body":"-ERR GATEWAY_DOWN\n"}"#
        try line.hear([Array("Content-Length: \(body.utf8.count)\nContent-Type: text/event-json\n\n\(body)".utf8)])
        #expect(line.told[SessionTests.id] == [.ended(CallEnd(.failed, cause: "GATEWAY_DOWN"))])
    }
}

@Suite("Asterisk's REST interface over a WebSocket")
struct ARITests {
    @Test("is asked for a call, hears of it, and hands it on once it is answered")
    func words() throws {
        var line = try SessionTests.line("asterisk", .heard)
        try line.dial(SessionTests.order("asterisk"))
        try line.settle()
        let id = SessionTests.id
        #expect(
            line.sent.map { String(decoding: $0, as: UTF8.self) } == [
                #"{"content_type":"application/json","message_body":"{\"app\":\"speakcode\",\"callerId\":\"+4930987654\","#
                    + #"\"endpoint\":\"PJSIP/4930123456@trunk\",\"timeout\":30,\"variables\":{"#
                    + #"\"CALL_ADDRESS\":\"127.0.0.1:9092\",\"CALL_UUID\":\"40325ec2-5efd-4bd3-805f-53576e581d13\","#
                    + #"\"TIMEOUT(absolute)\":\"600\"}}","method":"POST","request_id":"create \#(id)","#
                    + #""transaction_id":"create \#(id)","type":"RESTRequest","uri":"channels/\#(id)"}"#,
                #"{"method":"POST","request_id":"subscribe \#(id)","transaction_id":"subscribe \#(id)","type":"RESTRequest","#
                    + #""uri":"applications/speakcode/subscription?eventSource=channel:\#(id)"}"#,
                #"{"method":"POST","request_id":"continue \#(id)","transaction_id":"continue \#(id)","type":"RESTRequest","#
                    + #""uri":"channels/\#(id)/continue?context=speakcode&extension=audiosocket&priority=1"}"#,
            ])
    }

    @Test("is asked whether there is a channel where it could not make one")
    func failed() throws {
        var line = try SessionTests.line("asterisk", .broken)
        try line.dial(SessionTests.order("asterisk"))
        #expect(line.placed[SessionTests.id] == [.refused(CallEnd(.failed, cause: "HTTP 500"))])
        #expect(line.told[SessionTests.id] == nil)
    }

    @Test("is left at a message that is none of its", arguments: ["", "x", "[]", "{}", #"{"type":7}"#])
    func violation(text: String) throws {
        var session = try SessionTests.dialing("asterisk").session
        _ = session.opened()
        #expect(throws: DialingViolation.self) { _ = try session.received(Array(text.utf8)) }
    }
}
