package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.runtime.Sighting;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.proxmox.AnswerDelays;
import dev.berth.testkit.proxmox.FakeProxmox;
import dev.berth.testkit.proxmox.FakeToken;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Credentials, tickets and tokens. */
class AccessTest {
    private static final String PASSWORD = "s3cr3t pä&ss=w+o%rd";

    @TempDir
    Path files;

    private static ProxmoxConnection to(FakeProxmox lab) {
        return ProxmoxRuntime.at(Labs.SCOPE, lab.uris().toArray(new URI[0])).trust(Labs.pins(lab));
    }

    private static long logins(FakeProxmox lab) {
        return lab.requests().stream()
                .filter(seen -> seen.path().equals("/access/ticket"))
                .count();
    }

    // ------------------------------------------------------------------ tickets

    @Test
    void ticketSignsReadsAndWritesAndIsRenewedInTime() throws Exception {
        var clock = ManualClock.at(Instant.parse("2026-11-22T00:00:00Z"));
        FakeProxmox lab =
                FakeProxmox.cluster("lab").nodes("pve1", "pve2").clock(clock).start();
        lab.addContainer(Labs.CANARY, "pve1");
        lab.user("anna@pve").withPassword(PASSWORD).mayEverything("/");
        List<char[]> given = new ArrayList<>();
        var user = Credentials.ticket("anna@pve", () -> {
            given.add(PASSWORD.toCharArray());
            return given.get(given.size() - 1);
        });
        try (var site = new Site(lab, to(lab).credentials(user).clock(clock).build())) {
            site.create(103, site.mark());
            assertThat(logins(lab)).isEqualTo(1);
            clock.advance(Duration.ofMinutes(50));
            site.runtime.start("lxc/103");
            assertThat(logins(lab)).isEqualTo(1);

            clock.advance(Duration.ofMinutes(20));
            site.runtime.stop("lxc/103");
            clock.advance(Duration.ofMinutes(70));
            site.runtime.start("lxc/103");
            assertThat(logins(lab)).isEqualTo(3);
            assertThat(given).hasSize(1);

            clock.advance(Duration.ofHours(9));
            site.runtime.stop("lxc/103");
            assertThat(given).hasSize(2).allSatisfy(one -> assertThat(one).containsOnly('\0'));
        }
    }

    /** A ticket that is refused before its time is replaced once; what it was refused for was not done. */
    @Test
    void refusedTicketIsReplaced() throws Exception {
        FakeProxmox lab = Labs.three();
        lab.user("anna@pve").withPassword(PASSWORD).mayEverything("/");
        var user = Credentials.ticket("anna@pve", PASSWORD::toCharArray);
        try (var site = new Site(lab, to(lab).credentials(user).build())) {
            site.runtime.inventory();
            lab.next("POST", "/nodes/pve1/lxc").is(401, "Permission denied - invalid csrf token");

            assertThat(site.create(103, site.mark())).isEqualTo("lxc/103");
            assertThat(logins(lab)).isEqualTo(2);
        }
    }

    @Test
    void wrongPasswordIsRejectedAndNotShown() throws Exception {
        FakeProxmox lab = Labs.three();
        lab.user("anna@pve").withPassword("another").mayEverything("/");
        var user = Credentials.ticket("anna@pve", PASSWORD::toCharArray);
        try (var site = new Site(lab, to(lab).credentials(user).build())) {
            assertThat(site.fault(() -> site.create(103, site.mark())))
                    .isInstanceOfSatisfying(
                            Fault.Rejected.class,
                            fault -> assertThat(fault.detail())
                                    .contains("anna@pve")
                                    .doesNotContain(PASSWORD));
            assertThat(site.runtime.look("lxc/100")).isInstanceOf(Sighting.Unknown.class);
        }
    }

    private static ProxmoxConnection byTicket(FakeProxmox lab) {
        lab.user("anna@pve").withPassword(PASSWORD).mayEverything("/");
        return ProxmoxRuntime.at(Labs.SCOPE, lab.uris().get(0))
                .trust(Labs.pins(lab))
                .credentials(Credentials.ticket("anna@pve", PASSWORD::toCharArray));
    }

    private static List<CompletableFuture<Sighting>> looks(ProxmoxRuntime runtime, int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return runtime.look("lxc/100");
                            } catch (InterruptedException given) {
                                throw new AssertionError(given);
                            }
                        },
                        work -> new Thread(work).start()))
                .toList();
    }

    /** The header's own form is what people paste: whatever is no id alone is not told. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "berth@pve!main=00000000-dead-beef-0000-000000000000",
                "PVEAPIToken=berth@pve!main=00000000-dead-beef-0000-000000000000",
                "berth@pve 00000000-dead-beef-0000-000000000000",
                "00000000-dead-beef-0000-000000000000"
            })
    void whatIsNoIdIsNotTold(String given) {
        assertThatThrownBy(() -> Credentials.token(given, "secret".toCharArray()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("other argument")
                .hasMessageNotContaining("beef")
                .hasMessageNotContaining("berth@pve");
        assertThatThrownBy(() -> Credentials.ticket(given.replace('@', ' '), () -> new char[0]))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageNotContaining("beef");
    }

    /** Java's switch to repeat whatever had no answer would destroy twice. */
    @Test
    void switchThatRepeatsWritesIsRefused() {
        for (String on : List.of("", "true", "TRUE")) {
            assertThatThrownBy(() -> Api.requireNoRetries(name -> on))
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageContaining("jdk.httpclient.enableAllMethodRetry");
        }
        Api.requireNoRetries(name -> null);
        Api.requireNoRetries(name -> "false");
    }

    /** The guide's role and rules are enough for what the guide makes, and each of its rights to configure is needed. */
    @Test
    void rightsOfTheGuideAreEnoughAndNeeded() throws Exception {
        Matcher role =
                Pattern.compile("pveum role add \\w+ --privs \"([^\"]+)\"").matcher(Files.readString(guide()));
        assertThat(role.find()).isTrue();
        List<String> all = List.of(role.group(1).split("[ ,]+"));
        for (String without : List.of(
                "none",
                "VM.Config.Disk",
                "VM.Config.Memory",
                "VM.Config.Network",
                "VM.Config.CPU",
                "VM.Config.Options",
                "Datastore.AllocateSpace")) {
            FakeProxmox lab = Labs.three();
            FakeToken token = lab.user("role@pve")
                    .may("/", all.stream().filter(one -> !one.equals(without)).toArray(String[]::new))
                    .token("main");
            try (lab;
                    var site = new Site(lab, Labs.to(lab, token).build())) {
                var spec = Labs.container(lab)
                        .hostName("web")
                        .with("cores", "1")
                        .with("net0", "name=eth0,bridge=vmbr0,ip=dhcp");
                Mark mark = site.mark();
                var wish = new Deployment<>(spec, Optional.of("103"), List.of(), mark, Map.<String, String>of());
                if (without.equals("none")) {
                    assertThat(site.runtime.missingRights()).isEmpty();
                    String id = site.runtime.create(wish);
                    site.runtime.start(id);
                    assertThat(site.runtime.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING))
                            .isInstanceOf(Removal.Removed.class);
                } else {
                    assertThat(site.fault(() -> site.runtime.create(wish)))
                            .isInstanceOfSatisfying(
                                    Fault.Rejected.class,
                                    fault -> assertThat(fault.detail()).contains("403", without));
                }
            }
        }
    }

    private static Path guide() {
        Path here = Path.of("docs", "guides", "proxmox.md");
        return Files.exists(here) ? here : Path.of("..").resolve(here);
    }

    /** A login that hangs: who waits for it shares its failure, and does not wait for a turn of its own. */
    @Test
    void loginThatHangsCostsAllWhoWaitOneTimeOut() throws Exception {
        FakeProxmox lab = Labs.three();
        Duration within = Duration.ofSeconds(1);
        try (lab;
                var runtime = byTicket(lab).answersWithin(within).build()) {
            lab.every("POST", "/access/ticket").comesAfter(Duration.ofHours(1));
            long begun = System.nanoTime();

            for (CompletableFuture<Sighting> look : looks(runtime, 12)) {
                assertThat(look.get()).isInstanceOf(Sighting.Unknown.class);
            }

            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(within.multipliedBy(5));
            assertThat(logins(lab)).isLessThan(5);
        }
    }

    /** Many at once need one login, and one renewal. */
    @Test
    void loginsThatMeetAreOne() throws Exception {
        FakeProxmox lab = Labs.three();
        try (lab;
                var runtime = byTicket(lab).build()) {
            lab.every("POST", "/access/ticket").comesAfter(Duration.ofMillis(300));

            for (CompletableFuture<Sighting> look : looks(runtime, 12)) {
                assertThat(look.get()).isInstanceOf(Sighting.Present.class);
            }

            assertThat(logins(lab)).isEqualTo(1);
        }
    }

    /** Who logs in for all is interrupted: one of those who wait does it instead. */
    @Test
    void interruptedLoginIsTakenOver() throws Exception {
        FakeProxmox lab = Labs.three();
        try (lab;
                var runtime = byTicket(lab).build()) {
            lab.next("POST", "/access/ticket").comesAfter(Duration.ofHours(1));
            var first = new Thread(() -> {
                try {
                    runtime.look("lxc/100");
                } catch (InterruptedException given) {
                    Thread.currentThread().interrupt();
                }
            });
            first.start();
            Site.await("the first login", () -> logins(lab) == 1);
            List<CompletableFuture<Sighting>> others = looks(runtime, 4);
            first.interrupt();

            for (CompletableFuture<Sighting> look : others) {
                assertThat(look.get()).isInstanceOf(Sighting.Present.class);
            }
            assertThat(logins(lab)).isEqualTo(2);
        }
    }

    // ------------------------------------------------------------------ tokens

    /** Every 401 takes three seconds, and says nothing of any guest. */
    @Test
    void refusedTokenSaysNothingOfGuests() throws Exception {
        FakeProxmox lab = FakeProxmox.cluster("lab")
                .nodes("pve1")
                .delays(new AnswerDelays(Duration.ofSeconds(3), Duration.ZERO, Duration.ZERO))
                .start();
        var wrong = Credentials.token(lab.operator().id(), "00000000-0000".toCharArray());
        try (var site = new Site(lab, to(lab).credentials(wrong).build())) {
            long begun = System.nanoTime();
            assertThat(site.runtime.look("lxc/999"))
                    .isInstanceOfSatisfying(
                            Sighting.Unknown.class,
                            unknown ->
                                    assertThat(unknown.reason()).contains("401").doesNotContain("00000000-0000"));
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isBetween(Duration.ofSeconds(3), Duration.ofSeconds(9));
        }
    }

    @Test
    void userThatIsDisabledMidwaySeesNothingGone() throws Exception {
        try (var site = new Site()) {
            String id = site.create(103, site.mark());
            site.lab.user("berth@pve").isDisabled();

            assertThat(site.runtime.look(id)).isInstanceOf(Sighting.Unknown.class);
            assertThat(site.runtime.look("lxc/999")).isInstanceOf(Sighting.Unknown.class);
            assertThat(site.fault(site.runtime::inventory)).isInstanceOf(Fault.Rejected.class);
        }
    }

    @Test
    void closingWipesTheSecretAndReachesNothing() throws Exception {
        try (var site = new Site()) {
            site.runtime.inventory();
            site.runtime.close();
            int before = site.lab.requests().size();

            assertThat(site.fault(site.runtime::inventory)).isInstanceOf(Fault.Unreachable.class);
            assertThat(site.lab.requests()).hasSize(before);
        }
    }

    @Test
    void closingEndsWhatIsUnderWay() throws Exception {
        try (var site = new Site()) {
            site.runtime.inventory();
            site.lab.every("*", "*").comesAfter(Duration.ofHours(1));
            site.lab.forgetRequests();
            var fault = new Fault[1];
            var caller = new Thread(() -> fault[0] = site.fault(site.runtime::inventory));
            caller.start();
            Site.await("a request", () -> !site.lab.requests().isEmpty());
            site.runtime.close();
            caller.join(Duration.ofSeconds(20).toMillis());

            assertThat(caller.isAlive()).isFalse();
            assertThat(fault[0]).isInstanceOfAny(Fault.Unknown.class, Fault.Unreachable.class);
        }
    }

    @Test
    void secretsAreInNoText() {
        String secret = "5ecre7";
        var token = Credentials.token("berth@pve!main", secret.toCharArray());
        var spec = GuestSpec.container("pve1", "local:vztmpl/x").with("password", secret);
        var connection =
                ProxmoxRuntime.at(Labs.SCOPE, URI.create("https://pve1:8006")).credentials(token);

        assertThat(List.of(
                        token.toString(),
                        spec.toString(),
                        connection.toString(),
                        connection.build().toString()))
                .noneMatch(text -> text.contains(secret));
        assertThatThrownBy(() -> spec.with("password", secret)).hasMessageNotContaining(secret);
        assertThatThrownBy(() -> Credentials.token(secret, new char[0])).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> ProxmoxRuntime.at(Labs.SCOPE, URI.create("https://root:" + secret + "@pve1:8006")))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageNotContaining(secret);
    }

    /** As it comes from a file, with the line's end: java.net.http would show it in its message. */
    @Test
    void secretWithALinesEndIsRefusedWithoutBeingShown() {
        assertThatThrownBy(() -> Credentials.token("berth@pve!main", "5ecre7\n".toCharArray()))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageNotContaining("5ecre7");
    }

    /** A specification's own secrets reach the cluster, and no message of a refusal. */
    @Test
    void secretsOfASpecificationAreInNoMessage() throws Exception {
        try (var site = new Site()) {
            var spec = Labs.container(site.lab).with("password", "5ecre7").with("nosuch", "1");
            Fault fault = site.fault(() -> site.runtime.create(new dev.berth.runtime.Deployment<>(
                    spec, java.util.Optional.of("103"), List.of(), site.mark(), java.util.Map.of())));

            assertThat(fault).isInstanceOf(Fault.Rejected.class);
            assertThat(fault.detail()).contains("nosuch").doesNotContain("5ecre7");
        }
    }
}
