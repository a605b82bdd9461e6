package dev.berth.port;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.berth.InvalidInputException;
import dev.berth.ledger.Candidates;
import dev.berth.ledger.Owner;
import dev.berth.ledger.Resource;
import dev.berth.ledger.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which slots a pool has, in which order they are tried, and what is no pool. */
class PortPoolTest {
    private static final Owner APP = Owner.of("lab", "app");

    private static List<List<Integer>> slots(PortPool pool) {
        Candidates candidates = pool.candidates(APP);
        List<List<Integer>> slots = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            int position = (candidates.start() + i) % candidates.size();
            if (!candidates.isExcluded(position)) {
                slots.add(candidates.group(position).values().stream()
                        .map(resource -> resource.number().orElseThrow())
                        .toList());
            }
        }
        return slots;
    }

    private static List<Integer> numbers(PortPool pool) {
        return pool.ports().stream().map(Port::number).toList();
    }

    @Test
    void nameThatNoPartTakesIsRefusedAsThePoolsName() {
        for (String name : List.of(" ", "a\u0000b", "x".repeat(65))) {
            assertThatThrownBy(() -> PortPool.named(name).range(1, 2).build())
                    .isInstanceOf(InvalidInputException.class)
                    .hasMessageStartingWith("pool name: given");
        }
    }

    @Test
    void slotOfMorePortsThanAClaimHoldsIsRefused() {
        var pool = PortPool.named("wide");
        for (int i = 1; i <= 4_096; i++) {
            pool.role("r" + i, i);
        }

        assertThatThrownBy(() -> pool.role("one more", 4_097))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("at most 4096");
        assertThat(pool.slots(1).build().roles()).hasSize(4_096);
    }

    // ------------------------------------------------------------------ shapes

    @Test
    void rangeHasBothItsEnds() {
        var pool = PortPool.named("previews").range(32_100, 32_200).build();

        assertThat(pool.slots()).isEqualTo(101);
        assertThat(slots(pool)).startsWith(List.of(32_100)).endsWith(List.of(32_200));
        assertThat(pool.roles()).containsExactly("previews");
        assertThat(pool).hasToString("pool \"previews\" (tcp 32100-32200 on localhost)");
    }

    @Test
    void rangeOfOnePortAndTheLastPortArePools() {
        assertThat(numbers(PortPool.named("one").range(65_535, 65_535).build())).containsExactly(65_535);
        assertThat(numbers(PortPool.named("one").range(1, 1).build())).containsExactly(1);
        assertThat(PortPool.named("all").range(1, 65_535).build().slots()).isEqualTo(65_535);
        assertThat(slots(PortPool.named("last")
                        .role("a", 65_533)
                        .role("b", 65_534)
                        .step(1)
                        .slots(2)
                        .build()))
                .containsExactly(List.of(65_533, 65_534), List.of(65_534, 65_535));
    }

    @Test
    void rolesKeepStep() {
        var pool = PortPool.named("apps")
                .onHost("node-1")
                .role("backend", 5_001)
                .role("frontend", 8_001)
                .step(2)
                .slots(3)
                .build();

        assertThat(slots(pool)).containsExactly(List.of(5_001, 8_001), List.of(5_003, 8_003), List.of(5_005, 8_005));
        assertThat(pool.roles()).containsExactly("backend", "frontend");
        assertThat(pool).hasToString("pool \"apps\" (tcp backend 5001-5005, frontend 8001-8005 step 2 on node-1)");
    }

    @Test
    void rangeWithStepTakesEverySoManyth() {
        assertThat(numbers(PortPool.named("even").range(100, 107).step(3).build()))
                .containsExactly(100, 103, 106);
        assertThat(numbers(PortPool.named("wide").range(100, 107).step(50).build()))
                .containsExactly(100);
    }

    @Test
    void blocksDoNotOverlapAndLeaveTheRestOut() {
        var pool = PortPool.named("rtp").range(100, 110).blocksOf(4).build();

        assertThat(slots(pool)).containsExactly(List.of(100, 101, 102, 103), List.of(104, 105, 106, 107));
        assertThat(pool.roles()).containsExactly("0", "1", "2", "3");
        assertThat(slots(PortPool.named("rtp")
                        .range(100, 110)
                        .blocksOf(3)
                        .step(5)
                        .build()))
                .containsExactly(List.of(100, 101, 102), List.of(105, 106, 107));
        assertThat(slots(PortPool.named("rtp").range(100, 103).blocksOf(4).build()))
                .hasSize(1);
    }

    @Test
    void blockRolesSortLikeTheirPorts() {
        assertThat(PortPool.named("rtp").range(100, 111).blocksOf(12).build().roles())
                .startsWith("00", "01")
                .endsWith("10", "11")
                .isSorted();
        assertThat(PortPool.named("rtp").range(100, 111).blocksOf(1).build().roles())
                .containsExactly("0");
    }

    @Test
    void slotWithAnExcludedPortIsLeftOutWhole() {
        var pool = PortPool.named("apps")
                .role("a", 100)
                .role("b", 200)
                .slots(4)
                .reserved(101)
                .excluding(new PortRange(203, 300))
                .build();

        assertThat(pool.slots()).isEqualTo(2);
        assertThat(numbers(pool)).containsExactly(100, 102, 200, 202);
        assertThat(pool.isReserved(250)).isTrue();
    }

    @Test
    void fragmentedRangeHasOnlyItsWholeBlocks() {
        var pool = PortPool.named("rtp")
                .range(100, 119)
                .blocksOf(4)
                .reserved(101, 106, 119)
                .build();

        assertThat(slots(pool)).containsExactly(List.of(108, 109, 110, 111), List.of(112, 113, 114, 115));
    }

    @Test
    void kernelsRangesCanBeExcluded() {
        var kernel = new KernelPorts(new PortRange(32_768, 60_999), List.of(new PortRange(32_100, 32_100)), 1_024);
        var pool = PortPool.named("web")
                .range(32_100, 32_800)
                .excluding(kernel.reserved())
                .excluding(kernel.ephemeral())
                .build();

        assertThat(numbers(pool)).startsWith(32_101).endsWith(32_767);
        assertThat(pool.warnings(kernel)).isEmpty();
    }

    @Test
    void protocolsAndHostsAreOtherResources() {
        Set<Resource> resources = new HashSet<>();
        for (Protocol protocol : Protocol.values()) {
            for (String host : List.of("node-1", "node-2")) {
                var pool = PortPool.named("p")
                        .onHost(host)
                        .protocol(protocol)
                        .range(53, 53)
                        .build();
                resources.addAll(pool.candidates(APP).group(0).values());
                assertThat(pool.host()).isEqualTo(Scope.of(host));
            }
        }
        assertThat(resources).hasSize(4);
    }

    // ------------------------------------------------------------------ orders

    @Test
    void stickySlotsAreTheSameOnEveryHostAndInEveryVersion() {
        var pool = PortPool.named("previews")
                .range(20_000, 20_999)
                .order(PortOrder.STICKY)
                .build();
        Map<String, Integer> golden = new LinkedHashMap<>();
        golden.put("app-1", 892);
        golden.put("app-2", 377);
        golden.put("app-10", 881);
        golden.put("julian.kiedaisch/ubuntu", 446);

        Map<String, Integer> now = new LinkedHashMap<>();
        golden.keySet()
                .forEach(name ->
                        now.put(name, pool.candidates(Owner.of("lab", name)).start()));
        assertThat(now).isEqualTo(golden);
    }

    @Test
    void stickyOwnersSpreadOverThePool() {
        var pool = PortPool.named("previews")
                .range(20_000, 20_999)
                .order(PortOrder.STICKY)
                .build();
        Map<Integer, Integer> tenths = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            tenths.merge(pool.candidates(Owner.of("lab", "app-" + i)).start() / 100, 1, Integer::sum);
        }
        assertThat(tenths)
                .hasSize(10)
                .allSatisfy((tenth, owners) -> assertThat(owners).isBetween(800, 1_200));
    }

    @Test
    void spreadFollowsItsSource() {
        var pool = PortPool.named("previews")
                .range(20_000, 20_999)
                .order(PortOrder.SPREAD)
                .random(new Random(7))
                .build();
        var same = new Random(7);

        for (int i = 0; i < 20; i++) {
            assertThat(pool.candidates(APP).start()).isEqualTo(same.nextInt(1_000));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 17})
    void everyOrderTriesEverySlotOnce(int size) {
        for (PortOrder order : PortOrder.values()) {
            var pool = PortPool.named("p").range(100, 99 + size).order(order).build();
            assertThat(slots(pool)).doesNotHaveDuplicates().hasSize(size);
        }
    }

    // ------------------------------------------------------------------ bad input

    static Stream<Arguments> badPools() {
        return Stream.of(
                bad("no range and no role", pool -> {}),
                bad("roles without slots", pool -> pool.role("a", 100)),
                bad("slots without roles", pool -> pool.slots(5)),
                bad("range 0", pool -> pool.range(0, 10)),
                bad("range to 65536", pool -> pool.range(1, 65_536)),
                bad("range backwards", pool -> pool.range(10, 9)),
                bad("two ranges", pool -> pool.range(10, 19).range(30, 39)),
                bad("range and slots", pool -> pool.range(10, 19).slots(100)),
                bad("slots and range", pool -> pool.slots(100).range(10, 19)),
                bad("range and role", pool -> pool.range(10, 19).role("a", 5)),
                bad("role and range", pool -> pool.role("a", 5).range(10, 19)),
                bad("role twice", pool -> pool.role("a", 5).role("a", 6)),
                bad(
                        "roles with one start",
                        pool -> pool.role("a", 5).role("b", 5).slots(2)),
                bad("role at 0", pool -> pool.role("a", 0)),
                bad("role at 65536", pool -> pool.role("a", 65_536)),
                bad("blank role", pool -> pool.role(" ", 5).slots(2)),
                bad("null role", pool -> pool.role(null, 5)),
                bad("role -", pool -> pool.role("-", 5).slots(2)),
                bad("role with NUL", pool -> pool.role("a\0", 5).slots(2)),
                bad("long role", pool -> pool.role("ä".repeat(33), 5).slots(2)),
                bad("step 0", pool -> pool.step(0)),
                bad("slots 0", pool -> pool.slots(0)),
                bad("slots 65536", pool -> pool.slots(65_536)),
                bad("last slot past 65535", pool -> pool.role("a", 65_000).slots(537)),
                bad("step past 65535", pool -> pool.role("a", 1).step(32_768).slots(3)),
                bad(
                        "step that overflows",
                        pool -> pool.role("a", 1).step(Integer.MAX_VALUE).slots(65_535)),
                bad("block 0", pool -> pool.range(10, 19).blocksOf(0)),
                bad("block 4097", pool -> pool.range(10, 19).blocksOf(4_097)),
                bad("block larger than range", pool -> pool.range(10, 19).blocksOf(11)),
                bad(
                        "block larger than the last ports",
                        pool -> pool.range(65_530, 65_535).blocksOf(7)),
                bad("blocks of roles", pool -> pool.role("a", 5).slots(2).blocksOf(4)),
                bad("blocks of one of roles", pool -> pool.role("a", 5).slots(2).blocksOf(1)),
                bad(
                        "blocks that overlap",
                        pool -> pool.range(10, 19).blocksOf(4).step(3)),
                bad("blocks one apart", pool -> pool.range(10, 19).blocksOf(4).step(1)),
                bad("all excluded", pool -> pool.range(10, 19).excluding(new PortRange(1, 65_535))),
                bad(
                        "all slots hit",
                        pool -> pool.role("a", 10).role("b", 20).slots(2).reserved(10, 21)),
                bad("reserved 0", pool -> pool.range(10, 19).reserved(0)),
                bad("reserved 65536", pool -> pool.range(10, 19).reserved(65_536)),
                bad("null reserved", pool -> pool.range(10, 19).reserved((int[]) null)),
                bad("null range excluded", pool -> pool.range(10, 19).excluding((PortRange) null)),
                bad("null in excluded", pool -> pool.range(10, 19).excluding(Arrays.asList((PortRange) null))),
                bad("null host", pool -> pool.onHost((Scope) null)),
                bad("blank host", pool -> pool.onHost("")),
                bad("null protocol", pool -> pool.protocol(null)),
                bad("null order", pool -> pool.order(null)),
                bad("null random", pool -> pool.random(null)));
    }

    private static Arguments bad(String what, Consumer<PortPool.Builder> settings) {
        return Arguments.of(what, settings);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badPools")
    void whatIsNoPoolIsRefusedWithWhatIsAllowed(String what, Consumer<PortPool.Builder> settings) {
        PortPool.Builder builder = PortPool.named("p");

        assertThatThrownBy(() -> {
                    settings.accept(builder);
                    builder.build();
                })
                .as(what)
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("allowed:");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " ", "a\tb", "instance", "0123456789012345678901234567890123456789012345678901234567890123x"
            })
    void nameThatNoPartCanHaveIsRefusedBeforeTheFirstClaim(String name) {
        assertThatThrownBy(() -> PortPool.named(name).range(10, 19).build()).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> PortPool.named(null)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void rangesOfRolesMayRunIntoEachOther() {
        assertThatCode(() -> PortPool.named("p")
                        .role("a", 5_001)
                        .role("b", 8_001)
                        .slots(10_000)
                        .build())
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 65_536, Integer.MAX_VALUE})
    void numberThatIsNoPortIsRefused(int number) {
        List<ThrowingCallable> calls =
                List.of(() -> Port.tcp(number), () -> Port.udp(number), () -> new PortRange(number, number));
        calls.forEach(call -> assertThatThrownBy(call).isInstanceOf(InvalidInputException.class));
        assertThatThrownBy(() -> new Port(null, 1)).isInstanceOf(InvalidInputException.class);
    }

    // ------------------------------------------------------------------ sightings

    @Test
    void worseSightingWinsWhicheverComesFirst() {
        PortSighting free = PortSighting.free();
        var busy = new PortSighting.Busy("seen");
        var unknown = new PortSighting.Unknown("unseen");

        assertThat(List.of(free.and(busy), busy.and(free), unknown.and(busy), busy.and(unknown)))
                .containsOnly(busy);
        assertThat(List.of(free.and(unknown), unknown.and(free), unknown.and(unknown)))
                .containsOnly(unknown);
        assertThat(free.and(free)).isEqualTo(free);
        assertThatThrownBy(() -> new PortSighting.Busy(null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> new PortSighting.Unknown(null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> free.and(null)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void probesTogetherSeeTheWorstOfAll() {
        var one = Port.tcp(1);
        var two = Port.tcp(2);
        PortProbe all = PortProbe.all(
                (host, ports) -> Map.of(one, PortSighting.free(), two, PortSighting.free()),
                (host, ports) -> Map.of(one, new PortSighting.Busy("seen")));

        assertThat(all.probe(PortPool.LOCALHOST, Set.of(one, two)).get(one)).isInstanceOf(PortSighting.Busy.class);
        assertThat(all.probe(PortPool.LOCALHOST, Set.of(one, two)).get(two)).isInstanceOf(PortSighting.Unknown.class);
        assertThatThrownBy(PortProbe::all).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> PortProbe.all((PortProbe[]) null)).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> PortProbe.all((PortProbe) null)).isInstanceOf(InvalidInputException.class);
    }

    @Test
    void probeThatMisbehavesHasSeenNothing() {
        var port = Port.tcp(1);
        List<PortProbe> probes = List.of(
                (host, ports) -> null,
                (host, ports) -> Map.of(),
                (host, ports) -> {
                    throw new IllegalStateException("down");
                },
                (host, ports) -> {
                    ports.clear();
                    return Map.of(port, PortSighting.free());
                });
        for (PortProbe probe : probes) {
            assertThat(Sightings.of(probe, PortPool.LOCALHOST, Set.of(port)).get(port))
                    .isInstanceOf(PortSighting.Unknown.class);
        }
    }
}
