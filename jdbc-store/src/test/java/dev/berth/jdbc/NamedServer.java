package dev.berth.jdbc;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Assumptions;

/** A server that somebody else runs. The databases made there are dropped in the end. */
final class NamedServer implements Server {
    private final Database admin;
    private final List<Database> made = new CopyOnWriteArrayList<>();

    NamedServer(Database admin) {
        this.admin = admin;
    }

    @Override
    public Database admin() {
        return admin;
    }

    @Override
    public Database freshDatabase() throws SQLException {
        Database database = Server.super.freshDatabase();
        made.add(database);
        return database;
    }

    @Override
    public boolean isRunning() {
        return true;
    }

    @Override
    public void kill() {
        Assumptions.abort("skipped: the server at " + admin.url() + " is not ours to kill");
    }

    @Override
    public void restart() {
        kill();
    }

    @Override
    public void close() {
        for (Database database : made) {
            try {
                execute("DROP DATABASE " + database.name());
            } catch (SQLException stillInUse) {
                System.err.println("left behind at " + admin.url() + ": " + database.name() + ": " + stillInUse);
            }
        }
    }
}
