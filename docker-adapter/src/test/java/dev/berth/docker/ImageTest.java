package dev.berth.docker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.docker.Told.Answer;
import dev.berth.docker.Told.Asked;
import dev.berth.ledger.Owner;
import dev.berth.runtime.BoundedRuntime;
import dev.berth.runtime.Deadlines;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Before a removal the image is looked at: a mark that came with it is none (law L4). */
class ImageTest {
    private static final Mark MARK = new Mark(UUID.randomUUID(), UUID.randomUUID(), "nonce", Owner.of("lab", "anna"));

    /** Answers for one image, and for the listing of all. */
    private static Function<Asked, Optional<Answer>> images(Answer one, Answer all) {
        return asked -> {
            if (asked.path().equals("/images/json")) {
                return Optional.of(all);
            }
            return asked.path().startsWith("/images/") ? Optional.of(one) : Optional.empty();
        };
    }

    private static Removal removal(ToldEngine engine) throws Exception {
        try (DockerRuntime runtime = DockerFixture.open(engine.uri());
                BoundedRuntime<?> bounded = BoundedRuntime.of(runtime, Deadlines.defaults())) {
            String id = runtime.create(new Deployment<>(
                    runtime.docker().createContainerCmd("web:1"), Optional.of("web"), List.of(), MARK, Map.of()));
            return bounded.remove(id, MARK, Removal.Mode.EVEN_IF_RUNNING);
        }
    }

    @Test
    void whereTheEngineSaysThatTheImageIsGoneNothingWasHandedDown() throws Exception {
        try (var engine = new ToldEngine(
                images(Answer.error(404, "No such image: sha256:1"), Answer.error(500, "not to be asked")))) {
            assertThat(removal(engine)).isInstanceOf(Removal.Removed.class);
            assertThat(engine.told().asked("GET", "/images/json")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {403, 404, 500})
    void whereTheImageCannotBeSeenTheListingOfAllTells(int status) throws Exception {
        var broken = Answer.of(status, "<html>Not here</html>");
        String other = "{\"Id\":\"sha256:2\",\"Labels\":null}";
        var clean = Answer.ok("[" + other + ",{\"Id\":\"sha256:1\",\"Labels\":{\"a\":\"b\"}}]");
        var marked = Answer.ok("[{\"Id\":\"sha256:1\",\"Labels\":{\"" + Mark.NONCE + "\":\"nonce\"}}]");

        try (var engine = new ToldEngine(images(broken, clean))) {
            assertThat(removal(engine)).isInstanceOf(Removal.Removed.class);
        }
        try (var engine = new ToldEngine(images(broken, marked))) {
            assertThat(removal(engine)).isInstanceOf(Removal.Kept.class);
        }
        for (Answer silent : List.of(Answer.ok("[" + other + "]"), broken)) {
            try (var engine = new ToldEngine(images(broken, silent))) {
                assertThat(removal(engine)).isInstanceOf(Removal.Unknown.class);
                assertThat(engine.states()).hasSize(1);
            }
        }
    }

    /** Most removals need no second look. */
    @Test
    void whatIsGoneAtOnceIsNotWaitedFor() throws Exception {
        try (var engine = new ToldEngine()) {
            assertThat(removal(engine)).isInstanceOf(Removal.Removed.class);
            assertThat(engine.told().asked("DELETE", "")).isEqualTo(1);
            assertThat(engine.told().asked("GET", ToldEngine.id(1) + "/json")).isEqualTo(2);
        }
    }
}
