package dev.berth.testkit;

import static dev.berth.testkit.Mutations.bending;
import static dev.berth.testkit.Mutations.clearing;
import static dev.berth.testkit.Mutations.collision;
import static dev.berth.testkit.Mutations.committing;
import static dev.berth.testkit.Mutations.mapClaims;
import static dev.berth.testkit.Mutations.telling;

import dev.berth.ledger.BlockReason;
import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import dev.berth.ledger.Holding;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Occupant;
import java.text.Normalizer;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;

/** Stores that break one law each, in ways that real ones have, and a law that must catch each. */
enum Mutant {
    FOLDS_CASE("valuesAreComparedByteForByte", store -> collating(store, text -> text.toLowerCase(Locale.ROOT))),
    IGNORES_TRAILING_SPACES("valuesAreComparedByteForByte", store -> collating(store, String::stripTrailing)),
    NORMALISES_TEXT(
            "valuesAreComparedByteForByte",
            store -> collating(store, text -> Normalizer.normalize(text, Normalizer.Form.NFC))),
    COMPARES_255_CHARACTERS(
            "valuesThatDifferInTheLastByteAreTwo",
            store -> collating(store, text -> text.substring(0, Math.min(255, text.length())))),
    TELLS_ONE_VIOLATION(
            "refusalNamesEveryObstacle",
            store -> committing(store, (to, unit) -> {
                CommitResult result = StoreLaws.commit(to, unit);
                return result instanceof CommitResult.Refused refused
                        ? new CommitResult.Refused(refused.violations().subList(0, 1))
                        : result;
            })),
    IGNORES_GUARDS(
            "runningLeaseIsNotReaped", store -> bending(store, (to, unit) -> mapClaims(unit, Mutations::withoutGuard))),
    IGNORES_TOKENS(
            "lateReleaseIsRefused",
            store -> bending(store, (to, unit) -> mapClaims(unit, write -> Mutations.withFreshToken(to, write)))),
    IGNORES_FENCES(
            "fenceGuardsACommit",
            store -> bending(store, (to, unit) -> new Commit(unit.claims(), unit.blocks(), unit.records(), List.of()))),
    RELEASES_WHATEVER_HOLDS("sleepingHolderCannotReleaseSuccessor", MutantStores::releasingWhateverHolds),
    RENEWAL_CHANGES_THE_REVISION(
            "renewalLeavesTheRevision",
            store -> bending(store, (to, unit) -> mapClaims(unit, write -> Mutations.asChange(to, write)))),
    LETS_ANYBODY_PASS_QUARANTINE(
            "nobodyElsePassesAQuarantine",
            store -> bending(
                    store,
                    (to, unit) -> clearing(
                            to,
                            unit,
                            (on, write) ->
                                    on instanceof Occupant.Block block && block.reason() == BlockReason.QUARANTINE))),
    LETS_FORMER_OWNERS_PASS_ALL_BLOCKS(
            "formerOwnerPassesOnlyAQuarantine",
            store -> bending(
                    store,
                    (to, unit) -> clearing(
                            to,
                            unit,
                            (on, write) -> on instanceof Occupant.Block block
                                    && block.formerOwner().isPresent()
                                    && block.formerOwner().equals(MutantStores.owner(write))))),
    TAKES_FROM_LAPSED_CLAIMS(
            "lapsedReservationStillHolds",
            store -> bending(
                    store,
                    (to, unit) -> clearing(
                            to, unit, (on, write) -> on instanceof Occupant.Holder holder && holder.lapsed()))),
    LAST_WRITER_WINS(
            "heldResourceIsRefusedAndTheRefusalNamesItsHolder",
            store -> bending(store, (to, unit) -> clearing(to, unit, (on, write) -> on instanceof Occupant.Holder))),
    CHECKS_THEN_ACTS(
            "raceForOneResourceHasExactlyOneWinner",
            store -> committing(store, (to, unit) -> {
                boolean taken = unit.claims().stream()
                        .flatMap(write -> write.taken().stream())
                        .anyMatch(
                                take -> !to.occupants(List.of(take.resource())).isEmpty());
                if (taken) {
                    return StoreLaws.commit(to, unit);
                }
                LockSupport.parkNanos(100_000);
                return StoreLaws.commit(to, clearing(to, unit, (on, write) -> on instanceof Occupant.Holder));
            })),
    SPLITS_UNITS(
            "refusedUnitWritesNothing",
            store -> committing(store, (to, unit) -> {
                List<Commit> parts = new ArrayList<>();
                unit.claims().forEach(write -> parts.add(Commit.of(write)));
                parts.add(new Commit(List.of(), unit.blocks(), unit.records(), unit.fences()));
                return to.commit(parts).stream()
                        .filter(CommitResult.Refused.class::isInstance)
                        .findFirst()
                        .orElseGet(() -> new CommitResult.Done(to.now()));
            })),
    STOPS_BATCH_AT_A_REFUSAL("refusedUnitLeavesTheOthersAlone", MutantStores::stoppingAtARefusal),
    RUNS_BATCH_BACKWARDS("unitsAreCarriedOutOneAfterTheOther", MutantStores::runningBackwards),
    ANSWERS_BEFORE_IT_WRITES("attemptIsStoredBeforeTheAnswer", MutantStores::answeringBeforeWriting),
    STORES_ATTEMPTS_LATER(
            "attemptIsStoredBeforeTheAnswer",
            store -> bending(store, (to, unit) -> mapClaims(unit, Mutations::withoutAttempt))),
    REUSES_RECORD_VERSIONS("versionsAreNeverUsedTwice", MutantStores::reusingVersions),
    KEEPS_THE_FIRST_BLOCK(
            "blockReplacesABlock",
            store -> bending(
                    store,
                    (to, unit) -> new Commit(
                            unit.claims(),
                            unit.blocks().stream()
                                    .filter(write -> write instanceof Commit.LiftBlock
                                            || !(to.occupants(List.of(write.resource()))
                                                            .get(write.resource())
                                                    instanceof Occupant.Block))
                                    .toList(),
                            unit.records(),
                            unit.fences()))),
    RESTARTS_EVERY_STATE_CLOCK(
            "stateClockRestartsOnlyWhenAsked",
            store -> bending(
                    store,
                    (to, unit) -> mapClaims(
                            unit,
                            write -> write instanceof Commit.Change change
                                    ? Mutations.with(
                                            change, change.expected(), change.guard(), Commit.StateClock.RESTART)
                                    : write))),
    CUTS_LABELS(
            "longestTextsAreKeptWhole",
            store -> bending(store, (to, unit) -> mapClaims(unit, Mutations::withShortLabels))),
    KEEPS_TIMES_ON_RENAME(
            "renamedClaimBeginsItsHoldingsAnew",
            store -> telling(store, claim -> {
                List<Holding> holdings = claim.holdings().stream()
                        .map(held -> new Holding(
                                held.part(), held.role(), held.resource(), claim.createdAt(), held.confirmed()))
                        .toList();
                return MutantStores.copy(claim, claim.leaseUntil(), holdings);
            })),
    KEEPS_MILLISECONDS(
            "instantsKeepTheirMicroseconds",
            store -> telling(
                    store,
                    claim -> MutantStores.copy(
                            claim,
                            claim.leaseUntil().map(until -> until.truncatedTo(ChronoUnit.MILLIS)),
                            claim.holdings()))),
    READS_FROM_A_CACHE("readSeesEveryCommitThatReturned", MutantStores::readingFromACache),
    READS_ROW_BY_ROW("readIsOfOneInstant", MutantStores::readingRowByRow),
    CLOCK_GOES_BACK("clockNeverGoesBack", MutantStores::goingBack),
    PAGES_BEGIN_WITH_THE_LAST("claimsComeInTheOrderOfTheirIds", MutantPages::inclusive),
    PAGES_ARE_ONE_SHORT("shortPageIsTheLast", MutantPages::oneShort),
    PAGES_BEGIN_ANEW_AFTER_A_GONE_KEY("pageMayBeginAfterWhatIsGone", MutantPages::byExactKey),
    IDS_ARE_SIGNED("claimsComeInTheOrderOfTheirIds", MutantPages::signedIds),
    TEXT_IN_UTF16_ORDER("supplementaryCharactersComeLast", MutantPages::utf16Order),
    PREFIX_IS_A_PATTERN("prefixIsExact", MutantPages::likePrefix),
    RESULTS_ARE_MUTABLE("resultsAreImmutable", MutantPages::mutable),
    FORGETS_RENAMES("renameIsRemembered", MutantPages::forgettingRenames),
    TOMBSTONES_OF_EVERY_HOME("tombstonesAreFilteredByHome", MutantPages::anyHome),
    PRUNES_WITHOUT_LIMIT("pruneKeepsItsLimit", MutantPages::pruningAll),
    HINT_REMEMBERS_EXHAUSTION("exhaustionIsReadAnew", MutantPages::rememberingExhaustion),
    HINTS_EXCLUDED_POSITIONS("excludedPositionsAreNeverHinted", MutantPages::hintingExcluded),
    HINT_IGNORES_EXCEPTIONS("exceptedResourcesAreNotHinted", MutantPages::ignoringExceptions),
    SETTLES_BLINDLY("settlingByAnOldViewChangesNothing", MutantPages::settlingBlindly),
    CLOSED_MEANS_EMPTY("closedStoreFailsEveryCall", MutantPages::emptyWhenClosed);

    private final String law;
    /** No constant's function keeps anything. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final UnaryOperator<LedgerStore> breaking;

    Mutant(String law, UnaryOperator<LedgerStore> breaking) {
        this.law = law;
        this.breaking = breaking;
    }

    /** The law that must catch it, though others may as well. */
    String law() {
        return law;
    }

    LedgerStore of(LedgerStore sound) {
        return breaking.apply(sound);
    }

    private static LedgerStore collating(LedgerStore store, UnaryOperator<String> key) {
        return committing(store, (to, unit) -> collision(to, unit, key).orElseGet(() -> StoreLaws.commit(to, unit)));
    }
}
