package dev.berth.testkit;

import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Collects the write that makes a claim; a reservation of nothing unless more is said. */
final class NewClaim {
    private final Owner owner;
    private final List<Commit.Take> takes = new ArrayList<>();
    private final Map<String, String> labels = new HashMap<>();
    private UUID id = UUID.randomUUID();
    private ClaimState state = ClaimState.RESERVED;
    private Optional<Scope> home = Optional.empty();
    private Optional<Duration> lease = Optional.empty();
    private Optional<Commit.NewAttempt> attempt = Optional.empty();

    private NewClaim(Owner owner) {
        this.owner = owner;
    }

    static NewClaim by(Owner owner) {
        return new NewClaim(owner);
    }

    /** Takes resources, each under a part of its own: {@code part-0}, {@code part-1}. */
    NewClaim taking(Resource... resources) {
        for (Resource resource : resources) {
            String part = "part-" + takes.size();
            takes.add(new Commit.Take(resource, part, part, true));
        }
        return this;
    }

    NewClaim taking(String part, String role, Resource resource, boolean confirmed) {
        takes.add(new Commit.Take(resource, part, role, confirmed));
        return this;
    }

    NewClaim id(UUID chosen) {
        id = chosen;
        return this;
    }

    NewClaim lease(Duration span) {
        lease = Optional.of(span);
        return this;
    }

    NewClaim label(String key, String value) {
        labels.put(key, value);
        return this;
    }

    /** Makes it a provisioned claim whose first attempt is under way. */
    NewClaim pending(Scope where, String nonce, Duration span) {
        state = ClaimState.PENDING;
        home = Optional.of(where);
        attempt = Optional.of(new Commit.NewAttempt(nonce, span));
        return this;
    }

    UUID id() {
        return id;
    }

    Commit.Create write() {
        return new Commit.Create(id, owner, state, home, lease, attempt, labels, takes);
    }
}
