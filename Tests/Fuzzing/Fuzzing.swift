// SPDX-License-Identifier: GPL-3.0-or-later

#if FUZZING
    import Glibc

    /// Has libFuzzer look for bytes that stop a reader.
    ///
    /// Its arguments are the reader's name and libFuzzer's own options (https://llvm.org/docs/LibFuzzer.html#options). `scripts/fuzz`
    /// builds and runs it.
    @main
    enum Fuzzing {
        static func main() {
            let names = Reader.all.map(\.name)
            guard CommandLine.arguments.count > 1 else { return print(names.joined(separator: "\n")) }
            guard let reader = Reader.all.first(where: { $0.name == CommandLine.arguments[1] }) else {
                fatalError("There is no reader of that name.")
            }
            current = reader
            var count = CommandLine.argc - 1
            // The reader's name stands in the place of the program's.
            var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + 1
            exit(runFuzzer(&count, &arguments, readOnce))
        }
    }

    /// Set once, before anything is read.
    nonisolated(unsafe) private var current: Reader?

    /// Named as libFuzzer's own `main` wants it, which is linked as well and never runs.
    @_cdecl("LLVMFuzzerTestOneInput")
    public func readOnce(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        try? current?.read(Array(UnsafeBufferPointer(start: bytes, count: count)))
        return 0
    }

    /// libFuzzer's, for programs with a `main` of their own.
    @_silgen_name("LLVMFuzzerRunDriver")
    private func runFuzzer(
        _ count: UnsafeMutablePointer<CInt>,
        _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
        _ read: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    ) -> CInt
#endif
