// SPDX-License-Identifier: GPL-3.0-or-later

// A load of calls on a service of this machine, and how late each frame of theirs is:
//
//     calls audiosocket PORT CALLS SECONDS RAMP
//     calls websocket PORT CALLS SECONDS RAMP
//     calls sip CALLS SECONDS FOLDER
//     calls floor SECONDS
//
// One thread: it asks for all announcements, opens the calls spread over RAMP seconds, sends each call's sound as a
// caller's RTP would bring it to Asterisk, 20 ms a frame, and takes the time of every frame that comes. Each call lasts
// SECONDS, then hangs up. With `sip` it says at which port its telephones are, takes the calls that somebody has placed to
// sip:c0@127.0.0.1:PORT and so on, and writes what each has heard into a folder. What is measured is printed as JSON; lines with a name and a time in between say when the load is
// whole and when it ends.

internal import Glibc

func fail(_ text: String) -> Never {
    let line = "calls: \(text)\n"
    _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    exit(70)
}

if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "floor", let seconds = Int(CommandLine.arguments[2]) {
    print(Floor.summary(seconds: seconds))
    exit(0)
}
if CommandLine.arguments.count == 5, CommandLine.arguments[1] == "sip",
    let count = Int(CommandLine.arguments[2]), let seconds = Int(CommandLine.arguments[3])
{
    let load = SIPLoad(calls: count, seconds: seconds)
    print("port \(load.port)")
    fflush(nil)
    load.run()
    load.keep(in: CommandLine.arguments[4])
    print(load.summary())
    exit(0)
}
let numbers = CommandLine.arguments.dropFirst(2).compactMap { Int($0) }
guard numbers.count == 4, CommandLine.arguments.count == 6, let service = UInt16(exactly: numbers[0]), numbers[1] > 0,
    numbers[2] > 0
else {
    fail(
        "needs audiosocket PORT CALLS SECONDS RAMP, websocket with the same, sip CALLS SECONDS FOLDER, or floor SECONDS"
    )
}

func measure<Wire: CallWire>(_: Wire.Type) {
    let load = Load<Wire>(calls: calls(numbers[1], of: service), seconds: numbers[2], ramp: numbers[3])
    load.run()
    print(load.summary())
}

switch CommandLine.arguments[1] {
case AudioSocketWire.format: measure(AudioSocketWire.self)
case WebSocketWire.format: measure(WebSocketWire.self)
default: fail("knows no calls over \(CommandLine.arguments[1])")
}
