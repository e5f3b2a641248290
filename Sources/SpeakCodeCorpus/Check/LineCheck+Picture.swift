// SPDX-License-Identifier: GPL-3.0-or-later

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

extension LineCheck {
    /// The check as a picture (SVG): what was sent above the line, what came back below it, each word in a frame whose line,
    /// sign and colour say what has become of it.
    ///
    /// What can be seen is said as well: the picture has a title and a description, each word a title of its own, and the
    /// findings are text. The code is not in it.
    public var picture: String {
        let rows = (sent.count + rowLength - 1) / rowLength
        let height = 60 + rows * Picture.rowHeight + 22 * (findings.count + 5)
        var svg = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Picture.width + 40) \(height)" role="img" aria-labelledby="title desc" font-family="sans-serif" font-size="13">
            <title id="title">What the line did to the announcement: \(verdict)</title>
            <desc id="desc">\(Picture.escaped(text.split(separator: "\n").joined(separator: "; ")))</desc>
            <rect width="100%" height="100%" fill="#fff"/>
            <text x="20" y="30" font-size="17" font-weight="bold">\(verdict)</text>
            <text x="20" y="50" fill="#444">above the line: what was sent; below it: what came back, at its level; \(Picture.legend)</text>

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
        let factor = 90 / max(0.01, sent.lazy.map { abs($0) }.max() ?? 0)
        let lag = Int((words.first { range.contains($0.word.start) } ?? words.first)?.lag ?? 0)
        svg += outline(of: sent, range, from: range.lowerBound, middle, up: factor, "#5a6472")
        let scale = Float(factor) / Float(Picture.amplitude(ofDecibels: gain))
        let back = (range.lowerBound + lag)..<(range.upperBound + lag)
        svg += outline(
            of: heard, back.clamped(to: 0..<heard.count), from: back.lowerBound, middle, up: -scale, "#1f5fa8")
        for word in words where range.contains(word.word.start) { svg += wordPicture(word, range.lowerBound, middle) }
        return svg
    }

    private func x(_ samples: Int) -> Int { samples * Picture.width / rowLength }

    /// The highest sample of each unit of width.
    private func outline(
        of samples: [Float], _ range: Range<Int>, from start: Int, _ middle: Int, up factor: Float, _ colour: String
    ) -> String {
        guard !range.isEmpty else { return "" }
        let step = max(1, rowLength / Picture.width)
        let points = stride(from: range.lowerBound, to: range.upperBound, by: step).map { place in
            let highest = samples[place..<min(range.upperBound, place + step)].reduce(0) { max($0, abs($1)) }
            let y = max(-50, min(50, highest * factor * 0.5))
            return "\(20 + x(place - start)),\(middle - Int(y.rounded()))"
        }
        let (first, last) = (20 + x(range.lowerBound - start), 20 + x(range.upperBound - start))
        return
            "<polygon points=\"\(first),\(middle) \(points.joined(separator: " ")) \(last),\(middle)\" fill=\"\(colour)\"/>\n"
    }

    private func wordPicture(_ word: HeardWord, _ start: Int, _ middle: Int) -> String {
        let look = Picture.look(of: word.state)
        let (left, width) = (20 + x(word.word.start - start), max(4, x(word.word.end - word.word.start)))
        let label = word.word.position.map { "\($0)\(look.sign)" } ?? look.sign
        var svg = "<g><title>\(word.word.name): \(word.state.rawValue)</title>"
        svg +=
            "<rect x=\"\(left)\" y=\"\(middle - 54)\" width=\"\(width)\" height=\"108\" rx=\"3\" fill=\"\(look.colour)\" "
        svg +=
            "fill-opacity=\"\(word.state == .heard ? "0" : "0.25")\" stroke=\"\(look.colour)\" stroke-width=\"\(look.width)\" "
        svg += "stroke-dasharray=\"\(look.dashes)\"/>"
        svg += "<text x=\"\(left + 4)\" y=\"\(middle + 50)\" fill=\"#000\">\(label)</text></g>\n"
        return svg
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

    /// Never nothing, since it is divided by.
    static func amplitude(ofDecibels decibels: Double) -> Double {
        max(0.001, pow(10, decibels / 20))
    }
}
