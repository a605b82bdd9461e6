package dev.berth.testkit;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.Token;
import dev.berth.ledger.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.BiPredicate;
import java.util.function.UnaryOperator;

/** How a commit is bent on its way to a store that keeps the laws. */
final class Mutations {
    private Mutations() {}

    static Commit mapClaims(Commit unit, UnaryOperator<Commit.ClaimWrite> bend) {
        return new Commit(unit.claims().stream().map(bend).toList(), unit.blocks(), unit.records(), unit.fences());
    }

    static Commit.Change with(Commit.Change w, Token expected, Commit.Guard guard, Commit.StateClock clock) {
        return new Commit.Change(
                expected,
                guard,
                w.owner(),
                w.state(),
                clock,
                w.home(),
                w.lease(),
                w.attempt(),
                w.reason(),
                w.gives(),
                w.takes(),
                w.confirms(),
                w.labels());
    }

    static Commit.Release with(Commit.Release w, Token expected, Commit.Guard guard) {
        return new Commit.Release(expected, guard, w.reason(), w.blocks());
    }

    static Commit.ClaimWrite withoutGuard(Commit.ClaimWrite write) {
        if (write instanceof Commit.Change change) {
            return with(change, change.expected(), Commit.Guard.NONE, change.clock());
        }
        return write instanceof Commit.Release release ? with(release, release.expected(), Commit.Guard.NONE) : write;
    }

    static Commit.ClaimWrite withFreshToken(LedgerStore store, Commit.ClaimWrite write) {
        Optional<Token> now = store.find(write.claim()).map(Snapshot::claim).map(Claim::token);
        if (now.isEmpty() || write instanceof Commit.Create) {
            return write;
        }
        if (write instanceof Commit.Change change) {
            return with(change, now.get(), change.guard(), change.clock());
        }
        if (write instanceof Commit.Release release) {
            return with(release, now.get(), release.guard());
        }
        var touch = (Commit.Touch) write;
        return new Commit.Touch(now.get(), touch.lease(), touch.attempt(), touch.put(), touch.drop());
    }

    static Commit.ClaimWrite asChange(LedgerStore store, Commit.ClaimWrite write) {
        Optional<Snapshot> seen = store.find(write.claim());
        if (!(write instanceof Commit.Touch touch) || seen.isEmpty()) {
            return write;
        }
        ChangedClaim form =
                ChangedClaim.of(seen.get().claim()).expecting(touch.expected()).lease(touch.lease());
        touch.put().forEach(form::label);
        return form.write();
    }

    static Commit.ClaimWrite withShortLabels(Commit.ClaimWrite write) {
        if (!(write instanceof Commit.Create w)) {
            return write;
        }
        Map<String, String> labels = new java.util.HashMap<>();
        w.labels().forEach((key, value) -> labels.put(key, value.substring(0, Math.min(255, value.length()))));
        return new Commit.Create(w.id(), w.owner(), w.state(), w.home(), w.lease(), w.attempt(), labels, w.takes());
    }

    static Commit.ClaimWrite withoutAttempt(Commit.ClaimWrite write) {
        return write instanceof Commit.Create w
                ? new Commit.Create(
                        w.id(), w.owner(), w.state(), w.home(), w.lease(), Optional.empty(), w.labels(), w.takes())
                : write;
    }

    /** Ends, in the same unit, what sits on the wanted resources and is chosen; the unit cannot be refused for it. */
    static Commit clearing(LedgerStore store, Commit unit, BiPredicate<Occupant, Commit.ClaimWrite> chosen) {
        List<Commit.ClaimWrite> claims = new ArrayList<>(unit.claims());
        List<Commit> before = new ArrayList<>();
        for (Commit.ClaimWrite write : unit.claims()) {
            for (Commit.Take take : write.taken()) {
                Occupant occupant = store.occupants(List.of(take.resource())).get(take.resource());
                if (occupant == null || !chosen.test(occupant, write)) {
                    continue;
                }
                if (occupant instanceof Occupant.Holder holder) {
                    if (claims.stream()
                            .noneMatch(
                                    other -> other.claim().equals(holder.token().claim()))) {
                        claims.add(StoreLaws.release(holder.token()));
                    }
                } else {
                    before.add(StoreLaws.unit(new Commit.LiftBlock(take.resource())));
                }
            }
        }
        if (!before.isEmpty()) {
            store.commit(before);
        }
        return new Commit(claims, unit.blocks(), unit.records(), unit.fences());
    }

    /** Refuses what a collation would: a value whose key equals that of another value in its kind and scope. */
    static Optional<CommitResult> collision(LedgerStore store, Commit unit, UnaryOperator<String> key) {
        for (Commit.ClaimWrite write : unit.claims()) {
            for (Commit.Take take : write.taken()) {
                Resource wanted = take.resource();
                for (Occupant other :
                        store.occupants(wanted.kind(), wanted.scope(), "", Optional.empty(), LedgerStore.PAGE_LIMIT)) {
                    String value = other.resource().value();
                    if (!value.equals(wanted.value()) && key.apply(value).equals(key.apply(wanted.value()))) {
                        return Optional.of(new CommitResult.Refused(List.of(new Violation.Occupied(other))));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** A store whose every unit is bent before it is carried out. */
    static ForwardingLedgerStore bending(LedgerStore store, BiFunction<LedgerStore, Commit, Commit> bend) {
        return new ForwardingLedgerStore(store) {
            @Override
            public List<CommitResult> commit(List<Commit> units) {
                List<CommitResult> results = new ArrayList<>();
                for (Commit unit : units) {
                    results.addAll(store.commit(List.of(bend.apply(store, unit))));
                }
                return List.copyOf(results);
            }
        };
    }

    /** A store whose every unit is carried out in another way. */
    static ForwardingLedgerStore committing(LedgerStore store, BiFunction<LedgerStore, Commit, CommitResult> otherWay) {
        return new ForwardingLedgerStore(store) {
            @Override
            public List<CommitResult> commit(List<Commit> units) {
                List<CommitResult> results = new ArrayList<>();
                units.forEach(unit -> results.add(otherWay.apply(store, unit)));
                return List.copyOf(results);
            }
        };
    }

    /** A store that tells claims otherwise than they are. */
    static ForwardingLedgerStore telling(LedgerStore store, UnaryOperator<Claim> bend) {
        return new ForwardingLedgerStore(store) {
            @Override
            public Optional<Snapshot> find(dev.berth.ledger.Owner owner) {
                return store.find(owner).map(seen -> new Snapshot(bend.apply(seen.claim()), seen.at()));
            }

            @Override
            public Optional<Snapshot> find(java.util.UUID claim) {
                return store.find(claim).map(seen -> new Snapshot(bend.apply(seen.claim()), seen.at()));
            }
        };
    }
}
