package dev.berth;

/** Text that came from outside, as it is put into a message: nobody can forge a line of a log with it. */
final class OneLine {
    private OneLine() {}

    /** Control and invisible formatting characters and halves of pairs escaped, and cut where it is too long. */
    static String of(String text, int longest) {
        int end = Math.min(text.length(), longest);
        if (end == text.length() && text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            return text;
        }
        var shown = new StringBuilder(end);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (Character.isISOControl(c)
                    || isUnseen(Character.getType(c))
                    || (Character.isSurrogate(c) && !isPaired(text, i, end))) {
                shown.append(String.format("\\u%04x", (int) c));
            } else {
                shown.append(c);
            }
        }
        if (end < text.length()) {
            shown.append("… (").append(text.length()).append(" characters)");
        }
        return shown.toString();
    }

    private static boolean isUnseen(int type) {
        return type == Character.FORMAT || type == Character.LINE_SEPARATOR || type == Character.PARAGRAPH_SEPARATOR;
    }

    private static boolean isPaired(String text, int i, int end) {
        char c = text.charAt(i);
        return Character.isHighSurrogate(c)
                ? i + 1 < end && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
}
