package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.InvalidInputException;
import dev.berth.ledger.BlockReason;
import dev.berth.ledger.Candidates;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.Token;
import dev.berth.testkit.ManualClock;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The store in memory says what every commit means; a store in a database gives the same answers to all the same calls.
 * The time is the same too: it is told to be that of a clock that is ahead of every database's.
 */
class AgreesWithMemoryTest {
    private static final int COMMITS = 150;
    private static final Duration KEEP = Duration.ofSeconds(40);
    private static final List<Owner> OWNERS = IntStream.range(0, 6)
            .mapToObj(i -> Owner.of(i % 2 == 0 ? "even" : "odd", "app-" + i))
            .toList();
    private static final List<Resource> RESOURCES = resources();
    private static final List<String> RECORDS = List.of("lease/a", "lease/b", "mark/\u00e9");

    @TempDir
    Path directory;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final ManualClock clock = ManualClock.at(Instant.parse("2090-01-01T00:00:00Z"));
    private final List<UUID> ids = new ArrayList<>();

    private static List<Resource> resources() {
        List<Resource> all = new ArrayList<>();
        for (int port = 5000; port < 5008; port++) {
            all.add(SqliteStores.port(port));
        }
        all.add(ResourceKind.COMPOSE_PROJECT.in(Scope.GLOBAL, "shop"));
        all.add(ResourceKind.PROXY_PATH.in(Scope.GLOBAL, "/shop/\ud83c\udf08"));
        return all;
    }

    private JdbcLedgerStore open(String database) throws SQLException {
        return switch (database) {
            case "sqlite" ->
                JdbcLedgerStore.open(SqliteStores.url(directory.resolve("berth.db")), SqliteStores.clock(clock));
            case "h2" -> JdbcLedgerStore.open("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
            default ->
                (JdbcLedgerStore) LawDatabase.of(Servers.of(database)).fixture().store();
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "sqlite", "h2", "h2", "postgresql", "postgresql", "mariadb", "mariadb"})
    void everyCallGivesTheSameAnswer(String database) throws SQLException {
        System.out.println("random commits on " + database + " with seed " + seed);
        try (LedgerStore memory = new MemoryLedgerStore(clock, UUID.randomUUID());
                JdbcLedgerStore file = open(database)) {
            file.tellAtLeast(clock.instant());
            int done = 0;
            for (int i = 0; i < COMMITS; i++) {
                clock.advance(Duration.ofMillis(random.nextInt(3_000)));
                file.tellAtLeast(clock.instant());
                done += commit(memory, file);
                compare(memory, file);
            }
            assertThat(done).as("commits that were not refused").isGreaterThan(COMMITS / 10);
            forgetAlike(memory, file);
        }
    }

    /** All units in one call, or each in a call of its own. */
    private int commit(LedgerStore memory, LedgerStore file) {
        List<Commit> units = units(memory);
        List<List<Commit>> calls = random.nextBoolean()
                ? List.of(units)
                : units.stream().map(List::of).toList();
        int done = 0;
        for (List<Commit> call : calls) {
            List<CommitResult> results = memory.commit(call);
            assertThat(file.commit(call)).as("seed %d: %s", seed, call).isEqualTo(results);
            done += (int)
                    results.stream().filter(CommitResult.Done.class::isInstance).count();
        }
        return done;
    }

    private void compare(LedgerStore memory, LedgerStore file) {
        same(memory, file, store -> OWNERS.stream().map(store::find).toList());
        List<UUID> latest = ids.subList(Math.max(0, ids.size() - 10), ids.size());
        same(memory, file, store -> latest.stream().map(store::find).toList());
        same(memory, file, store -> store.occupants(RESOURCES));
        same(
                memory,
                file,
                store ->
                        store.occupants(ResourceKind.TCP_PORT.name(), SqliteStores.NODE, "50", Optional.of("5002"), 3));
        same(memory, file, store -> store.records("lease/", Optional.empty(), 10));
        same(memory, file, store -> RECORDS.stream().map(store::record).toList());
        same(memory, file, store -> latest.stream().map(store::tombstone).toList());
        same(memory, file, store -> store.tombstones(Optional.of(SqliteStores.NODE), Optional.empty(), 5));
        Instant from = clock.instant().minusMillis(random.nextInt(20_000));
        Instant to = from.plusNanos(random.nextInt());
        same(
                memory,
                file,
                store -> RESOURCES.stream()
                        .map(resource -> store.history(resource, from, to, 4))
                        .toList());
        ClaimQuery query = query();
        Optional<UUID> last = ids.isEmpty() || random.nextBoolean() ? Optional.empty() : Optional.of(any(ids));
        int limit = 1 + random.nextInt(4);
        same(memory, file, store -> store.claims(query, last, limit));
        Owner owner = any(OWNERS);
        Candidates candidates = candidates();
        Set<Resource> except = random.nextBoolean() ? Set.of() : Set.of(any(RESOURCES));
        List<Integer> free = memory.free(owner, candidates, except, LedgerStore.PAGE_LIMIT);
        List<Integer> hint = file.free(owner, candidates, except, limit);
        assertThat(free).as("seed %d", seed).containsSubsequence(hint);
        assertThat(hint.isEmpty()).as("seed %d", seed).isEqualTo(free.isEmpty());
        same(memory, file, LedgerStore::now);
    }

    private void forgetAlike(LedgerStore memory, JdbcLedgerStore file) {
        clock.advance(KEEP.dividedBy(2));
        file.tellAtLeast(clock.instant());
        memory.prune(KEEP, LedgerStore.PAGE_LIMIT);
        // Blocks that ran out leave the memory by themselves, so the numbers differ; small steps end at the same state.
        int forgotten;
        do {
            forgotten = file.prune(KEEP, 7);
        } while (forgotten == 7);
        compare(memory, file);
        Instant begin = Instant.EPOCH;
        same(
                memory,
                file,
                store -> RESOURCES.stream()
                        .map(resource -> store.history(resource, begin, Instant.MAX, LedgerStore.PAGE_LIMIT))
                        .toList());
    }

    private <T> void same(LedgerStore memory, LedgerStore file, Function<LedgerStore, T> call) {
        assertThat(call.apply(file)).as("seed %d", seed).isEqualTo(call.apply(memory));
    }

    // ------------------------------------------------------------------ what is asked

    private ClaimQuery query() {
        ClaimQuery query = ClaimQuery.all();
        query = random.nextInt(3) == 0 ? query.tenant("even") : query;
        query = random.nextInt(3) == 0 ? query.kind(ResourceKind.TCP_PORT) : query;
        query = random.nextInt(3) == 0 ? query.in(Scope.GLOBAL) : query;
        query = random.nextInt(4) == 0 ? query.home(SqliteStores.NODE) : query;
        query = random.nextInt(3) == 0 ? query.state(ClaimState.RESERVED, ClaimState.FAILED) : query;
        return random.nextInt(3) == 0 ? query.label("color", "red") : query;
    }

    private Candidates candidates() {
        if (random.nextInt(3) == 0) {
            return new Candidates.Listed(
                    RESOURCES.stream().map(one -> Map.of("one", one)).toList(), "all there are");
        }
        var layout = new Candidates.Layout(
                ResourceKind.TCP_PORT,
                SqliteStores.NODE,
                random.nextBoolean() ? Map.of("a", 4999) : Map.of("a", 5000, "b", 5001),
                1 + random.nextInt(2),
                4,
                random.nextBoolean() ? Set.of() : Set.of(5003),
                "ports");
        return new Candidates.Numbered(layout, random.nextInt(4));
    }

    // ------------------------------------------------------------------ what is written

    private List<Commit> units(LedgerStore memory) {
        List<Commit> units = new ArrayList<>();
        for (int count = 1 + random.nextInt(3); units.size() < count; ) {
            drawn(memory).ifPresent(units::add);
        }
        return units;
    }

    /** A unit, or nothing where one thing was drawn twice. */
    private Optional<Commit> drawn(LedgerStore memory) {
        try {
            Commit unit = unit(memory);
            // A unit that gives one owner to two claims contradicts itself; no store can say what it means.
            List<Owner> owners = unit.claims().stream()
                    .flatMap(write -> write instanceof Commit.Create create
                            ? Stream.of(create.owner())
                            : write instanceof Commit.Change change ? Stream.of(change.owner()) : Stream.empty())
                    .toList();
            return new HashSet<>(owners).size() == owners.size() ? Optional.of(unit) : Optional.empty();
        } catch (InvalidInputException twice) {
            return Optional.empty();
        }
    }

    private Commit unit(LedgerStore memory) {
        List<Commit.ClaimWrite> claims = new ArrayList<>();
        List<Commit.BlockWrite> blocks = new ArrayList<>();
        List<Commit.RecordWrite> records = new ArrayList<>();
        List<Commit.Fence> fences = new ArrayList<>();
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            claims.add(claimWrite(memory));
        }
        if (random.nextInt(4) == 0) {
            Resource resource = any(RESOURCES);
            blocks.add(
                    random.nextInt(3) == 0 ? new Commit.LiftBlock(resource) : new Commit.PutBlock(resource, terms()));
        }
        if (random.nextInt(3) == 0) {
            records.add(recordWrite(memory));
        }
        if (random.nextInt(8) == 0) {
            String name = any(RECORDS);
            fences.add(new Commit.Fence(name, Math.max(1, version(memory, name))));
        }
        return new Commit(claims, blocks, records, fences);
    }

    private Commit.ClaimWrite claimWrite(LedgerStore memory) {
        List<Snapshot> present = memory.claims(ClaimQuery.all(), Optional.empty(), 100);
        int kind = random.nextInt(6);
        if (present.isEmpty() || kind < 2) {
            UUID id = new UUID(random.nextLong(), random.nextLong());
            ids.add(id);
            boolean provisioned = random.nextBoolean();
            return new Commit.Create(
                    id,
                    any(OWNERS),
                    provisioned ? ClaimState.PENDING : ClaimState.RESERVED,
                    provisioned ? Optional.of(SqliteStores.NODE) : Optional.empty(),
                    random.nextBoolean() ? Optional.of(span()) : Optional.empty(),
                    provisioned ? Optional.of(new Commit.NewAttempt("nonce", span())) : Optional.empty(),
                    random.nextBoolean() ? Map.of("color", "red", "size", "") : Map.of(),
                    takes());
        }
        Claim claim = any(present).claim();
        Token token =
                random.nextInt(10) == 0 ? new Token(claim.id(), claim.token().revision() + 1_000) : claim.token();
        return switch (kind) {
            case 2, 3 -> change(claim, token);
            case 4 ->
                new Commit.Touch(
                        token,
                        lease(),
                        random.nextBoolean() ? Optional.of(span()) : Optional.empty(),
                        random.nextBoolean() ? Map.of("color", "blue") : Map.of(),
                        random.nextBoolean() ? Set.of("color", "size") : Set.of());
            default -> release(claim, token);
        };
    }

    private Commit.Change change(Claim claim, Token token) {
        boolean provisioned = !claim.isReservation() || random.nextInt(4) == 0;
        List<Commit.Give> gives = new ArrayList<>();
        for (var held : claim.holdings()) {
            if (random.nextInt(3) == 0) {
                gives.add(new Commit.Give(held.resource(), any(Arrays.asList(EndReason.values())), maybeTerms()));
            }
        }
        return new Commit.Change(
                token,
                any(Arrays.asList(
                        Commit.Guard.NONE, Commit.Guard.NONE, Commit.Guard.LEASE_LAPSED, Commit.Guard.ATTEMPT_LAPSED)),
                random.nextInt(3) == 0 ? any(OWNERS) : claim.owner(),
                provisioned
                        ? any(Arrays.asList(
                                ClaimState.PENDING, ClaimState.ACTIVE, ClaimState.STOPPED, ClaimState.FAILED))
                        : ClaimState.RESERVED,
                any(Arrays.asList(Commit.StateClock.values())),
                provisioned ? Optional.of(SqliteStores.NODE) : Optional.empty(),
                lease(),
                any(List.of(
                        Commit.AttemptWrite.LEAVE,
                        Commit.AttemptWrite.END,
                        new Commit.AttemptWrite.Begin(new Commit.NewAttempt("again", span())))),
                random.nextBoolean() ? Optional.of("because") : Optional.empty(),
                gives,
                random.nextBoolean() ? takes() : List.of(),
                Set.of("part-0"),
                random.nextBoolean() ? Map.of("color", "red") : Map.of());
    }

    private Commit.Release release(Claim claim, Token token) {
        Map<Resource, Commit.BlockTerms> blocks = new HashMap<>();
        for (var held : claim.holdings()) {
            maybeTerms().ifPresent(terms -> blocks.put(held.resource(), terms));
        }
        Commit.Guard guard = random.nextInt(3) == 0 ? Commit.Guard.LEASE_LAPSED : Commit.Guard.NONE;
        return new Commit.Release(token, guard, any(Arrays.asList(EndReason.values())), blocks);
    }

    private Commit.RecordWrite recordWrite(LedgerStore memory) {
        String name = any(RECORDS);
        long version = version(memory, name);
        return switch (random.nextInt(4)) {
            case 0 -> new Commit.RenewRecord(name, Math.max(1, version), span());
            case 1 -> new Commit.EndRecord(name, Math.max(1, version));
            default ->
                new Commit.PutRecord(
                        name,
                        random.nextInt(6) == 0 ? version + 1 : version,
                        "value " + random.nextInt(),
                        random.nextBoolean() ? Optional.of(span()) : Optional.empty());
        };
    }

    private static long version(LedgerStore memory, String name) {
        return memory.record(name).map(LedgerRecord::version).orElse(0L);
    }

    private List<Commit.Take> takes() {
        List<Commit.Take> takes = new ArrayList<>();
        Set<Resource> drawn = new HashSet<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            Resource resource = any(RESOURCES);
            if (drawn.add(resource)) {
                takes.add(new Commit.Take(
                        resource, "part-" + i % 2, "role-" + RESOURCES.indexOf(resource), random.nextBoolean()));
            }
        }
        return takes;
    }

    private Commit.LeaseWrite lease() {
        return any(List.of(Commit.LeaseWrite.KEEP, Commit.LeaseWrite.LIFT, new Commit.LeaseWrite.Run(span())));
    }

    private Optional<Commit.BlockTerms> maybeTerms() {
        return random.nextInt(3) == 0 ? Optional.of(terms()) : Optional.empty();
    }

    private Commit.BlockTerms terms() {
        return new Commit.BlockTerms(
                any(Arrays.asList(BlockReason.values())), random.nextBoolean() ? "" : "seen", span());
    }

    private Duration span() {
        return Duration.ofMillis(1 + random.nextInt(15_000));
    }

    private <T> T any(List<T> all) {
        return all.get(random.nextInt(all.size()));
    }
}
