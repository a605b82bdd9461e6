package dev.berth.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.berth.InvalidInputException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** Coverages taken together can only shrink (law L3). */
class CoverageTest {
    /** What a coverage says, without the order in which it says it. */
    private record Meaning(Coverage.Level level, Set<String> gaps, boolean proven) {}

    private static Meaning meaning(Coverage coverage) {
        return new Meaning(
                coverage.level(),
                new HashSet<>(coverage.gaps()),
                coverage.proof().isPresent());
    }

    @Provide
    Arbitrary<Coverage> coverages() {
        Arbitrary<List<String>> gaps = Arbitraries.of("node-2 is down", "no right to see vm 7", "page 3 is missing")
                .list()
                .uniqueElements()
                .ofMinSize(1)
                .ofMaxSize(3);
        Arbitrary<Optional<String>> proofs =
                Arbitraries.of("beacon 1", "beacon 2").optional();
        Arbitrary<Coverage> whole = proofs.map(proof -> new Coverage(Coverage.Level.COMPLETE, List.of(), proof));
        Arbitrary<Coverage> lacking = Combinators.combine(
                        Arbitraries.of(Coverage.Level.NONE, Coverage.Level.PARTIAL), gaps, proofs)
                .as(Coverage::new);
        return Arbitraries.oneOf(whole, lacking);
    }

    @Property(tries = 300)
    void orderDoesNotMatter(@ForAll("coverages") Coverage one, @ForAll("coverages") Coverage other) {
        assertThat(meaning(one.and(other))).isEqualTo(meaning(other.and(one)));
    }

    @Property(tries = 1000)
    void groupingDoesNotMatter(
            @ForAll("coverages") Coverage one,
            @ForAll("coverages") Coverage other,
            @ForAll("coverages") Coverage third) {
        assertThat(meaning(one.and(other).and(third))).isEqualTo(meaning(one.and(other.and(third))));
    }

    @Property(tries = 300)
    void twiceIsOnce(@ForAll("coverages") Coverage one, @ForAll("coverages") Coverage other) {
        assertThat(one.and(one)).isEqualTo(one);
        assertThat(meaning(one.and(other).and(other))).isEqualTo(meaning(one.and(other)));
    }

    @Property(tries = 300)
    void nothingGrows(@ForAll("coverages") Coverage one, @ForAll("coverages") Coverage other) {
        Coverage both = one.and(other);

        assertThat(both.level()).isLessThanOrEqualTo(one.level()).isLessThanOrEqualTo(other.level());
        assertThat(both.gaps()).containsAll(one.gaps()).containsAll(other.gaps());
        assertThat(both.isComplete()).isEqualTo(one.isComplete() && other.isComplete());
        assertThat(both.proof().isPresent())
                .isEqualTo(one.proof().isPresent() && other.proof().isPresent());
    }

    @Property(tries = 100)
    void completeWithTheSameProofChangesNothing(@ForAll("coverages") Coverage one) {
        assertThat(meaning(one.and(Coverage.complete("beacon 1")))).isEqualTo(meaning(one));
    }

    @Test
    void gapsMustFitTheLevel() {
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> new Coverage(Coverage.Level.COMPLETE, List.of("a gap"), Optional.empty()));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> new Coverage(Coverage.Level.PARTIAL, List.of(), Optional.empty()));
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> new Coverage(Coverage.Level.NONE, List.of(), Optional.empty()));
    }
}
