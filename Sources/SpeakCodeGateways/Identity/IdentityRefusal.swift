// SPDX-License-Identifier: GPL-3.0-or-later

internal import HTTPTypes
package import SpeakCode

/// Why nobody is called for an identity server's request, with a sentence for the person whom the server may show it to.
package struct IdentityRefusal: Error, Hashable, Sendable {
    package let reason: Reason
    /// The person's language, as far as it is known.
    package let language: LanguageTag?

    package enum Reason: String, CaseIterable, Sendable {
        /// The request has no key of this service's, or is not signed.
        case notAuthenticated = "not-authenticated"
        /// It has no code, or no number.
        case nothingToSay = "nothing-to-say"
        /// The operator has not allowed the number to be called, or it is none.
        case numberNotCalled = "number-not-called"
        case tooManyCalls = "too-many-calls"
        /// The server asks for a text message, and those are sent by others.
        case textMessage = "text-message"
        case unavailable = "unavailable"

        /// The status by which servers are told that have no word of their own for it.
        var status: Int {
            switch self {
            case .notAuthenticated: 401
            case .nothingToSay: 400
            case .numberNotCalled, .textMessage: 422
            case .tooManyCalls: 429
            case .unavailable: 503
            }
        }
    }

    package init(_ reason: Reason, in language: LanguageTag? = nil) {
        (self.reason, self.language) = (reason, language)
    }

    /// What a person is told, in their language or else in English.
    package var sentence: String {
        let sentences = language.flatMap { Self.sentences[$0.language] } ?? Self.english
        return switch reason {
        case .numberNotCalled: sentences.notCalled
        case .tooManyCalls: sentences.tooMany
        case .textMessage: sentences.callsOnly
        case .notAuthenticated, .nothingToSay, .unavailable: sentences.notNow
        }
    }

    private struct Sentences {
        let notCalled: String
        let tooMany: String
        let callsOnly: String
        let notNow: String
    }

    private static let english = Sentences(
        notCalled: "This number cannot be called.", tooMany: "Too many calls. Please wait before you ask again.",
        callsOnly: "Codes are given by telephone calls only.",
        notNow: "The call cannot be made. Please try again later.")

    /// The languages that have sentences of their own.
    package static var languages: [String] { sentences.keys.sorted() }

    private static let sentences: [String: Sentences] = [
        "en": english,
        "de": Sentences(
            notCalled: "Diese Nummer kann nicht angerufen werden.",
            tooMany: "Zu viele Anrufe. Bitte warten Sie, bevor Sie es erneut versuchen.",
            callsOnly: "Codes werden nur per Anruf übermittelt.",
            notNow: "Der Anruf ist nicht möglich. Bitte versuchen Sie es später erneut."),
        "es": Sentences(
            notCalled: "No se puede llamar a este número.",
            tooMany: "Demasiadas llamadas. Espere antes de volver a intentarlo.",
            callsOnly: "Los códigos se dan solo por llamada telefónica.",
            notNow: "No se puede hacer la llamada. Inténtelo de nuevo más tarde."),
        "fr": Sentences(
            notCalled: "Ce numéro ne peut pas être appelé.",
            tooMany: "Trop d’appels. Veuillez patienter avant de réessayer.",
            callsOnly: "Les codes sont donnés uniquement par appel téléphonique.",
            notNow: "L’appel ne peut pas être passé. Veuillez réessayer plus tard."),
        "it": Sentences(
            notCalled: "Questo numero non può essere chiamato.",
            tooMany: "Troppe chiamate. Attendi prima di riprovare.",
            callsOnly: "I codici vengono dati solo per telefono.",
            notNow: "Non è possibile effettuare la chiamata. Riprova più tardi."),
        "ja": Sentences(
            notCalled: "この番号には電話をかけられません。", tooMany: "電話の回数が多すぎます。しばらくしてからもう一度お試しください。",
            callsOnly: "コードは電話でのみお伝えします。", notNow: "電話をかけられません。しばらくしてからもう一度お試しください。"),
        "ko": Sentences(
            notCalled: "이 번호로는 전화를 걸 수 없습니다.", tooMany: "통화 요청이 너무 많습니다. 잠시 후 다시 시도해 주세요.",
            callsOnly: "코드는 전화로만 안내합니다.", notNow: "전화를 걸 수 없습니다. 나중에 다시 시도해 주세요."),
        "nl": Sentences(
            notCalled: "Dit nummer kan niet worden gebeld.",
            tooMany: "Te veel oproepen. Wacht even voordat u het opnieuw probeert.",
            callsOnly: "Codes worden alleen per telefoon gegeven.",
            notNow: "De oproep is niet mogelijk. Probeer het later opnieuw."),
        "pt": Sentences(
            notCalled: "Não é possível ligar para este número.",
            tooMany: "Chamadas demais. Aguarde antes de tentar novamente.",
            callsOnly: "Os códigos são dados apenas por telefone.",
            notNow: "Não é possível fazer a chamada. Tente novamente mais tarde."),
        "ru": Sentences(
            notCalled: "На этот номер нельзя позвонить.",
            tooMany: "Слишком много звонков. Подождите, прежде чем повторить попытку.",
            callsOnly: "Коды сообщаются только по телефону.",
            notNow: "Звонок невозможен. Повторите попытку позже."),
        "zh": Sentences(
            notCalled: "无法拨打此号码。", tooMany: "呼叫次数过多，请稍后再试。", callsOnly: "验证码仅通过电话告知。",
            notNow: "无法拨打电话，请稍后再试。"),
    ]
}

extension GatewayAnswer {
    /// An answer in JSON.
    static func json(_ status: Int, _ value: some Encodable) -> GatewayAnswer {
        GatewayAnswer(
            status: status, headers: [.contentType: "application/json"],
            body: (try? JSONDocument.encode(value)) ?? Array("{}".utf8))
    }

    /// What most servers take: 200 for success, else a status and the sentence as text, which some show as it is.
    static func plain(_ outcome: IdentityOutcome) -> GatewayAnswer {
        let (status, text) =
            switch outcome {
            case .accepted: (200, "ok")
            case .refused(let refusal): (refusal.reason.status, refusal.sentence)
            }
        return GatewayAnswer(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"], body: Array(text.utf8))
    }
}
