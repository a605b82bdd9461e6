package dev.berth.name;

import dev.berth.InvalidInputException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a target accepts as a name, and what readable names for it are made of.
 *
 * <p>A rule knows two sets of characters. The <em>alphabet</em> is what the target accepts: {@link #isValid} and
 * {@link #check} go by it. <em>Readable names</em>, which a {@link NameGenerator} makes, use less of it: letters and
 * digits in one case, the separator, and the punctuation that the rule says it keeps. So {@code My_App} is a valid
 * container name, and {@code My.App} reads {@code my.app} for a container but {@code my-app} for a compose project.
 *
 * <p>Alphabets are ASCII. A name beyond ASCII has several spellings that look the same (composed and decomposed, cases
 * that depend on the locale), which databases and file systems merge or not as they please; the targets below accept
 * none. A length in characters is therefore the length in bytes too.
 *
 * <p>Rules are immutable and safe for use by several threads. The limits that a target does not have itself, and that
 * are Berth's choice, are marked as such below.
 */
public final class NameRule {

    /**
     * A container of Docker or Podman: {@code [a-zA-Z0-9][a-zA-Z0-9_.-]+}, 2 to 63 characters, read in lower case, dots
     * and underscores kept.
     *
     * <p>Source: moby {@code daemon/names/names.go}, {@code RestrictedNameChars}; Podman also accepts a single
     * character. Neither engine has a maximum. Berth's is 63: on a user-defined network the name is a DNS name, whose
     * label ends there (RFC 1035, 2.3.4; moby#37971 shows longer ones failing), and it is not 64, the length of a full
     * container id. Engines tell cases apart but the DNS does not, so {@code FOO} and {@code foo} would be two
     * containers under one DNS name (moby#28689).
     */
    public static final NameRule CONTAINER = engineObject("container name").build();

    /**
     * A network of Docker: as {@link #CONTAINER}, without the words that stand for network modes.
     *
     * <p>Source: moby {@code network_mode_unix.go}: {@code bridge}, {@code host},
     * {@code none} and {@code default} never are user-defined networks.
     */
    public static final NameRule DOCKER_NETWORK = engineObject("network name")
            .reserved("bridge", "host", "none", "default")
            .build();

    /**
     * One label of a host name: {@code [a-z0-9]([-a-z0-9]*[a-z0-9])?}, 1 to 63 characters, lower case only.
     *
     * <p>Source: RFC 1035, 2.3.1 and 2.3.4, with the leading digit of RFC 1123, 2.1. The DNS does not tell cases apart
     * (RFC 4343), so upper case is refused where it could pass for another name. {@code --} as third and fourth
     * character is refused: RFC 5891, 4.2.3.1 reserves it, {@code xn--} being its use. For a host name of several
     * labels, make each label; a dot within one would move it into another zone.
     */
    public static final NameRule DNS_LABEL = named("DNS label")
            .alphabet("a-z0-9-")
            .length(1, 63)
            .withoutIdnaPrefix()
            .build();

    /**
     * A project of Docker Compose: {@code [a-z0-9][a-z0-9_-]*}, 1 to 63 characters.
     *
     * <p>Source: docs.docker.com/compose/project-name. Compose itself <em>deletes</em> what it does not like, so that
     * {@code a.b} and {@code ab} become one project (compose-go, {@code NormalizeProjectName}); here it becomes a
     * hyphen, and so does an underscore, which keeps {@code _} for the suffixes that separate services. The maximum is
     * Berth's: the project's name begins the names of its containers. Leave room for what comes after it with
     * {@link NameGenerator#leavingRoomFor}.
     */
    public static final NameRule COMPOSE_PROJECT = named("compose project")
            .alphabet("a-z0-9_-")
            .last("a-z0-9_-")
            .length(1, 63)
            .build();

    /**
     * One segment of a URL path behind a proxy: {@code [a-zA-Z0-9._~-]} between a letter or digit at either end, 1 to
     * 63 characters, read in lower case with hyphens only.
     *
     * <p>Source: RFC 3986, 2.3, unreserved characters: what never needs percent encoding, and so has one spelling.
     * {@code .} and {@code ..} are path syntax (RFC 3986, 5.2.4) and excluded by the first character. Paths are
     * case-sensitive (6.2.2.1), yet people retype them and some servers fold them, so readable ones are lower case and
     * {@code /Anna} never stands beside {@code /anna}. Dots are not kept, because development servers take a segment
     * with a dot for a file. The maximum is Berth's: a segment can become a DNS label later. A prefix route
     * {@code /stat} also catches {@code /status} (traefik#2214): route {@code /stat/} or the exact segment.
     */
    public static final NameRule PROXY_SEGMENT =
            named("proxy path segment").alphabet("a-zA-Z0-9._~-").length(1, 63).build();

    /**
     * A host name of a Proxmox VE guest: one label, {@code [a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?}, 1 to 63
     * characters, read in lower case.
     *
     * <p>Source: pve-common {@code PVE/JSONSchema.pm}, format {@code dns-name}. Proxmox VE accepts several labels, up
     * to 255 characters for a container; here it is one, so that the guest's host name and the name in the list are
     * the same. Proxmox VE does <em>not</em> refuse a name that another guest has: claim it in the ledger.
     */
    public static final NameRule PROXMOX_HOSTNAME = named("Proxmox host name")
            .alphabet("a-zA-Z0-9-")
            .length(1, 63)
            .withoutIdnaPrefix()
            .build();

    /**
     * An instance of Incus or LXD: {@code [-a-zA-Z0-9]} without a hyphen at either end, 1 to 63 characters, not a
     * number, read in lower case.
     *
     * <p>Source: Incus {@code shared/validate}, {@code IsHostname}. The name becomes the instance's host name, so
     * names that differ in case only would be one in the DNS.
     */
    public static final NameRule INCUS_INSTANCE = named("Incus instance name")
            .alphabet("a-zA-Z0-9-")
            .length(1, 63)
            .notOnlyDigits()
            .build();

    static final char NONE = 0;

    private final String name;
    private final Alphabet alphabet;
    private final Alphabet first;
    private final Alphabet last;
    private final @Nullable Alphabet kept;
    private final Set<String> reserved;
    private final int minLength;
    private final int maxLength;
    private final char separator;
    private final boolean caseKept;
    private final boolean digitsRefused;
    private final boolean idnaPrefixRefused;
    private final String stem;
    private final Token token;

    NameRule(NameRuleBuilder checked) {
        name = checked.name;
        alphabet = checked.alphabet();
        first = checked.first();
        last = checked.last();
        kept = checked.kept;
        reserved = Set.copyOf(checked.reserved);
        minLength = checked.minLength;
        maxLength = checked.maxLength;
        separator = checked.separator;
        caseKept = checked.caseKept;
        digitsRefused = checked.digitsRefused;
        idnaPrefixRefused = checked.idnaPrefixRefused;
        stem = checked.stemOf(this);
        token = checked.tokenOf(this);
    }

    private static NameRuleBuilder engineObject(String name) {
        return named(name)
                .alphabet("a-zA-Z0-9_.-")
                .last("a-zA-Z0-9_.-")
                .length(2, 63)
                .keeping("._");
    }

    /**
     * Starts a rule for a target of your own.
     *
     * @param name what a name under this rule is called in messages, such as {@code "bucket name"}
     * @return a builder; only the alphabet is still required
     * @throws InvalidInputException if the name is null or blank
     */
    public static NameRuleBuilder named(String name) {
        return new NameRuleBuilder(name);
    }

    /**
     * Asks whether the target accepts a name.
     *
     * @param name the name, exactly as it would be given to the target; null is no valid name
     * @return true if {@link #check} would let it pass
     */
    public boolean isValid(@Nullable String name) {
        return problemOf(name) == null;
    }

    /**
     * Refuses a name that the target would not accept.
     *
     * @param name the name, exactly as it would be given to the target
     * @return the same name
     * @throws InvalidInputException if it is not valid, or null; the message says where and what is allowed
     */
    public String check(String name) {
        String problem = problemOf(name);
        if (problem != null) {
            throw InvalidInputException.of(
                    this.name,
                    name,
                    description() + "; it " + problem + "; correct it, or let a NameGenerator make one");
        }
        return name;
    }

    /**
     * Returns what a name under this rule is called.
     *
     * @return the name of the rule, not of anything under it
     */
    public String name() {
        return name;
    }

    /**
     * Returns the greatest length of a name.
     *
     * @return characters, which are ASCII and so are bytes too
     */
    public int maxLength() {
        return maxLength;
    }

    /** Says what is wrong with a name, or null where nothing is. */
    @Nullable
    String problemOf(@Nullable String candidate) {
        if (candidate == null) {
            return "is null";
        }
        if (candidate.length() < minLength || candidate.length() > maxLength) {
            return "has " + candidate.length() + " characters";
        }
        for (int at = 0; at < candidate.length(); at++) {
            char character = candidate.charAt(at);
            boolean fits = alphabet.has(character)
                    && (at > 0 || first.has(character))
                    && (at < candidate.length() - 1 || last.has(character));
            if (!fits) {
                return "has " + Shown.character(candidate.codePointAt(at)) + " at index " + at;
            }
        }
        if (idnaPrefixRefused && candidate.startsWith("--", 2)) {
            return "has \"--\" at index 2, reserved for internationalised names";
        }
        if (digitsRefused && candidate.chars().allMatch(Alphabet::isDigit)) {
            return "is a number";
        }
        return reserved.contains(candidate.toLowerCase(Locale.ROOT)) ? "is reserved" : null;
    }

    /** Gives the character that stands for an ASCII one in readable names, or {@link #NONE}. */
    char readable(char character) {
        if (caseKept && isReadable(character)) {
            return character;
        }
        char lower = Alphabet.lower(character);
        if (isReadable(lower)) {
            return lower;
        }
        char upper = Alphabet.upper(character);
        return isReadable(upper) ? upper : NONE;
    }

    private boolean isReadable(char character) {
        return alphabet.has(character)
                && (Alphabet.isLetterOrDigit(character)
                        || character == separator
                        || (kept != null && kept.has(character)));
    }

    /** Tells whether a template's own text may hold a character: all the target accepts, in the readable case. */
    boolean isLiteral(char character) {
        return alphabet.has(character) && (!Alphabet.isLetterOrDigit(character) || readable(character) == character);
    }

    /** Takes away what may not stand first or last. */
    String trimmed(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && !first.has(text.charAt(from))) {
            from++;
        }
        while (to > from && !last.has(text.charAt(to - 1))) {
            to--;
        }
        return text.substring(from, to);
    }

    boolean mayBeginWith(char character) {
        return first.has(character);
    }

    boolean mayEndWith(char character) {
        return last.has(character);
    }

    boolean refusesIdnaPrefix() {
        return idnaPrefixRefused;
    }

    char separator() {
        return separator;
    }

    /** What a generated name begins with when nothing readable is left of its parts. */
    String stem() {
        return stem;
    }

    Token token() {
        return token;
    }

    /** The separator and the token: what every generated name ends in. */
    int tailLength() {
        return 1 + token.length();
    }

    String description() {
        StringBuilder description = new StringBuilder()
                .append(minLength)
                .append(" to ")
                .append(maxLength)
                .append(" characters of ")
                .append(alphabet)
                .append(", the first of ")
                .append(first)
                .append(", the last of ")
                .append(last);
        if (idnaPrefixRefused) {
            description.append(", without \"--\" as third and fourth");
        }
        if (digitsRefused) {
            description.append(", not a number");
        }
        if (!reserved.isEmpty()) {
            description.append(", none of ").append(reserved.stream().sorted().toList());
        }
        return description.toString();
    }

    /** Returns the name of the rule and what it allows. */
    @Override
    public String toString() {
        return name + ": " + description();
    }
}
