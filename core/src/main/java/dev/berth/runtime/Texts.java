package dev.berth.runtime;

import java.util.regex.Pattern;

/** What runtimes say goes into messages and logs, so it is one line of bounded length there. */
final class Texts {
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]+");
    private static final int LONGEST = 600;

    private Texts() {}

    static String line(String text) {
        String line = UNPRINTABLE.matcher(text).replaceAll(" ").strip();
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }

    static String of(Throwable failure) {
        String message = failure.getMessage();
        return line(message == null || message.isBlank() ? failure.getClass().getSimpleName() : message);
    }
}
