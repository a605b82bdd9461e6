package dev.berth.testkit.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The fake cluster answers what a real one answered: every recorded request is made again, in the state that it was made in. */
class RecordedAnswersTest {
    @TestFactory
    List<DynamicTest> everyRecordedRequestIsAnsweredAsItWas() throws Exception {
        Replays replays = Replays.ofAll();
        Scenes.play(replays);
        Map<String, List<String>> outOfScope = Replays.table("out-of-scope.txt");
        Map<String, List<String>> known = Replays.table("known-differences.txt");
        List<DynamicTest> tests = new ArrayList<>();
        replays.differences().forEach((name, differences) -> {
            List<String> expected = known.getOrDefault(name, List.of("", ""));
            tests.add(DynamicTest.dynamicTest(
                    name,
                    () -> assertThat(differences)
                            .as(expected.get(1))
                            .allMatch(difference -> difference.matches(expected.get(0)))));
        });
        tests.add(DynamicTest.dynamicTest("no recording is left out in silence", () -> {
            var all = new TreeSet<>(replays.differences().keySet());
            all.addAll(outOfScope.keySet());
            assertThat(all).containsExactlyElementsOf(replays.recordings().keySet());
            assertThat(outOfScope.keySet())
                    .doesNotContainAnyElementsOf(replays.differences().keySet());
            assertThat(known.keySet())
                    .allSatisfy(name -> assertThat(replays.differences().get(name))
                            .as("what is known to differ does: " + name)
                            .isNotEmpty());
            assertThat(replays.recordings()).hasSize(361);
            System.out.printf(
                    "recorded answers: %d, replayed %d, of which %d with a known difference; out of scope %d%n",
                    replays.recordings().size(), replays.differences().size(), known.size(), outOfScope.size());
        }));
        return tests;
    }
}
