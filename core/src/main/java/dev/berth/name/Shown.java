package dev.berth.name;

import java.util.Locale;

/** Writes a single character so that a message tells it apart from look-alikes. */
final class Shown {

    private Shown() {}

    /** ASCII as it is, everything else as its number: nobody sees a zero-width space or a Cyrillic letter. */
    static String character(int character) {
        return character >= ' ' && character <= '~'
                ? "'" + (char) character + "'"
                : String.format(Locale.ROOT, "U+%04X", character);
    }
}
