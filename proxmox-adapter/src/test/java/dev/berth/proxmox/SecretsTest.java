package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.testkit.proxmox.FakeProxmox;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a process tells in which every logger is at its most talkative. */
class SecretsTest {
    private static final String STORE = "changeit";

    @TempDir
    Path files;

    private String told = "";
    private List<String> secrets = List.of();

    /** In a process of its own: loggers and the system's trust are set up once for each. */
    @BeforeEach
    void keepsADiary() throws Exception {
        Path logging = Files.writeString(files.resolve("logging.properties"), """
                handlers=java.util.logging.ConsoleHandler
                .level=ALL
                java.util.logging.ConsoleHandler.level=ALL
                """);
        Path trusted = files.resolve("trusted.p12");
        try (FakeProxmox lab = Labs.three();
                var out = Files.newOutputStream(trusted)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("cluster", lab.authority());
            store.store(out, STORE.toCharArray());
        }
        Path kept = files.resolve("secrets");
        Path output = files.resolve("output");
        Process diary = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Dfile.encoding=UTF-8",
                        "-Djava.io.tmpdir=" + files,
                        "-Djava.util.logging.config.file=" + logging,
                        "-Djavax.net.ssl.trustStore=" + trusted,
                        "-Djavax.net.ssl.trustStorePassword=" + STORE,
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace",
                        "-classpath",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Diary.class.getName(),
                        kept.toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(diary.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            diary.destroyForcibly();
        }
        told = Files.readString(output, StandardCharsets.UTF_8);
        assertThat(diary.exitValue()).as(told).isZero();
        secrets = Files.readAllLines(kept);
    }

    /** Token, password, ticket, CSRF token and what guests are given are in no log, message or text, in good days and bad. */
    @Test
    void noSecretIsEverTold() {
        assertThat(told)
                .as("the loggers are on")
                .contains("DEBUG dev.berth.proxmox")
                .contains("all say 401 failed")
                .contains("token, trusted by the system: [")
                .contains("ticket, trusted by the system: [", "lxc/100", "the end");
        assertThat(secrets).hasSizeGreaterThan(10).allSatisfy(secret -> {
            assertThat(secret).hasSizeGreaterThan(8);
            assertThat(told.contains(secret)).as("told is " + secret).isFalse();
        });
        assertThat(told).doesNotContain("PVE:anna", "PVE%3Aanna", "PVEAuthCookie=", "PVEAPIToken=");
    }
}
