package dev.berth.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.docker.DockerRuntime;
import dev.berth.jdbc.JdbcLedgerStore;
import dev.berth.ledger.ResourceLedger;
import dev.berth.proxmox.ProxmoxRuntime;
import java.lang.reflect.Executable;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every public constructor and method of every module, found by reflection, with one hostile value at a time: an answer or
 * an error that is meant for the caller, in time. A new type is covered by being there; if no instance of it can be made,
 * its test fails until {@link World} says how.
 */
class PublicMethodsTest {
    @TempDir
    Path directory;

    private World world;
    private Judge judge;
    private HostileValues hostile;

    @BeforeEach
    void begin() throws Exception {
        world = new World(directory);
        judge = new Judge();
        hostile = new HostileValues(world.samples);
    }

    @AfterEach
    void end() throws Exception {
        Map<String, Integer> canaries = world.canaries();
        judge.close();
        world.close();
        assertThat(canaries)
                .as("canaries that still sing")
                .containsOnlyKeys("here.db", "there.db")
                .containsValues(1, 1);
    }

    @TestFactory
    Stream<DynamicTest> core() {
        return everyTypeBeside(ResourceLedger.class);
    }

    @TestFactory
    Stream<DynamicTest> jdbcStore() {
        return everyTypeBeside(JdbcLedgerStore.class);
    }

    @TestFactory
    Stream<DynamicTest> dockerAdapter() {
        return everyTypeBeside(DockerRuntime.class);
    }

    @TestFactory
    Stream<DynamicTest> proxmoxAdapter() {
        return everyTypeBeside(ProxmoxRuntime.class);
    }

    private Stream<DynamicTest> everyTypeBeside(Class<?> one) {
        List<Class<?>> types = PublicApi.typesOfModuleOf(one);
        assertThat(types).contains(one);
        return types.stream()
                .map(type -> DynamicTest.dynamicTest(PublicApi.simple(type), () -> {
                    List<String> complaints = new ArrayList<>();
                    for (Executable called : PublicApi.callable(type)) {
                        callWithEach(called, complaints);
                    }
                    assertThat(complaints).isEmpty();
                }));
    }

    private void callWithEach(Executable called, List<String> complaints) throws InterruptedException {
        Type[] types = called.getGenericParameterTypes();
        call(called, -1, null, complaints);
        for (int i = 0; i < types.length; i++) {
            int before = complaints.size();
            for (Object value : hostile.of(types[i])) {
                if (complaints.size() < before + 3) {
                    call(called, i, value, complaints);
                }
            }
        }
        if (called.getName().equals("close")) {
            world.reopen();
        }
    }

    private void call(Executable called, int position, Object value, List<String> complaints)
            throws InterruptedException {
        Optional<Object[]> arguments = world.samples.arguments(called, 0);
        Optional<Object> receiver =
                PublicApi.isStatic(called) ? Optional.of(called) : world.samples.of(called.getDeclaringClass());
        if (arguments.isEmpty() || receiver.isEmpty()) {
            complaints.add(PublicApi.name(called) + ": nobody knows how to make what it needs; World could say it");
            return;
        }
        if (position >= 0) {
            arguments.get()[position] = value;
        }
        Judge.Ending ending = judge.call(called, receiver.get(), arguments.get());
        ending.complaint()
                .or(() -> ending.value().flatMap(Judge::readThrough))
                .ifPresent(complaint -> complaints.add(PublicApi.name(called) + " with " + HostileValues.show(value)
                        + " as " + position + ": " + complaint));
    }

    // ------------------------------------------------------------------ the judge can say no

    /** What the judge must object to. */
    @SuppressWarnings("DoNotCallSuggester")
    public static final class Careless {
        public int raw(String text) {
            return Integer.parseInt(text);
        }

        public void forged(String text) {
            throw new Unescaped(text);
        }

        public void hangs() throws InterruptedException {
            new java.util.concurrent.CountDownLatch(1).await();
        }
    }

    private static final class Unescaped extends dev.berth.BerthException {
        private static final long serialVersionUID = 1L;
        private final String text;

        Unescaped(String text) {
            super("");
            this.text = text;
        }

        @Override
        public String getMessage() {
            return text;
        }
    }

    @Test
    void carelessnessIsFound() throws Exception {
        for (var call : Map.of("raw", "no number", "forged", "a\nb").entrySet()) {
            assertThat(judge.call(Careless.class.getMethod(call.getKey(), String.class), new Careless(), new Object[] {
                                call.getValue()
                            })
                            .complaint())
                    .as(call.getKey())
                    .isPresent();
        }
        assertThat(Judge.illegible("x".repeat(Judge.LONGEST_MESSAGE + 1))).isPresent();
    }

    @Test
    void whatHangsIsFound() throws Exception {
        try (var impatient = new Judge(1)) {
            assertThat(impatient
                            .call(Careless.class.getMethod("hangs"), new Careless(), new Object[0])
                            .complaint())
                    .hasValueSatisfying(complaint -> assertThat(complaint).contains("no end within", "Careless.hangs"));
        }
    }
}
