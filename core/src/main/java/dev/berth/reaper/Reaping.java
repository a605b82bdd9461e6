package dev.berth.reaper;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Holding;
import dev.berth.ledger.LedgerLease;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.reaper.Verdict.Fate;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Sighting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * The last step: each claim that may go is looked for once more, by its instance's id and in a fresh listing, then the runtime
 * is asked once more who it is, and only then the claim is freed, if it, its mark and the lease are still what they were.
 */
final class Reaping {
    private static final int BATCH = 32;

    private final ReaperKit kit;
    private final Grip grip;
    private final Map<String, Missing> marks;
    private final BooleanSupplier mayGoOn;
    private final List<Verdict> results = new ArrayList<>();
    private final List<String> back = new ArrayList<>();
    private final List<String> errors = new ArrayList<>();
    private int portsFreed;
    private int done;
    private Runnable freed = () -> {};

    Reaping(ReaperKit kit, Grip grip, Map<String, Missing> marks, BooleanSupplier mayGoOn) {
        this.kit = kit;
        this.grip = grip;
        this.marks = marks;
        this.mayGoOn = mayGoOn;
    }

    /** Says what is to be done whenever some were freed: to write down how many. */
    Reaping telling(Runnable what) {
        freed = what;
        return this;
    }

    /** What came of each, in whatever order. */
    List<Verdict> results() {
        return results;
    }

    /** What was sure to be gone and is there, in words. */
    List<String> back() {
        return back;
    }

    List<String> errors() {
        return errors;
    }

    int portsFreed() {
        return portsFreed;
    }

    /** Carries it out, until so many are freed; in a dry run all but the last step. */
    void run(List<Verdict> due, int most) {
        if (due.isEmpty()) {
            return;
        }
        grip.tighten();
        Inventory again = kit.runtime().inventory();
        Optional<String> gap = again.gap();
        if (gap.isPresent()) {
            errors.add("nothing could be confirmed: " + gap.get());
            due.forEach(verdict -> results.add(verdict.becomes(Fate.POSTPONED)));
            return;
        }
        List<Claim> claims = due.stream().map(Verdict::claim).toList();
        var census = new Census(again);
        Map<UUID, Instance> twins = census.twins(claims);
        Map<UUID, String> remnants = census.remnants(claims);
        var survivors = new Survivors(claims, again.instances());
        int from = 0;
        // Those that are spared do not count, or some that can never be confirmed would keep all others for ever.
        while (from < due.size() && done < most && mayGoOn.getAsBoolean() && errors.isEmpty() && back.isEmpty()) {
            int to = Math.min(due.size(), from + Math.min(BATCH, most - done));
            batch(due.subList(from, to), verdict -> spare(verdict, again, twins, remnants), survivors);
            from = to;
        }
        due.subList(from, due.size()).forEach(verdict -> results.add(verdict.becomes(Fate.POSTPONED)));
    }

    private void batch(List<Verdict> some, Function<Verdict, Optional<Verdict>> sparing, Survivors survivors) {
        List<Verdict> confirmed = new ArrayList<>();
        for (Verdict verdict : some) {
            grip.tighten();
            Optional<Verdict> spared = sparing.apply(verdict);
            spared.ifPresentOrElse(results::add, () -> confirmed.add(verdict));
        }
        Optional<String> doubt = kit.provisioner().doubt();
        doubt.ifPresent(errors::add);
        // Where one that was sure to be gone is there, the others' absence proves less than it should, too.
        if (doubt.isPresent() || !back.isEmpty()) {
            confirmed.forEach(verdict -> results.add(verdict.becomes(Fate.POSTPONED)));
            return;
        }
        List<LedgerLease.Outcome> outcomes = kit.policy().isDryRun()
                ? confirmed.stream().map(verdict -> LedgerLease.Outcome.DONE).toList()
                : grip.lease()
                        .release(confirmed.stream()
                                .map(verdict -> ending(verdict, survivors))
                                .toList());
        for (int i = 0; i < confirmed.size(); i++) {
            settle(confirmed.get(i), outcomes.get(i), survivors);
        }
        freed.run();
        if (outcomes.contains(LedgerLease.Outcome.LOST)) {
            throw new Grip.Lost();
        }
    }

    private void settle(Verdict verdict, LedgerLease.Outcome outcome, Survivors survivors) {
        switch (outcome) {
            case DONE -> {
                results.add(verdict.becomes(Fate.DONE));
                done++;
                portsFreed += ports(verdict.claim(), survivors);
            }
            case MOVED -> results.add(verdict.becomes(Fate.SPARED, "it has changed meanwhile; " + verdict.reason()));
            case LOST -> results.add(verdict.becomes(Fate.POSTPONED));
        }
    }

    /** Looks for a claim's instance; tells why it is spared, and nothing if it is not. */
    private Optional<Verdict> spare(
            Verdict verdict, Inventory again, Map<UUID, Instance> twins, Map<UUID, String> remnants) {
        Claim claim = verdict.claim();
        Optional<Instance> seen = Optional.ofNullable(twins.get(claim.id()));
        Optional<String> unknown = Optional.ofNullable(remnants.get(claim.id()));
        if (claim.instance().isPresent() && seen.isEmpty()) {
            String id = claim.instance().get();
            seen = again.find(id).filter(instance -> instance.isOf(claim));
            Sighting look = seen.isPresent()
                    ? new Sighting.Present(seen.get())
                    : kit.runtime().look(id);
            seen = look.seen().filter(instance -> instance.isOf(claim));
            unknown = look instanceof Sighting.Unknown why
                    ? Optional.of(why.reason())
                    : look.seen().flatMap(instance -> instance.doubt(claim));
        }
        if (seen.isPresent() && !isUnchanged(claim)) {
            // Its owner has made it anew meanwhile, which says nothing of what was missing.
            return Optional.of(verdict.becomes(Fate.SPARED, "it has changed meanwhile, and has " + seen.get()));
        }
        if (seen.isPresent()) {
            back.add(claim.owner() + " has " + seen.get());
            return Optional.of(verdict.becomes(Fate.SPARED, "it is there after all: " + seen.get()));
        }
        return unknown.map(why -> verdict.becomes(Fate.SPARED, "it could not be confirmed: " + why));
    }

    private boolean isUnchanged(Claim claim) {
        return kit.ledger()
                .find(claim.id())
                .filter(now -> now.token().equals(claim.token()))
                .isPresent();
    }

    private LedgerLease.Ending ending(Verdict verdict, Survivors survivors) {
        Claim claim = verdict.claim();
        Missing mark = marks.get(kit.records().missing(claim.id()));
        List<Commit.RecordWrite> records =
                mark == null ? List.of() : List.of(new Commit.EndRecord(mark.name(), mark.version()));
        return new LedgerLease.Ending(
                claim,
                EndReason.REAPED,
                Commit.Guard.NOT_KEPT,
                kit.policy().quarantine(),
                new HashMap<>(survivors.blocks(claim)),
                records);
    }

    /** Ports that others have meanwhile are not free. */
    private static int ports(Claim claim, Survivors survivors) {
        Set<Resource> blocked = survivors.blocks(claim).keySet();
        return (int) claim.holdings().stream()
                .map(Holding::resource)
                .filter(resource -> resource.kind().equals(ResourceKind.TCP_PORT.name())
                        || resource.kind().equals(ResourceKind.UDP_PORT.name()))
                .filter(resource -> !blocked.contains(resource))
                .count();
    }
}
