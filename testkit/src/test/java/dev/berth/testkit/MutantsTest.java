package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.MemoryLedgerStore;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** The suite can fail: every broken store is caught, by the law that it breaks. */
@Tag("slow")
class MutantsTest {
    /** What the next run of the suite is to break; set and read on the thread that runs it. */
    private static final ThreadLocal<Optional<Mutant>> BROKEN = ThreadLocal.withInitial(Optional::empty);

    @ParameterizedTest
    @EnumSource(Mutant.class)
    @DisplayName("Every broken store is caught by the law that it breaks")
    void mutantIsCaughtByItsLaw(Mutant mutant) {
        Set<String> failed = failedLaws(Optional.of(mutant));

        System.out.println(mutant + " is caught by " + failed.size() + " laws, among them " + mutant.law());
        assertThat(failed).contains(mutant.law());
    }

    @Test
    @DisplayName("The same suite, run the same way, passes for the sound store")
    void soundStoreIsNotCaught() {
        assertThat(failedLaws(Optional.empty())).isEmpty();
    }

    private static Set<String> failedLaws(Optional<Mutant> mutant) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(MutatedStore.class))
                .filters(EngineFilter.includeEngines("junit-jupiter"))
                .build();
        var summary = new SummaryGeneratingListener();
        BROKEN.set(mutant);
        try {
            LauncherFactory.create().execute(request, summary);
        } finally {
            BROKEN.remove();
        }
        assertThat(summary.getSummary().getTestsStartedCount()).isGreaterThan(150);
        Set<String> failed = new TreeSet<>();
        summary.getSummary()
                .getFailures()
                .forEach(failure -> failed.add(failure.getTestIdentifier()
                        .getSource()
                        .filter(MethodSource.class::isInstance)
                        .map(source -> ((MethodSource) source).getMethodName())
                        .orElse(failure.getTestIdentifier().getDisplayName())));
        return failed;
    }

    /** The suite's subject. Not a test by itself: only this class's runs select it. */
    static class MutatedStore extends LedgerStoreContract {
        @Override
        protected StoreFixture open() {
            ManualClock clock = ManualClock.at(Instant.parse("2026-01-01T00:00:00.123456789Z"));
            LedgerStore sound = new MemoryLedgerStore(clock, UUID.randomUUID());
            LedgerStore store = BROKEN.get().map(mutant -> mutant.of(sound)).orElse(sound);
            StoreFixture whole = StoreFixture.of(store, clock);
            return new StoreFixture() {
                @Override
                public LedgerStore store() {
                    return whole.store();
                }

                @Override
                public Optional<ManualClock> clock() {
                    return whole.clock();
                }

                @Override
                public int rounds() {
                    return 20;
                }
            };
        }
    }
}
