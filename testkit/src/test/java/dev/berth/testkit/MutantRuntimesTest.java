package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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

/** The suite can fail: every broken runtime is caught, by the law that it breaks. */
@Tag("slow")
class MutantRuntimesTest {
    /** What the next run of the suite is to break; set and read on the thread that runs it. */
    private static final ThreadLocal<Optional<MutantRuntime>> BROKEN = ThreadLocal.withInitial(Optional::empty);

    @ParameterizedTest
    @EnumSource(MutantRuntime.class)
    @DisplayName("Every broken runtime is caught by the law that it breaks")
    void mutantIsCaughtByItsLaw(MutantRuntime mutant) {
        Set<String> failed = failedLaws(Optional.of(mutant));

        System.out.println(mutant + " is caught by " + failed.size() + " laws, among them " + mutant.law());
        assertThat(failed).contains(mutant.law());
    }

    @Test
    @DisplayName("The same suite, run the same way, passes for the sound runtime")
    void soundRuntimeIsNotCaught() {
        assertThat(failedLaws(Optional.empty())).isEmpty();
    }

    private static Set<String> failedLaws(Optional<MutantRuntime> mutant) {
        LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectClass(MutatedRuntime.class))
                .filters(EngineFilter.includeEngines("junit-jupiter"))
                .build();
        var summary = new SummaryGeneratingListener();
        BROKEN.set(mutant);
        try {
            LauncherFactory.create().execute(request, summary);
        } finally {
            BROKEN.remove();
        }
        assertThat(summary.getSummary().getTestsStartedCount()).isGreaterThan(60);
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
    static class MutatedRuntime extends ContainerRuntimeContract<FakeSpec> {
        @Override
        protected RuntimeFixture<FakeSpec> open() {
            FakeEngine engine = FakeFixture.engine();
            Optional<MutantRuntime> mutant = BROKEN.get();
            return new FakeFixture(
                    engine, sound -> mutant.map(one -> one.of(sound, engine)).orElse(sound));
        }
    }
}
