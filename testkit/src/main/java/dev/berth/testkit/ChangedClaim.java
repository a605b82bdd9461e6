package dev.berth.testkit;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Token;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Collects the write that changes a claim; what nobody mentions stays as it was seen. */
final class ChangedClaim {
    private final List<Commit.Give> gives = new ArrayList<>();
    private final List<Commit.Take> takes = new ArrayList<>();
    private final Set<String> confirms = new HashSet<>();
    private final Map<String, String> labels = new HashMap<>();
    private Token expected;
    private Commit.Guard guard = Commit.Guard.NONE;
    private Owner owner;
    private ClaimState state;
    private Commit.StateClock stateClock = Commit.StateClock.KEEP;
    private Optional<Scope> home;
    private Commit.LeaseWrite lease = Commit.LeaseWrite.KEEP;
    private Commit.AttemptWrite attempt = Commit.AttemptWrite.LEAVE;
    private Optional<String> reason;

    private ChangedClaim(Claim seen) {
        expected = seen.token();
        owner = seen.owner();
        state = seen.state();
        home = seen.home();
        reason = seen.reason();
    }

    static ChangedClaim of(Claim seen) {
        return new ChangedClaim(seen);
    }

    ChangedClaim expecting(Token token) {
        expected = token;
        return this;
    }

    ChangedClaim guard(Commit.Guard more) {
        guard = more;
        return this;
    }

    ChangedClaim owner(Owner next) {
        owner = next;
        return this;
    }

    ChangedClaim state(ClaimState next, Commit.StateClock clock) {
        state = next;
        stateClock = clock;
        return this;
    }

    ChangedClaim home(Scope next) {
        home = Optional.of(next);
        return this;
    }

    ChangedClaim lease(Commit.LeaseWrite write) {
        lease = write;
        return this;
    }

    ChangedClaim attempt(Commit.AttemptWrite write) {
        attempt = write;
        return this;
    }

    ChangedClaim begin(String nonce, Duration span) {
        return attempt(new Commit.AttemptWrite.Begin(new Commit.NewAttempt(nonce, span)));
    }

    ChangedClaim reason(Optional<String> next) {
        reason = next;
        return this;
    }

    ChangedClaim giving(Resource resource, EndReason why) {
        gives.add(new Commit.Give(resource, why, Optional.empty()));
        return this;
    }

    ChangedClaim giving(Resource resource, EndReason why, Commit.BlockTerms block) {
        gives.add(new Commit.Give(resource, why, Optional.of(block)));
        return this;
    }

    ChangedClaim taking(Resource resource, String part, String role) {
        takes.add(new Commit.Take(resource, part, role, true));
        return this;
    }

    ChangedClaim taking(Resource resource) {
        return taking(resource, "more-" + takes.size(), "more-" + takes.size());
    }

    ChangedClaim confirming(String part) {
        confirms.add(part);
        return this;
    }

    ChangedClaim label(String key, String value) {
        labels.put(key, value);
        return this;
    }

    Commit.Change write() {
        return new Commit.Change(
                expected,
                guard,
                owner,
                state,
                stateClock,
                home,
                lease,
                attempt,
                reason,
                gives,
                takes,
                confirms,
                labels);
    }
}
