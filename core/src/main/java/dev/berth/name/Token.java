package dev.berth.name;

import org.jspecify.annotations.Nullable;

/**
 * The form of the hash in a generated name: {@value #BITS} bits as a fixed number of digits, recognisable because the
 * first digit has only a few of the values. English words of this length exist for letters alone ("documentation" would
 * pass for a 13-digit base 32 number), but none begins with 0 to 7.
 *
 * <p>A token is a whole piece of a name, where pieces are the maximal runs of ASCII letters and digits. Plain names in
 * which any piece looks like a token are never given out, so plain and generated names have nothing in common, and stay
 * apart when a host puts a prefix or suffix of its own around them.
 */
final class Token {

    static final int BITS = 78;
    /** Douglas Crockford's base 32: no i, l, o (mistaken for digits) and no u. */
    private static final String BASE_32 = "0123456789abcdefghjkmnpqrstvwxyz";

    private static final int FEWEST_DIGITS = 16;

    private final String digits;
    private final int bitsPerDigit;
    private final int length;

    private Token(String digits, int bitsPerDigit) {
        this.digits = digits;
        this.bitsPerDigit = bitsPerDigit;
        this.length = (BITS + bitsPerDigit - 1) / bitsPerDigit;
    }

    /**
     * Takes base 32 where the target has all its digits in either case, else base 16 of the first sixteen it has.
     *
     * @param usable the letters and digits that names may have in the middle and at the end, each in one case
     * @return the form, or null where there are fewer than sixteen
     */
    static @Nullable Token of(String usable) {
        StringBuilder base32 = new StringBuilder();
        for (int i = 0; i < BASE_32.length(); i++) {
            char digit = BASE_32.charAt(i);
            char upper = Alphabet.upper(digit);
            if (usable.indexOf(digit) >= 0) {
                base32.append(digit);
            } else if (usable.indexOf(upper) >= 0) {
                base32.append(upper);
            }
        }
        if (base32.length() == BASE_32.length()) {
            return new Token(base32.toString(), 5);
        }
        return usable.length() < FEWEST_DIGITS ? null : new Token(usable.substring(0, FEWEST_DIGITS), 4);
    }

    int length() {
        return length;
    }

    /** Writes the leading bits of a hash. */
    String of(byte[] hash) {
        char[] token = new char[length];
        // The first digit has fewer bits than the others: those before the hash are zero.
        int bit = BITS - bitsPerDigit * length;
        for (int at = 0; at < length; at++) {
            int value = 0;
            for (int end = bit + bitsPerDigit; bit < end; bit++) {
                value = value << 1 | (bit < 0 ? 0 : hash[bit >>> 3] >>> (7 - (bit & 7)) & 1);
            }
            token[at] = digits.charAt(value);
        }
        return new String(token);
    }

    /** Tells whether any piece of a text looks like a token, in whatever case. */
    boolean occursIn(String text) {
        int start = 0;
        for (int at = 0; at <= text.length(); at++) {
            if (at == text.length() || !Alphabet.isLetterOrDigit(text.charAt(at))) {
                if (at - start == length && isToken(text, start)) {
                    return true;
                }
                start = at + 1;
            }
        }
        return false;
    }

    private boolean isToken(String text, int start) {
        for (int at = start; at < start + length; at++) {
            if (valueOf(text.charAt(at)) < 0) {
                return false;
            }
        }
        return valueOf(text.charAt(start)) < 1 << (BITS - bitsPerDigit * (length - 1));
    }

    private int valueOf(char character) {
        int lower = digits.indexOf(Alphabet.lower(character));
        return lower >= 0 ? lower : digits.indexOf(Alphabet.upper(character));
    }
}
