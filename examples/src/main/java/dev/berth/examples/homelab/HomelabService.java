package dev.berth.examples.homelab;

import dev.berth.examples.cli.UsageException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.port.PortPool;
import dev.berth.proxmox.Guest;
import dev.berth.proxmox.GuestIds;
import dev.berth.proxmox.GuestSpec;
import dev.berth.proxmox.ProxmoxRuntime;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.runtime.Deadlines;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioned;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Stranger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Deploys apps, takes up guests that are there already, and frees what is dead. */
final class HomelabService implements AutoCloseable {
    private static final String TENANT = "homelab";
    private static final String NODE = "homelab.node";
    private static final PortPool PUBLIC =
            PortPool.named("public").onHost(Cluster.SCOPE).range(30_001, 30_999).build();
    private static final PortPool INTERNAL = PortPool.named("internal")
            .onHost(Cluster.SCOPE)
            .range(40_001, 40_999)
            .build();
    private static final GuestIds IDS = GuestIds.of(Cluster.SCOPE, 108, 199);

    /** More than the connection's own: a whole answer may take 45 s, and a task 10 min. */
    private static final Deadlines DEADLINES =
            Deadlines.all(Duration.ofMinutes(11)).reads(Duration.ofMinutes(1));

    private final ResourceLedger ledger;
    private final Cluster cluster;
    private final Provisioner<GuestSpec> apps;
    private final GhostReaper reaper;

    HomelabService(ResourceLedger ledger, Cluster cluster, ReaperPolicy policy) {
        this.ledger = ledger;
        this.cluster = cluster;
        this.apps = Provisioner.of(ledger, cluster.runtime())
                .whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS, Stranger.NEXT_CANDIDATE)
                .deadlines(DEADLINES)
                .build();
        this.reaper = GhostReaper.builder(ledger, cluster.runtime())
                .policy(policy)
                .deadlines(DEADLINES)
                .build();
    }

    /** An app, as the API tells it. */
    record App(
            String name,
            String hostname,
            int vmid,
            String type,
            String status,
            Optional<Integer> publicPort,
            Optional<Integer> internalPort,
            boolean adopted) {}

    /** Scenarios 18 to 22: number, host name and both ports or nothing; asked again, the same. */
    App deploy(String name, String hostname) {
        var claim = ClaimRequest.by(owner(name))
                .in(Cluster.SCOPE)
                .fixed("host", ResourceKind.DNS_NAME, hostname)
                .choose("guest", IDS)
                .choose(PUBLIC.name(), PUBLIC)
                .choose(INTERNAL.name(), INTERNAL);
        Provisioned app = apps.provision(
                ProvisionRequest.of(claim).named("guest"),
                granted -> cluster.apps().hostName(granted.value("host")));
        return app(app.claim());
    }

    static Owner owner(String name) {
        if (!name.matches("[a-z0-9][a-z0-9-]{0,62}")) {
            throw new UsageException("\"" + name + "\" is no app's name; small letters, digits and hyphens are");
        }
        return Owner.of(TENANT, name);
    }

    Optional<App> find(String name) {
        return ledger.find(owner(name)).map(HomelabService::app);
    }

    List<App> list() {
        return claims().map(HomelabService::app).toList();
    }

    private Stream<Claim> claims() {
        try (Stream<Claim> claims = ledger.claims(ClaimQuery.all().tenant(TENANT))) {
            return claims.toList().stream();
        }
    }

    private static App app(Claim claim) {
        String status = switch (claim.state()) {
            case ACTIVE -> "running";
            case STOPPED -> "stopped";
            case FAILED -> "error";
            default -> "deploying";
        };
        return new App(
                claim.owner().name(),
                claim.holds("host") ? claim.value("host") : "",
                claim.holds("guest") ? Integer.parseInt(claim.value("guest")) : 0,
                claim.instance().map(id -> id.replaceAll("/.*", "")).orElse(""),
                status,
                port(claim, PUBLIC),
                port(claim, INTERNAL),
                claim.labels().containsKey(NODE));
    }

    private static Optional<Integer> port(Claim claim, PortPool pool) {
        return claim.holds(pool.name()) ? Optional.of(claim.port(pool.name())) : Optional.empty();
    }

    /** Scenarios 23 and 59: one of ours is destroyed, one that was adopted lives on; its names and ports are free. */
    boolean delete(String name) {
        return apps.remove(owner(name));
    }

    /** Guests that are on the cluster and in no record. */
    List<Guest> discover() throws InterruptedException {
        Set<String> known = claims().flatMap(claim -> claim.instance().stream()).collect(Collectors.toSet());
        return cluster.runtime().guests().guests().stream()
                .filter(guest -> !known.contains(guest.id()))
                .toList();
    }

    /** Scenarios 57 and 58: an inner port is no claim on the host, so it is a label. */
    App adopt(int vmid, String name, int inner) throws InterruptedException {
        ProxmoxRuntime proxmox = cluster.runtime();
        Guest guest = proxmox.guests().guests().stream()
                .filter(one -> one.number() == vmid)
                .findFirst()
                .orElseThrow(() -> new NotFoundException("no guest " + vmid + " is to be seen on the cluster"));
        var claim = ClaimRequest.by(owner(name))
                .in(Cluster.SCOPE)
                .fixed("guest", ResourceKind.GUEST_ID.in(Cluster.SCOPE, vmid))
                .choose(PUBLIC.name(), PUBLIC)
                .label(NODE, guest.node())
                .label("homelab.inner-port", Integer.toString(inner));
        if (guest.name().isPresent()) {
            claim = claim.fixed("host", ResourceKind.DNS_NAME, guest.name().get());
        }
        return app(apps.adopt(guest.id(), claim));
    }

    GhostReaper reaper() {
        return reaper;
    }

    /** The five variables, or one of four profiles; both at once contradict each other. */
    static ReaperPolicy policy(Map<String, String> environment) {
        String profile = environment.getOrDefault("HOMELAB_PROFILE", "");
        List<String> variables = environment.keySet().stream()
                .filter(name -> name.contains("CLEANUP") || name.contains("RETENTION"))
                .toList();
        if (profile.isEmpty()) {
            return ReaperPolicy.fromEnvironment(environment);
        }
        if (!variables.isEmpty()) {
            throw new UsageException("HOMELAB_PROFILE and " + variables + " contradict each other; leave one out");
        }
        return switch (profile) {
            case "homelab-busy" -> ReaperPolicy.homelabBusy();
            case "homelab-calm" -> ReaperPolicy.homelabCalm();
            case "production" -> ReaperPolicy.production();
            case "development" -> ReaperPolicy.development();
            default ->
                throw new UsageException("HOMELAB_PROFILE is \"" + profile
                        + "\"; there are homelab-busy, homelab-calm, production and development");
        };
    }

    @Override
    public void close() {
        reaper.close();
        apps.close();
    }
}
