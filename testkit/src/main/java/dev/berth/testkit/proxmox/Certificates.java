package dev.berth.testkit.proxmox;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.Objects;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * The certificates of fake nodes: eight, made once by keytool and signed by one authority whose key was thrown away.
 * They are for 127.0.0.1, ::1 and localhost, and valid to 2119. Nothing is secret about their keys.
 */
final class Certificates {
    private static final char[] PASSWORD = "berth-fake".toCharArray();
    private static final int COUNT = 8;

    private Certificates() {}

    static String authorityAsPem() {
        try (InputStream file = open("ca.pem")) {
            return new String(file.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    static X509Certificate authority() {
        try (InputStream file = open("ca.pem")) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(file);
        } catch (IOException | GeneralSecurityException unreadable) {
            throw new IllegalStateException("the bundled authority cannot be read", unreadable);
        }
    }

    static X509Certificate certificate(int number) {
        try {
            return (X509Certificate) bundled().getCertificate(alias(number));
        } catch (GeneralSecurityException unreadable) {
            throw new IllegalStateException("the bundled certificates cannot be read", unreadable);
        }
    }

    /** As Proxmox VE writes it: pairs of hexadecimal digits with colons. */
    static String fingerprint(int number) {
        return fingerprint(certificate(number));
    }

    static String authorityFingerprint() {
        return fingerprint(authority());
    }

    private static String fingerprint(X509Certificate certificate) {
        try {
            return print(certificate.getEncoded());
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("a certificate that was read can be written", impossible);
        }
    }

    static String print(byte[] bytes) {
        try {
            return HexFormat.ofDelimiter(":")
                    .withUpperCase()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /** Makes the server's side of TLS. Only the leaf is sent, as Proxmox VE does. */
    static SSLContext context(int number) {
        try {
            KeyStore bundled = bundled();
            KeyStore one = KeyStore.getInstance("PKCS12");
            one.load(null, null);
            one.setKeyEntry("node", bundled.getKey(alias(number), PASSWORD), PASSWORD, new Certificate[] {
                bundled.getCertificate(alias(number))
            });
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(one, PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (IOException | GeneralSecurityException unusable) {
            throw new IllegalStateException("the bundled certificates cannot be used", unusable);
        }
    }

    private static String alias(int number) {
        return "node" + (Math.floorMod(number - 1, COUNT) + 1);
    }

    private static KeyStore bundled() throws GeneralSecurityException {
        try (InputStream file = open("nodes.p12")) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(file, PASSWORD);
            return store;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static InputStream open(String file) {
        return Objects.requireNonNull(Certificates.class.getResourceAsStream(file), file);
    }
}
