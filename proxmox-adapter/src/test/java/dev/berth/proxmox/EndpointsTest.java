package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.berth.InvalidInputException;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.RuntimeFaultException;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.Race;
import dev.berth.testkit.proxmox.FakeNode;
import dev.berth.testkit.proxmox.FakeProxmox;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which node gives a verdict: one, the same from its first question to its last, and another where that one is ill. */
@Timeout(120)
class EndpointsTest {
    private static final byte[] LOOPBACK_TWO = {127, 0, 0, 2};
    private static final byte[] LOOPBACK_SIX = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

    @TempDir
    Path files;

    // ------------------------------------------------------------------ balancers

    /** Where the nodes take turns. */
    enum Layer {
        CONNECTIONS,
        REQUESTS;

        Balancer before(FakeProxmox lab, Path directory, List<FakeNode> nodes) throws Exception {
            return this == CONNECTIONS
                    ? Balancer.ofConnections(Labs.pins(lab), InetAddress.getLoopbackAddress(), nodes)
                    : Balancer.ofRequests(Labs.pins(lab), directory, nodes);
        }
    }

    private static ProxmoxRuntime through(FakeProxmox lab, Balancer balancer) {
        return ProxmoxRuntime.at(Labs.SCOPE, balancer.uri())
                .credentials(Credentials.token(
                        lab.operator().id(), lab.operator().secret().toCharArray()))
                .trust(balancer.trust())
                .canary(Labs.CANARY)
                .stopsWithin(Duration.ZERO)
                .build();
    }

    /** Two nodes that take turns are two witnesses of which each has seen the half: together they prove nothing. */
    @ParameterizedTest
    @EnumSource
    void balancerBetweenTwoNodesProvesNothing(Layer layer) throws Exception {
        balancerProvesNothing(layer, 2);
    }

    @ParameterizedTest
    @EnumSource
    void balancerBetweenThreeNodesProvesNothing(Layer layer) throws Exception {
        balancerProvesNothing(layer, 3);
    }

    private void balancerProvesNothing(Layer layer, int count) throws Exception {
        try (var site = new Site();
                Balancer balancer =
                        layer.before(site.lab, files, site.lab.nodes().subList(0, count));
                var runtime = through(site.lab, balancer)) {
            for (int round = 0; round < 4; round++) {
                assertThat(runtime.look("lxc/999"))
                        .isInstanceOfSatisfying(
                                Sighting.Unknown.class,
                                unknown -> assertThat(unknown.reason()).contains("load balancer"));
            }
            if (layer == Layer.REQUESTS) {
                for (int round = 0; round < 4; round++) {
                    assertThat(site.fault(runtime::inventory)).isInstanceOf(Fault.Unknown.class);
                }
            }
        }
    }

    /** With a node among them that is cut off and knows nothing of what the majority has made since. */
    @ParameterizedTest
    @EnumSource
    void staleNodeBehindABalancerProvesNothing(Layer layer) throws Exception {
        try (var site = new Site();
                Balancer balancer =
                        layer.before(site.lab, files, List.of(site.lab.node("pve1"), site.lab.node("pve3")));
                var runtime = through(site.lab, balancer)) {
            site.lab.node("pve3").isCutOff();
            String id = site.create(132, site.mark());

            for (int round = 0; round < 6; round++) {
                assertThat(runtime.look(id)).isNotInstanceOf(Sighting.Absent.class);
                assertThat(sight(runtime, id)).isNotInstanceOf(Sighting.Absent.class);
            }
        }
    }

    private static Sighting sight(ProxmoxRuntime runtime, String id) throws Exception {
        try {
            Inventory told = runtime.inventory();
            return told.sight(id);
        } catch (Trouble trouble) {
            return new Sighting.Unknown(trouble.fault().detail());
        }
    }

    /** Where chance has it that one node alone speaks for the cluster, and another of the guests: their certificates differ. */
    @Test
    void nodesAreToldApartByTheirCertificates() throws Exception {
        try (var site = new Site()) {
            FakeNode one = site.lab.node("pve1");
            FakeNode other = site.lab.node("pve2");
            // An answer of 400 and more ends its connection, which is that of each canary here.
            try (Balancer balancer = Layer.CONNECTIONS.before(site.lab, files, List.of(one, other, other, one));
                    var runtime = through(site.lab, balancer)) {
                assertThat(runtime.look("lxc/999"))
                        .isInstanceOfSatisfying(
                                Sighting.Unknown.class,
                                unknown -> assertThat(unknown.reason()).contains("certificate"));
            }
        }
    }

    /** One node behind something that only passes its connections on is as good as the node. */
    @ParameterizedTest
    @EnumSource
    void oneNodeBehindABalancerIsItself(Layer layer) throws Exception {
        try (var site = new Site();
                Balancer balancer = layer.before(site.lab, files, List.of(site.lab.node("pve2")));
                var runtime = through(site.lab, balancer)) {
            assertThat(runtime.look("lxc/999")).isInstanceOf(Sighting.Absent.class);
            assertThat(runtime.inventory().coverage().isComplete()).isTrue();
        }
    }

    // ------------------------------------------------------------------ failover

    /** Whoever has less patience than it takes to be sure that an endpoint hangs does not wait for it again and again. */
    @Test
    void endpointThatHangsIsNotAskedFirstAgain() throws Exception {
        FakeProxmox lab = Labs.three();
        try (var site = new Site(lab, Labs.to(lab).build())) {
            lab.node("pve1").proxyHangs();
            var outcome = new Throwable[1];
            var impatient = new Thread(() -> {
                try {
                    site.runtime.inventory();
                } catch (InterruptedException | RuntimeException given) {
                    outcome[0] = given;
                }
            });
            impatient.start();
            impatient.join(500);
            impatient.interrupt();
            impatient.join();
            assertThat(outcome[0]).isInstanceOf(InterruptedException.class);

            long begun = System.nanoTime();
            assertThat(site.runtime.inventory().coverage().isComplete()).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(20));
        }
    }

    /** A conversation that fails in its midst is begun anew elsewhere, and nothing of the first half counts. */
    @Test
    void verdictIsBegunAnewElsewhere() throws Exception {
        try (var site = new Site()) {
            site.lab.every("GET", "/cluster/nextid").is(500, "got timeout");
            assertThat(site.runtime.look("lxc/999")).isInstanceOf(Sighting.Unknown.class);
            assertThat(site.lab.requests().stream().map(seen -> seen.node()).distinct())
                    .containsExactlyInAnyOrder("pve1", "pve2", "pve3");
        }
    }

    /** What was sent to one node is never sent to another as well. */
    @ParameterizedTest
    @ValueSource(strings = {"lost", "never"})
    void writeIsNotRepeatedElsewhere(String how) throws Exception {
        try (var site = new Site()) {
            var script = site.lab.every("POST", "/nodes/pve1/lxc");
            if (how.equals("lost")) {
                script.isLost();
            } else {
                script.neverArrives();
            }
            site.lab.forgetRequests();
            try {
                site.create(103, site.mark());
            } catch (Trouble unknown) {
                assertThat(unknown.fault()).isInstanceOf(Fault.Unknown.class);
            }
            assertThat(site.asked("POST", "/lxc")).isLessThanOrEqualTo(1);
        }
    }

    // ------------------------------------------------------------------ addresses

    @Test
    void addressOfVersionSixIsReached() throws Exception {
        FakeProxmox lab = Labs.three();
        Path authority = Files.writeString(files.resolve("pve-root-ca.pem"), lab.authorityAsPem());
        try (var site = new Site(lab);
                Balancer six = six(lab);
                var runtime = ProxmoxRuntime.at(Labs.SCOPE, six.uri())
                        .credentials(Credentials.token(
                                lab.operator().id(), lab.operator().secret().toCharArray()))
                        .trust(Trust.authority(authority))
                        .open()) {
            assertThat(six.uri().getHost()).startsWith("[");
            assertThat(runtime.look("lxc/999")).isInstanceOf(Sighting.Absent.class);
            assertThat(site.runtime.look("lxc/100")).isInstanceOf(Sighting.Present.class);
        }
    }

    private static Balancer six(FakeProxmox lab) {
        try {
            return Balancer.ofConnections(
                    Labs.pins(lab), InetAddress.getByAddress(LOOPBACK_SIX), List.of(lab.node("pve1")));
        } catch (IOException none) {
            return abort("skipped: this machine has no IPv6 (" + none.getMessage() + ")");
        }
    }

    /** An authority vouches for the addresses in a certificate, a fingerprint for the certificate itself. */
    @Test
    void authorityVouchesForNoOtherAddress() throws Exception {
        FakeProxmox lab = Labs.three();
        Path authority = Files.writeString(files.resolve("pve-root-ca.pem"), lab.authorityAsPem());
        var token = lab.operator();
        try (var site = new Site(lab);
                Balancer elsewhere = Balancer.ofConnections(
                        Labs.pins(lab), InetAddress.getByAddress(LOOPBACK_TWO), List.of(lab.node("pve1")));
                var byAuthority = ProxmoxRuntime.at(Labs.SCOPE, elsewhere.uri())
                        .credentials(
                                Credentials.token(token.id(), token.secret().toCharArray()))
                        .trust(Trust.authority(authority))
                        .build();
                var byPrint = ProxmoxRuntime.at(Labs.SCOPE, elsewhere.uri())
                        .credentials(
                                Credentials.token(token.id(), token.secret().toCharArray()))
                        .trust(elsewhere.trust())
                        .build()) {
            assertThat(site.fault(byAuthority::inventory)).isInstanceOf(Fault.Unreachable.class);
            assertThat(lab.requests()).isEmpty();
            assertThat(byPrint.inventory().instances()).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://pve1:8006",
                "https://pve1:8006/api2/json",
                "https://proxy/pve",
                "https://pve1:8006?x=1",
                "https://pve1:8006#x",
                "https://pve_1:8006",
                "pve1:8006"
            })
    void whatIsNoNodesAddressIsRefused(String address) {
        assertThatThrownBy(() -> ProxmoxRuntime.at(Labs.SCOPE, URI.create(address)))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("https://host:8006");
    }

    @Test
    void noAddressIsRefused() {
        assertThatThrownBy(() -> ProxmoxRuntime.at(Labs.SCOPE)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> ProxmoxRuntime.at(Labs.SCOPE, (URI) null)).isInstanceOf(InvalidInputException.class);
        assertThat(ProxmoxRuntime.at(Labs.SCOPE, URI.create("HTTPS://pve1:8006/")))
                .isNotNull();
    }

    // ------------------------------------------------------------------ beginnings and ends

    /** An application that starts before its cluster tries again, with what it has. */
    @Test
    void openingCanBeTriedAgain() throws Exception {
        FakeProxmox lab = Labs.three();
        try (var site = new Site(lab)) {
            ProxmoxConnection connection = Labs.to(lab);
            lab.nodes().forEach(FakeNode::goesOffline);
            assertThatThrownBy(connection::open).isInstanceOf(RuntimeFaultException.class);
            lab.nodes().forEach(FakeNode::comesBack);
            ProxmoxRuntime opened = connection.open();
            assertThat(opened.inventory().instances()).hasSize(1);

            opened.close();
            assertThatThrownBy(connection::build)
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("wiped");
            assertThat(site.runtime.inventory().instances()).hasSize(1);
        }
    }

    // ------------------------------------------------------------------ who asks

    /** All tickets run out before their time, as after a change of the clock, while many ask at once: all get an answer. */
    @Test
    void ticketThatIsRefusedToManyIsReplacedForAll() throws Exception {
        var clock = ManualClock.at(Instant.parse("2026-11-22T00:00:00Z"));
        FakeProxmox lab =
                FakeProxmox.cluster("lab").nodes("pve1", "pve2").clock(clock).start();
        lab.addContainer(Labs.CANARY, "pve1");
        lab.user("per%cent+plus@pve").withPassword("s3cr3t").mayEverything("/");
        var user = Credentials.ticket("per%cent+plus@pve", "s3cr3t"::toCharArray);
        var asleep = ManualClock.at(Instant.parse("2026-11-22T00:00:00Z"));
        try (var site = new Site(
                lab,
                ProxmoxRuntime.at(Labs.SCOPE, lab.uris().toArray(new URI[0]))
                        .trust(Labs.pins(lab))
                        .credentials(user)
                        .clock(asleep)
                        .build())) {
            assertThat(site.runtime.inventory().instances()).hasSize(1);
            Race.of(6)
                    .rounds(3)
                    .<Integer>run(
                            (round, racer, random) -> {
                                if (racer == 0) {
                                    clock.advance(Duration.ofHours(3));
                                }
                                return site.runtime.inventory().instances().size();
                            },
                            (round, sizes) -> assertThat(sizes).containsOnly(1));
        }
    }

    @Test
    void tokenOfAUserWithStrangeCharactersSigns() throws Exception {
        FakeProxmox lab = Labs.three();
        var token = lab.user("per%cent+plus&more@pve").mayEverything("/").token("a.b-c_d");
        try (var site = new Site(lab, Labs.to(lab, token).open())) {
            assertThat(site.runtime.inventory().instances()).hasSize(1);
        }
    }

    // ------------------------------------------------------------------ which cluster

    /** One that was set up anew under the old name and address is another: what the old one had is not gone in it. */
    @Test
    void clusterThatWasSetUpAnewIsAnother() throws Exception {
        try (var site = new Site();
                var again = new Site(FakeProxmox.cluster("lab")
                        .nodes("pve1", "pve2", "pve3")
                        .installedAnew()
                        .start())) {
            var before = site.runtime.fingerprint();
            assertThat(before.parts()).containsOnlyKeys("cluster", "authority");
            assertThat(site.runtime.fingerprint()).isEqualTo(before);
            assertThat(before.differences(again.runtime.fingerprint()))
                    .singleElement()
                    .asString()
                    .contains("authority");

            // Each file is read by itself: an answer may be whole without the one that counts.
            site.lab.next("GET", "/nodes/*/certificates/info").says(200, "OK", "application/json", "{\"data\":[]}");
            site.lab.next("GET", "/nodes/*/certificates/info").says(200, "OK", "application/json", "{\"data\":[]}");
            site.lab.next("GET", "/nodes/*/certificates/info").says(200, "OK", "application/json", "{\"data\":[]}");
            assertThat(site.fault(site.runtime::fingerprint)).isInstanceOf(Fault.Unknown.class);
            site.lab.answersAsUsual();
            site.lab.every("GET", "/nodes/*/certificates/info").is(596, "Connection timed out");
            assertThat(site.fault(site.runtime::fingerprint)).isInstanceOf(Fault.Unknown.class);
            site.lab.nodes().forEach(FakeNode::renewsItsCertificate);
        }
    }
}
