// SPDX-License-Identifier: GPL-3.0-or-later

/// The version of the command and the library, as in CHANGELOG.md.
let speakCodeVersion = "0.1.0"
