package dev.berth.reaper;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Token;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Claims and instances as they are read. */
final class Samples {
    static final Scope NODE = Scope.of("node-1");
    static final UUID LEDGER = new UUID(7, 7);
    static final Instant NOW = Instant.parse("2026-01-05T08:00:00Z");

    private Samples() {}

    static UUID id(int number) {
        return new UUID(1, number);
    }

    static Token token(int number) {
        return new Token(id(number), 3);
    }

    /** An app with a name, two ports and the instance {@code i-<number>}. */
    static Claim claim(int number, ClaimState state, Instant since) {
        return claim(number, state, since, Map.of(), Optional.empty());
    }

    static Claim claim(
            int number, ClaimState state, Instant since, Map<String, String> labels, Optional<Instant> lease) {
        List<Holding> holdings = new ArrayList<>();
        holdings.add(held("container", "", ResourceKind.CONTAINER_NAME.in(NODE, "app-" + number)));
        holdings.add(held("ports", "backend", ResourceKind.TCP_PORT.in(NODE, "" + (5_000 + number))));
        holdings.add(held("ports", "frontend", ResourceKind.UDP_PORT.in(NODE, "" + (8_000 + number))));
        holdings.add(held(Claim.INSTANCE_PART, "", ResourceKind.INSTANCE.in(NODE, "i-" + number)));
        return new Claim(
                token(number),
                owner(number),
                state,
                since,
                since,
                lease,
                Optional.of(NODE),
                Optional.of(attempt(number, NOW)),
                Optional.empty(),
                labels,
                holdings);
    }

    static Claim pending(int number, Instant since, Optional<Instant> until) {
        return new Claim(
                token(number),
                owner(number),
                ClaimState.PENDING,
                since,
                since,
                Optional.empty(),
                Optional.of(NODE),
                until.map(end -> attempt(number, end)),
                Optional.empty(),
                Map.of(),
                List.of());
    }

    static Owner owner(int number) {
        return Owner.of("lab", "app-" + number);
    }

    private static Attempt attempt(int number, Instant until) {
        return new Attempt(id(number), 1, "n-" + number, Instant.EPOCH, until);
    }

    private static Holding held(String part, String role, Resource resource) {
        return new Holding(part, role.isEmpty() ? part : role, resource, NOW, true);
    }

    static Mark mark(int number) {
        return new Mark(LEDGER, id(number), "n-" + number, owner(number));
    }

    /** The instance that the app has. */
    static Instance instance(int number) {
        return instance("i-" + number, number);
    }

    /** One with an id that carries the app's mark. */
    static Instance instance(String id, int number) {
        return Instance.of(
                id, "app-" + number, InstanceState.RUNNING, mark(number).labels());
    }

    static Instance stranger(String id, String name) {
        return Instance.of(id, name, InstanceState.RUNNING, Map.of());
    }
}
