package dev.berth.name;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes what was given so that it can stand in a message and a log: quoted, printable, and never long. */
final class Shown {

    private static final int MOST_CHARACTERS = 80;

    private Shown() {}

    static String text(@Nullable String given) {
        if (given == null) {
            return "null";
        }
        StringBuilder shown = new StringBuilder("\"");
        int at = 0;
        while (at < given.length() && shown.length() <= MOST_CHARACTERS) {
            int character = given.codePointAt(at);
            shown.append(character == '"' ? "\\\"" : character(character));
            at += Character.charCount(character);
        }
        shown.append('"');
        return at < given.length()
                ? shown.append("... (")
                        .append(given.length())
                        .append(" characters)")
                        .toString()
                : shown.toString();
    }

    /** ASCII as it is, everything else as its number: a look-alike or an invisible character must be told apart. */
    static String character(int character) {
        return character >= ' ' && character <= '~'
                ? String.valueOf((char) character)
                : String.format(Locale.ROOT, "\\u{%04X}", character);
    }
}
