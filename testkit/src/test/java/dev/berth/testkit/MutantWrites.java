package dev.berth.testkit;

import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Deployment;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Removal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runtimes that create, start, stop or remove in a broken way. */
final class MutantWrites {
    private MutantWrites() {}

    private abstract static class Bent extends ForwardingRuntime<FakeSpec> {
        Bent(ContainerRuntime<FakeSpec> next) {
            super(next);
        }
    }

    /** A runtime that removes in another way. */
    private interface Remover {
        Removal remove(String id, Mark mark, Removal.Mode mode) throws Exception;
    }

    private static ContainerRuntime<FakeSpec> removing(ContainerRuntime<FakeSpec> next, Remover remover) {
        return new Bent(next) {
            @Override
            public Removal remove(String id, Mark mark, Removal.Mode mode) throws Exception {
                return remover.remove(id, mark, mode);
            }
        };
    }

    private static Deployment<FakeSpec> copy(Deployment<FakeSpec> asked, Optional<String> name) {
        return new Deployment<>(asked.spec(), name, asked.publications(), asked.mark(), asked.labels());
    }

    // ------------------------------------------------------------------ creating

    static ContainerRuntime<FakeSpec> startingWhatItCreates(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public String create(Deployment<FakeSpec> deployment) throws Exception {
                String id = next.create(deployment);
                next.start(id);
                return id;
            }
        };
    }

    static ContainerRuntime<FakeSpec> evadingTakenNames(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public String create(Deployment<FakeSpec> deployment) throws Exception {
                try {
                    return next.create(deployment);
                } catch (FakeEngineException failure) {
                    if (failure.fault() instanceof Fault.NameHeld) {
                        return next.create(copy(deployment, Optional.empty()));
                    }
                    throw failure;
                }
            }
        };
    }

    static ContainerRuntime<FakeSpec> withholdingTheHolder(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public Fault classify(Throwable failure) {
                Fault fault = next.classify(failure);
                return fault instanceof Fault.NameHeld held
                        ? new Fault.NameHeld(Optional.empty(), held.detail())
                        : fault;
            }
        };
    }

    static ContainerRuntime<FakeSpec> forgettingLabels(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public String create(Deployment<FakeSpec> asked) throws Exception {
                return next.create(
                        new Deployment<>(asked.spec(), asked.name(), asked.publications(), asked.mark(), Map.of()));
            }
        };
    }

    // ------------------------------------------------------------------ starting and stopping

    private static boolean lives(ContainerRuntime<FakeSpec> next, String id) throws Exception {
        return next.look(id).seen().filter(one -> one.state().isLiving()).isPresent();
    }

    static ContainerRuntime<FakeSpec> failingToStartWhatRuns(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public void start(String id) throws Exception {
                if (lives(next, id)) {
                    throw new IllegalStateException("Status 304: ");
                }
                next.start(id);
            }
        };
    }

    static ContainerRuntime<FakeSpec> failingToStopWhatIsStopped(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public void stop(String id) throws Exception {
                if (next.look(id)
                        .seen()
                        .filter(one -> one.state() == InstanceState.STOPPED)
                        .isPresent()) {
                    throw new IllegalStateException("Status 304: ");
                }
                next.stop(id);
            }
        };
    }

    static ContainerRuntime<FakeSpec> removingWhatItStops(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public void stop(String id) throws Exception {
                next.stop(id);
                engine.removeInstance(id);
            }
        };
    }

    private static String resolve(FakeEngine engine, String text) {
        return engine.instances().stream()
                .filter(one -> one.name().equals(text))
                .findFirst()
                .map(Instance::id)
                .orElse(text);
    }

    static ContainerRuntime<FakeSpec> startingByName(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public void start(String id) throws Exception {
                next.start(resolve(engine, id));
            }
        };
    }

    static ContainerRuntime<FakeSpec> ignoringMissingInstances(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public void stop(String id) throws Exception {
                if (next.look(id).seen().isPresent()) {
                    next.stop(id);
                }
            }
        };
    }

    /** Tries again, as after any failure; on Docker 29 that "succeeds". */
    static ContainerRuntime<FakeSpec> startingAgain(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        engine.withSilentRestarts();
        return new Bent(next) {
            @Override
            public void start(String id) throws Exception {
                try {
                    next.start(id);
                } catch (FakeEngineException failure) {
                    next.start(id);
                }
            }
        };
    }

    // ------------------------------------------------------------------ removing

    static ContainerRuntime<FakeSpec> removingWithoutALook(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return removing(next, (id, mark, mode) -> {
            engine.removeInstance(id);
            return new Removal.Removed();
        });
    }

    static ContainerRuntime<FakeSpec> comparingTheLedgerAlone(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return removing(next, (id, mark, mode) -> {
            Optional<Mark> carried = next.look(id)
                    .seen()
                    .flatMap(Instance::mark)
                    .filter(other -> other.ledger().equals(mark.ledger()));
            return next.remove(id, carried.orElse(mark), mode);
        });
    }

    static ContainerRuntime<FakeSpec> ignoringTheMode(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return removing(next, (id, mark, mode) -> next.remove(id, mark, Removal.Mode.EVEN_IF_RUNNING));
    }

    static ContainerRuntime<FakeSpec> ignoringGuards(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return removing(next, (id, mark, mode) -> {
            if (next.look(id).seen().flatMap(Instance::mark).equals(Optional.of(mark))) {
                engine.unguardInstance(id);
            }
            return next.remove(id, mark, mode);
        });
    }

    static ContainerRuntime<FakeSpec> answeringBeforeItIsGone(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        engine.removalTaking(Duration.ofMillis(50));
        return removing(next, (id, mark, mode) -> {
            Optional<Instance> seen = next.look(id).seen();
            if (seen.flatMap(Instance::mark).equals(Optional.of(mark))) {
                engine.removeInstance(id);
                return new Removal.Removed();
            }
            return next.remove(id, mark, mode);
        });
    }

    static ContainerRuntime<FakeSpec> failingToRemoveAgain(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return removing(next, (id, mark, mode) -> {
            Removal removal = next.remove(id, mark, mode);
            if (removal instanceof Removal.WasAbsent) {
                throw new IllegalStateException("Status 404: No such container");
            }
            return removal;
        });
    }

    /** Takes "removal is already in progress" for a failure. */
    static ContainerRuntime<FakeSpec> losingRemovalRaces(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        engine.removalTaking(Duration.ofMillis(50));
        return removing(next, (id, mark, mode) -> {
            if (next.look(id)
                    .seen()
                    .filter(one -> one.state() == InstanceState.REMOVING)
                    .isPresent()) {
                throw new IllegalStateException("Status 409: removal of container is already in progress");
            }
            return next.remove(id, mark, mode);
        });
    }

    static ContainerRuntime<FakeSpec> removingByMark(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return removing(next, (id, mark, mode) -> {
            Removal removal = next.remove(id, mark, mode);
            for (Instance other : removal.isGone() ? next.inventory().instances() : List.<Instance>of()) {
                next.remove(other.id(), mark, mode);
            }
            return removal;
        });
    }

    static ContainerRuntime<FakeSpec> removingByName(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return removing(next, (id, mark, mode) -> next.remove(resolve(engine, id), mark, mode));
    }

    static ContainerRuntime<FakeSpec> takingSilenceForRemoval(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return removing(next, (id, mark, mode) -> {
            try {
                return next.remove(id, mark, mode);
            } catch (FakeEngineException silence) {
                return new Removal.WasAbsent("it is not there: " + silence.getMessage());
            }
        });
    }
}
