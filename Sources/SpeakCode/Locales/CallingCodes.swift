// SPDX-License-Identifier: GPL-3.0-or-later

/// Which language is spoken behind which beginning of a telephone number.
///
/// Sources: the beginnings and the national prefixes are those of ITU-T E.164 and its national plans as Google's
/// libphonenumber 9.0.43 has them (`PhoneNumberMetadata.xml`: countryCode, leadingDigits, nationalPrefix; Apache-2.0); the
/// language of each region is CLDR's (`likelySubtags.xml`, `und_JP` → `ja_Jpan_JP`; Unicode License). Where a country has
/// several languages, area codes tell what a mobile number does not: Québec's (libphonenumber's `geocoding/en/1.txt`), those of
/// French and Italian Switzerland (`fr/41.txt`; 26 and 27 by their majority, 32 is left German), of Wallonia and Brussels
/// (`fr/32.txt`).
enum CallingCodes {
    /// What a beginning of a number tells.
    struct Entry: Sendable {
        let locale: LanguageTag
        /// Whether people dial a 0 before national numbers, which is not dialled behind the country's code.
        let hasTrunkZero: Bool
    }

    /// The entry of the longest beginning of a number that is known, and the number of digits of its country's code.
    static func entry(of digits: some StringProtocol) -> (entry: Entry, countryCodeLength: Int)? {
        guard let length = (1...3).first(where: { countryCodes.contains(String(digits.prefix($0))) }) else {
            return nil
        }
        for beginning in stride(from: min(longest, digits.count), through: length, by: -1) {
            if let entry = entries[String(digits.prefix(beginning))] { return (entry, length) }
        }
        return nil
    }

    private static let entries: [String: Entry] = {
        var entries: [String: Entry] = [:]
        for line in table.split(whereSeparator: { $0 == "," || $0.isNewline }) {
            let words = line.split(separator: " ")
            guard words.count >= 2, let locale = LanguageTag(words[1]) else { continue }
            entries[String(words[0])] = Entry(locale: locale, hasTrunkZero: words.count == 3)
        }
        return entries
    }()

    private static let longest = entries.keys.map(\.count).max() ?? 0

    /// No country's code begins another's (ITU-T E.164, clause 6.2.1); longer beginnings are parts of a country's numbers.
    private static let countryCodes: Set<String> = {
        let short = Set(entries.keys.filter { $0.count <= 3 })
        return short.filter { code in !(1..<code.count).contains { short.contains(String(code.prefix($0))) } }
    }()

    /// A beginning, its locale, and a 0 where there is a trunk prefix 0.
    private static let table = """
        1 en-US, 1242 en-BS, 1246 en-BB, 1263 fr-CA, 1264 en-AI, 1268 en-AG, 1273 fr-CA, 1284 en-VG, 1340 en-VI,
        1345 en-KY, 1354 fr-CA, 1367 fr-CA, 1418 fr-CA, 1438 fr-CA, 1441 en-BM, 1450 fr-CA, 1468 fr-CA, 1473 en-GD,
        1514 fr-CA, 1579 fr-CA, 1581 fr-CA, 1649 en-TC, 1658 en-JM, 1664 en-MS, 1670 en-MP, 1671 en-GU, 1684 sm-AS,
        1721 en-SX, 1758 en-LC, 1767 en-DM, 1784 en-VC, 1787 es-PR, 18001 es-DO, 1809 es-DO, 1819 fr-CA, 1829 es-DO,
        1849 es-DO, 1868 en-TT, 1869 en-KN, 1873 fr-CA, 1876 en-JM, 1939 es-PR, 20 ar-EG 0, 211 ar-SS 0, 212 ar-MA 0,
        213 ar-DZ 0, 216 ar-TN, 218 ar-LY 0, 220 en-GM, 221 wo-SN, 222 ar-MR, 223 bm-ML, 224 fr-GN, 225 fr-CI,
        226 fr-BF, 227 ha-NE, 228 fr-TG, 229 fr-BJ, 230 fr-MU, 231 en-LR 0, 232 en-SL 0, 233 ak-GH 0, 234 en-NG 0,
        235 ar-TD, 236 sg-CF, 237 fr-CM, 238 pt-CV, 239 pt-ST, 240 es-GQ, 241 fr-GA, 242 fr-CG, 243 fr-CD 0,
        244 pt-AO, 245 pt-GW, 246 en-IO, 247 en-AC, 248 fr-SC, 249 ar-SD 0, 250 rw-RW 0, 251 am-ET 0, 252 so-SO 0,
        253 fr-DJ, 254 sw-KE 0, 255 sw-TZ 0, 256 sw-UG 0, 257 rn-BI, 258 pt-MZ, 260 en-ZM 0, 261 mg-MG 0, 262 fr-RE 0,
        263 sn-ZW 0, 264 af-NA 0, 265 en-MW 0, 266 st-LS, 267 en-BW, 268 en-SZ, 269 ar-KM, 27 en-ZA 0, 290 en-SH,
        2908 en-TA, 291 ti-ER 0, 297 nl-AW, 298 fo-FO, 299 kl-GL, 30 el-GR, 31 nl-NL 0, 32 nl-BE 0, 3210 fr-BE 0,
        3219 fr-BE 0, 322 fr-BE 0, 3242 fr-BE 0, 3243 fr-BE 0, 3260 fr-BE 0, 3261 fr-BE 0, 3263 fr-BE 0, 3264 fr-BE 0,
        3265 fr-BE 0, 3267 fr-BE 0, 3268 fr-BE 0, 3269 fr-BE 0, 3271 fr-BE 0, 3280 fr-BE 0, 3281 fr-BE 0,
        3282 fr-BE 0, 3283 fr-BE 0, 3284 fr-BE 0, 3285 fr-BE 0, 3286 fr-BE 0, 3287 fr-BE 0, 33 fr-FR 0, 34 es-ES,
        350 en-GI, 351 pt-PT, 352 fr-LU, 353 en-IE 0, 354 is-IS, 355 sq-AL 0, 356 mt-MT, 357 el-CY, 358 fi-FI 0,
        35818 sv-AX 0, 359 bg-BG 0, 36 hu-HU, 370 lt-LT 0, 371 lv-LV, 372 et-EE, 373 ro-MD 0, 374 hy-AM 0, 375 be-BY,
        376 ca-AD, 377 fr-MC 0, 378 it-SM, 380 uk-UA 0, 381 sr-RS 0, 382 sr-Latn-ME 0, 383 sq-XK 0, 385 hr-HR 0,
        386 sl-SI 0, 387 bs-BA 0, 389 mk-MK 0, 39 it-IT, 3906698 it-VA, 40 ro-RO 0, 41 de-CH 0, 4121 fr-CH 0,
        4122 fr-CH 0, 4124 fr-CH 0, 4126 fr-CH 0, 4127 fr-CH 0, 4191 it-CH 0, 420 cs-CZ, 421 sk-SK 0, 423 de-LI 0,
        43 de-AT 0, 44 en-GB 0, 441624 en-IM 0, 4474576 en-IM 0, 447524 en-IM 0, 447624 en-IM 0, 45 da-DK, 46 sv-SE 0,
        47 nb-NO, 4779 nb-SJ, 48 pl-PL, 49 de-DE 0, 500 en-FK, 501 en-BZ, 502 es-GT, 503 es-SV, 504 es-HN, 505 es-NI,
        506 es-CR, 507 es-PA, 508 fr-PM 0, 509 ht-HT, 51 es-PE 0, 52 es-MX, 53 es-CU 0, 54 es-AR 0, 55 pt-BR 0,
        56 es-CL, 57 es-CO 0, 58 es-VE 0, 590 fr-GP 0, 591 es-BO 0, 592 en-GY, 593 es-EC 0, 594 fr-GF 0, 595 gn-PY 0,
        596 fr-MQ 0, 597 nl-SR, 598 es-UY 0, 599 pap-CW, 5993 pap-BQ, 5994 pap-BQ, 5997 pap-BQ, 60 ms-MY 0,
        61 en-AU 0, 62 id-ID 0, 63 fil-PH 0, 64 en-NZ 0, 65 en-SG, 66 th-TH 0, 670 pt-TL, 672 en-NF, 673 ms-BN,
        674 en-NR, 675 tpi-PG, 676 to-TO, 677 en-SB, 678 bi-VU, 679 en-FJ, 680 pau-PW, 681 fr-WF, 682 en-CK,
        683 en-NU, 685 sm-WS, 686 en-KI 0, 687 fr-NC, 688 tvl-TV, 689 fr-PF, 690 tkl-TK, 691 en-FM, 692 en-MH,
        7 ru-RU, 77 ru-KZ, 81 ja-JP 0, 82 ko-KR 0, 84 vi-VN 0, 850 ko-KP 0, 852 zh-Hant-HK, 853 zh-Hant-MO,
        855 km-KH 0, 856 lo-LA 0, 86 zh-CN 0, 880 bn-BD 0, 886 zh-Hant-TW 0, 90 tr-TR 0, 91 hi-IN 0, 92 ur-PK 0,
        93 fa-AF 0, 94 si-LK 0, 95 my-MM 0, 960 dv-MV, 961 ar-LB 0, 962 ar-JO 0, 963 ar-SY 0, 964 ar-IQ 0, 965 ar-KW,
        966 ar-SA 0, 967 ar-YE 0, 968 ar-OM, 970 ar-PS 0, 971 ar-AE 0, 972 he-IL 0, 973 ar-BH, 974 ar-QA, 975 dz-BT,
        976 mn-MN 0, 977 ne-NP 0, 98 fa-IR 0, 992 tg-TJ, 993 tk-TM, 994 az-AZ 0, 995 ka-GE 0, 996 ky-KG 0, 998 uz-UZ
        """
}
