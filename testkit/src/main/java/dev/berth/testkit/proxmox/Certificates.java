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
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
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
        return leaf(number).certificate();
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
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(leaf(number).keys().getKeyManagers(), null, null);
            return context;
        } catch (GeneralSecurityException unusable) {
            throw new IllegalStateException("the bundled certificates cannot be used", unusable);
        }
    }

    private static Leaf leaf(int number) {
        return Bundle.LEAVES.get(Math.floorMod(number - 1, COUNT));
    }

    /**
     * What one node has.
     *
     * @param certificate its certificate
     * @param keys its key
     */
    private record Leaf(X509Certificate certificate, KeyManagerFactory keys) {}

    /** Read once: to open the file takes longer than all else that starts a fake cluster. */
    private static final class Bundle {
        private static final List<Leaf> LEAVES =
                IntStream.rangeClosed(1, COUNT).mapToObj(new Reader()::leaf).toList();
    }

    private static final class Reader {
        private final KeyStore bundled;

        Reader() {
            try (InputStream file = open("nodes.p12")) {
                bundled = KeyStore.getInstance("PKCS12");
                bundled.load(file, PASSWORD);
            } catch (IOException | GeneralSecurityException unreadable) {
                throw new IllegalStateException("the bundled certificates cannot be read", unreadable);
            }
        }

        Leaf leaf(int number) {
            try {
                var certificate = (X509Certificate) bundled.getCertificate("node" + number);
                KeyStore one = KeyStore.getInstance("PKCS12");
                one.load(null, null);
                one.setKeyEntry(
                        "node", bundled.getKey("node" + number, PASSWORD), PASSWORD, new Certificate[] {certificate});
                KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
                keys.init(one, PASSWORD);
                return new Leaf(certificate, keys);
            } catch (IOException | GeneralSecurityException unusable) {
                throw new IllegalStateException("the bundled certificates cannot be used", unusable);
            }
        }
    }

    private static InputStream open(String file) {
        return Objects.requireNonNull(Certificates.class.getResourceAsStream(file), file);
    }
}
