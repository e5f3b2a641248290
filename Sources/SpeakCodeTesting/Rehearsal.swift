// SPDX-License-Identifier: GPL-3.0-or-later

// The fakes of gateways stand where the command reaches them as well.
@_exported public import SpeakCodeRehearsal
