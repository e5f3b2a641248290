// SPDX-License-Identifier: GPL-3.0-or-later
import SpeakCode
import SpeakCodeEspeak
import SpeakCodeSndfile
import SpeakCodeSoxr
import FoundationEssentials
if CommandLine.arguments.dropFirst().first == EngineProcess.argument { exit(EngineServer.run()) }
import Glibc
let pack = try VoicePackCatalog.builtIn.pack(for: CommandLine.arguments[2])
let script = try Script(code: VerificationCode(CommandLine.arguments[1]), pack: pack)
let reader = CodeReader(engine: EspeakEngine(), resampler: SoxrResampler(), encoder: SoundFileEncoder(), appetite: .unit, patience: .none)
let r = try await reader.render(script, as: .wav())
var d = Data(); for s in r.slices { d.append(contentsOf: s) }
try d.write(to: URL(filePath: CommandLine.arguments[3]))
print(r, Captions(of: r.timeline).text(as: .webVTT))
