package dev.berth.testkit;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.Holding;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Snapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/** Stores that commit or read in a broken way. */
final class MutantStores {
    private MutantStores() {}

    static Optional<Owner> owner(Commit.ClaimWrite write) {
        if (write instanceof Commit.Create create) {
            return Optional.of(create.owner());
        }
        return write instanceof Commit.Change change ? Optional.of(change.owner()) : Optional.empty();
    }

    static Claim copy(Claim claim, Optional<Instant> lease, List<Holding> holdings) {
        return new Claim(
                claim.token(),
                claim.owner(),
                claim.state(),
                claim.createdAt(),
                claim.stateSince(),
                lease,
                claim.home(),
                claim.attempt(),
                claim.reason(),
                claim.labels(),
                holdings);
    }

    /** Deletes by resource, as a release without a token would. */
    static LedgerStore releasingWhateverHolds(LedgerStore store) {
        Map<UUID, List<Resource>> held = new ConcurrentHashMap<>();
        return Mutations.bending(store, (to, unit) -> {
            unit.claims()
                    .forEach(write -> held.merge(
                            write.claim(),
                            write.taken().stream().map(Commit.Take::resource).toList(),
                            (a, b) -> a));
            return Mutations.mapClaims(unit, write -> {
                if (!(write instanceof Commit.Release release)
                        || to.find(write.claim()).isPresent()) {
                    return write;
                }
                for (Occupant occupant : to.occupants(held.getOrDefault(write.claim(), List.of()))
                        .values()) {
                    if (occupant instanceof Occupant.Holder holder) {
                        return Mutations.with(release, holder.token(), Commit.Guard.NONE);
                    }
                }
                return write;
            });
        });
    }

    static LedgerStore stoppingAtARefusal(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public List<CommitResult> commit(List<Commit> units) {
                List<CommitResult> results = new ArrayList<>();
                CommitResult last = new CommitResult.Done(Instant.EPOCH);
                for (Commit unit : units) {
                    last = last instanceof CommitResult.Refused ? last : StoreLaws.commit(store, unit);
                    results.add(last);
                }
                return List.copyOf(results);
            }
        };
    }

    static LedgerStore runningBackwards(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public List<CommitResult> commit(List<Commit> units) {
                List<Commit> reversed = new ArrayList<>(units);
                Collections.reverse(reversed);
                List<CommitResult> results = new ArrayList<>(store.commit(reversed));
                Collections.reverse(results);
                return List.copyOf(results);
            }
        };
    }

    /** Done is said at once; the write follows with the next one. */
    static LedgerStore answeringBeforeWriting(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            private final List<Commit> waiting = new ArrayList<>();

            @Override
            public synchronized List<CommitResult> commit(List<Commit> units) {
                if (!waiting.isEmpty()) {
                    store.commit(List.copyOf(waiting));
                    waiting.clear();
                }
                waiting.addAll(units);
                return units.stream()
                        .map(unit -> (CommitResult) new CommitResult.Done(store.now()))
                        .toList();
            }
        };
    }

    /** Versions are counted from 1 for each record that is made. */
    static LedgerStore reusingVersions(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            private final Map<String, Long> bases = new HashMap<>();

            private synchronized long base(String name) {
                return bases.getOrDefault(name, 0L);
            }

            private Commit.RecordWrite shifted(Commit.RecordWrite write) {
                long expected = write.expected() == 0 ? 0 : write.expected() + base(write.name());
                if (write instanceof Commit.PutRecord put) {
                    return new Commit.PutRecord(put.name(), expected, put.value(), put.span());
                }
                return write instanceof Commit.RenewRecord renew
                        ? new Commit.RenewRecord(renew.name(), expected, renew.span())
                        : new Commit.EndRecord(write.name(), expected);
            }

            @Override
            public synchronized List<CommitResult> commit(List<Commit> units) {
                List<CommitResult> results = new ArrayList<>();
                for (Commit unit : units) {
                    var bent = new Commit(
                            unit.claims(),
                            unit.blocks(),
                            unit.records().stream().map(this::shifted).toList(),
                            unit.fences());
                    CommitResult result = StoreLaws.commit(store, bent);
                    results.add(result);
                    for (Commit.RecordWrite write : unit.records()) {
                        if (result instanceof CommitResult.Done && write.expected() == 0) {
                            store.record(write.name()).ifPresent(made -> bases.put(made.name(), made.version() - 1));
                        }
                    }
                }
                return List.copyOf(results);
            }

            @Override
            public Optional<LedgerRecord> record(String name) {
                return store.record(name)
                        .map(seen -> new LedgerRecord(name, seen.version() - base(name), seen.value(), seen.until()));
            }
        };
    }

    static LedgerStore readingFromACache(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            private final Map<Owner, Snapshot> cache = new ConcurrentHashMap<>();

            @Override
            public Optional<Snapshot> find(Owner owner) {
                store.find(owner).ifPresent(seen -> cache.putIfAbsent(owner, seen));
                return Optional.ofNullable(cache.get(owner));
            }
        };
    }

    static LedgerStore readingRowByRow(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public Map<Resource, Occupant> occupants(Collection<Resource> resources) {
                Map<Resource, Occupant> found = new HashMap<>();
                for (Resource resource : resources) {
                    found.putAll(store.occupants(List.of(resource)));
                    LockSupport.parkNanos(10_000);
                }
                return Map.copyOf(found);
            }
        };
    }

    static LedgerStore goingBack(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            private long calls;

            @Override
            public synchronized Instant now() {
                return store.now().minus(Duration.ofSeconds(calls++ % 2));
            }
        };
    }
}
