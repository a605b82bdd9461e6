package dev.berth.port;

import dev.berth.InvalidInputException;
import dev.berth.ledger.BlockReason;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimNotFoundException;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Commit;
import dev.berth.ledger.ContentionException;
import dev.berth.ledger.ImportReport;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Refusal;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.StaleTokenException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Hands out ports: an owner gets the next free slot of a pool, keeps it, and gets the same one when it asks again.
 *
 * <p>A slot is claimed in the ledger first and then looked at with the probe, with nothing in the ledger locked. If an
 * outsider is on one of its ports, those are declined for a while and the next slot is claimed. Ports that were claimed
 * but not looked at, because the process died in between, are looked at when their owner asks again. Ports that are held
 * and were looked at are not probed again, nor are those with which the claim's instance was activated: what listens
 * there is the owner's own instance.
 *
 * <p>Immutable, and safe for use by many threads and processes. Blocks on the store and the probe, and on callers for the
 * same owner and pool, which one allocator and those made from it let in one after the other, lest their probes see each
 * other; callers for other owners never wait. An interrupt ends neither wait: a probe must end by itself. Every method throws {@link InvalidInputException} for input that is not
 * allowed, {@link dev.berth.ledger.StoreUnavailableException} if the store could not do its work and {@link
 * ContentionException} if others changed the same claim hundreds of times in a row.
 *
 * <p>The pool's ports are held by the owner's claim, under a part named like the pool, and the name decides: ports that
 * the owner holds under it are kept though the pool's range, step or roles have changed since. Pools of several hosts or
 * protocols need different names; where the ports under a pool's name are another host's or protocol's, allocating is
 * refused as input that is not allowed, and the other methods see no ports of the pool.
 */
public final class PortAllocator {
    private static final Duration DECLINED = Duration.ofMinutes(5);
    private static final int ROUNDS = 256;

    private final ResourceLedger ledger;
    private final Probing probing;

    private PortAllocator(ResourceLedger ledger, Probing probing) {
        this.ledger = ledger;
        this.probing = probing;
    }

    /**
     * Makes an allocator that does not probe: ports are handed out on the ledger's word.
     *
     * @param ledger the ledger
     * @return the allocator
     */
    public static PortAllocator on(ResourceLedger ledger) {
        InvalidInputException.requireNonNull("ledger", ledger);
        return new PortAllocator(ledger, Probing.without(ledger, DECLINED));
    }

    /**
     * Looks at newly claimed ports with a probe.
     *
     * @param probe the probe
     * @return the allocator
     */
    public PortAllocator probing(PortProbe probe) {
        InvalidInputException.requireNonNull("probe", probe);
        return new PortAllocator(ledger, probing.with(probe));
    }

    /**
     * Sets what becomes of ports that the probe could not see; {@link OnUnknown#REFUSE} if it is not set.
     *
     * @param policy the policy
     * @return the allocator
     */
    public PortAllocator onUnknown(OnUnknown policy) {
        InvalidInputException.requireNonNull("policy for unknown", policy);
        return new PortAllocator(ledger, probing.with(policy));
    }

    /**
     * Sets for how long a port is passed over on which an outsider was found; 5 minutes if it is not set.
     *
     * @param span 1 ms to 36,500 days
     * @return the allocator
     */
    public PortAllocator decliningFor(Duration span) {
        InvalidInputException.requireNonNull("decline span", span);
        // Checked now: a bad span must not come to light when the first outsider is found.
        var terms = new Commit.BlockTerms(BlockReason.DECLINE, "", span);
        return new PortAllocator(ledger, probing.with(terms.span()));
    }

    /**
     * Gets or allocates: {@link #tryAllocate} for callers who cannot go on without.
     *
     * @param owner who asks
     * @param pool the pool
     * @return the ports
     * @throws ClaimRefusedException if there are none: the refusal says range, use and holders
     */
    public PortAssignment allocate(Owner owner, PortPool pool) {
        return assigned(tryAllocate(owner, pool));
    }

    private static PortAssignment assigned(PortOutcome outcome) {
        if (outcome instanceof PortOutcome.Allocated allocated) {
            return allocated.assignment();
        }
        throw new ClaimRefusedException(((PortOutcome.Refused) outcome).refusal());
    }

    /**
     * Gets the ports that the owner holds of the pool, or allocates a slot.
     *
     * @param owner who asks
     * @param pool the pool
     * @return the ports, or why there are none
     */
    public PortOutcome tryAllocate(Owner owner, PortPool pool) {
        InvalidInputException.requireNonNull("owner", owner);
        InvalidInputException.requireNonNull("pool", pool);
        return probing.allocate(ClaimRequest.by(owner), pool);
    }

    /**
     * Claims what a request asks for together with a slot of the pool: {@link #tryAllocate(ClaimRequest, PortPool)} for
     * callers who cannot go on without.
     *
     * @param request names, paths and whatever else the owner needs; it may be for no part
     * @param pool the pool; the request must not ask for a part of its name
     * @return the ports; {@link PortAssignment#claim} has the rest
     * @throws ClaimRefusedException if not all of it was to be had
     */
    public PortAssignment allocate(ClaimRequest request, PortPool pool) {
        return assigned(tryAllocate(request, pool));
    }

    /**
     * Claims what a request asks for together with a slot of the pool, all of it or nothing, and looks at the ports.
     *
     * @param request names, paths and whatever else the owner needs; it may be for no part
     * @param pool the pool; the request must not ask for a part of its name
     * @return the ports, or why there are none; then this call took nothing
     */
    public PortOutcome tryAllocate(ClaimRequest request, PortPool pool) {
        InvalidInputException.requireNonNull("request", request);
        InvalidInputException.requireNonNull("pool", pool);
        return probing.allocate(request, pool);
    }

    /**
     * Gets or allocates for many owners, one after the other in their order, so that in an empty pool the first gets the
     * first slot. An owner that gets none keeps none of the others from theirs.
     *
     * @param owners who asks
     * @param pool the pool
     * @return what became of each
     */
    public PortBulk allocateAll(Collection<Owner> owners, PortPool pool) {
        InvalidInputException.requireNonNull("pool", pool);
        InvalidInputException.requireNonNull("owners", owners)
                .forEach(owner -> InvalidInputException.requireNonNull("owner", owner));
        List<PortAssignment> allocated = new ArrayList<>();
        List<Refusal> refused = new ArrayList<>();
        for (Owner owner : owners) {
            PortOutcome outcome = tryAllocate(owner, pool);
            if (outcome instanceof PortOutcome.Allocated one) {
                allocated.add(one.assignment());
            } else if (outcome instanceof PortOutcome.Refused none) {
                refused.add(none.refusal());
            }
        }
        return new PortBulk(allocated, refused);
    }

    /**
     * Moves an owner to another slot and declines the old one, because something else was found on it: the answer to
     * "port is already allocated" from an engine. It moves the owner away from what it holds now; if several callers may
     * report the same trouble, {@link #reallocate(PortAssignment, PortPool, String)} moves it once.
     *
     * @param owner who holds the ports
     * @param pool the pool
     * @param reason what was found, for people
     * @return the new ports
     * @throws ClaimNotFoundException if the owner holds no ports of the pool
     * @throws ClaimRefusedException if no other slot is free, or none could be seen to be; the owner keeps the old one,
     *     unless another owner took it in the moment in which this one, on its way back from slots that turned out to be
     *     in use, had it not
     */
    public PortAssignment reallocate(Owner owner, PortPool pool, String reason) {
        InvalidInputException.requireNonNull("reason", reason);
        return assigned(probing.reallocate(held(owner, pool, "reallocate"), pool, reason));
    }

    /**
     * Moves an owner away from the ports of an assignment and declines them. If the owner holds other ports by now,
     * because another caller has moved it already, those are returned and nothing is declined.
     *
     * @param seen the assignment whose ports were found in use
     * @param pool the pool
     * @param reason what was found, for people
     * @return the ports that the owner holds now
     * @throws ClaimNotFoundException if the assignment's claim holds no ports of the pool any more
     * @throws ClaimRefusedException as {@link #reallocate(Owner, PortPool, String)}
     */
    public PortAssignment reallocate(PortAssignment seen, PortPool pool, String reason) {
        InvalidInputException.requireNonNull("assignment", seen);
        InvalidInputException.requireNonNull("pool", pool);
        InvalidInputException.requireNonNull("reason", reason);
        if (!pool.isHeldBy(seen.claim())) {
            throw InvalidInputException.of("assignment", seen, "an assignment of " + pool);
        }
        return assigned(probing.reallocate(seen.claim(), pool, reason));
    }

    /**
     * Looks at the ports that an owner holds and moves it to another slot if one of them is in use. Call it only while
     * the owner's own instance does not run: it would be taken for an outsider.
     *
     * @param owner who holds the ports
     * @param pool the pool
     * @return the ports, the same ones unless one was in use; with a warning where the probe could not see them
     * @throws ClaimNotFoundException if the owner holds no ports of the pool
     * @throws ClaimRefusedException as {@link #reallocate(Owner, PortPool, String)}
     */
    public PortAssignment recheck(Owner owner, PortPool pool) {
        return assigned(probing.recheck(held(owner, pool, "recheck"), pool));
    }

    private Claim held(Owner owner, PortPool pool, String what) {
        InvalidInputException.requireNonNull("owner", owner);
        InvalidInputException.requireNonNull("pool", pool);
        return ledger.find(owner)
                .filter(pool::isHeldBy)
                .orElseThrow(() -> new ClaimNotFoundException(owner, what + " ports of " + pool));
    }

    /**
     * Gives an owner's ports of a pool back; what else its claim holds stays. A reservation that holds nothing else is
     * released.
     *
     * @param owner who holds the ports
     * @param pool the pool
     * @return true if this call gave ports back, false if the owner held none
     * @throws StaleTokenException if the ports were changed at the same time; ask again
     */
    public boolean release(Owner owner, PortPool pool) {
        InvalidInputException.requireNonNull("owner", owner);
        InvalidInputException.requireNonNull("pool", pool);
        Optional<Claim> first = ledger.find(owner).filter(pool::isHeldBy);
        Optional<Claim> claim = first;
        for (int round = 0; round < ROUNDS && claim.isPresent(); round++) {
            try {
                return giveBack(claim.get(), pool);
            } catch (StaleTokenException changed) {
                claim = ledger.find(claim.get().id()).filter(pool::isHeldBy);
                if (claim.isPresent()
                        && !claim.get().part(pool.name()).equals(first.get().part(pool.name()))) {
                    throw changed;
                }
            }
        }
        if (claim.isPresent()) {
            throw new ContentionException("release of ports of " + pool + " by " + owner, ROUNDS);
        }
        return false;
    }

    private boolean giveBack(Claim claim, PortPool pool) {
        boolean all = claim.holdings().stream().allMatch(held -> held.part().equals(pool.name()));
        if (all && claim.isReservation()) {
            return ledger.release(claim);
        }
        ledger.shrink(claim.token(), pool.name());
        return true;
    }

    /**
     * Finds the ports that an owner holds of a pool. Exact; nothing is allocated or probed.
     *
     * @param owner the owner
     * @param pool the pool
     * @return the ports, empty if it holds none
     */
    public Optional<PortAssignment> find(Owner owner, PortPool pool) {
        InvalidInputException.requireNonNull("pool", pool);
        return ledger.find(owner).filter(pool::isHeldBy).map(claim -> PortAssignment.of(pool, claim, List.of()));
    }

    /**
     * Claims assignments that exist already. Importing twice changes nothing the second time.
     *
     * @param assignments each owner's port numbers by role; in a pool without roles the role is the pool's name. They
     *     need not lie in the pool's range, but may not be excluded from it
     * @param pool the pool
     * @return what became of each owner
     * @throws InvalidInputException if an owner's roles are not the pool's, or a port is reserved; nothing is imported
     */
    public ImportReport importAll(Map<Owner, Map<String, Integer>> assignments, PortPool pool) {
        InvalidInputException.requireNonNull("pool", pool);
        List<ClaimRequest> requests = new ArrayList<>();
        InvalidInputException.requireNonNull("assignments", assignments)
                .forEach((owner, ports) -> requests.add(imported(owner, ports, pool)));
        return ledger.importAll(requests);
    }

    private static ClaimRequest imported(Owner owner, Map<String, Integer> ports, PortPool pool) {
        InvalidInputException.requireNonNull("owner", owner);
        InvalidInputException.requireNonNull("ports of " + owner, ports);
        if (!ports.keySet().equals(Set.copyOf(pool.roles()))) {
            throw InvalidInputException.of(
                    "roles of " + owner, ports.keySet(), "the roles of the pool: " + pool.roles());
        }
        Map<String, Resource> group = new LinkedHashMap<>();
        ports.forEach((role, number) -> {
            var port = new Port(pool.protocol(), InvalidInputException.requireNonNull("port of " + owner, number));
            if (pool.isReserved(port.number())) {
                throw InvalidInputException.of("port of " + owner, port, "a port that " + pool + " does not reserve");
            }
            group.put(role, port.on(pool.host()));
        });
        return ClaimRequest.by(owner).fixed(pool.name(), group);
    }

    /**
     * Counts how full a pool is, by the ledger.
     *
     * @param pool the pool
     * @return the counts
     */
    public PortUsage usage(PortPool pool) {
        return new PortReports(ledger).usage(InvalidInputException.requireNonNull("pool", pool));
    }

    /**
     * Lays the ledger's ports beside what a probe sees now. Changes nothing in the ledger. Prefer a probe that only
     * reads, such as {@link KernelTableProbe}: one that listens for a moment may be in the way of an instance that starts
     * on one of the ports just then.
     *
     * @param probe the probe
     * @param pools the pools, at least one; one that is given twice counts once
     * @return every allocation, strangers, what could not be seen, and overlaps between the pools
     */
    public PortAudit audit(PortProbe probe, PortPool... pools) {
        InvalidInputException.requireNonNull("probe", probe);
        for (PortPool pool : InvalidInputException.requireNonNull("pools", pools)) {
            InvalidInputException.requireNonNull("pool", pool);
        }
        if (pools.length == 0) {
            throw InvalidInputException.of("pools", "none", "at least one pool");
        }
        return new PortReports(ledger)
                .audit(probe, Arrays.stream(pools).distinct().toList());
    }
}
