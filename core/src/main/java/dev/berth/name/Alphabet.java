package dev.berth.name;

import dev.berth.InvalidInputException;
import java.util.BitSet;

/** A set of printable ASCII characters, written like the inside of a regular expression's brackets. */
final class Alphabet {

    private static final int FIRST_PRINTABLE = '!';
    private static final int LAST_PRINTABLE = '~';
    private static final String ALLOWED =
            "printable ASCII characters without the space, with ranges such as a-z, A-Z or "
                    + "0-9 and a literal hyphen first or last, for example a-z0-9_.-";

    private final String notation;
    private final BitSet characters;

    private Alphabet(String notation, BitSet characters) {
        this.notation = notation;
        this.characters = characters;
    }

    static Alphabet parse(String what, String notation) {
        if (notation == null || notation.isEmpty()) {
            throw InvalidInputException.of(what, notation, ALLOWED);
        }
        BitSet characters = new BitSet();
        for (int at = 0; at < notation.length(); at++) {
            char from = notation.charAt(at);
            boolean range = at + 2 < notation.length() && notation.charAt(at + 1) == '-';
            char to = range ? notation.charAt(at + 2) : from;
            if (from < FIRST_PRINTABLE || from > LAST_PRINTABLE || (range && !isRange(from, to))) {
                throw InvalidInputException.of(what, notation, ALLOWED);
            }
            characters.set(from, to + 1);
            at += range ? 2 : 0;
        }
        return new Alphabet(notation, characters);
    }

    /** Only within one class: {@code +-.} would otherwise silently be a range that holds the comma. */
    private static boolean isRange(char from, char to) {
        return from <= to
                && ((isDigit(from) && isDigit(to)) || (isLower(from) && isLower(to)) || (isUpper(from) && isUpper(to)));
    }

    boolean has(int character) {
        return character >= 0 && characters.get(character);
    }

    boolean holdsAllOf(Alphabet other) {
        BitSet missing = (BitSet) other.characters.clone();
        missing.andNot(characters);
        return missing.isEmpty();
    }

    boolean hasBothCases() {
        return characters.stream().anyMatch(c -> isLower(c) && has(upper((char) c)));
    }

    Alphabet lettersAndDigits() {
        BitSet lettersAndDigits = new BitSet();
        characters.stream().filter(Alphabet::isLetterOrDigit).forEach(lettersAndDigits::set);
        return new Alphabet(shortened(lettersAndDigits), lettersAndDigits);
    }

    /** Writes runs of three and more as ranges: {@code a-z0-9}, not 36 letters, is what a message should say. */
    private static String shortened(BitSet characters) {
        StringBuilder notation = new StringBuilder();
        for (int from = characters.nextSetBit(0); from >= 0; ) {
            int to = characters.nextClearBit(from) - 1;
            notation.append((char) from).append(to - from > 1 ? "-" : "");
            notation.append(to > from ? String.valueOf((char) to) : "");
            from = characters.nextSetBit(to + 1);
        }
        return notation.toString();
    }

    static boolean isLetterOrDigit(int character) {
        return isDigit(character) || isLower(character) || isUpper(character);
    }

    static boolean isDigit(int character) {
        return character >= '0' && character <= '9';
    }

    static char lower(char character) {
        return isUpper(character) ? (char) (character + ('a' - 'A')) : character;
    }

    static char upper(char character) {
        return isLower(character) ? (char) (character - ('a' - 'A')) : character;
    }

    private static boolean isLower(int character) {
        return character >= 'a' && character <= 'z';
    }

    private static boolean isUpper(int character) {
        return character >= 'A' && character <= 'Z';
    }

    @Override
    public String toString() {
        return "[" + notation + "]";
    }
}
