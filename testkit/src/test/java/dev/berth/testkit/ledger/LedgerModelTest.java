package dev.berth.testkit.ledger;

import static dev.berth.testkit.ledger.World.NODE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.ledger.Attempt;
import dev.berth.ledger.AttemptOutcome;
import dev.berth.ledger.BlockReason;
import dev.berth.ledger.Claim;
import dev.berth.ledger.ClaimOutcome;
import dev.berth.ledger.ClaimRefusedException;
import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.ClaimState;
import dev.berth.ledger.Holding;
import dev.berth.ledger.Obstacle;
import dev.berth.ledger.Occupant;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Quarantine;
import dev.berth.ledger.Reassignment;
import dev.berth.ledger.Refusal;
import dev.berth.ledger.Resource;
import dev.berth.ledger.ResourceKind;
import dev.berth.ledger.ResourceLedger;
import dev.berth.ledger.StaleTokenException;
import dev.berth.ledger.Token;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;

/**
 * The ledger against a model that a reader can check by eye: one map of what each owner holds, looked through from end
 * to end for every question. One thread, a clock moved by hand; after every step both say the same, and the laws hold.
 */
class LedgerModelTest {
    private static final List<Owner> OWNERS =
            List.of(Owner.of("t", "o0"), Owner.of("t", "o1"), Owner.of("t", "o2"), Owner.of("u", "o0"));
    private static final int FIRST = 5001;
    private static final int PORTS = 5;
    private static final String[] PATHS = {"/", "/a", "/a/b", "/b"};
    private static final Duration LEASE = Duration.ofSeconds(10);

    /** What one owner holds. */
    private static final class Held {
        final Map<String, Resource> parts = new TreeMap<>();
        ClaimState state = ClaimState.RESERVED;

        @Nullable
        Instant lease;

        @Nullable
        Attempt attempt;

        Instant attemptUntil = Instant.EPOCH;
        /** As the ledger told it; only for naming it to the ledger. */
        @Nullable
        Token token;
    }

    private record Blocked(BlockReason reason, @Nullable Owner former, Instant until) {}

    private final World world = new World();
    private final Map<Owner, Held> model = new LinkedHashMap<>();
    private final Map<Resource, Blocked> blocks = new HashMap<>();
    private final List<Token> oldTokens = new ArrayList<>();
    private final List<Attempt> oldAttempts = new ArrayList<>();

    @Property(tries = 1_000)
    void theLedgerDoesWhatTheModelDoes(@ForAll @Size(min = 1, max = 60) List<Integer> steps) {
        new LedgerModelTest().walk(steps);
    }

    @Property(tries = 20_000)
    @Tag("deep")
    void theLedgerDoesWhatTheModelDoesForLong(@ForAll @Size(min = 1, max = 200) List<Integer> steps) {
        new LedgerModelTest().walk(steps);
    }

    private void walk(List<Integer> steps) {
        for (int step : steps) {
            // Random numbers of neighbouring seeds are alike at first.
            step(new Random(step * 0x9E3779B97F4A7C15L));
            compare();
        }
    }

    private void step(Random random) {
        Owner owner = OWNERS.get(random.nextInt(OWNERS.size()));
        Held held = model.get(owner);
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> claim(owner, random);
            case 4 -> world.clock.advance(Duration.ofSeconds(random.nextInt(8)));
            case 5 -> release(owner, held, random);
            case 6 -> shrink(held, random);
            case 7 -> reassign(owner, held, random);
            case 8 -> attempt(owner, held, random);
            case 9 -> finish(held, random);
            case 10 -> late(random);
            default -> renew(held);
        }
    }

    // ------------------------------------------------------------------ questions to the model

    private Instant now() {
        return world.clock.instant();
    }

    private boolean lapsed(Held held) {
        return held.state == ClaimState.RESERVED && held.lease != null && !held.lease.isAfter(now());
    }

    private @Nullable Owner holder(Resource resource) {
        return model.entrySet().stream()
                .filter(entry -> entry.getValue().parts.containsValue(resource))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
    }

    private boolean blocked(Resource resource, Owner asking) {
        Blocked block = blocks.get(resource);
        return block != null
                && block.until().isAfter(now())
                && !(block.reason() == BlockReason.QUARANTINE && asking.equals(block.former()));
    }

    /** Whether another's claim, or a block, keeps this from the owner. */
    private boolean inTheWay(Resource resource, Owner asking, Set<Owner> giveWay) {
        Owner other = holder(resource);
        if (other == null) {
            return blocked(resource, asking);
        }
        return !other.equals(asking) && !giveWay.contains(other) && !lapsed(model.get(other));
    }

    private static boolean overlap(Resource one, Resource two) {
        return one.kind().equals(two.kind())
                && one.kind().equals(ResourceKind.PROXY_PREFIX.name())
                && !one.equals(two)
                && (below(one.value(), two.value()) || below(two.value(), one.value()));
    }

    private static boolean below(String value, String other) {
        return value.startsWith(other.equals("/") ? "/" : other + "/");
    }

    private List<Resource> overlapping(Resource wanted) {
        List<Resource> found = new ArrayList<>();
        model.values()
                .forEach(held -> held.parts.values().stream()
                        .filter(resource -> overlap(wanted, resource))
                        .forEach(found::add));
        blocks.keySet().stream()
                .filter(resource -> overlap(wanted, resource) && holder(resource) == null)
                .forEach(found::add);
        return found;
    }

    private @Nullable Resource lowest(Owner owner, Set<Resource> taken, Set<Owner> giveWay) {
        for (int i = 0; i < PORTS; i++) {
            Resource port = World.port(FIRST + i);
            if (!taken.contains(port) && !inTheWay(port, owner, giveWay)) {
                return port;
            }
        }
        return null;
    }

    // ------------------------------------------------------------------ steps

    /** The process that has seen all, or one that was just started and knows of nobody. */
    private ResourceLedger process(Random random) {
        return random.nextBoolean()
                ? world.ledger
                : ResourceLedger.builder(world.store).clock(world.clock).build();
    }

    private void claim(Owner owner, Random random) {
        var request = ClaimRequest.by(owner).in(NODE);
        Map<String, Resource> fixed = new LinkedHashMap<>();
        List<String> chosen = new ArrayList<>();
        if (random.nextInt(3) == 0) {
            fixed.put("fixed", World.port(FIRST + random.nextInt(PORTS)));
        }
        if (random.nextInt(3) == 0) {
            fixed.put("path", World.tree(PATHS[random.nextInt(PATHS.length)]));
        }
        for (int i = 0; i < 2; i++) {
            if (random.nextBoolean() || (fixed.isEmpty() && i == 1)) {
                chosen.add("chosen" + i);
            }
        }
        for (Map.Entry<String, Resource> one : fixed.entrySet()) {
            request = request.fixed(one.getKey(), one.getValue());
        }
        for (String part : chosen) {
            request = request.choose(part, World.pool(FIRST, PORTS));
        }
        boolean leased = random.nextBoolean();
        if (leased) {
            request = request.lease(LEASE);
        }
        Set<Owner> giveWay = new HashSet<>();
        Owner victim = OWNERS.get(random.nextInt(OWNERS.size()));
        Held victims = model.get(victim);
        if (random.nextInt(4) == 0 && !victim.equals(owner) && victims != null && victims.token != null) {
            request = request.superseding(victims.token);
            giveWay.add(victim);
        }
        expect(owner, process(random).tryClaim(request), fixed, chosen, giveWay, leased);
    }

    private void expect(
            Owner owner,
            ClaimOutcome outcome,
            Map<String, Resource> fixed,
            List<String> chosen,
            Set<Owner> giveWay,
            boolean leased) {
        Held mine = model.get(owner);
        Map<String, Resource> missing = new LinkedHashMap<>(fixed);
        List<String> choices = new ArrayList<>(chosen);
        if (mine != null) {
            missing.keySet().removeAll(mine.parts.keySet());
            choices.removeAll(mine.parts.keySet());
        }
        Set<String> obstacles = new HashSet<>();
        Set<Resource> taken = new HashSet<>(missing.values());
        if (mine != null) {
            taken.addAll(mine.parts.values());
        }
        missing.forEach((part, resource) -> {
            if (inTheWay(resource, owner, giveWay) || owner.equals(holder(resource))) {
                obstacles.add("taken " + resource);
            }
            overlapping(resource).stream()
                    .filter(other -> inTheWay(other, owner, giveWay))
                    .forEach(other -> obstacles.add("overlapping " + other));
        });
        Map<String, Resource> picked = new LinkedHashMap<>();
        for (String part : choices) {
            Resource port = lowest(owner, taken, Set.of());
            port = port == null ? lowest(owner, taken, giveWay) : port;
            if (port == null) {
                obstacles.add("exhausted " + part);
            } else {
                picked.put(part, port);
                taken.add(port);
            }
        }
        if (!obstacles.isEmpty()) {
            assertThat(outcome).isInstanceOf(ClaimOutcome.Refused.class);
            assertThat(named(((ClaimOutcome.Refused) outcome).refusal())).isEqualTo(obstacles);
            return;
        }
        assertThat(outcome).isInstanceOf(ClaimOutcome.Granted.class);
        ClaimOutcome.Granted granted = (ClaimOutcome.Granted) outcome;
        picked.putAll(missing);
        assertThat(granted.acquired()).isEqualTo(picked.keySet());
        if (!picked.isEmpty()) {
            giveWay.forEach(model::remove);
        }
        take(owner, picked, leased);
        model.get(owner).token = granted.claim().token();
    }

    /** Takes what is granted, from lapsed reservations too, which end whole. */
    private void take(Owner owner, Map<String, Resource> picked, boolean leased) {
        for (Resource resource : picked.values()) {
            List<Resource> all = new ArrayList<>(overlapping(resource));
            all.add(resource);
            for (Resource one : all) {
                Owner other = holder(one);
                if (other != null && !other.equals(owner)) {
                    assertThat(lapsed(model.get(other))).isTrue();
                    model.remove(other);
                }
            }
            blocks.remove(resource);
        }
        Held mine = model.computeIfAbsent(owner, key -> new Held());
        boolean wasLapsed = lapsed(mine);
        mine.parts.putAll(picked);
        mine.lease = leased ? now().plus(LEASE) : wasLapsed ? null : mine.lease;
    }

    private static Set<String> named(Refusal refusal) {
        Set<String> names = new HashSet<>();
        for (Obstacle obstacle : refusal.obstacles()) {
            if (obstacle instanceof Obstacle.Taken taken) {
                names.add("taken " + taken.occupant().resource());
            } else if (obstacle instanceof Obstacle.Overlapping overlapping) {
                names.add("overlapping " + overlapping.occupant().resource());
            } else if (obstacle instanceof Obstacle.Exhausted full) {
                names.add("exhausted " + full.part());
                assertThat(full.used() + full.declined() + full.foreign() + full.quarantined() + full.wantedTwice())
                        .isEqualTo(PORTS);
            } else {
                names.add(obstacle.toString());
            }
        }
        return names;
    }

    private void release(Owner owner, @Nullable Held held, Random random) {
        if (held == null || held.token == null) {
            return;
        }
        Quarantine quarantine = random.nextBoolean() ? Quarantine.NONE : Quarantine.of(ResourceKind.TCP_PORT, LEASE);
        assertThat(world.ledger.release(held.token, quarantine)).isTrue();
        oldTokens.add(held.token);
        model.remove(owner);
        if (quarantine != Quarantine.NONE) {
            held.parts.values().stream()
                    .filter(resource -> resource.kind().equals(ResourceKind.TCP_PORT.name()))
                    .forEach(port -> blocks.put(port, new Blocked(BlockReason.QUARANTINE, owner, now().plus(LEASE))));
        }
    }

    private void shrink(@Nullable Held held, Random random) {
        if (held == null || held.token == null) {
            return;
        }
        String part = List.of("fixed", "path", "chosen0", "chosen1").get(random.nextInt(4));
        moved(held, world.ledger.shrink(held.token, part));
        held.parts.remove(part);
    }

    private void moved(Held held, Claim after) {
        if (held.token != null && !held.token.equals(after.token())) {
            oldTokens.add(held.token);
        }
        held.token = after.token();
    }

    private void reassign(Owner owner, @Nullable Held held, Random random) {
        Resource from = held == null ? null : held.parts.get("chosen0");
        if (held == null || held.token == null || from == null) {
            return;
        }
        boolean declining = random.nextBoolean();
        Reassignment move = Reassignment.of("chosen0", World.pool(FIRST, PORTS));
        Token token = held.token;
        Resource to = lowest(owner, new HashSet<>(held.parts.values()), Set.of());
        Reassignment wanted = declining ? move.declining(List.of(from), "busy", LEASE) : move;
        if (to == null) {
            assertThatThrownBy(() -> world.ledger.reassign(token, wanted)).isInstanceOf(ClaimRefusedException.class);
            return;
        }
        moved(held, world.ledger.reassign(token, wanted));
        Owner other = holder(to);
        if (other != null) {
            model.remove(other);
        }
        blocks.remove(to);
        held.parts.put("chosen0", to);
        if (declining) {
            blocks.put(from, new Blocked(BlockReason.DECLINE, owner, now().plus(LEASE)));
        }
    }

    private void attempt(Owner owner, @Nullable Held held, Random random) {
        Duration span = Duration.ofSeconds(1 + random.nextInt(10));
        AttemptOutcome outcome = process(random).attempt(ClaimRequest.by(owner), NODE, span);
        if (held != null && held.state == ClaimState.ACTIVE) {
            assertThat(outcome).isInstanceOf(AttemptOutcome.Held.class);
        } else if (held != null && held.state == ClaimState.PENDING && held.attemptUntil.isAfter(now())) {
            assertThat(outcome).isInstanceOf(AttemptOutcome.Joined.class);
        } else {
            Held mine = model.computeIfAbsent(owner, key -> new Held());
            AttemptOutcome.Granted granted = (AttemptOutcome.Granted) outcome;
            if (mine.attempt != null) {
                oldAttempts.add(mine.attempt);
            }
            mine.lease = mine.state == ClaimState.RESERVED ? null : mine.lease;
            mine.state = ClaimState.PENDING;
            mine.attempt = granted.attempt();
            mine.attemptUntil = now().plus(span);
            moved(mine, granted.claim());
        }
    }

    private void finish(@Nullable Held held, Random random) {
        if (held == null || held.token == null || held.attempt == null) {
            return;
        }
        if (held.state != ClaimState.PENDING) {
            if (held.state == ClaimState.ACTIVE) {
                moved(held, world.ledger.stop(held.token));
                held.state = ClaimState.STOPPED;
            }
            return;
        }
        if (random.nextBoolean()) {
            String id = "instance of " + held.attempt.nonce();
            moved(held, world.ledger.activate(held.attempt, id));
            held.state = ClaimState.ACTIVE;
            held.parts.put("instance", ResourceKind.INSTANCE.in(NODE, id));
        } else {
            moved(held, world.ledger.fail(held.attempt, "failed"));
            held.state = ClaimState.FAILED;
        }
    }

    /** L5: whatever was seen before changes nothing now. */
    private void late(Random random) {
        if (!oldTokens.isEmpty()) {
            Token token = oldTokens.get(random.nextInt(oldTokens.size()));
            boolean there = world.ledger.find(token.claim()).isPresent();
            if (there) {
                assertThatThrownBy(() -> world.ledger.release(token)).isInstanceOf(StaleTokenException.class);
            } else {
                assertThat(world.ledger.release(token)).isFalse();
            }
            assertThatThrownBy(() -> world.ledger.renew(token, LEASE)).isInstanceOf(StaleTokenException.class);
        }
        if (!oldAttempts.isEmpty()) {
            Attempt attempt = oldAttempts.get(random.nextInt(oldAttempts.size()));
            assertThatThrownBy(() -> world.ledger.activate(attempt, "late")).isInstanceOf(StaleTokenException.class);
        }
    }

    private void renew(@Nullable Held held) {
        if (held == null || held.token == null) {
            return;
        }
        assertThat(world.ledger.renew(held.token, LEASE).token()).isEqualTo(held.token);
        held.lease = now().plus(LEASE);
    }

    // ------------------------------------------------------------------ after every step

    private void compare() {
        world.check();
        for (Owner owner : OWNERS) {
            Held held = model.get(owner);
            Optional<Claim> claim = world.ledger.find(owner);
            assertThat(claim.isPresent()).as("%s holds", owner).isEqualTo(held != null);
            if (held == null || claim.isEmpty()) {
                continue;
            }
            Map<String, Resource> parts = new TreeMap<>();
            for (Holding holding : claim.get().holdings()) {
                parts.put(holding.part(), holding.resource());
            }
            assertThat(parts).as("%s holds", owner).isEqualTo(held.parts);
            assertThat(claim.get().state()).isEqualTo(held.state);
            assertThat(claim.get().leaseUntil()).isEqualTo(Optional.ofNullable(held.lease));
            assertThat(claim.get().token()).isEqualTo(held.token);
        }
        for (int i = 0; i < PORTS; i++) {
            Resource port = World.port(FIRST + i);
            Occupant occupant = world.ledger.occupants(Set.of(port)).get(port);
            Owner owner = holder(port);
            Blocked block = blocks.get(port);
            if (owner != null) {
                assertThat(occupant)
                        .isInstanceOfSatisfying(
                                Occupant.Holder.class,
                                holder -> assertThat(holder.owner()).isEqualTo(owner));
            } else if (block != null && block.until().isAfter(now())) {
                assertThat(occupant)
                        .isInstanceOfSatisfying(
                                Occupant.Block.class,
                                found -> assertThat(found.reason()).isEqualTo(block.reason()));
            } else {
                assertThat(occupant).isNull();
            }
        }
    }
}
