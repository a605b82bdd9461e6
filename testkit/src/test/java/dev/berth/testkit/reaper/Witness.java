package dev.berth.testkit.reaper;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Snapshot;
import dev.berth.ledger.Token;
import dev.berth.reaper.Breaker;
import dev.berth.reaper.GhostReaper;
import dev.berth.reaper.ReaperPolicy;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Inventory;
import dev.berth.testkit.FakeEngine;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Stands beside the engine and the store, writes down what every reaper was really told and what it really did, and knows
 * nothing of how reapers keep their marks. When a claim is reaped it says whether that was right.
 */
final class Witness {
    private final MemoryLedgerStore store;
    private final FakeEngine engine;
    private final ReaperPolicy policy;
    private final List<Listing> listings = new ArrayList<>();
    private Host holder;
    private int removals;

    /** The first listing of a sweep, and the claims as they were when the engine answered. */
    static final class Listing {
        private final Instant at;
        private final boolean complete;
        private final Map<String, Instance> instances = new HashMap<>();
        private final Map<UUID, Token> tokens = new HashMap<>();
        /** Whether the sweep that asked for it came to its end, so that it can have been remembered. */
        private boolean remembered;

        private Listing(Instant at, boolean complete) {
            this.at = at;
            this.complete = complete;
        }

        void remember() {
            remembered = true;
        }
    }

    Witness(MemoryLedgerStore store, FakeEngine engine, ReaperPolicy policy) {
        this.store = store;
        this.engine = engine;
        this.policy = policy;
    }

    Listing listed(Inventory told, boolean rightRuntime) {
        var listing = new Listing(store.now(), rightRuntime && told.gap().isEmpty());
        told.instances().forEach(instance -> listing.instances.put(instance.id(), instance));
        claims().forEach(claim -> listing.tokens.put(claim.id(), claim.token()));
        if (rightRuntime) {
            listings.add(listing);
        }
        return listing;
    }

    List<Claim> claims() {
        return store.claims(ClaimQuery.all(), Optional.empty(), 1_000).stream()
                .map(Snapshot::claim)
                .toList();
    }

    void leased(Host host) {
        holder = host;
    }

    // ------------------------------------------------------------------ reaped

    void reaped(Host host, Claim claim) {
        Instant now = store.now();
        require(holder == host, "another has taken the lease", claim);
        require(
                store.record("reaper/" + Town.NODE + "/lease")
                        .flatMap(lease -> lease.until())
                        .filter(until -> until.isAfter(now))
                        .isPresent(),
                "the lease had run out",
                claim);
        require(claim.home().equals(Optional.of(Town.NODE)), "it is not of this scope", claim);
        require(
                claim.state() != ClaimState.PENDING && claim.state() != ClaimState.RESERVED,
                "it was being made, or never had an instance",
                claim);
        require(!"yes".equals(claim.labels().get(GhostReaper.KEEP)), "it was pinned", claim);
        claim.instance()
                .flatMap(engine::instance)
                .filter(instance -> instance.isOf(claim))
                .ifPresent(instance -> require(false, "it lives: " + instance, claim));
        Duration grace = claim.state() == ClaimState.FAILED ? policy.errorRetention() : policy.creationGrace();
        require(Duration.between(claim.stateSince(), now).compareTo(grace) >= 0, "it was too young", claim);
        host.freed++;
        require(host.approving || host.freed <= policy.cap(), "more than the cap of one run", claim);
        breaker()
                .filter(open -> !host.approving && open.stage() == Breaker.Stage.OPEN)
                .ifPresent(open -> require(
                        Duration.between(open.unchangedSince(), now).compareTo(policy.breakerRest()) >= 0,
                        "the breaker was open: " + open,
                        claim));
        sighted(claim);
    }

    private Optional<Breaker> breaker() {
        return store.record("reaper/" + Town.NODE + "/breaker").map(record -> {
            String[] lines = record.value().split("\n", 7);
            return new Breaker(
                    Breaker.Cause.valueOf(lines[0]),
                    lines[6],
                    Instant.parse(lines[1]),
                    Instant.parse(lines[2]),
                    lines[3],
                    Duration.parse(lines[5]),
                    Breaker.Stage.valueOf(lines[4]));
        });
    }

    /** So many complete listings without it, so far apart, over so long, with the claim as it was and it never there. */
    private void sighted(Claim claim) {
        int counted = 0;
        Instant first = Instant.MAX;
        Instant last = Instant.MIN;
        for (Listing listing : listings) {
            boolean there = claim.instance()
                    .map(listing.instances::get)
                    .filter(instance -> instance.isOf(claim))
                    .isPresent();
            boolean same = claim.token().equals(listing.tokens.get(claim.id()));
            if ((there && listing.remembered) || !same) {
                counted = 0;
            } else if (listing.complete && !there) {
                if (counted == 0) {
                    first = listing.at;
                }
                if (counted == 0
                        || Duration.between(last, listing.at)
                                        .compareTo(policy.recheck().dividedBy(2))
                                >= 0) {
                    counted++;
                    last = listing.at;
                }
            }
        }
        require(counted >= policy.confirmations(), "it was missing in " + counted + " listings only", claim);
        require(
                Duration.between(first, listings.get(listings.size() - 1).at)
                                .compareTo(policy.absenceGrace().minus(Simulation.LONGEST_NAP))
                        >= 0,
                "it was missing since " + first + " only",
                claim);
    }

    // ------------------------------------------------------------------ removed

    /** What the engine lost since the last time, by whose hand. */
    void checkRemovals(Host host) {
        List<FakeEngine.Gone> gone = engine.removed();
        for (FakeEngine.Gone one : gone.subList(removals, gone.size())) {
            if (!one.by().equals("outsider") && host != null) {
                host.removed++;
                Instance instance = one.instance();
                boolean may = policy.orphans() == ReaperPolicy.Orphans.REMOVE
                        && instance.state().isAtRest()
                        && instance.guard().isEmpty()
                        && !instance.labels().containsKey(GhostReaper.KEEP)
                        && instance.mark()
                                .filter(mark ->
                                        mark.ledger().equals(store.identity().ledger()))
                                .isPresent()
                        && claims().stream()
                                .noneMatch(claim ->
                                        claim.instance().equals(Optional.of(instance.id())) && instance.isOf(claim));
                if (!may) {
                    throw new AssertionError("a reaper has removed " + instance + " " + instance.labels());
                }
                if (!host.approving && host.removed > policy.orphanCap()) {
                    throw new AssertionError("a run has removed " + host.removed + " instances");
                }
            }
        }
        removals = gone.size();
    }

    private static void require(boolean right, String wrong, Claim claim) {
        if (!right) {
            throw new AssertionError(claim.owner() + " was reaped, and " + wrong + "; " + claim.token());
        }
    }
}
