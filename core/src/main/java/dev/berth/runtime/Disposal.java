package dev.berth.runtime;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.LedgerIdentity;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Tombstone;
import dev.berth.runtime.ProvisionReport.Action;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Removes instances that are ours and that no claim has (law L4). An instance is never taken up again once no claim has
 * it, so a removal that comes late can only ever hit what was to go.
 */
final class Disposal {
    /** Longer than anybody who is about to remove something sleeps. */
    private static final Duration DOOMED = Duration.ofDays(1);

    private final Kit<?> kit;
    private final Steps steps;

    Disposal(Kit<?> kit, Steps steps) {
        this.kit = kit;
        this.steps = steps;
    }

    /** Says why an instance may not be removed for a tenant; empty if it may. */
    Optional<String> objection(Instance instance, String tenant) {
        Optional<String> foreign = foreign(instance, tenant);
        if (foreign.isPresent()) {
            return foreign;
        }
        return holder(instance);
    }

    /** As {@link #objection}, for an instance that its own claim has yet to give up. */
    Optional<String> foreign(Instance instance, String tenant) {
        if (instance.guard().isPresent()) {
            return Optional.of("it is guarded: " + instance.guard().get());
        }
        if (instance.mark().isEmpty()) {
            return Optional.of("it was not made by this library");
        }
        Mark mark = instance.mark().get();
        LedgerIdentity identity = kit.ledger().identity();
        if (!identity.isHome()) {
            return Optional.of(
                    "the ledger's database is not where it was made (" + identity + "): say moved() or fork() first");
        }
        if (!mark.ledger().equals(identity.ledger())) {
            return Optional.of("it belongs to the ledger " + mark.ledger());
        }
        return mark.owner().tenant().equals(tenant)
                ? Optional.empty()
                : Optional.of("it belongs to the tenant " + mark.owner().tenant());
    }

    /**
     * Removes an instance that no claim has and that nobody is about to hand out. An attempt that is still the current one
     * may activate what it made, however long ago it ran out.
     */
    Removal discard(Instance instance, Removal.Mode mode) {
        return keeps(instance)
                .<Removal>map(Removal.Kept::new)
                .orElseGet(() -> remove(
                        instance, instance.mark().orElseThrow().owner().tenant(), mode, BoundedRuntime.Beat.NONE));
    }

    /** Why an instance that no claim of this scope has is not left over all the same; empty if it is. */
    Optional<String> keeps(Instance instance) {
        String tenant = instance.mark().map(mark -> mark.owner().tenant()).orElse("");
        return foreign(instance, tenant)
                .or(() -> holder(instance))
                .or(() -> holderElsewhere(instance))
                .or(() -> maker(instance));
    }

    /** The same runtime may be known by another name as well, or have been. */
    private Optional<String> holderElsewhere(Instance instance) {
        Mark mark = instance.mark().orElseThrow();
        Optional<Claim> owners =
                kit.ledger().find(mark.owner()).filter(claim -> claim.instance().equals(Optional.of(instance.id())));
        return Stream.concat(
                        owners.stream(),
                        kit.gate()
                                .aliases()
                                .map(scope -> ResourceKind.INSTANCE.in(scope, instance.id()))
                                .flatMap(key -> kit.ledger().holder(key).stream()))
                .filter(instance::isOf)
                .findFirst()
                .map(claim -> "it is the instance of " + claim.owner()
                        + claim.home().map(home -> " in " + home).orElse(""));
    }

    private Optional<String> maker(Instance instance) {
        Mark mark = instance.mark().orElseThrow();
        Optional<Claim> living = kit.ledger().find(mark.claim());
        Optional<Claim> maker =
                living.or(() -> kit.ledger().tombstone(mark.claim()).map(Tombstone::claim));
        // One that failed, and gave its instance up, may have left it behind; one that ended without it has seen it
        // gone.
        boolean left = living.filter(claim -> claim.instance().isEmpty()).isPresent();
        return living.flatMap(claim -> keptFor(claim, mark))
                .or(() -> maker.filter(claim -> !left && isCopy(instance, mark, claim))
                        .map(claim -> "it carries the mark of the instance that " + claim.owner()
                                + " has, or had: it is a copy, which somebody has made"));
    }

    private Optional<String> keptFor(Claim claim, Mark mark) {
        boolean made = claim.attempt()
                .map(attempt -> attempt.nonce().equals(mark.nonce()))
                .orElse(false);
        if (made && claim.state() == ClaimState.PENDING) {
            return Optional.of("the current attempt of " + claim.owner() + " made it");
        }
        if (made && claim.state() != ClaimState.FAILED) {
            return Optional.of("the attempt that brought " + claim.owner() + " up made it, or it is a copy");
        }
        return claim.home()
                .filter(home -> !home.equals(kit.scope()))
                .map(home -> "it was made for " + claim.owner() + ", whose home is " + home);
    }

    private static boolean isCopy(Instance instance, Mark mark, Claim claim) {
        return mark.nonce().equals(claim.labels().get(Mark.NONCE))
                && !claim.instance().equals(Optional.of(instance.id()));
    }

    /** Removes an instance, running or not, and makes sure that it is gone. */
    Removal remove(Instance instance, String tenant, BoundedRuntime.Beat beat) {
        return remove(instance, tenant, Removal.Mode.EVEN_IF_RUNNING, beat);
    }

    private Removal remove(Instance instance, String tenant, Removal.Mode mode, BoundedRuntime.Beat beat) {
        Optional<String> objection = foreign(instance, tenant).or(() -> bar(instance));
        Removal removal = objection.isPresent()
                ? new Removal.Kept(objection.get())
                : kit.runtime().remove(instance.id(), instance.mark().orElseThrow(), mode, beat);
        if (removal instanceof Removal.Unknown unknown) {
            removal = absent(instance.id(), beat)
                    .<Removal>map(Removal.WasAbsent::new)
                    .orElse(unknown);
        }
        if (removal instanceof Removal.WasAbsent) {
            // Another runtime would say so, too.
            removal = kit.gate()
                    .check()
                    .<Removal>map(failure -> new Removal.Unknown(failure.detail()))
                    .orElse(removal);
        }
        if (objection.isEmpty() && !(removal instanceof Removal.Unknown)) {
            kit.ledger().unblock(kit.key(instance.id()));
        }
        steps.add(Action.REMOVE, instance.toString(), removal.toString());
        return removal;
    }

    /**
     * Keeps others from adopting what is about to be removed, in the commit that makes sure that no claim has it; also for a
     * while where it is not known whether it was removed. Tells whose it is, if it is somebody's.
     */
    private Optional<String> bar(Instance instance) {
        try {
            kit.ledger().markForeign(kit.key(instance.id()), "is being removed", DOOMED);
            return Optional.empty();
        } catch (ClaimRefusedException held) {
            return holder(instance);
        }
    }

    private Optional<String> holder(Instance instance) {
        return kit.ledger()
                .holder(kit.key(instance.id()))
                .filter(claim -> instance.isOf(claim))
                .map(claim -> "it is the instance of " + claim.owner());
    }

    private Optional<String> absent(String id, BoundedRuntime.Beat beat) {
        return kit.runtime().look(id, beat) instanceof Sighting.Absent absent
                ? Optional.of(absent.evidence())
                : Optional.empty();
    }

    /**
     * Whether an instance was made for a claim, or was its own until the claim gave it up: one that was found again carries
     * the mark of an earlier claim, but the claim keeps its nonce.
     */
    static boolean isFor(Instance instance, Claim claim, LedgerIdentity identity) {
        return instance.mark()
                .filter(mark -> mark.ledger().equals(identity.ledger()))
                .filter(mark -> mark.claim().equals(claim.id()) || wasOwn(mark, claim))
                .isPresent();
    }

    private static boolean wasOwn(Mark mark, Claim claim) {
        return mark.nonce().equals(claim.labels().get(Mark.NONCE))
                && mark.owner().tenant().equals(claim.owner().tenant());
    }
}
