package dev.berth.testkit.runtime;

import dev.berth.testkit.CrashPoints;
import dev.berth.testkit.runtime.Journey.Successor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** L2: a process dies before or after any call of its way, to the ledger or to the engine, and others go on. */
class DyingCallersTest {
    static Stream<Arguments> all() {
        List<Arguments> all = new ArrayList<>();
        for (Journey journey : Journey.values()) {
            for (Successor successor : Successor.values()) {
                all.add(Arguments.of(journey, successor));
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("all")
    void whoeverGoesOnAfterADeathAtAnyPointFindsAWorldThatIsWhole(Journey journey, Successor successor) {
        Scene.telling(
                journey + ", then " + successor,
                () -> CrashPoints.dying(() -> Scene.of(journey), Scene::walk, (scene, point) -> {
                    scene.lapse();
                    scene.goOn(successor);
                    scene.check();
                    scene.end();
                }));
    }
}
