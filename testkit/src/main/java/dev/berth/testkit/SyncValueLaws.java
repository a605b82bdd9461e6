package dev.berth.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.sync.Digest;
import dev.berth.sync.RowSum;
import dev.berth.sync.SyncRow;
import dev.berth.sync.ValueType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is written is what is read. */
abstract class SyncValueLaws extends SyncLaws {
    private static final int SUMMED_BITS = 60;

    SyncValueLaws(SyncStoreContract contract) {
        super(contract);
    }

    /** Rows with one value of a type each and NULL elsewhere come back as they were, by an insert and by an update. */
    private void kept(ValueType type, Object... values) {
        int index = TYPES.indexOf(type) + 1;
        List<SyncRow> rows = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            rows.add(row(of(i, index, values[i])));
        }
        does(session -> session.insert(values(), rows));
        check(index, values);

        List<SyncRow> turned = new ArrayList<>();
        List<SyncRow> there = all(values());
        for (int i = 0; i < values.length; i++) {
            turned.add(at(there.get(i), of(i, index, values[values.length - 1 - i])));
        }
        does(session -> session.update(values(), turned));
        List<Object> backwards = new ArrayList<>(List.of(values));
        Collections.reverse(backwards);
        check(index, backwards.toArray());
    }

    private static @Nullable Object[] of(int number, int index, Object value) {
        @Nullable Object[] row = new @Nullable Object[TYPES.size() + 1];
        row[0] = "row " + number;
        row[index] = value;
        return row;
    }

    private void check(int index, Object[] values) {
        List<SyncRow> found = all(values());
        assertThat(found).hasSize(values.length);
        for (int i = 0; i < values.length; i++) {
            SyncRow row = found.get(i);
            Object read = row.value(index);
            assertThat(row.fault()).isEmpty();
            if (values[i] instanceof BigDecimal number) {
                assertThat((BigDecimal) read).isEqualByComparingTo(number);
            } else {
                assertThat(read).isEqualTo(values[i]);
            }
            for (int j = 1; j < row.width(); j++) {
                if (j != index) {
                    assertThat(row.value(j)).isNull();
                }
            }
        }
    }

    @Test
    @DisplayName("NULL is NULL in every column, and not an empty text.")
    void nullIsKept() {
        does(session -> session.insert(parents(), List.of(row("null", null, null), row("empty", "", ""))));

        assertThat(read(parents())).containsExactly("null,null,null", "empty,,");
    }

    @Test
    @DisplayName(
            "Texts are kept to the last character: quotes, blanks, line ends, any script, what looks like a number.")
    void textsAreKept() {
        kept(
                ValueType.TEXT,
                "",
                " ",
                " a ",
                "it's",
                "\"q\"",
                "\\n",
                "a\r\nb\tc",
                "%_{}$1?:x",
                "007",
                "1e3",
                "NULL",
                "Ünï ß İ",
                "日本語",
                "👩‍🚀",
                "e\u0301",
                "\u0001\u007f",
                "x".repeat(10_000));
    }

    @Test
    @DisplayName("Whole numbers are kept up to their limits.")
    void integersAreKept() {
        kept(ValueType.INTEGER, 0L, -1L, Long.MAX_VALUE, Long.MIN_VALUE, (1L << 53) + 1);
    }

    @Test
    @DisplayName("Exact numbers are kept to the last digit.")
    void decimalsAreKept() {
        kept(
                ValueType.DECIMAL,
                new BigDecimal("0"),
                new BigDecimal("0.1"),
                new BigDecimal("-99999999999999999999.9999999999"),
                new BigDecimal("12345678901234567890.0123456789"));
    }

    @Test
    @DisplayName("Floating point numbers are kept to the last bit.")
    void doublesAreKept() {
        kept(ValueType.DOUBLE, 0.0, 0.1, -1e-300, 1.7976931348623157e308, 1.0 / 3);
    }

    @Test
    @DisplayName("Booleans are kept.")
    void booleansAreKept() {
        kept(ValueType.BOOLEAN, true, false);
    }

    @Test
    @DisplayName("Bytes are kept, none of them and every one.")
    void bytesAreKept() {
        byte[] every = new byte[256];
        for (int i = 0; i < every.length; i++) {
            every[i] = (byte) i;
        }
        kept(ValueType.BYTES, new byte[0], new byte[] {0}, every, bytes("text"));
    }

    @Test
    @DisplayName("Instants are kept in microseconds, whatever the zone of process or database.")
    void instantsAreKept() {
        kept(
                ValueType.TIMESTAMP,
                Instant.parse("2026-01-01T00:00:00Z"),
                Instant.parse("2026-03-29T01:30:00.000001Z"),
                Instant.parse("1969-12-31T23:59:59.999999Z"),
                Instant.parse("2038-01-19T03:14:08Z"));
    }

    @Test
    @DisplayName("Dates are kept.")
    void datesAreKept() {
        kept(ValueType.DATE, LocalDate.of(2026, 2, 28), LocalDate.of(1900, 1, 1), LocalDate.of(2024, 2, 29));
    }

    @Test
    @DisplayName("Times of day are kept in microseconds.")
    void timesAreKept() {
        kept(ValueType.TIME, LocalTime.MIDNIGHT, LocalTime.of(23, 59, 59, 999_999_000), LocalTime.of(2, 30));
    }

    @Test
    @DisplayName("UUIDs are kept.")
    void uuidsAreKept() {
        kept(ValueType.UUID, new UUID(0, 0), new UUID(-1, -1), READER);
    }

    @Test
    @DisplayName("A value in a link's key is kept like another: parents of strange names are found.")
    void strangeKeysAreFound() {
        List<String> names = List.of("it's", " a", "7:x", "Ünï", "日本語", "👩‍🚀", "%", "\\");
        does(session -> session.insert(
                parents(), names.stream().map(name -> row(name, null, null)).toList()));
        does(session -> session.insert(
                children(),
                names.stream().map(name -> row("of " + name, name, null)).toList()));

        assertThat(read(children()))
                .containsExactlyInAnyOrderElementsOf(names.stream()
                        .map(name -> "of " + name + "," + name + ",null")
                        .toList());
    }

    @Test
    @DisplayName("A store that sums up rows sums up the digests of their texts, as a reader of the rows would.")
    void sumsAreOfTheTexts() {
        does(session -> session.insert(parents(), List.of(row("a", null, "Ünï"), row("b", "", "日本語"))));
        List<Integer> digits = List.of(-1, -1, -1);
        BigInteger wanted = BigInteger.ZERO;
        for (String text : List.of("1:a;N;5:Ünï;", "1:b;0:;9:日本語;")) {
            wanted = wanted.add(BigInteger.valueOf(Digest.of(bytes(text)).high() >>> (Long.SIZE - SUMMED_BITS)));
        }
        Optional<List<RowSum>> sums = in(session -> session.sums(parents(), digits, 0));

        if (sums.isPresent()) {
            assertThat(sums.get()).containsExactly(new RowSum(0, 2, wanted));
            Optional<List<RowSum>> groups = in(session -> session.sums(parents(), digits, 12));
            assertThat(groups.orElseThrow().stream().map(RowSum::sum).reduce(BigInteger.ZERO, BigInteger::add))
                    .isEqualTo(wanted);
            int bucket = groups.get().get(0).bucket();
            assertThat(in(session -> session.rowsOf(parents(), digits, List.of(bucket)))
                            .orElseThrow())
                    .hasSize((int) groups.get().get(0).count());
        } else {
            Optional<List<SyncRow>> rows = in(session -> session.rowsOf(parents(), digits, List.of(0)));
            assertThat(rows).isEmpty();
        }
    }
}
