package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.LedgerIdentity;
import dev.berth.ledger.LedgerStore;
import java.util.UUID;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Identity. */
abstract class IdentityLaws extends StoreLaws {
    IdentityLaws(LedgerStoreContract contract) {
        super(contract);
    }

    @Test
    @DisplayName("A fresh ledger is where it was made, and stays the same ledger.")
    void freshLedgerIsHome() {
        LedgerIdentity identity = store.identity();

        assertThat(identity.isHome()).isTrue();
        assertThat(store.identity()).isEqualTo(identity);
        done(NewClaim.by(ANNA).taking(port(1)).write());
        assertThat(store.identity()).isEqualTo(identity);
    }

    @Test
    @DisplayName("Two ledgers have two ids.")
    void ledgersHaveTheirOwnIds() throws Exception {
        assertThat(fresh().identity().ledger()).isNotEqualTo(store.identity().ledger());
    }

    @Test
    @DisplayName("Settling under the old id changes nothing at home.")
    void settlingAtHomeKeepsTheId() {
        LedgerIdentity seen = store.identity();

        assertThat(store.settle(seen, seen.ledger())).isEqualTo(seen);
        assertThat(store.identity()).isEqualTo(seen);
    }

    @Test
    @DisplayName("Settling under a new id makes it the ledger's id, here and at home.")
    void settlingUnderANewIdForks() {
        LedgerIdentity seen = store.identity();
        UUID next = UUID.randomUUID();

        LedgerIdentity settled = store.settle(seen, next);

        assertThat(settled).isEqualTo(new LedgerIdentity(next, seen.current(), seen.current()));
        assertThat(store.identity()).isEqualTo(settled);
        assertThat(settled.isHome()).isTrue();
    }

    @Test
    @DisplayName("Settling by an old view changes nothing and answers what is.")
    void settlingByAnOldViewChangesNothing() {
        LedgerIdentity seen = store.identity();
        LedgerIdentity settled = store.settle(seen, UUID.randomUUID());

        assertThat(store.settle(seen, UUID.randomUUID())).isEqualTo(settled);
        assertThat(store.identity()).isEqualTo(settled);
    }

    @Test
    @DisplayName(
            "Another handle on the same data tells the same ledger, and what is settled through one is so for all.")
    void handlesTellOneLedger() {
        LedgerStore other = anotherHandle();
        assertThat(other.identity().ledger()).isEqualTo(store.identity().ledger());

        LedgerIdentity settled = store.settle(store.identity(), UUID.randomUUID());

        assertThat(other.identity().ledger()).isEqualTo(settled.ledger());
        assertThat(other.identity().recorded()).isEqualTo(settled.recorded());
    }

    @Test
    @DisplayName("Settling leaves the ledger's contents alone.")
    void settlingLeavesTheContents() {
        var anna = made(NewClaim.by(ANNA).taking(port(1)));
        store.settle(store.identity(), UUID.randomUUID());

        assertThat(claim(ANNA)).isEqualTo(anna);
        LedgerInvariants.check(store);
    }
}
