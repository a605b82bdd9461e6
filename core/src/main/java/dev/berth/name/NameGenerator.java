package dev.berth.name;

import dev.berth.InvalidInputException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes names for a target from parts, such as a user and a desktop type: readable, valid under a {@link NameRule}, the
 * same for the same parts on every machine and under every version of Java, and different for different parts.
 *
 * <pre>{@code
 * NameGenerator desktops = NameGenerator.of(NameRule.CONTAINER).template("kasm-{user}-{type}");
 * String name = desktops.unique("julian.kiedaisch", "ubuntu-vscode"); // kasm-julian.kiedaisch-ubuntu-vscode
 * }</pre>
 *
 * <p><strong>Two ways to use it.</strong> {@link #candidates} is for a ledger that arbitrates: the readable name first,
 * even if other parts read the same, then names with a hash. {@link #unique} needs no ledger: it is injective, and gives
 * the readable name only to parts that nothing else reads like. Use one of the two per target: a first candidate may be
 * the unique name of somebody else.
 *
 * <p><strong>What a part is.</strong> Text of 1 to 1024 bytes in UTF-8, at most 16 of them, told apart exactly: other
 * case, another Unicode normal form or another cut between two parts is another name. A part that is blank (an unset
 * variable would lead everybody to one name), has control characters or an unpaired surrogate is refused.
 *
 * <p><strong>How it reads.</strong> Latin letters lose their marks ({@code ü} reads {@code u}, composed or not, and
 * {@code ß} reads {@code ss}), case follows the rule, each run of anything else becomes one separator. Where the whole
 * is too long, the longest parts are cut. What has no letter or digit left reads as nothing, and a name with such a
 * part always has a hash.
 *
 * <p><strong>The hash.</strong> 78 bits of SHA-256 over the exact parts and the template's text, written with digits
 * that the target accepts: 16 of base 32, or 20 of base 16 under rules with few letters. Among a million names, the odds
 * that any two hashes agree are n&sup2;/2<sup>79</sup>, about 1.7 in a million million; to make a name that meets a
 * given one takes some 2<sup>78</sup> attempts. (Two of one's own parts can be made to meet in 2<sup>39</sup> attempts,
 * which harms nobody else; a ledger notices even that.)
 *
 * <p><strong>It cannot be forged.</strong> A name with a hash has a piece that looks like one, and parts that would read
 * like that are never given out plain but hashed in turn. So no choice of parts, however clever, leads to the hashed
 * name of others under the same rule.
 *
 * <p>Generators are immutable and safe for use by several threads. The parts decide, not the placeholders' names; the
 * rest of a template is part of the name, so changing it renames what is generated from then on: store what was granted.
 */
public final class NameGenerator {

    /** Changing this renames everything that was ever generated with a hash. */
    private static final String DIGEST_PURPOSE = "dev.berth.name/1";

    private static final int HASHED_CANDIDATES = 7;

    private final NameRule rule;
    private final Cleaner cleaner;
    private final @Nullable Template template;
    private final List<String> suffixes;
    private final int limit;

    private NameGenerator(NameRule rule, @Nullable Template template, List<String> suffixes) {
        this.rule = rule;
        this.cleaner = new Cleaner(rule);
        this.template = template;
        this.suffixes = suffixes;
        this.limit = rule.maxLength()
                - suffixes.stream().mapToInt(String::length).max().orElse(0);
        int least = (template == null ? rule.stem().length() : template.leastLength()) + rule.tailLength();
        if (limit < least) {
            throw InvalidInputException.of(
                    "length of a generated " + rule.name()
                            + (suffixes.isEmpty() ? "" : " before " + String.join(" or ", suffixes)),
                    limit,
                    "at least " + least
                            + ": the fixed text, a character of every part, and the hash with its separator;"
                            + " shorten the template or the suffixes");
        }
    }

    /**
     * Makes a generator that joins any number of parts with the rule's separator.
     *
     * <p>Alone, {@link #unique} gives a hash to every name of which a part has the separator itself, because
     * {@code (a-b, c)} and {@code (a, b-c)} would read the same. A {@link #template} has a fixed number of parts and
     * more readable names.
     *
     * @param rule what the target accepts
     * @return the generator
     * @throws InvalidInputException if the rule is null
     */
    public static NameGenerator of(NameRule rule) {
        if (rule == null) {
            throw InvalidInputException.of("rule of a generator", null, "a rule, such as NameRule.CONTAINER");
        }
        return new NameGenerator(rule, null, List.of());
    }

    /**
     * Makes a generator that puts the parts into a template, such as {@code kasm-{user}-{type}}.
     *
     * <p>Placeholders begin with a letter and go on with letters, digits, {@code _} and {@code -}; each stands once.
     * Every brace belongs to a placeholder: no escape exists. The text around them must be what the target accepts, in
     * the case of readable names, and is never cut.
     *
     * <p>Where text could end in several places, a readable name belongs to the reading in which the earlier parts are
     * shortest. Under {@code {user}-{type}}, {@code a-b-c} is the unique name of {@code (a, b-c)}, and {@code (a-b, c)}
     * gets a hash: put the part that has the delimiter in it last, or choose a delimiter that parts do not have.
     *
     * @param template the text with its placeholders
     * @return a generator with this template in the place of any other
     * @throws InvalidInputException if it is null, has no placeholder, the same one twice or a stray brace, has text
     *     that the target does not accept, or leaves no room for the parts and the hash
     */
    public NameGenerator template(String template) {
        return new NameGenerator(rule, Template.parse(template, rule), suffixes);
    }

    /**
     * Makes a generator whose names can be followed by any of these suffixes, for what belongs to the named thing: with
     * {@code _backend} and {@code _frontend}, the two containers of a project.
     *
     * <p>Names get shorter by the longest suffix, none of them ends in one, and none becomes invalid by one: a name with
     * a suffix never is another name, or another one with a suffix. Suffixes do not go into the hash.
     *
     * @param suffixes what the host itself puts behind a name
     * @return a generator with these suffixes in the place of any others
     * @throws InvalidInputException if one is null, has characters that the target does not accept, begins with a letter
     *     or digit, or ends in another one, or they leave no room
     */
    public NameGenerator leavingRoomFor(String... suffixes) {
        return new NameGenerator(rule, template, Suffixes.checked(suffixes, rule));
    }

    /**
     * Returns the rule that all names are valid under.
     *
     * @return the rule this generator was made with
     */
    public NameRule rule() {
        return rule;
    }

    /**
     * Makes the name of these parts, which no other parts have.
     *
     * <p>It is the readable name if nothing was lost or ambiguous in cleaning, joining, folding or cutting, otherwise
     * the readable beginning with a hash.
     *
     * @param parts the parts, in the order of the template if there is one
     * @return a name that is valid under the rule
     * @throws InvalidInputException if a part is refused, or there are not as many as the template has placeholders
     */
    public String unique(String... parts) {
        return uniqueOf(inOrder(parts));
    }

    /**
     * Makes the name of these values, which no other values have. The same as {@link #unique(String...)} with the values
     * in the template's order.
     *
     * @param values a value for each placeholder, and nothing else
     * @return a name that is valid under the rule
     * @throws InvalidInputException if a value is missing, unknown or refused, or there is no template
     */
    public String unique(Map<String, String> values) {
        return uniqueOf(inOrder(values));
    }

    /**
     * Lists the names that these parts may have, best first, for a ledger that grants the first free one.
     *
     * <p>First the readable name, even if other parts read the same; it is left out where there is none to give: a part
     * reads as nothing, the target refuses it, or it looks like a name with a hash. Then the name with the hash of the
     * parts, and a few more with other hashes, so that a stranger who sits on one cannot block the rest.
     *
     * @param parts the parts, in the order of the template if there is one
     * @return an unmodifiable list of 7 or 8 different names, always the same, each valid under the rule
     * @throws InvalidInputException if a part is refused, or there are not as many as the template has placeholders
     */
    public List<String> candidates(String... parts) {
        return candidatesOf(inOrder(parts));
    }

    /**
     * Lists the names that these values may have, best first. The same as {@link #candidates(String...)} with the values
     * in the template's order.
     *
     * @param values a value for each placeholder, and nothing else
     * @return an unmodifiable list of 7 or 8 different names, always the same, each valid under the rule
     * @throws InvalidInputException if a value is missing, unknown or refused, or there is no template
     */
    public List<String> candidates(Map<String, String> values) {
        return candidatesOf(inOrder(values));
    }

    private List<String> inOrder(String @Nullable [] parts) {
        List<String> admitted = Parts.admitted(parts);
        if (template != null) {
            template.checkCount(admitted);
        }
        return admitted;
    }

    private List<String> inOrder(Map<String, String> values) {
        if (template == null) {
            throw InvalidInputException.of(
                    "values by name, for a generator without a template",
                    values == null ? null : values.keySet(),
                    "parts in order, or a generator made with template(...)");
        }
        return template.inOrder(values);
    }

    /** Injective: plain names have one reading each, hashed names the hash of their parts, and no name is both. */
    private String uniqueOf(List<String> parts) {
        Template layout = layoutOf(parts);
        List<String> cleaned = cleaned(parts);
        if (cleaned.equals(parts)) {
            String plain = layout.render(parts, Integer.MAX_VALUE);
            if (mayBePlain(plain) && layout.isReadingOf(plain, parts)) {
                return plain;
            }
        }
        return hashed(layout, parts, cleaned, 0);
    }

    private List<String> candidatesOf(List<String> parts) {
        Template layout = layoutOf(parts);
        List<String> cleaned = cleaned(parts);
        String plain = cleaned.contains("") ? "" : rule.trimmed(layout.render(cleaned, limit));
        return Collections.unmodifiableList(
                plain.isEmpty() || !mayBePlain(plain)
                        ? new LazyNames(HASHED_CANDIDATES, salt -> hashed(layout, parts, cleaned, salt))
                        : new LazyNames(
                                1 + HASHED_CANDIDATES, i -> i == 0 ? plain : hashed(layout, parts, cleaned, i - 1)));
    }

    private Template layoutOf(List<String> parts) {
        return template == null ? Template.joining(rule.separator(), parts.size()) : template;
    }

    private List<String> cleaned(List<String> parts) {
        return parts.stream().map(cleaner::clean).toList();
    }

    private boolean mayBePlain(String plain) {
        return plain.length() <= limit
                && rule.isValid(plain)
                && !rule.token().occursIn(plain)
                && suffixes.stream().allMatch(suffix -> !plain.endsWith(suffix) && rule.isValid(plain + suffix));
    }

    private String hashed(Template layout, List<String> parts, List<String> cleaned, int salt) {
        Digest digest = new Digest(DIGEST_PURPOSE).add(salt);
        layout.addTo(digest);
        String tail = rule.separator() + rule.token().of(digest.add(parts).bytes());

        String readable = rule.trimmed(layout.render(cleaned, limit - rule.tailLength()));
        StringBuilder name = new StringBuilder(readable);
        Template.stripEnd(name);
        name.append(tail);
        // The readable beginning can only be empty, or break a rule such as "no -- as third and fourth character".
        return name.length() > tail.length() && rule.isValid(name.toString()) ? name.toString() : rule.stem() + tail;
    }

    /** Returns the rule's name and the template. */
    @Override
    public String toString() {
        return "names for " + rule.name() + (template == null ? "" : " from " + template);
    }
}
