package dev.berth.name;

import dev.berth.InvalidInputException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Builds a {@link NameRule} for a target that Berth does not know.
 *
 * <pre>{@code
 * NameRule bucket = NameRule.named("bucket name").alphabet("a-z0-9.-").length(3, 63).build();
 * }</pre>
 *
 * <p>Sets of characters are written like the inside of a regular expression's brackets: {@code a-z0-9_.-}, with ranges
 * within the lower-case letters, the upper-case letters or the digits, and a literal hyphen first or last.
 *
 * <p>A builder is for one thread. Every method refuses null.
 */
public final class NameRuleBuilder {

    private static final int LONGEST = 1024;

    final String name;
    final Set<String> reserved = new HashSet<>();

    @Nullable
    Alphabet kept;

    int minLength = 1;
    int maxLength = 63;
    char separator = '-';
    boolean caseKept;
    boolean digitsRefused;
    boolean idnaPrefixRefused;
    private @Nullable Alphabet alphabet;
    private @Nullable Alphabet first;
    private @Nullable Alphabet last;

    NameRuleBuilder(String name) {
        if (name == null || name.isBlank()) {
            throw InvalidInputException.of(
                    "name of a rule", name, "what its names are called in messages, such as \"bucket name\"");
        }
        this.name = name;
    }

    /**
     * Sets what the target accepts. Required.
     *
     * @param characters printable ASCII, such as {@code a-z0-9_.-}
     * @return this builder
     * @throws InvalidInputException if it is null, empty, not ASCII, or holds a range from the wrong end
     */
    public NameRuleBuilder alphabet(String characters) {
        alphabet = Alphabet.parse("alphabet of " + name, characters);
        return this;
    }

    /**
     * Sets how long names may be; 1 to 63 unless set. As alphabets are ASCII, characters and bytes are the same.
     *
     * @param min the least number of characters
     * @param max the greatest number of characters, at most 1024, large enough for a readable beginning and the hash
     * @return this builder
     */
    public NameRuleBuilder length(int min, int max) {
        minLength = min;
        maxLength = max;
        return this;
    }

    /**
     * Sets what names may begin with; the alphabet's letters and digits unless set. Readable names lose leading
     * characters that are not among them.
     *
     * @param characters a part of the alphabet, with a letter or digit in it
     * @return this builder
     * @throws InvalidInputException if it is no set of characters
     */
    public NameRuleBuilder first(String characters) {
        first = Alphabet.parse("first character of " + name, characters);
        return this;
    }

    /**
     * Sets what names may end with; the alphabet's letters and digits unless set.
     *
     * @param characters a part of the alphabet
     * @return this builder
     * @throws InvalidInputException if it is no set of characters
     */
    public NameRuleBuilder last(String characters) {
        last = Alphabet.parse("last character of " + name, characters);
        return this;
    }

    /**
     * Sets what stands between parts, in the place of whatever is not readable, and before the hash; a hyphen unless
     * set.
     *
     * @param character one of the alphabet, neither letter nor digit
     * @return this builder
     */
    public NameRuleBuilder separator(char character) {
        separator = character;
        return this;
    }

    /**
     * Sets punctuation that readable names keep from their parts; none unless set, so that all of it becomes the
     * separator.
     *
     * @param characters a part of the alphabet
     * @return this builder
     * @throws InvalidInputException if it is no set of characters
     */
    public NameRuleBuilder keeping(String characters) {
        kept = Alphabet.parse("punctuation kept in " + name, characters);
        return this;
    }

    /**
     * Lets readable names keep upper and lower case; otherwise they are in one case, lower where the alphabet has it.
     * Only for targets in which names that differ in nothing else never meet, not in a DNS, a file system or a
     * database either.
     *
     * @return this builder
     */
    public NameRuleBuilder keepingCase() {
        caseKept = true;
        return this;
    }

    /**
     * Refuses words that have a meaning of their own, whatever their case. Adds to those of earlier calls.
     *
     * @param words words of the alphabet, in either case
     * @return this builder
     * @throws InvalidInputException if a word is null or empty
     */
    public NameRuleBuilder reserved(String... words) {
        if (words == null) {
            throw InvalidInputException.of("reserved words of " + name, null, "words, or no call");
        }
        for (String word : words) {
            if (word == null || word.isEmpty()) {
                throw InvalidInputException.of("reserved word of " + name, word, "a word of its alphabet");
            }
            reserved.add(word.toLowerCase(Locale.ROOT));
        }
        return this;
    }

    /**
     * Refuses names of digits only, which a target may take for an id.
     *
     * @return this builder
     */
    public NameRuleBuilder notOnlyDigits() {
        digitsRefused = true;
        return this;
    }

    /**
     * Refuses {@code --} as third and fourth character, which RFC 5891, 4.2.3.1 reserves in DNS labels ({@code xn--}).
     *
     * @return this builder
     */
    public NameRuleBuilder withoutIdnaPrefix() {
        idnaPrefixRefused = true;
        return this;
    }

    /**
     * Checks that the settings fit together and freezes them.
     *
     * @return the rule
     * @throws InvalidInputException if the alphabet is missing, or settings contradict one another; the message names
     *     both
     */
    public NameRule build() {
        Alphabet all = alphabet();
        within(all, "first", first);
        within(all, "last", last);
        within(all, "keeping", kept);
        if (minLength < 1 || maxLength < minLength || maxLength > LONGEST) {
            throw refused(
                    "length",
                    minLength + " to " + maxLength,
                    "a minimum of at least 1, a maximum not below it and not above " + LONGEST);
        }
        if (!all.has(separator) || Alphabet.isLetterOrDigit(separator)) {
            throw refused(
                    "separator",
                    separator,
                    "a character of the alphabet " + all + " that is neither letter nor digit; change one of them");
        }
        if (caseKept && !all.hasBothCases()) {
            throw refused("keepingCase", "with the alphabet " + all, "an alphabet that has a letter in both cases");
        }
        NameRule rule = new NameRule(this);
        int shortest = rule.stem().length() + rule.tailLength();
        if (maxLength < shortest || minLength > shortest) {
            throw refused(
                    "length",
                    minLength + " to " + maxLength,
                    "a range that holds " + shortest + ": a first character, the separator and a hash of "
                            + rule.token().length() + " characters, which keeps names apart");
        }
        for (String word : reserved) {
            if (!word.chars().allMatch(c -> all.has(c) || all.has(Alphabet.upper((char) c)))
                    || rule.token().occursIn(word)) {
                throw refused(
                        "reserved word",
                        word,
                        "a word of the alphabet " + all + " that does not look like a generated name");
            }
        }
        return rule;
    }

    Alphabet alphabet() {
        if (alphabet == null) {
            throw refused("alphabet", null, "a call of alphabet(...), such as alphabet(\"a-z0-9-\")");
        }
        return alphabet;
    }

    Alphabet first() {
        return first == null ? alphabet().lettersAndDigits() : first;
    }

    Alphabet last() {
        return last == null ? alphabet().lettersAndDigits() : last;
    }

    /** Takes an x where it can, for "unknown"; any other first letter or digit serves as well. */
    String stemOf(NameRule rule) {
        String preferred = "xXabcdefghijklmnopqrstuvwyzABCDEFGHIJKLMNOPQRSTUVWYZ0123456789";
        for (int i = 0; i < preferred.length(); i++) {
            char character = preferred.charAt(i);
            if (rule.mayBeginWith(character) && rule.readable(character) == character) {
                return String.valueOf(character);
            }
        }
        throw refused("first character", first(), "at least one letter or digit that readable names have");
    }

    Token tokenOf(NameRule rule) {
        StringBuilder usable = new StringBuilder();
        String digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
        for (int i = 0; i < digits.length(); i++) {
            char character = digits.charAt(i);
            boolean known = usable.indexOf(String.valueOf(Alphabet.lower(character))) >= 0;
            if (!known && rule.mayEndWith(character) && rule.readable(character) == character) {
                usable.append(character);
            }
        }
        Token token = Token.of(usable.toString());
        if (token == null) {
            throw refused(
                    "alphabet",
                    alphabet + " ending in " + last(),
                    "at least 16 different letters and digits that may also end a name, to write a hash with");
        }
        return token;
    }

    private void within(Alphabet all, String setting, @Nullable Alphabet part) {
        if (part != null && !all.holdsAllOf(part)) {
            throw refused(setting, part, "characters of the alphabet " + all + "; change one of them");
        }
    }

    private InvalidInputException refused(String setting, @Nullable Object given, String allowed) {
        return InvalidInputException.of(setting + " of " + name, given, allowed);
    }
}
