package dev.berth.torture;

import dev.berth.jdbc.Database;
import dev.berth.jdbc.Server;
import dev.berth.jdbc.Servers;
import dev.berth.jdbc.SqliteStores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where a ledger is kept while it is under fire, and what can happen to it there. */
interface Arena extends AutoCloseable {
    /** The database, as those see it who write while nothing is broken. */
    Database database();

    /** The ways by which workers reach it; each takes one of them. */
    default List<Database> ways() {
        return List.of(database());
    }

    /** Whether it is reached over a network, which can break. */
    default boolean isRemote() {
        return true;
    }

    /** What can happen to it, by name. */
    Map<String, Blow> blows();

    /** Makes everything work again. */
    default void mend() throws Exception {}

    @Override
    default void close() throws IOException {}

    /** Something that happens, and ends by itself. */
    interface Blow {
        void strike() throws Exception;
    }

    /** One server, or a file, by the word for its engine. */
    static Arena of(String engine, Path directory) throws Exception {
        if (engine.equals("sqlite")) {
            var file = new Database(SqliteStores.url(directory.resolve("torture.db")), "", "");
            return new Arena() {
                @Override
                public Database database() {
                    return file;
                }

                @Override
                public boolean isRemote() {
                    return false;
                }

                @Override
                public Map<String, Blow> blows() {
                    return Map.of();
                }
            };
        }
        if (engine.equals("postgresql-pair")) {
            return PostgresPair.open();
        }
        if (engine.equals("galera")) {
            return Galera.open();
        }
        Server server = Servers.of(engine);
        Database database = server.freshDatabase();
        Map<String, Blow> blows = new LinkedHashMap<>();
        blows.put("server killed", () -> {
            server.kill();
            server.restart();
        });
        return new Arena() {
            @Override
            public Database database() {
                return database;
            }

            @Override
            public Map<String, Blow> blows() {
                return blows;
            }
        };
    }
}
