package dev.berth.benchmarks;

import com.zaxxer.hikari.HikariDataSource;

/** A way to carry what is new or newer from a local SQLite file into a PostgreSQL database. Used once. */
interface SyncWay {
    /** By what the rows of the two databases are taken for the same. */
    enum Identity {
        /** Their generated id. */
        ID {
            @Override
            String column(String key) {
                return "id";
            }
        },
        /** Their natural key; the generated id is written all the same, since foreign keys refer to it. */
        KEY {
            @Override
            String column(String key) {
                return key;
            }
        };

        abstract String column(String key);
    }

    /**
     * Carries the rows.
     *
     * @param local the URL of the file
     * @param remote the database
     * @return how many rows were looked at
     * @throws Exception if it cannot
     */
    long carry(String local, HikariDataSource remote) throws Exception;
}
