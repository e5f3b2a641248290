// SPDX-License-Identifier: GPL-3.0-or-later

/// An executable that `swift test` has built beside the tests.
public enum BuiltProduct {
    /// The path of an executable product.
    ///
    /// The tests run as `…/NAMEPackageTests.xctest`, or are handed to a helper that has this path among its arguments;
    /// the products stand in the same folder.
    ///
    /// - Parameter name: the product's name, such as `speakcode`.
    public static func path(of name: String) -> String {
        let bundle = CommandLine.arguments.first { $0.hasSuffix(".xctest") } ?? CommandLine.arguments.first ?? ""
        guard let slash = bundle.lastIndex(of: "/") else { return name }
        return bundle[...slash] + name
    }
}
