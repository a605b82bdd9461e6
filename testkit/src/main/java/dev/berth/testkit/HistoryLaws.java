package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Commit;
import dev.berth.ledger.EndReason;
import dev.berth.ledger.HistoryEntry;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Tombstone;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** History. */
abstract class HistoryLaws extends StoreLaws {
    private static final Scope OTHER = Scope.of("node-2");

    HistoryLaws(LedgerStoreContract contract) {
        super(contract);
    }

    private List<HistoryEntry> history(Resource resource) {
        return store.history(resource, Instant.EPOCH, store.now().plus(LONG), 100);
    }

    private static Commit.Release ended(Claim seen, EndReason reason) {
        return new Commit.Release(seen.token(), Commit.Guard.NONE, reason, Map.of());
    }

    /** Makes a claim on the port and releases it a while later; returns the entry it must leave. */
    private HistoryEntry held(Owner owner, Resource resource, EndReason reason) {
        Claim claim = made(NewClaim.by(owner).taking("web", "front", resource, true));
        fixture.pass(Duration.ofMillis(2));
        Instant at = done(ended(claim, reason));
        fixture.pass(Duration.ofMillis(2));
        return new HistoryEntry(resource, owner, claim.id(), "web", "front", claim.createdAt(), at, reason);
    }

    private UUID buried(Scope home, EndReason reason) {
        Claim claim = made(NewClaim.by(ANNA).taking(port(1)).pending(home, "n", LONG));
        done(ended(claim, reason));
        return claim.id();
    }

    @Test
    @DisplayName(
            "A release leaves an entry for each holding: who, which part and role, from when, until when, and why.")
    void releaseIsRemembered() {
        HistoryEntry entry = held(ANNA, port(5_003), EndReason.RELEASED);

        assertThat(history(port(5_003))).containsExactly(entry);
        assertThat(history(port(5_004))).isEmpty();
    }

    @Test
    @DisplayName("A holding that lasts is not in the history.")
    void lastingHoldingIsNotRemembered() {
        made(NewClaim.by(ANNA).taking(port(1)));

        assertThat(history(port(1))).isEmpty();
    }

    @Test
    @DisplayName("Every reason is kept.")
    void everyReasonIsKept() {
        for (EndReason reason : EndReason.values()) {
            Resource resource = text(reason.name());
            assertThat(history(resource)).isEmpty();
            HistoryEntry entry = held(ANNA, resource, reason);
            assertThat(history(resource)).containsExactly(entry);
        }
    }

    @Test
    @DisplayName("What a claim gives back is remembered with its own reason, what it keeps is not.")
    void givingBackIsRemembered() {
        Claim claim = made(NewClaim.by(ANNA).taking(port(1), port(2), port(3)));
        fixture.pass(Duration.ofMillis(2));
        Instant at = done(ChangedClaim.of(claim)
                .giving(port(1), EndReason.SHRUNK)
                .giving(port(2), EndReason.DECLINED, decline(LONG))
                .write());

        assertThat(history(port(1)))
                .containsExactly(new HistoryEntry(
                        port(1), ANNA, claim.id(), "part-0", "part-0", claim.createdAt(), at, EndReason.SHRUNK));
        assertThat(history(port(2))).extracting(HistoryEntry::reason).containsExactly(EndReason.DECLINED);
        assertThat(history(port(3))).isEmpty();
    }

    @Test
    @DisplayName("A claim that goes to another owner leaves the former owner's time as renamed, for what it keeps.")
    void renameIsRemembered() {
        Claim claim = made(NewClaim.by(ANNA).taking(port(1), port(2)));
        fixture.pass(Duration.ofMillis(2));
        Instant renamed = done(ChangedClaim.of(claim)
                .owner(BERT)
                .giving(port(2), EndReason.SHRUNK)
                .taking(port(3))
                .write());
        fixture.pass(Duration.ofMillis(2));
        Instant released = done(release(claim(BERT)));

        assertThat(history(port(1)))
                .containsExactly(
                        new HistoryEntry(
                                port(1), BERT, claim.id(), "part-0", "part-0", renamed, released, EndReason.RELEASED),
                        new HistoryEntry(
                                port(1),
                                ANNA,
                                claim.id(),
                                "part-0",
                                "part-0",
                                claim.createdAt(),
                                renamed,
                                EndReason.RENAMED));
        assertThat(history(port(2)))
                .extracting(HistoryEntry::owner, HistoryEntry::reason)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(ANNA, EndReason.SHRUNK));
        assertThat(history(port(3))).extracting(HistoryEntry::owner).containsExactly(BERT);
    }

    @Test
    @DisplayName("A change that leaves the owner leaves no entry for what is kept.")
    void changeLeavesNoEntry() {
        Claim claim = made(NewClaim.by(ANNA).taking(port(1)));
        changed(ChangedClaim.of(claim).state(ClaimState.FAILED, Commit.StateClock.RESTART));

        assertThat(history(port(1))).isEmpty();
    }

    @Test
    @DisplayName("Blocks leave no entry: nobody held them.")
    void blocksLeaveNoEntry() {
        done(unit(new Commit.PutBlock(port(1), decline(LONG))));
        done(unit(new Commit.LiftBlock(port(1))));

        assertThat(history(port(1))).isEmpty();
    }

    @Test
    @DisplayName(
            "History answers who had a resource then: entries that touch the span, latest end first, within the limit.")
    void historyAnswersWhoHadItThen() {
        List<HistoryEntry> all = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            all.add(0, held(owner(i), port(5_003), EndReason.RELEASED));
        }
        HistoryEntry third = all.get(2);

        assertThat(history(port(5_003))).isEqualTo(all);
        assertThat(store.history(port(5_003), Instant.EPOCH, store.now(), 2)).isEqualTo(all.subList(0, 2));
        assertThat(store.history(port(5_003), third.from(), third.until(), 10)).containsExactly(third);
        Instant within = third.from().plusNanos(1_000);
        assertThat(store.history(port(5_003), within, within, 10)).containsExactly(third);
        assertThat(store.history(port(5_003), third.until(), third.until(), 10)).containsExactly(third);
        assertThat(store.history(port(5_003), third.from(), third.from(), 10)).containsExactly(third);
        assertThat(store.history(port(5_003), third.from(), store.now(), 10)).isEqualTo(all.subList(0, 3));
        assertThat(store.history(
                        port(5_003),
                        third.until().plusNanos(1_000),
                        all.get(1).from().minusNanos(1_000),
                        10))
                .isEmpty();
        assertThat(store.history(port(5_003), Instant.EPOCH, all.get(4).from().minusNanos(1_000), 10))
                .isEmpty();
    }

    @Test
    @DisplayName("A released provisioned claim leaves a tombstone: the claim as it was last, when, and why.")
    void provisionedClaimLeavesATombstone() {
        Claim claim = made(NewClaim.by(ANNA)
                .taking("web", "front", port(1), true)
                .pending(NODE, "nonce", LONG)
                .label("team", "blue")
                .lease(LONG));
        Claim last = changed(ChangedClaim.of(claim)
                .state(ClaimState.FAILED, Commit.StateClock.RESTART)
                .reason(Optional.of("exit 137"))
                .taking(text("0123abc"), Claim.INSTANCE_PART, Claim.INSTANCE_PART));
        Instant at = done(ended(last, EndReason.REAPED));

        assertThat(store.tombstone(claim.id())).contains(new Tombstone(last, at, EndReason.REAPED));
        assertThat(store.tombstones(Optional.empty(), Optional.empty(), 10))
                .containsExactly(new Tombstone(last, at, EndReason.REAPED));
    }

    @Test
    @DisplayName("A reservation leaves no tombstone, and neither does a claim that lives.")
    void reservationLeavesNoTombstone() {
        Claim reservation = made(NewClaim.by(ANNA).taking(port(1)));
        done(release(reservation));
        Claim living = made(NewClaim.by(BERT).taking(port(1)).pending(NODE, "n", LONG));

        assertThat(store.tombstone(reservation.id())).isEmpty();
        assertThat(store.tombstone(living.id())).isEmpty();
        assertThat(store.tombstones(Optional.empty(), Optional.empty(), 10)).isEmpty();
    }

    @Test
    @DisplayName(
            "Tombstones come in the order of their claims' ids, in pages of any size, of one home scope or of all.")
    void tombstonesAreFilteredByHome() {
        List<UUID> here = new ArrayList<>();
        List<UUID> all = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            boolean other = i % 3 == 0;
            UUID id = buried(other ? OTHER : NODE, EndReason.FAILED);
            all.add(id);
            if (!other) {
                here.add(id);
            }
        }
        // By their bytes, as pages of claims are.
        all.sort(java.util.Comparator.comparing(UUID::toString));
        here.sort(java.util.Comparator.comparing(UUID::toString));

        for (int page : new int[] {1, 2, 3, 100}) {
            assertThat(paged(Optional.empty(), page)).isEqualTo(all);
            assertThat(paged(Optional.of(NODE), page)).isEqualTo(here);
        }
        assertThat(paged(Optional.of(OTHER), 2)).hasSize(3);
        assertThat(paged(Optional.of(Scope.GLOBAL), 2)).isEmpty();
    }

    private List<UUID> paged(Optional<Scope> home, int page) {
        return Pages.all(
                page,
                last -> store.tombstones(home, last, page).stream()
                        .map(tombstone -> tombstone.claim().id())
                        .toList());
    }

    @Test
    @DisplayName("Pruning forgets what ended longer ago than it is told to keep, and nothing that ended since.")
    void pruneForgetsWhatIsOld() {
        held(ANNA, port(1), EndReason.RELEASED);
        UUID old = buried(NODE, EndReason.REAPED);
        done(unit(put("old", 0, "v", Duration.ofMillis(1))));
        pass();
        pass();
        HistoryEntry young = held(BERT, port(2), EndReason.RELEASED);
        UUID youngStone = buried(OTHER, EndReason.REAPED);

        int forgotten = store.prune(tick(), 1_000);

        assertThat(forgotten).isGreaterThanOrEqualTo(4);
        assertThat(history(port(1)).stream().filter(entry -> !entry.claim().equals(youngStone)))
                .isEmpty();
        assertThat(store.tombstone(old)).isEmpty();
        assertThat(history(port(2))).containsExactly(young);
        assertThat(store.tombstone(youngStone)).isPresent();
        assertThat(store.prune(tick(), 1_000)).isZero();
    }

    @Test
    @DisplayName(
            "Pruning touches nothing that is current: claims, lapsed ones too, blocks, records, and what they say.")
    void pruneTouchesNothingCurrent() {
        Claim anna = made(NewClaim.by(ANNA).taking(port(1)).pending(NODE, "n", Duration.ofMillis(1)));
        Claim bert = made(NewClaim.by(BERT).taking(port(2)).lease(Duration.ofMillis(1)));
        done(unit(new Commit.PutBlock(port(3), decline(LONG))));
        done(unit(put("endless", 0, "v"), put("long", 0, "v", LONG)));
        var records = store.records("", Optional.empty(), 10);
        var block = block(port(3));
        pass();

        store.prune(Duration.ofMillis(1), 10_000);

        assertThat(claim(ANNA)).isEqualTo(anna);
        assertThat(claim(BERT)).isEqualTo(bert);
        assertThat(block(port(3))).isEqualTo(block);
        assertThat(store.records("", Optional.empty(), 10)).isEqualTo(records);
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("Pruning forgets no more than its limit in a call, and everything in enough of them.")
    void pruneKeepsItsLimit() {
        for (int i = 0; i < 7; i++) {
            buried(NODE, EndReason.REAPED);
        }
        pass();
        int forgotten = 0;
        int last;
        do {
            last = store.prune(Duration.ofMillis(1), 4);
            assertThat(last).isBetween(0, 4);
            forgotten += last;
        } while (last == 4);

        assertThat(forgotten).isEqualTo(14);
        assertThat(history(port(1))).isEmpty();
        assertThat(store.tombstones(Optional.empty(), Optional.empty(), 10)).isEmpty();
    }

    @Test
    @DisplayName("A resource whose history and block were forgotten is as free as one that never was held.")
    void prunedResourceIsFree() {
        Claim claim = made(NewClaim.by(ANNA).taking(port(1)));
        done(new Commit.Release(
                claim.token(), Commit.Guard.NONE, EndReason.RELEASED, Map.of(port(1), quarantine(tick()))));
        pass();
        fixture.pass(Duration.ofMillis(3));
        store.prune(Duration.ofMillis(1), 100);

        assertThat(on(port(1))).isEmpty();
        made(NewClaim.by(BERT).taking(port(1)));
        LedgerInvariants.check(store);
    }
}
