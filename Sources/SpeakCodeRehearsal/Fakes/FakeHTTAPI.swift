// SPDX-License-Identifier: GPL-3.0-or-later

/// FreeSWITCH's application `httapi`: what it asks a service for, and what it does with the documents that it gets.
///
/// It keeps to mod_httapi.c (`httapi_function`, `httapi_sync`, `parse_xml`, `parse_playback`, `my_on_reporting`), as far as a
/// document plays files and listens to single keys:
///
/// - `method` goes out as it is written; only where it says "post", in whatever letters, are the parameters in the body.
/// - An `action` is the address of every later request from where its tag stands. `<params>` are kept, and come with every
///   later request; what a key says comes with the next one only.
/// - A file is played `loops` times more than once, each time followed by `input-timeout` milliseconds of listening. A key
///   that is bound is reported; **the next tag of `<work>` runs behind it too**, as behind a file without one. A key that
///   is not bound begins the next loop.
/// - A document that is through is asked for again. One that is not 200, or is no `text/xml`, or has a tag that fails ends the
///   application, and so does a file that cannot be fetched.
/// - At the end of the call there is one more request, with `exiting=true`.
public struct FakeHTTAPI {
    /// A request as it is sent.
    public struct Request: Sendable {
        /// As it is written on the wire.
        public let method: String
        /// The whole address, with its query.
        public let url: String
        /// By their names.
        public let headers: [String: String]
        /// A form; empty where there is none.
        public let body: String

        /// The fields of the body, or else of the query, decoded.
        public let fields: [String: String]
    }

    /// What comes back.
    public struct Answer: Sendable {
        let status: Int
        let contentType: String
        let cacheControl: String
        let body: [UInt8]

        /// An answer, or what of it is looked at.
        public init(status: Int, contentType: String, cacheControl: String, body: [UInt8]) {
            self.status = status
            self.contentType = contentType
            self.cacheControl = cacheControl
            self.body = body
        }
    }

    /// A point of the call at which the caller may do something.
    public enum Moment: Sendable {
        /// A file is played.
        case playing([UInt8])
        /// Nothing is played, for so many milliseconds.
        case waiting(Int)
    }

    /// What the caller does.
    public enum Act: Sendable {
        case listen
        case press(Character)
        case hangUp
    }

    /// How the application ended.
    public enum End: Hashable, Sendable {
        /// The caller hung up.
        case caller
        /// The document hung up.
        case document
        /// The dialplan goes on with its next line; the reason stands in FreeSWITCH's log.
        case dialplan(String)
    }

    /// A call that is over.
    public struct Call: Sendable {
        /// How the application ended.
        public fileprivate(set) var end = End.caller
        /// The requests for documents, in their order; those for files are not among them.
        public fileprivate(set) var requests: [Request] = []
        /// The names of the tags that ran.
        public fileprivate(set) var tags: [String] = []
    }

    /// What a document has and this does not know.
    public struct Unknown: Error, Hashable {
        /// What it is, in words.
        public let what: String
    }

    private static let headers = ["User-Agent": "mod_httapi/1.0", "Accept": "*/*", "Cookie": ""]

    private var call = Call()
    private var parameters: Parameters
    private let send: @Sendable (Request) async throws -> Answer
    private let caller: (Moment) async throws -> Act
    private var files: [String: [UInt8]] = [:]

    /// Runs the application in a call, to the call's end.
    ///
    /// - Parameters:
    ///   - data: its argument in the dialplan, such as `{url=http://…,method=POST}`.
    ///   - send: asks the service.
    ///   - caller: says what the caller does at a point of the call.
    /// - Throws: ``Unknown``, and whatever `send` and `caller` throw.
    public static func run(
        _ data: String, send: @escaping @Sendable (Request) async throws -> Answer,
        caller: @escaping (Moment) async throws -> Act
    ) async throws -> Call {
        var httapi = FakeHTTAPI(parameters: Parameters(data), send: send, caller: caller)
        httapi.call.end = try await httapi.run()
        // `my_on_reporting`; nobody looks at the answer.
        _ = try await httapi.sync(once: [("exiting", "true")])
        return httapi.call
    }

    private init(
        parameters: Parameters, send: @escaping @Sendable (Request) async throws -> Answer,
        caller: @escaping (Moment) async throws -> Act
    ) {
        self.parameters = parameters
        self.send = send
        self.caller = caller
    }

    // MARK: The application

    private mutating func run() async throws -> End {
        var once: [(String, String)] = []
        while true {
            let answer = try await sync(once: once)
            once = []
            guard answer.status == 200 else { return .dialplan("Received HTTP response: \(answer.status).") }
            guard answer.contentType.lowercased().contains("text/xml") else {
                return .dialplan("Received unsupported content-type \(answer.contentType)")
            }
            guard let document = XMLTree.root(of: answer.body) else { return .dialplan("no document") }
            for parameter in document.child("params")?.children ?? [] where !parameter.text.isEmpty {
                parameters.set(parameter.name, parameter.text)
            }
            guard let work = document.child("work"), !work.children.isEmpty else {
                return .dialplan("No instructions found in result!")
            }
            for tag in work.children {
                call.tags.append(tag.name)
                // `parse_common`.
                if let action = tag.attributes["action"] { parameters.set("url", action) }
                switch tag.name {
                case "playback":
                    switch try await play(tag) {
                    case .next(let fields): once += fields
                    case .ended(let end): return end
                    }
                case "hangup": return .document
                case "break": return .dialplan("break")
                case "continue": break
                default: return .dialplan("Unsupported Tag: [\(tag.name)]")
                }
            }
        }
    }

    // MARK: Playback

    private enum Played {
        /// The next tag of the work; with what the next request says.
        case next([(String, String)])
        case ended(End)
    }

    private mutating func play(_ tag: XMLTree) async throws -> Played {
        let keys = tag.children.filter { $0.name == "bind" }.map(\.text)
        guard keys.allSatisfy({ $0.count == 1 }) else { throw Unknown(what: "a binding to more than one key") }
        guard let file = tag.attributes["file"] ?? (keys.isEmpty ? tag.text : nil), !file.isEmpty else {
            return .ended(.document)
        }
        var loops = max(-1, tag.attributes["loops"].flatMap { Int($0) } ?? 0)
        let wait = tag.attributes["input-timeout"].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 5000
        repeat {
            guard let bytes = try await fetch(file) else {
                // Of a file without bindings nobody looks at what became of it.
                if keys.isEmpty { return .next([]) }
                return .ended(.dialplan("File at url is unreachable!"))
            }
            var act = try await caller(.playing(bytes))
            if keys.isEmpty {
                if case .hangUp = act { return .ended(.caller) }
                return .next([])
            }
            if case .listen = act { act = try await caller(.waiting(wait)) }
            switch act {
            case .hangUp: return .ended(.caller)
            case .press(let key) where keys.contains(String(key)):
                return .next([(tag.attributes["name"] ?? "dialed_digits", String(key)), ("input_type", "dtmf")])
            case .press, .listen: loops -= 1
            }
        } while loops >= 0
        return .next([])
    }

    /// Fetches a file, each time anew where it may not be kept.
    private mutating func fetch(_ url: String) async throws -> [UInt8]? {
        if let file = files[url] { return file }
        func ask(_ method: String) async throws -> Answer {
            try await send(Request(method: method, url: url, headers: Self.headers, body: "", fields: [:]))
        }
        guard try await ask("HEAD").status == 200 else { return nil }
        let answer = try await ask("GET")
        guard answer.status == 200 else { return nil }
        if !["no-cache", "no-store"].contains(where: answer.cacheControl.lowercased().contains) {
            files[url] = answer.body
        }
        return answer.body
    }

    // MARK: Requests

    /// Asks for the next document.
    private mutating func sync(once: [(String, String)]) async throws -> Answer {
        var merged = parameters
        for (name, value) in once { merged.set(name, value) }
        let method = merged["method"]
        let isForm = method?.lowercased() == "post"
        let form = merged.form
        let url = merged["url"] ?? ""
        var headers = Self.headers
        if isForm { headers["Content-Type"] = "application/x-www-form-urlencoded" }
        let request = Request(
            method: method ?? "GET", url: isForm ? url : url + (url.contains("?") ? "&" : "?") + form,
            headers: headers, body: isForm ? form : "",
            fields: Dictionary(merged.pairs, uniquingKeysWith: { $1 }))
        call.requests.append(request)
        return try await send(request)
    }

    /// An event whose headers are unique (`EF_UNIQ_HEADERS`).
    private struct Parameters: Sendable {
        private(set) var pairs: [(String, String)] = []

        init(_ data: String) {
            set("session_id", "0d5a3b6c-fake")
            let brackets = data.hasPrefix("{") ? data.dropFirst().prefix { $0 != "}" } : ""
            for pair in brackets.split(separator: ",") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2 { set(String(parts[0]), String(parts[1])) }
            }
            let rest = brackets.isEmpty ? data[...] : data.dropFirst(brackets.count + 2)
            if rest.contains("://") { set("url", String(rest)) }
            set("hostname", "pbx")
            set("Caller-Direction", "outbound")
            set("Caller-Context", "default")
        }

        subscript(name: String) -> String? { pairs.first { $0.0 == name }?.1 }

        mutating func set(_ name: String, _ value: String) {
            pairs.removeAll { $0.0 == name }
            pairs.append((name, value))
        }

        var form: String {
            pairs.map { "\($0.0)=\(Self.encoded($0.1))" }.joined(separator: "&")
        }

        private static func encoded(_ text: String) -> String {
            let plain = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~".utf8)
            return text.utf8.map { byte in
                plain.contains(byte)
                    ? String(Unicode.Scalar(byte))
                    : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }.joined()
        }
    }
}
