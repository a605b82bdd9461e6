package dev.berth.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.docker.DockerRuntime;
import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.ledger.ResourceLedger;
import dev.berth.proxmox.ProxmoxRuntime;
import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.Tag;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.BeforeProperty;

/** Any public method of any module with any mix of good, hostile and random values: as {@link PublicMethodsTest} wants. */
class MixedValuesTest {
    private final Map<Type, Arbitrary<Object>> values = new HashMap<>();
    private Path directory;
    private World world;
    private Judge judge;
    private HostileValues hostile;

    @BeforeProperty
    void begin() throws Exception {
        directory = Files.createTempDirectory("berth-fuzz");
        world = new World(directory);
        judge = new Judge();
        hostile = new HostileValues(world.samples);
    }

    @AfterProperty
    void end() throws Exception {
        Map<String, Integer> canaries = world.canaries();
        judge.close();
        world.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
        assertThat(canaries).as("canaries that still sing").containsValues(1, 1);
    }

    /**
     * One call.
     *
     * @param called what is called
     * @param arguments with what
     */
    record Call(Executable called, List<Object> arguments) {
        @Override
        public String toString() {
            return PublicApi.name(called) + " with " + Samples.show(arguments.toArray());
        }
    }

    @Property(tries = 4_000, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
    void anyCallEndsWell(@ForAll("calls") Call call) throws InterruptedException {
        endsWell(call);
    }

    @Tag("deep")
    @Property(tries = 300_000, edgeCases = EdgeCasesMode.NONE, shrinking = ShrinkingMode.OFF)
    void anyOfVeryManyCallsEndsWell(@ForAll("calls") Call call) throws InterruptedException {
        endsWell(call);
    }

    private void endsWell(Call call) throws InterruptedException {
        Executable called = call.called();
        Object receiver = PublicApi.isStatic(called)
                ? null
                : world.samples.of(called.getDeclaringClass()).orElseThrow();
        Judge.Ending ending = judge.call(called, receiver, call.arguments().toArray());
        assertThat(ending.complaint().or(() -> ending.value().flatMap(Judge::readThrough)))
                .as(call.toString())
                .isEmpty();
    }

    @Provide
    Arbitrary<Call> calls() throws IOException {
        List<Executable> all = new ArrayList<>();
        for (Class<?> one :
                List.of(ResourceLedger.class, JdbcLedgerStore.class, DockerRuntime.class, ProxmoxRuntime.class)) {
            for (Class<?> type : PublicApi.typesOfModuleOf(one)) {
                PublicApi.callable(type).stream()
                        .filter(called -> called.getParameterCount() > 0)
                        .forEach(all::add);
            }
        }
        return Arbitraries.of(all)
                .flatMap(called -> Combinators.combine(Stream.of(called.getGenericParameterTypes())
                                .map(this::valuesOf)
                                .toList())
                        .as(arguments -> new Call(called, arguments)));
    }

    private Arbitrary<Object> valuesOf(Type type) {
        return values.computeIfAbsent(type, key -> {
            Arbitrary<Object> bad = Arbitraries.of(hostile.of(type));
            Arbitrary<Object> good =
                    Arbitraries.create(() -> world.samples.of(type).orElse(null));
            Optional<Arbitrary<Object>> random = random(Samples.raw(type));
            return random.isEmpty()
                    ? Arbitraries.oneOf(good, good, bad)
                    : Arbitraries.oneOf(good, good, bad, random.get());
        });
    }

    private static Optional<Arbitrary<Object>> random(Class<?> type) {
        if (type == String.class) {
            return Optional.of(Arbitraries.strings().all().ofMaxLength(300).map(text -> text));
        }
        if (type == int.class) {
            return Optional.of(Arbitraries.integers().map(number -> number));
        }
        return type == long.class ? Optional.of(Arbitraries.longs().map(number -> number)) : Optional.empty();
    }
}
