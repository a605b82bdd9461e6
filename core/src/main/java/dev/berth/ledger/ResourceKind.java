package dev.berth.ledger;

import dev.berth.InvalidInputException;
import dev.berth.name.NameRule;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A kind of resource: what counts as the same value, what counts as a value at all, and what overlaps. A kind is known
 * by its name, which stores keep; two kinds of one name must canonicalise alike wherever the ledger is used. Immutable
 * and safe for use by many threads, if the functions of a user's own kind are.
 */
public final class ResourceKind {
    /**
     * A container's name on one engine, {@code [a-zA-Z0-9][a-zA-Z0-9_.-]*} (moby {@code daemon/names/names.go}; Podman
     * allows a single character, Docker asks for two). Case counts; one leading slash, as engines list names, is
     * dropped.
     */
    public static final ResourceKind CONTAINER_NAME = named("container-name")
            .canonical(value -> value.startsWith("/") ? value.substring(1) : value)
            .matching("[a-zA-Z0-9][a-zA-Z0-9_.-]*", "[a-zA-Z0-9][a-zA-Z0-9_.-]*")
            .names(NameRule.CONTAINER)
            .build();

    /**
     * A DNS host name: labels of 1 to 63 letters, digits and inner hyphens, 253 characters in all (RFC 1123 2.1, RFC
     * 1035 2.3.4). Case folds, a trailing dot is dropped; other than ASCII is given in its {@code xn--} form.
     */
    public static final ResourceKind DNS_NAME = named("dns-name")
            .canonical(Canonical::dnsName)
            .matching("(?=.{1,253}$)" + Canonical.LABEL + "(\\." + Canonical.LABEL + ")*", Canonical.DNS_ALLOWED)
            .names(NameRule.DNS_LABEL)
            .build();

    /**
     * As {@link #DNS_NAME}, but the leftmost label may be {@code *}, and {@code *.example.com} overlaps every name one
     * label below {@code example.com} (RFC 6125 6.4.3). A key space of its own: claim all names of one scope either as
     * this kind or as {@link #DNS_NAME}.
     */
    public static final ResourceKind DNS_WILDCARD = named("dns-name")
            .canonical(Canonical::dnsName)
            .matching(
                    "(?=.{1,253}$)(\\*\\.)?" + Canonical.LABEL + "(\\." + Canonical.LABEL + ")*",
                    Canonical.DNS_ALLOWED + ", the leftmost label may be *")
            .overlapping(OverlapRule.WILDCARD_HOST)
            .build();

    /**
     * A path on a proxy, exactly this one. Canonical form: one leading slash, no trailing one, no {@code //}, {@code .}
     * or {@code ..}; {@code %2F} is a slash, unreserved characters are decoded, other escapes are upper case (RFC 3986
     * 6.2.2). Case counts.
     */
    public static final ResourceKind PROXY_PATH = named("proxy-path")
            .canonical(ProxyPath::canonical)
            .names(NameRule.PROXY_SEGMENT)
            .build();

    /**
     * A path on a proxy and all below it: {@code /desk} overlaps {@code /desk/a}, and {@code /stat} is not {@code
     * /status}. Canonical form as {@link #PROXY_PATH}. Named {@code proxy-path/tree}. A key space of its own: claim all paths of one scope either as
     * this kind or as {@link #PROXY_PATH}.
     */
    public static final ResourceKind PROXY_PREFIX = named("proxy-path")
            .canonical(ProxyPath::canonical)
            .overlapping(OverlapRule.PATH_PREFIX)
            .names(NameRule.PROXY_SEGMENT)
            .build();

    /** A guest's id on a Proxmox VE cluster, VMs and containers alike: 100 to 999999999 (Proxmox VE API). */
    public static final ResourceKind GUEST_ID =
            named("guest-id").numbers(100, 999_999_999).build();

    /** A TCP port of a host, on all its addresses: 1 to 65535. */
    public static final ResourceKind TCP_PORT =
            named("tcp-port").numbers(1, 65_535).build();

    /** A UDP port of a host, on all its addresses: 1 to 65535. Another resource than the TCP port of that number. */
    public static final ResourceKind UDP_PORT =
            named("udp-port").numbers(1, 65_535).build();

    /** A Docker Compose project, {@code [a-z0-9][a-z0-9_-]*} (docs.docker.com/compose/project-name). */
    public static final ResourceKind COMPOSE_PROJECT = named("compose-project")
            .matching("[a-z0-9][a-z0-9_-]*", "[a-z0-9][a-z0-9_-]*")
            .names(NameRule.COMPOSE_PROJECT)
            .build();

    /**
     * An instance of a runtime by its full id, in its home scope. The ledger itself claims it when an attempt is
     * activated, so that the unique key also decides whose an instance is.
     */
    public static final ResourceKind INSTANCE = named("instance").build();

    private final String name;
    private final UnaryOperator<String> canonical;
    private final @Nullable Pattern pattern;
    private final String allowed;
    private final int least;
    private final int most;
    private final @Nullable OverlapRule overlap;
    private final @Nullable NameRule names;

    private ResourceKind(Builder builder) {
        name = builder.overlap == null ? builder.name : builder.name + builder.overlap.suffix();
        canonical = builder.canonical;
        pattern = builder.pattern;
        allowed = builder.allowed;
        least = builder.least;
        most = builder.most;
        overlap = builder.overlap;
        names = builder.names;
    }

    /**
     * Begins a kind of the user's own.
     *
     * @param name the name that stores keep, 1 to 48 bytes of UTF-8 without a slash; do not change it once used
     * @return the builder
     * @throws InvalidInputException if the name is null, blank, too long, or carries a slash or control characters
     */
    public static Builder named(String name) {
        if (Limits.text("resource kind", name, Limits.KIND - 16).indexOf('/') >= 0) {
            throw InvalidInputException.of(
                    "resource kind", name, "no slash: it is kept for kinds with an overlap rule");
        }
        return new Builder(name);
    }

    /**
     * Makes the resource of a value.
     *
     * @param scope where it must be unique
     * @param value the value, in any spelling
     * @return the resource, its value in canonical form
     * @throws InvalidInputException if the value is not one of this kind; the message says what is allowed
     */
    public Resource in(Scope scope, String value) {
        InvalidInputException.requireNonNull("resource scope", scope);
        Limits.text(name, value, Limits.VALUE);
        String form = canonical.apply(value);
        if (isNumber()) {
            int number = form == null ? -1 : Numbers.parse(form);
            if (number < least || number > most) {
                throw InvalidInputException.of(name, value, range());
            }
        } else if (form == null || (pattern != null && !pattern.matcher(form).matches())) {
            throw InvalidInputException.of(name, value, allowed);
        }
        Limits.text(name, form, Limits.VALUE);
        if (!form.equals(value) && !form.equals(canonical.apply(form))) {
            throw InvalidInputException.of(
                    name, value, "a value whose canonical form \"" + form + "\" is its own canonical form");
        }
        return Resource.checked(name, scope, form);
    }

    /**
     * Makes the resource of a number.
     *
     * @param scope where it must be unique
     * @param number the number
     * @return the resource
     * @throws InvalidInputException if this kind has no numbers, or the number is out of its range
     */
    public Resource in(Scope scope, int number) {
        InvalidInputException.requireNonNull("resource scope", scope);
        if (!isNumber()) {
            throw InvalidInputException.of(name, number, "text: this kind has no numbers");
        }
        if (number < least || number > most) {
            throw InvalidInputException.of(name, number, range());
        }
        return Resource.checked(name, scope, Integer.toString(number));
    }

    /**
     * Names the kind.
     *
     * @return the name that stores keep
     */
    public String name() {
        return name;
    }

    /**
     * Says whether the kind's values are numbers.
     *
     * @return true if they are
     */
    public boolean isNumber() {
        return most > 0;
    }

    /**
     * Says what values of this kind overlap beyond being equal.
     *
     * @return the rule, or empty if only equal values stand in each other's way
     */
    public Optional<OverlapRule> overlap() {
        return Optional.ofNullable(overlap);
    }

    /**
     * Says how names of this kind are generated.
     *
     * @return the rule, or empty if names of this kind are not generated
     */
    public Optional<NameRule> names() {
        return Optional.ofNullable(names);
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof ResourceKind other && name.equals(other.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }

    private String range() {
        return least + " to " + most;
    }

    /** Collects what makes a kind. Not safe for use by many threads. */
    public static final class Builder {
        private static final int LONGEST_PATTERN = 10_000;

        private final String name;
        private UnaryOperator<String> canonical = UnaryOperator.identity();
        private @Nullable Pattern pattern;
        private String allowed = "a value that this kind's canonical form knows";
        private int least;
        private int most;
        private @Nullable OverlapRule overlap;
        private @Nullable NameRule names;

        private Builder(String name) {
            this.name = name;
        }

        /**
         * Sets the canonical form.
         *
         * @param form gives a value's canonical form, which must be its own canonical form; {@code null} or an {@link
         *     InvalidInputException} refuses the value
         * @return this builder
         */
        public Builder canonical(UnaryOperator<String> form) {
            canonical = InvalidInputException.requireNonNull("canonical form", form);
            return this;
        }

        /**
         * Sets what a canonical value must look like.
         *
         * @param regex the whole value must match it; at most 10,000 characters
         * @param allowed the rule in words, for the message of a refusal
         * @return this builder
         * @throws InvalidInputException if it is too long or no regular expression
         */
        public Builder matching(String regex, String allowed) {
            if (InvalidInputException.requireNonNull("pattern", regex).length() > LONGEST_PATTERN) {
                // Java takes a time that grows with the square of a literal's length.
                throw InvalidInputException.of("pattern", regex, "at most " + LONGEST_PATTERN + " characters");
            }
            try {
                pattern = Pattern.compile(regex);
            } catch (PatternSyntaxException wrong) {
                throw InvalidInputException.of("pattern", regex, "a regular expression: " + wrong.getDescription());
            }
            this.allowed = InvalidInputException.requireNonNull("allowed", allowed);
            return this;
        }

        /**
         * Makes the kind's values whole numbers.
         *
         * @param least the least number, 0 or more
         * @param most the greatest number, at most 999999999
         * @return this builder
         * @throws InvalidInputException if the range is empty or out of bounds
         */
        public Builder numbers(int least, int most) {
            if (least < 0 || most < Math.max(least, 1) || most > 999_999_999) {
                throw InvalidInputException.of(
                        "number range", least + " to " + most, "a range within 0 to 999999999 that is not empty");
            }
            this.least = least;
            this.most = most;
            return this;
        }

        /**
         * Declares which values stand in each other's way without being equal. The rule's suffix becomes part of the
         * kind's name.
         *
         * @param rule the rule
         * @return this builder
         */
        public Builder overlapping(OverlapRule rule) {
            overlap = InvalidInputException.requireNonNull("overlap rule", rule);
            return this;
        }

        /**
         * Declares how names of this kind are generated.
         *
         * @param rule the rule
         * @return this builder
         */
        public Builder names(NameRule rule) {
            names = InvalidInputException.requireNonNull("name rule", rule);
            return this;
        }

        /**
         * Makes the kind.
         *
         * @return the kind
         * @throws InvalidInputException if settings contradict each other
         */
        public ResourceKind build() {
            if (most > 0 && (pattern != null || overlap != null || names != null)) {
                throw InvalidInputException.of(
                        "kind " + name,
                        "numbers together with a pattern, an overlap rule or a name rule",
                        "either numbers or text");
            }
            return new ResourceKind(this);
        }
    }
}
