package dev.berth.ledger;

/** How values are compared and read as numbers, the same for every store. */
final class Numbers {
    private Numbers() {}

    /** The value as a number, or -1 where it is not one in canonical form (no sign, no leading zero, below 10^9). */
    static int parse(String value) {
        int length = value.length();
        if (length == 0 || length > 9 || (length > 1 && value.charAt(0) == '0')) {
            return -1;
        }
        int number = 0;
        for (int i = 0; i < length; i++) {
            int digit = value.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /**
     * Compares as the UTF-8 bytes would: databases order binary keys so, and {@link String#compareTo} differs from it
     * where surrogates meet U+E000 to U+FFFF.
     */
    static int compareUtf8(String a, String b) {
        int end = Math.min(a.length(), b.length());
        for (int i = 0; i < end; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                if (Character.isSurrogate(x) != Character.isSurrogate(y)) {
                    return Character.isSurrogate(x) ? 1 : -1;
                }
                return x - y;
            }
        }
        return a.length() - b.length();
    }
}
