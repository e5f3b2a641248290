// SPDX-License-Identifier: GPL-3.0-or-later

#include <espeak-ng/espeak_ng.h>
#include <espeak-ng/speak_lib.h>

/// A status with the macro's value, which Swift does not import.
static inline int speakcode_status_ok(espeak_ng_STATUS status) { return status == ENS_OK; }
