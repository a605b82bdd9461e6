package dev.berth.jdbc;

import dev.berth.ledger.Commit;
import dev.berth.ledger.CommitResult;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jooq.Record;
import org.jooq.Table;
import org.jspecify.annotations.Nullable;

/**
 * Carries out plain units on MariaDB, releases and then new claims: all of them in one block of statements, which is one
 * round trip and one transaction. A release reads its claim with a lock. A new claim reads nothing: the unique keys decide,
 * and where they refuse one, all new claims of the block are undone, its releases are not.
 *
 * <p>A block is a compound statement, of MariaDB since 10.1 and not of MySQL (mariadb.com/kb/en/begin-end). Any error in
 * it ends the transaction there and then. In it, as in a procedure, each statement has a time of its own.
 */
final class MariadbCommits implements PlainCommits {
    /** So many units and holdings go into one block: within what servers take of bytes. */
    private static final int MOST_AT_ONCE = 5_000;

    /** A unit that must wait is handed over by itself, so that others of its call do not wait with it; in seconds. */
    private static final String SHORT_WAIT = "SET STATEMENT innodb_lock_wait_timeout = 1 FOR\n";

    private static final String NOW = Dialect.MARIADB.now();

    private static final String BEGINNING = """
            BEGIN NOT ATOMIC
            DECLARE berth_ended, berth_begun BIGINT;
            DECLARE berth_lost INT DEFAULT 0;
            DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
            """ + String.join(";\n", Dialect.MARIADB.begin()) + ";\n";

    private static final String END = """
            COMMIT;
            SELECT berth_ended, berth_begun, berth_lost;
            END""";

    private final MariadbReleases releases;
    private final MariadbCreates creates;

    MariadbCommits(Tables tables) {
        releases = new MariadbReleases(tables);
        creates = new MariadbCreates(tables);
    }

    /** A table's name as statements have it. */
    static String name(Table<Record> table) {
        return Dialect.MARIADB.dsl().render(table);
    }

    /** The text of a block and its values, as far as they are written. */
    static final class Block {
        private final StringBuilder sql = new StringBuilder(4_096);
        private final List<@Nullable Object> values = new ArrayList<>();

        Block add(String text, @Nullable Object... more) {
            sql.append(text);
            for (Object value : more) {
                values.add(value);
            }
            return this;
        }

        /** Adds a form as often as there are rows, with the values of each. */
        Block addRows(String form, List<@Nullable Object[]> rows) {
            for (int i = 0; i < rows.size(); i++) {
                add(i == 0 ? form : ", " + form, rows.get(i));
            }
            return this;
        }
    }

    /** What the last statement of a block tells. */
    private static final class Told {
        private Instant ended = Instant.EPOCH;
        private Instant begun = Instant.EPOCH;
        private boolean lost;

        Told read(Session session, Row row) throws SQLException {
            ended = session.wrote(row.instant());
            begun = session.wrote(row.instant());
            lost = row.flag();
            return this;
        }
    }

    /** What is done with a unit. */
    private enum Part {
        RELEASED,
        CREATED,
        LEFT
    }

    /** The first units, as many as go into one block, and what is done with each. */
    private static final class Chosen {
        private final List<Part> parts = new ArrayList<>();
        private final List<Commit.Release> releases = new ArrayList<>();
        private final List<Commit.Create> creates = new ArrayList<>();

        Chosen(List<Commit> units) {
            Set<Object> touched = new HashSet<>();
            for (Commit unit : units) {
                if (!follows(unit.claims().get(0)) || !PlainCommits.touch(unit, touched)) {
                    return;
                }
                parts.add(choose(unit.claims().get(0)));
                if (touched.size() > MOST_AT_ONCE) {
                    return;
                }
            }
        }

        /** Releases go first, all for one reason: so the others among the units must come after them. */
        private boolean follows(Commit.ClaimWrite write) {
            return !(write instanceof Commit.Release release)
                    || (creates.isEmpty()
                            && (releases.isEmpty() || releases.get(0).reason() == release.reason()));
        }

        private Part choose(Commit.ClaimWrite write) {
            if (write instanceof Commit.Release release && release.guard() == Commit.Guard.NONE) {
                releases.add(release);
                return Part.RELEASED;
            }
            if (write instanceof Commit.Create create && create.takes().size() <= MOST_AT_ONCE) {
                creates.add(create);
                return Part.CREATED;
            }
            return Part.LEFT;
        }

        boolean isEmpty() {
            return releases.isEmpty() && creates.isEmpty();
        }
    }

    @Override
    public List<@Nullable CommitResult> run(Session session, List<Commit> units, FreeHints.News news)
            throws SQLException {
        var chosen = new Chosen(units);
        if (chosen.isEmpty()) {
            return new ArrayList<>(Collections.nCopies(chosen.parts.size(), null));
        }
        var block = new Block();
        var seen = new MariadbReleases.Seen();
        var told = new Told();
        List<Session.Reading<?>> readings = new ArrayList<>();
        block.add(units.size() > 1 ? SHORT_WAIT + BEGINNING : BEGINNING);
        if (!chosen.releases.isEmpty()) {
            releases.read(block, chosen.releases);
            readings.add(seen::read);
        }
        block.add("SET berth_ended = " + NOW + ", berth_begun = berth_ended;\n", session.least());
        if (!chosen.releases.isEmpty()) {
            releases.write(block, chosen.releases);
        }
        if (!chosen.creates.isEmpty()) {
            creates.write(block, chosen.creates);
        }
        block.add(END);
        readings.add(row -> told.read(session, row));
        session.begins();
        session.each(readings, block.sql.toString(), block.values.toArray());
        session.ends();
        return results(chosen, seen, told, news);
    }

    private static List<@Nullable CommitResult> results(
            Chosen chosen, MariadbReleases.Seen seen, Told told, FreeHints.News news) {
        Iterator<Commit.Release> releases = chosen.releases.iterator();
        Iterator<Commit.Create> creates = chosen.creates.iterator();
        List<@Nullable CommitResult> results = new ArrayList<>(chosen.parts.size());
        for (Part part : chosen.parts) {
            results.add(
                    switch (part) {
                        case RELEASED -> seen.result(releases.next(), told.ended, news);
                        case CREATED -> made(creates.next(), told, news);
                        case LEFT -> null;
                    });
        }
        return results;
    }

    private static @Nullable CommitResult made(Commit.Create create, Told told, FreeHints.News news) {
        if (told.lost) {
            return null;
        }
        news.done(Commit.of(create));
        return new CommitResult.Done(told.begun);
    }
}
