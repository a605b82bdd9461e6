package dev.berth.testkit.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is let in, and who sees what. */
class FakeAccessTest {
    private final Lab lab = new Lab();
    private final FakeProxmox cluster = lab.cluster;

    @AfterEach
    void close() {
        lab.close();
    }

    private RawClient as(FakeToken token) {
        return RawClient.of(cluster, token.authorization());
    }

    @Test
    void tokenWithoutRightsSeesEmptyListsAndFullIds() throws IOException {
        cluster.addContainer(100, "pve1");
        FakeToken token = cluster.user("anna@pve").mayEverything("/").separatedToken("fresh");
        RawClient anna = as(token);
        assertThat(anna.get(lab.pve1, "/cluster/resources?type=vm").text()).isEqualTo("{\"data\":[]}");
        assertThat(anna.get(lab.pve1, "/nodes/pve1/lxc").text()).isEqualTo("{\"data\":[]}");
        assertThat(anna.get(lab.pve1, "/cluster/nextid?vmid=100").status()).isEqualTo(400);
        assertThat(anna.get(lab.pve1, "/nodes/pve1/lxc/999/config").line())
                .isEqualTo("403 Permission check failed (/vms/999, VM.Audit)");
        assertThat(anna.get(lab.pve1, "/access/permissions?path=/vms").text()).isEqualTo("{\"data\":{\"/vms\":{}}}");
        token.may("/vms", "VM.Audit");
        assertThat(anna.get(lab.pve1, "/cluster/resources?type=vm").text()).contains("lxc/100");
    }

    /** pve-container, PVE/LXC.pm: each setting of a guest that is made needs a right of its own. */
    @Test
    void eachSettingOfANewGuestNeedsItsRight() throws IOException {
        Map<String, Map<String, String>> settings = Map.of(
                "VM.Config.Disk", Map.of("rootfs", "local:1"),
                "VM.Config.Memory", Map.of("memory", "64"),
                "VM.Config.Network", Map.of("net0", "name=eth0,bridge=vmbr0"),
                "VM.Config.CPU", Map.of("cores", "1"));
        for (var one : settings.entrySet()) {
            FakeToken token = cluster.user("anna@pve")
                    .may("/", "VM.Allocate", "VM.Config.Options", "Datastore.AllocateSpace")
                    .token("few");
            Map<String, String> wish = new LinkedHashMap<>(one.getValue());
            wish.put("vmid", "103");
            wish.put("ostemplate", cluster.template());
            wish.put("unprivileged", "1");
            assertThat(as(token).ask(lab.pve1, "POST", "/nodes/pve1/lxc", wish).line())
                    .isEqualTo("403 Permission check failed (/vms/103, " + one.getKey() + ")");
            cluster.user("anna@pve")
                    .may("/", "VM.Allocate", "VM.Config.Options", "Datastore.AllocateSpace", one.getKey());
            assertThat(as(token).ask(lab.pve1, "POST", "/nodes/pve1/lxc", wish).status())
                    .isEqualTo(200);
            cluster.guest(103).vanishes();
        }
    }

    @Test
    void separatedTokenMayOnlyWhatItsUserMayToo() throws IOException {
        FakeToken token = cluster.user("anna@pve")
                .may("/vms", "VM.Audit")
                .separatedToken("both")
                .may("/vms", "VM.Audit", "VM.Allocate");
        assertThat(as(token).get(lab.pve1, "/access/permissions?path=/vms").text())
                .isEqualTo("{\"data\":{\"/vms\":{\"VM.Audit\":1}}}");
    }

    @Test
    void deeperPathTakesThePlaceOfAHigherOne() throws IOException {
        cluster.addContainer(100, "pve1");
        cluster.addContainer(101, "pve1");
        FakeToken token = cluster.user("anna@pve").mayEverything("/").token("all");
        cluster.user("anna@pve").may("/vms/100");
        assertThat(as(token).get(lab.pve1, "/nodes/pve1/lxc").text())
                .contains("\"vmid\":101")
                .doesNotContain("\"vmid\":100");
    }

    @Test
    void rightsTakenAwayEmptyTheLists() throws IOException {
        cluster.addContainer(100, "pve1");
        assertThat(lab.row(100)).isNotEmpty();
        cluster.operator().loses("VM.Audit");
        assertThat(lab.row(100)).isEmpty();
        assertThat(lab.get("/cluster/status").status()).isEqualTo(200);
        cluster.operator().losesItsRights();
        assertThat(lab.get("/cluster/status").line()).isEqualTo("403 Permission check failed (/, Sys.Audit)");
        cluster.user("berth@pve").mayEverything("/");
        assertThat(lab.row(100)).isNotEmpty();
    }

    @Test
    void poolGivesRightsToItsGuestsAndTakesThemAwayAgain() throws IOException {
        cluster.addPool("dev");
        cluster.addPool("ops");
        cluster.addContainer(100, "pve1").inPool("dev");
        FakeToken token = cluster.user("anna@pve").may("/pool/dev", "VM.Audit").token("dev");
        assertThat(as(token).get(lab.pve1, "/nodes/pve1/lxc").text()).contains("\"vmid\":100");
        cluster.guest(100).inPool("ops");
        assertThat(as(token).get(lab.pve1, "/nodes/pve1/lxc").text()).isEqualTo("{\"data\":[]}");
    }

    @Test
    void expiredTokenAndDisabledUserAreToldNothingMore() throws IOException {
        FakeToken token = cluster.operator();
        token.expiresAt(lab.clock.instant().plusSeconds(60));
        assertThat(lab.get("/version").status()).isEqualTo(200);
        lab.clock.advance(Duration.ofSeconds(60));
        assertThat(lab.get("/version").line()).isEqualTo("401 Authentication failed!");
        cluster.user("anna@pve").mayEverything("/").token("one");
        RawClient anna = as(cluster.user("anna@pve").token("one"));
        cluster.user("anna@pve").isDisabled();
        assertThat(anna.get(lab.pve1, "/version").line()).isEqualTo("401 Authentication failed!");
    }

    private RawClient.Raw signIn(String password) throws IOException {
        byte[] form = ("username=anna%40pve&password=" + password).getBytes(StandardCharsets.UTF_8);
        return lab.client.send(
                lab.pve1,
                "POST",
                "/api2/json/access/ticket",
                Map.of(
                        "Content-Type",
                        "application/x-www-form-urlencoded",
                        "Content-Length",
                        Integer.toString(form.length)),
                form);
    }

    private RawClient.Raw withTicket(String method, String path, String ticket, String csrf) throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Cookie", "PVEAuthCookie=" + ticket);
        headers.put("CSRFPreventionToken", csrf);
        return lab.client.send(lab.pve1, method, "/api2/json" + path, headers, new byte[0]);
    }

    @Test
    void ticketLivesForTwoHoursAndWritesNeedItsCsrfToken() throws IOException {
        cluster.addContainer(100, "pve1");
        cluster.user("anna@pve").withPassword("right").mayEverything("/");
        assertThat(signIn("wrong").line()).isEqualTo("401 authentication failure");
        var answer = signIn("right").data();
        String ticket = answer.get("ticket").asString();
        String csrf = answer.get("CSRFPreventionToken").asString();
        assertThat(withTicket("GET", "/version", ticket, "").status()).isEqualTo(200);
        assertThat(withTicket("DELETE", "/nodes/pve1/lxc/100", ticket, "").line())
                .isEqualTo("401 Permission denied - invalid csrf token");
        lab.clock.advance(Duration.ofHours(1));
        String renewed = signIn(java.net.URLEncoder.encode(ticket, StandardCharsets.UTF_8))
                .data()
                .get("ticket")
                .asString();
        lab.clock.advance(Duration.ofMinutes(61));
        assertThat(withTicket("GET", "/version", ticket, "").line()).isEqualTo("401 Authentication failed!");
        assertThat(withTicket("GET", "/version", renewed, "").status()).isEqualTo(200);
        assertThat(withTicket("DELETE", "/nodes/pve1/lxc/100", renewed, csrf).status())
                .as("the old token has ended with its ticket")
                .isEqualTo(401);
    }

    @Test
    void errorsHaveNoTextInTheBodyBefore84() throws IOException {
        for (ProxmoxVersion version : ProxmoxVersion.values()) {
            try (var old = new Lab(FakeProxmox.cluster("old").version(version))) {
                old.cluster.addContainer(100, "pve1");
                var missing = old.get("/nodes/pve1/lxc/999/config");
                assertThat(missing.line()).isEqualTo("500 Configuration file 'nodes/pve1/lxc/999.conf' does not exist");
                assertThat(missing.json().has("message")).isEqualTo(version.tellsErrorsInBody());
                assertThat(old.get("/cluster/nextid?vmid=100").text()).contains("VM 100 already exists");
                assertThat(old.get("/version").data().get("release").asString()).isIn("7.4", "8.3", "8.4", "9.2");
            }
        }
    }
}
