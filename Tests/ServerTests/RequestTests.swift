// SPDX-License-Identifier: GPL-3.0-or-later

import Testing

@testable import SpeakCodeServer
@testable import SpeakCodeService

@Suite("A request")
struct RequestTests {
    @Test(
        "has the path of its target, whatever form that has",
        arguments: [
            ("/", "/"), ("/a/x.wav", "/a/x.wav"), ("/a/x.wav?y=/z", "/a/x.wav"), ("/?x", "/"), ("?x", "/"), ("", "/"),
            ("http://x/a", "/a"), ("http://x:80/a?b=c", "/a"), ("http://x", "/"), ("http://x?y", "/"), ("*", "*"),
            ("/a?u=http://x/y", "/a"), ("/http://x/y", "/http://x/y"), ("x:80", "x:80"), ("/ü/ä?ö", "/ü/ä"),
        ])
    func path(target: String, path: String) {
        #expect(Request.path(of: target) == path)
    }
}
