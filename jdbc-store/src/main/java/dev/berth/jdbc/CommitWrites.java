package dev.berth.jdbc;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** Carries out a unit of work whose expectations all hold: first what is given back, then what is taken. */
final class CommitWrites {
    private final ClaimRows claims;
    private final ResourceRows resources;
    private final RecordRows records;
    private final HistoryRows history;

    CommitWrites(ClaimRows claims, ResourceRows resources, RecordRows records, HistoryRows history) {
        this.claims = claims;
        this.resources = resources;
        this.records = records;
        this.history = history;
    }

    /** Carries out a unit whose expectations hold, and returns the new versions of the records that were put. */
    Map<String, Long> apply(Session session, Commit unit, Map<UUID, Claim> before) throws SQLException {
        for (Commit.ClaimWrite write : unit.claims()) {
            if (write instanceof Commit.Release release) {
                release(session, release, before(before, write));
            } else if (write instanceof Commit.Change change) {
                give(session, change, before(before, write));
            }
        }
        for (Commit.ClaimWrite write : unit.claims()) {
            if (write instanceof Commit.Create create) {
                claims.insert(session, ClaimForm.of(create.after(session.at())), create.labels());
                take(session, create);
            } else if (write instanceof Commit.Change change) {
                change(session, change, before(before, write));
            } else if (write instanceof Commit.Touch touch) {
                claims.update(session, ClaimForm.of(touch.after(before(before, write), session.at())));
                claims.putLabels(session, touch.claim(), touch.put(), touch.drop());
            }
        }
        for (Commit.BlockWrite write : unit.blocks()) {
            if (write instanceof Commit.PutBlock put) {
                resources.block(session, put.resource(), put.terms(), Optional.empty());
            } else {
                resources.lift(session, write.resource());
            }
        }
        Map<String, Long> versions = new HashMap<>();
        for (Commit.RecordWrite write : unit.records()) {
            if (write instanceof Commit.PutRecord put) {
                versions.put(put.name(), records.put(session, put));
            } else {
                records.write(session, write);
            }
        }
        return versions;
    }

    private static Claim before(Map<UUID, Claim> before, Commit.ClaimWrite write) {
        return Objects.requireNonNull(before.get(write.claim()));
    }

    private void release(Session session, Commit.Release write, Claim claim) throws SQLException {
        resources.giveAll(session, claim.id());
        for (Holding held : claim.holdings()) {
            history.add(session, claim, held, write.reason());
            Commit.BlockTerms terms = write.blocks().get(held.resource());
            if (terms != null) {
                resources.block(session, held.resource(), terms, Optional.of(claim.owner()));
            }
        }
        if (!claim.isReservation()) {
            history.addTombstone(session, claim, write.reason());
        }
        claims.delete(session, claim.id());
        claims.deleteLabels(session, claim.id());
    }

    /** Where the owner changes, the row goes for a moment: two claims may swap their owners in one unit. */
    private void give(Session session, Commit.Change write, Claim claim) throws SQLException {
        Map<Resource, Commit.Give> gives = new HashMap<>();
        write.gives().forEach(give -> gives.put(give.resource(), give));
        boolean renamed = isRenamed(write, claim);
        for (Holding held : claim.holdings()) {
            Commit.Give give = gives.get(held.resource());
            if (give != null) {
                history.add(session, claim, held, give.reason());
                vacate(session, claim, held.resource(), give.block());
            } else if (renamed) {
                history.add(session, claim, held, EndReason.RENAMED);
            }
        }
        if (renamed) {
            claims.delete(session, claim.id());
        }
    }

    private void vacate(Session session, Claim claim, Resource resource, Optional<Commit.BlockTerms> terms)
            throws SQLException {
        resources.give(session, claim.id(), resource);
        if (terms.isPresent()) {
            Owner former = claim.owner();
            resources.block(session, resource, terms.get(), Optional.of(former));
        }
    }

    private void change(Session session, Commit.Change write, Claim claim) throws SQLException {
        ClaimForm changed = ClaimForm.of(write.after(claim, session.at()));
        if (isRenamed(write, claim)) {
            claims.insert(session, changed, Map.of());
            resources.begin(session, claim.id());
        } else {
            claims.update(session, changed);
        }
        for (String part : write.confirms()) {
            resources.confirm(session, claim.id(), part);
        }
        take(session, write);
        claims.putLabels(session, claim.id(), write.labels(), Set.of());
    }

    private static boolean isRenamed(Commit.Change write, Claim claim) {
        return !write.owner().equals(claim.owner());
    }

    private void take(Session session, Commit.ClaimWrite write) throws SQLException {
        for (Commit.Take take : write.taken()) {
            resources.take(session, write.claim(), take);
        }
    }
}
