package dev.berth.jdbc;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * Carries out units of work whose expectations all hold and which do not touch each other: first what they give back,
 * then what they take, each kind of change for all of them at once; and when the unique keys are won, all that tells a
 * time.
 */
final class UnitWrites {
    private final ClaimRows claims;
    private final ResourceRows resources;
    private final RecordRows records;
    private final HistoryRows history;

    UnitWrites(ClaimRows claims, ResourceRows resources, RecordRows records, HistoryRows history) {
        this.claims = claims;
        this.resources = resources;
        this.records = records;
        this.history = history;
    }

    /**
     * Carries out what tells no time that counts: what the units give back, and then what they take, in the order in
     * which all transactions take.
     *
     * @return whether anything was taken, for which others may have been waited for
     */
    boolean giveAndTake(Session session, List<Commit> units, UnitReads reads) throws SQLException {
        units.forEach(unit -> giveBack(session, unit, reads));
        units.forEach(unit -> lift(session, unit, reads));
        List<Taking> takings = units.stream()
                .flatMap(unit -> unit.claims().stream())
                .flatMap(write -> write.taken().stream().map(take -> new Taking(write.claim(), take)))
                .sorted(Comparator.comparing(taking -> taking.take().resource(), UnitReads.BY_KEY))
                .toList();
        takings.forEach(taking -> resources.take(session, taking.claim(), taking.take()));
        session.flush();
        return !takings.isEmpty();
    }

    private record Taking(UUID claim, Commit.Take take) {}

    /**
     * Carries out the rest, which begins at the session's time, and returns for each unit the new versions of the records
     * that it puts.
     */
    List<Map<String, Long>> tell(Session session, List<Commit> units, UnitReads reads) throws SQLException {
        units.forEach(unit -> remember(session, unit, reads));
        units.forEach(unit -> writeClaims(session, unit, reads));
        units.forEach(unit -> dropLabels(session, unit));
        units.forEach(unit -> writeLabels(session, unit));
        units.forEach(unit -> block(session, unit, reads));
        List<Map<String, Long>> versions =
                units.stream().map(unit -> writeRecords(session, unit, reads)).toList();
        session.flush();
        return versions;
    }

    // ------------------------------------------------------------------ before the time is told

    private void giveBack(Session session, Commit unit, UnitReads reads) {
        for (Commit.ClaimWrite write : unit.claims()) {
            if (write instanceof Commit.Release) {
                release(session, before(reads, write));
            } else if (write instanceof Commit.Change change) {
                give(session, change, before(reads, write));
            }
        }
    }

    private void release(Session session, Claim claim) {
        resources.giveAll(session, claim.id());
        claims.delete(session, claim.id());
        if (!claim.labels().isEmpty()) {
            claims.deleteLabels(session, claim.id());
        }
    }

    /** Where the owner changes, the row goes for a moment: two claims may swap their owners in one unit. */
    private void give(Session session, Commit.Change write, Claim claim) {
        gives(write).keySet().forEach(resource -> resources.give(session, claim.id(), resource));
        if (isRenamed(write, claim)) {
            claims.delete(session, claim.id());
        }
        // What is taken after this says itself whether it is confirmed.
        for (String part : write.confirms()) {
            resources.confirm(session, claim.id(), part);
        }
    }

    private void lift(Session session, Commit unit, UnitReads reads) {
        for (Commit.ClaimWrite write : unit.claims()) {
            for (Commit.Take take : write.taken()) {
                if (reads.row(take.resource()) instanceof Occupant.Block block) {
                    resources.lift(session, block);
                }
            }
        }
        unit.blocks().forEach(write -> resources.lift(session, write.resource()));
    }

    // ------------------------------------------------------------------ at the time that is told

    private void remember(Session session, Commit unit, UnitReads reads) {
        for (Commit.ClaimWrite write : unit.claims()) {
            if (write instanceof Commit.Release release) {
                remember(session, release, before(reads, write));
            } else if (write instanceof Commit.Change change) {
                remember(session, change, before(reads, write));
            }
        }
    }

    private void remember(Session session, Commit.Release write, Claim claim) {
        for (Holding held : claim.holdings()) {
            history.add(session, claim, held, write.reason());
        }
        if (!claim.isReservation()) {
            history.addTombstone(session, claim, write.reason());
        }
    }

    private void remember(Session session, Commit.Change write, Claim claim) {
        Map<Resource, Commit.Give> gives = gives(write);
        boolean renamed = isRenamed(write, claim);
        for (Holding held : claim.holdings()) {
            Commit.Give give = gives.get(held.resource());
            if (give != null) {
                history.add(session, claim, held, give.reason());
            } else if (renamed) {
                history.add(session, claim, held, EndReason.RENAMED);
            }
        }
    }

    private void writeClaims(Session session, Commit unit, UnitReads reads) {
        for (Commit.ClaimWrite write : unit.claims()) {
            if (write instanceof Commit.Create create) {
                claims.insert(session, ClaimForm.of(create.after(session.at())), labelling(create.labels()));
            } else if (write instanceof Commit.Change change) {
                change(session, change, before(reads, write));
            } else if (write instanceof Commit.Touch touch) {
                claims.update(session, ClaimForm.of(touch.after(before(reads, write), session.at())));
            }
        }
    }

    private void change(Session session, Commit.Change write, Claim claim) {
        ClaimForm changed = ClaimForm.of(write.after(claim, session.at()));
        if (isRenamed(write, claim)) {
            claims.insert(session, changed, labelling(claim.labels()));
            resources.beginAll(session, claim.id());
            return;
        }
        claims.update(session, changed);
        if (session.dialect().locksRows()) {
            write.takes().forEach(take -> resources.begin(session, claim.id(), take.resource()));
        }
    }

    /** Before any label is written, of any unit: the changes of one text are carried out together. */
    private void dropLabels(Session session, Commit unit) {
        for (Commit.ClaimWrite write : unit.claims()) {
            if (write instanceof Commit.Change change) {
                claims.dropLabels(session, change.claim(), change.labels().keySet(), Set.of());
            } else if (write instanceof Commit.Touch touch) {
                claims.dropLabels(session, touch.claim(), touch.put().keySet(), touch.drop());
            }
        }
    }

    private void writeLabels(Session session, Commit unit) {
        for (Commit.ClaimWrite write : unit.claims()) {
            if (write instanceof Commit.Create create) {
                claims.insertLabels(session, create.id(), create.labels());
            } else if (write instanceof Commit.Change change) {
                claims.insertLabels(session, change.claim(), change.labels());
            } else if (write instanceof Commit.Touch touch) {
                claims.insertLabels(session, touch.claim(), touch.put());
            }
        }
    }

    /** Blocks what was given back, unless the unit takes it, or says itself what becomes of its block. */
    private void block(Session session, Commit unit, UnitReads reads) {
        Set<Resource> decided = new HashSet<>();
        unit.claims().forEach(write -> write.taken().forEach(take -> decided.add(take.resource())));
        unit.blocks().forEach(write -> decided.add(write.resource()));
        for (Commit.ClaimWrite write : unit.claims()) {
            blocksLeft(write).forEach((resource, terms) -> {
                if (!decided.contains(resource)) {
                    Owner former = before(reads, write).owner();
                    resources.block(session, resource, terms, Optional.of(former));
                }
            });
        }
        for (Commit.BlockWrite write : unit.blocks()) {
            if (write instanceof Commit.PutBlock put) {
                resources.block(session, put.resource(), put.terms(), Optional.empty());
            }
        }
    }

    private static Map<Resource, Commit.BlockTerms> blocksLeft(Commit.ClaimWrite write) {
        if (write instanceof Commit.Release release) {
            return release.blocks();
        }
        Map<Resource, Commit.BlockTerms> left = new HashMap<>();
        if (write instanceof Commit.Change change) {
            change.gives().forEach(give -> give.block().ifPresent(terms -> left.put(give.resource(), terms)));
        }
        return left;
    }

    private static ClaimRows.Labelling labelling(Map<String, String> labels) {
        return labels.isEmpty() ? ClaimRows.Labelling.NONE : ClaimRows.Labelling.SOME;
    }

    private Map<String, Long> writeRecords(Session session, Commit unit, UnitReads reads) {
        Map<String, Long> versions = new HashMap<>();
        for (Commit.RecordWrite write : unit.records()) {
            if (write instanceof Commit.PutRecord put) {
                versions.put(put.name(), records.put(session, put, reads.record(put.name())));
            } else {
                records.write(session, write);
            }
        }
        return versions;
    }

    private static Claim before(UnitReads reads, Commit.ClaimWrite write) {
        return Objects.requireNonNull(reads.claim(write.claim()));
    }

    private static Map<Resource, Commit.Give> gives(Commit.Change write) {
        Map<Resource, Commit.Give> gives = new HashMap<>();
        write.gives().forEach(give -> gives.put(give.resource(), give));
        return gives;
    }

    private static boolean isRenamed(Commit.Change write, Claim claim) {
        return !write.owner().equals(claim.owner());
    }
}
