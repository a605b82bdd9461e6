package dev.berth.torture.check;

import dev.berth.ledger.Claim;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Token;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * A claim as somebody saw it.
 *
 * @param token the claim and its revision
 * @param held what it held: parts by resource, both as text
 */
public record Seen(Token token, Map<String, String> held) {
    /** A claim as it was read or granted. */
    public static Seen of(Claim claim) {
        Map<String, String> held = new TreeMap<>();
        for (Holding holding : claim.holdings()) {
            held.put(text(holding.resource()), holding.part());
        }
        return new Seen(claim.token(), held);
    }

    private static String text(Resource resource) {
        return resource.kind() + ":" + resource.scope() + ":" + resource.value();
    }

    /** The instance that it had, by its full id. */
    public Optional<String> instance() {
        return held.entrySet().stream()
                .filter(entry -> entry.getValue().equals(Claim.INSTANCE_PART))
                .map(entry -> entry.getKey().substring(entry.getKey().lastIndexOf(':') + 1))
                .findFirst();
    }

    /** One word of a line. */
    String written() {
        return token + "="
                + held.entrySet().stream()
                        .map(entry -> entry.getValue() + "@" + entry.getKey())
                        .collect(Collectors.joining(","));
    }

    static Seen read(String word) {
        int at = word.indexOf('@');
        int is = word.indexOf('=');
        var token = new Token(UUID.fromString(word.substring(0, at)), Long.parseLong(word.substring(at + 1, is)));
        Map<String, String> held = new TreeMap<>();
        for (String one : word.substring(is + 1).split(",", -1)) {
            if (!one.isEmpty()) {
                int split = one.indexOf('@');
                held.put(one.substring(split + 1), one.substring(0, split));
            }
        }
        return new Seen(token, held);
    }
}
