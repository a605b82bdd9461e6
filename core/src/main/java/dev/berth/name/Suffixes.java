package dev.berth.name;

import dev.berth.InvalidInputException;
import java.util.ArrayList;
import java.util.List;

/** What a host may put behind generated names without making two of them equal. */
final class Suffixes {

    private Suffixes() {}

    /**
     * If no suffix ends in another, and no name ends in a suffix, then {@code p + s = q + t} only for {@code s = t} and
     * {@code p = q}: were {@code s} longer than {@code t}, it would end in {@code t}; and {@code p + s = q} would make
     * the name {@code q} end in {@code s}. As a suffix does not begin with a letter or digit, a token before it stays a
     * piece of its own, and hashed names stay apart from plain ones.
     */
    static List<String> checked(String[] suffixes, NameRule rule) {
        if (suffixes == null || suffixes.length == 0) {
            throw InvalidInputException.of(
                    "suffixes", suffixes == null ? null : List.of(), "at least one, such as _backend");
        }
        List<String> checked = new ArrayList<>();
        for (String suffix : suffixes.clone()) {
            if (suffix == null || !isSuffix(suffix, rule)) {
                throw InvalidInputException.of(
                        "suffix",
                        suffix,
                        "one that can end a " + rule
                                + ", and that begins with neither letter nor digit, such as _backend");
            }
            checked.add(suffix);
        }
        for (String suffix : checked) {
            if (checked.stream().filter(suffix::endsWith).count() > 1) {
                throw InvalidInputException.of(
                        "suffixes",
                        checked,
                        "suffixes none of which ends in another; rename " + suffix
                                + ", as a name with it could be another name with the other");
            }
        }
        return List.copyOf(checked);
    }

    private static boolean isSuffix(String suffix, NameRule rule) {
        return !suffix.isEmpty()
                && !Alphabet.isLetterOrDigit(suffix.charAt(0))
                && suffix.chars().allMatch(c -> rule.isLiteral((char) c))
                && rule.mayEndWith(suffix.charAt(suffix.length() - 1))
                && !rule.token().occursIn(suffix);
    }
}
