package dev.berth.jdbc;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random scripts on two to five databases, from a seed: whatever users, crashes and other processes do, in the end all have
 * the same rows, and nothing that a user committed is lost but what a user knowingly overwrote or deleted. Replay one with
 * {@code -Dberth.seed=}, and have more of them with {@code -Dberth.seeds=}.
 */
class SyncPropertyTest {
    private static final int STEPS = 7;

    @TempDir
    private Path directory;

    /** Which databases a world has. */
    enum World {
        FILES(SyncWorld.Form.STAR, "SQLITE SQLITE SQLITE"),
        POSTGRESQL(SyncWorld.Form.STAR, "SQLITE SQLITE POSTGRESQL"),
        MARIADB(SyncWorld.Form.STAR, "SQLITE SQLITE MARIADB"),
        CHAIN(SyncWorld.Form.CHAIN, "SQLITE POSTGRESQL MARIADB"),
        BACKWARDS(SyncWorld.Form.CHAIN, "MARIADB POSTGRESQL SQLITE"),
        FIVE(SyncWorld.Form.STAR, "SQLITE POSTGRESQL SQLITE MARIADB POSTGRESQL");

        private final SyncWorld.Form form;
        private final String engines;

        World(SyncWorld.Form form, String engines) {
            this.form = form;
            this.engines = engines;
        }

        List<Engine> engines() {
            return Stream.of(engines.split(" ")).map(Engine::valueOf).toList();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FILES", "POSTGRESQL", "MARIADB", "CHAIN"})
    void nothingIsLostAndAllConverge(World world) throws Exception {
        play(world, world == World.FILES ? 3 : 1, world == World.FILES ? 2 * STEPS : STEPS);
    }

    @Tag("deep")
    @ParameterizedTest
    @EnumSource
    void nothingIsLostAndAllConvergeHoweverOften(World world) throws Exception {
        play(world, 200, 3 * STEPS);
    }

    private void play(World world, int seeds, int steps) throws Exception {
        List<Long> given = Stream.ofNullable(System.getProperty("berth.seed"))
                .flatMap(text -> Stream.of(text.split(",")))
                .map(Long::valueOf)
                .toList();
        List<Long> all = new ArrayList<>(given);
        var random = new Random();
        for (int i = 0; given.isEmpty() && i < Integer.getInteger("berth.seeds", seeds); i++) {
            all.add(random.nextLong() >>> 16);
        }
        int failed = 0;
        AssertionError first = null;
        for (long seed : all) {
            System.out.printf("%s, %d steps, seed %d%n", world, steps, seed);
            try (var run = new SyncWorld(seed, world.engines(), world.form, directory)) {
                run.play(steps);
            } catch (AssertionError wrong) {
                failed++;
                first = first == null ? wrong : first;
                System.out.printf("failed: %s, seed %d: %s%n", world, seed, wrong.getCause());
            }
        }
        if (first != null) {
            throw new AssertionError(
                    failed + " of " + all.size() + " worlds failed; the first: " + first.getMessage(), first);
        }
    }
}
