package dev.berth.jdbc;

import dev.berth.InvalidInputException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * How a {@link JdbcLedgerStore} uses its database, beyond where that is. Immutable: each method returns other settings.
 *
 * <pre>{@code
 * var settings = JdbcSettings.defaults().user("app").password(secret).schema("berth").tablePrefix("prod_");
 * }</pre>
 */
public final class JdbcSettings {
    private static final Pattern PREFIX = Pattern.compile("[a-z][a-z0-9_]{0,23}");
    private static final Pattern SCHEMA = Pattern.compile("[^\\p{Cntrl}\"`]{1,63}");
    private static final int MOST_CONNECTIONS = 1_000;
    private static final Duration LEAST_PATIENCE = Duration.ofMillis(250);
    private static final Duration MOST_PATIENCE = Duration.ofMinutes(10);
    private static final JdbcSettings DEFAULTS = new JdbcSettings(new Values());

    /** Never changed once settings have it. */
    private final Values values;

    private static final class Values implements Cloneable {
        private Optional<String> user = Optional.empty();
        private Optional<String> password = Optional.empty();
        private Tables tables = new Tables(Tables.PREFIX, Optional.empty());
        private int poolSize = 8;
        private Duration patience = Duration.ofSeconds(30);
        private Clock clock = Clock.systemUTC();
        private Optional<String> greeting = Optional.empty();

        private Values copy() {
            try {
                return (Values) clone();
            } catch (CloneNotSupportedException impossible) {
                throw new AssertionError(impossible);
            }
        }
    }

    private JdbcSettings(Values values) {
        this.values = values;
    }

    private JdbcSettings with(Consumer<Values> change) {
        Values changed = values.copy();
        change.accept(changed);
        return new JdbcSettings(changed);
    }

    /**
     * Gives the settings that are meant unless others are named: tables {@code berth_...} where the connection looks
     * first, at most 8 connections of its own, patience of 30 seconds.
     *
     * @return the settings
     */
    public static JdbcSettings defaults() {
        return DEFAULTS;
    }

    /**
     * Names the database's user, for {@link JdbcLedgerStore#open(String, JdbcSettings)}.
     *
     * @param user the name
     * @return settings with it
     */
    public JdbcSettings user(String user) {
        Optional<String> name = Optional.of(InvalidInputException.requireNonNull("user", user));
        return with(changed -> changed.user = name);
    }

    /**
     * Gives the user's password, which appears in no message and no log.
     *
     * @param password the password
     * @return settings with it
     */
    public JdbcSettings password(String password) {
        Optional<String> secret = Optional.of(InvalidInputException.requireNonNull("password", password));
        return with(changed -> changed.password = secret);
    }

    /**
     * Says what the names of the tables begin with, so that several ledgers can live side by side.
     *
     * @param prefix 1 to 24 of the characters a to z, 0 to 9 and _, the first a letter
     * @return settings with it
     * @throws InvalidInputException if it is something else
     */
    public JdbcSettings tablePrefix(String prefix) {
        if (!PREFIX.matcher(InvalidInputException.requireNonNull("table prefix", prefix))
                .matches()) {
            throw InvalidInputException.of(
                    "table prefix", prefix, "1 to 24 of the characters a-z, 0-9 and _, the first a letter");
        }
        return with(changed -> changed.tables = new Tables(prefix, changed.tables.schema()));
    }

    /**
     * Says in which schema the tables are (PostgreSQL, H2), or in which database (MariaDB, MySQL). It must exist. SQLite
     * has none.
     *
     * @param schema its exact name: 1 to 63 characters, without {@code "}, {@code `} and control characters
     * @return settings with it
     * @throws InvalidInputException if it is something else
     */
    public JdbcSettings schema(String schema) {
        if (!SCHEMA.matcher(InvalidInputException.requireNonNull("schema", schema))
                .matches()) {
            throw InvalidInputException.of(
                    "schema", schema, "1 to 63 characters, without \", ` and control characters");
        }
        return with(changed -> changed.tables = new Tables(changed.tables.prefix(), Optional.of(schema)));
    }

    /**
     * Says how many connections the store's own pool has at most, for {@link JdbcLedgerStore#open(String,
     * JdbcSettings)}. Few are enough: callers of one process are combined.
     *
     * @param most 1 to 1,000
     * @return settings with it
     * @throws InvalidInputException if it is something else
     */
    public JdbcSettings poolSize(int most) {
        if (most < 1 || most > MOST_CONNECTIONS) {
            throw InvalidInputException.of("pool size", most, "1 to " + MOST_CONNECTIONS);
        }
        return with(changed -> changed.poolSize = most);
    }

    /**
     * Says how long a call keeps trying where others are in the way (locks, races, an exhausted pool of its own) before
     * it gives up with a {@link dev.berth.ledger.StoreUnavailableException}.
     *
     * @param patience 250 ms to 10 minutes
     * @return settings with it
     * @throws InvalidInputException if it is something else
     */
    public JdbcSettings patience(Duration patience) {
        InvalidInputException.requireNonNull("patience", patience);
        if (patience.compareTo(LEAST_PATIENCE) < 0 || patience.compareTo(MOST_PATIENCE) > 0) {
            throw InvalidInputException.of("patience", patience, "250 ms to 10 minutes");
        }
        return with(changed -> changed.patience = patience);
    }

    /** With the host's clock that SQLite is to tell. */
    JdbcSettings clock(Clock clock) {
        return with(changed -> changed.clock = clock);
    }

    /** With a statement that every new connection of its own pool runs first. */
    JdbcSettings greeting(String statement) {
        return with(changed -> changed.greeting = Optional.of(statement));
    }

    Optional<String> user() {
        return values.user;
    }

    Optional<String> password() {
        return values.password;
    }

    Tables tables() {
        return values.tables;
    }

    int poolSize() {
        return values.poolSize;
    }

    Duration patience() {
        return values.patience;
    }

    Clock clock() {
        return values.clock;
    }

    Optional<String> greeting() {
        return values.greeting;
    }

    @Override
    public String toString() {
        return "tables " + values.tables.prefix() + "*"
                + values.tables.schema().map(schema -> " in schema " + schema).orElse("") + ", at most "
                + values.poolSize
                + " connections, patience " + values.patience;
    }
}
