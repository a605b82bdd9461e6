package dev.berth.sync;

/** What kind of value a column holds, and as what Java type it travels. */
public enum ValueType {
    /** A whole number: {@code Long}. */
    INTEGER,
    /** An exact number: {@code BigDecimal}. */
    DECIMAL,
    /** A binary floating point number: {@code Double}. */
    DOUBLE,
    /** {@code Boolean}. */
    BOOLEAN,
    /** {@code String}. */
    TEXT,
    /** {@code byte[]}. */
    BYTES,
    /** An instant in microseconds, zone-less ones taken for UTC: {@code Instant}. */
    TIMESTAMP,
    /** {@code LocalDate}. */
    DATE,
    /** {@code LocalTime}. */
    TIME,
    /** {@code UUID}. */
    UUID,
    /** Whatever was put in, verbatim, where both stores keep any value in any column: Long, Double, String, byte[]. */
    ANY,
    /** A type that cannot be carried without loss. */
    OTHER
}
