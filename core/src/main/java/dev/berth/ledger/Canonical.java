package dev.berth.ledger;

/** The canonical form of host names. */
final class Canonical {
    static final String LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?";
    static final String DNS_ALLOWED =
            "labels of 1 to 63 letters, digits and inner hyphens joined by dots, 253 characters in all; other letters in"
                    + " their xn-- form";

    private Canonical() {}

    /** Folds ASCII only: {@code String.toLowerCase} would turn the Kelvin sign into a plain k. */
    static String dnsName(String value) {
        var folded = new StringBuilder(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            folded.append(c >= 'A' && c <= 'Z' ? (char) (c + 32) : c);
        }
        int end = folded.length();
        if (end > 1 && folded.charAt(end - 1) == '.') {
            folded.setLength(end - 1);
        }
        return folded.toString();
    }
}
