package dev.berth.jdbc;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A PostgreSQL of this process, durable as in production. */
public final class PostgresServer implements Server {
    private final ServerFiles files;
    private final Database admin;
    private final String databaseOptions;

    private PostgresServer(ServerFiles files, Database admin, String databaseOptions) {
        this.files = files;
        this.admin = admin;
        this.databaseOptions = databaseOptions;
    }

    /** The version on the class path. Its databases sort text as people do, not by bytes. */
    static PostgresServer newest() throws IOException {
        return newest("postgres");
    }

    /** As {@link #newest()}, beside the one that tests share. */
    public static PostgresServer newest(String name) throws IOException {
        return start(name, "/postgres-linux-x86_64.txz", " TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'");
    }

    /** The oldest version that can be had. Its databases sort text by bytes. */
    static PostgresServer oldest() throws IOException {
        return start("postgres-old", "/oldest/postgres-linux-x86_64.txz", " TEMPLATE template0");
    }

    private static PostgresServer start(String name, String archive, String databaseOptions) throws IOException {
        PgBinaryResolver programs = (system, machine) -> {
            if (!system.equals("Linux") || !machine.equals("x86_64")) {
                throw new IOException(
                        "there are programs for Linux x86_64 only, and this is " + system + " " + machine);
            }
            return PostgresServer.class.getResourceAsStream(archive);
        };
        ServerFiles files = ServerFiles.of(name);
        int port = ServerFiles.freePort();
        // It is closed by the server's own programs: after a kill it could not be closed quietly.
        EmbeddedPostgres.builder()
                .setPgBinaryResolver(programs)
                .setOverrideWorkingDirectory(files.programs().toFile())
                .setDataDirectory(files.data())
                .setRegisterShutdownHook(false)
                .setPort(port)
                .setPGStartupWait(Duration.ofSeconds(60))
                .setLocaleConfig("locale", "C")
                // It is fast and forgetful unless told otherwise.
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setErrorRedirector(Redirect.appendTo(files.log().toFile()))
                .setOutputRedirector(Redirect.appendTo(files.log().toFile()))
                .start();
        var admin = new Database("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "postgres");
        return new PostgresServer(files, admin, databaseOptions);
    }

    /**
     * Makes a standby from the files of this server, which must have been killed: it follows this one as soon as that runs
     * again.
     *
     * @param name what it is called, without a hyphen at its end
     */
    public PostgresServer standby(String name) throws IOException {
        if (isRunning()) {
            throw new IllegalStateException("it runs, and its files change");
        }
        ServerFiles copy = ServerFiles.of(name);
        files.copyData(copy);
        Files.deleteIfExists(copy.data().resolve("postmaster.pid"));
        Files.createFile(copy.data().resolve("standby.signal"));
        Files.writeString(
                copy.data().resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=127.0.0.1 port=" + admin.port() + " user=" + admin.user()
                        + " application_name=" + name + "'\n");
        int port = ServerFiles.freePort();
        // With the same settings as the other: with fewer connections, say, it would refuse to follow.
        String options = Files.readString(copy.data().resolve("postmaster.opts"))
                .strip()
                .replaceFirst("^\\S+", "")
                .replaceFirst("\"-D\" \"[^\"]*\"", "")
                .replaceFirst("\"-p\" \"\\d+\"", "\"-p\" \"" + port + "\"");
        var standby = new PostgresServer(copy, admin.at("127.0.0.1", port), databaseOptions);
        standby.control("start", "-w", "-t", "60", "-o", options);
        return standby;
    }

    /** Lets a standby follow nobody any more, and accept writes; returns when it does. */
    public void promote() {
        control("promote", "-w", "-t", "60");
    }

    @Override
    public Database admin() {
        return admin;
    }

    @Override
    public String databaseOptions() {
        return databaseOptions;
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
        if (isRunning()) {
            throw new IllegalStateException("it runs");
        }
        // It remembers its arguments.
        control("restart", "-w", "-t", "60");
    }

    @Override
    public void close() {
        if (isRunning()) {
            control("stop", "-w", "-m", "immediate");
        }
        files.delete();
    }

    private void control(String... arguments) {
        try {
            String started = Files.readString(files.data().resolve("postmaster.opts"));
            Path program = Path.of(started.substring(0, started.indexOf(' '))).resolveSibling("pg_ctl");
            List<String> command = new ArrayList<>();
            if (LinuxUtils.isUnshareAvailable()) {
                // PostgreSQL refuses to be run by root.
                command.addAll(List.of("unshare", "-U"));
            }
            command.addAll(List.of(program.toString(), "-D", files.data().toString()));
            command.addAll(List.of(arguments));
            int exit = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.appendTo(files.log().toFile()))
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IllegalStateException(
                        command + " ended with " + exit + ":\n" + Files.readString(files.log()));
            }
        } catch (IOException failed) {
            throw new IllegalStateException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }
}
