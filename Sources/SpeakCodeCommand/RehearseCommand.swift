// SPDX-License-Identifier: GPL-3.0-or-later

internal import ArgumentParser
internal import FoundationEssentials
internal import SpeakCode
internal import SpeakCodeEspeak
internal import SpeakCodeRehearsal
internal import SpeakCodeSndfile
internal import SpeakCodeSoxr

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// `speakcode rehearse`: a call from end to end, with a gateway, a telephone and a back end that are none.
struct RehearseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Show a call from end to end: all that the service, its gateway and your back end say to each other.",
        discussion: """
            The service is the real one, in this process; the gateway, the telephone and the back end are fakes, so that \
            nothing is rung, no key is needed and nothing goes over the network. Credentials are masked, and the seals of \
            addresses cut short; --json has those whole.
            """)

    @Argument(help: ArgumentHelp("The code that is posted. (default: 123456)", valueName: "code"))
    var code: String?

    @Option(
        name: .long, help: ArgumentHelp("The gateway. (default: twilio)", valueName: "gateway"),
        completion: CompletionScript.words(Rehearsal.gateways))
    var through: String?

    @Option(
        name: .long, help: ArgumentHelp("What becomes of the call. (default: heard)", valueName: "course"),
        completion: CompletionScript.words(FakeCallCourse.allCases.map(\.rawValue)))
    var course: String?

    @Option(
        name: .long, help: ArgumentHelp("The language, such as ja-JP.", valueName: "tag"),
        completion: CompletionScript.locales)
    var locale: String?

    @Option(
        name: .long,
        help: ArgumentHelp("When the code waits for a key: always, whenMachine or never.", valueName: "gate"),
        completion: CompletionScript.words(["always", "whenMachine", "never"]))
    var gate: String?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() async throws {
        let plan = try plan()
        let transcript: Transcript
        do {
            transcript = try await Rehearsal.run(
                plan, engine: EngineProcess.ofThisProgram, resampler: SoxrResampler(), encoder: SoundFileEncoder())
        } catch let refusal as Rehearsal.Refusal {
            throw Failure.usage(refusal.description)
        }
        if json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            print(String(decoding: try encoder.encode(transcript), as: UTF8.self))
        } else {
            print(transcript.text, terminator: "")
        }
        guard transcript.problems.isEmpty else {
            throw Failure(EX_SOFTWARE, transcript.problems.joined(separator: "; "))
        }
    }

    /// What the options ask for.
    ///
    /// - Throws: ``Failure`` or `CodeError`; neither shows what was given.
    private func plan() throws -> Rehearsal.Plan {
        var plan = Rehearsal.Plan()
        if let code {
            _ = try VerificationCode(code)
            plan.code = code
        }
        if let through {
            guard Rehearsal.gateways.contains(through) else {
                throw Failure.usage("--through takes one of \(Rehearsal.gateways.joined(separator: ", "))")
            }
            plan.gateway = through
        }
        if let course {
            guard let course = FakeCallCourse(rawValue: course) else {
                let names = FakeCallCourse.allCases.map(\.rawValue).joined(separator: ", ")
                throw Failure.usage("--course takes one of \(names)")
            }
            plan.course = course
        }
        (plan.locale, plan.gate) = (locale, gate)
        return plan
    }
}
