package dev.berth.proxmox;

import dev.berth.InvalidInputException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Which certificates an endpoint may show. There is no way to trust all. Immutable. */
public final class Trust {
    private static final int SHA256_DIGITS = 64;

    private final SSLContext context;
    private final String words;

    private Trust(SSLContext context, String words) {
        this.context = context;
        this.words = words;
    }

    /**
     * Trusts what this Java trusts: for nodes with a certificate of a public authority (ACME), or of one that was added to
     * Java's.
     *
     * @return the trust
     */
    public static Trust system() {
        try {
            return new Trust(SSLContext.getDefault(), "the system's authorities");
        } catch (GeneralSecurityException broken) {
            throw InvalidInputException.of("this Java's TLS", broken, "one that works");
        }
    }

    /**
     * Trusts the authorities of a file and no others: the cluster's own, {@code /etc/pve/pve-root-ca.pem} of any node, which
     * lasts ten years. The endpoint must be addressed by a name or an address that its certificate has.
     *
     * @param file one or more certificates, PEM or DER
     * @return the trust
     * @throws InvalidInputException if the file cannot be read, or has no certificate
     */
    public static Trust authority(Path file) {
        InvalidInputException.requireNonNull("file", file);
        try (InputStream in = Files.newInputStream(file)) {
            Collection<? extends Certificate> all =
                    CertificateFactory.getInstance("X.509").generateCertificates(in);
            if (all.isEmpty()) {
                throw InvalidInputException.of("file", file, "a file with a certificate");
            }
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate one : all) {
                store.setCertificateEntry("authority-" + number++, one);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return new Trust(context(factory.getTrustManagers()), "the authorities in " + file);
        } catch (IOException | GeneralSecurityException wrong) {
            throw InvalidInputException.of("file", file, "certificates that can be read: " + wrong.getMessage());
        }
    }

    /**
     * Trusts certificates by their SHA-256 fingerprints, whoever has signed them and whatever names they carry. Each node has
     * a certificate of its own, which changes when it is renewed, every two years at the latest.
     *
     * @param prints the fingerprints, 64 hexadecimal digits each, with or without colons, as the web interface shows them
     * @return the trust
     * @throws InvalidInputException if there is none, or one is not a fingerprint
     */
    public static Trust fingerprints(String... prints) {
        Set<String> known = Arrays.stream(InvalidInputException.requireNonNull("fingerprints", prints))
                .map(Trust::plain)
                .collect(Collectors.toUnmodifiableSet());
        if (known.isEmpty()) {
            throw InvalidInputException.of("fingerprints", "none", "at least one");
        }
        try {
            return new Trust(context(new TrustManager[] {new Pinned(known)}), known.size() + " fingerprints");
        } catch (GeneralSecurityException broken) {
            throw InvalidInputException.of("this Java's TLS", broken, "one that works");
        }
    }

    private static String plain(String print) {
        String digits = InvalidInputException.requireNonNull("fingerprint", print)
                .replace(":", "")
                .strip()
                .toLowerCase(Locale.ROOT);
        if (digits.length() != SHA256_DIGITS || !digits.chars().allMatch(Trust::isHex)) {
            throw InvalidInputException.of("fingerprint", print, "64 hexadecimal digits of SHA-256");
        }
        return digits;
    }

    private static boolean isHex(int character) {
        return Character.digit(character, 16) >= 0 && character < 128;
    }

    private static SSLContext context(TrustManager[] managers) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers, null);
        return context;
    }

    SSLContext context() {
        return context;
    }

    @Override
    public String toString() {
        return words;
    }

    /**
     * Knows leaves by their fingerprints. It is an extended one because only to those the JDK leaves the check of the host's
     * name, for this client alone: a pinned certificate need not carry the name.
     */
    private static final class Pinned extends X509ExtendedTrustManager {
        private final Set<String> known;

        Pinned(Set<String> known) {
            this.known = known;
        }

        private void check(X509Certificate[] chain) throws CertificateException {
            if (chain == null || chain.length == 0) {
                throw new CertificateException("the server has shown no certificate");
            }
            String shown = print(chain[0]);
            if (!known.contains(shown)) {
                throw new CertificateException("the server's certificate has the SHA-256 fingerprint " + shown
                        + ", which is none of those that are trusted; it may have been renewed");
            }
        }

        private static String print(X509Certificate leaf) throws CertificateException {
            try {
                return HexFormat.of()
                        .formatHex(MessageDigest.getInstance("SHA-256").digest(leaf.getEncoded()));
            } catch (java.security.NoSuchAlgorithmException impossible) {
                throw new CertificateException(impossible);
            }
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            check(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            check(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("no clients here");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("no clients here");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("no clients here");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
