package dev.berth.port;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Candidates;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimNotFoundException;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.ContentionException;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Reassignment;
import dev.berth.ledger.Refusal;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.StaleTokenException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One call's way to ports of one pool: claim, look, and move on. Newly claimed ports are unconfirmed until a probe has
 * seen them; every step names the claim's token, so that of two callers for one owner only one confirms or moves, and the
 * other begins again and finds what was done. Used by one thread.
 *
 * <p>It ends: each step either is lost to another caller's change, which is counted, or finds a slot busy that it has not
 * found busy before. A slot that comes round again, because declines run out faster than the pool is looked at, ends it.
 */
final class PortSearch {
    private static final Logger LOG = LoggerFactory.getLogger(PortAllocator.class);
    /** More than any race was ever seen to need; each round that is lost is a change by somebody else. */
    private static final int ROUNDS = 256;

    private final ResourceLedger ledger;
    private final Probing settings;
    private final @Nullable PortProbe probe;
    private final PortPool pool;
    private final List<String> warnings = new ArrayList<>();
    private final Set<Resource> foundBusy = new HashSet<>();
    /** The parts that this call took, and the claim that it took them for. */
    private final Set<String> acquired = new LinkedHashSet<>();

    private @Nullable UUID claimId;
    private @Nullable Former former;

    /** What the owner held before it was moved, and goes back to if there is nothing better. */
    private record Former(Map<String, Resource> group, Set<Resource> declined, boolean confirmed) {}

    /** What the probe saw of the ports that a claim holds. */
    private record Look(Map<Port, Resource> ports, PortSighting worst, Set<Resource> busy, String evidence) {}

    PortSearch(Probing settings, PortPool pool) {
        this.ledger = settings.ledger;
        this.settings = settings;
        this.probe = settings.probe;
        this.pool = pool;
    }

    /** Claims what is asked for and a slot of the pool, all of it or nothing. */
    PortOutcome allocate(ClaimRequest request) {
        ClaimRequest chosen = request.choose(pool.name(), pool);
        ClaimRequest asked = probe == null ? chosen : chosen.unconfirmed(pool.name());
        for (int round = 0; round < ROUNDS; round++) {
            ClaimOutcome outcome = ledger.tryClaim(asked);
            if (outcome instanceof ClaimOutcome.Refused refused) {
                giveBackEarlier();
                return new PortOutcome.Refused(refused.refusal());
            }
            var granted = (ClaimOutcome.Granted) outcome;
            requireOfPool(granted.claim());
            note(granted);
            try {
                boolean taken = granted.acquired().contains(pool.name());
                PortOutcome settled = settle(granted.claim(), taken);
                if (settled != null) {
                    return settled;
                }
            } catch (StaleTokenException moved) {
                // Another caller for this owner was quicker; what it did is found when asking again.
                LOG.debug("Asking again for ports of {}", request.owner(), moved);
            }
        }
        throw new ContentionException(request + " and ports of " + pool, ROUNDS);
    }

    private PortOutcome allocate(Owner owner) {
        return allocate(ClaimRequest.by(owner));
    }

    private void note(ClaimOutcome.Granted granted) {
        if (!granted.claim().id().equals(claimId)) {
            acquired.clear();
            claimId = granted.claim().id();
        }
        acquired.addAll(granted.acquired());
    }

    /** A refusal says that this call took nothing: what it took before another caller took the ports away goes too. */
    private void giveBackEarlier() {
        for (int round = 0; round < ROUNDS && claimId != null; round++) {
            Claim claim = ledger.find(claimId).orElse(null);
            Set<String> parts = new LinkedHashSet<>(acquired);
            parts.removeIf(part -> claim == null || !claim.holds(part));
            if (claim == null || parts.isEmpty()) {
                return;
            }
            try {
                ledger.decline(claim.token(), parts, Set.of(), "", settings.declined);
                return;
            } catch (StaleTokenException changed) {
                LOG.debug("Giving back {} again", parts, changed);
            }
        }
    }

    /** Moves to another slot whatever the probe says of the present one, then looks at the new one. */
    PortOutcome reallocate(Claim seen, String reason) {
        return moveFrom(seen, new HashSet<>(seen.part(pool.name()).values()), reason);
    }

    PortOutcome recheck(Claim seen) {
        if (probe == null) {
            return allocated(seen);
        }
        Look look = look(seen, probe);
        if (look.worst() instanceof PortSighting.Busy) {
            return moveFrom(seen, look.busy(), look.evidence());
        }
        if (look.worst() instanceof PortSighting.Unknown unknown) {
            warn(look.ports().keySet() + " kept by " + seen.owner() + " unseen: " + unknown.reason());
            return allocated(seen);
        }
        try {
            return allocated(ledger.confirm(seen.token(), pool.name()));
        } catch (StaleTokenException changed) {
            return allocate(current(seen, "recheck").owner());
        }
    }

    // ------------------------------------------------------------------ looking

    /**
     * Looks at unconfirmed ports until they are seen free, moving on as often as an outsider is found. Null if the owner
     * has none left and is to ask again, which tells how the pool stands.
     */
    private @Nullable PortOutcome settle(Claim claimed, boolean taken) {
        Claim claim = claimed;
        while (probe != null && !isConfirmed(claim)) {
            if (!taken && isUsedByInstance(claim)) {
                warn(ports(claim).keySet() + " of " + claim.owner()
                        + " were never looked at, and its instance is active by now: it may be what is on them");
                break;
            }
            if (!Collections.disjoint(foundBusy, ports(claim).values())) {
                return comeRound(claim);
            }
            Look look = look(claim, probe);
            if (look.worst() instanceof PortSighting.Busy) {
                try {
                    claim = move(claim, look.busy(), look.evidence());
                    foundBusy.addAll(look.busy());
                } catch (ClaimRefusedException exhausted) {
                    boolean back = giveUp(claim, look);
                    foundBusy.addAll(look.busy());
                    return back ? new PortOutcome.Refused(exhausted.refusal()) : null;
                }
            } else if (look.worst() instanceof PortSighting.Unknown unknown && settings.onUnknown == OnUnknown.REFUSE) {
                giveUp(claim, look);
                return new PortOutcome.Refused(new Refusal(
                        claim.owner(),
                        List.of(new Obstacle.Unverified(
                                pool.name(), List.copyOf(look.ports().values()), unknown.reason()))));
            } else {
                if (look.worst() instanceof PortSighting.Unknown unknown) {
                    warn(look.ports().keySet() + " assumed free for " + claim.owner() + ": " + unknown.reason());
                }
                claim = ledger.confirm(claim.token(), pool.name());
            }
        }
        return allocated(claim);
    }

    private Look look(Claim claim, PortProbe probe) {
        Map<Port, Resource> ports = ports(claim);
        Map<Port, PortSighting> seen = Sightings.of(probe, pool.host(), ports.keySet());
        Set<Resource> busy = new LinkedHashSet<>();
        List<String> evidence = new ArrayList<>();
        ports.forEach((port, resource) -> {
            if (seen.get(port) instanceof PortSighting.Busy found) {
                busy.add(resource);
                evidence.add(found.evidence());
            }
        });
        return new Look(ports, Sightings.worst(seen, ports.keySet()), busy, String.join("; ", evidence));
    }

    /** The claim's instance was activated with these ports: nobody can tell it from an outsider on them. */
    private boolean isUsedByInstance(Claim claim) {
        return claim.state() == ClaimState.ACTIVE
                && held(claim).stream().noneMatch(held -> held.since().isAfter(claim.stateSince()));
    }

    private boolean isConfirmed(Claim claim) {
        return held(claim).stream().allMatch(Holding::confirmed);
    }

    private List<Holding> held(Claim claim) {
        return claim.holdings().stream()
                .filter(held -> held.part().equals(pool.name()))
                .toList();
    }

    private Map<Port, Resource> ports(Claim claim) {
        Map<Port, Resource> ports = new LinkedHashMap<>();
        claim.part(pool.name()).values().forEach(resource -> ports.put(pool.port(resource), resource));
        return ports;
    }

    // ------------------------------------------------------------------ moving

    /** Moves away from what a caller saw, once: if the claim holds other ports by now, somebody has done it already. */
    private PortOutcome moveFrom(Claim seen, Set<Resource> busy, String evidence) {
        Claim claim = seen;
        for (int round = 0; round < ROUNDS; round++) {
            try {
                Claim moved = move(claim, busy, evidence);
                former = new Former(claim.part(pool.name()), busy, isConfirmed(claim));
                foundBusy.addAll(busy);
                return settleMoved(moved);
            } catch (StaleTokenException changed) {
                Claim now = current(seen, "move");
                if (!now.part(pool.name()).equals(seen.part(pool.name()))) {
                    return allocate(now.owner());
                }
                claim = now;
            }
        }
        throw new ContentionException("move of " + seen.owner() + " to other ports of " + pool, ROUNDS);
    }

    private Claim current(Claim seen, String what) {
        return ledger.find(seen.id())
                .filter(pool::isHeldBy)
                .orElseThrow(() -> new ClaimNotFoundException(seen.owner(), what + " ports of " + pool));
    }

    private PortOutcome settleMoved(Claim moved) {
        try {
            PortOutcome settled = settle(moved, true);
            return settled == null ? allocate(moved.owner()) : settled;
        } catch (StaleTokenException quicker) {
            LOG.debug("Asking again for ports of {}", moved.owner(), quicker);
            former = null;
            return allocate(moved.owner());
        }
    }

    private Claim move(Claim claim, Set<Resource> busy, String evidence) {
        var reassignment = Reassignment.of(pool.name(), pool).declining(busy, evidence, settings.declined);
        Claim moved = ledger.reassign(claim.token(), probe == null ? reassignment : reassignment.unconfirmed());
        warn(claim.owner() + " moved from " + ports(claim).keySet() + " to "
                + ports(moved).keySet() + " of " + pool + ": " + evidence);
        return moved;
    }

    /** Gives back what cannot be had, or returns to what was held before the call. Says whether the owner holds that. */
    private boolean giveUp(Claim claim, Look look) {
        if (former != null && isBack(claim, look, former)) {
            return true;
        }
        Set<String> parts = new LinkedHashSet<>(acquired);
        parts.add(pool.name());
        ledger.decline(claim.token(), parts, look.busy(), look.evidence(), settings.declined);
        acquired.clear();
        return false;
    }

    /**
     * Between lifting the decline and taking the ports again another owner may take them. Then they are that owner's, and
     * this one has none.
     */
    private boolean isBack(Claim claim, Look look, Former before) {
        if (claim.part(pool.name()).equals(before.group())) {
            if (before.confirmed()) {
                ledger.confirm(claim.token(), pool.name());
            }
            return true;
        }
        before.declined().forEach(ledger::unblock);
        var candidates = new Candidates.Listed(List.of(before.group()), "the ports held before");
        var back = Reassignment.of(pool.name(), anyOwner -> candidates);
        if (!look.busy().isEmpty()) {
            back = back.declining(look.busy(), look.evidence(), settings.declined);
        }
        try {
            ledger.reassign(claim.token(), before.confirmed() ? back : back.unconfirmed());
            return true;
        } catch (ClaimRefusedException taken) {
            LOG.debug("{} cannot have its former ports back", claim.owner(), taken);
            former = null;
            return false;
        }
    }

    /** Every slot that nobody holds was found busy, and declines ran out meanwhile. */
    private PortOutcome comeRound(Claim claim) {
        Map<Port, Resource> ports = ports(claim);
        Set<Resource> busy = new LinkedHashSet<>(ports.values());
        busy.retainAll(foundBusy);
        giveUp(claim, new Look(ports, PortSighting.free(), busy, "found in use a moment ago"));
        return new PortOutcome.Refused(new Refusal(claim.owner(), List.of(new PortReports(ledger).allDeclined(pool))));
    }

    // ------------------------------------------------------------------ answering

    private PortOutcome allocated(Claim claim) {
        return new PortOutcome.Allocated(PortAssignment.of(pool, claim, warnings));
    }

    private void requireOfPool(Claim claim) {
        if (!pool.isHeldBy(claim)) {
            throw InvalidInputException.of(
                    "part \"" + pool.name() + "\" of the claim of " + claim.owner(),
                    claim.part(pool.name()).values(),
                    "ports of " + pool + "; give pools of other hosts or protocols other names");
        }
    }

    private void warn(String warning) {
        warnings.add(warning);
        LOG.warn("{}", warning);
    }
}
