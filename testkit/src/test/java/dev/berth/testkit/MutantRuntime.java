package dev.berth.testkit;

import dev.berth.runtime.ContainerRuntime;
import java.util.function.BiFunction;

/** Runtimes that break one law each, in ways that careless adapters do, and a law that must catch each. */
enum MutantRuntime {
    STARTS_WHAT_IT_CREATES("createdIsNotStarted", MutantWrites::startingWhatItCreates),
    EVADES_TAKEN_NAMES("takenNameCreatesNothingAndNamesTheHolder", MutantWrites::evadingTakenNames),
    EVADES_LOST_RACES("raceForOneNameHasExactlyOneWinner", MutantWrites::evadingTakenNames),
    KEEPS_THE_HOLDER_TO_ITSELF("takenNameCreatesNothingAndNamesTheHolder", MutantWrites::withholdingTheHolder),
    MARKS_LATER("markIsThereAtFirstSight", MutantReads::markingLater),
    FORGETS_LABELS("createdIsWhatWasAskedFor", MutantWrites::forgettingLabels),
    CALLS_EVERY_REFUSAL_UNKNOWN("rejectedSpecificationCreatesNothing", MutantReads::knowingNoFault),
    LISTS_WHAT_RUNS("listingHasInstancesOfEveryState", MutantReads::listingWhatRuns),
    LISTS_ITS_OWN("listingHasStrangers", MutantReads::listingItsOwn),
    LISTS_ANOTHER_SCOPE("scopeIsConstant", MutantReads::listingAnotherScope),
    LOOKS_BY_NAME("lookByNameIsNoMatch", MutantReads::lookingByName),
    LOOKS_BY_THE_IDS_BEGINNING("lookByPartOfAnIdIsNoMatch", MutantReads::lookingByBeginning),
    REMEMBERS_WHAT_IT_SAW("removedIsAbsent", MutantReads::remembering),
    TELLS_CONFIGURED_PORTS_AS_OPEN("stoppedInstancePublishesNothing", MutantReads::tellingConfiguredPorts),
    TELLS_THE_YEAR_ONE("timesOfStatesMoveOn", MutantReads::tellingTheYearOne),
    MAKES_UP_FINGERPRINTS("fingerprintIsStable", MutantReads::makingUpFingerprints),
    FAILS_TO_START_WHAT_RUNS("startingTwiceIsStartingOnce", MutantWrites::failingToStartWhatRuns),
    FAILS_TO_STOP_WHAT_IS_STOPPED("stoppingTwiceIsStoppingOnce", MutantWrites::failingToStopWhatIsStopped),
    STOPS_FOR_GOOD("stoppedInstanceIsKept", MutantWrites::removingWhatItStops),
    STARTS_BY_NAME("nameIsNoIdForStartStopAndHealth", MutantWrites::startingByName),
    KEEPS_MISSING_INSTANCES_TO_ITSELF("removedInstanceIsMissing", MutantWrites::ignoringMissingInstances),
    CALLS_PORT_CONFLICTS_UNKNOWN("portOfAProcessIsHeld", MutantReads::knowingNoFault),
    STARTS_AGAIN_AFTER_A_PORT_CONFLICT("portOfARunningInstanceIsHeld", MutantWrites::startingAgain),
    REMOVES_WITHOUT_A_LOOK("strangerSurvivesEveryMark", MutantWrites::removingWithoutALook),
    COMPARES_THE_LEDGER_ALONE("anotherClaimIsKept", MutantWrites::comparingTheLedgerAlone),
    COMPARES_ALL_BUT_THE_NONCE("anotherNonceIsKept", MutantWrites::comparingTheLedgerAlone),
    IGNORES_THE_MODE("runningInstanceIsKeptWhereAskedFor", MutantWrites::ignoringTheMode),
    IGNORES_GUARDS("guardedInstanceIsKept", MutantWrites::ignoringGuards),
    ANSWERS_BEFORE_IT_IS_GONE("nameIsFreeOnceItIsRemoved", MutantWrites::answeringBeforeItIsGone),
    FAILS_TO_REMOVE_AGAIN("removalIsSafeToRepeat", MutantWrites::failingToRemoveAgain),
    LOSES_REMOVAL_RACES("removalIsSafeWhenSeveralDoItAtOnce", MutantWrites::losingRemovalRaces),
    REMOVES_BY_MARK("removalTakesOneInstance", MutantWrites::removingByMark),
    REMOVES_BY_NAME("removalGoesByTheFullId", MutantWrites::removingByName),
    TAKES_SILENCE_FOR_ABSENCE("unreachableIsNotAbsent", MutantReads::takingSilenceForAbsence),
    TAKES_SILENCE_FOR_REMOVAL("unreachableRemovalRemovesNothing", MutantWrites::takingSilenceForRemoval),
    TAKES_SILENCE_FOR_REFUSAL("unreachableIsNoRefusal", MutantReads::takingSilenceForRefusal),
    GUESSES_BY_WORDS("strangeExceptionIsUnknown", MutantReads::guessingByWords),
    HANGS_ON("interruptedCallEndsSoon", MutantReads::hangingOn),
    HINTS_SHORT_IDS("hintsNameFullIds", MutantReads::hintingShortIds),
    HINTS_AFTER_THE_END("closedWatchHearsNothing", MutantReads::hintingAfterTheEnd),
    CLOSES_ONCE("closingIsSafeToRepeat", MutantReads::closingOnce),
    STAYS_OPEN("closedClientReachesNothing", MutantReads::stayingOpen),
    STOPS_ALL_WHEN_IT_CLOSES("closingEndsNothingElse", MutantReads::stoppingAllAtItsEnd);

    private final String law;
    /** No constant's function keeps anything. */
    @SuppressWarnings("ImmutableEnumChecker")
    private final BiFunction<ContainerRuntime<FakeSpec>, FakeEngine, ContainerRuntime<FakeSpec>> breaking;

    MutantRuntime(String law, BiFunction<ContainerRuntime<FakeSpec>, FakeEngine, ContainerRuntime<FakeSpec>> breaking) {
        this.law = law;
        this.breaking = breaking;
    }

    /** The law that must catch it, though others may as well. */
    String law() {
        return law;
    }

    ContainerRuntime<FakeSpec> of(ContainerRuntime<FakeSpec> sound, FakeEngine engine) {
        return breaking.apply(sound, engine);
    }
}
