package dev.berth.testkit;

import dev.berth.ledger.Candidates;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.HistoryEntry;
import dev.berth.ledger.LedgerIdentity;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.StoreUnavailableException;
import dev.berth.ledger.Tombstone;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;

/** Stores that page, hint, remember or forget in a broken way. */
final class MutantPages {
    private MutantPages() {}

    static LedgerStore inclusive(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public List<Snapshot> claims(ClaimQuery query, Optional<UUID> after, int limit) {
                List<Snapshot> page = new ArrayList<>();
                after.flatMap(store::find).ifPresent(page::add);
                page.addAll(store.claims(query, after, limit));
                return page.stream().limit(limit).toList();
            }
        };
    }

    /** Counts before it filters. */
    static LedgerStore oneShort(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public List<Occupant> occupants(
                    String kind, Scope scope, String prefix, Optional<String> after, int limit) {
                return store.occupants(kind, scope, prefix, after, Math.max(1, limit - 1));
            }
        };
    }

    /** Finds where to go on by the last key itself, and begins anew where it is gone. */
    static LedgerStore byExactKey(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public List<Snapshot> claims(ClaimQuery query, Optional<UUID> after, int limit) {
                boolean gone = after.isPresent() && store.find(after.get()).isEmpty();
                return store.claims(query, gone ? Optional.empty() : after, limit);
            }
        };
    }

    static LedgerStore signedIds(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public List<Snapshot> claims(ClaimQuery query, Optional<UUID> after, int limit) {
                return store.claims(query, Optional.empty(), LedgerStore.PAGE_LIMIT).stream()
                        .filter(seen -> after.isEmpty() || seen.claim().id().compareTo(after.get()) > 0)
                        .sorted(Comparator.comparing(seen -> seen.claim().id()))
                        .limit(limit)
                        .toList();
            }
        };
    }

    static LedgerStore utf16Order(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public List<Occupant> occupants(
                    String kind, Scope scope, String prefix, Optional<String> after, int limit) {
                return store.occupants(kind, scope, prefix, Optional.empty(), LedgerStore.PAGE_LIMIT).stream()
                        .filter(one -> after.isEmpty() || one.resource().value().compareTo(after.get()) > 0)
                        .sorted(Comparator.comparing(one -> one.resource().value()))
                        .limit(limit)
                        .toList();
            }
        };
    }

    /** {@code LIKE} without escaping. */
    static LedgerStore likePrefix(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public List<LedgerRecord> records(String prefix, Optional<String> after, int limit) {
                var regex = new StringBuilder();
                prefix.codePoints()
                        .forEach(point -> regex.append(
                                point == '%' ? ".*" : point == '_' ? "." : Pattern.quote(Character.toString(point))));
                Pattern like = Pattern.compile(regex + ".*");
                return store.records("", after, LedgerStore.PAGE_LIMIT).stream()
                        .filter(record -> like.matcher(record.name()).matches())
                        .limit(limit)
                        .toList();
            }
        };
    }

    static LedgerStore mutable(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public List<LedgerRecord> records(String prefix, Optional<String> after, int limit) {
                return new ArrayList<>(store.records(prefix, after, limit));
            }
        };
    }

    static LedgerStore forgettingRenames(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public List<HistoryEntry> history(Resource resource, Instant from, Instant to, int limit) {
                return store.history(resource, from, to, limit).stream()
                        .filter(entry -> entry.reason() != EndReason.RENAMED)
                        .toList();
            }
        };
    }

    static LedgerStore anyHome(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public List<Tombstone> tombstones(Optional<Scope> home, Optional<UUID> after, int limit) {
                return store.tombstones(Optional.empty(), after, limit);
            }
        };
    }

    static LedgerStore pruningAll(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public int prune(Duration keep, int limit) {
                return store.prune(keep, LedgerStore.PAGE_LIMIT);
            }
        };
    }

    static LedgerStore rememberingExhaustion(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            private final Set<String> exhausted = new HashSet<>();

            @Override
            public synchronized List<Integer> free(
                    Owner owner, Candidates candidates, Set<Resource> except, int limit) {
                List<Integer> found = exhausted.contains(candidates.describe())
                        ? List.of()
                        : store.free(owner, candidates, except, limit);
                if (found.isEmpty()) {
                    exhausted.add(candidates.describe());
                }
                return found;
            }
        };
    }

    static LedgerStore hintingExcluded(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public List<Integer> free(Owner owner, Candidates candidates, Set<Resource> except, int limit) {
                List<Integer> found = new ArrayList<>(store.free(owner, candidates, except, limit));
                for (int i = 0; i < candidates.size() && found.size() < limit; i++) {
                    if (candidates.isExcluded(i)) {
                        found.add(i);
                    }
                }
                return List.copyOf(found);
            }
        };
    }

    static LedgerStore ignoringExceptions(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public List<Integer> free(Owner owner, Candidates candidates, Set<Resource> except, int limit) {
                return store.free(owner, candidates, Set.of(), limit);
            }
        };
    }

    static LedgerStore settlingBlindly(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public LedgerIdentity settle(LedgerIdentity seen, UUID ledger) {
                return store.settle(store.identity(), ledger);
            }
        };
    }

    static LedgerStore emptyWhenClosed(LedgerStore store) {
        return new ForwardingLedgerStore(store) {
            @Override
            public Optional<Snapshot> find(Owner owner) {
                try {
                    return store.find(owner);
                } catch (StoreUnavailableException closed) {
                    return Optional.empty();
                }
            }
        };
    }
}
