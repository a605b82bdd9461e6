package dev.berth.torture.check;

import dev.berth.ledger.Token;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How calls are written, a line before and a line after each, words with tabs between. The second line is missing where a
 * process has died; a line that is not whole counts as missing.
 */
public final class Lines {
    private static final String NONE = "-";
    private static final int INTENT_WORDS = 8;
    private static final int OUTCOME_WORDS = 7;

    private Lines() {}

    /** The line before a call. */
    public static String intent(
            long number,
            long nanos,
            Deed deed,
            String owner,
            Optional<Token> token,
            Optional<String> part,
            Optional<Duration> lease) {
        return String.join(
                "\t",
                ">",
                Long.toString(number),
                Long.toString(nanos),
                deed.name(),
                owner,
                token.map(Token::toString).orElse(NONE),
                part.orElse(NONE),
                lease.map(span -> Long.toString(span.toMillis())).orElse(NONE));
    }

    /** The line after a call. */
    public static String outcome(long number, long nanos, Answer answer, String type, Optional<Seen> seen) {
        // The last word says that the line is whole.
        return String.join(
                "\t",
                "<",
                Long.toString(number),
                Long.toString(nanos),
                answer.name(),
                type.isEmpty() ? NONE : type,
                seen.map(Seen::written).orElse(NONE),
                ".");
    }

    /** Reads what a process has written. */
    public static List<Operation> read(String process, List<String> lines) {
        Map<Long, String[]> intents = new HashMap<>();
        List<Operation> operations = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split("\t", -1);
            if (words[0].equals(">") && words.length == INTENT_WORDS) {
                intents.put(Long.parseLong(words[1]), words);
            } else if (words[0].equals("<") && words.length == OUTCOME_WORDS && words[OUTCOME_WORDS - 1].equals(".")) {
                String[] intent = intents.remove(Long.parseLong(words[1]));
                if (intent == null) {
                    throw new IllegalArgumentException(process + ": an outcome without an intent: " + line);
                }
                operations.add(operation(process, intent, words));
            } else if (!line.equals(lines.get(lines.size() - 1))) {
                throw new IllegalArgumentException(process + ": neither an intent nor an outcome: " + line);
            }
        }
        intents.values().forEach(intent -> operations.add(operation(process, intent, null)));
        return operations;
    }

    private static Operation operation(String process, String[] intent, String @Nullable [] outcome) {
        List<String> lines = new ArrayList<>(List.of(process + "\t" + String.join("\t", intent)));
        if (outcome != null) {
            lines.add(process + "\t" + String.join("\t", outcome));
        }
        return new Operation(
                process,
                Long.parseLong(intent[1]),
                Deed.valueOf(intent[3]),
                intent[4],
                word(intent[5]).map(Lines::token),
                word(intent[6]),
                word(intent[7]).map(millis -> Duration.ofMillis(Long.parseLong(millis))),
                Long.parseLong(intent[2]),
                outcome == null ? Operation.NEVER : Long.parseLong(outcome[2]),
                outcome == null ? Answer.UNKNOWN : Answer.valueOf(outcome[3]),
                outcome == null ? "" : word(outcome[4]).orElse(""),
                outcome == null ? Optional.empty() : word(outcome[5]).map(Seen::read),
                lines);
    }

    private static Optional<String> word(String text) {
        return Optional.of(text).filter(one -> !one.equals(NONE));
    }

    private static Token token(String text) {
        int at = text.indexOf('@');
        return new Token(UUID.fromString(text.substring(0, at)), Long.parseLong(text.substring(at + 1)));
    }
}
