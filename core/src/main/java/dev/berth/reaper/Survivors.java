package dev.berth.reaper;

import dev.berth.ledger.BlockReason;
import dev.berth.ledger.Claim;
import dev.berth.ledger.Commit;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.runtime.Instance;
import dev.berth.runtime.Publication;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which names and ports of claims that are to be freed others have meanwhile. Such a claim is freed, but not what the others
 * have: that stays blocked for a while, and then the next one who wants it finds out.
 */
final class Survivors {
    private static final Duration BLOCKED = Duration.ofMinutes(15);
    private static final Set<String> PORTS = Set.of(ResourceKind.TCP_PORT.name(), ResourceKind.UDP_PORT.name());

    private final Map<String, Instance> byName = new HashMap<>();
    private final Map<String, Instance> byPort = new HashMap<>();

    Survivors(Collection<Claim> claims, List<Instance> instances) {
        Set<String> wanted = new HashSet<>();
        claims.forEach(claim -> claim.holdings().forEach(held -> wanted.add(key(held.resource()))));
        for (Instance instance : instances) {
            instance.names().stream().filter(wanted::contains).forEach(name -> byName.putIfAbsent(name, instance));
            for (Publication port : instance.published()) {
                String key = port.kind().name() + " " + port.port();
                if (wanted.contains(key)) {
                    byPort.putIfAbsent(key, instance);
                }
            }
        }
    }

    private static String key(Resource resource) {
        return PORTS.contains(resource.kind()) ? resource.kind() + " " + resource.value() : resource.value();
    }

    /** What stays blocked of what a claim holds. */
    Map<Resource, Commit.BlockTerms> blocks(Claim claim) {
        Map<Resource, Commit.BlockTerms> blocks = new HashMap<>();
        for (Holding held : claim.holdings()) {
            Resource resource = held.resource();
            boolean isPort = PORTS.contains(resource.kind());
            Instance other = isPort ? byPort.get(key(resource)) : byName.get(key(resource));
            if (other != null && !resource.kind().equals(ResourceKind.INSTANCE.name())) {
                blocks.put(
                        resource,
                        new Commit.BlockTerms(
                                BlockReason.FOREIGN, "is the " + (isPort ? "port" : "name") + " of " + other, BLOCKED));
            }
        }
        return blocks;
    }
}
