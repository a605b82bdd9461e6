package dev.berth.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A hint that may forget, but never takes one owner for another. */
class KnownOwnersTest {
    private final KnownOwners known = new KnownOwners();

    private static Owner owner(int number) {
        return Owner.of("t", "app" + number);
    }

    @Test
    void whoIsAddedIsKnownUntilRemoved() {
        known.add(owner(1));
        assertThat(known.contains(owner(1))).isTrue();
        assertThat(known.contains(owner(2))).isFalse();
        known.remove(owner(2));
        assertThat(known.contains(owner(1))).isTrue();
        known.remove(owner(1));
        assertThat(known.contains(owner(1))).isFalse();
    }

    @Test
    void ownersThatShareASlotAreNeverMistakenForEachOther() {
        List<Owner> all = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            all.add(owner(i));
            known.add(owner(i));
            assertThat(known.contains(owner(i))).isTrue();
        }
        assertThat(all.stream().filter(known::contains).count()).isBetween(1_000L, 4_096L);
        all.forEach(known::remove);
        assertThat(all).noneMatch(known::contains);
    }
}
