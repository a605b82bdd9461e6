package dev.berth.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A listing tells three things of an instance, and the third is that it does not know. */
class InventoryTest {
    private static final Scope NODE = Scope.of("node-1");
    private static final Coverage PROVEN = Coverage.complete("the beacon was seen");

    private static Instance instance(String id) {
        return Instance.of(id, "name-of-" + id, InstanceState.RUNNING, Map.of());
    }

    private static Inventory listing(Coverage coverage, Instance... instances) {
        return new Inventory(NODE, coverage, List.of(instances));
    }

    @Test
    void listedInstanceIsPresentWhateverTheCoverage() {
        for (Coverage coverage : List.of(PROVEN, Coverage.complete(), Coverage.partial("a"), Coverage.none("b"))) {
            assertThat(listing(coverage, instance("1")).sight("1")).isEqualTo(new Sighting.Present(instance("1")));
        }
    }

    @Test
    void unlistedInstanceIsAbsentOnlyWhereAllIsListed() {
        assertThat(listing(Coverage.complete(), instance("1")).sight("2")).isInstanceOf(Sighting.Absent.class);
        assertThat(listing(Coverage.partial("node-2 is down"), instance("1")).sight("2"))
                .isInstanceOfSatisfying(
                        Sighting.Unknown.class,
                        unknown -> assertThat(unknown.reason()).contains("node-2 is down"));
        assertThat(Inventory.unknown(NODE, "no answer").sight("2")).isInstanceOf(Sighting.Unknown.class);
    }

    @Test
    void emptyListingNeedsAProof() {
        assertThat(listing(Coverage.complete()).sight("1")).isInstanceOf(Sighting.Unknown.class);
        assertThat(listing(Coverage.complete()).gap()).isPresent();
        assertThat(listing(PROVEN).sight("1")).isInstanceOf(Sighting.Absent.class);
        assertThat(listing(PROVEN).gap()).isEmpty();
    }

    /** L3: who does not see all ports cannot tell a free one, but sees all instances. */
    @Test
    void listingThatLacksPortsTellsInstancesAndNoFreePort() {
        Inventory whole = listing(PROVEN, instance("1"));
        Inventory lacking = whole.lackingPorts("those of name-of-1 are not known");

        assertThat(whole.portGap()).isEmpty();
        assertThat(lacking.portGap().orElseThrow()).contains("name-of-1");
        assertThat(lacking.gap()).isEmpty();
        assertThat(lacking.sight("1")).isInstanceOf(Sighting.Present.class);
        assertThat(lacking.sight("2")).isInstanceOf(Sighting.Absent.class);
        assertThat(lacking).isNotEqualTo(whole);
        assertThat(listing(PROVEN, instance("2")).and(lacking).portGap()).isPresent();
        assertThat(listing(Coverage.partial("half")).portGap()).isPresent();
    }

    @Test
    void nameOrBeginningOfAnIdIsNoMatch() {
        Inventory listing = listing(PROVEN, instance("abcdef"));

        assertThat(listing.sight("abc")).isInstanceOf(Sighting.Absent.class);
        assertThat(listing.sight("name-of-abcdef")).isInstanceOf(Sighting.Absent.class);
    }

    @Test
    void listingThatContradictsItselfProvesNothing() {
        Inventory listing = listing(PROVEN, instance("1"), instance("1"));

        assertThat(listing.instances()).hasSize(1);
        assertThat(listing.coverage().isComplete()).isFalse();
        assertThat(listing.sight("2")).isInstanceOf(Sighting.Unknown.class);
    }

    @Test
    void partsAreTakenTogetherUnderTheLesserCoverage() {
        Inventory both = listing(PROVEN, instance("1")).and(listing(Coverage.partial("half"), instance("2")));

        assertThat(both.instances()).extracting(Instance::id).containsExactly("1", "2");
        assertThat(both.sight("3")).isInstanceOf(Sighting.Unknown.class);
        assertThatExceptionOfType(InvalidInputException.class)
                .isThrownBy(() -> both.and(Inventory.unknown(Scope.of("node-2"), "elsewhere")));
    }

    @Test
    void emptyPartWithoutProofIsNotHiddenByAFullOne() {
        Inventory full = listing(PROVEN, instance("1"));
        Inventory empty = listing(Coverage.complete());

        assertThat(full.and(empty).sight("2")).isInstanceOf(Sighting.Unknown.class);
        assertThat(empty.and(full).sight("2")).isInstanceOf(Sighting.Unknown.class);
    }
}
