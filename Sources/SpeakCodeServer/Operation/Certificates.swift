// SPDX-License-Identifier: GPL-3.0-or-later

internal import FoundationEssentials
internal import NIOCore
internal import NIOSSL
internal import SpeakCodeService
internal import Synchronization

/// The certificate that a service shows, read again when it is told to or its files have changed.
final class Certificates: Sendable {
    private struct Pair: Sendable {
        let chain: [NIOSSLCertificateSource]
        let key: NIOSSLPrivateKeySource
        var stamp: [Date?]
    }

    private let files: (certificate: String, privateKey: String)
    private let pair: Mutex<Pair>

    /// Reads the files.
    ///
    /// - Throws: `SettingsError`.
    init(certificate: String, privateKey: String) throws(SettingsError) {
        files = (certificate, privateKey)
        pair = Mutex(try Self.read(certificate, privateKey))
    }

    private static func read(_ certificate: String, _ privateKey: String) throws(SettingsError) -> Pair {
        // Taken before the files are read: a change in between is seen next time.
        let stamp = [changed(certificate), changed(privateKey)]
        let chain: [NIOSSLCertificate]
        let bytes = try SettingsFile.bytes(of: certificate, for: "certificate")
        do { chain = try NIOSSLCertificate.fromPEMBytes(bytes) } catch {
            throw SettingsError("certificate", "names \(certificate), which is not a PEM certificate chain")
        }
        let key: NIOSSLPrivateKey
        let secret = try SettingsFile.bytes(of: privateKey, for: "privateKey")
        do { key = try NIOSSLPrivateKey(bytes: secret, format: .pem) } catch {
            throw SettingsError("privateKey", "names \(privateKey), which is not a PEM private key without a password")
        }
        let pair = Pair(chain: chain.map { .certificate($0) }, key: .privateKey(key), stamp: stamp)
        // Whether the two belong together is told only when a context is made of them.
        do {
            _ = try NIOSSLContext(
                configuration: .makeServerConfiguration(certificateChain: pair.chain, privateKey: pair.key))
        } catch {
            throw SettingsError("privateKey", "does not belong to the certificate")
        }
        return pair
    }

    private static func changed(_ path: String) -> Date? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }

    /// Reads the files again; the old pair stays where the new one is broken.
    ///
    /// - Throws: `SettingsError`.
    func reload() throws(SettingsError) {
        // A pair that is found broken is looked at again when it changes, and not before.
        let stamp = [Self.changed(files.certificate), Self.changed(files.privateKey)]
        pair.withLock { $0.stamp = stamp }
        let new = try Self.read(files.certificate, files.privateKey)
        pair.withLock { $0 = new }
    }

    /// Whether a file has another date than when it was read.
    var hasChanged: Bool {
        let stamp = [Self.changed(files.certificate), Self.changed(files.privateKey)]
        return pair.withLock { $0.stamp != stamp }
    }

    /// TLS 1.2 and 1.3, each handshake with the certificate of its moment.
    func configuration() -> TLSConfiguration {
        let now = pair.withLock { $0 }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: now.chain, privateKey: now.key)
        configuration.minimumTLSVersion = .tlsv12
        configuration.sslContextCallback = { _, promise in
            var override = NIOSSLContextConfigurationOverride()
            let now = self.pair.withLock { $0 }
            override.certificateChain = now.chain
            override.privateKey = now.key
            promise.succeed(override)
        }
        return configuration
    }
}
