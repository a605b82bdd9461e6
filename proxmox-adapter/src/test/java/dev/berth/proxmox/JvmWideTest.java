package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import dev.berth.testkit.proxmox.FakeProxmox;
import dev.berth.testkit.proxmox.FakeToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is set for a whole JVM, and what a runtime makes of it or says into it: proxies, trust, the log. */
@Isolated
class JvmWideTest {
    @TempDir
    Path files;

    // ------------------------------------------------------------------ proxies

    /** Sends all that asks it to one address, and remembers who asked. */
    private static final class Selector extends ProxySelector {
        private final Set<Integer> asked = ConcurrentHashMap.newKeySet();
        private final InetSocketAddress proxy;

        Selector(InetSocketAddress proxy) {
            this.proxy = proxy;
        }

        @Override
        public List<Proxy> select(URI uri) {
            asked.add(uri.getPort());
            return List.of(new Proxy(Proxy.Type.HTTP, proxy));
        }

        @Override
        public void connectFailed(URI uri, SocketAddress address, IOException failure) {}
    }

    /** Whatever proxy other programs of this JVM were given, a token does not go there; what asks the JVM would. */
    @Test
    void tokensTrafficGoesThroughNoProxyOfTheJvm() throws Exception {
        ProxySelector usual = ProxySelector.getDefault();
        try (FakeProxmox lab = Labs.three()) {
            // Nobody listens there.
            var selector = new Selector(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1));
            ProxySelector.setDefault(selector);
            try (var runtime = Labs.to(lab).open()) {
                assertThat(runtime.guests().guests()).hasSize(1);
                assertThat(selector.asked).isEmpty();
                var other = HttpClient.newHttpClient()
                        .sendAsync(HttpRequest.newBuilder(lab.uris().get(0)).build(), BodyHandlers.discarding())
                        .handle((answer, failure) -> failure);
                assertThat(other.get(30, TimeUnit.SECONDS)).isNotNull();
                assertThat(selector.asked).containsExactly(lab.uris().get(0).getPort());
            }
        } finally {
            ProxySelector.setDefault(usual);
        }
    }

    // ------------------------------------------------------------------ trust

    /** Whoever pins a node, or names its authority, does not need a trust store of this Java that works. */
    @Test
    void trustStoreThatIsBrokenFailsOnlyThoseWhoNeedIt() throws Exception {
        Path broken = Files.writeString(files.resolve("broken.p12"), "this is no store");
        Path output = files.resolve("output");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + files,
                        "-Djavax.net.ssl.trustStore=" + broken,
                        "-classpath",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        BrokenTrust.class.getName(),
                        files.resolve("authority.pem").toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        String told = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(process.exitValue()).as(told).isZero();
        assertThat(told).contains("pinned: 1", "authority: 1", "nothing said: this Java's TLS");
    }

    /** Runs where this Java's own trust store is broken. */
    static final class BrokenTrust {
        private BrokenTrust() {}

        public static void main(String[] file) throws Exception {
            try (FakeProxmox lab = Labs.three()) {
                tell("pinned", lab, Labs.pins(lab));
                Path authority = Files.writeString(Path.of(file[0]), lab.authorityAsPem());
                tell("authority", lab, Trust.authority(authority));
                try {
                    connection(lab).build().close();
                } catch (InvalidInputException told) {
                    System.out.println("nothing said: " + told.getMessage());
                }
            }
        }

        private static ProxmoxConnection connection(FakeProxmox lab) {
            FakeToken token = lab.operator();
            return ProxmoxRuntime.at(Labs.SCOPE, lab.uris().get(0))
                    .credentials(Credentials.token(token.id(), token.secret().toCharArray()));
        }

        private static void tell(String what, FakeProxmox lab, Trust trust) throws InterruptedException {
            try (var runtime = connection(lab).trust(trust).build()) {
                System.out.println(what + ": " + runtime.guests().guests().size());
            }
        }
    }

    // ------------------------------------------------------------------ the log

    /** A credential that may do all but one thing of those that creating needs is good, and {@code open} says which lacks. */
    @ParameterizedTest
    @ValueSource(strings = {"VM.Config.Disk", "VM.Config.Memory", "VM.Config.Network", "VM.Config.CPU"})
    void openWarnsOfTheRightThatCreatingLacks(String right) {
        try (FakeProxmox lab = Labs.three()) {
            String told = told(() -> open(lab, "without-" + right.toLowerCase(Locale.ROOT), right));

            assertThat(told.lines().filter(line -> line.contains(right)))
                    .singleElement()
                    .satisfies(line -> assertThat(line)
                            .contains("WARN", "cannot be created", right + " on /vms is not granted")
                            .doesNotContain("VM.Audit"));
        }
    }

    @Test
    void openSaysNothingWhereNoRightLacks() {
        try (FakeProxmox lab = Labs.three()) {
            assertThat(told(() -> open(lab, "with-all", "none"))).doesNotContain("with-all");
        }
    }

    private static void open(FakeProxmox lab, String scope, String without) {
        FakeToken token = lab.user("role@pve")
                .may(
                        "/",
                        List.of(
                                        "Sys.Audit",
                                        "VM.Audit",
                                        "VM.Allocate",
                                        "VM.PowerMgmt",
                                        "VM.Config.Options",
                                        "VM.Config.Disk",
                                        "VM.Config.Memory",
                                        "VM.Config.Network",
                                        "VM.Config.CPU")
                                .stream()
                                .filter(right -> !right.equals(without))
                                .toArray(String[]::new))
                .token("main");
        ProxmoxRuntime.at(Scope.of(scope), lab.uris().toArray(new URI[0]))
                .credentials(Credentials.token(token.id(), token.secret().toCharArray()))
                .trust(Labs.pins(lab))
                .open()
                .close();
    }

    private static String told(Runnable deed) {
        PrintStream usual = System.err;
        var told = new ByteArrayOutputStream();
        System.setErr(new PrintStream(told, true, StandardCharsets.UTF_8));
        try {
            deed.run();
        } finally {
            System.setErr(usual);
        }
        return told.toString(StandardCharsets.UTF_8);
    }
}
