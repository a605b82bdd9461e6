package dev.berth.examples.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads environment variables; what cannot be read is told with what was given and what is allowed.
 *
 * @param environment the variables
 */
public record Variables(Map<String, String> environment) {
    /**
     * Reads a whole number.
     *
     * @param name the variable
     * @param least the least number that is allowed
     * @param most the greatest
     * @return the number; empty if the variable is not set
     * @throws UsageException if it is no such number
     */
    public Optional<Integer> number(String name, int least, int most) {
        return said(name).map(text -> {
            int number = text.matches("\\d{1,9}") ? Integer.parseInt(text) : -1;
            if (number < least || number > most) {
                throw refused(name, text, "a whole number from " + least + " to " + most);
            }
            return number;
        });
    }

    /**
     * Reads a span of time.
     *
     * @param name the variable
     * @param otherwise what it is if the variable is not set
     * @return the span, longer than nothing
     * @throws UsageException if it is no such span
     */
    public Duration span(String name, Duration otherwise) {
        return said(name)
                .map(text -> {
                    try {
                        return Optional.of(Duration.parse(text))
                                .filter(span -> !span.isNegative() && !span.isZero())
                                .orElseThrow(() -> noSpan(name, text));
                    } catch (DateTimeException e) {
                        throw noSpan(name, text);
                    }
                })
                .orElse(otherwise);
    }

    private static UsageException noSpan(String name, String text) {
        return refused(name, text, "a span such as PT15M (15 minutes), PT6H or P2D");
    }

    /**
     * Reads addresses with commas between them.
     *
     * @param name the variable
     * @return the addresses
     * @throws UsageException if it is not set, or one of it is no address
     */
    public List<URI> addresses(String name) {
        List<URI> addresses = new ArrayList<>();
        for (String text : said(name).orElse("").split(",", -1)) {
            addresses.add(address(text.strip())
                    // What is before an @ may be secret.
                    .orElseThrow(() -> refused(
                            name,
                            text.replaceAll(".*@", "...@"),
                            "addresses such as https://pve1:8006, with commas between")));
        }
        return addresses;
    }

    private static Optional<URI> address(String text) {
        try {
            URI address = new URI(text);
            return Optional.of(address).filter(one -> "https".equals(one.getScheme()) && one.getHost() != null);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    private Optional<String> said(String name) {
        return Optional.ofNullable(environment.get(name)).map(String::strip);
    }

    private static UsageException refused(String name, String given, String allowed) {
        return new UsageException(name + " is \"" + given + "\"; it has to be " + allowed);
    }
}
