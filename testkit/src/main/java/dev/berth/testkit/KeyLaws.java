package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.Commit;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import dev.berth.ledger.Snapshot;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * Keys. MariaDB's default collation keeps one row of {@code App}, {@code app}, {@code 'app '}, {@code äpp} and {@code
 * APP}; {@code utf8mb4_bin} still ignores the trailing space.
 */
abstract class KeyLaws extends StoreLaws {
    /** Each differs from every other by its bytes, and each equals another under some collation, padding or folding. */
    static final List<String> ALIKE = List.of(
            "app",
            "App",
            "APP",
            "app ",
            " app",
            "app  ",
            "\u00e4pp", // a umlaut, composed
            "a\u0308pp", // and decomposed
            "\u00c4PP",
            "stra\u00dfe",
            "strasse",
            "STRASSE",
            "\u0130", // Turkish dotted capital i
            "I",
            "i",
            "\u0131",
            "\ufb01", // the ligature fi
            "fi",
            "\uff41pp", // full-width a
            "\u212b", // the Angstrom sign
            "\u00c5",
            "caf\u00e9",
            "cafe",
            "\ud83d\ude00", // two emoji that old collations hold equal
            "\ud83d\ude01",
            "?",
            "??",
            "e\u200bx", // zero-width space
            "ex",
            "01",
            "1",
            "1.0",
            "a%",
            "a_",
            "a\\",
            "a'",
            "a''",
            "a\"",
            "null",
            "\ue000",
            "\uffff",
            "\ud800\udc00");

    KeyLaws(LedgerStoreContract contract) {
        super(contract);
    }

    private static String longest(int bytes, char last) {
        return "k".repeat(bytes - 1) + last;
    }

    @Test
    @DisplayName("Values are compared byte for byte: case, accents, spaces, width, emoji and normal forms count (7).")
    void valuesAreComparedByteForByte() {
        for (int i = 0; i < ALIKE.size(); i++) {
            made(NewClaim.by(owner(i)).taking(text(ALIKE.get(i))));
        }
        for (int i = 0; i < ALIKE.size(); i++) {
            assertThat(holder(text(ALIKE.get(i))).owner()).isEqualTo(owner(i));
            assertThat(claim(owner(i)).value("part-0")).isEqualTo(ALIKE.get(i));
        }
        assertThat(store.occupants("text", NODE, "", Optional.empty(), 1_000)).hasSize(ALIKE.size());
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("Owners' names and tenants are compared byte for byte (3, 7).")
    void ownersAreComparedByteForByte() {
        for (int i = 0; i < ALIKE.size(); i++) {
            made(NewClaim.by(Owner.of("lab", ALIKE.get(i))).taking(port(1 + i)));
            made(NewClaim.by(Owner.of(ALIKE.get(i), "web")).taking(port(1_001 + i)));
        }
        for (int i = 0; i < ALIKE.size(); i++) {
            assertThat(claim(Owner.of("lab", ALIKE.get(i))).value("part-0")).isEqualTo(Integer.toString(1 + i));
            assertThat(claim(Owner.of(ALIKE.get(i), "web")).value("part-0")).isEqualTo(Integer.toString(1_001 + i));
            assertThat(store.claims(ClaimQuery.all().tenant(ALIKE.get(i)), Optional.empty(), 100))
                    .hasSize(1);
        }
    }

    @Test
    @DisplayName("Kinds and scopes are compared byte for byte.")
    void kindsAndScopesAreComparedByteForByte() {
        for (int i = 0; i < ALIKE.size(); i++) {
            made(NewClaim.by(owner(i))
                    .taking(
                            Resource.stored(ALIKE.get(i), NODE, "web"),
                            Resource.stored("text", Scope.of(ALIKE.get(i)), "web")));
        }
        for (int i = 0; i < ALIKE.size(); i++) {
            var ofKind = store.occupants(ALIKE.get(i), NODE, "", Optional.empty(), 10);
            var ofScope = store.occupants("text", Scope.of(ALIKE.get(i)), "", Optional.empty(), 10);
            assertThat(ofKind)
                    .extracting(occupant -> token(occupant))
                    .containsExactly(claim(owner(i)).token());
            assertThat(ofScope)
                    .extracting(occupant -> token(occupant))
                    .containsExactly(claim(owner(i)).token());
        }
    }

    @Test
    @DisplayName("Records' names are compared byte for byte, and values kept byte for byte.")
    void recordsAreKeptByteForByte() {
        for (String name : ALIKE) {
            done(unit(put(name, 0, "value of " + name)));
        }
        for (String name : ALIKE) {
            assertThat(record(name).name()).isEqualTo(name);
            assertThat(record(name).value()).isEqualTo("value of " + name);
        }
        assertThat(store.records("", Optional.empty(), 1_000)).hasSize(ALIKE.size());
    }

    @Test
    @DisplayName("Parts, roles and labels are kept byte for byte, and are apart where their bytes are.")
    void partsRolesAndLabelsAreKeptByteForByte() {
        NewClaim form = NewClaim.by(ANNA);
        for (int i = 0; i < ALIKE.size(); i++) {
            form.taking(ALIKE.get(i), "r", port(1 + i), true).taking("p", ALIKE.get(i), port(1_001 + i), true);
            form.label(ALIKE.get(i), ALIKE.get(ALIKE.size() - 1 - i));
        }
        Claim claim = made(form);

        assertThat(claim.labels()).hasSize(ALIKE.size());
        for (int i = 0; i < ALIKE.size(); i++) {
            assertThat(claim.part(ALIKE.get(i))).containsEntry("r", port(1 + i));
            assertThat(claim.part("p")).containsEntry(ALIKE.get(i), port(1_001 + i));
            assertThat(claim.labels()).containsEntry(ALIKE.get(i), ALIKE.get(ALIKE.size() - 1 - i));
        }
        Claim confirmed = changed(ChangedClaim.of(claim).label("app", "other"));
        assertThat(confirmed.labels())
                .containsEntry("App", claim.labels().get("App"))
                .containsEntry("app", "other");
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("The longest of every text is kept whole, and two that differ in the last byte only are two (8).")
    void longestTextsAreKeptWhole() {
        for (char last : new char[] {'a', 'b'}) {
            Owner owner = Owner.of(longest(128, last), longest(512, last));
            Resource resource = Resource.stored(longest(64, last), Scope.of(longest(255, last)), longest(1_024, last));
            Claim claim = made(NewClaim.by(owner)
                    .taking(longest(64, last), longest(64, last), resource, true)
                    .pending(Scope.of(longest(255, last)), longest(64, last), LONG)
                    .label(longest(128, last), longest(1_024, last)));

            assertThat(claim.owner()).isEqualTo(owner);
            assertThat(claim.home()).contains(Scope.of(longest(255, last)));
            assertThat(claim.attempt().orElseThrow().nonce()).isEqualTo(longest(64, last));
            assertThat(claim.part(longest(64, last))).containsEntry(longest(64, last), resource);
            assertThat(claim.labels()).containsEntry(longest(128, last), longest(1_024, last));
            assertThat(holder(resource).token()).isEqualTo(claim.token());
            assertThat(store.occupants(resource.kind(), resource.scope(), longest(1_024, last), Optional.empty(), 5))
                    .containsExactly(holder(resource));
        }
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("Values of one scope that differ in the 1,024th byte only are two, in plain letters and in emoji.")
    void valuesThatDifferInTheLastByteAreTwo() {
        String emoji = "\ud83d\ude00".repeat(255);
        List<String> values = List.of(
                longest(1_024, 'a'),
                longest(1_024, 'b'),
                longest(1_023, 'a'),
                emoji + "\ud83d\ude00",
                emoji + "\ud83d\ude01",
                emoji);
        for (int i = 0; i < values.size(); i++) {
            made(NewClaim.by(owner(i)).taking(text(values.get(i))));
        }
        for (int i = 0; i < values.size(); i++) {
            assertThat(holder(text(values.get(i))).owner()).isEqualTo(owner(i));
            assertThat(holder(text(values.get(i))).resource().value()).isEqualTo(values.get(i));
        }
        LedgerInvariants.check(store);
    }

    @Test
    @DisplayName("A claim carries 64 labels of the greatest length.")
    void mostLabelsAreKept() {
        NewClaim form = NewClaim.by(ANNA);
        var wanted = new TreeMap<String, String>();
        for (int i = 0; i < 64; i++) {
            String key = String.format("%02d", i) + "\u00fc".repeat(63);
            String value = String.format("%02d", i) + "v".repeat(1_022);
            wanted.put(key, value);
            form.label(key, value);
        }

        assertThat(made(form).labels()).isEqualTo(wanted);
    }

    @Test
    @DisplayName(
            "A record's name may have 512 bytes and its value 65,535, whatever the characters; a value may be empty.")
    void longestRecordsAreKeptWhole() {
        String plain = "v".repeat(65_535);
        String emoji = "\ud83d\ude00".repeat(16_383) + "abc";
        done(unit(put(longest(512, 'a'), 0, plain), put(longest(512, 'b'), 0, emoji), put("empty", 0, "")));

        assertThat(record(longest(512, 'a')).value()).isEqualTo(plain);
        assertThat(record(longest(512, 'b')).value()).isEqualTo(emoji);
        assertThat(record("empty").value()).isEmpty();
    }

    @Test
    @DisplayName("A block and a claim meet on one key, whatever its characters.")
    void blockAndClaimMeetOnOneKey() {
        for (String value : ALIKE) {
            done(unit(new Commit.PutBlock(text(value), decline(LONG))));
            refused(NewClaim.by(ANNA).taking(text(value)).write());
        }
        assertThat(store.occupants("text", NODE, "", Optional.empty(), 1_000))
                .allMatch(Occupant.Block.class::isInstance)
                .hasSize(ALIKE.size());
        assertThat(store.find(ANNA).map(Snapshot::claim)).isEmpty();
    }
}
