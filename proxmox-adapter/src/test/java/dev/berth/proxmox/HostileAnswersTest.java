package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.Fault;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.proxmox.FakeProxmox;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Flow;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is no answer of the API, too late, too long, or in pieces, proves nothing and breaks nothing. */
@Timeout(120)
class HostileAnswersTest {
    private static final String JSON = "application/json;charset=UTF-8";

    /** What a proxy, a captive portal or a broken node may say. */
    enum Said {
        HTML(200, "text/html", "<html><body>Please sign in</body></html>"),
        NOTHING(200, "", ""),
        NO_CONTENT(204, "", ""),
        CUT(200, JSON, "{\"data\":[{\"vmid\":100,\"ty"),
        MORE(200, JSON, "{\"data\":\"999\"} and more"),
        NULL(200, JSON, "{\"data\":null}"),
        NO_DATA(200, JSON, "{}"),
        OBJECT(200, JSON, "{\"data\":{}}"),
        LIST(200, JSON, "[]"),
        TEXT(200, JSON, "\"999\""),
        LISTS_OF_LISTS(200, JSON, "{\"data\":[[[]]]}"),
        DEEP(200, JSON, "{\"data\":" + "[".repeat(5_000) + "]".repeat(5_000) + "}"),
        LONG_NUMBER(200, JSON, "{\"data\":" + "9".repeat(5_000) + "}"),
        BINARY(200, JSON, "\u0000\u0001\ufffd"),
        MOVED(301, "text/html", "<html>moved</html>"),
        NOT_FOUND(404, "text/html", "<html>not found</html>"),
        GONE(410, JSON, "{\"data\":\"999\"}"),
        ACCEPTED(202, JSON, "{\"data\":\"999\"}"),
        TOO_MANY(429, "", ""),
        BAD_GATEWAY(502, "text/html", "<html>bad gateway</html>"),
        BAD_REQUEST(400, JSON, "{\"data\":null,\"errors\":{\"node\":\"no such thing\"}}");

        private final int status;
        private final String type;
        private final String body;

        Said(int status, String type, String body) {
            this.status = status;
            this.type = type;
            this.body = body;
        }
    }

    /** One node of a cluster with a guest, and whatever is said through it. */
    private static Site alone() {
        FakeProxmox lab = Labs.three();
        lab.addContainer(103, "pve2").named("web");
        return new Site(lab, Labs.through(lab, "pve1").build());
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNoAnswerProvesNothing(Said said) throws Exception {
        try (var site = alone()) {
            for (String path : List.of("/cluster/resources", "/cluster/status", "/cluster/nextid")) {
                site.lab.every("GET", path).says(said.status, "Odd", said.type, said.body);

                // Nothing was listed yet, so that the list of guests is needed for its witness.
                assertThat(site.runtime.look("lxc/999")).as(path).isInstanceOf(Sighting.Unknown.class);
                assertThat(site.runtime.look("lxc/103")).as(path).isNotInstanceOf(Sighting.Absent.class);
                assertThat(sight(site.runtime, "lxc/103")).as(path).isNotInstanceOf(Sighting.Absent.class);
                site.lab.answersAsUsual();
            }
        }
    }

    private static Sighting sight(ProxmoxRuntime runtime, String id) throws Exception {
        try {
            return runtime.inventory().sight(id);
        } catch (Trouble trouble) {
            return new Sighting.Unknown(trouble.fault().detail());
        }
    }

    /** Rights that cannot be read are not there. */
    @ParameterizedTest
    @EnumSource
    void rightsThatAreNotToldAreNotThere(Said said) throws Exception {
        try (var site = alone()) {
            site.lab.every("GET", "/access/permissions").says(said.status, "Odd", said.type, said.body);

            assertThat(sight(site.runtime, "lxc/999")).isNotInstanceOf(Sighting.Absent.class);
        }
    }

    /** What a node says of its own guests in vain leaves their states unknown, and them there. */
    @ParameterizedTest
    @EnumSource
    void nodeThatTalksNonsenseHidesNothing(Said said) throws Exception {
        try (var site = new Site()) {
            String id = site.create(103, site.mark(), "pve2");
            site.lab.every("GET", "/nodes/pve2/lxc").says(said.status, "Odd", said.type, said.body);
            site.lab.every("GET", "/nodes/pve2/lxc/103/config").says(said.status, "Odd", said.type, said.body);
            site.lab.every("GET", "/nodes/pve2/lxc/103/status/current").says(said.status, "Odd", said.type, said.body);

            assertThat(site.runtime.inventory().sight(id)).isInstanceOf(Sighting.Present.class);
            assertThat(site.runtime.look(id)).isInstanceOf(Sighting.Present.class);
            assertThat(site.runtime.findByName("nobody").isProvenFree()).isFalse();
        }
    }

    /** A destroying request is sent only after the cluster itself has taken a change: not where a portal says 200. */
    @ParameterizedTest
    @ValueSource(strings = {"HTML", "NOTHING", "ACCEPTED"})
    void nothingIsDestroyedOnAWordThatIsNotTheApis(Said said) throws Exception {
        try (var site = new Site()) {
            Mark mark = site.mark();
            String id = site.create(103, mark);
            site.lab.every("PUT", "/nodes/pve1/lxc/103/config").says(said.status, "Odd", said.type, said.body);

            assertThat(site.runtime.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING))
                    .isInstanceOf(Removal.Unknown.class);
            assertThat(site.asked("DELETE", "/103")).isZero();
        }
    }

    /** The number 100 and 2^32 more is not 100; and what is no number is no guest's. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "4294967396",
                "99999999999999999999999",
                "100.5",
                "-103",
                "99",
                "\"1e2\"",
                "\"0x67\"",
                "null",
                "true",
                "[103]",
                "1000000000"
            })
    void numberThatIsNoneMakesNoListing(String number) throws Exception {
        try (var site = alone()) {
            site.lab
                    .every("GET", "/cluster/resources")
                    .says(
                            200,
                            "OK",
                            JSON,
                            "{\"data\":[{\"type\":\"lxc\",\"node\":\"pve1\",\"status\":\"running\",\"vmid\":" + number
                                    + "}]}");

            assertThat(site.fault(site.runtime::inventory)).isInstanceOf(Fault.Unknown.class);
        }
    }

    /** Caught on its way from one node to another, a guest may be listed twice; it is one. */
    @Test
    void guestThatIsListedTwiceIsOne() throws Exception {
        try (var site = new Site()) {
            site.lab.addContainer(103, "pve2").running();
            site.lab
                    .every("GET", "/cluster/resources")
                    .says(
                            200,
                            "OK",
                            JSON,
                            "{\"data\":[{\"type\":\"lxc\",\"node\":\"pve1\",\"vmid\":103},"
                                    + "{\"type\":\"lxc\",\"node\":\"pve2\",\"vmid\":\"103\"},"
                                    + "{\"type\":\"lxc\",\"node\":\"pve1\",\"vmid\":100}]}");

            assertThat(site.runtime.inventory().instances())
                    .extracting(one -> one.id())
                    .containsExactlyInAnyOrder("lxc/100", "lxc/103");
            assertThat(site.runtime.look("lxc/103")).isInstanceOf(Sighting.Present.class);
        }
    }

    // ------------------------------------------------------------------ too late

    /** The head came at once, and the body comes byte by byte: the time-out is for the whole. */
    @Test
    void bodyThatTricklesEndsInTime() throws Exception {
        FakeProxmox lab = Labs.three();
        try (var site = new Site(
                lab,
                Labs.through(lab, "pve1").answersWithin(Duration.ofSeconds(1)).build())) {
            for (String path : List.of("/cluster/status", "/cluster/resources", "/nodes/pve1/lxc")) {
                lab.every("GET", path).trickles(Duration.ofMillis(100));
                long begun = System.nanoTime();
                assertThat(site.runtime.look("lxc/101")).isInstanceOfAny(Sighting.Unknown.class, Sighting.Absent.class);
                assertThat(sight(site.runtime, "lxc/100")).isNotInstanceOf(Sighting.Absent.class);
                assertThat(Duration.ofNanos(System.nanoTime() - begun)).as(path).isLessThan(Duration.ofSeconds(15));
                lab.answersAsUsual();
            }
        }
    }

    /** A write whose answer trickles may have happened: it is looked up. */
    @Test
    void createWhoseAnswerTricklesIsFound() throws Exception {
        FakeProxmox lab = Labs.three();
        try (var site =
                new Site(lab, Labs.to(lab).answersWithin(Duration.ofSeconds(2)).build())) {
            lab.next("POST", "/nodes/pve1/lxc").trickles(Duration.ofMillis(500));

            assertThat(site.create(103, site.mark())).isEqualTo("lxc/103");
            assertThat(site.asked("POST", "/lxc")).isEqualTo(1);
        }
    }

    /** Many guests without a name on a node that hangs cost one time-out, not one each. */
    @Test
    void searchForANameDoesNotWaitForEachGuestOfASilentNode() throws Exception {
        FakeProxmox lab = Labs.three();
        for (int i = 0; i < 60; i++) {
            lab.addContainer(200 + i, "pve3").without("hostname");
        }
        try (var site = new Site(
                lab,
                Labs.through(lab, "pve1").answersWithin(Duration.ofSeconds(1)).build())) {
            assertThat(site.runtime.findByName("nobody").isProvenFree()).isTrue();
            lab.every("GET", "/nodes/pve3/lxc/*/config").trickles(Duration.ofSeconds(1));
            lab.forgetRequests();
            NameSearch search = site.runtime.findByName("nobody");

            assertThat(search.isProvenFree()).isFalse();
            assertThat(search.gaps()).hasSize(60);
            assertThat(site.asked("GET", "/config")).isLessThanOrEqualTo(16);
        }
    }

    /** A node that answers some requests and leaves others costs one time-out too, and not those who answer their names. */
    @Test
    void searchForANameDoesNotWaitForEachBatchOfAPartlySilentNode() throws Exception {
        FakeProxmox lab = Labs.three();
        for (int i = 0; i < 60; i++) {
            lab.addContainer(200 + i, "pve3").without("hostname");
            lab.addContainer(300 + i, "pve2").without("hostname");
        }
        try (var site = new Site(lab, Labs.through(lab, "pve1").build())) {
            for (int tens = 20; tens < 26; tens++) {
                lab.every("GET", "/nodes/pve3/lxc/" + tens + "3/config").comesAfter(Duration.ofHours(1));
            }
            long begun = System.nanoTime();
            NameSearch search = site.runtime.findByName("nobody");

            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Labs.SPANS.node());
            assertThat(search.isProvenFree()).isFalse();
            assertThat(search.gaps()).isNotEmpty().allMatch(gap -> gap.contains("pve3"));
            assertThat(site.lab.requests())
                    .filteredOn(seen ->
                            seen.path().endsWith("3/config") && seen.path().contains("/pve3/"))
                    .hasSizeLessThan(3);
        }
    }

    /** The daemon of a task's node is restarted while it runs, as with an upgrade: it is followed to its end. */
    @Test
    void taskIsFollowedOverARestartOfItsDaemon() throws Exception {
        try (var site = new Site()) {
            String id = site.create(103, site.mark(), "pve2");
            site.lab.tasksHang();
            var fault = new Fault[1];
            var starter = new Thread(() -> {
                try {
                    site.runtime.start(id);
                } catch (Exception failure) {
                    fault[0] = site.runtime.classify(failure);
                }
            });
            starter.start();
            Site.await(
                    "the task to be asked for",
                    () -> site.lab.requests().stream()
                            .anyMatch(seen ->
                                    seen.method().equals("GET") && seen.path().contains(":vzstart:")));
            site.lab.node("pve2").daemonGoesDown();
            starter.join(700);
            site.lab.node("pve2").daemonRecovers();
            site.lab.tasksGoOn();
            starter.join();

            assertThat(fault[0]).isNull();
            assertThat(site.lab.guest(103).isRunning()).isTrue();
        }
    }

    // ------------------------------------------------------------------ too long

    private record Endless() implements Flow.Subscription {
        @Override
        public void request(long count) {}

        @Override
        public void cancel() {}
    }

    @Test
    void bodyThatIsTooLongIsNotTakenIn() {
        var body = new Bounded(10);
        body.onSubscribe(new Endless());
        body.onNext(List.of(bytes("12345"), bytes("67890")));
        assertThat(body.getBody().toCompletableFuture()).isNotDone();
        body.onNext(List.of(bytes("!")));

        Assertions.assertThatThrownBy(() -> body.getBody().toCompletableFuture().join())
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(IOException.class);
        body.onComplete();
        assertThat(body.getBody().toCompletableFuture()).isCompletedExceptionally();
    }

    @Test
    void bodyThatIsNotTooLongIsWhole() {
        var body = new Bounded(10);
        body.onSubscribe(new Endless());
        body.onNext(List.of(bytes("12345"), bytes("67890")));
        body.onComplete();

        assertThat(body.getBody().toCompletableFuture().join())
                .isEqualTo("1234567890".getBytes(StandardCharsets.UTF_8));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }
}
