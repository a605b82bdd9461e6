package dev.berth.name;

import dev.berth.InvalidInputException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The fixed text around the parts of a name: literal, part, literal, part, ... literal. */
final class Template {

    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([A-Za-z][A-Za-z0-9_-]*)}");

    private final List<String> literals;
    /** The placeholders in order; empty for parts that are simply joined. */
    private final List<String> names;

    private final String separator;
    private final int literalLength;

    private Template(List<String> literals, List<String> names, String separator) {
        this.literals = InvalidInputException.copyOf("literals", literals);
        this.names = InvalidInputException.copyOf("names", names);
        this.separator = separator;
        this.literalLength = literals.stream().mapToInt(String::length).sum();
    }

    static Template joining(char separator, int parts) {
        List<String> literals = new ArrayList<>(Collections.nCopies(parts + 1, String.valueOf(separator)));
        literals.set(0, "");
        literals.set(parts, "");
        return new Template(literals, List.of(), String.valueOf(separator));
    }

    static Template parse(String text, NameRule rule) {
        String allowed = "text of the " + rule.name() + " with 1 to " + Parts.MOST_PARTS
                + " different placeholders such as {user}; a brace is always a placeholder's";
        if (text == null) {
            throw InvalidInputException.of("template", null, allowed);
        }
        List<String> literals = new ArrayList<>();
        List<String> names = new ArrayList<>();
        Matcher placeholder = PLACEHOLDER.matcher(text);
        int at = 0;
        while (placeholder.find()) {
            literals.add(text.substring(at, placeholder.start()));
            names.add(placeholder.group(1));
            at = placeholder.end();
        }
        literals.add(text.substring(at));
        boolean stray = literals.stream().anyMatch(literal -> literal.contains("{") || literal.contains("}"));
        if (stray
                || names.isEmpty()
                || names.size() > Parts.MOST_PARTS
                || Set.copyOf(names).size() < names.size()) {
            throw InvalidInputException.of("template", text, allowed);
        }
        Template template = new Template(literals, names, "");
        template.checkLiterals(text, rule);
        return template;
    }

    /** A literal that makes every name invalid is a mistake in the program, so it is found when the program starts. */
    private void checkLiterals(String text, NameRule rule) {
        String head = literals.get(0);
        String foot = literals.get(literals.size() - 1);
        boolean legal = literals.stream().allMatch(l -> l.chars().allMatch(c -> rule.isLiteral((char) c)))
                && (head.isEmpty() || rule.mayBeginWith(head.charAt(0)))
                && (foot.isEmpty() || rule.mayEndWith(foot.charAt(foot.length() - 1)))
                && !(rule.refusesIdnaPrefix() && head.startsWith("--", 2));
        if (!legal) {
            throw InvalidInputException.of(
                    "template",
                    text,
                    "around the placeholders only what can stand there in a " + rule + ", letters in the case that its"
                            + " readable names have");
        }
    }

    /** The least number of characters that leaves something of every part to be seen. */
    int leastLength() {
        return literalLength + literals.size() - 1;
    }

    List<String> inOrder(Map<String, String> values) {
        String allowed = "a value for each of " + names + " and for nothing else";
        if (values == null) {
            throw InvalidInputException.of("values of a template", null, allowed);
        }
        Set<String> given = values.keySet().stream()
                .map(name -> name == null ? "null" : name)
                .collect(Collectors.toCollection(TreeSet::new));
        if (values.size() != names.size() || !given.containsAll(names)) {
            throw InvalidInputException.of("values of a template", given, allowed);
        }
        List<String> parts = new ArrayList<>();
        for (String name : names) {
            parts.add(Parts.admit("value of {" + name + "}", values.get(name)));
        }
        return parts;
    }

    void checkCount(List<String> parts) {
        if (parts.size() != names.size()) {
            throw InvalidInputException.of(
                    "number of parts of a name",
                    parts.size(),
                    names.size() + ", in the order of the template: " + names);
        }
    }

    /**
     * Puts cleaned parts into their places, cutting the longest ones first, so that a short part (an app's number behind
     * a long model name) and the fixed text stay readable.
     */
    String render(List<String> parts, int budget) {
        StringBuilder text = new StringBuilder(literals.get(0));
        List<String> fitting = shortened(parts, budget - literalLength);
        for (int i = 0; i < fitting.size(); i++) {
            text.append(fitting.get(i));
            if (fitting.get(i).isEmpty()) {
                stripEnd(text);
            }
            text.append(literals.get(i + 1));
        }
        text.setLength(Math.min(text.length(), budget));
        return text.toString();
    }

    private static List<String> shortened(List<String> parts, int budget) {
        int[] lengths = parts.stream().mapToInt(String::length).toArray();
        int excess = -budget;
        for (int length : lengths) {
            excess += length;
        }
        for (; excess > 0; excess--) {
            int longest = 0;
            for (int i = 1; i < lengths.length; i++) {
                longest = lengths[i] >= lengths[longest] ? i : longest;
            }
            if (lengths[longest] <= 1) {
                break;
            }
            lengths[longest]--;
        }
        List<String> shortened = new ArrayList<>();
        for (int i = 0; i < lengths.length; i++) {
            String part = parts.get(i);
            if (lengths[i] == part.length()) {
                shortened.add(part);
            } else {
                StringBuilder cut = new StringBuilder(part.substring(0, lengths[i]));
                stripEnd(cut);
                shortened.add(cut.toString());
            }
        }
        return shortened;
    }

    /** Leaves a letter or digit at the end, so that what follows does not double a separator. */
    static void stripEnd(StringBuilder text) {
        while (text.length() > 0 && !Alphabet.isLetterOrDigit(text.charAt(text.length() - 1))) {
            text.setLength(text.length() - 1);
        }
    }

    /**
     * Tells whether these parts are <em>the</em> reading of a text, of all that would render to it. The reading is a
     * function of the text alone: joined parts are split at every separator; a template's literals are matched at the
     * first place that leaves the part before them not empty. So no text has two lists of parts for which this is true,
     * whatever is in parts and literals.
     */
    boolean isReadingOf(String text, List<String> parts) {
        if (names.isEmpty()) {
            return parts.stream().noneMatch(part -> part.contains(separator));
        }
        int at = literals.get(0).length();
        for (int i = 0; i < parts.size() - 1; i++) {
            int end = text.indexOf(literals.get(i + 1), at + 1);
            if (end != at + parts.get(i).length()) {
                return false;
            }
            at = end + literals.get(i + 1).length();
        }
        return true;
    }

    /** The names of placeholders stay out: renaming one must not rename what runs. */
    void addTo(Digest digest) {
        digest.add(names.isEmpty() ? List.of() : literals);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(literals.get(0));
        for (int i = 0; i < names.size(); i++) {
            text.append('{').append(names.get(i)).append('}').append(literals.get(i + 1));
        }
        return text.toString();
    }
}
