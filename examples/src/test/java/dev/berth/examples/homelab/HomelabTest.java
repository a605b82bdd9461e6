package dev.berth.examples.homelab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.examples.ExampleProcess;
import dev.berth.examples.cli.UsageException;
import dev.berth.ledger.ResourceLedger;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.proxmox.FakeProxmox;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The homelab by its API, on a fake cluster. */
class HomelabTest {
    private static final String TOKEN = "a-token";

    private final ManualClock clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00Z"));
    private final ResourceLedger ledger = ResourceLedger.inMemory(clock);
    private final HttpClient http = HttpClient.newHttpClient();
    private final JsonMapper json = new JsonMapper();
    private Cluster cluster;
    private HomelabService homelab;
    private HomelabServer server;

    @TempDir
    Path directory;

    private record Answer(int code, JsonNode body) {}

    @BeforeEach
    void open() throws IOException {
        cluster = Cluster.madeUp(clock);
        homelab = new HomelabService(ledger, cluster, ReaperPolicy.defaults());
        server = new HomelabServer(homelab, TOKEN, 0);
    }

    @AfterEach
    void close() {
        server.close();
        homelab.close();
        cluster.close();
    }

    private FakeProxmox lab() {
        return cluster.fake().orElseThrow();
    }

    private Answer ask(String method, String path, String body) throws IOException, InterruptedException {
        return ask(method, path, body, TOKEN);
    }

    private Answer ask(String method, String path, String body, String token) throws IOException, InterruptedException {
        HttpResponse<String> answer = http.send(
                HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/api/v1" + path))
                        .header("Authorization", "Bearer " + token)
                        .method(method, BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
        return new Answer(answer.statusCode(), json.readTree(answer.body()));
    }

    private Answer deploy(String name, String host) throws IOException, InterruptedException {
        return ask("POST", "/apps", "{\"name\": \"" + name + "\", \"hostname\": \"" + host + "\"}");
    }

    private Answer clean() throws IOException, InterruptedException {
        return ask("POST", "/system/cleanup/run", "");
    }

    @Test
    void anAppGetsANumberAHostNameAndTwoPorts() throws IOException, InterruptedException {
        Answer web = deploy("web", "web-a");

        assertThat(web.code()).isEqualTo(201);
        assertThat(web.body().get("vmid").asInt()).isEqualTo(108);
        assertThat(web.body().get("public_port").asInt()).isEqualTo(30_001);
        assertThat(web.body().get("internal_port").asInt()).isEqualTo(40_001);
        assertThat(lab().guest(108).isRunning()).isTrue();
        assertThat(lab().guest(108).config()).containsEntry("hostname", "web-a");
    }

    /** Scenario 20: asked again, the same reservation and no second container. */
    @Test
    void askingAgainMakesNoSecondContainer() throws IOException, InterruptedException {
        deploy("web", "web-a");

        assertThat(deploy("web", "web-a").body().get("vmid").asInt()).isEqualTo(108);
        assertThat(lab().guestIds()).containsExactlyInAnyOrder(100, 105, 108, 201);
    }

    /** Scenario 21. */
    @Test
    void twoAtOnceBothSucceedAndADuplicateIsToldByItsHostName() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<Answer>> both = new ArrayList<>();
            both.add(threads.submit(() -> deploy("a", "web-a")));
            both.add(threads.submit(() -> deploy("b", "web-b")));
            for (Future<Answer> one : both) {
                assertThat(one.get().code()).isEqualTo(201);
            }
        } finally {
            threads.shutdown();
        }

        Answer duplicate = deploy("c", "web-b");

        assertThat(duplicate.code()).isEqualTo(409);
        assertThat(duplicate.body().get("conflicts").size()).isEqualTo(1);
        assertThat(duplicate.body().get("conflicts").get(0).asString()).startsWith("dns-name web-b");
        assertThat(lab().guestIds()).hasSize(5);
    }

    /** Scenario 22, and 52: a machine has the number as well as a container would. */
    @Test
    void aNumberThatAGuestHasIsPassedOver() throws IOException, InterruptedException {
        lab().addMachine(108, "pve2");

        assertThat(deploy("web", "web-a").body().get("vmid").asInt()).isEqualTo(109);
    }

    /** Scenario 19: what could not be made holds nothing. */
    @Test
    void aDeploymentThatFailsGivesEverythingBack() throws IOException, InterruptedException {
        lab().nextTaskEndsWith("command 'lxc-create' failed");

        assertThat(deploy("web", "web-a").code()).isEqualTo(502);

        assertThat(ask("GET", "/apps", "").body().size()).isZero();
        assertThat(deploy("other", "web-a").body().get("public_port").asInt()).isEqualTo(30_001);
    }

    /** Scenarios 57, 58 and 59. */
    @Test
    void aGuestIsAdoptedOnceAndLivesOnWhenItIsDeleted() throws Exception {
        lab().addContainer(202, "pve2").named("another-nginx").running();
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<Answer>> both = List.of(
                    threads.submit(() -> ask("POST", "/guests/201/adopt", "{\"name\": \"nginx\"}")),
                    threads.submit(() -> ask("POST", "/guests/201/adopt", "{\"name\": \"proxy\"}")));
            assertThat(List.of(both.get(0).get().code(), both.get(1).get().code()))
                    .containsExactlyInAnyOrder(201, 409);
        } finally {
            threads.shutdown();
        }
        assertThat(ask("POST", "/guests/202/adopt", "{\"name\": \"second\", \"port\": \"80\"}")
                        .code())
                .isEqualTo(201);
        assertThat(ask("POST", "/guests/999/adopt", "{\"name\": \"none\"}").code())
                .isEqualTo(404);
        JsonNode adopted = ask("GET", "/apps", "").body();
        assertThat(adopted.size()).isEqualTo(2);
        String name = adopted.get(0).get("vmid").asInt() == 201
                ? adopted.get(0).get("name").asString()
                : adopted.get(1).get("name").asString();

        assertThat(ask("DELETE", "/apps/" + name, "").body().get("deleted").asBoolean())
                .isTrue();

        assertThat(lab().guest(201).isRunning()).isTrue();
        assertThat(ask("GET", "/guests", "")
                        .body()
                        .valueStream()
                        .map(guest -> guest.get("number").asInt()))
                .containsExactly(100, 105, 201);
        assertThat(ask("POST", "/guests/201/adopt", "{\"name\": \"again\"}").code())
                .isEqualTo(201);
    }

    /** Scenarios 41, 43, 45 and 50, and the JSON of the service that this replaces. */
    @Test
    void onlyWhatIsGoneIsFreedAndWhereNothingCanBeSeenNothingIs() throws IOException, InterruptedException {
        for (int app = 1; app <= 6; app++) {
            deploy("app-" + app, "host-" + app);
        }
        clean();
        lab().guest(110).vanishes();
        clock.advance(Duration.ofMinutes(11));
        clean();
        lab().losesQuorum();
        clock.advance(Duration.ofDays(1));
        assertThat(clean().body().get("outcome").asString()).isEqualTo("BLIND");
        assertThat(clean().body().get("message").asString()).contains("nothing was removed");
        lab().heals();
        Answer plan = ask("POST", "/system/cleanup/plan", "");
        for (int look = 0; look <= 6 && plan.body().get("due").isEmpty(); look++) {
            clock.advance(Duration.ofMinutes(6));
            plan = ask("POST", "/system/cleanup/plan", "");
        }
        assertThat(plan.body().get("message").asString())
                .isEqualTo("Cleanup complete: would remove 1 apps, free 2 ports");
        assertThat(plan.body().get("due").get(0).asString()).isEqualTo("ghost homelab:app-3");
        assertThat(ask("GET", "/apps", "").body().size()).isEqualTo(6);

        Answer run = clean();

        assertThat(run.body().get("success").asBoolean()).isTrue();
        assertThat(run.body().get("message").asString()).isEqualTo("Cleanup complete: removed 1 apps, freed 2 ports");
        JsonNode stats = ask("GET", "/system/cleanup/stats", "").body();
        assertThat(stats.get("enabled").asBoolean()).isTrue();
        assertThat(stats.get("ghost_apps_removed").asInt()).isEqualTo(1);
        assertThat(stats.get("old_errors_removed").asInt()).isZero();
        assertThat(stats.get("ports_freed").asInt()).isEqualTo(2);
        assertThat(stats.get("total_removed").asInt()).isEqualTo(1);
        assertThat(stats.get("last_run").asString()).isEqualTo(clock.instant().toString());
        assertThat(stats.get("errors").isEmpty()).isTrue();
        assertThat(stats.get("config").get("error_retention_hours").asInt()).isEqualTo(24);
        assertThat(stats.get("config").get("cleanup_interval_minutes").asInt()).isEqualTo(60);
        assertThat(stats.get("config").get("ghost_cleanup_enabled").asBoolean()).isTrue();
        assertThat(stats.get("config").get("dry_run").asBoolean()).isFalse();
        assertThat(ask("GET", "/apps", "").body().size()).isEqualTo(5);
    }

    @Test
    void nothingIsChangedWithoutTheToken() throws IOException, InterruptedException {
        deploy("web", "web-a");

        for (String path : List.of("/apps", "/guests/201/adopt", "/system/cleanup/run", "/system/cleanup/plan")) {
            assertThat(ask("POST", path, "{}", "a-guess").code()).as(path).isEqualTo(401);
        }
        assertThat(ask("DELETE", "/apps/web", "", "").code()).isEqualTo(401);
        assertThat(ask("GET", "/apps", "", "").body().size()).isEqualTo(1);
    }

    @Test
    void whatIsNotUnderstoodIsToldAndChangesNothing() throws IOException, InterruptedException {
        assertThat(deploy("UPPER", "web").code()).isEqualTo(400);
        assertThat(deploy("web", "not a host").code()).isEqualTo(400);
        assertThat(ask("POST", "/apps", "{\"name\": \"web\"}")
                        .body()
                        .get("error")
                        .asString())
                .contains("\"hostname\"");
        assertThat(ask("POST", "/apps", "{").code()).isEqualTo(400);
        assertThat(ask("POST", "/guests/abc/adopt", "{\"name\": \"x\"}").code()).isEqualTo(404);
        assertThat(ask("POST", "/guests/201/adopt", "{\"name\": \"x\", \"port\": \"http\"}")
                        .code())
                .isEqualTo(400);
        assertThat(ask("GET", "/nothing", "").code()).isEqualTo(404);
        assertThat(ask("GET", "/apps", "").body().size()).isZero();
    }

    /** Scenario 51. */
    @Test
    void theFiveVariablesAndTheProfilesSayHowItCleans() {
        assertThat(HomelabService.policy(Map.of("ERROR_RETENTION_HOURS", "48", "CLEANUP_INTERVAL_MINUTES", "1")))
                .satisfies(policy -> {
                    assertThat(policy.errorRetention()).isEqualTo(Duration.ofDays(2));
                    assertThat(policy.interval()).isEqualTo(Duration.ofMinutes(5));
                    assertThat(policy.warnings()).hasSize(1);
                });
        assertThat(HomelabService.policy(Map.of("CLEANUP_ENABLD", "true")).isDryRun())
                .isTrue();
        assertThat(HomelabService.policy(Map.of("HOMELAB_PROFILE", "production"))
                        .errorRetention())
                .isEqualTo(Duration.ofDays(7));
        assertThatThrownBy(
                        () -> HomelabService.policy(Map.of("HOMELAB_PROFILE", "production", "CLEANUP_ENABLED", "true")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("CLEANUP_ENABLED");
        assertThatThrownBy(() -> HomelabService.policy(Map.of("HOMELAB_PROFILE", "prod")))
                .hasMessageContaining("homelab-busy");
    }

    @Test
    void theTourRunsAsAProcess() throws IOException, InterruptedException {
        ExampleProcess tour = ExampleProcess.run(directory, Map.of(), "", "homelab");

        assertThat(tour.code()).as(tour.text()).isZero();
        assertThat(tour.text())
                .contains("removed 1 apps, freed 2 ports", "dns-name web-b in homelab is held by homelab:wiki")
                .endsWith("All answers were as promised.\n");
    }

    /** Before anything is begun. */
    @Test
    void whatIsNoPortOrNoAddressIsToldWithWhatIsAllowed() throws IOException, InterruptedException {
        assertThat(refused(Map.of("HOMELAB_PORT", "http")))
                .isEqualTo("HOMELAB_PORT is \"http\"; it has to be a whole number from 0 to 65535\n");
        Map<String, String> real = Map.of(
                "PROXMOX_URL", "https://pve1:8006",
                "PROXMOX_TOKEN", "berth@pve!main=1234",
                "PROXMOX_NODE", "pve1",
                "PROXMOX_TEMPLATE", "local:vztmpl/a.tar.zst",
                "PROXMOX_FINGERPRINT", "00",
                "PROXMOX_CANARY", "99");
        assertThat(refused(real)).contains("fingerprint").doesNotContain("1234", "Exception");
        var named = new HashMap<>(real);
        named.put("PROXMOX_FINGERPRINT", "00".repeat(32));
        assertThat(refused(named))
                .isEqualTo("PROXMOX_CANARY is \"99\"; it has to be a whole number from 100 to 999999999\n");
        named.put("PROXMOX_URL", "pve1");
        assertThat(refused(named)).contains("pve1", "https").doesNotContain("1234", "Exception");
    }

    private static String refused(Map<String, String> environment) throws IOException, InterruptedException {
        var told = new ByteArrayOutputStream();
        int code = Homelab.run(List.of(), environment, new PrintStream(told, true, StandardCharsets.UTF_8));
        assertThat(code).isEqualTo(2);
        return told.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }

    @Test
    void aRealClusterThatIsHalfNamedIsToldBeforeAnythingIsAsked() throws IOException, InterruptedException {
        ExampleProcess refused =
                ExampleProcess.run(directory, Map.of("PROXMOX_URL", "https://pve1:8006"), "", "homelab");

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.text()).contains("PROXMOX_TOKEN is not set");
    }
}
