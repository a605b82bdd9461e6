package dev.berth.jdbc;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Carries out units of work whose expectations all hold and which do not touch each other: first what they give back,
 * then what they take, each kind of change for all of them at once.
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

    /** Carries out the units, and returns for each the new versions of the records that it puts. */
    List<Map<String, Long>> apply(Session session, List<Commit> units, UnitReads reads) throws SQLException {
        units.forEach(unit -> giveBack(session, unit, reads));
        units.forEach(unit -> blockWhatWasGiven(session, unit, reads));
        session.flush();
        units.forEach(unit -> writeClaims(session, unit, reads));
        units.forEach(unit -> dropLabels(session, unit));
        units.forEach(unit -> writeLabels(session, unit));
        session.flush();
        units.forEach(unit -> lift(session, unit, reads));
        units.forEach(unit -> takeAndBlock(session, unit));
        List<Map<String, Long>> versions =
                units.stream().map(unit -> writeRecords(session, unit, reads)).toList();
        session.flush();
        return versions;
    }

    private void giveBack(Session session, Commit unit, UnitReads reads) {
        for (Commit.ClaimWrite write : unit.claims()) {
            if (write instanceof Commit.Release release) {
                release(session, release, before(reads, write));
            } else if (write instanceof Commit.Change change) {
                give(session, change, before(reads, write));
            }
        }
    }

    private void blockWhatWasGiven(Session session, Commit unit, UnitReads reads) {
        for (Commit.ClaimWrite write : unit.claims()) {
            if (write instanceof Commit.Release release) {
                Owner former = before(reads, write).owner();
                release.blocks()
                        .forEach((resource, terms) -> resources.block(session, resource, terms, Optional.of(former)));
            } else if (write instanceof Commit.Change change) {
                Owner former = before(reads, write).owner();
                change.gives()
                        .forEach(give -> give.block()
                                .ifPresent(terms ->
                                        resources.block(session, give.resource(), terms, Optional.of(former))));
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

    /** A block may be there from before, or left by what the unit itself has given back. */
    private void lift(Session session, Commit unit, UnitReads reads) {
        for (Commit.ClaimWrite write : unit.claims()) {
            for (Commit.Take take : write.taken()) {
                Occupant row = reads.row(take.resource());
                if (row instanceof Occupant.Block block) {
                    resources.lift(session, block);
                } else if (row != null) {
                    resources.lift(session, take.resource());
                }
            }
        }
        unit.blocks().forEach(write -> resources.lift(session, write.resource()));
    }

    private void takeAndBlock(Session session, Commit unit) {
        for (Commit.ClaimWrite write : unit.claims()) {
            write.taken().forEach(take -> resources.take(session, write.claim(), take));
        }
        for (Commit.BlockWrite write : unit.blocks()) {
            if (write instanceof Commit.PutBlock put) {
                resources.block(session, put.resource(), put.terms(), Optional.empty());
            }
        }
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

    private void release(Session session, Commit.Release write, Claim claim) {
        for (Holding held : claim.holdings()) {
            history.add(session, claim, held, write.reason());
        }
        if (!claim.isReservation()) {
            history.addTombstone(session, claim, write.reason());
        }
        resources.giveAll(session, claim.id());
        claims.delete(session, claim.id());
        if (!claim.labels().isEmpty()) {
            claims.deleteLabels(session, claim.id());
        }
    }

    /** Where the owner changes, the row goes for a moment: two claims may swap their owners in one unit. */
    private void give(Session session, Commit.Change write, Claim claim) {
        Map<Resource, Commit.Give> gives = new HashMap<>();
        write.gives().forEach(give -> gives.put(give.resource(), give));
        boolean renamed = isRenamed(write, claim);
        for (Holding held : claim.holdings()) {
            Commit.Give give = gives.get(held.resource());
            if (give != null) {
                history.add(session, claim, held, give.reason());
                resources.give(session, claim.id(), held.resource());
            } else if (renamed) {
                history.add(session, claim, held, EndReason.RENAMED);
            }
        }
        if (renamed) {
            claims.delete(session, claim.id());
        }
    }

    private void change(Session session, Commit.Change write, Claim claim) {
        ClaimForm changed = ClaimForm.of(write.after(claim, session.at()));
        if (isRenamed(write, claim)) {
            claims.insert(session, changed, labelling(claim.labels()));
            resources.begin(session, claim.id());
        } else {
            claims.update(session, changed);
        }
        for (String part : write.confirms()) {
            resources.confirm(session, claim.id(), part);
        }
    }

    private static boolean isRenamed(Commit.Change write, Claim claim) {
        return !write.owner().equals(claim.owner());
    }
}
