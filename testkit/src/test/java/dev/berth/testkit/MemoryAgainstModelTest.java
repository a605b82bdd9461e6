package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.InvalidInputException;
import dev.berth.ledger.BlockReason;
import dev.berth.ledger.Candidates;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.HistoryEntry;
import dev.berth.ledger.Holding;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.Violation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

/** Any sequence of commits leaves the store in memory and the naive ledger in the same state, step by step. */
class MemoryAgainstModelTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final List<Owner> OWNERS = List.of(StoreLaws.ANNA, StoreLaws.BERT, StoreLaws.CLEO);
    private static final List<Resource> RESOURCES = new ArrayList<>();
    private static final List<String> RECORDS = List.of("lease", "mark");
    private static final List<Candidates> CANDIDATES = candidates();

    static {
        for (int number = 1; number <= 8; number++) {
            RESOURCES.add(StoreLaws.port(number));
        }
        RESOURCES.add(StoreLaws.text("a"));
        RESOURCES.add(StoreLaws.text("b"));
    }

    private static List<Candidates> candidates() {
        var pairs = new LinkedHashMap<String, Integer>();
        pairs.put("a", 1);
        pairs.put("b", 4);
        var layout = new Candidates.Layout(ResourceKind.TCP_PORT, StoreLaws.NODE, pairs, 1, 5, Set.of(3), "pairs");
        return List.of(
                new Candidates.Numbered(layout, 0),
                new Candidates.Numbered(layout, 3),
                new Candidates.Listed(
                        List.of(Map.of("n", StoreLaws.text("b")), Map.of("n", StoreLaws.text("a"))), "names"));
    }

    /** One run: the store, the model, and every claim that was ever seen, so that old tokens come back late. */
    private static final class Run {
        final ManualClock clock = ManualClock.at(START);
        final MemoryLedgerStore store = new MemoryLedgerStore(clock, new UUID(1, 1));
        final NaiveLedger model = new NaiveLedger();
        final List<Claim> seen = new ArrayList<>();
        int ids;
    }

    @Property(tries = 400)
    void storeAndModelAgree(@ForAll @Size(max = 60) List<Integer> steps) {
        var run = new Run();
        for (int step : steps) {
            var random = new Random(step);
            int sort = random.nextInt(10);
            if (sort == 0) {
                run.clock.advance(Duration.ofMillis(1 + random.nextInt(20)));
            } else if (sort == 1) {
                Duration keep = Duration.ofMillis(1 + random.nextInt(10));
                run.store.prune(keep, 1_000);
                run.model.prune(run.clock.instant().minus(keep));
            } else {
                commit(run, random);
            }
            compare(run);
        }
    }

    private static void commit(Run run, Random random) {
        Commit unit;
        try {
            unit = unit(run, random);
        } catch (InvalidInputException twice) {
            return;
        }
        Set<Owner> owners = new HashSet<>();
        for (Commit.ClaimWrite write : unit.claims()) {
            Optional<Owner> owner = MutantStores.owner(write);
            if (owner.isPresent() && !owners.add(owner.get())) {
                return;
            }
        }
        Set<Violation> expected = run.model.commit(unit, run.clock.instant());
        CommitResult result = StoreLaws.commit(run.store, unit);
        if (expected.isEmpty()) {
            assertThat(result)
                    .as(unit.toString())
                    .isEqualTo(new CommitResult.Done(run.clock.instant(), run.model.versionsOf(unit)));
        } else {
            assertThat(result).as(unit.toString()).isInstanceOf(CommitResult.Refused.class);
            assertThat(new HashSet<>(((CommitResult.Refused) result).violations()))
                    .as(unit.toString())
                    .isEqualTo(expected);
        }
        run.seen.addAll(run.model.claims);
    }

    // ------------------------------------------------------------------ steps

    private static Commit unit(Run run, Random random) {
        List<Commit.ClaimWrite> claims = new ArrayList<>();
        List<Commit.BlockWrite> blocks = new ArrayList<>();
        List<Commit.RecordWrite> records = new ArrayList<>();
        List<Commit.Fence> fences = new ArrayList<>();
        int writes = 1 + random.nextInt(3);
        for (int i = 0; i < writes; i++) {
            switch (random.nextInt(8)) {
                case 0, 1 -> claims.add(create(run, random));
                case 2, 3, 4 -> known(run, random).ifPresent(claim -> claims.add(later(claim, random)));
                case 5 ->
                    blocks.add(
                            random.nextInt(3) == 0
                                    ? new Commit.LiftBlock(any(RESOURCES, random))
                                    : new Commit.PutBlock(any(RESOURCES, random), terms(random)));
                case 6 -> records.add(record(run, random));
                default -> {
                    String name = any(RECORDS, random);
                    fences.add(new Commit.Fence(name, Math.max(1, version(run, name, random))));
                }
            }
        }
        return new Commit(claims, blocks, records, fences);
    }

    private static <T> T any(List<T> all, Random random) {
        return all.get(random.nextInt(all.size()));
    }

    private static Duration span(Random random) {
        return Duration.ofMillis(1 + random.nextInt(15));
    }

    private static Commit.BlockTerms terms(Random random) {
        return new Commit.BlockTerms(any(List.of(BlockReason.values()), random), "", span(random));
    }

    private static Commit.Create create(Run run, Random random) {
        NewClaim form = NewClaim.by(any(OWNERS, random)).id(new UUID(7, run.ids++));
        int wanted = random.nextInt(4);
        for (int i = 0; i < wanted; i++) {
            form.taking(any(RESOURCES, random));
        }
        if (random.nextBoolean()) {
            form.lease(span(random));
        }
        return random.nextInt(3) == 0
                ? form.pending(StoreLaws.NODE, "n", span(random)).write()
                : form.write();
    }

    /** Mostly a present claim, sometimes an old view of one. */
    private static Optional<Claim> known(Run run, Random random) {
        List<Claim> among = random.nextInt(4) == 0 ? run.seen : run.model.claims;
        return among.isEmpty() ? Optional.empty() : Optional.of(any(among, random));
    }

    private static Commit.ClaimWrite later(Claim claim, Random random) {
        Commit.Guard guard = random.nextInt(3) > 0 ? Commit.Guard.NONE : any(List.of(Commit.Guard.values()), random);
        return switch (random.nextInt(4)) {
            case 0 -> release(claim, guard, random);
            case 1 ->
                new Commit.Touch(
                        claim.token(),
                        lease(random),
                        random.nextBoolean() ? Optional.of(span(random)) : Optional.empty(),
                        Map.of("k" + random.nextInt(3), "v"),
                        Set.of("k" + random.nextInt(3)));
            default -> change(claim, guard, random);
        };
    }

    private static Commit.Release release(Claim claim, Commit.Guard guard, Random random) {
        Map<Resource, Commit.BlockTerms> blocks = new HashMap<>();
        for (Holding held : claim.holdings()) {
            if (random.nextBoolean()) {
                blocks.put(held.resource(), terms(random));
            }
        }
        return new Commit.Release(claim.token(), guard, any(List.of(EndReason.values()), random), blocks);
    }

    private static Commit.LeaseWrite lease(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> Commit.LeaseWrite.KEEP;
            case 1 -> Commit.LeaseWrite.LIFT;
            default -> new Commit.LeaseWrite.Run(span(random));
        };
    }

    private static Commit.Change change(Claim claim, Commit.Guard guard, Random random) {
        ChangedClaim form = ChangedClaim.of(claim).guard(guard).lease(lease(random));
        for (Holding held : claim.holdings()) {
            switch (random.nextInt(4)) {
                case 0 -> form.giving(held.resource(), EndReason.SHRUNK);
                case 1 -> form.giving(held.resource(), EndReason.DECLINED, terms(random));
                case 2 -> form.confirming(held.part());
                default -> form.label("kept", held.part());
            }
        }
        if (random.nextBoolean()) {
            String part = "part-" + random.nextInt(1_000_000);
            form.taking(any(RESOURCES, random), part, part);
        }
        if (random.nextInt(3) == 0) {
            form.owner(any(OWNERS, random));
        }
        if (random.nextInt(3) == 0) {
            form.begin("n" + random.nextInt(9), span(random));
        } else if (random.nextInt(3) == 0) {
            form.attempt(Commit.AttemptWrite.END);
        }
        if (random.nextBoolean()) {
            form.state(any(List.of(ClaimState.values()), random), any(List.of(Commit.StateClock.values()), random));
        }
        return form.write();
    }

    private static long version(Run run, String name, Random random) {
        return random.nextInt(5) == 0
                ? random.nextInt(3)
                : run.model
                        .record(name, run.clock.instant())
                        .map(LedgerRecord::version)
                        .orElse(0L);
    }

    private static Commit.RecordWrite record(Run run, Random random) {
        String name = any(RECORDS, random);
        long expected = version(run, name, random);
        return switch (expected == 0 ? 0 : random.nextInt(4)) {
            case 2 -> new Commit.RenewRecord(name, expected, span(random));
            case 3 -> new Commit.EndRecord(name, expected);
            default ->
                new Commit.PutRecord(
                        name,
                        expected,
                        "v" + random.nextInt(9),
                        random.nextBoolean() ? Optional.of(span(random)) : Optional.empty());
        };
    }

    // ------------------------------------------------------------------ comparing

    private static void compare(Run run) {
        Instant now = run.clock.instant();
        for (Owner owner : OWNERS) {
            assertThat(run.store.find(owner).map(Snapshot::claim)).isEqualTo(run.model.find(owner));
            for (Candidates candidates : CANDIDATES) {
                for (Set<Resource> except : List.<Set<Resource>>of(Set.of(), Set.of(StoreLaws.port(2)))) {
                    List<Integer> free = run.model.free(owner, candidates, except, now);
                    assertThat(run.store.free(owner, candidates, except, 100)).isEqualTo(free);
                    assertThat(run.store.free(owner, candidates, except, 1))
                            .isEqualTo(free.stream().limit(1).toList());
                }
            }
        }
        for (Resource resource : RESOURCES) {
            assertThat(Optional.ofNullable(
                            run.store.occupants(List.of(resource)).get(resource)))
                    .isEqualTo(run.model.occupant(resource, now));
            assertThat(new HashSet<>(run.store.history(resource, Instant.EPOCH, now, 1_000)))
                    .isEqualTo(new HashSet<HistoryEntry>(run.model.history.stream()
                            .filter(entry -> entry.resource().equals(resource))
                            .toList()));
        }
        for (String name : RECORDS) {
            assertThat(run.store.record(name)).isEqualTo(run.model.record(name, now));
        }
        assertThat(new HashSet<>(run.store.tombstones(Optional.empty(), Optional.empty(), 1_000)))
                .isEqualTo(new HashSet<>(run.model.tombstones));
        LedgerInvariants.check(run.store);
    }
}
