package dev.berth.fuzz;

import dev.berth.testkit.proxmox.FakeToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What no log may have: the secrets of the tests, which can be told by how they are written, and forms of any secret. */
final class Secrets {
    /** Passwords that tests choose have this in them. */
    static final String MARK = "s3cr3t";

    private static final List<Pattern> FORMS = List.of(
            Pattern.compile(MARK),
            Pattern.compile(FakeToken.SECRETS_BEGIN),
            Pattern.compile("PVEAPIToken=[^\\s=]+=[0-9a-f]{8}-"),
            Pattern.compile("PVE:[^\\s:]+:[0-9A-F]{8}::"),
            Pattern.compile("(?i)(jdbc:|https?://|tcp://)[^\\s\"'<]*[?&;]password=[^&;\\s\"'<*]+"),
            Pattern.compile("(?i)[a-z]+://[^/\\s:@\"'<]+:[^/\\s:@\"'<*]+@[a-z0-9\\[]"));

    private Secrets() {}

    /** What the tests of modules left behind: reports and logs, of each module that has any. */
    static List<Path> leftBy(Path project) throws IOException {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> modules = Files.list(project)) {
            for (Path target : modules.map(module -> module.resolve("target"))
                    .filter(Files::isDirectory)
                    .sorted()
                    .toList()) {
                try (Stream<Path> left = Files.walk(target)) {
                    left.filter(Files::isRegularFile)
                            .filter(Secrets::isLog)
                            .sorted()
                            .forEach(files::add);
                }
            }
        }
        return files;
    }

    private static boolean isLog(Path file) {
        String name = file.toString();
        return name.contains("surefire-reports") || name.endsWith(".log") || name.endsWith(".dumpstream");
    }

    /** Each line with a secret, as {@code file:line: form}; the secret is not said again. */
    static List<String> in(Path file) throws IOException {
        List<String> found = new ArrayList<>();
        String[] lines = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).split("\n", -1);
        for (int i = 0; i < lines.length; i++) {
            for (Pattern form : FORMS) {
                Matcher secret = form.matcher(lines[i]);
                if (secret.find()) {
                    found.add(file + ":" + (i + 1) + ": /" + form + "/ after \""
                            + lines[i].substring(Math.max(0, secret.start() - 80), secret.start()) + "\"");
                }
            }
        }
        return found;
    }
}
