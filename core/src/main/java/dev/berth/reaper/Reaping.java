package dev.berth.reaper;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Holding;
import dev.berth.ledger.LedgerLease;
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
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

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

    Reaping(ReaperKit kit, Grip grip, Map<String, Missing> marks, BooleanSupplier mayGoOn) {
        this.kit = kit;
        this.grip = grip;
        this.marks = marks;
        this.mayGoOn = mayGoOn;
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

    /** Carries it out; in a dry run all but the last step. */
    void run(List<Verdict> due) {
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
        Map<UUID, Instance> twins = new Census(again).twins(claims);
        var survivors = new Survivors(claims, again.instances());
        for (int from = 0; from < due.size(); from += BATCH) {
            List<Verdict> some = due.subList(from, Math.min(due.size(), from + BATCH));
            if (!mayGoOn.getAsBoolean() || !errors.isEmpty() || !back.isEmpty()) {
                some.forEach(verdict -> results.add(verdict.becomes(Fate.POSTPONED)));
            } else {
                batch(some, again, twins, survivors);
            }
        }
    }

    private void batch(List<Verdict> some, Inventory again, Map<UUID, Instance> twins, Survivors survivors) {
        List<Verdict> confirmed = new ArrayList<>();
        for (Verdict verdict : some) {
            grip.tighten();
            Optional<Verdict> spared = spare(verdict, again, twins);
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
            settle(confirmed.get(i), outcomes.get(i));
        }
        if (outcomes.contains(LedgerLease.Outcome.LOST)) {
            throw new Grip.Lost();
        }
    }

    private void settle(Verdict verdict, LedgerLease.Outcome outcome) {
        switch (outcome) {
            case DONE -> {
                results.add(verdict.becomes(Fate.DONE));
                portsFreed += ports(verdict.claim());
            }
            case MOVED -> results.add(verdict.becomes(Fate.SPARED, "it has changed meanwhile; " + verdict.reason()));
            case LOST -> results.add(verdict.becomes(Fate.POSTPONED));
        }
    }

    /** Looks for a claim's instance; tells why it is spared, and nothing if it is not. */
    private Optional<Verdict> spare(Verdict verdict, Inventory again, Map<UUID, Instance> twins) {
        Claim claim = verdict.claim();
        Optional<Instance> seen = Optional.ofNullable(twins.get(claim.id()));
        String unknown = "";
        if (claim.instance().isPresent() && seen.isEmpty()) {
            String id = claim.instance().get();
            seen = again.find(id).filter(instance -> instance.isOf(claim));
            Sighting look = seen.isPresent()
                    ? new Sighting.Present(seen.get())
                    : kit.runtime().look(id);
            seen = look.seen().filter(instance -> instance.isOf(claim));
            unknown = look instanceof Sighting.Unknown why ? why.reason() : "";
        }
        if (seen.isPresent()) {
            back.add(claim.owner() + " has " + seen.get());
            return Optional.of(verdict.becomes(Fate.SPARED, "it is there after all: " + seen.get()));
        }
        return unknown.isEmpty()
                ? Optional.empty()
                : Optional.of(verdict.becomes(Fate.SPARED, "it could not be confirmed: " + unknown));
    }

    private LedgerLease.Ending ending(Verdict verdict, Survivors survivors) {
        Claim claim = verdict.claim();
        Missing mark = marks.get(kit.records().missing(claim.id()));
        List<Commit.RecordWrite> records =
                mark == null ? List.of() : List.of(new Commit.EndRecord(mark.name(), mark.version()));
        return new LedgerLease.Ending(
                claim,
                EndReason.REAPED,
                Commit.Guard.NONE,
                kit.policy().quarantine(),
                new HashMap<>(survivors.blocks(claim)),
                records);
    }

    static int ports(Claim claim) {
        Stream<String> kinds = claim.holdings().stream().map(Holding::resource).map(resource -> resource.kind());
        return (int) kinds.filter(
                        kind -> kind.equals(ResourceKind.TCP_PORT.name()) || kind.equals(ResourceKind.UDP_PORT.name()))
                .count();
    }
}
