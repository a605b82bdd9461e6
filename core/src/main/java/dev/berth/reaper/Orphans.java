package dev.berth.reaper;

import dev.berth.BerthException;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.HistoryEntry;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.Tombstone;
import dev.berth.reaper.Orphan.Fate;
import dev.berth.reaper.Orphan.Kind;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The other half of a sweep: instances that no claim has. */
final class Orphans {
    private static final int BATCH = 1_000;
    /** So many removals in a row that do not work are a fault of something else than the instances. */
    private static final int FAILURES = 3;

    private final ReaperKit kit;
    private final Grip grip;
    private final Instant now;
    private final Instant ended;
    private final Memory memory;
    private final Map<String, Missing> before;
    private final Map<String, Missing> after = new HashMap<>();
    private final List<String> errors = new ArrayList<>();
    private int failures;

    Orphans(ReaperKit kit, Grip grip, Instant now, Instant ended, Memory memory, Map<String, Missing> before) {
        this.kit = kit;
        this.grip = grip;
        this.now = now;
        this.ended = ended;
        this.memory = memory;
        this.before = before;
    }

    /** The marks from now on, by their names. */
    Map<String, Missing> marks() {
        return after;
    }

    List<String> errors() {
        return errors;
    }

    /** Whether removals fail one after the other. */
    boolean isFailing() {
        return failures >= FAILURES;
    }

    /** Tells of instances that no claim listed whether that is so, and whose they are. */
    List<Orphan> find(List<Instance> unlisted) {
        List<Orphan> orphans = new ArrayList<>();
        for (int from = 0; from < unlisted.size(); from += BATCH) {
            List<Instance> some = unlisted.subList(from, Math.min(unlisted.size(), from + BATCH));
            Set<String> held = held(some);
            some.stream()
                    .filter(instance -> !held.contains(instance.id()))
                    .map(this::recognise)
                    .forEach(found -> found.ifPresent(orphans::add));
        }
        Set<String> ids = new HashSet<>();
        orphans.forEach(orphan -> ids.add(orphan.instance().id()));
        memory.forgetAllBut(ids);
        return orphans;
    }

    /** Those that a claim lists by now: the claims were read page by page, and one may have come meanwhile. */
    private Set<String> held(List<Instance> instances) {
        Set<Resource> keys = new HashSet<>();
        instances.forEach(instance -> keys.add(ResourceKind.INSTANCE.in(kit.scope(), instance.id())));
        Set<String> held = new HashSet<>();
        kit.ledger().occupants(keys).forEach((key, occupant) -> {
            if (occupant instanceof Occupant.Holder) {
                held.add(key.value());
            }
        });
        return held;
    }

    private Optional<Orphan> recognise(Instance instance) {
        grip.tighten();
        Optional<Mark> mark = instance.mark();
        Optional<Tombstone> past = past(instance);
        if (past.isPresent()) {
            return Optional.of(new Orphan(
                    instance,
                    Kind.RETURNER,
                    "the claim of " + past.get().claim().owner() + " was reaped at "
                            + past.get().at(),
                    Fate.LEFT));
        }
        if (mark.isEmpty()) {
            return Optional.of(new Orphan(instance, Kind.FOREIGN, "not made by this library", Fate.LEFT));
        }
        if (!mark.get().ledger().equals(kit.ledger().identity().ledger())) {
            return Optional.of(new Orphan(
                    instance,
                    Kind.ANOTHER_LEDGERS,
                    "made for ledger " + mark.get().ledger(),
                    Fate.LEFT));
        }
        Optional<Claim> maker = kit.ledger().find(mark.get().claim());
        if (maker.isPresent() && isInTheMaking(maker.get(), mark.get())) {
            return Optional.empty();
        }
        return Optional.of(new Orphan(
                instance,
                Kind.OURS,
                maker.map(claim -> "left behind by an attempt of " + claim.owner())
                        .orElseGet(() -> "the claim of " + mark.get().owner() + " is gone"),
                Fate.LEFT));
    }

    private static boolean isInTheMaking(Claim claim, Mark mark) {
        return claim.state() == ClaimState.PENDING && hasMade(claim, mark);
    }

    /** Whether a mark is that of a claim's current or last attempt. */
    private static boolean hasMade(Claim claim, Mark mark) {
        return claim.attempt()
                .map(attempt -> attempt.nonce().equals(mark.nonce()))
                .orElse(false);
    }

    /**
     * The claim that was reaped because this instance was missing. One with a mark names it; for others the ledger's history
     * is asked, once.
     */
    private Optional<Tombstone> past(Instance instance) {
        return memory.past(
                        instance.id(),
                        () -> lookUp(instance).map(Tombstone::claim).map(Claim::id))
                .flatMap(kit.ledger()::tombstone);
    }

    private Optional<Tombstone> lookUp(Instance instance) {
        Optional<Tombstone> marked = instance.mark()
                .filter(mark -> mark.ledger().equals(kit.ledger().identity().ledger()))
                .flatMap(mark -> kit.ledger().tombstone(mark.claim()));
        Optional<Tombstone> found = marked.isPresent() || instance.mark().isPresent()
                ? marked
                : kit
                        .ledger()
                        .history(ResourceKind.INSTANCE.in(kit.scope(), instance.id()), Instant.EPOCH, now, 1)
                        .stream()
                        .findFirst()
                        .filter(entry -> entry.reason() == EndReason.REAPED)
                        .map(HistoryEntry::claim)
                        .flatMap(kit.ledger()::tombstone);
        return found.filter(tombstone -> tombstone.reason() == EndReason.REAPED)
                .filter(tombstone -> tombstone.claim().instance().equals(Optional.of(instance.id())))
                .filter(tombstone -> instance.isOf(tombstone.claim()));
    }

    /** Counts those that something is to be done with, and those that came back. */
    void mark(List<Orphan> orphans) {
        boolean handling = kit.policy().orphans() != ReaperPolicy.Orphans.REPORT;
        for (Orphan orphan : orphans) {
            boolean ours = orphan.kind() == Kind.OURS
                    && !Claim.isKept(orphan.instance().labels());
            if ((handling && ours) || orphan.kind() == Kind.RETURNER) {
                String name = kit.records().orphan(orphan.instance().id());
                String seen = orphan.instance().id();
                Missing mark = before.get(name);
                after.put(
                        name,
                        mark == null
                                ? Missing.first(name, 0, seen, ended)
                                : mark.again(seen, now, ended, kit.policy()));
            }
        }
    }

    /** Whether no sweep before has counted it. */
    boolean isNew(Orphan orphan) {
        return !before.containsKey(kit.records().orphan(orphan.instance().id()));
    }

    /** Whether the policy would remove it now. */
    boolean isDue(Orphan orphan) {
        return kit.policy().orphans() == ReaperPolicy.Orphans.REMOVE
                && orphan.kind() == Kind.OURS
                && orphan.instance().state().isAtRest()
                && orphan.instance().guard().isEmpty()
                && isConfirmed(orphan)
                && isKnown(orphan.instance())
                && kit.provisioner().keeps(orphan.instance()).isEmpty();
    }

    /**
     * Whether the ledger remembers the claim that it was made for. A ledger that was restored from an old copy does not know
     * what it has made since, and must not take that for left over.
     */
    private boolean isKnown(Instance instance) {
        return instance.mark()
                .map(Mark::claim)
                .filter(claim -> kit.ledger().find(claim).isPresent()
                        || kit.ledger().tombstone(claim).isPresent())
                .isPresent();
    }

    /** In the order in which they are tried: those with which it did not work before are the last. */
    List<Orphan> lastFailedLast(List<Orphan> orphans) {
        return orphans.stream()
                .sorted(Comparator.comparing(
                        orphan -> memory.hasFailed(orphan.instance().id())))
                .toList();
    }

    private boolean isConfirmed(Orphan orphan) {
        Missing mark = after.get(kit.records().orphan(orphan.instance().id()));
        return mark != null && mark.isDue(kit.policy());
    }

    /** Restores what came back: nothing is taken from anybody by it, so no breaker stands against it. */
    Orphan restore(Orphan orphan) {
        Instance instance = orphan.instance();
        Optional<Claim> reaped = past(instance).map(Tombstone::claim);
        if (reaped.isEmpty()) {
            return orphan;
        }
        Claim claim = reaped.get();
        if (kit.ledger().find(claim.owner()).isPresent()) {
            return orphan.becomes(
                    Fate.FAILED, orphan.reason() + "; it was not restored: " + claim.owner() + " has a claim again");
        }
        return adopt(orphan, request(claim), Fate.RESTORED);
    }

    private static ClaimRequest request(Claim claim) {
        ClaimRequest request = ClaimRequest.by(claim.owner());
        Set<String> parts = new HashSet<>();
        claim.holdings().forEach(held -> parts.add(held.part()));
        parts.remove(Claim.INSTANCE_PART);
        for (String part : parts) {
            request = request.fixed(part, claim.part(part));
        }
        for (Map.Entry<String, String> label : claim.labels().entrySet()) {
            request = request.label(label.getKey(), label.getValue());
        }
        return request;
    }

    /** Claims what ours says that it is, if no claim speaks against it. */
    Orphan adopt(Orphan orphan) {
        Optional<ClaimRequest> request = orphan.instance().claimed();
        Optional<Claim> maker =
                orphan.instance().mark().flatMap(mark -> kit.ledger().find(mark.claim()));
        if (maker.isPresent()) {
            return orphan;
        }
        if (!isConfirmed(orphan) || request.isEmpty()) {
            return orphan.becomes(
                    request.isEmpty() ? Fate.LEFT : Fate.POSTPONED,
                    orphan.reason() + (request.isEmpty() ? "; its labels do not say what it held" : ""));
        }
        return adopt(orphan, request.get(), Fate.ADOPTED);
    }

    private Orphan adopt(Orphan orphan, ClaimRequest request, Fate fate) {
        if (kit.policy().isDryRun()) {
            return taken(request)
                    .map(why -> orphan.becomes(Fate.FAILED, orphan.reason() + "; " + why))
                    .orElseGet(() -> orphan.becomes(fate, orphan.reason()));
        }
        try {
            Claim claim = kit.provisioner().adopt(orphan.instance().id(), request);
            return orphan.becomes(fate, orphan.reason() + "; it is " + claim.owner() + "'s again");
        } catch (BerthException failure) {
            return orphan.becomes(Fate.FAILED, orphan.reason() + "; " + failure.getMessage());
        }
    }

    /** Why a request would be refused now, as far as can be seen without making it. */
    private Optional<String> taken(ClaimRequest request) {
        return kit.ledger().occupants(request.resources()).values().stream()
                .filter(occupant -> !isFreeFor(occupant, request.owner()))
                .findFirst()
                .map(Occupant::toString);
    }

    private static boolean isFreeFor(Occupant occupant, Owner owner) {
        if (occupant instanceof Occupant.Block block) {
            return block.lets(owner);
        }
        return occupant instanceof Occupant.Holder holder
                && (holder.lapsed() || holder.owner().equals(owner));
    }

    /** Removes one that is due. */
    Orphan remove(Orphan orphan) {
        if (kit.policy().isDryRun()) {
            return orphan.becomes(Fate.REMOVED, orphan.reason());
        }
        Removal removal = kit.provisioner().discard(orphan.instance(), Removal.Mode.IF_STOPPED);
        if (removal.isGone()) {
            failures = 0;
            after.remove(kit.records().orphan(orphan.instance().id()));
            return orphan.becomes(Fate.REMOVED, orphan.reason());
        }
        failures += removal instanceof Removal.Unknown ? 1 : 0;
        String detail = "removing " + orphan.instance() + ": " + removal;
        if (removal instanceof Removal.Unknown) {
            errors.add(detail);
        }
        return orphan.becomes(Fate.FAILED, orphan.reason() + "; " + detail);
    }
}
