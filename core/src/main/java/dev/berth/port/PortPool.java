package dev.berth.port;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Candidates;
import dev.berth.ledger.Choice;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Which ports of one host may be handed out: slots, each with a port for every role. Slot {@code i} has the port {@code
 * start + i * step} in each role; a slot is free when all its ports are. Roles whose ranges run into each other are
 * legal: no number is ever handed out twice. Pools are configuration, not state: several pools and fixed ports share one
 * ledger, and what one holds is taken for all. Immutable.
 *
 * <p>For ports that need not keep step, ask for several pools in one request.
 */
public final class PortPool implements Choice {
    /** The host of a pool that names none. */
    public static final Scope LOCALHOST = Scope.of("localhost");

    private final String name;
    private final Protocol protocol;
    private final PortOrder order;
    private final RandomGenerator random;
    private final Candidates.Layout layout;
    private final Set<Integer> reserved;

    private PortPool(Builder builder, Candidates.Layout layout) {
        this.name = builder.name;
        this.protocol = builder.protocol;
        this.order = builder.order;
        this.random = builder.random;
        this.layout = layout;
        this.reserved = Set.copyOf(builder.excluded);
    }

    /**
     * Begins a pool.
     *
     * @param name the pool's name, 1 to 64 bytes; claims hold its ports under a part of this name
     * @return the builder
     */
    public static Builder named(String name) {
        return new Builder(name);
    }

    @Override
    public Candidates candidates(Owner owner) {
        InvalidInputException.requireNonNull("owner", owner);
        int start = switch (order) {
            case LOWEST -> 0;
            case STICKY -> Math.floorMod(mix(owner), layout.count());
            case SPREAD -> random.nextInt(layout.count());
        };
        return new Candidates.Numbered(layout, start);
    }

    /** Spreads names that differ little; {@link String#hashCode} is specified, so hosts agree. */
    private static int mix(Owner owner) {
        int hash = 31 * owner.tenant().hashCode() + owner.name().hashCode();
        hash = (hash ^ (hash >>> 16)) * 0x7feb352d;
        hash = (hash ^ (hash >>> 15)) * 0x846ca68b;
        return hash ^ (hash >>> 16);
    }

    /**
     * Names the pool.
     *
     * @return the name, which is also the part of a claim that holds its ports
     */
    public String name() {
        return name;
    }

    /**
     * Says whose ports these are.
     *
     * @return the host's scope
     */
    public Scope host() {
        return layout.scope();
    }

    /**
     * Says of which protocol the ports are.
     *
     * @return the protocol
     */
    public Protocol protocol() {
        return protocol;
    }

    /**
     * Names the roles.
     *
     * @return the roles in declared order; for a pool without roles the pool's name
     */
    public List<String> roles() {
        return layout.first().keySet().stream()
                .map(role -> role.equals(Candidates.SOLE_ROLE) ? name : role)
                .toList();
    }

    /**
     * Counts the slots, excluded ones left out.
     *
     * @return 1 or more
     */
    public int slots() {
        return layout.count() - layout.excluded().cardinality();
    }

    /**
     * Gives every port that the pool may hand out.
     *
     * @return the ports, sorted by number
     */
    public List<Port> ports() {
        var numbers = new TreeSet<Integer>();
        var excluded = layout.excluded();
        for (int slot = 0; slot < layout.count(); slot++) {
            if (!excluded.get(slot)) {
                for (int first : layout.first().values()) {
                    numbers.add(first + slot * layout.step());
                }
            }
        }
        return numbers.stream().map(number -> new Port(protocol, number)).toList();
    }

    /**
     * Warns of ports that the kernel may give to outgoing connections, and of ports that only privileged processes may
     * listen on.
     *
     * @param kernel the kernel's settings on the pool's host
     * @return a sentence for each concern, empty if there is none
     */
    public List<String> warnings(KernelPorts kernel) {
        InvalidInputException.requireNonNull("kernel ports", kernel);
        List<String> warnings = new ArrayList<>();
        List<Port> ports = ports();
        long ephemeral = ports.stream()
                .filter(port -> kernel.ephemeral().contains(port.number())
                        && kernel.reserved().stream().noneMatch(range -> range.contains(port.number())))
                .count();
        if (ephemeral > 0) {
            warnings.add(ephemeral + " of " + ports.size() + " ports of pool \"" + name
                    + "\" lie in the kernel's ephemeral range " + kernel.ephemeral()
                    + " and may be taken by outgoing connections; move the pool, or reserve them in"
                    + " net.ipv4.ip_local_reserved_ports");
        }
        long privileged = ports.stream()
                .filter(port -> port.number() < kernel.firstUnprivileged())
                .count();
        if (privileged > 0) {
            warnings.add(privileged + " ports of pool \"" + name + "\" are below " + kernel.firstUnprivileged()
                    + " and need a privileged process");
        }
        return List.copyOf(warnings);
    }

    /** Whether a number is left out for good. */
    boolean isReserved(int number) {
        return reserved.contains(number);
    }

    /** Whether a claim holds, under this pool's name, ports of this pool's host and protocol and nothing else. */
    boolean isHeldBy(Claim claim) {
        var held = claim.part(name).values();
        return !held.isEmpty()
                && held.stream()
                        .allMatch(resource ->
                                resource.kind().equals(protocol.kind().name())
                                        && resource.scope().equals(host()));
    }

    Candidates.Layout layout() {
        return layout;
    }

    Port port(Resource resource) {
        return new Port(protocol, resource.number().orElseThrow());
    }

    @Override
    public String toString() {
        return layout.toString();
    }

    /** Collects a pool's settings. Not safe for use by many threads. */
    public static final class Builder {
        /** Of one slot: what one claim can hold. */
        private static final int MOST_PORTS = 4_096;

        private static final Owner ANYBODY = Owner.of("port", "pool");

        private final String name;
        private final Map<String, Integer> roles = new LinkedHashMap<>();
        private final Set<Integer> excluded = new TreeSet<>();
        private Scope host = LOCALHOST;
        private Protocol protocol = Protocol.TCP;
        private PortOrder order = PortOrder.LOWEST;
        private RandomGenerator random = new java.security.SecureRandom();
        private @Nullable PortRange range;
        // Of these, 0 is not set.
        private int step;
        private int slots;
        private int block;

        private Builder(String name) {
            this.name = InvalidInputException.requireNonNull("pool name", name);
        }

        /**
         * Sets the host; {@link #LOCALHOST} if it is not set.
         *
         * @param host the name of the host's scope
         * @return this builder
         */
        public Builder onHost(String host) {
            return onHost(Scope.of(host));
        }

        /**
         * Sets the host; {@link #LOCALHOST} if it is not set.
         *
         * @param host the host's scope
         * @return this builder
         */
        public Builder onHost(Scope host) {
            this.host = InvalidInputException.requireNonNull("host", host);
            return this;
        }

        /**
         * Makes a pool without roles: one port a slot, from one number to another, both included. With a {@link
         * #step(int)} every so many-th of them.
         *
         * @param first the first port
         * @param last the last port
         * @return this builder
         * @throws InvalidInputException if the range is empty or leaves 1 to 65535, or the pool has roles
         */
        public Builder range(int first, int last) {
            var given = new PortRange(first, last);
            if (!roles.isEmpty() || range != null) {
                throw InvalidInputException.of(
                        "pool " + name,
                        "range " + given + " beside " + (range == null ? roles : range),
                        "either one range or roles");
            }
            range = given;
            return this;
        }

        /**
         * Adds a role: every slot has a port for it. Say with {@link #slots(int)} how many slots there are. A pool has at
         * most 4,096 roles, as many as a claim has resources.
         *
         * @param role the role's name, 1 to 64 bytes
         * @param first its port in the first slot
         * @return this builder
         * @throws InvalidInputException if the role is there already, or the pool is made by {@link #range}
         */
        public Builder role(String role, int first) {
            InvalidInputException.requireNonNull("role", role);
            if (range != null) {
                throw InvalidInputException.of(
                        "pool " + name, "role " + role + " beside range " + range, "either one range or roles");
            }
            if (role.equals(Candidates.SOLE_ROLE)) {
                throw InvalidInputException.of("role", role, "another name; this one is kept for pools without roles");
            }
            if (roles.size() == MOST_PORTS) {
                throw InvalidInputException.of("roles of pool " + name, roles.size() + 1, "at most " + MOST_PORTS);
            }
            if (roles.putIfAbsent(role, new Port(protocol, first).number()) != null) {
                throw InvalidInputException.of("role", role, "each role once");
            }
            return this;
        }

        /**
         * Sets how far the ports of one slot are from those of the next; 1 if it is not set. In a pool of blocks, how far
         * the blocks are from each other; their size if it is not set.
         *
         * @param step 1 or more
         * @return this builder
         */
        public Builder step(int step) {
            if (step < 1) {
                throw InvalidInputException.of("step", step, "1 or more");
            }
            this.step = step;
            return this;
        }

        /**
         * Sets how many slots a pool of roles has. A range says so itself.
         *
         * @param slots 1 to 65535
         * @return this builder
         */
        public Builder slots(int slots) {
            if (slots < 1 || slots > 65_535) {
                throw InvalidInputException.of("slots", slots, "1 to 65535");
            }
            this.slots = slots;
            return this;
        }

        /**
         * Makes each slot of a {@link #range} a block of neighbouring ports, with the roles {@code 0}, {@code 1} and so
         * on, or {@code 00}, {@code 01} in blocks of more than ten, so that they sort. The range is cut into whole blocks
         * that do not overlap; what is left at its end is not handed out.
         *
         * @param size how many ports a block has, 1 to 4,096
         * @return this builder
         */
        public Builder blocksOf(int size) {
            if (size < 1 || size > MOST_PORTS) {
                throw InvalidInputException.of("block size", size, "1 to " + MOST_PORTS);
            }
            this.block = size;
            return this;
        }

        /**
         * Sets the protocol; TCP if it is not set.
         *
         * @param protocol the protocol
         * @return this builder
         */
        public Builder protocol(Protocol protocol) {
            this.protocol = InvalidInputException.requireNonNull("protocol", protocol);
            return this;
        }

        /**
         * Sets the order in which slots are tried; {@link PortOrder#LOWEST} if it is not set.
         *
         * @param order the order
         * @return this builder
         */
        public Builder order(PortOrder order) {
            this.order = InvalidInputException.requireNonNull("order", order);
            return this;
        }

        /**
         * Sets where {@link PortOrder#SPREAD} takes its random slots from.
         *
         * @param random the source; safe for use by many threads if the pool is used so
         * @return this builder
         */
        public Builder random(RandomGenerator random) {
            this.random = InvalidInputException.requireNonNull("random", random);
            return this;
        }

        /**
         * Leaves ports out for good; so is every slot that has one of them.
         *
         * @param numbers the ports
         * @return this builder
         */
        public Builder reserved(int... numbers) {
            for (int number : InvalidInputException.requireNonNull("reserved ports", numbers)) {
                excluded.add(new Port(protocol, number).number());
            }
            return this;
        }

        /**
         * Leaves ranges of ports out for good, such as {@link KernelPorts#reserved()}.
         *
         * @param ranges the ranges
         * @return this builder
         */
        public Builder excluding(Collection<PortRange> ranges) {
            for (PortRange given : InvalidInputException.requireNonNull("excluded ranges", ranges)) {
                PortRange out = InvalidInputException.requireNonNull("excluded range", given);
                for (int number = out.first(); number <= out.last(); number++) {
                    excluded.add(number);
                }
            }
            return this;
        }

        /**
         * Leaves one range of ports out for good, such as {@link KernelPorts#ephemeral()}.
         *
         * @param range the range
         * @return this builder
         */
        public Builder excluding(PortRange range) {
            return excluding(List.of(InvalidInputException.requireNonNull("excluded range", range)));
        }

        /**
         * Makes the pool.
         *
         * @return the pool
         * @throws InvalidInputException if there is no port, two roles start at the same port, a port would be past
         *     65535, settings contradict each other, or every slot is excluded
         */
        public PortPool build() {
            checkSettings();
            Map<String, Integer> first = range == null ? roles : rolesOf(range);
            int distance = step != 0 ? step : Math.max(block, 1);
            int count = range == null ? slots : countIn(range, distance);
            checkLast(first, distance, count);
            var layout = new Candidates.Layout(
                    protocol.kind(), host, first, distance, count, excluded, describe(first, distance, count));
            if (layout.excluded().cardinality() == count) {
                throw InvalidInputException.of("pool " + name, "every slot excluded", "at least one slot that is not");
            }
            var pool = new PortPool(this, layout);
            // What may name a part is for requests to say; a name that none takes is refused now, not at the first
            // claim.
            try {
                ClaimRequest.by(ANYBODY).choose(name, pool);
            } catch (InvalidInputException noPart) {
                throw InvalidInputException.of("pool name", name, noPart.allowed());
            }
            return pool;
        }

        private void checkSettings() {
            if (range == null && (roles.isEmpty() || slots == 0)) {
                throw InvalidInputException.of(
                        "pool " + name, roles + " with " + slots + " slots", "a range, or roles and slots");
            }
            if (range != null && slots != 0) {
                throw InvalidInputException.of(
                        "pool " + name, "range " + range + " beside " + slots + " slots", "either a range or slots");
            }
            if (block != 0 && (range == null || (step != 0 && step < block))) {
                throw InvalidInputException.of(
                        "pool " + name,
                        "blocks of " + block + " with roles " + roles + " and step " + step,
                        "blocks of a range, their step not below their size");
            }
        }

        private int countIn(PortRange given, int distance) {
            int spare = given.last() - given.first() + 1 - Math.max(block, 1);
            if (spare < 0) {
                throw InvalidInputException.of("pool " + name, "range " + given, "room for one block of " + block);
            }
            return spare / distance + 1;
        }

        private Map<String, Integer> rolesOf(PortRange given) {
            if (block == 0) {
                return Map.of(Candidates.SOLE_ROLE, given.first());
            }
            int digits = Integer.toString(block - 1).length();
            Map<String, Integer> first = new LinkedHashMap<>();
            for (int i = 0; i < block && given.first() + i <= given.last(); i++) {
                String index = Integer.toString(i);
                first.put("0".repeat(digits - index.length()) + index, given.first() + i);
            }
            return first;
        }

        private void checkLast(Map<String, Integer> first, int distance, int count) {
            first.forEach((role, start) -> {
                long last = start + (long) (count - 1) * distance;
                if (last > 65_535) {
                    throw InvalidInputException.of(
                            "pool " + name,
                            count + " slots with step " + distance + " from " + start,
                            "ports up to 65535; the last would be " + last);
                }
            });
        }

        private String describe(Map<String, Integer> first, int distance, int count) {
            var text = new StringBuilder("pool \"").append(name).append("\" (").append(protocol);
            if (block != 0) {
                int start = first.values().iterator().next();
                text.append(' ').append(new PortRange(start, start + (count - 1) * distance + block - 1));
                text.append(" in blocks of ").append(block);
            } else {
                String comma = " ";
                for (var role : first.entrySet()) {
                    text.append(comma);
                    if (!role.getKey().equals(Candidates.SOLE_ROLE)) {
                        text.append(role.getKey()).append(' ');
                    }
                    text.append(new PortRange(role.getValue(), role.getValue() + (count - 1) * distance));
                    comma = ", ";
                }
                if (distance > 1) {
                    text.append(" step ").append(distance);
                }
            }
            return text.append(" on ").append(host).append(')').toString();
        }
    }
}
