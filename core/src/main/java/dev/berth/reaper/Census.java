package dev.berth.reaper;

import dev.berth.ledger.Claim;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Mark;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;

/** A listing, and which of its instances a claim lists. */
final class Census {
    private static final Comparator<Instance> BY_ID = Comparator.comparing(Instance::id);

    private final Instance[] sorted;
    private final BitSet listed;

    Census(Inventory inventory) {
        sorted = inventory.instances().toArray(Instance[]::new);
        Arrays.sort(sorted, BY_ID);
        listed = new BitSet(sorted.length);
    }

    /** Finds the instance with the id that a claim lists, and remembers that one does. */
    Optional<Instance> of(Claim claim) {
        return claim.instance().flatMap(id -> {
            int at = index(id);
            if (at < 0) {
                return Optional.empty();
            }
            listed.set(at);
            return Optional.of(sorted[at]);
        });
    }

    private int index(String id) {
        int low = 0;
        int high = sorted.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = sorted[middle].id().compareTo(id);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    /** The instances that no claim lists. */
    List<Instance> unlisted() {
        return listed.cardinality() == sorted.length
                ? List.of()
                : java.util.stream.IntStream.range(0, sorted.length)
                        .filter(at -> !listed.get(at))
                        .mapToObj(at -> sorted[at])
                        .toList();
    }

    /** For claims whose instance is not listed: an instance under another id that was made for them all the same. */
    Map<UUID, Instance> twins(Collection<Claim> claims) {
        if (claims.isEmpty()) {
            return Map.of();
        }
        Map<UUID, Claim> wanted = claims.stream().collect(Collectors.toMap(Claim::id, claim -> claim));
        Map<String, Claim> byNonce = new HashMap<>();
        for (Claim claim : claims) {
            String nonce = claim.labels().get(Mark.NONCE);
            if (nonce != null && !nonce.isEmpty()) {
                byNonce.put(nonce, claim);
            }
        }
        Map<UUID, Instance> twins = new HashMap<>();
        for (Instance instance : sorted) {
            instance.mark()
                    .map(mark -> {
                        Claim made = wanted.get(mark.claim());
                        return made == null ? byNonce.get(mark.nonce()) : made;
                    })
                    .ifPresent(claim -> twins.put(claim.id(), instance));
        }
        return twins;
    }

    /** For claims that have no instance: what may be left of one, or may be becoming one, and carries no mark. */
    Map<UUID, String> remnants(Collection<Claim> claims) {
        List<Claim> bare =
                claims.stream().filter(claim -> claim.instance().isEmpty()).toList();
        if (bare.isEmpty()) {
            return Map.of();
        }
        Map<String, List<Instance>> unmarked = new HashMap<>();
        for (Instance instance : sorted) {
            if (instance.mark().isEmpty() && !instance.state().isLiving()) {
                instance.names()
                        .forEach(name -> unmarked.computeIfAbsent(name, some -> new ArrayList<>())
                                .add(instance));
            }
        }
        Map<UUID, String> remnants = new HashMap<>();
        for (Claim claim : bare) {
            claim.holdings().stream()
                    .flatMap(held -> unmarked.getOrDefault(held.resource().value(), List.of()).stream())
                    .flatMap(instance -> instance.doubt(claim).stream())
                    .findFirst()
                    .ifPresent(why -> remnants.put(claim.id(), why));
        }
        return remnants;
    }
}
