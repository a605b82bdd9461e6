package dev.berth.torture;

import dev.berth.jdbc.SqliteStores;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.port.PortPool;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.runtime.ProvisionRequest;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Who asks for what: small pools, few names, and owners that several processes act for. */
final class World {
    /** Of owners whose name ends so the claims have leases. */
    private static final String LEASED = "-leased";

    /** Shorter than a worker is stopped for. */
    private static final Duration LEASE = Duration.ofSeconds(2);

    private static final int COMMON_NAMES = 5;

    private static final PortPool PORTS =
            PortPool.named("apps").onHost(SqliteStores.NODE).range(5_000, 5_023).build();
    private static final PortPool PAIRS = PortPool.named("pairs")
            .onHost(SqliteStores.NODE)
            .role("backend", 6_000)
            .role("frontend", 7_000)
            .slots(10)
            .build();
    private static final PortPool EXTRA = PortPool.named("extra")
            .onHost(SqliteStores.NODE)
            .range(8_000, 8_011)
            .build();
    private static final PortPool LAB =
            PortPool.named("lab").onHost(SqliteStores.NODE).range(9_000, 9_007).build();
    private static final PortPool SETTLED = PortPool.named("settled")
            .onHost(SqliteStores.NODE)
            .range(20_000, 20_199)
            .build();

    /** The part that claims are extended by and give back. */
    static final String EXTRA_PART = "extra";

    /** As quick as a reaper may be; and one that frees more than one. */
    static final ReaperPolicy POLICY = ReaperPolicy.builder()
            .recheck(Duration.ofMinutes(1))
            .creationGrace(Duration.ofMinutes(1))
            .absenceGrace(Duration.ofMinutes(2))
            .confirmations(2)
            .stuckAfter(Duration.ofMinutes(10))
            .errorRetention(Duration.ofHours(1))
            .ratio(50)
            .cap(1_000)
            .orphans(ReaperPolicy.Orphans.REMOVE)
            .orphanCap(100)
            .build();

    /** The owners that every process provisions for. */
    static final List<Owner> LAB_OWNERS = List.of("one", "two", "three", "four").stream()
            .map(name -> Owner.of("lab", name))
            .toList();

    /** The tenant whose instances nobody touches but an outsider. */
    static final String SETTLED_TENANT = "settled";

    private World() {}

    /** What a tenant claims for. */
    static List<Owner> owners(String tenant) {
        return List.of("port-0", "port-1-leased", "pair-2", "pair-3-leased", "name-4", "name-5-leased").stream()
                .map(name -> Owner.of(tenant, name))
                .toList();
    }

    static Optional<Duration> lease(Owner owner) {
        return Optional.of(LEASE).filter(any -> owner.name().endsWith(LEASED));
    }

    /** What an owner asks for, always the same. */
    static ClaimRequest request(Owner owner) {
        ClaimRequest request = ClaimRequest.by(owner).in(SqliteStores.NODE);
        ClaimRequest whole = switch (owner.name().substring(0, owner.name().indexOf('-'))) {
            case "port" -> request.choose("port", PORTS);
            case "pair" ->
                request.fixed("path", ResourceKind.PROXY_PATH, "/" + owner.tenant() + "/" + owner.name())
                        .choose("ports", PAIRS);
            default ->
                request.fixed(
                                "name",
                                ResourceKind.COMPOSE_PROJECT,
                                "common-" + Math.floorMod(owner.hashCode(), COMMON_NAMES))
                        .choose("port", PORTS);
        };
        return lease(owner).map(whole::lease).orElse(whole);
    }

    static ClaimRequest extended(Owner owner) {
        return request(owner).choose(EXTRA_PART, EXTRA);
    }

    /** An instance with a name and a port. */
    static ProvisionRequest instance(Owner owner) {
        boolean settled = owner.tenant().equals(SETTLED_TENANT);
        return ProvisionRequest.of(ClaimRequest.by(owner)
                        .in(SqliteStores.NODE)
                        .name("container", ResourceKind.CONTAINER_NAME, owner.tenant(), owner.name())
                        .choose("http", settled ? SETTLED : LAB))
                .named("container")
                .publish("http", 6_901);
    }
}
