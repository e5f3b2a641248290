// SPDX-License-Identifier: GPL-3.0-or-later

#if os(Linux)
    // libpcaudio's functions, all of them, without a sound device.
    //
    // eSpeak NG opens a sound device whenever it is opened itself, though it never plays for this command: that asks
    // the sound server for a connection, leaves folders of its in the home folder, and may print to standard error.
    // Its calls are bound to these instead. The linker also gives the program libpcaudio's name, by which the loader
    // takes it for libpcaudio: that library and the twenty that it brings (PulseAudio, ALSA, D-Bus, X) are not loaded
    // at all, which took as long as the rest of the start. Where a loader does not, they are loaded and not used.

    /// No device.
    @_cdecl("create_audio_device_object")
    public func createNoDevice(
        _ device: UnsafePointer<CChar>?, _ application: UnsafePointer<CChar>?, _ description: UnsafePointer<CChar>?
    ) -> OpaquePointer? { nil }

    /// Opens nothing.
    @_cdecl("audio_object_open")
    public func openNoDevice(_ device: OpaquePointer?, _ format: CInt, _ rate: UInt32, _ channels: UInt8) -> CInt { -1 }

    /// Closes nothing.
    @_cdecl("audio_object_close")
    public func closeNoDevice(_ device: OpaquePointer?) {}

    /// Destroys nothing.
    @_cdecl("audio_object_destroy")
    public func destroyNoDevice(_ device: OpaquePointer?) {}

    /// Plays nothing.
    @_cdecl("audio_object_write")
    public func writeToNoDevice(_ device: OpaquePointer?, _ bytes: UnsafeRawPointer?, _ count: Int) -> CInt { -1 }

    /// Waits for nothing.
    @_cdecl("audio_object_drain")
    public func drainNoDevice(_ device: OpaquePointer?) -> CInt { 0 }

    /// Drops nothing.
    @_cdecl("audio_object_flush")
    public func flushNoDevice(_ device: OpaquePointer?) -> CInt { 0 }

    /// Knows no error.
    @_cdecl("audio_object_strerror")
    public func describeNoDevice(_ device: OpaquePointer?, _ error: CInt) -> UnsafePointer<CChar>? { nil }
#endif
