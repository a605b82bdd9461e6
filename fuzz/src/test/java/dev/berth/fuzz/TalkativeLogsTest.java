package dev.berth.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.jdbc.Server;
import dev.berth.jdbc.Servers;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With every logger of Berth, jOOQ, the pool, the drivers and docker-java at its most talkative, no secret is told. */
class TalkativeLogsTest {
    @TempDir
    Path files;

    @Test
    void noSecretIsToldAtTrace() throws Exception {
        Path logging = Files.writeString(files.resolve("logging.properties"), """
                handlers=java.util.logging.ConsoleHandler
                .level=ALL
                java.util.logging.ConsoleHandler.level=ALL
                # It says the whole URL; what is in it is said by whoever put it there and turned this on.
                org.postgresql.Driver.level=INFO
                """);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dfile.encoding=UTF-8",
                "-Djava.util.logging.config.file=" + logging,
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace",
                // The bytes themselves: who turns this on asks for what is in the request.
                "-Dorg.slf4j.simpleLogger.log.org.apache.hc.client5.http.wire=off",
                "-Dorg.slf4j.simpleLogger.log.org.apache.hc.client5.http.headers=off",
                // It says a whole command, and with it the environment of a container, before Berth could do anything.
                "-Dorg.slf4j.simpleLogger.log.com.github.dockerjava.core.command=info",
                "-classpath",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                Talk.class.getName()));
        for (Server server : List.of(Servers.postgres(), Servers.mariadb())) {
            command.addAll(account(server));
        }
        File output = files.resolve("talk.log").toFile();
        Process talk = new ProcessBuilder(command)
                .directory(files.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start();
        try {
            assertThat(talk.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            talk.destroyForcibly();
        }
        String told = Files.readString(output.toPath());

        assertThat(talk.exitValue())
                .as(told.substring(Math.max(0, told.length() - 5_000)))
                .isZero();
        for (String sign : List.of(
                "DEBUG com.zaxxer.hikari",
                "INFO dev.berth.jdbc",
                "FINEST",
                "its user: worked",
                "in the URL: worked",
                "nobody: refused",
                "nowhere: refused",
                "engine: refused",
                "the end")) {
            assertThat(told.contains(sign)).as("the loggers are on: " + sign).isTrue();
        }
        assertThat(Secrets.in(output.toPath())).isEmpty();
    }

    private static List<String> account(Server server) throws Exception {
        String password = Secrets.MARK + "-talk";
        boolean postgres = server.admin().isPostgres();
        String user = "talk" + Long.toString(System.nanoTime(), 36);
        server.execute(
                postgres
                        ? "CREATE ROLE " + user + " SUPERUSER LOGIN PASSWORD '" + password + "'"
                        : "CREATE USER " + user + " IDENTIFIED BY '" + password + "'");
        if (!postgres) {
            server.execute("GRANT ALL ON *.* TO " + user);
        }
        return List.of(server.freshDatabase().url(), user, password);
    }
}
