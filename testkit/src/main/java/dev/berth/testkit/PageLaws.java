package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimQuery;
import dev.berth.ledger.Commit;
import dev.berth.ledger.LedgerRecord;
import dev.berth.ledger.LedgerStore;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Snapshot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Reads, by page. */
abstract class PageLaws extends StoreLaws {
    /** As databases order binary keys: characters beyond U+FFFF come after U+E000 to U+FFFF, not before. */
    static final Comparator<String> BYTES =
            (a, b) -> Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));

    PageLaws(LedgerStoreContract contract) {
        super(contract);
    }

    private List<String> occupantValues(String prefix, int page) {
        return Pages.all(
                page,
                last -> store.occupants("text", NODE, prefix, last, page).stream()
                        .map(occupant -> occupant.resource().value())
                        .toList());
    }

    private List<String> recordNames(String prefix, int page) {
        return Pages.all(
                page,
                last -> store.records(prefix, last, page).stream()
                        .map(LedgerRecord::name)
                        .toList());
    }

    private static List<UUID> claimIds(LedgerStore store, ClaimQuery query, int page) {
        return Pages.all(
                page,
                last -> store.claims(query, last, page).stream()
                        .map(snapshot -> snapshot.claim().id())
                        .toList());
    }

    @Test
    @DisplayName("Occupants come in the order of their values' UTF-8 bytes, in pages of any size.")
    void occupantsComeInByteOrder() {
        KeyLaws.ALIKE.forEach(value -> done(unit(new Commit.PutBlock(text(value), decline(LONG)))));
        List<String> wanted = KeyLaws.ALIKE.stream().sorted(BYTES).toList();

        for (int page : new int[] {1, 2, 7, wanted.size(), LedgerStore.PAGE_LIMIT}) {
            assertThat(occupantValues("", page)).isEqualTo(wanted);
        }
    }

    @Test
    @DisplayName("Records come in the order of their names' UTF-8 bytes, in pages of any size.")
    void recordsComeInByteOrder() {
        KeyLaws.ALIKE.forEach(name -> done(unit(put(name, 0, "v"))));
        List<String> wanted = KeyLaws.ALIKE.stream().sorted(BYTES).toList();

        for (int page : new int[] {1, 2, 7, wanted.size(), LedgerStore.PAGE_LIMIT}) {
            assertThat(recordNames("", page)).isEqualTo(wanted);
        }
    }

    @Test
    @DisplayName("A character beyond U+FFFF comes after U+E000 to U+FFFF, as its bytes do.")
    void supplementaryCharactersComeLast() {
        List<String> wanted = List.of("x~", "x\u0800", "x\ud7ff", "x\ue000", "x\uffff", "x\ud800\udc00");
        for (int i = wanted.size() - 1; i >= 0; i--) {
            done(unit(new Commit.PutBlock(text(wanted.get(i)), decline(LONG))));
            done(unit(put(wanted.get(i), 0, "v")));
        }

        assertThat(occupantValues("x", 2)).isEqualTo(wanted);
        assertThat(recordNames("x", 2)).isEqualTo(wanted);
        assertThat(occupantValues("", 1)).isEqualTo(wanted);
    }

    @Test
    @DisplayName("A prefix is a prefix byte for byte: no wildcard, no folding, itself included (12).")
    void prefixIsExact() {
        List<String> values = List.of(
                "a",
                "a%",
                "a%b",
                "a_",
                "a_b",
                "ab",
                "a\\",
                "a\\%",
                "A%",
                "aa",
                "b",
                "a*",
                "a?",
                "a[b]",
                "\ud83d\ude00",
                "\ud83d\ude01",
                "\uffff\uffff",
                "\uffff",
                "a\ud83d\ude00");
        values.forEach(value -> done(unit(new Commit.PutBlock(text(value), decline(LONG)))));
        values.forEach(value -> done(unit(put(value, 0, "v"))));

        for (String prefix :
                List.of("", "a", "a%", "a_", "a\\", "A", "a*", "a?", "a[", "\uffff", "\ud83d\ude00", "z")) {
            List<String> wanted = values.stream()
                    .filter(value -> value.startsWith(prefix))
                    .sorted(BYTES)
                    .toList();
            for (int page : new int[] {1, 3, 100}) {
                assertThat(occupantValues(prefix, page)).as(prefix).isEqualTo(wanted);
                assertThat(recordNames(prefix, page)).as(prefix).isEqualTo(wanted);
            }
        }
    }

    @Test
    @DisplayName(
            "A page is shorter than its limit only if it is the last: what has run out in between does not shorten it.")
    void shortPageIsTheLast() {
        for (int i = 0; i < 20; i++) {
            done(unit(new Commit.PutBlock(text(String.format("v%02d", i)), decline(i % 3 == 0 ? LONG : tick()))));
            done(unit(i % 3 == 0 ? put(String.format("v%02d", i), 0, "v") : put("v" + i, 0, "v", tick())));
        }
        pass();

        assertThat(occupantValues("v", 2)).containsExactly("v00", "v03", "v06", "v09", "v12", "v15", "v18");
        assertThat(recordNames("v", 2)).containsExactly("v00", "v03", "v06", "v09", "v12", "v15", "v18");
    }

    @Test
    @DisplayName("Claims come in the order of their ids' bytes, in pages of any size.")
    void claimsComeInTheOrderOfTheirIds() {
        List<UUID> wanted = new ArrayList<>(List.of(
                new UUID(0x0000000000007000L, 0x8000000000000001L),
                new UUID(0x0000000000007000L, 0x9000000000000001L),
                new UUID(0x018f000000007000L, 0x8000000000000001L),
                new UUID(0x7fffffffffff7fffL, 0xbfffffffffffffffL),
                new UUID(0x8000000000007000L, 0x8000000000000000L),
                new UUID(0xffffffffffff7fffL, 0x8000000000000000L),
                new UUID(0xffffffffffff7fffL, 0xbfffffffffffffffL)));
        for (int i = wanted.size() - 1; i >= 0; i--) {
            made(NewClaim.by(owner(i)).id(wanted.get(i)).taking(port(1 + i), port(101 + i)));
        }

        for (int page : new int[] {1, 2, 3, wanted.size(), LedgerStore.PAGE_LIMIT}) {
            assertThat(claimIds(store, ClaimQuery.all(), page)).isEqualTo(wanted);
        }
        assertThat(store.claims(ClaimQuery.all(), Optional.of(wanted.get(6)), 10))
                .isEmpty();
    }

    @Test
    @DisplayName("A page counts what the query wants, not what it looks at.")
    void pageCountsWhatIsWanted() {
        for (int i = 0; i < 30; i++) {
            made(NewClaim.by(owner(i)).taking(port(1 + i)).label("mod", Integer.toString(i % 3)));
        }

        ClaimQuery query = ClaimQuery.all().label("mod", "0");
        assertThat(claimIds(store, query, 4)).hasSize(10);
        assertThat(store.claims(query, Optional.empty(), 4)).hasSize(4);
    }

    @Test
    @DisplayName("A page may begin after a key that is gone, or never was.")
    void pageMayBeginAfterWhatIsGone() {
        done(unit(put("a", 0, "v"), put("c", 0, "v")));
        done(unit(new Commit.PutBlock(text("a"), decline(LONG)), new Commit.PutBlock(text("c"), decline(LONG))));
        made(NewClaim.by(CLEO).id(new UUID(1, 1)));
        Claim low = made(NewClaim.by(ANNA).id(new UUID(1, 2)));
        Claim high = made(NewClaim.by(BERT).id(new UUID(1, 9)));
        done(release(low));

        assertThat(store.records("", Optional.of("b"), 10)).containsExactly(record("c"));
        assertThat(store.occupants("text", NODE, "", Optional.of("b"), 10)).containsExactly(block(text("c")));
        assertThat(store.claims(ClaimQuery.all(), Optional.of(low.id()), 10))
                .extracting(Snapshot::claim)
                .containsExactly(high);
        assertThat(store.claims(ClaimQuery.all(), Optional.of(new UUID(1, 5)), 10))
                .hasSize(1);
    }

    @Test
    @DisplayName(
            "A claim that is there all the while is paged exactly once, whatever comes and goes between the pages.")
    void pagingIsStable() throws Exception {
        List<UUID> lasting = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            NewClaim form = NewClaim.by(owner(i)).taking(port(1 + i));
            lasting.add(form.id());
            done(form.write());
        }
        var ended = new AtomicBoolean();
        LedgerStore other = handles(2).get(1);
        var failure = new AtomicReference<@Nullable Throwable>();
        var writer = new Thread(() -> {
            try {
                for (int i = 0; !ended.get(); i++) {
                    comeAndGo(other, owner(1_000 + i % 7), i);
                    Claim changing =
                            other.find(lasting.get(i % 60)).orElseThrow().claim();
                    commit(other, Commit.of(ChangedClaim.of(changing).write()));
                }
            } catch (AssertionError | RuntimeException broken) {
                failure.set(broken);
            }
        });
        writer.start();
        try {
            for (int pass = 0; pass < 10; pass++) {
                List<UUID> paged = claimIds(store, ClaimQuery.all(), 1 + pass);
                assertThat(paged).doesNotHaveDuplicates().containsAll(lasting);
            }
        } finally {
            ended.set(true);
            writer.join();
        }
        assertThat(failure.get()).isNull();
    }

    private static void comeAndGo(LedgerStore other, Owner owner, int turn) {
        commit(other, Commit.of(NewClaim.by(owner).write()));
        Claim seen = other.find(owner).orElseThrow().claim();
        commit(
                other,
                Commit.of(turn % 2 == 0 ? release(seen) : ChangedClaim.of(seen).write()));
        other.find(owner).ifPresent(left -> commit(other, Commit.of(release(left.claim()))));
    }
}
