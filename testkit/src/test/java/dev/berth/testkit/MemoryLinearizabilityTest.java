package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.berth.ledger.Commit;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.MemoryLedgerStore;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Token;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Every outcome of operations at once is the outcome of some order of them, on the store in memory. */
class MemoryLinearizabilityTest {
    private static StressOptions stress() {
        return new StressOptions().threads(3).actorsPerThread(3).actorsBefore(1).actorsAfter(1);
    }

    @Test
    @DisplayName("The store in memory is linearizable")
    void memoryStoreIsLinearizable() {
        stress().iterations(15).invocationsPerIteration(300).check(Sound.class);
    }

    @Test
    @Tag("deep")
    @DisplayName("The store in memory is linearizable, looked at for longer")
    void memoryStoreIsLinearizableForLong() {
        stress().iterations(200).invocationsPerIteration(5_000).check(Sound.class);
    }

    @Test
    @DisplayName("A store that looks first and writes later is found not to be")
    @Tag("slow")
    void checkingBeforeActingIsCaught() {
        assertThatExceptionOfType(LincheckAssertionError.class)
                .isThrownBy(() -> stress().iterations(50)
                        .invocationsPerIteration(300)
                        .minimizeFailedScenario(false)
                        .check(CheckThenAct.class));
    }

    /** Two owners, two resources, and words for what became of them. */
    public abstract static class Subject {
        private final LedgerStore store;

        Subject(LedgerStore store) {
            this.store = store;
        }

        static LedgerStore memory() {
            return new MemoryLedgerStore(ManualClock.at(Instant.EPOCH), new UUID(1, 1));
        }

        /** Claims a resource for an owner that holds none. */
        @Operation
        public String claim(
                @Param(gen = IntGen.class, conf = "1:2") int owner, @Param(gen = IntGen.class, conf = "1:2") int port) {
            var form = NewClaim.by(StoreLaws.owner(owner)).id(new UUID(owner, owner));
            form.taking("p", "p", StoreLaws.port(port), true);
            return word(store, Commit.of(form.write()));
        }

        /** Releases what an owner holds, by the one token that its claim can have. */
        @Operation
        public String release(@Param(gen = IntGen.class, conf = "1:2") int owner) {
            var only = new Token(new UUID(owner, owner), 1);
            return word(store, Commit.of(StoreLaws.release(only)));
        }

        /** Counts what an owner holds. */
        @Operation
        public int held(@Param(gen = IntGen.class, conf = "1:2") int owner) {
            return store.find(StoreLaws.owner(owner))
                    .map(seen -> seen.claim().holdings().size())
                    .orElse(0);
        }

        /** Tells who holds both resources, at one instant. */
        @Operation
        public String holders() {
            var occupants = store.occupants(List.of(StoreLaws.port(1), StoreLaws.port(2)));
            return name(Optional.ofNullable(occupants.get(StoreLaws.port(1))))
                    + " and "
                    + name(Optional.ofNullable(occupants.get(StoreLaws.port(2))));
        }

        /** Puts a record where none is. */
        @Operation
        public String record(@Param(gen = IntGen.class, conf = "1:2") int number) {
            return word(store, StoreLaws.unit(StoreLaws.put("turn-" + number, 0, "taken")));
        }

        private static String word(LedgerStore store, Commit unit) {
            return store.commit(List.of(unit)).get(0).getClass().getSimpleName();
        }

        private static String name(Optional<Occupant> occupant) {
            return occupant.map(on -> ((Occupant.Holder) on).owner().name()).orElse("nobody");
        }
    }

    /** The store as it is. */
    public static final class Sound extends Subject {
        /** For Lincheck. */
        public Sound() {
            super(memory());
        }
    }

    /** One that looks first and writes later. */
    public static final class CheckThenAct extends Subject {
        /** For Lincheck. */
        public CheckThenAct() {
            super(Mutant.CHECKS_THEN_ACTS.of(memory()));
        }
    }
}
