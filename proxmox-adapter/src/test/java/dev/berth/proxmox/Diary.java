package dev.berth.proxmox;

import dev.berth.runtime.Deployment;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.proxmox.FakeProxmox;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A process of its own that goes through good and bad days, with every logger at its most talkative, and tells all that an
 * application could: texts, messages, stack traces. The secrets that it had are written to a file, for whoever reads it.
 */
final class Diary {
    private static final String PASSWORD = "s3cr3t pä&ss=w+o%rd";
    private static final String GUESTS_OWN = "r00t-of-the-guest";
    private static final String WRONG = "0badc0de-0bad-0bad";

    private final ManualClock clock = ManualClock.at(Instant.parse("2026-11-22T00:00:00Z"));
    private final FakeProxmox lab = FakeProxmox.cluster("lab")
            .nodes("pve1", "pve2", "pve3")
            .clock(clock)
            .start();
    private final List<String> secrets = new ArrayList<>(List.of(PASSWORD, Talk.encoded(PASSWORD), GUESTS_OWN, WRONG));

    private Diary() {
        lab.addContainer(Labs.CANARY, "pve1");
        lab.user("anna@pve").withPassword(PASSWORD).mayEverything("/");
        secrets.add(lab.operator().secret());
    }

    public static void main(String[] file) throws Exception {
        var diary = new Diary();
        try {
            diary.days(
                    "token",
                    () -> Credentials.token(
                            diary.lab.operator().id(),
                            diary.lab.operator().secret().toCharArray()));
            diary.days("ticket", () -> Credentials.ticket("anna@pve", PASSWORD::toCharArray));
            diary.strangers();
        } finally {
            diary.lab.close();
        }
        Files.write(Path.of(file[0]), diary.secrets);
        tell("the end");
    }

    private interface Deed {
        Object run() throws Exception;
    }

    private interface Login {
        Credentials make();
    }

    private static void tell(Object what) {
        System.out.println(what);
    }

    private static void tried(String what, Deed deed) {
        try {
            tell(what + ": " + deed.run());
        } catch (Exception failure) {
            tell(what + " failed: " + failure);
            failure.printStackTrace(System.out);
        }
    }

    private ProxmoxConnection connection(Credentials who) {
        return ProxmoxRuntime.at(Labs.SCOPE, lab.uris().toArray(new URI[0]))
                .credentials(who)
                .trust(Trust.system())
                .clock(clock)
                .answersWithin(Duration.ofSeconds(1))
                .spans(Labs.SPANS)
                .stopsWithin(Duration.ZERO);
    }

    /** What a ticket was at this time is a secret as well; the fake cluster's are the same for all who log in at one time. */
    private void noteTicket() {
        var api = new Api(
                lab.uris(),
                Credentials.token(lab.operator().id(), lab.operator().secret().toCharArray()),
                Labs.pins(lab),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Clock.systemUTC());
        try (api) {
            Answer login =
                    api.ask(talk -> talk.post("/access/ticket", Map.of("username", "anna@pve", "password", PASSWORD)));
            for (String key : List.of("ticket", "CSRFPreventionToken")) {
                String secret = Answer.text(login.data(), key);
                secrets.add(secret);
                secrets.add(Talk.encoded(secret));
                secrets.add(secret.substring(secret.lastIndexOf(':') + 1));
            }
        } catch (InterruptedException given) {
            Thread.currentThread().interrupt();
        }
    }

    private void days(String who, Login login) {
        noteTicket();
        ProxmoxConnection connection = connection(login.make());
        tell(connection);
        ProxmoxRuntime runtime = connection.build();
        try {
            tell(runtime);
            var site = new Site(lab, runtime);
            Mark mark = site.mark();
            tried(who + ", trusted by the system", () -> runtime.inventory().instances());
            tried("create", () -> runtime.create(site.deployment(103, mark)));
            tried("health", () -> runtime.health("lxc/103"));
            bad(runtime, site);
            clock.advance(Duration.ofMinutes(70));
            noteTicket();
            tried("after the ticket's time", () -> runtime.findByName("app-103"));
            tried("rights", runtime::missingRights);
            tried("remove", () -> runtime.remove("lxc/103", mark, Removal.Mode.EVEN_IF_RUNNING));
        } finally {
            runtime.close();
        }
        tried("closed", runtime::inventory);
    }

    private void bad(ProxmoxRuntime runtime, Site site) {
        lab.node("pve3").goesOffline();
        tried("a node is off", runtime::inventory);
        lab.node("pve3").comesBack();
        for (int status : new int[] {400, 401, 403, 500, 595, 596}) {
            lab.every("*", "*").is(status, "Odd");
            tried("all say " + status, runtime::inventory);
            tried("all say " + status, () -> runtime.look("lxc/103"));
            tried("all say " + status, () -> runtime.create(site.deployment(104, site.mark())));
            lab.answersAsUsual();
        }
        lab.every("GET", "/cluster/status").isTorn();
        tried("torn", runtime::fingerprint);
        lab.answersAsUsual();
        lab.every("*", "*").neverArrives();
        tried("cut", runtime::inventory);
        lab.answersAsUsual();
        lab.next("POST", "/nodes/pve1/lxc").isLost();
        Mark lost = site.mark();
        tried("lost", () -> runtime.create(site.deployment(105, lost)));
        tried("lost", () -> runtime.remove("lxc/105", lost, Removal.Mode.EVEN_IF_RUNNING));
        GuestSpec spec = Labs.container(lab).with("password", GUESTS_OWN).with("nosuch", "1");
        tell(spec);
        tried(
                "a wrong wish",
                () -> runtime.create(new Deployment<>(spec, Optional.of("106"), List.of(), site.mark(), Map.of())));
        lab.losesQuorum();
        tried("no quorum", () -> runtime.look("lxc/999"));
        lab.heals();
        lab.every("POST", "/access/ticket").says(200, "OK", "text/html", "<html>sign in</html>");
        clock.advance(Duration.ofHours(3));
        tried("a portal", runtime::inventory);
        lab.answersAsUsual();
        lab.every("POST", "/access/ticket").comesAfter(Duration.ofHours(1));
        tried("a login that hangs", runtime::inventory);
        lab.answersAsUsual();
        noteTicket();
        tried("all is well", runtime::guests);
    }

    /** What is wrong from the start. */
    private void strangers() {
        for (Credentials who : List.of(
                Credentials.token(lab.operator().id(), WRONG.toCharArray()),
                Credentials.ticket("anna@pve", WRONG::toCharArray))) {
            try (ProxmoxRuntime runtime = connection(who).build()) {
                tried(who.toString(), runtime::inventory);
                tried(who.toString(), () -> runtime.look("lxc/100"));
                tried(who.toString(), () -> connection(who).open());
            }
        }
        tried("a broken secret", () -> Credentials.token("berth@pve!main", (PASSWORD + "\n").toCharArray()));
        tried(
                "a secret in the address",
                () -> ProxmoxRuntime.at(Labs.SCOPE, URI.create("https://root:" + GUESTS_OWN + "@pve1:8006")));
        try (ProxmoxRuntime runtime = connection(Credentials.token(
                        lab.operator().id(), lab.operator().secret().toCharArray()))
                .trust(Trust.fingerprints("00".repeat(32)))
                .build()) {
            tried("another certificate", runtime::inventory);
        }
    }
}
