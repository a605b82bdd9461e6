package dev.berth.port;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Reassignment;
import dev.berth.ledger.Refusal;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.StaleTokenException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Claims ports and then looks at them. Newly claimed ports are unconfirmed until a probe has seen them; every step names
 * the claim's token, so that of two callers for one owner only one confirms or moves, and the other begins again and
 * finds what was done.
 */
final class Probing {
    private static final Logger LOG = LoggerFactory.getLogger(PortAllocator.class);

    private final ResourceLedger ledger;
    private final @Nullable PortProbe probe;
    private final OnUnknown onUnknown;
    private final Duration declined;

    Probing(ResourceLedger ledger, @Nullable PortProbe probe, OnUnknown onUnknown, Duration declined) {
        this.ledger = ledger;
        this.probe = probe;
        this.onUnknown = onUnknown;
        this.declined = declined;
    }

    Probing with(PortProbe other) {
        return new Probing(ledger, other, onUnknown, declined);
    }

    Probing with(OnUnknown other) {
        return new Probing(ledger, probe, other, declined);
    }

    Probing with(Duration other) {
        return new Probing(ledger, probe, onUnknown, other);
    }

    /** Claims what is asked for and a slot of the pool, all of it or nothing. */
    PortOutcome allocate(ClaimRequest request, PortPool pool, List<String> warnings) {
        ClaimRequest chosen = request.choose(pool.name(), pool);
        ClaimRequest asked = probe == null ? chosen : chosen.unconfirmed(pool.name());
        Set<String> acquired = new HashSet<>(Set.of(pool.name()));
        while (true) {
            ClaimOutcome outcome = ledger.tryClaim(asked);
            if (outcome instanceof ClaimOutcome.Refused refused) {
                return new PortOutcome.Refused(refused.refusal());
            }
            var granted = (ClaimOutcome.Granted) outcome;
            Claim claim = granted.claim();
            acquired.addAll(granted.acquired());
            try {
                return settle(claim, pool, acquired, warnings);
            } catch (StaleTokenException moved) {
                // Another caller for this owner was quicker; what it did is found when asking again.
                LOG.debug("Asking again for ports of {}", claim.owner(), moved);
            }
        }
    }

    /** Looks at unconfirmed ports until they are seen free, moving on as often as an outsider is found. */
    private PortOutcome settle(Claim claimed, PortPool pool, Set<String> acquired, List<String> warnings) {
        Claim claim = claimed;
        while (probe != null && !isConfirmed(claim, pool)) {
            Map<Port, Resource> ports = ports(claim, pool);
            Map<Port, PortSighting> seen = Sightings.of(probe, pool.host(), ports.keySet());
            PortSighting worst = Sightings.worst(seen, ports.keySet());
            if (worst instanceof PortSighting.Busy) {
                try {
                    claim = move(claim, pool, busy(ports, seen), evidence(seen), warnings);
                } catch (ClaimRefusedException exhausted) {
                    ledger.decline(claim.token(), acquired, busy(ports, seen), evidence(seen), declined);
                    return new PortOutcome.Refused(exhausted.refusal());
                }
            } else if (worst instanceof PortSighting.Unknown unknown && onUnknown == OnUnknown.REFUSE) {
                ledger.decline(claim.token(), acquired, Set.of(), "", declined);
                return new PortOutcome.Refused(new Refusal(
                        claim.owner(),
                        List.of(new Obstacle.Unverified(pool.name(), List.copyOf(ports.values()), unknown.reason()))));
            } else {
                if (worst instanceof PortSighting.Unknown unknown) {
                    warn(warnings, ports.keySet() + " assumed free for " + claim.owner() + ": " + unknown.reason());
                }
                claim = ledger.confirm(claim.token(), pool.name());
            }
        }
        return new PortOutcome.Allocated(PortAssignment.of(pool, claim, warnings));
    }

    /** Moves to another slot whatever the probe says of the present one, then looks at the new one. */
    PortAssignment reallocate(Claim claim, PortPool pool, String reason) {
        List<String> warnings = new ArrayList<>();
        Map<Port, Resource> ports = ports(claim, pool);
        Claim moved = move(claim, pool, new HashSet<>(ports.values()), reason, warnings);
        return settled(moved, pool, warnings);
    }

    PortAssignment recheck(Claim claim, PortPool pool) {
        List<String> warnings = new ArrayList<>();
        if (probe == null) {
            return PortAssignment.of(pool, claim, warnings);
        }
        Map<Port, Resource> ports = ports(claim, pool);
        Map<Port, PortSighting> seen = Sightings.of(probe, pool.host(), ports.keySet());
        PortSighting worst = Sightings.worst(seen, ports.keySet());
        if (worst instanceof PortSighting.Busy) {
            Claim moved = move(claim, pool, busy(ports, seen), evidence(seen), warnings);
            return settled(moved, pool, warnings);
        }
        if (worst instanceof PortSighting.Unknown unknown) {
            warn(warnings, ports.keySet() + " kept by " + claim.owner() + " unseen: " + unknown.reason());
        }
        return PortAssignment.of(pool, claim, warnings);
    }

    private PortAssignment settled(Claim moved, PortPool pool, List<String> warnings) {
        PortOutcome outcome;
        try {
            outcome = settle(moved, pool, Set.of(pool.name()), warnings);
        } catch (StaleTokenException quicker) {
            LOG.debug("Asking again for ports of {}", moved.owner(), quicker);
            outcome = allocate(ClaimRequest.by(moved.owner()), pool, warnings);
        }
        if (outcome instanceof PortOutcome.Allocated allocated) {
            return allocated.assignment();
        }
        throw new ClaimRefusedException(((PortOutcome.Refused) outcome).refusal());
    }

    private Claim move(Claim claim, PortPool pool, Set<Resource> busy, String evidence, List<String> warnings) {
        var reassignment = Reassignment.of(pool.name(), pool).declining(busy, evidence, declined);
        Claim moved = ledger.reassign(claim.token(), probe == null ? reassignment : reassignment.unconfirmed());
        warn(
                warnings,
                claim.owner() + " moved from " + numbers(claim, pool) + " to " + numbers(moved, pool) + " of " + pool
                        + ": " + evidence);
        return moved;
    }

    private static void warn(List<String> warnings, String warning) {
        warnings.add(warning);
        LOG.warn("{}", warning);
    }

    private static String numbers(Claim claim, PortPool pool) {
        return claim.part(pool.name()).values().stream()
                .map(Resource::value)
                .toList()
                .toString();
    }

    private static boolean isConfirmed(Claim claim, PortPool pool) {
        return claim.holdings().stream()
                .filter(held -> held.part().equals(pool.name()))
                .allMatch(held -> held.confirmed());
    }

    private static Map<Port, Resource> ports(Claim claim, PortPool pool) {
        Map<Port, Resource> ports = new LinkedHashMap<>();
        claim.part(pool.name()).values().forEach(resource -> ports.put(pool.port(resource), resource));
        return ports;
    }

    private static Set<Resource> busy(Map<Port, Resource> ports, Map<Port, PortSighting> seen) {
        Set<Resource> busy = new HashSet<>();
        ports.forEach((port, resource) -> {
            if (seen.get(port) instanceof PortSighting.Busy) {
                busy.add(resource);
            }
        });
        return busy;
    }

    private static String evidence(Map<Port, PortSighting> seen) {
        List<String> evidence = new ArrayList<>();
        seen.values().forEach(sighting -> {
            if (sighting instanceof PortSighting.Busy busy) {
                evidence.add(busy.evidence());
            }
        });
        return String.join("; ", evidence);
    }
}
