package dev.berth.testkit;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.Candidates;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.HistoryEntry;
import dev.berth.ledger.Holding;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.Token;
import dev.berth.ledger.Tombstone;
import dev.berth.ledger.Violation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** A ledger by the letter of its contract: plain lists, looked through from end to end, on the time it is given. */
final class NaiveLedger {
    final List<Claim> claims = new ArrayList<>();
    final Map<Resource, Occupant.Block> blocks = new HashMap<>();
    final Map<String, LedgerRecord> records = new TreeMap<>();
    final List<HistoryEntry> history = new ArrayList<>();
    final List<Tombstone> tombstones = new ArrayList<>();

    Optional<Claim> find(Owner owner) {
        return claims.stream().filter(claim -> claim.owner().equals(owner)).findFirst();
    }

    Optional<Claim> find(java.util.UUID id) {
        return claims.stream().filter(claim -> claim.id().equals(id)).findFirst();
    }

    Optional<LedgerRecord> record(String name, Instant now) {
        return Optional.ofNullable(records.get(name))
                .filter(record ->
                        record.until().isEmpty() || record.until().get().isAfter(now));
    }

    Optional<Occupant> occupant(Resource resource, Instant now) {
        for (Claim claim : claims) {
            for (Holding held : claim.holdings()) {
                if (held.resource().equals(resource)) {
                    return Optional.of(new Occupant.Holder(
                            resource,
                            held.part(),
                            held.role(),
                            held.since(),
                            claim.owner(),
                            claim.token(),
                            claim.state(),
                            claim.leaseUntil(),
                            claim.home(),
                            new Snapshot(claim, now).isLapsed()));
                }
            }
        }
        return Optional.<Occupant>ofNullable(blocks.get(resource))
                .filter(block -> ((Occupant.Block) block).until().isAfter(now));
    }

    List<Integer> free(Owner owner, Candidates candidates, Set<Resource> except, Instant now) {
        List<Integer> free = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            int position = (candidates.start() + i) % candidates.size();
            if (!candidates.isExcluded(position)
                    && candidates.group(position).values().stream()
                            .allMatch(wanted -> !except.contains(wanted) && seemsFree(owner, wanted, now))) {
                free.add(position);
            }
        }
        return free;
    }

    private boolean seemsFree(Owner owner, Resource resource, Instant now) {
        Optional<Occupant> on = occupant(resource, now);
        return on.isEmpty()
                || (on.get() instanceof Occupant.Holder holder && holder.lapsed())
                || (on.get() instanceof Occupant.Block block && block.lets(owner));
    }

    // ------------------------------------------------------------------ commit

    /** The versions that a unit, which was carried out, gave to the records it put. */
    Map<String, Long> versionsOf(Commit unit) {
        Map<String, Long> versions = new HashMap<>();
        for (Commit.RecordWrite write : unit.records()) {
            if (write instanceof Commit.PutRecord) {
                versions.put(write.name(), records.get(write.name()).version());
            }
        }
        return versions;
    }

    /** Carries the unit out if nothing stands in its way; returns what does. */
    Set<Violation> commit(Commit unit, Instant now) {
        Set<Violation> violations = violations(unit, now);
        if (violations.isEmpty()) {
            unit.claims().forEach(write -> leave(write, now));
            unit.claims().forEach(write -> enter(write, now));
            unit.blocks().forEach(write -> block(write, now));
            unit.records().forEach(write -> record(write, now));
        }
        return violations;
    }

    private Set<Violation> violations(Commit unit, Instant now) {
        Set<Violation> violations = new HashSet<>();
        Set<Resource> freed = new HashSet<>();
        Set<Owner> freedOwners = new HashSet<>();
        for (Commit.ClaimWrite write : unit.claims()) {
            Optional<Claim> claim = find(write.claim());
            Token expected = expected(write);
            if (expected != null && !claim.map(Claim::token).equals(Optional.of(expected))) {
                violations.add(new Violation.Stale(expected, claim.map(Claim::token)));
            } else if (expected != null && !holds(guard(write), claim.orElseThrow(), now)) {
                violations.add(new Violation.NotLapsed(expected));
            }
            if (claim.isPresent() && write instanceof Commit.Release) {
                claim.get().holdings().forEach(held -> freed.add(held.resource()));
                freedOwners.add(claim.get().owner());
            } else if (claim.isPresent() && write instanceof Commit.Change change) {
                change.gives().stream()
                        .map(Commit.Give::resource)
                        .filter(given -> claim.get().holdings().stream()
                                .anyMatch(held -> held.resource().equals(given)))
                        .forEach(freed::add);
                if (!change.owner().equals(claim.get().owner())) {
                    freedOwners.add(claim.get().owner());
                }
            }
        }
        for (Commit.ClaimWrite write : unit.claims()) {
            MutantStores.owner(write).ifPresent(owner -> {
                find(owner)
                        .filter(other ->
                                !freedOwners.contains(owner) && !other.id().equals(write.claim()))
                        .ifPresent(other -> violations.add(new Violation.OwnerClaimed(owner, other.token())));
                for (Commit.Take take : write.taken()) {
                    occupant(take.resource(), now)
                            .filter(on -> !freed.contains(take.resource()))
                            .filter(on -> !(on instanceof Occupant.Block block && block.lets(owner)))
                            .ifPresent(on -> violations.add(new Violation.Occupied(on)));
                }
            });
        }
        for (Commit.BlockWrite write : unit.blocks()) {
            occupant(write.resource(), now)
                    .filter(on -> write instanceof Commit.PutBlock && on instanceof Occupant.Holder)
                    .filter(on -> !freed.contains(write.resource()))
                    .ifPresent(on -> violations.add(new Violation.Occupied(on)));
        }
        unit.records().forEach(write -> expect(write.name(), write.expected(), now, violations));
        unit.fences().forEach(fence -> expect(fence.name(), fence.version(), now, violations));
        return violations;
    }

    private void expect(String name, long expected, Instant now, Set<Violation> violations) {
        long version = record(name, now).map(LedgerRecord::version).orElse(0L);
        if (version != expected) {
            violations.add(new Violation.RecordMoved(name, expected, version));
        }
    }

    private static Token expected(Commit.ClaimWrite write) {
        if (write instanceof Commit.Change change) {
            return change.expected();
        }
        if (write instanceof Commit.Touch touch) {
            return touch.expected();
        }
        return write instanceof Commit.Release release ? release.expected() : null;
    }

    private static Commit.Guard guard(Commit.ClaimWrite write) {
        if (write instanceof Commit.Change change) {
            return change.guard();
        }
        return write instanceof Commit.Release release ? release.guard() : Commit.Guard.NONE;
    }

    private static boolean holds(Commit.Guard guard, Claim claim, Instant now) {
        return switch (guard) {
            case NONE -> true;
            case LEASE_LAPSED -> new Snapshot(claim, now).isLapsed();
            case ATTEMPT_LAPSED ->
                claim.attempt().isEmpty() || !claim.attempt().get().until().isAfter(now);
            case NOT_KEPT -> {
                String keep = claim.labels().get("dev.berth.keep");
                yield keep == null || keep.equalsIgnoreCase("false");
            }
        };
    }

    // ------------------------------------------------------------------ doing

    private void leave(Commit.ClaimWrite write, Instant now) {
        if (write instanceof Commit.Release release) {
            Claim claim = find(release.claim()).orElseThrow();
            claims.remove(claim);
            for (Holding held : claim.holdings()) {
                end(
                        claim,
                        held,
                        release.reason(),
                        Optional.ofNullable(release.blocks().get(held.resource())),
                        now);
            }
            if (!claim.isReservation()) {
                tombstones.add(new Tombstone(claim, now, release.reason()));
            }
        } else if (write instanceof Commit.Change change) {
            Claim claim = find(change.claim()).orElseThrow();
            for (Holding held : claim.holdings()) {
                Optional<Commit.Give> given = change.gives().stream()
                        .filter(give -> give.resource().equals(held.resource()))
                        .findFirst();
                if (given.isPresent()) {
                    end(claim, held, given.get().reason(), given.get().block(), now);
                } else if (!change.owner().equals(claim.owner())) {
                    end(claim, held, EndReason.RENAMED, Optional.empty(), now);
                }
            }
        }
    }

    private void end(Claim claim, Holding held, EndReason why, Optional<Commit.BlockTerms> terms, Instant now) {
        history.add(new HistoryEntry(
                held.resource(), claim.owner(), claim.id(), held.part(), held.role(), held.since(), now, why));
        terms.ifPresent(block -> put(held.resource(), block, Optional.of(claim.owner()), now));
    }

    private void put(Resource resource, Commit.BlockTerms terms, Optional<Owner> former, Instant now) {
        blocks.put(
                resource,
                new Occupant.Block(resource, terms.reason(), former, terms.note(), now, now.plus(terms.span())));
    }

    private void enter(Commit.ClaimWrite write, Instant now) {
        write.taken().forEach(take -> blocks.remove(take.resource()));
        if (write instanceof Commit.Create create) {
            claims.add(new Claim(
                    new Token(create.id(), 1),
                    create.owner(),
                    create.state(),
                    now,
                    now,
                    create.lease().map(now::plus),
                    create.home(),
                    create.attempt().map(first -> begun(create.id(), 1, first, now)),
                    Optional.empty(),
                    create.labels(),
                    holdings(create.takes(), now)));
        } else if (write instanceof Commit.Change change) {
            Claim before = find(change.claim()).orElseThrow();
            claims.set(claims.indexOf(before), changed(before, change, now));
        } else if (write instanceof Commit.Touch touch) {
            Claim before = find(touch.claim()).orElseThrow();
            claims.set(claims.indexOf(before), touched(before, touch, now));
        }
    }

    private static Attempt begun(java.util.UUID claim, int number, Commit.NewAttempt attempt, Instant now) {
        return new Attempt(claim, number, attempt.nonce(), now, now.plus(attempt.span()));
    }

    private static List<Holding> holdings(List<Commit.Take> takes, Instant now) {
        return takes.stream()
                .map(take -> new Holding(take.part(), take.role(), take.resource(), now, take.confirmed()))
                .toList();
    }

    private static Claim changed(Claim before, Commit.Change change, Instant now) {
        boolean renamed = !change.owner().equals(before.owner());
        List<Holding> holdings = new ArrayList<>(holdings(change.takes(), now));
        for (Holding held : before.holdings()) {
            if (change.gives().stream().noneMatch(give -> give.resource().equals(held.resource()))) {
                holdings.add(new Holding(
                        held.part(),
                        held.role(),
                        held.resource(),
                        renamed ? now : held.since(),
                        held.confirmed() || change.confirms().contains(held.part())));
            }
        }
        Optional<Attempt> attempt = before.attempt();
        if (change.attempt() instanceof Commit.AttemptWrite.Begin begin) {
            attempt =
                    Optional.of(begun(before.id(), attempt.map(Attempt::number).orElse(0) + 1, begin.attempt(), now));
        } else if (change.attempt() instanceof Commit.AttemptWrite.End
                && attempt.isPresent()
                && attempt.get().until().isAfter(now)) {
            attempt = attempt.map(old -> new Attempt(old.claim(), old.number(), old.nonce(), old.since(), now));
        }
        var labels = new TreeMap<>(before.labels());
        labels.putAll(change.labels());
        return new Claim(
                new Token(before.id(), before.token().revision() + 1),
                change.owner(),
                change.state(),
                before.createdAt(),
                change.clock() == Commit.StateClock.RESTART ? now : before.stateSince(),
                lease(before, change.lease(), now),
                change.home(),
                attempt,
                change.reason(),
                labels,
                holdings);
    }

    private static Claim touched(Claim before, Commit.Touch touch, Instant now) {
        var labels = new TreeMap<>(before.labels());
        labels.keySet().removeAll(touch.drop());
        labels.putAll(touch.put());
        Optional<Attempt> attempt = before.attempt();
        if (attempt.isPresent() && touch.attempt().isPresent()) {
            Attempt old = attempt.get();
            attempt = Optional.of(new Attempt(
                    old.claim(),
                    old.number(),
                    old.nonce(),
                    old.since(),
                    now.plus(touch.attempt().get())));
        }
        return new Claim(
                before.token(),
                before.owner(),
                before.state(),
                before.createdAt(),
                before.stateSince(),
                lease(before, touch.lease(), now),
                before.home(),
                attempt,
                before.reason(),
                labels,
                before.holdings());
    }

    private static Optional<Instant> lease(Claim before, Commit.LeaseWrite write, Instant now) {
        if (write instanceof Commit.LeaseWrite.Run run) {
            return Optional.of(now.plus(run.span()));
        }
        return write instanceof Commit.LeaseWrite.Lift ? Optional.empty() : before.leaseUntil();
    }

    private void block(Commit.BlockWrite write, Instant now) {
        if (write instanceof Commit.PutBlock put) {
            put(put.resource(), put.terms(), Optional.empty(), now);
        } else {
            blocks.remove(write.resource());
        }
    }

    private void record(Commit.RecordWrite write, Instant now) {
        LedgerRecord last = records.get(write.name());
        if (write instanceof Commit.PutRecord put) {
            long micros = Duration.between(Instant.EPOCH, now).toNanos() / 1_000;
            long version = Math.max(last == null ? 1 : last.version() + 1, micros);
            records.put(
                    put.name(),
                    new LedgerRecord(
                            put.name(), version, put.value(), put.span().map(now::plus)));
        } else if (write instanceof Commit.RenewRecord renew) {
            records.put(
                    write.name(),
                    new LedgerRecord(write.name(), last.version(), last.value(), Optional.of(now.plus(renew.span()))));
        } else {
            records.put(write.name(), new LedgerRecord(write.name(), last.version(), last.value(), Optional.of(now)));
        }
    }

    /** Forgets all that ended before; records are forgotten in name only, as their last version counts for ever. */
    void prune(Instant before) {
        history.removeIf(entry -> entry.until().isBefore(before));
        tombstones.removeIf(tombstone -> tombstone.at().isBefore(before));
    }
}
