package dev.berth.port;

import dev.berth.ledger.BlockReason;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceLedger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads pools as the ledger has them. */
final class PortReports {
    private static final int CHUNK = 1_000;

    private final ResourceLedger ledger;

    PortReports(ResourceLedger ledger) {
        this.ledger = ledger;
    }

    PortUsage usage(PortPool pool) {
        Map<Resource, Occupant> occupants = occupants(pool);
        var layout = pool.layout();
        var excluded = layout.excluded();
        int used = 0;
        int blocked = 0;
        int quarantined = 0;
        for (int slot = 0; slot < layout.count(); slot++) {
            if (excluded.get(slot)) {
                continue;
            }
            int worst = 0;
            for (int first : layout.first().values()) {
                Resource resource = layout.kind().in(layout.scope(), first + slot * layout.step());
                worst = Math.max(worst, rank(occupants, resource));
            }
            used += worst == 3 ? 1 : 0;
            blocked += worst == 2 ? 1 : 0;
            quarantined += worst == 1 ? 1 : 0;
        }
        return new PortUsage(pool.slots(), used, blocked, quarantined);
    }

    /** The pool as it stands to a caller that found every slot busy that nobody holds, whatever the ledger remembers. */
    Obstacle.Exhausted allDeclined(PortPool pool) {
        PortUsage usage = usage(pool);
        int total = pool.layout().count();
        return new Obstacle.Exhausted(
                pool.name(),
                pool.toString(),
                total,
                total - usage.total(),
                usage.used(),
                usage.free() + usage.blocked(),
                0,
                usage.quarantined(),
                0,
                List.of());
    }

    private static int rank(Map<Resource, Occupant> occupants, Resource resource) {
        Occupant occupant = occupants.get(resource);
        if (occupant instanceof Occupant.Holder holder) {
            return holder.lapsed() ? 0 : 3;
        }
        return occupant instanceof Occupant.Block block ? block.reason() == BlockReason.QUARANTINE ? 1 : 2 : 0;
    }

    private Map<Resource, Occupant> occupants(PortPool pool) {
        List<Port> ports = pool.ports();
        Map<Resource, Occupant> found = new HashMap<>();
        for (int from = 0; from < ports.size(); from += CHUNK) {
            Set<Resource> chunk = new HashSet<>();
            ports.subList(from, Math.min(from + CHUNK, ports.size())).forEach(port -> chunk.add(port.on(pool.host())));
            found.putAll(ledger.occupants(chunk));
        }
        return found;
    }

    PortAudit audit(PortProbe probe, List<PortPool> pools) {
        List<PortAudit.Allocation> allocations = new ArrayList<>();
        List<PortAudit.Stranger> strangers = new ArrayList<>();
        List<PortAudit.Unseen> unknown = new ArrayList<>();
        for (PortPool pool : pools) {
            // The ledger is read first and again: what is allocated while the probe looks must not seem a stranger.
            Map<Resource, Occupant> before = occupants(pool);
            Map<Port, PortSighting> seen = Sightings.of(probe, pool.host(), new LinkedHashSet<>(pool.ports()));
            Map<Resource, Occupant> after = occupants(pool);
            for (Port port : pool.ports()) {
                Resource resource = port.on(pool.host());
                PortSighting sighting = seen.getOrDefault(port, PortSighting.free());
                if (after.get(resource) instanceof Occupant.Holder holder) {
                    allocations.add(new PortAudit.Allocation(pool.name(), port, holder, sighting));
                } else if (sighting instanceof PortSighting.Busy busy
                        && !(before.get(resource) instanceof Occupant.Holder)) {
                    strangers.add(new PortAudit.Stranger(pool.name(), port, busy.evidence()));
                }
                if (sighting instanceof PortSighting.Unknown unseen) {
                    unknown.add(new PortAudit.Unseen(pool.name(), port, unseen.reason()));
                }
            }
        }
        return new PortAudit(allocations, strangers, unknown, overlaps(pools));
    }

    private static List<PortAudit.Overlap> overlaps(List<PortPool> pools) {
        List<PortAudit.Overlap> overlaps = new ArrayList<>();
        for (int i = 0; i < pools.size(); i++) {
            for (int j = i + 1; j < pools.size(); j++) {
                PortPool one = pools.get(i);
                PortPool other = pools.get(j);
                Set<Port> common = new LinkedHashSet<>(one.ports());
                common.retainAll(new HashSet<>(other.ports()));
                if (one.host().equals(other.host()) && !common.isEmpty()) {
                    overlaps.add(new PortAudit.Overlap(one.name(), other.name(), List.copyOf(common)));
                }
            }
        }
        return overlaps;
    }
}
