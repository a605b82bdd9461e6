package dev.berth.jdbc;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * The users of a {@link SyncWorld}. Each row that one of them writes has a note that no other has, and it is remembered which
 * notes were there when they were overwritten or deleted: those may be gone, and no others.
 */
final class WorldUsers {
    private static final int NAMES = 8;
    private static final int PORTS = 4;
    private static final Instant BEGIN = Instant.parse("2026-01-01T10:00:00Z");

    private final Random random;
    private final int[] notes = {0};
    /** What was committed, and where. */
    private final Map<String, String> committed = new LinkedHashMap<>();

    private final Set<String> superseded = new HashSet<>();
    private final Set<String> rolledBack = new HashSet<>();
    private final Set<String> outsiders = new HashSet<>();
    private long seconds;

    WorldUsers(Random random) {
        this.random = random;
    }

    /** What was committed and not knowingly overwritten or deleted. */
    Map<String, String> living() {
        Map<String, String> living = new LinkedHashMap<>(committed);
        living.keySet().removeAll(superseded);
        return living;
    }

    Set<String> rolledBack() {
        return rolledBack;
    }

    Set<String> outsiders() {
        return outsiders;
    }

    /** One transaction of a user. */
    private final class Change {
        private final WorldNode node;
        private final Connection connection;
        private final List<String> made = new ArrayList<>();
        private final List<String> replaced = new ArrayList<>();
        private final List<String> foreign = new ArrayList<>();
        private String what = "";

        Change(WorldNode node, Connection connection) {
            this.node = node;
            this.connection = connection;
        }

        String note() {
            String note = "n" + notes[0]++;
            made.add(note);
            return note;
        }

        /** The two columns that every write has, as an update sets them. */
        String stamp() {
            return "note = '" + note() + "', updated_at = " + time();
        }

        String time() {
            seconds += random.nextInt(3);
            int form = random.nextInt(12);
            return node.time(BEGIN.plusSeconds(node.skewSeconds + seconds), form);
        }

        /** A note and a time, as an insert has them. */
        String stamps() {
            return "'" + note() + "', " + time();
        }

        int run(String sql) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                return statement.executeUpdate(sql);
            }
        }

        /** Locks rows and remembers their notes as overwritten. */
        int replace(String table, String where) throws SQLException {
            String sql = "SELECT note FROM " + table + " WHERE " + where
                    + (node.engine == Engine.SQLITE ? "" : " FOR UPDATE");
            int rows = 0;
            for (String note : list(sql)) {
                replaced.add(note);
                rows++;
            }
            return rows;
        }

        /** Changes one row at most. */
        boolean update(String table, String set, String where) throws SQLException {
            int rows = replace(table, where);
            if (rows > 1) {
                throw new AssertionError("one note for two rows: " + table + " " + where);
            }
            if (rows == 1) {
                run("UPDATE " + table + " SET " + (set.isEmpty() ? "" : set + ", ") + stamp() + " WHERE " + where);
            }
            return rows == 1;
        }

        int delete(String table, String where) throws SQLException {
            replace(table, where);
            return run("DELETE FROM " + table + " WHERE " + where);
        }

        List<String> list(String sql) throws SQLException {
            List<String> found = new ArrayList<>();
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery(sql)) {
                while (rows.next()) {
                    found.add(rows.getString(1));
                }
            }
            return found;
        }

        /** One of the first column's values; empty if there is none. */
        String any(String sql) throws SQLException {
            List<String> found = list(sql);
            return found.isEmpty() ? "" : found.get(random.nextInt(found.size()));
        }

        void end(boolean kept) {
            if (kept) {
                made.forEach(note -> committed.put(note, node + ": " + what));
                superseded.addAll(replaced);
                outsiders.addAll(foreign);
            } else {
                rolledBack.addAll(made);
            }
        }
    }

    private String name(String kind) {
        return kind + random.nextInt(NAMES);
    }

    /** One that is there, as a rule. */
    private String name(Change change, String kind) throws SQLException {
        String found = random.nextInt(8) == 0
                ? ""
                : change.any(
                        kind.equals("d")
                                ? "SELECT name FROM domains WHERE name LIKE 'd%' ORDER BY name"
                                : "SELECT hostname FROM hosts WHERE hostname LIKE 'h%' ORDER BY hostname");
        return found.isEmpty() ? name(kind) : found;
    }

    /** Rows that are updated, and never deleted or given another key. */
    String settle(WorldNode node) throws SQLException {
        return act(node, change -> {
            for (int i = 0; i < 2; i++) {
                change.run("INSERT INTO domains (name, note, updated_at) VALUES ('stable" + i + "', " + change.stamps()
                        + ")");
                change.run("INSERT INTO hosts (hostname, domain_id, note, updated_at) SELECT 'stable" + i + "', id, "
                        + change.stamps() + " FROM domains WHERE name = 'stable" + i + "'");
            }
            for (int i = 0; i < NAMES / 2; i++) {
                change.run(
                        "INSERT INTO domains (name, note, updated_at) VALUES ('d" + i + "', " + change.stamps() + ")");
                change.run("INSERT INTO hosts (hostname, domain_id, slug, note, updated_at) SELECT 'h" + i + "', id, 's"
                        + i + "', " + change.stamps() + " FROM domains WHERE name = 'd" + i / 2 + "'");
                change.run("INSERT INTO services (host_id, port, note, updated_at) SELECT id, " + i + ", "
                        + change.stamps() + " FROM hosts WHERE hostname = 'h" + i + "'");
                change.run("INSERT INTO links (domain_id, host_id, note, updated_at) SELECT domain_id, id, "
                        + change.stamps() + " FROM hosts WHERE hostname = 'h" + i + "'");
            }
            return true;
        });
    }

    /** Something at random; says what. */
    String act(WorldNode node) throws SQLException {
        boolean commits = random.nextInt(8) > 0;
        boolean several = random.nextInt(5) == 0;
        int first = random.nextInt(100);
        int second = random.nextInt(100);
        return act(node, change -> {
            boolean done = one(change, first);
            if (several) {
                done |= one(change, second);
            }
            if (!commits) {
                change.what += ", rolled back";
            }
            return done && commits;
        });
    }

    /** What a user does. */
    @FunctionalInterface
    private interface Act {
        boolean run(Change change) throws SQLException;
    }

    private String act(WorldNode node, Act act) throws SQLException {
        Change[] last = new Change[1];
        boolean kept = node.act(connection -> {
            last[0] = new Change(node, connection);
            return act.run(last[0]);
        });
        last[0].end(kept);
        return (kept ? "" : "not kept: ") + node + ": " + last[0].what + " " + last[0].made;
    }

    private boolean one(Change change, int kind) throws SQLException {
        String domain = name("d");
        String host = name("h");
        change.what += change.what.isEmpty() ? "" : ", ";
        if (kind < 14) {
            change.what += "insert domain " + domain;
            return change.run("INSERT INTO domains (name, note, updated_at) VALUES ('" + domain + "', "
                            + change.stamps() + ")")
                    > 0;
        }
        if (kind < 30) {
            String of = change.any("SELECT name FROM domains ORDER BY name");
            String slug = random.nextBoolean() ? "NULL" : "'s" + random.nextInt(NAMES) + "'";
            change.what += "insert host " + host + " of " + of + ", slug " + slug;
            return change.run("INSERT INTO hosts (hostname, domain_id, slug, port, note, updated_at) SELECT '" + host
                            + "', id, " + slug + ", " + random.nextInt(PORTS) + ", " + change.stamps()
                            + " FROM domains WHERE name = '" + of + "'")
                    > 0;
        }
        if (kind < 38) {
            String of = change.any("SELECT hostname FROM hosts ORDER BY hostname");
            int port = random.nextInt(PORTS);
            change.what += "insert service " + of + ":" + port;
            return change.run("INSERT INTO services (host_id, port, note, updated_at) SELECT id, " + port + ", "
                            + change.stamps() + " FROM hosts WHERE hostname = '" + of + "'")
                    > 0;
        }
        if (kind < 44) {
            String of = change.any("SELECT hostname FROM hosts ORDER BY hostname");
            String to = change.any("SELECT name FROM domains ORDER BY name");
            change.what += "insert link " + to + "-" + of;
            return change.run("INSERT INTO links (domain_id, host_id, note, updated_at) SELECT d.id, h.id, "
                            + change.stamps() + " FROM domains d, hosts h WHERE d.name = '" + to
                            + "' AND h.hostname = '"
                            + of + "'")
                    > 0;
        }
        domain = name(change, "d");
        host = name(change, "h");
        if (kind < 72) {
            return update(change, kind - 44, domain, host);
        }
        return kind < 86 ? remove(change, kind - 72, domain, host) : rename(change, kind - 86, domain, host);
    }

    private boolean update(Change change, int kind, String domain, String host) throws SQLException {
        if (kind < 6) {
            String one = random.nextInt(4) == 0 ? "stable" + random.nextInt(2) : domain;
            change.what += "update domain " + one;
            return change.update("domains", "", "name = '" + one + "'");
        }
        if (kind < 11) {
            String one = random.nextInt(4) == 0 ? "stable" + random.nextInt(2) : host;
            int port = random.nextInt(PORTS);
            change.what += "update host " + one + " port " + port;
            return change.update("hosts", "port = " + port, "hostname = '" + one + "'");
        }
        if (kind < 14) {
            String slug = "s" + random.nextInt(NAMES);
            change.what += "slug of host " + host + " " + slug;
            return change.update("hosts", "slug = '" + slug + "'", "hostname = '" + host + "'");
        }
        if (kind < 17) {
            return swap(change, host, name(change, "h"));
        }
        if (kind < 20) {
            String up = change.any("SELECT id FROM hosts ORDER BY hostname");
            change.what += "host " + host + " up to id " + up;
            return change.update("hosts", "up_id = " + (up.isEmpty() ? "NULL" : up), "hostname = '" + host + "'");
        }
        if (kind < 22) {
            String to = change.any("SELECT id FROM domains ORDER BY name");
            change.what += "host " + host + " moves to domain id " + to;
            return !to.isEmpty() && change.update("hosts", "domain_id = " + to, "hostname = '" + host + "'");
        }
        if (kind < 25) {
            String service = change.any("SELECT id FROM services ORDER BY id");
            change.what += "update service id " + service;
            return !service.isEmpty() && change.update("services", "", "id = " + service);
        }
        if (kind < 27) {
            String link = link(change);
            change.what += "update link " + link;
            return change.update("links", "", link);
        }
        String of = change.any("SELECT hostname FROM hosts ORDER BY hostname");
        change.what += "an outsider at " + of;
        String note = "o" + notes[0]++;
        change.foreign.add(note);
        return change.run("INSERT INTO outsider (host_id, note) SELECT id, '" + note + "' FROM hosts WHERE hostname = '"
                        + of + "'")
                > 0;
    }

    /** One of the links, as a condition. */
    private String link(Change change) throws SQLException {
        String domain = change.any("SELECT domain_id FROM links ORDER BY note, domain_id, host_id");
        String host = change.any("SELECT host_id FROM links WHERE domain_id = '" + domain + "' ORDER BY note, host_id");
        return domain.isEmpty() ? "1 = 0" : "domain_id = " + domain + " AND host_id = " + host;
    }

    /** Two hosts exchange what must be unique. */
    private boolean swap(Change change, String one, String other) throws SQLException {
        change.what += "swap slugs of " + one + " and " + other;
        String first = change.any("SELECT slug FROM hosts WHERE hostname = '" + one + "' AND slug IS NOT NULL");
        String second = change.any("SELECT slug FROM hosts WHERE hostname = '" + other + "' AND slug IS NOT NULL");
        if (one.equals(other) || first.isEmpty()) {
            return false;
        }
        change.run("UPDATE hosts SET slug = NULL WHERE hostname = '" + one + "'");
        return change.update("hosts", "slug = '" + first + "'", "hostname = '" + other + "'")
                && change.update(
                        "hosts",
                        "slug = " + (second.isEmpty() ? "NULL" : "'" + second + "'"),
                        "hostname = '" + one + "'");
    }

    private boolean remove(Change change, int kind, String domain, String host) throws SQLException {
        if (kind < 3) {
            String service = change.any("SELECT id FROM services ORDER BY id");
            change.what += "delete service id " + service;
            return !service.isEmpty() && change.delete("services", "id = " + service) > 0;
        }
        if (kind < 5) {
            String link = link(change);
            change.what += "delete link " + link;
            return change.delete("links", link) > 0;
        }
        String free = " AND NOT EXISTS (SELECT 1 FROM outsider WHERE host_id = hosts.id)";
        if (kind < 9) {
            change.what += "delete host " + host + " with all that it has";
            String at = "host_id IN (SELECT id FROM hosts WHERE hostname = '" + host + "'" + free + ")";
            change.delete("services", at);
            change.delete("links", at);
            return change.delete("hosts", "hostname = '" + host + "'" + free) > 0;
        }
        if (kind < 12) {
            change.what += "delete domain " + domain + " with all that it has";
            String of = "(SELECT id FROM domains WHERE name = '" + domain + "')";
            String at = "host_id IN (SELECT id FROM hosts WHERE domain_id = " + of + ")";
            change.delete("services", at);
            change.delete("links", at);
            change.delete("links", "domain_id = " + of);
            change.delete("hosts", "domain_id = " + of + free);
            return change.delete("domains", "name = '" + domain + "'") > 0;
        }
        change.what += "delete domain " + domain;
        return change.delete("domains", "name = '" + domain + "'") > 0;
    }

    private boolean rename(Change change, int kind, String domain, String host) throws SQLException {
        if (kind < 3) {
            String to = name("d");
            change.what += "rename domain " + domain + " to " + to;
            return change.update("domains", "name = '" + to + "'", "name = '" + domain + "'");
        }
        if (kind < 7) {
            String to = name("h");
            change.what += "rename host " + host + " to " + to;
            return change.update("hosts", "hostname = '" + to + "'", "hostname = '" + host + "'");
        }
        if (kind < 10) {
            String service = change.any("SELECT id FROM services ORDER BY id");
            int port = random.nextInt(PORTS);
            change.what += "service id " + service + " gets port " + port;
            return !service.isEmpty() && change.update("services", "port = " + port, "id = " + service);
        }
        if (kind < 12) {
            String service = change.any("SELECT id FROM services ORDER BY id");
            String to = change.any("SELECT id FROM hosts ORDER BY hostname");
            change.what += "service id " + service + " moves to host id " + to;
            return !service.isEmpty() && change.update("services", "host_id = " + to, "id = " + service);
        }
        // Gone and there again in one transaction, with another content.
        change.what += "domain " + domain + " is made anew";
        return change.delete("domains", "name = '" + domain + "'") > 0
                && change.run("INSERT INTO domains (name, note, updated_at) VALUES ('" + domain + "', "
                                + change.stamps() + ")")
                        > 0;
    }

    /** A person gives a host a value that nobody has. */
    String cure(WorldNode node, String hostname) throws SQLException {
        return act(node, change -> {
            String slug = "cured-" + notes[0]++;
            change.what = "cure host " + hostname + " with slug " + slug;
            return change.update("hosts", "slug = '" + slug + "'", "hostname = '" + hostname + "'");
        });
    }
}
