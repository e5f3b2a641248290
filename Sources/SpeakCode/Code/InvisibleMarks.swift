// SPDX-License-Identifier: GPL-3.0-or-later

extension StringProtocol {
    /// The text without what nobody sees in it: direction marks, joiners, soft hyphens, byte order marks.
    ///
    /// Address books, spreadsheets and web pages put them around numbers and codes, and no keyboard shows them.
    /// Source: Unicode's `Default_Ignorable_Code_Point` (DerivedCoreProperties.txt).
    var withoutInvisibleMarks: String {
        // Most texts are ASCII, which has none.
        guard utf8.contains(where: { $0 >= 0x80 }) else { return String(self) }
        var visible = String.UnicodeScalarView()
        visible.append(contentsOf: unicodeScalars.lazy.filter { !$0.properties.isDefaultIgnorableCodePoint })
        return String(visible)
    }
}
