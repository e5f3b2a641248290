// SPDX-License-Identifier: GPL-3.0-or-later

import NIOSSL

/// A certificate that nobody trusts, for localhost and 127.0.0.1, with its key: both are for these tests only.
func selfSigned() throws -> NIOSSLContext {
    let certificate = try NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem)
    let key = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
    return try NIOSSLContext(
        configuration: .makeServerConfiguration(
            certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
}

private let certificate = """
    -----BEGIN CERTIFICATE-----
    MIIBnDCCAUGgAwIBAgIUFeKJZRz3beGCUGdP6/kwyBGfEtwwCgYIKoZIzj0EAwIw
    FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzA2MTI0NVoYDzIxMjYxMDMw
    MDYxMjQ1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
    PQMBBwNCAAS3SItARi5SUkEfhI+lVErlrGQUyLCshizQJC6o/uNjA/iR+ormoK2W
    GYrSDp0pdU3KXTwnPYgIl4NYBZDeFP53o28wbTAdBgNVHQ4EFgQUU+nBU6GHTh18
    pIW5UHwzOnVPCSkwHwYDVR0jBBgwFoAUU+nBU6GHTh18pIW5UHwzOnVPCSkwDwYD
    VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
    zj0EAwIDSQAwRgIhAImbK9rcNmZg3oZKaZggKdggEkTQWdWN/07pZVCemjmwAiEA
    uvpAyWJdNdW0bT/9Oe1FmXW4J0yTcDWlIz97prCOcnc=
    -----END CERTIFICATE-----
    """

private let key = """
    -----BEGIN PRIVATE KEY-----
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQguFs7i9JlHyD6xGU9
    3LDO4YbVhuE+TncoTvvNordFQt2hRANCAAS3SItARi5SUkEfhI+lVErlrGQUyLCs
    hizQJC6o/uNjA/iR+ormoK2WGYrSDp0pdU3KXTwnPYgIl4NYBZDeFP53
    -----END PRIVATE KEY-----
    """
