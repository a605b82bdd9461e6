package dev.berth.examples.appfactory;

import dev.berth.examples.cli.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a {@code .env} file, line by line, as Docker Compose reads it: what is a comment stays one, and a value is
 * quoted so that Compose 1 (python-dotenv) and Compose 2 (compose-go) both read back what was written.
 */
final class EnvFile {
    private static final Pattern ASSIGNMENT = Pattern.compile("\\s*(?:export\\s+)?([A-Za-z_][A-Za-z0-9_.]*)\\s*=(.*)");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{\\{\\s*([A-Za-z0-9_]+)\\s*}}");
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./:@%+,-]*");

    private final List<String> lines;

    private EnvFile(List<String> lines) {
        this.lines = List.copyOf(lines);
    }

    static EnvFile read(Path file) throws IOException {
        return of(Files.readString(file));
    }

    static EnvFile of(String text) {
        return new EnvFile(text.lines().toList());
    }

    /** All values by key, unquoted; of a key that stands there twice the last one, as in Compose. */
    Map<String, String> values() {
        Map<String, String> values = new LinkedHashMap<>();
        for (String line : lines) {
            Matcher assignment = ASSIGNMENT.matcher(line);
            if (assignment.matches()) {
                values.put(assignment.group(1), unquoted(assignment.group(2).strip()));
            }
        }
        return values;
    }

    /** This file with {@code {{PLACEHOLDER}}}s replaced; all that have no value are named in one error. */
    EnvFile filled(Map<String, String> given) {
        var missing = new TreeSet<String>();
        List<String> filled = new ArrayList<>();
        for (String line : lines) {
            Matcher assignment = ASSIGNMENT.matcher(line);
            if (!assignment.matches() || !PLACEHOLDER.matcher(line).find()) {
                filled.add(line);
                continue;
            }
            String value = PLACEHOLDER
                    .matcher(unquoted(assignment.group(2).strip()))
                    .replaceAll(found -> {
                        String name = found.group(1);
                        if (!given.containsKey(name)) {
                            missing.add("{{" + name + "}}");
                        }
                        return Matcher.quoteReplacement(given.getOrDefault(name, ""));
                    });
            filled.add(assignment.group(1) + "=" + quoted(assignment.group(1), value));
        }
        if (!missing.isEmpty()) {
            throw new UsageException("no value for " + String.join(", ", missing) + "; there are values for "
                    + String.join(", ", new TreeSet<>(given.keySet())) + "; give others with --set NAME=VALUE");
        }
        return new EnvFile(filled);
    }

    /** This file with these values; whatever else is in it stays, and a key that it lacks is added at its end. */
    EnvFile with(Map<String, String> changes) {
        Map<String, String> left = new LinkedHashMap<>(changes);
        List<String> changed = new ArrayList<>();
        for (String line : lines) {
            Matcher assignment = ASSIGNMENT.matcher(line);
            String value = assignment.matches() ? changes.get(assignment.group(1)) : null;
            if (value == null || value.equals(unquoted(assignment.group(2).strip()))) {
                changed.add(line);
            } else {
                changed.add(assignment.group(1) + "=" + quoted(assignment.group(1), value));
            }
            if (value != null) {
                left.remove(assignment.group(1));
            }
        }
        left.forEach((key, value) -> changed.add(key + "=" + quoted(key, value)));
        return new EnvFile(changed);
    }

    /** Replaces the file, or makes it: whoever reads it meanwhile finds the old text or the new one, never a part. */
    void replace(Path file) throws IOException {
        Path beside = Files.createTempFile(file.toAbsolutePath().getParent(), ".env-", ".new");
        try {
            Files.writeString(beside, this.toString());
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(beside);
        }
    }

    static String quoted(String key, String value) {
        if (PLAIN.matcher(value).matches()) {
            return value;
        }
        if (value.contains("${")) {
            throw new UsageException(
                    "the value of " + key + " contains \"${\", which Compose 1 takes for a variable even in"
                            + " single quotes; leave it out");
        }
        if (value.chars().anyMatch(each -> each < ' ' && each != '\n' && each != '\t')) {
            throw new UsageException("the value of " + key + " has a control character; leave it out");
        }
        boolean literal = value.indexOf('\'') < 0 && value.indexOf('\\') < 0 && value.indexOf('\n') < 0;
        if (literal) {
            return "'" + value + "'";
        }
        if (value.indexOf('$') >= 0 || value.endsWith("\\")) {
            throw new UsageException(
                    "the value of " + key + " cannot be written so that every Compose reads the same: it has"
                            + " a quote, a backslash or a line break beside a dollar sign, or ends with a backslash; leave one of"
                            + " them out");
        }
        return '"' + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }

    private static String unquoted(String raw) {
        if (raw.startsWith("'") || raw.startsWith("\"")) {
            int end = closing(raw);
            if (end > 0) {
                String inner = raw.substring(1, end);
                return raw.startsWith("'") ? inner : unescaped(inner);
            }
        }
        int comment = raw.indexOf(" #");
        return (comment < 0 ? raw : raw.substring(0, comment)).strip();
    }

    private static int closing(String raw) {
        char quote = raw.charAt(0);
        for (int at = 1; at < raw.length(); at++) {
            if (raw.charAt(at) == '\\' && quote == '"') {
                at++;
            } else if (raw.charAt(at) == quote) {
                return at;
            }
        }
        return -1;
    }

    private static String unescaped(String text) {
        var plain = new StringBuilder();
        for (int at = 0; at < text.length(); at++) {
            char next = text.charAt(at);
            if (next == '\\' && at + 1 < text.length()) {
                at++;
                plain.append(text.charAt(at) == 'n' ? '\n' : text.charAt(at));
            } else {
                plain.append(next);
            }
        }
        return plain.toString();
    }

    @Override
    public String toString() {
        return String.join("\n", lines) + "\n";
    }
}
