package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ImportReport;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Token;
import dev.berth.port.PortOrder;
import dev.berth.port.PortPool;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Berth: one ledger or several of one database, each with a store and a pool of connections of its own. */
final class BerthClaims implements Contender<Claim> {
    private static final List<String> ORPHANS = List.of(
            "select count(*) from berth_resource r where r.claim_id is not null"
                    + " and not exists (select 1 from berth_claim c where c.id = r.claim_id)",
            "select count(*) from berth_claim c"
                    + " where not exists (select 1 from berth_resource r where r.claim_id = c.id)",
            "select count(*) from berth_label l"
                    + " where not exists (select 1 from berth_claim c where c.id = l.claim_id)");

    private static final int FILLERS = 16;

    private final String name;
    private final String url;
    private final Job job;
    private final PortPool slots;
    private final List<HikariDataSource> pools = new ArrayList<>();
    private final List<CountedStore> stores = new ArrayList<>();
    private final List<ResourceLedger> ledgers = new ArrayList<>();

    private BerthClaims(String name, Job job, String url, PortPool slots) {
        this.name = name;
        this.url = url;
        this.job = job;
        this.slots = slots;
    }

    /** Opens the ledgers; empty if Berth does not know the database yet. */
    static Optional<BerthClaims> open(String name, Job job, String url, int connections, int slots, int ledgers) {
        PortPool pool = job.isWhole() ? Slots.pairs(slots) : Slots.ports(slots);
        return open(new BerthClaims(name, job, url, pool), connections, ledgers);
    }

    /** Opens ledgers with a connection each that hand out one port in an order. */
    static BerthClaims ordered(String url, int ledgers, int slots, PortOrder order) {
        var contender = new BerthClaims(Cell.BERTH, Job.PORT, url, Slots.ports(slots, order));
        return open(contender, ledgers, ledgers).orElseThrow();
    }

    private static Optional<BerthClaims> open(BerthClaims contender, int connections, int ledgers) {
        if (Engine.of(contender.url) == Engine.MEMORY) {
            contender.add(new MemoryLedgerStore(Clock.systemUTC(), UUID.randomUUID()));
            return Optional.of(contender);
        }
        for (int i = 0; i < ledgers; i++) {
            HikariDataSource pool = Engine.pool(contender.url, Math.max(1, connections / ledgers));
            contender.pools.add(pool);
            Optional<LedgerStore> store = BerthStores.open(contender.url, pool);
            if (store.isEmpty()) {
                contender.close();
                return Optional.empty();
            }
            contender.add(store.get());
        }
        return Optional.of(contender);
    }

    private void add(LedgerStore store) {
        var counted = new CountedStore(store);
        stores.add(counted);
        ledgers.add(ResourceLedger.on(counted.counting()));
    }

    @Override
    public String name() {
        return name;
    }

    private ClaimRequest request(String owner) {
        ClaimRequest request = ClaimRequest.by(Owner.of(TENANT, owner));
        return !job.isWhole()
                ? request
                : request.name("project", ResourceKind.COMPOSE_PROJECT, TENANT, owner)
                        .fixed("path", ResourceKind.PROXY_PATH, "/" + TENANT + "/" + owner);
    }

    private String part() {
        return job.isWhole() ? "ports" : "port";
    }

    private Map<String, Resource> slot(int slot) {
        Map<String, Resource> group = new LinkedHashMap<>();
        slots.roles()
                .forEach(role -> group.put(
                        role,
                        ResourceKind.TCP_PORT.in(
                                slots.host(), slot + (role.equals("frontend") ? Slots.FRONTEND : Slots.BACKEND))));
        return group;
    }

    /** By many threads, since each waits for the disk. */
    @Override
    public List<Claim> fill(int count) throws SQLException {
        ExecutorService threads = Executors.newFixedThreadPool(FILLERS);
        List<Claim> filled = new ArrayList<>();
        try {
            List<Future<ImportReport>> reports = new ArrayList<>();
            for (int from = 0; from < FILLERS; from++) {
                List<ClaimRequest> requests = IntStream.iterate(from, i -> i < count, i -> i + FILLERS)
                        .mapToObj(i -> request("running-" + i).fixed(part(), slot(i)))
                        .toList();
                reports.add(threads.submit(() -> ledgers.get(0).importAll(requests)));
            }
            for (Future<ImportReport> report : reports) {
                filled.addAll(report.get().created());
            }
        } catch (InterruptedException | ExecutionException e) {
            throw new SQLException("not filled", e);
        } finally {
            threads.shutdown();
        }
        if (filled.size() != count) {
            throw new IllegalStateException("not filled as it should be: " + filled.size() + " of " + count);
        }
        stores.forEach(CountedStore::reset);
        if (!pools.isEmpty()) {
            Rows.analyze(url, pools.get(0), "berth_claim", "berth_resource");
        }
        return filled;
    }

    private ResourceLedger ledger(int caller) {
        return ledgers.get(caller % ledgers.size());
    }

    @Override
    public Claim take(int caller, String owner) {
        return ledger(caller).claim(request(owner).choose(part(), slots));
    }

    @Override
    public void giveBack(int caller, Claim held) {
        if (!ledger(caller).release(held)) {
            throw new IllegalStateException("somebody else released " + held);
        }
    }

    @Override
    public Claim again(int caller, Claim held) {
        return ledger(caller).claim(request(held.owner().name()).choose(part(), slots));
    }

    @Override
    public long retries() {
        return stores.stream().mapToLong(CountedStore::refused).sum();
    }

    @Override
    public int slot(Claim claim) {
        return claim.port(job.isWhole() ? "backend" : "port") - Slots.BACKEND;
    }

    @Override
    public List<String> check(Collection<Claim> held) throws SQLException {
        List<String> wrong = new ArrayList<>();
        Set<Resource> seen = new HashSet<>();
        List<Claim> stored;
        try (Stream<Claim> claims = ledgers.get(0).claims(ClaimQuery.all())) {
            stored = claims.toList();
        }
        for (Claim claim : stored) {
            claim.holdings().forEach(holding -> {
                if (!seen.add(holding.resource())) {
                    wrong.add(holding.resource() + " is held twice");
                }
            });
        }
        if (!tokens(stored).equals(tokens(held))) {
            wrong.add(held.size() + " claims held, but " + stored.size() + " stored, or not the same");
        }
        wrong.addAll(orphans());
        return wrong;
    }

    /** Rows that belong to nobody; a ledger in memory has none. */
    private List<String> orphans() throws SQLException {
        List<String> wrong = new ArrayList<>();
        for (String orphans : pools.isEmpty() ? List.<String>of() : ORPHANS) {
            long found = Rows.count(pools.get(0), orphans);
            if (found > 0) {
                wrong.add(found + " orphans by: " + orphans);
            }
        }
        return wrong;
    }

    private static Set<Token> tokens(Collection<Claim> claims) {
        return claims.stream().map(Claim::token).collect(Collectors.toSet());
    }

    @Override
    public double stretch(Collection<Claim> held) {
        int highest = held.stream().mapToInt(this::slot).max().orElse(0);
        return held.isEmpty() ? 1 : (highest + 1.0) / held.size();
    }

    /** How many units went into one commit. */
    double unitsInCommit() {
        long commits = stores.stream().mapToLong(CountedStore::commits).sum();
        return commits == 0
                ? 0
                : (double) stores.stream().mapToLong(CountedStore::units).sum() / commits;
    }

    @Override
    public void close() {
        ledgers.forEach(ResourceLedger::close);
        pools.forEach(HikariDataSource::close);
    }
}
