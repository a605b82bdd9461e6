package dev.berth.torture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.torture.check.Violation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The harness finds a store that is broken on purpose: without that, its silence about others says nothing. */
class FlawTest {
    @TempDir
    Path directory;

    /** L5: releases by old tokens succeed. */
    @Test
    void aStoreThatIgnoresTokensIsFound() throws Exception {
        assertThat(found(Flaw.IGNORES_TOKENS)).contains(Violation.Kind.OLD_TOKEN_TAKEN);
    }

    /** L1: what was acknowledged was never written, and others get it. */
    @Test
    void aStoreThatDropsWhatItAcknowledgesIsFound() throws Exception {
        assertThat(found(Flaw.DROPS_COMMITS)).contains(Violation.Kind.LOST, Violation.Kind.HELD_TWICE);
    }

    private Set<Violation.Kind> found(Flaw flaw) throws Exception {
        long seed = System.nanoTime();
        System.out.println("torture of a store that " + flaw + ", seed " + seed);
        try (Arena arena = Arena.of("sqlite", directory)) {
            Plan plan = Plan.of(Duration.ofSeconds(4), seed).with(flaw);
            return Torture.run(plan, arena, directory).violations().stream()
                    .map(Violation::kind)
                    .collect(Collectors.toSet());
        }
    }
}
