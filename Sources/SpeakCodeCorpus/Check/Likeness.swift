// SPDX-License-Identifier: GPL-3.0-or-later

/// How like two stretches of sound are.
enum Likeness {
    /// The sum of products; eight sums side by side, since the order of one sum is what takes time.
    static func product(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Float {
        var sums = SIMD8<Float>()
        let count = min(a.count, b.count)
        var place = 0
        let (left, right) = (UnsafeRawBufferPointer(a), UnsafeRawBufferPointer(b))
        while place + 8 <= count {
            let offset = place * MemoryLayout<Float>.stride
            sums +=
                left.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
                * right.loadUnaligned(fromByteOffset: offset, as: SIMD8<Float>.self)
            place += 8
        }
        var sum = sums.sum()
        while place < count {
            sum += a[place] * b[place]
            place += 1
        }
        return sum
    }

    /// The place at which a part is most like the whole.
    struct Match {
        /// Where, in samples and their fractions.
        let place: Double
        /// Correlation, from -1 to 1.
        let likeness: Double
    }

    /// Looks for a part in a whole.
    ///
    /// - Parameters:
    ///   - part: what is looked for.
    ///   - whole: where.
    ///   - places: where the part may begin.
    ///   - margin: a place nearer to the middle that is less like by so little is taken for it: a vowel is nearly the same one
    ///     turn of the voice later.
    /// - Returns: the best place; nil where the part is silent, or the whole nowhere long enough.
    static func best(
        of part: ArraySlice<Float>, in whole: [Float], at places: ClosedRange<Int>, margin: Double = 0
    ) -> Match? {
        let partEnergy = part.withUnsafeBufferPointer { product($0, $0) }
        let first = max(places.lowerBound, 0)
        let last = min(places.upperBound, whole.count - part.count)
        guard partEnergy > 0, first <= last else { return nil }
        var values: [Float] = []
        values.reserveCapacity(last - first + 1)
        part.withUnsafeBufferPointer { part in
            whole.withUnsafeBufferPointer { whole in
                // The energy of what the part lies over, from place to place.
                var energy = (first..<(first + part.count)).reduce(0.0) { $0 + Double(whole[$1] * whole[$1]) }
                for place in first...last {
                    let under = UnsafeBufferPointer(rebasing: whole[place..<(place + part.count)])
                    let size = (Double(partEnergy) * max(energy, 1e-9)).squareRoot()
                    values.append(Float(Double(product(part, under)) / size))
                    if place < last {
                        let (gone, come) = (whole[place], whole[place + part.count])
                        energy += Double(come * come) - Double(gone * gone)
                    }
                }
            }
        }
        let matches = values.indices.compactMap { place -> Match? in
            guard place == 0 || values[place] >= values[place - 1],
                place == values.count - 1 || values[place] >= values[place + 1]
            else { return nil }
            return Self.vertex(of: values, at: place, first)
        }
        guard let highest = matches.max(by: { $0.likeness < $1.likeness }), margin > 0 else {
            return matches.max { $0.likeness < $1.likeness }
        }
        let middle = Double(places.lowerBound + places.upperBound) / 2
        return matches.filter { $0.likeness >= highest.likeness - margin }.min {
            abs($0.place - middle) < abs($1.place - middle)
        }
    }

    /// The vertex of the parabola through three values, since what is looked for seldom begins at a sample.
    private static func vertex(of values: [Float], at place: Int, _ first: Int) -> Match {
        let at = Double(values[place])
        guard place > 0, place + 1 < values.count else { return Match(place: Double(first + place), likeness: at) }
        let (before, behind) = (Double(values[place - 1]), Double(values[place + 1]))
        let bend = before - 2 * at + behind
        guard bend < 0 else { return Match(place: Double(first + place), likeness: at) }
        let fraction = (before - behind) / (2 * bend)
        return Match(place: Double(first + place) + fraction, likeness: at - (before - behind) * fraction / 4)
    }
}
