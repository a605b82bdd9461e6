package dev.berth.name;

import java.text.Normalizer;

/**
 * Makes one part readable under a rule: letters and digits that the rule has, nothing doubled, nothing at the edges.
 *
 * <p>Depends on neither the locale nor the JDK's version of Unicode: only code points in the closed ranges below are
 * decomposed (every one of them assigned, and so frozen, since Unicode 5.1), and letter case is ASCII's.
 */
final class Cleaner {

    private final NameRule rule;

    Cleaner(NameRule rule) {
        this.rule = rule;
    }

    /** Cleans a part; empty when it has no letter or digit that the target knows. */
    String clean(String part) {
        StringBuilder cleaned = new StringBuilder();
        boolean gap = false;
        boolean readable = false;
        for (int at = 0; at < part.length(); ) {
            int codePoint = part.codePointAt(at);
            at += Character.charCount(codePoint);
            String latin = latin(codePoint);
            for (int i = 0; i < latin.length(); i++) {
                char character = rule.readable(latin.charAt(i));
                if (character == NameRule.NONE || character == rule.separator()) {
                    gap = true;
                    continue;
                }
                if (gap && cleaned.length() > 0) {
                    cleaned.append(rule.separator());
                }
                gap = false;
                readable |= Alphabet.isLetterOrDigit(character);
                cleaned.append(character);
            }
        }
        return readable ? cleaned.toString() : "";
    }

    /** Writes one code point in ASCII as far as it is Latin; a mark goes, anything else stays and becomes a gap. */
    private static String latin(int codePoint) {
        if (codePoint >= 0x300 && codePoint <= 0x36F) {
            return "";
        }
        String ligature = withoutDecomposition(codePoint);
        if (!ligature.isEmpty()) {
            return ligature;
        }
        String itself = Character.toString(codePoint);
        if (!isDecomposed(codePoint)) {
            return itself;
        }
        String decomposed = Normalizer.normalize(itself, Normalizer.Form.NFKD);
        StringBuilder bare = new StringBuilder();
        decomposed.codePoints().filter(c -> c < 0x300 || c > 0x36F).forEach(bare::appendCodePoint);
        return bare.toString();
    }

    /** Latin-1 and Latin Extended-A and -B, Latin Extended Additional, ligatures such as U+FB01, full-width ASCII. */
    private static boolean isDecomposed(int codePoint) {
        return (codePoint >= 0xA0 && codePoint <= 0x24F)
                || (codePoint >= 0x1E00 && codePoint <= 0x1EFF)
                || (codePoint >= 0xFB00 && codePoint <= 0xFB06)
                || (codePoint >= 0xFF01 && codePoint <= 0xFF5E);
    }

    /** The letters of European names that Unicode does not take apart. */
    private static String withoutDecomposition(int codePoint) {
        return switch (codePoint) {
            case 0xDF -> "ss"; // ß
            case 0x1E9E -> "SS"; // its capital
            case 0xC6 -> "AE"; // Æ
            case 0xE6 -> "ae"; // æ
            case 0x152 -> "OE"; // Œ
            case 0x153 -> "oe"; // œ
            case 0xD8 -> "O"; // Ø
            case 0xF8 -> "o"; // ø
            case 0x141 -> "L"; // Ł
            case 0x142 -> "l"; // ł
            case 0xD0, 0x110 -> "D"; // Ð, Đ
            case 0xF0, 0x111 -> "d"; // ð, đ
            case 0xDE -> "TH"; // Þ
            case 0xFE -> "th"; // þ
            case 0x126 -> "H"; // Ħ
            case 0x127 -> "h"; // ħ
            case 0x166 -> "T"; // Ŧ
            case 0x167 -> "t"; // ŧ
            case 0x14A -> "N"; // Ŋ
            case 0x14B -> "n"; // ŋ
            case 0x131 -> "i"; // ı
            case 0x18F -> "E"; // Ə
            case 0x259 -> "e"; // ə
            default -> "";
        };
    }
}
