// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef CAMR_H
#define CAMR_H

#include <stddef.h>

/// AMR narrow-band by libopencore-amrnb, which is looked for when it is asked for, so that a program needs it for nothing else.

/// Whether the library is installed, with all that is asked of it.
int speakcode_amr_is_there(void);

/// Codes frames of 160 samples in a mode from 0 to 7 and decodes them again.
///
/// Returns 0; -1 where the library is not there; 1 where it refuses.
int speakcode_amr_heard(const short *samples, size_t frames, int mode, short *heard);

#endif
