package dev.berth.benchmarks;

import java.sql.Connection;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What becomes of rows where strangers have given the ids of ours to rows of their own. */
final class UpsertCollisions {
    private static final List<String> HEAD =
            List.of("way", "theirs lost or overwritten", "ours missing", "ours wrong", "told of a row", "it said");
    private static final int SHOWN = 60;

    private final List<List<String>> rows = new ArrayList<>(List.of(HEAD));
    private final UpsertDatabases databases;

    UpsertCollisions(UpsertDatabases databases) {
        this.databases = databases;
    }

    /** What one way leaves, and what it said. */
    record End(UpsertScore score, String said) {}

    /** Runs one way. */
    End end(UpsertContender contender) throws Exception {
        return databases.copied((local, remote) -> {
            Map<String, String> before = UpsertScore.remote(remote);
            String said = "";
            try {
                contender.way().get().carry(local, remote);
            } catch (Exception refused) {
                said = shown(refused);
            }
            try (Connection connection = DriverManager.getConnection(local)) {
                return new End(UpsertScore.of(UpsertScore.local(connection), before, UpsertScore.remote(remote)), said);
            }
        });
    }

    /** The first line of the first cause. */
    private static String shown(Throwable refused) {
        Throwable cause = refused;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String line = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
        int from = Math.max(0, line.indexOf("ERROR"));
        return line.substring(from, Math.min(line.length(), from + SHOWN)).replace("|", "/");
    }

    List<List<String>> run() throws Exception {
        for (UpsertContender contender : UpsertContender.ofCollisions()) {
            End end = end(contender);
            rows.add(List.of(
                    contender.name(),
                    number(end.score().theirs()),
                    number(end.score().missing()),
                    number(end.score().wrong()),
                    contender.outcomes(),
                    end.said()));
            System.out.println(String.join(" | ", rows.get(rows.size() - 1)));
        }
        return rows;
    }

    private static String number(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
