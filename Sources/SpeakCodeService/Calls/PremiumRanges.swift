// SPDX-License-Identifier: GPL-3.0-or-later

/// The numbers that pay who is called, or cost who calls more than a call does: premium-rate and shared-cost numbers.
///
/// Source: Google's libphonenumber 9.0.43 (`PhoneNumberMetadata.xml`: premiumRate, sharedCost; Apache-2.0), as the Python
/// package phonenumbers has it; `scripts/premium-ranges` writes the table. A number that is longer than its kind is of it
/// as well, since a network does not look at digits that are too many. Of other numbers, this refuses freephone numbers of
/// Andorra and New Zealand, and a few of China's short ones.
enum PremiumRanges {
    /// Whether a number is one of them.
    ///
    /// - Parameter e164: with its plus.
    static func contains(_ e164: some StringProtocol) -> Bool {
        let digits = Array(e164.utf8.drop { $0 == UInt8(ascii: "+") })
        // No country's code begins another's.
        for length in 1...3 where length < digits.count {
            guard let ranges = ranges[String(decoding: digits[..<length], as: UTF8.self)] else { continue }
            let national = digits[length...]
            return ranges.contains { $0.contains(national) }
        }
        return false
    }

    /// A beginning of national numbers.
    private struct Range: Sendable {
        /// For each digit those that it may be, a bit each.
        private let digits: [UInt16]
        /// The digits of the shortest number.
        private let shortest: Int

        /// Reads `90[01]x2:9`: digits, one of several, any; and how many there are at least in all.
        init?(_ text: Substring) {
            let parts = text.split(separator: ":")
            guard parts.count == 2, let shortest = Int(parts[1]) else { return nil }
            var (digits, open): ([UInt16], UInt16?) = ([], nil)
            for character in parts[0] {
                switch character {
                case "[": open = 0
                case "]":
                    digits.append(open ?? 0)
                    open = nil
                case "x": digits.append(0x3FF)
                default:
                    guard let digit = character.wholeNumberValue else { return nil }
                    if let others = open { open = others | 1 << digit } else { digits.append(1 << digit) }
                }
            }
            (self.digits, self.shortest) = (digits, shortest)
        }

        func contains(_ national: ArraySlice<UInt8>) -> Bool {
            national.count >= shortest
                && zip(digits, national).allSatisfy { allowed, digit in
                    digit >= UInt8(ascii: "0") && allowed >> UInt16(digit - UInt8(ascii: "0")) & 1 == 1
                }
        }
    }

    /// By the country's code.
    private static let ranges: [String: [Range]] = {
        let rows = table.split(separator: ",").map { $0.split { $0 == " " || $0.isNewline } }
        return Dictionary(
            rows.compactMap { row in row.first.map { (String($0), row.dropFirst().compactMap(Range.init)) } },
            uniquingKeysWith: { $0 + $1 })
    }()

    /// A country's code, and the beginnings of its numbers.
    private static let table = """
        1 246976:10 345976:10 900[23456789]:10, 20 900:10, 212 89:9, 213 80[12]1:9 80[345689]1:9, 216 88:8 8[12]10:8,
        221 81[02468]:9 88[4689]:9, 227 09:8, 230 30:7, 231 33202:9 332[34]:9, 236 8776:8, 240 90x[123456789]:9, 242
        80[012]:9, 248 85:7, 250 900:9, 254 900[023456789]:9, 255 840:9 86[01]:9 90:9, 256 90[123]:9, 262 81[019]:9
        82[0156]:9 884:9 890:9 89[123789]:9, 264 8701:9, 267 90:7, 268 900:9, 269 8:7, 27 860:9 86[23456789]:9 9[012]:9,
        297 900:7, 298 902[12567]:6 909:6 90[1345][1567]:6, 30 80[16]:10 812:10 850:10 8[27]5:10 90[19]:10, 31
        90[069]:7, 32 702[0123457]:8 703[04567]:8 7044:8 706[04569]:8 707[0579]:8 7879:8 90:8, 33 81[01]:9
        81[23456789]:9 82[0156]:9 82[234789]:9 8360[01236789]:9 836[123456789]:9 83[012345789]:9 84[024]:9 884:9
        88[012356789]:9 8[569]:9, 34 80[367]:9 90[12]:9, 351 60[178]:9 64[68]:9 760[123457]:9 761[2347]:9 762[1237]:9
        808:9 809[1579]:9, 352 801:8 90[015]:8, 353 151[2345678]:10 159[089]:10 15[2345678]0:10 18[59]0:10, 354 900:7
        901[5679]:7 902[015679]:7 903[135679]:7 904[12567]:7 905[25679]:7 907[1237]:7 908[0123567]:7, 355
        808[123456789]:6 900[123456789]:6, 356 50037:8 50043:8 506:8 5070:8 509[0168]:8 5[12]x0[12345]:8, 357
        80[123456789]:8 90[09]:8, 358 [67]00:8, 359 700:8 90:8, 36 9[01]:8, 370 808:8 90[0239]:8 910:8, 371 81:8 90:8,
        372 40:8 900:7, 373 808:8 90[056]:8, 374 80[1234]:8 90[016]:8, 375 810:10 902:10, 376 [19]:6, 378 7[178]:8, 380
        900[239]:9, 381 78:6 90[0169]:6, 382 94[1568]:8 95[178]:8, 383 900:8, 385 6[01459]:8 6[01]:7, 386 89[123]:5
        90:6, 387 8[12]:8 9[0246]:8, 389 5:8 80[123456789]:8 8[123456789]:8, 39 0878:9 144:9 16[346]:9 84[08]:9 84[17]:6
        892:6 8938:10 893[04]:6 894[01234]:6 894[56789]:8 895[01234]:6 895[56789]:10 899:9, 40 801:9 90[0136]:9, 41
        84[0248]:9 90[016]:9, 420 8[134]:9 90[05689]:9 976:9, 421 8[56789]:9 900:9 9[78]:9, 423 9002[258]:7 90123:7
        9013[14]:7 9066[136]:7, 43 810:9 828:8 82[018]:9 8[69][234568]:9 90[01]:9 93[019]:9, 44 8440[49]06:10 844405:10
        844442:10 844469:10 844703:10 845041:10 845464:7 845624:10 845800:10 84[2345]:10 870002:10 870624:10 871206:10
        872299:10 87[0123]:10 90066[59]:10 901810:10 907107:10 907155:10 90[0167]624:10 98[0123]:10 98[2349]:10
        9[01]:10, 45 90:8, 46 649:9 77[01234567]:9 900[12345678]:7 939[12345678]:7 944[12345678]:7 99[123459]:7, 47
        8100[0123456]:8 810[2345678]:8 82[09]:8, 48 70[0134678]:9 801:9, 49 137[123456]:10 137[789]:10 138:7 180:8
        9009:11 900[135]:10, 502 19:11, 503 900:7, 506 90[059]:10, 507 822:7 855:7 860:7 87[78]:7 886:7 900:7 981:7, 508
        8[129]:9, 51 801:8 805:8, 52 300:10 900:10, 53 807:10, 54 60[04579]:10, 55 300:8 30[03]:10 400:8 4020:8 4370:8
        4864:8 [59]00:9, 56 600:10, 57 190[01]:11 194[78]:11 901:10, 58 90[01]:10, 590 8[129]:9, 592 9008:7, 594
        8[129]:9, 596 8[129]:9, 597 90:7, 598 90[012345678]:7, 599 60[012]:7, 60 1600:10, 61 13:6 1300:10 1345[01234]:8
        190[0126]:10, 62 804:10 809:10, 64 1[1345789]:10 500[08]:7 5030:7 5066:7 5077:7 5088:7 90:8, 65 1900:11, 66
        1900:10, 670 90:7, 687 36:6, 7 809:10 80[39]:10, 808 [123456789]:8, 81 990:9, 82 60[23456789]:9, 84 1900:8, 852
        9003:5 900[012456789]:11, 855 19001:10 19002[09]:10, 86 1010:8 1096:7 16[08]:8 2[012345789]96:7 33596:8 34996:8
        37[012345679]96:8 39[1234568]96:8 3[15]x96:8 400:10 41[1256789]96:8 42[179]96:8 46[4789]96:8 47x96:8 48[23]96:8
        4[35][123456789]96:8 52[37]96:8 54[36]96:8 56[12346]96:8 58096:8 59[123456789]96:8 5[1357]x96:8 63[1235]96:8
        66[0238]96:8 69[12]96:8 70196:8 72[248]96:8 73[01456789]96:8 74[3456]96:8 76[023689]96:8 7[1579]x96:8
        81[23678]96:8 82[567]96:8 85[1456789]96:8 88[3678]96:8 89[12345678]96:8 8[37]x96:8 90[123689]96:8
        91[12345679]96:8 94[13]96:8 950:10 95[12345]96:8 9[379]x96:8, 886 202:7 20[013456789]:9, 90 8[89]8:10 900:10, 91
        1860:11 186[12]:13, 92 900:8, 960 900:10, 961 80:8 9[01]:8, 962 85:8 9:8, 966 920:9 925:9, 968 900:8, 970
        1700:10, 971 700[05]:9 900[02]:9, 972 1200:10 1212:8 1700:10 190[012]:10 1919:10 199:10, 973 84:8 87:8
        9[012345678]:8, 979 [1359]:9, 994 900200:9
        """
}
