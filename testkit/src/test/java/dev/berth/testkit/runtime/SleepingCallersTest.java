package dev.berth.testkit.runtime;

import dev.berth.testkit.CrashPoints;
import dev.berth.testkit.runtime.Journey.Successor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * L5: a process sleeps before or after any call of its way, until it is taken for dead and another has gone on; then it
 * wakes up and runs to its end. What the other was handed out still runs.
 */
@Tag("slow")
class SleepingCallersTest {
    static Stream<Arguments> all() {
        return DyingCallersTest.all();
    }

    @ParameterizedTest
    @MethodSource("all")
    void whoWakesUpTooLateHarmsNobody(Journey journey, Successor successor) {
        Scene.telling(
                journey + ", then " + successor,
                () -> CrashPoints.sleeping(
                        () -> Scene.of(journey),
                        Scene::walk,
                        (scene, point) -> {
                            scene.lapse();
                            scene.goOn(successor);
                            scene.noteHandedOut(point);
                        },
                        (scene, point) -> {
                            scene.check();
                            scene.assertHandedOutRuns();
                            scene.end();
                        }));
    }
}
