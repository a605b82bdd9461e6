package dev.berth.proxmox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.berth.runtime.Fault;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A runtime is closed while something is under way: whoever waits comes back, and says what is not known. */
class ClosedMidwayTest {
    private static final long SOON_SECONDS = 15;

    /** What is under way. */
    enum Deed {
        CREATE("create"),
        START("start"),
        STOP("stop"),
        REMOVE("destroy");

        private final String task;

        Deed(String task) {
            this.task = ":vz" + task + ":";
        }

        /** What is said of it: a fault, or what a removal answers. */
        private Object done(Site site, Mark mark) throws Exception {
            return switch (this) {
                case CREATE -> site.fault(() -> site.create(103, mark));
                case START -> site.fault(() -> site.runtime.start("lxc/103"));
                case STOP -> site.fault(() -> site.runtime.stop("lxc/103"));
                case REMOVE -> site.runtime.remove("lxc/103", mark, Removal.Mode.EVEN_IF_RUNNING);
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void closingEndsWhatIsUnderWay(Deed deed) throws Exception {
        try (var site = new Site()) {
            Mark mark = site.mark();
            if (deed != Deed.CREATE) {
                site.create(103, mark);
            }
            if (deed == Deed.STOP) {
                site.runtime.start("lxc/103");
            }
            site.lab.tasksHang();
            CompletableFuture<Object> under = CompletableFuture.supplyAsync(
                    () -> {
                        try {
                            return deed.done(site, mark);
                        } catch (Exception failed) {
                            throw new AssertionError(failed);
                        }
                    },
                    work -> new Thread(work).start());
            Site.await(
                    "its task to be asked for",
                    () -> site.lab.requests().stream()
                            .anyMatch(seen -> seen.path().contains(deed.task)));
            site.runtime.close();

            Object said = under.get(SOON_SECONDS, TimeUnit.SECONDS);
            assertThat(said).isInstanceOfAny(Fault.Unknown.class, Removal.Unknown.class);
            assertThat(said.toString()).contains("closed");
        }
    }
}
