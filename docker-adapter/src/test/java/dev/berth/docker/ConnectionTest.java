package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import dev.berth.runtime.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.TrustManagerFactory;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How an engine is reached: by TLS, with a client of the host's, and not at all. */
@Timeout(60)
class ConnectionTest {
    private static final char[] PASSWORD = "s3cr3t".toCharArray();
    private static final Scope NODE = Scope.of("node-1");

    @TempDir
    private Path directory;

    /** A key and its certificate, which is its own authority, as a store and as Docker's command line has them. */
    private KeyStore key(String name) throws Exception {
        Path file = directory.resolve(name + ".p12");
        Process keytool = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "engine",
                        "-keyalg",
                        "RSA",
                        "-keysize",
                        "2048",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        String.valueOf(PASSWORD),
                        "-keystore",
                        file.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD);
        Path pem = Files.createDirectory(directory.resolve(name));
        Key secret = store.getKey("engine", PASSWORD);
        Certificate certificate = store.getCertificate("engine");
        write(pem.resolve("key.pem"), "PRIVATE KEY", secret.getEncoded());
        write(pem.resolve("cert.pem"), "CERTIFICATE", certificate.getEncoded());
        write(pem.resolve("ca.pem"), "CERTIFICATE", certificate.getEncoded());
        return store;
    }

    private static void write(Path file, String what, byte[] content) throws IOException {
        Files.writeString(
                file,
                "-----BEGIN " + what + "-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + what
                        + "-----\n");
    }

    private static SSLContext context(KeyStore store) throws Exception {
        var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("engine", store.getCertificate("engine"));
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    /** Puts TLS before an engine's socket, and wants to know who asks. */
    private static SSLServerSocket secured(Path engine, SSLContext context) throws IOException {
        var server = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        server.setNeedClientAuth(true);
        spawn(() -> {
            while (!server.isClosed()) {
                var client = server.accept();
                spawn(() -> {
                    try (client;
                            SocketChannel daemon = SocketChannel.open(UnixDomainSocketAddress.of(engine))) {
                        spawn(() -> up(client.getInputStream(), daemon));
                        down(daemon, client.getOutputStream());
                    }
                });
            }
        });
        return server;
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void up(InputStream from, SocketChannel to) throws IOException {
        byte[] buffer = new byte[1 << 14];
        for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
            ByteBuffer whole = ByteBuffer.wrap(buffer, 0, read);
            while (whole.hasRemaining()) {
                to.write(whole);
            }
        }
    }

    private static void down(SocketChannel from, OutputStream to) throws IOException {
        byte[] buffer = new byte[1 << 14];
        for (int read = from.read(ByteBuffer.wrap(buffer)); read >= 0; read = from.read(ByteBuffer.wrap(buffer))) {
            to.write(buffer, 0, read);
            to.flush();
        }
    }

    private static void spawn(Work work) {
        var thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException over) {
                // The connection, or the test, is over.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    @Test
    void anEngineIsReachedByTlsByWhomItKnowsAndByNobodyElse() throws Exception {
        Engine engine = Engine.DOCKERD.orSkip();
        KeyStore known = key("known");
        key("unknown");
        try (SSLServerSocket server = secured(engine.socket(), context(known))) {
            URI uri = URI.create("tcp://127.0.0.1:" + server.getLocalPort());
            try (DockerRuntime files = DockerRuntime.at(NODE)
                            .host(uri)
                            .tls(directory.resolve("known"))
                            .build();
                    DockerRuntime given =
                            DockerRuntime.at(NODE).host(uri).tls(context(known)).build();
                    DockerRuntime stranger = DockerRuntime.at(NODE)
                            .host(uri)
                            .tls(directory.resolve("unknown"))
                            .build();
                    DockerRuntime plain = DockerRuntime.at(NODE)
                            .host(uri)
                            .responseTimeout(Duration.ofSeconds(10))
                            .build()) {
                assertThat(files.inventory().coverage().isComplete()).isTrue();
                assertThat(given.fingerprint()).isEqualTo(files.fingerprint());
                assertThat(faultOf(stranger)).isInstanceOf(Fault.Unreachable.class);
                assertThat(faultOf(plain)).isInstanceOf(Fault.Unknown.class);
            }
        }
    }

    private static Fault faultOf(DockerRuntime runtime) {
        try {
            runtime.inventory();
        } catch (RuntimeException failure) {
            return runtime.classify(failure);
        }
        throw new AssertionError("it should have failed");
    }

    @Test
    void theHostsOwnClientIsUsedAndNotClosed() {
        Engine engine = Engine.DOCKERD.orSkip();
        try (DockerRuntime owner = DockerFixture.open(engine.uri())) {
            DockerRuntime guest = DockerRuntime.on(owner.docker(), NODE);
            assertThat(guest.fingerprint()).isEqualTo(owner.fingerprint());
            guest.close();

            assertThat(owner.docker().pingCmd().exec()).isNull();
        }
    }

    @Test
    void aClosedClientIsUnreachable() {
        Engine engine = Engine.DOCKERD.orSkip();
        for (DockerRuntime runtime : List.of(DockerFixture.open(engine.uri()))) {
            runtime.close();
            assertThat(faultOf(runtime)).isInstanceOf(Fault.Unreachable.class);
        }
    }

    @Test
    void whereNobodyListensNothingWasDone() {
        for (URI nobody :
                List.of(URI.create("unix://" + directory.resolve("no.sock")), URI.create("tcp://127.0.0.1:1"))) {
            try (DockerRuntime runtime = DockerRuntime.at(NODE)
                    .host(nobody)
                    .connectTimeout(Duration.ofSeconds(5))
                    .responseTimeout(Duration.ofSeconds(5))
                    .build()) {
                assertThat(faultOf(runtime)).as("%s", nobody).isInstanceOf(Fault.Unreachable.class);
            }
        }
    }

    /** Nobody interrupts here: what is left is the transport's own time-out, on TCP. */
    @Test
    void aHungEngineEndsByTheResponseTimeoutOverTcp() throws Exception {
        Engine engine = Engine.DOCKERD.orSkip();
        try (Relay relay = Relay.onTcp(engine.socket());
                DockerRuntime runtime = DockerRuntime.at(NODE)
                        .host(relay.uri())
                        .responseTimeout(Duration.ofMillis(300))
                        .build()) {
            relay.block();

            assertThat(faultOf(runtime)).isInstanceOf(Fault.Unknown.class);
        }
    }

    @Test
    void addressesThatAreNoneAndKeysWithoutTcpAreRefused() {
        DockerConnection connection = DockerRuntime.at(NODE);
        for (String wrong : List.of(
                "http://host:1",
                "ssh://host",
                "tcp://host",
                "tcp://host:0",
                "/var/run/docker.sock",
                "unix://var/run/docker.sock",
                "unix:///",
                "tcp://host:1?x=s3cret",
                "tcp://user:s3cret@host:1",
                "tcp://user:s3cret@host")) {
            assertThatThrownBy(() -> connection.host(URI.create(wrong)))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageNotContaining("s3cret");
        }
        assertThatThrownBy(() -> connection.tls(directory.resolve("nowhere")))
                .isInstanceOf(InvalidInputException.class);
        DockerConnection contradicting = connection.tls(directory);
        assertThatThrownBy(contradicting::build).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> connection.connectTimeout(Duration.ZERO)).isInstanceOf(InvalidInputException.class);
    }

    /** Schemes have no case; docker-java's have. */
    @Test
    void theCaseOfASchemeDoesNotMatter() {
        for (String address : List.of("TCP://127.0.0.1:2375", "UNIX:///run/docker.sock", "unix:/run/docker.sock")) {
            DockerRuntime.at(NODE).host(URI.create(address)).build().close();
        }
        assertThat(DockerRuntime.at(NODE)
                        .host(URI.create("TCP://h:2376/docker"))
                        .toString())
                .isEqualTo("node-1 at tcp://h:2376/docker");
    }

    @Test
    void anAddressWithoutAPortHasThatOfTheCommandLine() {
        assertThat(Addresses.checked(URI.create("tcp://host"), false)).isEqualTo(URI.create("tcp://host:2375"));
        assertThat(Addresses.checked(URI.create("tcp://[::1]"), true)).isEqualTo(URI.create("tcp://[::1]:2376"));
    }

    /** An application whose engine is said by its environment. */
    static final class FromEnvironment {
        private FromEnvironment() {}

        public static void main(String... arguments) {
            System.out.println("ready");
            try (DockerRuntime runtime = DockerRuntime.fromEnvironment(NODE)) {
                runtime.fingerprint().parts().forEach((part, value) -> System.out.println(part + "=" + value));
                System.out.println("listed=" + runtime.inventory().coverage().isComplete());
            } catch (RuntimeException failure) {
                System.out.println("failed=" + failure);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void theEnvironmentNamesTheEngineWhereThatIsAskedFor(Engine engine) throws Exception {
        String host = engine.orSkip().uri().toString();
        assertThat(told(Map.of("DOCKER_HOST", host)))
                .contains("engine=" + (engine == Engine.PODMAN ? "podman" : "docker"), "listed=true");
        assertThat(told(Map.of("DOCKER_HOST", "unix://" + directory.resolve("nobody.sock"))))
                .singleElement(InstanceOfAssertFactories.STRING)
                .startsWith("failed=")
                .contains("No such file");
    }

    /** What {@code docker context use} has chosen. */
    @ParameterizedTest
    @EnumSource
    void theContextOfTheCommandLineNamesTheEngineWhereThatIsAskedFor(Engine engine) throws Exception {
        String host = engine.orSkip().uri().toString();
        String digest = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest("lab".getBytes(StandardCharsets.UTF_8)));
        Path meta = Files.createDirectories(
                directory.resolve("contexts").resolve("meta").resolve(digest));
        Files.writeString(directory.resolve("config.json"), "{\"currentContext\":\"lab\"}");
        Files.writeString(
                meta.resolve("meta.json"),
                "{\"Name\":\"lab\",\"Metadata\":{},\"Endpoints\":{\"docker\":{\"Host\":\"" + host
                        + "\",\"SkipTLSVerify\":false}}}");

        assertThat(told(Map.of("DOCKER_CONFIG", directory.toString())))
                .contains("engine=" + (engine == Engine.PODMAN ? "podman" : "docker"), "listed=true");
    }

    /** docker-java would silently take the engine of this host, and what is there would be taken for what was meant. */
    @Test
    void aContextThatIsNotThereIsRefused() throws Exception {
        Files.writeString(directory.resolve("config.json"), "{\"currentContext\":\"gone\"}");
        String config = directory.toString();

        assertThat(told(Map.of("DOCKER_CONFIG", config)))
                .singleElement(InstanceOfAssertFactories.STRING)
                .startsWith("failed=")
                .contains("docker context", "gone");
        assertThat(told(Map.of("DOCKER_CONFIG", config, "DOCKER_CONTEXT", "prod")))
                .singleElement(InstanceOfAssertFactories.STRING)
                .contains("docker context", "prod");
        assertThat(told(Map.of("DOCKER_CONFIG", config, "DOCKER_CONTEXT", "default")))
                .noneMatch(line -> line.contains("docker context"));
        assertThat(told(Map.of("DOCKER_CONFIG", config, "DOCKER_HOST", "unix://" + directory.resolve("nobody.sock"))))
                .as("a host that is said counts more than a context")
                .noneMatch(line -> line.contains("docker context"));
    }

    private List<String> told(Map<String, String> environment) throws Exception {
        try (OtherProcess process = OtherProcess.start(directory, environment, FromEnvironment.class)) {
            process.ready();
            List<String> lines = new ArrayList<>();
            for (String line = process.next(); line != null; line = process.next()) {
                lines.add(line);
            }
            return lines;
        }
    }
}
