package dev.berth.proxmox;

import java.net.URI;
import java.net.http.HttpResponse;
import java.security.cert.Certificate;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a conversation. Each node has a certificate of its own, so a load balancer that only passes
 * connections on shows more than one of them. For one thread.
 */
final class Peer {
    private final URI endpoint;
    private @Nullable Certificate known;

    Peer(URI endpoint) {
        this.endpoint = endpoint;
    }

    URI endpoint() {
        return endpoint;
    }

    /**
     * Notes who has given an answer.
     *
     * @throws Trouble if it is another than before
     */
    void heard(HttpResponse<?> answer) {
        Certificate shown = answer.sslSession().flatMap(Peer::leaf).orElse(null);
        if (shown == null) {
            return;
        }
        if (known != null && !known.equals(shown)) {
            throw Trouble.unanswered(
                    "through one endpoint two nodes answered, each with a certificate of its own;"
                            + " name the nodes themselves instead of a load balancer",
                    null);
        }
        known = shown;
    }

    private static Optional<Certificate> leaf(SSLSession session) {
        try {
            return Optional.of(session.getPeerCertificates()[0]);
        } catch (SSLPeerUnverifiedException none) {
            return Optional.empty();
        }
    }
}
