// SPDX-License-Identifier: GPL-3.0-or-later

import Foundation
import TestSupport
import Testing

/// `scripts/release`, in a repository of its own that has what the script reads.
@Suite("A release", .timeLimit(.minutes(10)))
struct ReleaseTests {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../scripts/release").standardized.path

    /// The day of all commits, 2026-12-01.
    private static let day = "1796083200"

    /// What git and the scripts are told.
    private static let environment = """
        export outside="$PWD" GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.com GIT_COMMITTER_NAME=a \\
            GIT_COMMITTER_EMAIL=a@example.com GIT_AUTHOR_DATE="\(day) +0000" GIT_COMMITTER_DATE="\(day) +0000" \\
            SOURCE_DATE_EPOCH=\(day) GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 PATH="$PWD/bin:$PATH"
        commit() { git add -A && git commit --quiet --message "$1"; }
        """

    /// A repository whose version 1.1.0 is prepared and committed, behind a release 1.0.0, and a remote where nothing is yet.
    ///
    /// Its `swift` and its `.ci/run` tell what they were asked, and fail where a file `api-breaks` or `ci-fails` is there.
    /// Where a file `moves` is, something is committed while CI runs.
    private static let begin = """
        set -e
        \(environment)
        mkdir -p bin it/scripts it/.ci it/docs it/Sources/SpeakCodeCommand it/Sources/SpeakCodeService
        printf '#!/bin/sh\\necho "swift $*" >>"$outside/said"; ! test -e "$outside/api-breaks"\\n' >bin/swift
        chmod +x bin/swift
        cd it
        git init --quiet --initial-branch main
        git init --quiet --bare --initial-branch main ../theirs.git
        git remote add hub ../theirs.git
        cp '\(script)' scripts/release
        cat >.ci/run <<'END'
        #!/bin/sh
        echo ci >>"$outside/said"
        test ! -e "$outside/moves" || git commit --quiet --allow-empty --message more
        test ! -e "$outside/ci-fails"
        exit
        scripts/lint
        END
        chmod +x .ci/run
        echo 'let speakCodeVersion = "0.1.0"' >Sources/SpeakCodeCommand/Version.swift
        printf 'info:\\n  version: 0.1.0\\n' >Sources/SpeakCodeService/openapi.yaml
        printf 'command speakcode\\nexit 0\\n' >docs/promised.txt
        printf '# Changelog\\n\\n## Unreleased\\n\\n### Added\\n\\n- A voice.\\n' >CHANGELOG.md
        scripts/release --prepare 1.0.0 && commit 'Release 1.0.0' && git tag 1.0.0
        sed -i 's/^## Unreleased$/&\\n\\n### Fixed\\n\\n- A fault./' CHANGELOG.md && commit 'Mend a fault'
        echo 'option --loud' >>docs/promised.txt && commit 'Add an option'
        scripts/release --prepare 1.1.0 && commit 'Release 1.1.0'
        """

    private func release(_ change: String, _ command: String = "scripts/release") async throws -> Outcome {
        try await releases([change], command)[0]
    }

    /// What becomes of each change in a repository of its own.
    private func releases(_ changes: [String], _ command: String = "scripts/release") async throws -> [Outcome] {
        let shell = try Shell()
        defer { shell.remove() }
        let begun = try await shell.bash(Self.begin)
        try #require(begun.status == 0, "\(begun.text) \(begun.errors)")
        var outcomes: [Outcome] = []
        for (number, change) in changes.enumerated() {
            let script = """
                mkdir \(number) && cp -R bin it theirs.git \(number) && cd \(number) || exit
                \(Self.environment)
                cd it
                \(change)
                { \(command)
                } 2>&1; status=$?; cat ../said; exit $status
                """
            outcomes.append(try await shell.bash(script))
        }
        return outcomes
    }

    @Test("is tagged with its section of the changelog, after all that must pass, and nothing is pushed")
    func tagged() async throws {
        let done = try await release(
            "", "scripts/release && git cat-file tag 1.1.0 && test -z \"$(git ls-remote hub)\"")
        #expect(done.status == 0, "\(done.text) \(done.errors)")
        #expect(done.text.contains("SpeakCode 1.1.0\n\n### Fixed\n\n- A fault.\n"))
        #expect(done.text.contains("git push --atomic hub main 1.1.0"))
        #expect(done.text.contains("\nci\n"))
        #expect(done.text.contains("swift package diagnose-api-breaking-changes 1.0.0 --products SpeakCode "))
    }

    @Test("is tagged once, however often it is asked for")
    func again() async throws {
        let done = try await release("scripts/release >/dev/null 2>&1; rm ../said; touch ../said")
        #expect(done.status == 0 && done.text.contains("1.1.0 is tagged") && !done.text.contains("\nci\n"))
    }

    @Test(
        "is for the remote that main follows, and for none where there is none",
        arguments: [
            "git remote add other ../theirs.git; git config branch.main.remote other":
                "git push --atomic other main 1.1.0",
            "git remote remove hub": "git push --atomic REMOTE main 1.1.0",
        ])
    func remote(change: String, said: String) async throws {
        let done = try await release(change)
        #expect(done.status == 0 && done.text.contains(said), "\(done.text)")
    }

    @Test("is made without a network, and says so")
    func offline() async throws {
        let done = try await release("rm -rf ../theirs.git")
        #expect(done.status == 0 && done.text.contains("hub cannot be fetched"), "\(done.text)")
    }

    @Test("is not tagged by --check, and believes who says that CI has passed")
    func check() async throws {
        let done = try await release("", "scripts/release --check --ran-ci && ! git rev-parse --verify --quiet 1.1.0")
        #expect(done.status == 0, "\(done.text)")
        #expect(done.text.contains("1.1.0 is ready") && done.text.contains("\n  scripts/lint\n"))
        #expect(!done.text.contains("\nci\n"))
    }

    /// A change, and the reason that is said.
    private static let refusals: [(change: String, reason: String)] = [
        ("git checkout --quiet -b other", "this is other, and releases are of main"),
        ("git checkout --quiet --detach", "this is no branch, and releases are of main"),
        ("touch new", "files or changes that are in no commit"),
        ("echo >>CHANGELOG.md", "files or changes that are in no commit"),
        ("sed -i 's/1.1.0/1.2.0/' Sources/*/Version.swift; commit x", "newest section is 1.1.0"),
        ("sed -i 's/1.1.0/1.1/' Sources/*/Version.swift; commit x", "no version of three numbers"),
        ("sed -i 's/1.1.0/1.0.0/' Sources/*/openapi.yaml; commit x", "openapi.yaml has another version"),
        ("sed -i 's/1.1.0/0.9.0/' Sources/*/*.* CHANGELOG.md; commit x", "0.9.0 is not above the last release, 1.0.0"),
        ("git tag 1.1.0 HEAD~1", "the tag 1.1.0 is of another commit"),
        ("sed -i 's/^## Unreleased$/&\\n\\n- New./' CHANGELOG.md; commit x", "something under Unreleased"),
        ("sed -i 's/2026-12-01/2026-11-30/' CHANGELOG.md; commit x", "this commit is of 2026-12-01"),
        ("sed -i 's/^- A fault.$//' CHANGELOG.md; commit x", "nothing under '### Fixed' of 1.1.0"),
        ("sed -i '/^exit 0$/d' docs/promised.txt; commit x", "takes a major version (1 names): exit 0"),
        (
            "sed -i '/ 1\\.1\\.0/s/1.1.0/1.0.1/' Sources/*/openapi.yaml CHANGELOG.md; "
                + "sed -i s/1.1.0/1.0.1/ Sources/*/Version.swift; commit x",
            "takes a minor version (1 names): option --loud"
        ),
        ("git tag --delete 1.0.0", "CHANGELOG.md has 1.0.0, and there is no such tag"),
        (
            "git checkout --quiet -b theirs main~1; git commit --quiet --allow-empty --message theirs; "
                + "git push --quiet hub theirs:main; git update-ref -d refs/remotes/hub/main; git checkout --quiet main",
            "is not behind this commit"
        ),
        ("git remote add other ../theirs.git", "several remotes, and main follows none"),
        ("touch ../moves", "have changed while they were checked"),
        ("touch ../ci-fails", ".ci/run fails"),
        ("touch ../api-breaks", "API has breaks since 1.0.0"),
    ]

    @Test("is refused, with the reason, and is not tagged")
    func refused() async throws {
        let command = """
            before=$(git for-each-ref refs/tags); scripts/release; status=$?
            test "$(git for-each-ref refs/tags)" = "$before" || echo TAGGED
            (exit $status)
            """
        for (outcome, refusal) in zip(try await releases(Self.refusals.map(\.change), command), Self.refusals) {
            #expect(outcome.status == 1, "\(refusal.change): \(outcome.text)")
            let said = outcome.text.split(separator: "\n").filter { $0.hasPrefix("release: not ready: ") }
            #expect(said.contains { $0.contains(refusal.reason) }, "\(refusal.change): \(outcome.text)")
            #expect(!outcome.text.contains("TAGGED"), "\(refusal.change)")
        }
    }

    @Test("says all reasons at once, and takes no time for the rest")
    func reasons() async throws {
        let done = try await release("git checkout --quiet -b other; touch new")
        #expect(done.status == 1)
        #expect(done.text.components(separatedBy: "release: not ready: ").count == 3, "\(done.text)")
        #expect(!done.text.contains("\nci\n") && !done.text.contains("diagnose"))
    }

    @Test("of a major version may let go of names")
    func major() async throws {
        let done = try await release(
            "sed -i '/^exit 0$/d' docs/promised.txt; sed -i 's/1\\.1\\.0/2.0.0/' Sources/*/*.* CHANGELOG.md; commit x; "
                + "touch ../api-breaks")
        #expect(done.status == 0, "\(done.text)")
    }

    @Test("before 1.0.0 promises nothing")
    func unpromised() async throws {
        let done = try await release(
            """
            git tag 0.1.0 1.0.0; git tag --delete 1.0.0
            sed -i 's/1\\.0\\.0/0.1.0/; s/1\\.1\\.0/0.1.1/' Sources/*/*.* CHANGELOG.md
            sed -i '/^exit 0$/d' docs/promised.txt; commit x; touch ../api-breaks
            """)
        #expect(done.status == 0 && done.text.contains("0.1.1 is tagged"), "\(done.text)")
        #expect(!done.text.contains("diagnose"))
    }

    @Test("that is prepared again takes in what came since, and the day")
    func prepared() async throws {
        let done = try await release(
            """
            sed -i 's/^## Unreleased$/&\\n\\n### Added\\n\\n- More.\\n\\n### Fixed\\n\\n- Another fault./' CHANGELOG.md
            SOURCE_DATE_EPOCH=$((\(Self.day) + 86400)) scripts/release --prepare 1.1.0
            """, "cat CHANGELOG.md")
        #expect(
            done.text.contains(
                """
                ## Unreleased

                ## 1.1.0 - 2026-12-02

                ### Fixed

                - A fault.
                - Another fault.

                ### Added

                - More.

                ## 1.0.0 - 2026-12-01
                """), "\(done.text)")
    }

    /// A change, the version that is to be prepared, the exit status, and what is said.
    private static let unprepared: [(change: String, version: String, status: Int32, reason: String)] = [
        ("git tag 1.1.0", "1.1.0", 1, "there is a tag 1.1.0"),
        ("", "0.9.0", 1, "0.9.0 is not above the last release, 1.0.0"),
        ("", "1.2.0", 1, "CHANGELOG.md has 1.1.0, and there is no such tag"),
        ("git tag 1.1.0", "1.2.0", 1, "nothing under Unreleased"),
        ("", "v1.2.0", 64, "a version is three numbers"),
        ("", "1.2", 64, "a version is three numbers"),
        ("", "", 64, "usage: "),
    ]

    @Test(
        "cannot be prepared of nothing, nor of what is published, nor under another kind of name, and nothing is written"
    )
    func unprepared() async throws {
        let outcomes = try await releases(
            Self.unprepared.map { "\($0.change)\nversion='\($0.version)'" },
            "scripts/release --prepare $version; status=$?; git status --porcelain | sed 's/^/WRITTEN /'; (exit $status)"
        )
        for (outcome, expected) in zip(outcomes, Self.unprepared) {
            #expect(outcome.status == expected.status, "\(expected.version): \(outcome.text)")
            #expect(outcome.text.contains(expected.reason), "\(expected.version): \(outcome.text)")
            #expect(!outcome.text.contains("WRITTEN"), "\(expected.version): \(outcome.text)")
        }
    }

    @Test("has one version, which the command and the OpenAPI document tell")
    func oneVersion() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources").standardized
        let command = try String(contentsOf: sources.appending(path: "SpeakCodeCommand/Version.swift"), encoding: .utf8)
        let service = try String(contentsOf: sources.appending(path: "SpeakCodeService/openapi.yaml"), encoding: .utf8)
        let version = try #require(command.firstMatch(of: /speakCodeVersion = "([0-9.]+)"/)?.1)
        #expect(service.contains("\n  version: \(version)\n"))
    }
}
