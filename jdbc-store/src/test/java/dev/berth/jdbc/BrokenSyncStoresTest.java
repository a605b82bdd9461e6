package dev.berth.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import dev.berth.testkit.SyncFixture;
import dev.berth.testkit.SyncStoreContract;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** The contract of a sync's store can fail: every broken store is caught, by the law that it breaks. */
class BrokenSyncStoresTest {
    /** What the next run of the suite is to break; set and read on the thread that runs it. */
    private static final ThreadLocal<Optional<BrokenSyncStore>> BROKEN = ThreadLocal.withInitial(Optional::empty);

    @ParameterizedTest
    @EnumSource
    void brokenStoreIsCaughtByItsLaw(BrokenSyncStore broken) {
        Set<String> failed = failedLaws(Optional.of(broken));

        assertThat(failed).contains(broken.law());
    }

    @Test
    void soundStoreIsNotCaught() {
        assertThat(failedLaws(Optional.empty())).isEmpty();
    }

    /** Runs the law that a store breaks, all of them for a sound one; gives those that failed. */
    private static Set<String> failedLaws(Optional<BrokenSyncStore> broken) {
        PostDiscoveryFilter chosen = law -> FilterResult.includedIf(broken.isEmpty()
                || law.isContainer()
                || name(law.getSource()).equals(broken.map(BrokenSyncStore::law)));
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(Subject.class))
                .filters(EngineFilter.includeEngines("junit-jupiter"), chosen)
                .build();
        var summary = new SummaryGeneratingListener();
        BROKEN.set(broken);
        try {
            LauncherFactory.create().execute(request, summary);
        } finally {
            BROKEN.remove();
        }
        assertThat(summary.getSummary().getTestsStartedCount()).isGreaterThanOrEqualTo(broken.isPresent() ? 1 : 80);
        Set<String> failed = new TreeSet<>();
        summary.getSummary()
                .getFailures()
                .forEach(failure -> failed.add(name(failure.getTestIdentifier().getSource())
                        .orElse(failure.getTestIdentifier().getDisplayName())));
        return failed;
    }

    private static Optional<String> name(Optional<TestSource> source) {
        return source.filter(MethodSource.class::isInstance).map(one -> ((MethodSource) one).getMethodName());
    }

    /** The suite's subject. Not a test by itself: only this class's runs select it. */
    static class Subject extends SyncStoreContract {
        @TempDir
        Path directory;

        @Override
        protected SyncFixture open() throws SQLException {
            Optional<BrokenSyncStore> broken = BROKEN.get();
            return SyncLawFixture.of(
                    Engine.SQLITE,
                    directory,
                    sound -> broken.map(one -> one.of(sound)).orElse(sound));
        }
    }
}
