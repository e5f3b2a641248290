// SPDX-License-Identifier: GPL-3.0-or-later

extension LineCheck {
    /// The check as a picture (SVG): each word is a frame whose line, sign and colour say what has become of it, with a bar that
    /// is higher or lower where it came louder or softer than the others, and with its gaps.
    ///
    /// What can be seen is said as well: the picture has a title and a description, each word a title of its own, and the
    /// findings are text. No wave is drawn, from which the digits of a known voice can be read: over a line that changes
    /// nothing, all codes of one shape have one picture.
    public var picture: String {
        let rows = (sent.count + rowLength - 1) / rowLength
        let height = 60 + rows * Picture.rowHeight + 22 * (findings.count + 5)
        var svg = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Picture.width + 40) \(height)" role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="13">
            <title id="title">What the line did to the announcement: \(verdict)</title>
            <desc id="desc">\(Picture.escaped(text.split(separator: "\n").joined(separator: "; ")))</desc>
            <rect width="100%" height="100%" fill="#fff"/>
            <text x="20" y="30" font-size="17" font-weight="bold">\(verdict)</text>
            <text x="20" y="50" fill="#444">bar: louder or softer than the others, in steps of 6 dB; black: a gap; \(Picture.legend)</text>

            """
        for row in 0..<rows { svg += rowPicture(row) }
        for (number, line) in text.split(separator: "\n").enumerated() {
            svg +=
                "<text x=\"20\" y=\"\(80 + rows * Picture.rowHeight + 20 * number)\">\(Picture.escaped(String(line)))</text>\n"
        }
        return svg + "</svg>\n"
    }

    private var verdict: String {
        findings.isEmpty ? "nothing is wrong" : "\(findings.count) \(findings.count == 1 ? "finding" : "findings")"
    }

    /// The samples of a row: twelve seconds.
    private var rowLength: Int { 12 * hertz }

    private func rowPicture(_ row: Int) -> String {
        let range = (row * rowLength)..<min(sent.count, (row + 1) * rowLength)
        let middle = 60 + row * Picture.rowHeight + Picture.rowHeight / 2
        var svg = "<text x=\"20\" y=\"\(middle - 58)\" fill=\"#444\">\(row * 12) s</text>\n"
        svg += "<line x1=\"20\" x2=\"\(20 + x(range.count))\" y1=\"\(middle)\" y2=\"\(middle)\" stroke=\"#000\"/>\n"
        for word in words where range.contains(word.word.start) { svg += wordPicture(word, range.lowerBound, middle) }
        return svg
    }

    private func x(_ samples: Int) -> Int { samples * Picture.width / rowLength }

    /// As wide for each symbol, since how long one is said tells which it is: most of the shortest way to the next.
    private var slot: Int {
        let starts = words.map(\.word).filter { $0.position != nil }.map(\.start)
        return (zip(starts, starts.dropFirst()).map { $1 - $0 }.min() ?? hertz / 2) * 4 / 5
    }

    private func wordPicture(_ word: HeardWord, _ start: Int, _ middle: Int) -> String {
        let look = Picture.look(of: word.state)
        let length = word.word.position == nil ? word.word.end - word.word.start : slot
        let (left, width) = (20 + x(word.word.start - start), max(4, x(length)))
        let label = word.word.position.map { "\($0)\(look.sign)" } ?? look.sign
        var svg = "<g><title>\(word.word.name): \(word.state.rawValue)</title>"
        svg +=
            "<rect x=\"\(left)\" y=\"\(middle - 54)\" width=\"\(width)\" height=\"108\" rx=\"3\" fill=\"\(look.colour)\" "
        svg +=
            "fill-opacity=\"\(word.state == .heard ? "0" : "0.25")\" stroke=\"\(look.colour)\" stroke-width=\"\(look.width)\" "
        svg += "stroke-dasharray=\"\(look.dashes)\"/>"
        if let level = level(of: word) {
            svg +=
                "<rect x=\"\(left + 3)\" y=\"\(middle - 3 - 2 * level)\" width=\"\(max(1, width - 6))\" height=\"6\" fill=\"\(look.colour)\"/>"
        }
        for gap in word.state == .damaged ? word.gaps : [] {
            let from = min(max(0, gap.lowerBound - Int(word.lag) - word.word.start), length)
            svg +=
                "<rect x=\"\(left + x(from))\" y=\"\(middle - 50)\" width=\"\(max(2, x(gap.count)))\" height=\"84\" fill=\"#000\"/>"
        }
        svg += "<text x=\"\(left + 4)\" y=\"\(middle + 50)\" fill=\"#000\">\(label)</text></g>\n"
        return svg
    }

    /// How much louder than the others a word came, in steps of 6 dB: a codec's errors are smaller, and tell of the symbol.
    private func level(of word: HeardWord) -> Int? {
        guard [.heard, .damaged].contains(word.state), let own = word.gain else { return nil }
        return Int(max(-18, min(18, ((own - gain) / 6).rounded() * 6)))
    }
}

/// How a check is drawn.
private enum Picture {
    static let width = 1160
    static let rowHeight = 136
    static let legend =
        "number: place in the code; \u{2713} heard, \u{223C} damaged, \u{2260} distorted, \u{2717} lost, \u{2026} not recorded"

    static func look(of state: HeardWord.State) -> (sign: String, colour: String, width: Int, dashes: String) {
        switch state {
        case .heard: ("\u{2713}", "#2d7a3e", 1, "none")
        case .damaged: ("\u{223C}", "#b06000", 2, "6 3")
        case .distorted: ("\u{2260}", "#7a3fa0", 2, "2 2")
        case .lost: ("\u{2717}", "#b3261e", 3, "none")
        case .beyond: ("\u{2026}", "#666666", 1, "1 4")
        }
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
