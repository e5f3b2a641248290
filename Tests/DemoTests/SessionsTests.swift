// SPDX-License-Identifier: GPL-3.0-or-later

import SpeakCodeDemo
import Testing

@Suite("Sessions of the demo")
struct SessionsTests {
    @Test("have names that nobody can guess, and numbers of their own")
    func names() {
        let sessions = Sessions(codesLast: 600)
        let names = (0..<Sessions.most).map { _ in sessions.begin(at: 0).name }
        #expect(Set(names).count == names.count && names.allSatisfy { $0.wholeMatch(of: /[0-9a-f]{64}/) != nil })
        #expect(Set(names.compactMap { sessions.with($0, at: 0) { $0.line } }).count == names.count)
        #expect(Set(names.compactMap { sessions.with($0, at: 0) { $0.secret } }).count == names.count)
        #expect(sessions.with("", at: 0) { _ in true } == nil)
    }

    @Test("are bounded: the one that was unused the longest ends, with its call")
    func bounded() {
        let sessions = Sessions(codesLast: 600)
        let names = (0..<Sessions.most).map { sessions.begin(at: $0).name }
        _ = sessions.with(names[1], at: 150) { session in
            _ = session.story.take(.signIn(newCode: "123456"), of: 1, at: 150)
            session.story.isCalled("call-1")
        }
        // The first is used, and the third is the oldest then.
        _ = sessions.with(names[0], at: 151) { _ in true }
        #expect(sessions.begin(at: 152).ended.isEmpty)
        #expect(sessions.count == Sessions.most)
        #expect(sessions.with(names[2], at: 152) { _ in true } == nil)
        #expect(sessions.with(names[0], at: 152) { _ in true } == true)
        // Half an hour later all others have ended, the one that is called as well.
        #expect(sessions.begin(at: 151 + Sessions.lifetime).ended == ["call-1"])
        #expect(sessions.count < Sessions.most)
    }

    @Test("make codes of six digits")
    func codes() {
        let codes = (0..<100).map { _ in Sessions.newCode() }
        #expect(codes.allSatisfy { $0.wholeMatch(of: /[0-9]{6}/) != nil })
        #expect(Set(codes).count > 90)
    }
}
