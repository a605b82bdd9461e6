package dev.berth.torture;

import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerStore;
import dev.berth.testkit.ForwardingLedgerStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** Ways in which a store can be broken on purpose, to see whether the checker notices. */
enum Flaw {
    NONE {
        @Override
        LedgerStore on(LedgerStore store) {
            return store;
        }
    },

    /** Whoever releases may do so by any token. */
    IGNORES_TOKENS {
        @Override
        LedgerStore on(LedgerStore store) {
            return new ForwardingLedgerStore(store) {
                @Override
                public List<CommitResult> commit(List<Commit> units) {
                    return super.commit(units.stream().map(this::current).toList());
                }

                private Commit current(Commit unit) {
                    List<Commit.ClaimWrite> writes =
                            unit.claims().stream().map(this::current).toList();
                    return new Commit(writes, unit.blocks(), unit.records(), unit.fences());
                }

                private Commit.ClaimWrite current(Commit.ClaimWrite write) {
                    return write instanceof Commit.Release release
                            ? find(release.expected().claim())
                                    .<Commit.ClaimWrite>map(found -> new Commit.Release(
                                            found.claim().token(), release.guard(), release.reason(), release.blocks()))
                                    .orElse(write)
                            : write;
                }
            };
        }
    },

    /** Now and then a new claim is acknowledged and not written. */
    DROPS_COMMITS {
        @Override
        LedgerStore on(LedgerStore store) {
            return new ForwardingLedgerStore(store) {
                @Override
                public List<CommitResult> commit(List<Commit> units) {
                    boolean claims = units.stream()
                            .allMatch(unit -> unit.claims().stream().allMatch(Commit.Create.class::isInstance)
                                    && unit.records().isEmpty()
                                    && !unit.claims().isEmpty());
                    if (!claims || ThreadLocalRandom.current().nextInt(10) > 0) {
                        return super.commit(units);
                    }
                    List<CommitResult> told = new ArrayList<>();
                    units.forEach(unit -> told.add(new CommitResult.Done(now(), Map.of())));
                    return told;
                }
            };
        }
    };

    abstract LedgerStore on(LedgerStore store);
}
