// SPDX-License-Identifier: GPL-3.0-or-later

internal import SpeakCodeLinks

/// What `/openapi.yaml` answers: the service as OpenAPI 3.1.
///
/// `scripts/check-api` holds the service to it.
let openAPIDocument = #"""
    openapi: 3.1.0
    info:
      title: SpeakCode
      version: 1.0.0
      license: { name: GPL-3.0-or-later, identifier: GPL-3.0-or-later }
      summary: Verification codes, read aloud to whoever is on the phone.
      description: |
        One POST with a code gives links; a telephony gateway plays a link unmodified.

        A link is the announcement itself, sealed by a key of the service, which stores nothing. Whoever has the link
        hears the code, so a link is as much a secret as the code and lives for minutes. Any replica with the key serves
        it, with the same bytes and the same entity tag.

        Errors are problem details (RFC 9457) that name the field and never repeat what was sent. Their `type` is
        `urn:speakcode:problem:` and one of these words:

        | word | status | meaning |
        |---|---|---|
        | `not-json` | 400, 415 | the body is no JSON object in UTF-8, or says that it is something else |
        | `no-http` | 400 | what was sent is no request of HTTP/1.1 |
        | `no-host` | 400 | there is no `Host`, or none that a link could begin with |
        | `no-such-key` | 401 | no API key, or none of this service's |
        | `not-signed` | 403 | a request for a document has no signature of its gateway's |
        | `no-such-route` | 404 | nothing is at this address |
        | `no-such-link` | 404 | the link is altered, or of a key that this service does not have |
        | `method-not-allowed` | 405 | `Allow` says what the address takes |
        | `unknown-method` | 501 | HTTP has no such method, or it is written in small letters: `post` is not `POST` |
        | `body-too-slow` | 408 | the body was not there within ten seconds |
        | `endless` | 406 | who asks fetches a whole file before it plays it, and this one has no end |
        | `link-expired` | 410 | ask for a new announcement |
        | `voice-withdrawn` | 410 | the voice of the link is gone; ask for a new announcement |
        | `precondition-failed` | 412 | `If-Match` or `If-Unmodified-Since` names other bytes |
        | `body-too-long` | 413 | a body has at most 4,096 bytes, of a request for a document 65,536 |
        | `range-not-satisfiable` | 416 | `Range` begins behind the end; `Content-Range` has the length |
        | `invalid-field` | 422 | `field` names it, `detail` says what it must be |
        | `unknown-field` | 422 | a field is misspelt |
        | `too-many-requests` | 429 | the API key's rate or daily quota; try after `Retry-After` |
        | `head-too-long` | 431 | a head has at most 100 fields, 8 KiB in one and 16 KiB in all |
        | `failed` | 500 | the service failed; its log says more |
        | `too-many-of-one` | 429 | as many are listening by this link, or from this address, as the service takes of one |
        | `too-many-waiting` | 429 | as many calls of this API key wait for AudioSocket as may |
        | `bad-handshake` | 400 | a WebSocket was asked for in a way that RFC 6455 does not know |
        | `needs-websocket`, `websocket-version` | 426 | the address is of a WebSocket of version 13, over HTTP/1.1 |
        | `ending` | 503 | the service is told to end and takes nothing new; ask another replica |
        | `not-ready` | 503 | the usual voice has not spoken yet |
        | `not-spoken` | 503 | the voice cannot speak at the moment |
        | `too-slow` | 503 | the answer could not be made in time |
        | `too-many-files` | 503 | as many MP3, Ogg and FLAC files wait to be encoded as may |
        | `too-many-listeners` | 503 | as many are listening to endless audio as the service takes |
    servers:
      - { url: /, description: This service. }
    tags:
      - { name: Announcements, description: "Codes in, links out." }
      - { name: Links, description: What gateways fetch. }
      - { name: Calls, description: What tells gateways how a call goes on. }
      - { name: Operation, description: What administrators watch. }
    paths:
      /v1/announcements:
        post:
          operationId: announce
          tags: [Announcements]
          summary: Make an announcement of a code.
          description: |
            `{"code": "123456"}` is enough. A body of the types `application/x-www-form-urlencoded` and `text/plain`, or
            of none, is read as JSON too, because a dialplan's `CURL()` cannot name another; `Accept: text/plain` gives
            it the one URL.
          security: [{ apiKey: [] }, {}]
          requestBody:
            required: true
            content:
              application/json:
                schema: { $ref: "#/components/schemas/AnnouncementRequest" }
                examples:
                  shortest: { value: { code: "123456" } }
                  japanese: { value: { code: "123456", locale: ja-JP, pacing: slow, readings: 2 } }
                  called: { value: { code: "123456", phoneNumber: "+81 90-1234-5678", secondLocale: en-US } }
                  timed: { value: { code: "123456", template: timed, slots: { minutes: 10 } } }
                  called by Twilio: { value: { code: "123456", gate: true, keys: [again, slower], format: twiml } }
                  gated: { value: { code: "123 456", gate: true, expiresIn: 300 } }
                  paced: { value: { code: "123456", pacing: { symbolPause: 700, rate: 90 }, format: ulaw } }
          responses:
            "201":
              description: The announcement, sealed into links.
              headers:
                Location:
                  required: true
                  description: The link of the format that was asked for, or of the WAVE where that is no link of HTTP.
                  schema: { type: string, format: uri }
                Cache-Control: { $ref: "#/components/headers/NoStore" }
              content:
                application/json:
                  schema: { $ref: "#/components/schemas/Announcement" }
                text/plain:
                  schema: { type: string, minLength: 34, maxLength: 500 }
                  example: https://codes.example.net/a/SEALED.wav
              links:
                getWav: { $ref: "#/components/links/getWav" }
                headWav: { $ref: "#/components/links/headWav" }
                getOtherWav: { $ref: "#/components/links/getOtherWav" }
                headOtherWav: { $ref: "#/components/links/headOtherWav" }
                getUlaw: { $ref: "#/components/links/getUlaw" }
                headUlaw: { $ref: "#/components/links/headUlaw" }
                getAlaw: { $ref: "#/components/links/getAlaw" }
                headAlaw: { $ref: "#/components/links/headAlaw" }
                getSln: { $ref: "#/components/links/getSln" }
                headSln: { $ref: "#/components/links/headSln" }
                getSln16: { $ref: "#/components/links/getSln16" }
                headSln16: { $ref: "#/components/links/headSln16" }
                getAu: { $ref: "#/components/links/getAu" }
                headAu: { $ref: "#/components/links/headAu" }
                getMp3: { $ref: "#/components/links/getMp3" }
                headMp3: { $ref: "#/components/links/headMp3" }
                getOgg: { $ref: "#/components/links/getOgg" }
                headOgg: { $ref: "#/components/links/headOgg" }
                getFlac: { $ref: "#/components/links/getFlac" }
                headFlac: { $ref: "#/components/links/headFlac" }
                getVtt: { $ref: "#/components/links/getVtt" }
                getCumulativeVtt: { $ref: "#/components/links/getCumulativeVtt" }
                headVtt: { $ref: "#/components/links/headVtt" }
                headCumulativeVtt: { $ref: "#/components/links/headCumulativeVtt" }
                getSrt: { $ref: "#/components/links/getSrt" }
                getCumulativeSrt: { $ref: "#/components/links/getCumulativeSrt" }
                headSrt: { $ref: "#/components/links/headSrt" }
                headCumulativeSrt: { $ref: "#/components/links/headCumulativeSrt" }
                getJson: { $ref: "#/components/links/getJson" }
                getCumulativeJson: { $ref: "#/components/links/getCumulativeJson" }
                headJson: { $ref: "#/components/links/headJson" }
                headCumulativeJson: { $ref: "#/components/links/headCumulativeJson" }
                getLiveWav: { $ref: "#/components/links/getLiveWav" }
                headLiveWav: { $ref: "#/components/links/headLiveWav" }
                getLiveUlaw: { $ref: "#/components/links/getLiveUlaw" }
                headLiveUlaw: { $ref: "#/components/links/headLiveUlaw" }
                getLiveMp3: { $ref: "#/components/links/getLiveMp3" }
                headLiveMp3: { $ref: "#/components/links/headLiveMp3" }
                getLiveOgg: { $ref: "#/components/links/getLiveOgg" }
                headLiveOgg: { $ref: "#/components/links/headLiveOgg" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "401": { $ref: "#/components/responses/Unauthorized" }
            "408": { $ref: "#/components/responses/RequestTimeout" }
            "413": { $ref: "#/components/responses/ContentTooLarge" }
            "415": { $ref: "#/components/responses/UnsupportedMediaType" }
            "422": { $ref: "#/components/responses/UnprocessableContent" }
            "429": { $ref: "#/components/responses/TooManyRequests" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}.wav:
        summary: "WAVE, 8 kHz, 16 bit, mono: what every gateway plays."
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getWav
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Wave" }
            "206": { $ref: "#/components/responses/WavePart" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headWav
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Wave" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}/{kind}.wav:
        summary: WAVE of another rate or with G.711 inside.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Kind" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getOtherWav
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Wave" }
            "206": { $ref: "#/components/responses/WavePart" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headOtherWav
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Wave" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}.ulaw:
        summary: G.711 µ-law, 8 kHz, no header.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getUlaw
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/MuLaw" }
            "206": { $ref: "#/components/responses/MuLawPart" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headUlaw
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/MuLaw" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}.alaw:
        summary: G.711 A-law, 8 kHz, no header.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getAlaw
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/ALaw" }
            "206": { $ref: "#/components/responses/ALawPart" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headAlaw
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/ALaw" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}.sln:
        summary: 16-bit little-endian samples, 8 kHz, no header.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getSln
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Samples" }
            "206": { $ref: "#/components/responses/SamplesPart" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headSln
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Samples" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}.sln16:
        summary: 16-bit little-endian samples, 16 kHz, no header.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getSln16
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Samples" }
            "206": { $ref: "#/components/responses/SamplesPart" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headSln16
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Samples" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}.au:
        summary: Sun/NeXT audio.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getAu
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Au" }
            "206": { $ref: "#/components/responses/AuPart" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headAu
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Au" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}.mp3:
        summary: MP3.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getMp3
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Mp3" }
            "206": { $ref: "#/components/responses/Mp3Part" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headMp3
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Mp3" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}.ogg:
        summary: Opus in Ogg.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getOgg
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Ogg" }
            "206": { $ref: "#/components/responses/OggPart" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headOgg
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Ogg" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}.flac:
        summary: FLAC.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getFlac
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Flac" }
            "206": { $ref: "#/components/responses/FlacPart" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headFlac
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Flac" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}.vtt:
        summary: WebVTT captions.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getVtt
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/WebVTT" }
            "206": { $ref: "#/components/responses/WebVTTPart" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headVtt
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/WebVTT" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}/cumulative.vtt:
        summary: WebVTT captions that show the code as far as it is read, whole at its end.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getCumulativeVtt
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/WebVTT" }
            "206": { $ref: "#/components/responses/WebVTTPart" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headCumulativeVtt
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/WebVTT" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}.srt:
        summary: SubRip captions.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getSrt
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/SubRip" }
            "206": { $ref: "#/components/responses/SubRipPart" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headSrt
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/SubRip" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}/cumulative.srt:
        summary: SubRip captions that show the code as far as it is read, whole at its end.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getCumulativeSrt
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/SubRip" }
            "206": { $ref: "#/components/responses/SubRipPart" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headCumulativeSrt
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/SubRip" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}.json:
        summary: Captions as JSON, in seconds and in samples.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getJson
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Cues" }
            "206": { $ref: "#/components/responses/CuesPart" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headJson
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Cues" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}/cumulative.json:
        summary: Cues that show the code as far as it is read, whole at its end.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - { $ref: "#/components/parameters/Range" }
          - { $ref: "#/components/parameters/IfRange" }
          - { $ref: "#/components/parameters/IfMatch" }
          - { $ref: "#/components/parameters/IfNoneMatch" }
          - { $ref: "#/components/parameters/IfModifiedSince" }
          - { $ref: "#/components/parameters/IfUnmodifiedSince" }
        get:
          operationId: getCumulativeJson
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Cues" }
            "206": { $ref: "#/components/responses/CuesPart" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "416": { $ref: "#/components/responses/RangeNotSatisfiable" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headCumulativeJson
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/Cues" }
            "304": { $ref: "#/components/responses/NotModified" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "412": { $ref: "#/components/responses/PreconditionFailed" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}/live.wav:
        summary: Endless WAVE, 8 kHz.
        description: |
            Readings until the listener hangs up or the longest time is over, paced to real time. `Range` is not looked at
            (`Accept-Ranges: none`): the whole is 200 without a length. Safari's `<audio>` wants to know the length first;
            give it the finite `.mp3` or `.wav` and `loop`. Asterisk's `Playback` and FreeSWITCH fetch a whole file before
            they play it, so they get 406.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
        get:
          operationId: getLiveWav
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/LiveWave" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "406": { $ref: "#/components/responses/NotAcceptable" }
            "410": { $ref: "#/components/responses/Gone" }
            "429": { $ref: "#/components/responses/TooManyRequests" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headLiveWav
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/LiveWave" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "406": { $ref: "#/components/responses/NotAcceptable" }
            "410": { $ref: "#/components/responses/Gone" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}/live.ulaw:
        summary: Endless G.711 µ-law.
        description: |
            Readings until the listener hangs up or the longest time is over, paced to real time. `Range` is not looked at
            (`Accept-Ranges: none`): the whole is 200 without a length. Safari's `<audio>` wants to know the length first;
            give it the finite `.mp3` or `.wav` and `loop`. Asterisk's `Playback` and FreeSWITCH fetch a whole file before
            they play it, so they get 406.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
        get:
          operationId: getLiveUlaw
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/LiveMuLaw" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "406": { $ref: "#/components/responses/NotAcceptable" }
            "410": { $ref: "#/components/responses/Gone" }
            "429": { $ref: "#/components/responses/TooManyRequests" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headLiveUlaw
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/LiveMuLaw" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "406": { $ref: "#/components/responses/NotAcceptable" }
            "410": { $ref: "#/components/responses/Gone" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}/live.mp3:
        summary: Endless MP3.
        description: |
            Readings until the listener hangs up or the longest time is over, paced to real time. `Range` is not looked at
            (`Accept-Ranges: none`): the whole is 200 without a length. Safari's `<audio>` wants to know the length first;
            give it the finite `.mp3` or `.wav` and `loop`. Asterisk's `Playback` and FreeSWITCH fetch a whole file before
            they play it, so they get 406.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
        get:
          operationId: getLiveMp3
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/LiveMp3" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "406": { $ref: "#/components/responses/NotAcceptable" }
            "410": { $ref: "#/components/responses/Gone" }
            "429": { $ref: "#/components/responses/TooManyRequests" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headLiveMp3
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/LiveMp3" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "406": { $ref: "#/components/responses/NotAcceptable" }
            "410": { $ref: "#/components/responses/Gone" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /a/{sealed}/live.ogg:
        summary: Endless Opus in Ogg.
        description: |
            Readings until the listener hangs up or the longest time is over, paced to real time. `Range` is not looked at
            (`Accept-Ranges: none`): the whole is 200 without a length. Safari's `<audio>` wants to know the length first;
            give it the finite `.mp3` or `.wav` and `loop`. Asterisk's `Playback` and FreeSWITCH fetch a whole file before
            they play it, so they get 406.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
        get:
          operationId: getLiveOgg
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/LiveOgg" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "406": { $ref: "#/components/responses/NotAcceptable" }
            "410": { $ref: "#/components/responses/Gone" }
            "429": { $ref: "#/components/responses/TooManyRequests" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headLiveOgg
          tags: [Links]
          responses:
            "200": { $ref: "#/components/responses/LiveOgg" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "406": { $ref: "#/components/responses/NotAcceptable" }
            "410": { $ref: "#/components/responses/Gone" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /c/{sealed}.{document}:
        summary: "A document that controls a call: answer, read, repeat until hang-up, keys."
        description: |
          `twiml` is Twilio's and SignalWire's, `texml` Telnyx's, `plivo` Plivo's, `ncco` Vonage's, `jambonz` jambonz's, `httapi`
          FreeSWITCH's. The document of a call whose code waits behind a gate has no link to the code: the key 1 brings the
          next document. While the code is read, 1 begins anew, 2 reads with longer pauses, 3 reads the other language.
          Requests must be signed by the gateway where the operator has set its secret.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
          - name: document
            in: path
            required: true
            schema: { $ref: "#/components/schemas/Document" }
        get:
          operationId: getCallDocument
          tags: [Calls]
          responses:
            "200": { $ref: "#/components/responses/Document" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "403": { $ref: "#/components/responses/Forbidden" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "408": { $ref: "#/components/responses/RequestTimeout" }
            "410": { $ref: "#/components/responses/Gone" }
            "413": { $ref: "#/components/responses/ContentTooLarge" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
        post:
          operationId: postCallDocument
          tags: [Calls]
          requestBody:
            description: What the gateway reports, a key that was pressed among it.
            content:
              application/x-www-form-urlencoded:
                schema: { type: object, additionalProperties: { type: string }, properties: { Digits: { type: string } } }
              application/json: { schema: {} }
          responses:
            "200": { $ref: "#/components/responses/Document" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "403": { $ref: "#/components/responses/Forbidden" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "408": { $ref: "#/components/responses/RequestTimeout" }
            "410": { $ref: "#/components/responses/Gone" }
            "413": { $ref: "#/components/responses/ContentTooLarge" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
        head:
          operationId: headCallDocument
          tags: [Calls]
          responses:
            "200": { $ref: "#/components/responses/Document" }
            "400": { $ref: "#/components/responses/BadRequest" }
            "403": { $ref: "#/components/responses/Forbidden" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
      /m/{sealed}:
        summary: "Media of a call over a WebSocket: Asterisk's chan_websocket, Twilio's Media Streams, jambonz's listen."
        description: |
          The subprotocol (`media`, `audio.jambonz.org`) or the first message says which of them it is. `/m?link={sealed}` is the same, for
          Asterisk, whose dialplan can add to a query and not to a path.
        parameters:
          - { $ref: "#/components/parameters/Sealed" }
        get:
          operationId: openMedia
          tags: [Calls]
          responses:
            "101": { description: The WebSocket is open. }
            "400": { $ref: "#/components/responses/BadRequest" }
            "404": { $ref: "#/components/responses/NoSuchLink" }
            "410": { $ref: "#/components/responses/Gone" }
            "426":
              description: It is no handshake of a WebSocket.
              content:
                application/problem+json:
                  schema: { $ref: "#/components/schemas/Problem" }
            "429": { $ref: "#/components/responses/TooManyRequests" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /healthz:
        summary: Whether the process is alive.
        get:
          operationId: getHealth
          tags: [Operation]
          responses:
            "200":
              description: It is.
              headers: { Cache-Control: { $ref: "#/components/headers/NoStore" } }
              content: { text/plain: { schema: { type: string } } }
            "400": { $ref: "#/components/responses/BadRequest" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
        head:
          operationId: headHealth
          tags: [Operation]
          responses:
            "200":
              description: It is.
              headers: { Cache-Control: { $ref: "#/components/headers/NoStore" } }
              content: { text/plain: { schema: { type: string } } }
            "400": { $ref: "#/components/responses/BadRequest" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
      /readyz:
        summary: Whether the usual voice has spoken, so that the first caller need not wait.
        get:
          operationId: getReadiness
          tags: [Operation]
          responses:
            "200":
              description: It has.
              headers: { Cache-Control: { $ref: "#/components/headers/NoStore" } }
              content: { text/plain: { schema: { type: string } } }
            "400": { $ref: "#/components/responses/BadRequest" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
        head:
          operationId: headReadiness
          tags: [Operation]
          responses:
            "200":
              description: It has.
              headers: { Cache-Control: { $ref: "#/components/headers/NoStore" } }
              content: { text/plain: { schema: { type: string } } }
            "400": { $ref: "#/components/responses/BadRequest" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
            "503": { $ref: "#/components/responses/ServiceUnavailable" }
      /metrics:
        summary: What has been counted, for Prometheus.
        get:
          operationId: getMetrics
          tags: [Operation]
          responses:
            "200":
              description: Prometheus's text exposition format, version 0.0.4.
              headers: { Cache-Control: { $ref: "#/components/headers/NoStore" } }
              content: { text/plain: { schema: { type: string } } }
            "400": { $ref: "#/components/responses/BadRequest" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
        head:
          operationId: headMetrics
          tags: [Operation]
          responses:
            "200":
              description: Prometheus's text exposition format, version 0.0.4.
              headers: { Cache-Control: { $ref: "#/components/headers/NoStore" } }
              content: { text/plain: { schema: { type: string } } }
            "400": { $ref: "#/components/responses/BadRequest" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
      /openapi.yaml:
        summary: This document.
        get:
          operationId: getDocument
          tags: [Operation]
          responses:
            "200":
              description: It.
              headers: { Cache-Control: { $ref: "#/components/headers/NoStore" } }
              content: { application/yaml: { schema: { type: object } } }
            "400": { $ref: "#/components/responses/BadRequest" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
        head:
          operationId: headDocument
          tags: [Operation]
          responses:
            "200":
              description: It.
              headers: { Cache-Control: { $ref: "#/components/headers/NoStore" } }
              content: { application/yaml: { schema: { type: object } } }
            "400": { $ref: "#/components/responses/BadRequest" }
            "431": { $ref: "#/components/responses/HeadTooLong" }
            "500": { $ref: "#/components/responses/Failed" }
    components:
      securitySchemes:
        apiKey:
          type: http
          scheme: bearer
          description: |
            An API key of the service, in `Authorization: Bearer KEY`. A service for development, on the loopback
            address only, may have none and asks for none. Links need no key: they are one.
      schemas:
        AnnouncementRequest:
          type: object
          description: Absent and null are the same.
          required: [code]
          additionalProperties: false
          properties:
            code:
              type: string
              description: |
                1 to 32 decimal digits of any script or letters A–Z of either case; spaces and hyphens between them
                are grouping, and are heard as longer pauses. Marks that nobody sees, such as a direction mark, are not
                part of it. Letters need a voice that reads them, and are read without their case unless `case` asks for it.
              minLength: 1
              examples: ["123456", "123 456", AB-1234]
            locale:
              type: [string, "null"]
              description: |
                A BCP 47 tag. The nearest voice of the language is taken (`en-AU` finds `en-GB`), else the engine's own
                digits, else a language that is understood there, else the operator's; `localeMatch` in the answer says
                which. By default, and for `C` and `POSIX`, the operator's.
              minLength: 1
              maxLength: 64
              examples: [en-US]
            phoneNumber:
              type: [string, "null"]
              description: |
                The number that will be called, with + and its country's code: its language is taken where no `locale` is
                given. The 0 that is dialled before national numbers at home may be there, and so may what address books
                add: `tel:`, an extension, marks that nobody sees. The answer has the number as it is dialled, without the
                extension. It is neither kept nor logged.
              minLength: 1
              maxLength: 64
              examples: ["+81 90-1234-5678"]
            secondLocale:
              type: [string, "null"]
              description: A second language, read after the first in each reading.
              minLength: 1
              maxLength: 64
              examples: [en-US]
            voice:
              type: [string, "null"]
              description: |
                Who speaks: `female`, `male`, or a voice that somebody has lent to the service, by the operator's name for it.
                By default the voice that the operator has chosen for the locale, else that of its pack, a man's in those that
                are built in. A lent voice speaks the language that it was recorded in.
              minLength: 1
              maxLength: 20
              examples: [female, june]
            pacing:
              description: How quickly it is read.
              anyOf:
                - $ref: "#/components/schemas/Preset"
                - type: object
                  additionalProperties: false
                  properties:
                    preset:
                      anyOf: [{ $ref: "#/components/schemas/Preset" }, { type: "null" }]
                    symbolPause:
                      type: [integer, "null"]
                      description: Milliseconds of silence between digits by the mean, in place of the preset's.
                      minimum: 0
                      maximum: 10000
                    groupPause:
                      type: [integer, "null"]
                      description: Milliseconds between groups.
                      minimum: 0
                      maximum: 10000
                    readingPause:
                      type: [integer, "null"]
                      description: Milliseconds between readings.
                      minimum: 0
                      maximum: 10000
                    rate:
                      type: [integer, "null"]
                      description: Per cent of the preset's rate of speaking.
                      minimum: 50
                      maximum: 150
                - type: "null"
            readings:
              type: [integer, "null"]
              description: The most readings of a finite representation.
              default: 3
              minimum: 1
              maximum: 100
            maxDuration:
              type: [integer, "null"]
              description: The longest finite representation, in seconds; fewer readings where they do not fit.
              default: 60
              minimum: 1
              maximum: 600
            style:
              type: [string, "null"]
              description: |
                How symbols are read: `standard`, `telephone`, `radio`, `icao`, `national`, or another that the voice has.
                A voice that lacks one of these five reads as it usually does. By default the voice's usual style.
              minLength: 1
              maxLength: 20
            letters:
              type: [string, "null"]
              description: How letters are read, where it is to be another style than that of digits.
              minLength: 1
              maxLength: 20
            case:
              description: |
                What becomes of the case of letters. Most codes have none, so `a` and `A` are read alike, and where both capital
                and small letters are in a code the answer has a warning. `spoken` says “capital A” in the locale's own words; a
                locale whose voice has none refuses it.
              enum: [ignored, spoken, null]
              default: ignored
            register:
              description: How the listener is addressed, where the language makes a difference.
              enum: [formal, informal, null]
            template:
              type: [string, "null"]
              description: |
                What is said around the code: `standard`, `goodbye`, `counted` (“your six-digit code”), `timed` (with the place
                `minutes`), `branded` (with the place `brand`), `code-only` (no sentence), or one of the operator's.
              default: standard
              minLength: 1
              maxLength: 20
            slots:
              type: [object, "null"]
              description: |
                Values for the template's places, by their names. Each must be on the pack's or the operator's list; the
                place `digits` is filled by itself with the code's length; given, it must be that. A code with letters is
                counted in characters, in languages that have words for it.
              maxProperties: 3
              propertyNames: { minLength: 1, maxLength: 15 }
              additionalProperties:
                anyOf: [{ type: string, minLength: 1, maxLength: 15 }, { type: integer }]
              examples: [{ minutes: 10 }]
            format:
              description: |
                What `url`, `Location` and the plain-text answer name: a representation, a document that controls a call, or
                media of a call. `audiosocket` gives the arguments of Asterisk's `AudioSocket()`; it and `agi` need their
                port to be set in the service.
              anyOf: [{ $ref: "#/components/schemas/Format" }, { type: "null" }]
              default: wav
            expiresIn:
              type: [integer, "null"]
              description: Seconds for which the links are valid; the operator sets the default and the maximum.
              minimum: 10
              maximum: 86400
            gate:
              type: [boolean, "null"]
              description: |
                Whether a link to the sentence that asks for a key press is wanted as well. It has no code, so that a
                voicemail that is played it never receives one. In `calls` the code waits for the key 1.
              default: false
            audioSocket:
              type: [boolean, "null"]
              description: |
                Whether the call waits for Asterisk's AudioSocket as well, whatever `format` is. It is then kept in the
                memory of this node until it expires, and `calls.audioSocket` says where. The port must be set in the service.
              default: false
            keys:
              type: [array, "null"]
              description: |
                The keys that do something in a call while the code is read: 1 `again`, 2 `slower`, 3 the other `language`,
                where there are two. By default all of them.
              items: { enum: [again, slower, language] }
        Preset: { enum: [normal, slow, adaptive] }
        Document: { enum: [twiml, texml, plivo, ncco, jambonz, httapi] }
        Format:
          anyOf:
            - { $ref: "#/components/schemas/Representation" }
            - { $ref: "#/components/schemas/Document" }
            - enum: [websocket, agi, audiosocket]
        Representation:
          enum:
            - wav
            - ulaw
            - alaw
            - sln
            - sln16
            - au
            - mp3
            - ogg
            - flac
            - 16000.wav
            - 22050.wav
            - 24000.wav
            - 44100.wav
            - 48000.wav
            - ulaw.wav
            - alaw.wav
            - live.wav
            - live.ulaw
            - live.mp3
            - live.ogg
            - vtt
            - cumulative.vtt
            - srt
            - cumulative.srt
            - json
            - cumulative.json
        Announcement:
          type: object
          required: [locale, issuedAt, expiresAt, url, readings, duration, byteLength, links, calls]
          additionalProperties: false
          properties:
            locale: { type: string, description: "The voice's locale.", examples: [en-US] }
            localeMatch:
              description: |
                How that locale was come by, where one was asked for: it is of the `language`; the engine's own digits of it
                (`digitsOnly`); another language that is `understood` by those who speak it; or the operator's (`usual`).
              enum: [language, digitsOnly, understood, usual]
            secondLocale: { type: string, description: The second voice's locale. }
            phoneNumber: { type: string, pattern: "^[+][0-9]{6,15}$", description: The number as it is dialled (E.164). }
            issuedAt: { type: string, format: date-time }
            expiresAt: { type: string, format: date-time }
            url: { type: string, description: The link of the format that was asked for. }
            readings: { type: integer, minimum: 1, maximum: 100, description: Of the finite representation. }
            duration: { type: number, minimum: 0, description: "Of the finite representation, in seconds." }
            byteLength: { type: integer, minimum: 44, description: Of the finite WAVE at 8 kHz. }
            links: { $ref: "#/components/schemas/Links" }
            calls:
              type: object
              description: Links that control a call, or carry its media.
              required: [documents, websocket]
              additionalProperties: false
              properties:
                documents:
                  type: object
                  propertyNames: { $ref: "#/components/schemas/Document" }
                  additionalProperties: { type: string, format: uri, minLength: 34, maxLength: 500 }
                  required: [twiml, texml, plivo, ncco, jambonz, httapi]
                websocket: { type: string, format: uri, description: "For chan_websocket, Media Streams, jambonz." }
                agi: { type: string, description: "For Asterisk's AGI(), where the service has a port for it." }
                audioSocket:
                  type: object
                  description: A call that waits on one node for Asterisk's AudioSocket; there only if it was asked for.
                  required: [host, port, uuid]
                  additionalProperties: false
                  properties:
                    host: { type: string }
                    port: { type: integer, minimum: 1, maximum: 65535 }
                    uuid: { type: string, format: uuid }
            warnings:
              type: array
              description: |
                What the caller may want to know, in words; there only if there is something. It never has the code in it.
              items: { type: string }
              minItems: 1
            gate:
              type: object
              description: The sentence that asks for a key press; there only if it was asked for.
              required: [url, duration, byteLength, links]
              additionalProperties: false
              properties:
                url: { type: string, format: uri }
                duration: { type: number, minimum: 0 }
                byteLength: { type: integer, minimum: 44 }
                links: { $ref: "#/components/schemas/Links" }
        Links:
          type: object
          description: The link of every representation.
          propertyNames: { $ref: "#/components/schemas/Representation" }
          additionalProperties: { type: string, format: uri, minLength: 34, maxLength: 500 }
          required: [wav, ulaw, alaw, sln, sln16, au, mp3, ogg, flac, live.wav, vtt, srt, json]
        Cues:
          type: object
          required: [cues]
          properties:
            locale: { type: string }
            sampleRate: { type: integer }
            sampleCount: { type: integer }
            duration: { type: number, description: Seconds. }
            cues:
              type: array
              items:
                type: object
                required: [reading, start, end, startSample, endSample, text]
                properties:
                  reading: { type: integer, minimum: 1 }
                  start: { type: number, description: Seconds. }
                  end: { type: number }
                  startSample: { type: integer, minimum: 0 }
                  endSample: { type: integer, minimum: 0 }
                  text: { type: string, description: What is said. }
                  symbol: { type: string, description: "The digit or letter, where one is said." }
                  position: { type: integer, minimum: 1, description: "Its place in the code." }
        Problem:
          type: object
          description: Problem details, RFC 9457.
          required: [type, title, status, detail]
          properties:
            type:
              enum:
                - urn:speakcode:problem:not-json
                - urn:speakcode:problem:no-http
                - urn:speakcode:problem:no-host
                - urn:speakcode:problem:no-such-key
                - urn:speakcode:problem:not-signed
                - urn:speakcode:problem:bad-handshake
                - urn:speakcode:problem:needs-websocket
                - urn:speakcode:problem:websocket-version
                - urn:speakcode:problem:no-such-route
                - urn:speakcode:problem:no-such-link
                - urn:speakcode:problem:method-not-allowed
                - urn:speakcode:problem:unknown-method
                - urn:speakcode:problem:body-too-slow
                - urn:speakcode:problem:endless
                - urn:speakcode:problem:link-expired
                - urn:speakcode:problem:voice-withdrawn
                - urn:speakcode:problem:precondition-failed
                - urn:speakcode:problem:body-too-long
                - urn:speakcode:problem:range-not-satisfiable
                - urn:speakcode:problem:invalid-field
                - urn:speakcode:problem:unknown-field
                - urn:speakcode:problem:too-many-requests
                - urn:speakcode:problem:head-too-long
                - urn:speakcode:problem:failed
                - urn:speakcode:problem:too-many-of-one
                - urn:speakcode:problem:too-many-waiting
                - urn:speakcode:problem:ending
                - urn:speakcode:problem:not-ready
                - urn:speakcode:problem:not-spoken
                - urn:speakcode:problem:too-slow
                - urn:speakcode:problem:too-many-files
                - urn:speakcode:problem:too-many-listeners
            title: { type: string }
            status: { type: integer, minimum: 400, maximum: 599 }
            detail: { type: string, description: What to do; never what was sent. }
            field: { type: string, description: "The body's field, such as `pacing.rate`." }
      parameters:
        Sealed:
          name: sealed
          in: path
          required: true
          description: The announcement under authenticated encryption, as the answer to the POST has it.
          schema: { type: string, pattern: "^[A-Za-z0-9_-]{\#(LinkKeyring.lengths.lowerBound),\#(LinkKeyring.lengths.upperBound)}$" }
          example: EXAMPLE-of-a-sealed-announcement-that-no-key-of-any-service-opens
        Kind:
          name: kind
          in: path
          required: true
          description: The sample rate of 16-bit samples, or a law of G.711 at 8 kHz in a WAVE container.
          schema: { enum: ["16000", "22050", "24000", "44100", "48000", ulaw, alaw] }
          example: "16000"
        Range:
          name: Range
          in: header
          description: One range of bytes; several are answered with the whole. GET only.
          schema: { type: string }
          example: bytes=0-1023
        IfRange:
          name: If-Range
          in: header
          description: The entity tag or date of the bytes whose range is wanted; for others the answer is the whole.
          schema: { type: string }
        IfMatch:
          name: If-Match
          in: header
          schema: { type: string }
        IfNoneMatch:
          name: If-None-Match
          in: header
          description: Entity tags that are at hand; 304 for one of them.
          schema: { type: string }
        IfModifiedSince:
          name: If-Modified-Since
          in: header
          schema: { type: string }
        IfUnmodifiedSince:
          name: If-Unmodified-Since
          in: header
          schema: { type: string }
      headers:
        NoStore: { required: true, schema: { const: no-store } }
        ETag:
          required: true
          description: Strong; the same on every replica, another where the voice has changed.
          schema: { type: string, pattern: '^"[0-9a-f]{24}"$' }
        LastModified: { required: true, schema: { type: string } }
        AcceptRanges: { required: true, schema: { const: bytes } }
        AcceptNoRanges: { required: true, schema: { const: none } }
        CacheControl:
          required: true
          description: As the operator has set it.
          schema: { type: string }
          example: private, no-cache, max-age=0
        ContentLength: { required: true, schema: { type: string, pattern: "^[0-9]+$" } }
        ContentRange: { required: true, schema: { type: string, pattern: "^bytes [0-9]+-[0-9]+/[0-9]+$" } }
        UnsatisfiedRange: { required: true, schema: { type: string, pattern: "^bytes [*]/[0-9]+$" } }
        RetryAfter:
          required: true
          description: Seconds.
          schema: { type: string, pattern: "^[1-9][0-9]*$" }
      responses:
        Wave:
          description: The announcement.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
          content: { audio/wav: { schema: { type: string, format: binary } } }
        WavePart:
          description: The range of bytes that was asked for.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
            Content-Range: { $ref: "#/components/headers/ContentRange" }
          content: { audio/wav: { schema: { type: string, format: binary } } }
        MuLaw:
          description: The announcement.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
          content: { audio/basic: { schema: { type: string, format: binary } } }
        MuLawPart:
          description: The range of bytes that was asked for.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
            Content-Range: { $ref: "#/components/headers/ContentRange" }
          content: { audio/basic: { schema: { type: string, format: binary } } }
        ALaw:
          description: The announcement.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
          content: { audio/PCMA: { schema: { type: string, format: binary } } }
        ALawPart:
          description: The range of bytes that was asked for.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
            Content-Range: { $ref: "#/components/headers/ContentRange" }
          content: { audio/PCMA: { schema: { type: string, format: binary } } }
        Samples:
          description: The announcement.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
          content: { application/octet-stream: { schema: { type: string, format: binary } } }
        SamplesPart:
          description: The range of bytes that was asked for.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
            Content-Range: { $ref: "#/components/headers/ContentRange" }
          content: { application/octet-stream: { schema: { type: string, format: binary } } }
        Au:
          description: The announcement.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
          content: { audio/x-au: { schema: { type: string, format: binary } } }
        AuPart:
          description: The range of bytes that was asked for.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
            Content-Range: { $ref: "#/components/headers/ContentRange" }
          content: { audio/x-au: { schema: { type: string, format: binary } } }
        Mp3:
          description: The announcement.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
          content: { audio/mpeg: { schema: { type: string, format: binary } } }
        Mp3Part:
          description: The range of bytes that was asked for.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
            Content-Range: { $ref: "#/components/headers/ContentRange" }
          content: { audio/mpeg: { schema: { type: string, format: binary } } }
        Ogg:
          description: The announcement.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
          content: { audio/ogg: { schema: { type: string, format: binary } } }
        OggPart:
          description: The range of bytes that was asked for.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
            Content-Range: { $ref: "#/components/headers/ContentRange" }
          content: { audio/ogg: { schema: { type: string, format: binary } } }
        Flac:
          description: The announcement.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
          content: { audio/flac: { schema: { type: string, format: binary } } }
        FlacPart:
          description: The range of bytes that was asked for.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
            Content-Range: { $ref: "#/components/headers/ContentRange" }
          content: { audio/flac: { schema: { type: string, format: binary } } }
        WebVTT:
          description: What is said when.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
          content: { text/vtt: { schema: { type: string } } }
        WebVTTPart:
          description: The range of bytes that was asked for.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
            Content-Range: { $ref: "#/components/headers/ContentRange" }
          content: { text/vtt: { schema: { type: string, format: binary } } }
        SubRip:
          description: What is said when.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
          content: { application/x-subrip: { schema: { type: string } } }
        SubRipPart:
          description: The range of bytes that was asked for.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
            Content-Range: { $ref: "#/components/headers/ContentRange" }
          content: { application/x-subrip: { schema: { type: string, format: binary } } }
        Cues:
          description: What is said when.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
          content: { application/json: { schema: { $ref: "#/components/schemas/Cues" } } }
        CuesPart:
          description: The range of bytes that was asked for.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Last-Modified: { $ref: "#/components/headers/LastModified" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptRanges" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
            Content-Length: { $ref: "#/components/headers/ContentLength" }
            Content-Range: { $ref: "#/components/headers/ContentRange" }
          content: { application/json: {} }
        LiveWave:
          description: Readings without an end, chunked, without a length.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptNoRanges" }
          content: { audio/wav: { schema: { type: string, format: binary } } }
        LiveMuLaw:
          description: Readings without an end, chunked, without a length.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptNoRanges" }
          content: { audio/basic: { schema: { type: string, format: binary } } }
        LiveMp3:
          description: Readings without an end, chunked, without a length.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptNoRanges" }
          content: { audio/mpeg: { schema: { type: string, format: binary } } }
        LiveOgg:
          description: Readings without an end, chunked, without a length.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
            Accept-Ranges: { $ref: "#/components/headers/AcceptNoRanges" }
          content: { audio/ogg: { schema: { type: string, format: binary } } }
        NotModified:
          description: What is at hand is still right.
          headers:
            ETag: { $ref: "#/components/headers/ETag" }
            Cache-Control: { $ref: "#/components/headers/CacheControl" }
        BadRequest:
          description: The request or its body cannot be read, or it names no host that a link could begin with.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:not-json
                title: Bad Request
                status: 400
                detail: the body must be a JSON object in UTF-8
        Unauthorized:
          description: The service has API keys, and none of them was sent.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
            WWW-Authenticate: { required: true, schema: { const: Bearer } }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:no-such-key
                title: Unauthorized
                status: 401
                detail: "send an API key of this service: Authorization: Bearer KEY"
        Document:
          description: The document.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
          content:
            application/xml: { schema: { type: string } }
            text/xml: { schema: { type: string } }
            application/json: { schema: { type: array, items: { type: object } } }
        Forbidden:
          description: The request has no signature of the gateway's, or the gateway uses another address than `publicURL`.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:not-signed
                title: Forbidden
                status: 403
                detail: "the request has no signature of the gateway's, or publicURL is not the address that the gateway uses"
        NoSuchLink:
          description: The link is altered, or of a key that this service does not have; which of them is not told.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:no-such-link
                title: Not Found
                status: 404
                detail: there is nothing at this address
        RequestTimeout:
          description: The body was not there within ten seconds.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:body-too-slow
                title: Request Timeout
                status: 408
                detail: the body must come within ten seconds
        NotAcceptable:
          description: Who asks fetches a whole file before it plays it, and this one has no end.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:endless
                title: Not Acceptable
                status: 406
                detail: "this audio has no end, and what asks fetches all of it before it plays it: take the link that ends in .wav"
        Gone:
          description: The link has expired, or its voice is gone.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:link-expired
                title: Gone
                status: 410
                detail: the link has expired; ask for a new announcement
        PreconditionFailed:
          description: A condition such as `If-Match` names other bytes.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
            ETag: { $ref: "#/components/headers/ETag" }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:precondition-failed
                title: Precondition Failed
                status: 412
                detail: the announcement is not the one that the condition names
        ContentTooLarge:
          description: The body has more than 4,096 bytes.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:body-too-long
                title: Content Too Large
                status: 413
                detail: the body must have at most 4096 bytes
        UnsupportedMediaType:
          description: The body says that it is not JSON.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:not-json
                title: Unsupported Media Type
                status: 415
                detail: the body must be application/json
        RangeNotSatisfiable:
          description: The range begins behind the end.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
            Content-Range: { $ref: "#/components/headers/UnsatisfiedRange" }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:range-not-satisfiable
                title: Range Not Satisfiable
                status: 416
                detail: the range begins behind the end
        UnprocessableContent:
          description: A field cannot be taken; it is named.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:invalid-field
                title: Unprocessable Content
                status: 422
                detail: must be a whole number from 1 to 100
                field: readings
        TooManyRequests:
          description: |
            The API key's rate or daily quota is used up; or as many calls of it wait, or as many listen by this link or from
            this address, as the service takes of one.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
            Retry-After: { $ref: "#/components/headers/RetryAfter" }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:too-many-requests
                title: Too Many Requests
                status: 429
                detail: slow down, and try again after the time in Retry-After
        HeadTooLong:
          description: The request's head is too long; the connection ends.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:head-too-long
                title: Request Header Fields Too Large
                status: 431
                detail: a request's head must have at most 100 fields, 8 KiB in one and 16 KiB in all
        Failed:
          description: The service failed.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:failed
                title: Internal Server Error
                status: 500
                detail: the service failed; its log says more
        ServiceUnavailable:
          description: The voice cannot speak at the moment, or has not yet, or too many are listening.
          headers:
            Cache-Control: { $ref: "#/components/headers/NoStore" }
            Retry-After: { $ref: "#/components/headers/RetryAfter" }
          content:
            application/problem+json:
              schema: { $ref: "#/components/schemas/Problem" }
              example:
                type: urn:speakcode:problem:not-spoken
                title: Service Unavailable
                status: 503
                detail: the voice cannot speak at the moment; the log says why
      links:
        getWav:
          operationId: getWav
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headWav:
          operationId: headWav
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getOtherWav:
          operationId: getOtherWav
          parameters:
            kind: "16000"
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headOtherWav:
          operationId: headOtherWav
          parameters:
            kind: "16000"
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getUlaw:
          operationId: getUlaw
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headUlaw:
          operationId: headUlaw
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getAlaw:
          operationId: getAlaw
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headAlaw:
          operationId: headAlaw
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getSln:
          operationId: getSln
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headSln:
          operationId: headSln
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getSln16:
          operationId: getSln16
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headSln16:
          operationId: headSln16
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getAu:
          operationId: getAu
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headAu:
          operationId: headAu
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getMp3:
          operationId: getMp3
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headMp3:
          operationId: headMp3
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getOgg:
          operationId: getOgg
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headOgg:
          operationId: headOgg
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getFlac:
          operationId: getFlac
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headFlac:
          operationId: headFlac
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getVtt:
          operationId: getVtt
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getCumulativeVtt:
          operationId: getCumulativeVtt
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headVtt:
          operationId: headVtt
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headCumulativeVtt:
          operationId: headCumulativeVtt
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getSrt:
          operationId: getSrt
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getCumulativeSrt:
          operationId: getCumulativeSrt
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headSrt:
          operationId: headSrt
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headCumulativeSrt:
          operationId: headCumulativeSrt
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getJson:
          operationId: getJson
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getCumulativeJson:
          operationId: getCumulativeJson
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headJson:
          operationId: headJson
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headCumulativeJson:
          operationId: headCumulativeJson
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getLiveWav:
          operationId: getLiveWav
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headLiveWav:
          operationId: headLiveWav
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getLiveUlaw:
          operationId: getLiveUlaw
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headLiveUlaw:
          operationId: headLiveUlaw
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getLiveMp3:
          operationId: getLiveMp3
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headLiveMp3:
          operationId: headLiveMp3
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        getLiveOgg:
          operationId: getLiveOgg
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)
        headLiveOgg:
          operationId: headLiveOgg
          parameters:
            sealed: $response.header.Location#regex:/a/([A-Za-z0-9_-]+)

    """#
