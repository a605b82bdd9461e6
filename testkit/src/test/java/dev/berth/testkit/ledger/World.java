package dev.berth.testkit.ledger;

import dev.berth.ledger.Candidates;
import dev.berth.ledger.Choice;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.Scope;
import dev.berth.testkit.LedgerInvariants;
import dev.berth.testkit.ManualClock;
import dev.berth.testkit.RecordingListener;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** A ledger in memory with a clock that is moved by hand, and the words that its tests share. */
final class World {
    static final Scope NODE = Scope.of("node-1");
    static final Scope PROXY = Scope.of("example.org");
    static final Owner ANNA = Owner.of("lab", "anna");
    static final Owner BERT = Owner.of("lab", "bert");
    static final Owner CARL = Owner.of("lab", "carl");
    static final Duration MINUTE = Duration.ofMinutes(1);

    final ManualClock clock = ManualClock.at(Instant.parse("2026-03-02T08:00:00Z"));
    final MemoryLedgerStore memory = new MemoryLedgerStore(clock, new UUID(1, 1));
    final InterposedStore store = new InterposedStore(memory);
    final RecordingListener listener = new RecordingListener();
    final ResourceLedger ledger =
            ResourceLedger.builder(store).clock(clock).listener(listener).build();
    /** Another process on the same store. */
    final ResourceLedger other = ResourceLedger.builder(memory).clock(clock).build();

    static Resource port(int number) {
        return ResourceKind.TCP_PORT.in(NODE, number);
    }

    static Resource host(String name) {
        return ResourceKind.DNS_NAME.in(PROXY, name);
    }

    static Resource tree(String path) {
        return ResourceKind.PROXY_PREFIX.in(PROXY, path);
    }

    static Resource wild(String name) {
        return ResourceKind.DNS_WILDCARD.in(PROXY, name);
    }

    /** The ports from a first one on, one by one. */
    static Choice pool(int first, int count) {
        return pool(Map.of("-", first), 1, count);
    }

    static Choice pool(Map<String, Integer> roles, int step, int count, Integer... reserved) {
        var layout = new Candidates.Layout(
                ResourceKind.TCP_PORT, NODE, roles, step, count, Set.of(reserved), "ports from " + roles);
        var candidates = new Candidates.Numbered(layout, 0);
        return owner -> candidates;
    }

    static Choice oneOf(Resource... resources) {
        List<Map<String, Resource>> groups =
                List.of(resources).stream().map(one -> Map.of("-", one)).toList();
        var candidates = new Candidates.Listed(groups, "one of " + List.of(resources));
        return owner -> candidates;
    }

    static ClaimRequest by(Owner owner) {
        return ClaimRequest.by(owner).in(NODE);
    }

    /** A claim of one port under the part {@code port}. */
    Claim holds(Owner owner, int number) {
        return other.claim(by(owner).fixed("port", port(number)));
    }

    /** Lets the ledger remember an owner, so that it looks at what the owner holds before anything else. */
    void remembers(Owner owner) {
        other.release(ledger.claim(by(owner).fixed("remembered", port(1))));
    }

    List<Obstacle> refused(ClaimRequest request) {
        return ((ClaimOutcome.Refused) ledger.tryClaim(request)).refusal().obstacles();
    }

    ClaimOutcome.Granted granted(ClaimRequest request) {
        return (ClaimOutcome.Granted) ledger.tryClaim(request);
    }

    void check() {
        LedgerInvariants.check(memory);
    }
}
