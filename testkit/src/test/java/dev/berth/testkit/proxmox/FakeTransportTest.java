package dev.berth.testkit.proxmox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is on the wire: TLS, connections, delays, and answers that do not come. */
@Timeout(60)
class FakeTransportTest {
    private final Lab lab = new Lab();
    private final FakeProxmox cluster = lab.cluster;

    @AfterEach
    void close() {
        lab.close();
    }

    private SSLContext trustingTheAuthority() throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "ca",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(
                                cluster.authorityAsPem().getBytes(StandardCharsets.US_ASCII))));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        return tls;
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(lab.pve1.uri() + "/api2/json" + path))
                .header("Authorization", cluster.operator().authorization());
    }

    @Test
    void httpClientOfTheJdkTrustsTheAuthorityAndKeepsItsConnection() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().sslContext(trustingTheAuthority()).build();
        for (int i = 0; i < 5; i++) {
            var answer = client.send(request("/version").build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        }
        var creation = HttpRequest.BodyPublishers.ofString("vmid=100&unprivileged=1&ostemplate="
                + java.net.URLEncoder.encode(cluster.template(), StandardCharsets.UTF_8));
        var answer = client.send(
                request("/nodes/pve2/lxc")
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(creation)
                        .build(),
                BodyHandlers.ofString());
        assertThat(answer.body()).contains("UPID:pve2:");
        assertThat(client.send(request("/nodes/pve2/lxc/100").DELETE().build(), BodyHandlers.ofString())
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void theJdkDoesNotTrustTheNodes() {
        HttpClient client = HttpClient.newHttpClient();
        assertThatThrownBy(() -> client.send(request("/version").build(), BodyHandlers.ofString()))
                .isInstanceOf(SSLHandshakeException.class);
    }

    @Test
    void certificateHasTheFingerprintThatIsToldAndOnlyTheLeafIsSent() throws Exception {
        String before = lab.pve1.fingerprint();
        assertThat(presented()).isEqualTo(before);
        assertThat(lab.get("/nodes").text()).contains(before);
        assertThat(cluster.node("pve2").fingerprint()).isNotEqualTo(before);
        lab.pve1.renewsItsCertificate();
        assertThat(lab.pve1.fingerprint()).isNotEqualTo(before);
        assertThat(presented()).isEqualTo(lab.pve1.fingerprint());
    }

    private String presented() throws Exception {
        try (SSLSocket socket = (SSLSocket) trustingTheAuthority()
                .getSocketFactory()
                .createSocket("127.0.0.1", lab.pve1.uri().getPort())) {
            socket.startHandshake();
            var chain = socket.getSession().getPeerCertificates();
            assertThat(chain).hasSize(1);
            assertThat(((X509Certificate) chain[0]).getSubjectAlternativeNames())
                    .hasSize(3);
            return HexFormat.ofDelimiter(":")
                    .withUpperCase()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(chain[0].getEncoded()));
        }
    }

    @Test
    void lostAnswerWasExecutedAndRequestThatNeverArrivedWasNot() throws IOException {
        cluster.next("POST", "/nodes/*/lxc").isLost();
        assertThat(lab.get("/version").status()).as("another request").isEqualTo(200);
        assertThatThrownBy(() -> lab.create(100)).isInstanceOf(IOException.class);
        assertThat(cluster.guest(100).exists()).isTrue();
        cluster.next("POST", "/nodes/*/lxc").neverArrives();
        assertThatThrownBy(() -> lab.create(101)).isInstanceOf(IOException.class);
        assertThat(cluster.guest(101).exists()).isFalse();
        assertThat(lab.create(101).status()).as("only the next one").isEqualTo(200);
    }

    @Test
    void answersAreWhatTheyAreSaidToBe() throws IOException {
        cluster.next("GET", "/cluster/resources").is(599, "Too many redirections");
        assertThat(lab.get("/cluster/resources").line()).isEqualTo("599 Too many redirections");
        cluster.next("POST", "/nodes/pve1/lxc").isTimeoutThoughExecuted();
        assertThat(lab.create(100).line()).isEqualTo("596 Connection timed out");
        assertThat(cluster.guest(100).exists()).isTrue();
        cluster.next("GET", "*").isTorn();
        assertThatThrownBy(() -> lab.get("/version")).isInstanceOfAny(EOFException.class, IOException.class);
        cluster.every("GET", "*").is(503, "Busy");
        assertThat(lab.get("/version").status()).isEqualTo(503);
        assertThat(lab.get("/version").status()).isEqualTo(503);
        cluster.answersAsUsual();
        assertThat(lab.get("/version").status()).isEqualTo(200);
    }

    @Test
    void delaysAreOfTheWall() throws IOException {
        var delays = new AnswerDelays(Duration.ofMillis(150), Duration.ofMillis(100), Duration.ofMillis(300));
        try (var slow = new Lab(
                FakeProxmox.cluster("slow").nodes("pve1", "pve2", "pve3").delays(delays))) {
            slow.cluster.node("pve2").goesOffline();
            assertThat(took(() -> slow.get("/nodes/pve2/lxc"))).isGreaterThanOrEqualTo(Duration.ofMillis(300));
            assertThat(took(() -> slow.get("/nodes/pve2/lxc"))).isGreaterThanOrEqualTo(Duration.ofMillis(100));
            slow.cluster.operator().expiresAt(slow.clock.instant());
            assertThat(took(() -> slow.get("/version"))).isGreaterThanOrEqualTo(Duration.ofMillis(150));
        }
        cluster.next("GET", "/version").comesAfter(Duration.ofMillis(200));
        assertThat(took(() -> lab.get("/version"))).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }

    /** Something that asks. */
    interface Asking {
        RawClient.Raw ask() throws IOException;
    }

    private static Duration took(Asking asking) throws IOException {
        long start = System.nanoTime();
        var unused = asking.ask();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    @Test
    void hungProxyAnswersWhenItRecovers() throws Exception {
        lab.pve1.proxyHangs();
        var answer = CompletableFuture.supplyAsync(() -> {
            try {
                return lab.get("/version").status();
            } catch (IOException broken) {
                throw new IllegalStateException(broken);
            }
        });
        assertThat(lab.client.get(cluster.node("pve2"), "/nodes/pve1/lxc").line())
                .isEqualTo("596 Connection timed out");
        assertThat(answer).isNotDone();
        lab.pve1.proxyRecovers();
        assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(200);
    }

    @Test
    void addressStaysTheSameOverDownAndUp() throws IOException {
        var address = lab.pve1.uri();
        for (int i = 0; i < 20; i++) {
            lab.pve1.goesOffline();
            assertThatThrownBy(() -> lab.get("/version")).isInstanceOf(IOException.class);
            lab.pve1.comesBack();
            assertThat(lab.get("/version").status()).isEqualTo(200);
        }
        assertThat(lab.pve1.uri()).isEqualTo(address);
    }

    @Test
    void noThreadSurvivesClosing() throws Exception {
        var busy = new Lab(FakeProxmox.cluster("busy"));
        busy.get("/version");
        busy.pve1.proxyHangs();
        var unanswered = CompletableFuture.supplyAsync(() -> {
            try {
                return busy.get("/version").line();
            } catch (IOException cut) {
                return "cut";
            }
        });
        try (Socket waiting =
                new Socket(InetAddress.getLoopbackAddress(), busy.pve1.uri().getPort())) {
            waiting.getOutputStream().write('G');
            for (int i = 0; i < 3; i++) {
                busy.cluster.close();
            }
        }
        assertThat(unanswered.get(30, TimeUnit.SECONDS)).isEqualTo("cut");
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("fake-proxmox-busy")) {
                // One that has done its work may be seen a moment longer.
                thread.join(5_000);
                assertThat(thread.isAlive()).as(thread.getName()).isFalse();
            }
        }
    }

    @Test
    void whatProxmoxDoesNotTakeIsRefused() throws IOException {
        Map<String, String> head = Map.of("Authorization", cluster.operator().authorization());
        assertThat(lab.client
                        .send(lab.pve1, "PATCH", "/api2/json/version", head, new byte[0])
                        .line())
                .isEqualTo("501 method 'PATCH' not available");
        assertThat(lab.client
                        .send(lab.pve1, "GET", "/api2/json/", head, new byte[0])
                        .line())
                .isEqualTo("501 Method 'GET /' not implemented");
    }
}
