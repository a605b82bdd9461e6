package dev.berth.examples.homelab;

import dev.berth.InvalidInputException;
import dev.berth.examples.cli.UsageException;
import dev.berth.examples.cli.Variables;
import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.ledger.ResourceLedger;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.testkit.ManualClock;
import java.io.IOException;
import java.io.PrintStream;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** The homelab as a server. */
public final class Homelab {
    static final String USAGE = """
            usage: homelab [serve]     without a command: a tour
            environment: PROXMOX_URL (https://pve1:8006, several with commas; a fake cluster if not set) with PROXMOX_TOKEN
              (user@realm!name=secret), PROXMOX_CA (a file) or PROXMOX_FINGERPRINT, PROXMOX_NODE, PROXMOX_TEMPLATE,
              PROXMOX_STORAGE (local-lvm) and PROXMOX_CANARY (a guest that is always there)
              BERTH_DB (a JDBC URL; homelab.db), HOMELAB_PORT (8765), HOMELAB_TOKEN (who may change things; made up if not set)
              HOMELAB_PROFILE (homelab-busy, homelab-calm, production, development), or CLEANUP_ENABLED,
              ERROR_RETENTION_HOURS, GHOST_CLEANUP_ENABLED, CLEANUP_INTERVAL_MINUTES and CLEANUP_DRY_RUN""";

    private static final int USUAL_PORT = 8765;

    private Homelab() {}

    /**
     * Runs the tour, or serves until it is ended.
     *
     * @param args see the usage that {@code help} prints
     */
    public static void main(String[] args) throws IOException, InterruptedException {
        System.exit(run(List.of(args), System.getenv(), System.out));
    }

    static int run(List<String> args, Map<String, String> environment, PrintStream out)
            throws IOException, InterruptedException {
        boolean serves = args.equals(List.of("serve"));
        if (!serves && !args.isEmpty()) {
            out.println(USAGE);
            return 2;
        }
        var clock = ManualClock.at(Instant.now());
        Clock time = serves ? Clock.systemUTC() : clock;
        int port;
        ReaperPolicy policy;
        Cluster opened;
        try {
            // All that was said is read before anything is begun.
            port = new Variables(environment).number("HOMELAB_PORT", 0, 65_535).orElse(serves ? USUAL_PORT : 0);
            policy = HomelabService.policy(environment);
            opened = Cluster.of(environment, time);
        } catch (UsageException | InvalidInputException e) {
            out.println(e.getMessage());
            return 2;
        }
        try (Cluster cluster = opened;
                var ledger = ledger(environment, cluster, time)) {
            String token = Optional.ofNullable(environment.get("HOMELAB_TOKEN")).orElseGet(Homelab::made);
            try (var service = new HomelabService(ledger, cluster, policy);
                    var server = new HomelabServer(service, token, port)) {
                out.println("Cluster: " + cluster.told() + ". Ledger: "
                        + (environment.containsKey("BERTH_DB")
                                ? "the database of BERTH_DB"
                                : cluster.fake().isPresent() ? "in memory" : "the file homelab.db")
                        + ".");
                service.reaper().policy().warnings().forEach(warning -> out.println("warning: " + warning));
                if (!serves) {
                    return new Tour(server.port(), token, cluster, clock, out).walk();
                }
                service.reaper().start();
                out.println("http://localhost:" + server.port() + "/api/v1/apps"
                        + (environment.containsKey("HOMELAB_TOKEN") ? "" : ", token " + token));
                new CountDownLatch(1).await();
            }
            return 0;
        }
    }

    /** Beside a cluster that is made up, in memory, unless a database is named: the cluster is not there the next time. */
    private static ResourceLedger ledger(Map<String, String> environment, Cluster cluster, Clock clock) {
        return cluster.fake().isPresent() && !environment.containsKey("BERTH_DB")
                ? ResourceLedger.inMemory(clock)
                : ResourceLedger.on(
                        JdbcLedgerStore.open(environment.getOrDefault("BERTH_DB", "jdbc:sqlite:homelab.db")));
    }

    private static String made() {
        byte[] random = new byte[18];
        new SecureRandom().nextBytes(random);
        return Base64.getUrlEncoder().encodeToString(random);
    }
}
