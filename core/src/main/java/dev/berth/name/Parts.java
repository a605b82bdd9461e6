package dev.berth.name;

import dev.berth.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The door: what may be a part of a name at all, whatever the target. */
final class Parts {

    static final int MOST_PARTS = 16;
    static final int MOST_BYTES = 1024;
    private static final String ALLOWED = "text of 1 to " + MOST_BYTES
            + " bytes in UTF-8 that is not blank and has neither control characters nor unpaired surrogates; "
            + "give a stable identity such as the owner's id, and default an unset value before it gets here";

    private Parts() {}

    static List<String> admitted(String @Nullable [] parts) {
        if (parts == null || parts.length == 0 || parts.length > MOST_PARTS) {
            throw InvalidInputException.of(
                    "number of parts of a name",
                    parts == null ? null : parts.length,
                    "1 to " + MOST_PARTS + ", such as a user and a type");
        }
        // A copy first: what is checked must be what is used, also when the caller's array changes meanwhile.
        @Nullable String[] copy = parts.clone();
        List<String> admitted = new ArrayList<>(copy.length);
        for (String part : copy) {
            admitted.add(admit("part " + (admitted.size() + 1) + " of " + copy.length + " of a name", part));
        }
        return List.copyOf(admitted);
    }

    static String admit(String what, @Nullable String part) {
        if (part == null) {
            throw InvalidInputException.of(what, null, ALLOWED);
        }
        // A UTF-16 unit takes at least one byte, so a huge text is refused before it is walked.
        if (part.length() > MOST_BYTES) {
            throw InvalidInputException.of(what + " of over " + MOST_BYTES + " bytes", part, ALLOWED);
        }
        int bytes = bytesOf(what, part);
        if (bytes > MOST_BYTES) {
            throw InvalidInputException.of(what + " of " + bytes + " bytes", part, ALLOWED);
        }
        if (part.codePoints().allMatch(Parts::isInvisible)) {
            throw InvalidInputException.of(what + " that is blank", part, ALLOWED);
        }
        return part;
    }

    private static int bytesOf(String what, String part) {
        int bytes = 0;
        for (int at = 0; at < part.length(); ) {
            int character = part.codePointAt(at);
            if (Character.isISOControl(character) || isSurrogate(character)) {
                throw InvalidInputException.of(
                        what + " with " + Shown.character(character) + " at index " + at, part, ALLOWED);
            }
            bytes += character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
            at += Character.charCount(character);
        }
        return bytes;
    }

    private static boolean isSurrogate(int character) {
        return character >= Character.MIN_SURROGATE && character <= Character.MAX_SURROGATE;
    }

    /** Wider than {@link String#isBlank()}: a no-break or zero-width space comes from an unset field just as well. */
    private static boolean isInvisible(int character) {
        return Character.isWhitespace(character)
                || Character.isSpaceChar(character)
                || Character.getType(character) == Character.FORMAT;
    }
}
