package dev.berth.testkit;

import dev.berth.ledger.Scope;
import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Coverage;
import dev.berth.runtime.Fault;
import dev.berth.runtime.Fingerprint;
import dev.berth.runtime.Hint;
import dev.berth.runtime.Instance;
import dev.berth.runtime.InstanceState;
import dev.berth.runtime.Inventory;
import dev.berth.runtime.Sighting;
import dev.berth.runtime.Watch;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Runtimes that look, list, classify, hint or close in a broken way. */
final class MutantReads {
    private MutantReads() {}

    private abstract static class Bent extends ForwardingRuntime<FakeSpec> {
        Bent(ContainerRuntime<FakeSpec> next) {
            super(next);
        }
    }

    private static ContainerRuntime<FakeSpec> listing(
            ContainerRuntime<FakeSpec> next, UnaryOperator<Inventory> bending) {
        return new Bent(next) {
            @Override
            public Inventory inventory() throws Exception {
                return bending.apply(next.inventory());
            }
        };
    }

    private static Inventory only(Inventory all, Predicate<Instance> wanted) {
        return new Inventory(
                all.scope(),
                all.coverage(),
                all.instances().stream().filter(wanted).toList());
    }

    // ------------------------------------------------------------------ listing

    static ContainerRuntime<FakeSpec> listingWhatRuns(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return listing(next, all -> only(all, one -> one.state().isLiving()));
    }

    static ContainerRuntime<FakeSpec> listingItsOwn(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return listing(next, all -> only(all, one -> one.mark().isPresent()));
    }

    static ContainerRuntime<FakeSpec> listingAnotherScope(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return listing(next, all -> new Inventory(Scope.GLOBAL, all.coverage(), all.instances()));
    }

    /** Whoever sees an instance first sees it without labels. */
    static ContainerRuntime<FakeSpec> markingLater(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        Set<String> seen = ConcurrentHashMap.newKeySet();
        return listing(
                next,
                all -> new Inventory(
                        all.scope(),
                        all.coverage(),
                        all.instances().stream()
                                .map(one -> seen.add(one.id())
                                        ? Instance.of(one.id(), one.name(), one.state(), Map.of())
                                        : one)
                                .toList()));
    }

    static ContainerRuntime<FakeSpec> takingSilenceForAbsence(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public Sighting look(String id) throws Exception {
                try {
                    return next.look(id);
                } catch (FakeEngineException silence) {
                    return new Sighting.Absent("not found");
                }
            }

            @Override
            public Inventory inventory() throws Exception {
                try {
                    return next.inventory();
                } catch (FakeEngineException silence) {
                    return new Inventory(scope(), Coverage.complete(), List.of());
                }
            }
        };
    }

    // ------------------------------------------------------------------ looking

    private static ContainerRuntime<FakeSpec> resolving(
            ContainerRuntime<FakeSpec> next, FakeEngine engine, Matching matching) {
        return new Bent(next) {
            @Override
            public Sighting look(String id) throws Exception {
                Optional<Instance> found = engine.instances().stream()
                        .filter(one -> matching.matches(one, id))
                        .findFirst();
                return found.isPresent() ? new Sighting.Present(found.get()) : next.look(id);
            }
        };
    }

    /** Whether an engine that resolves names and short ids takes a text for an instance. */
    private interface Matching {
        boolean matches(Instance one, String text);
    }

    static ContainerRuntime<FakeSpec> lookingByName(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return resolving(next, engine, (one, text) -> one.names().contains(text));
    }

    static ContainerRuntime<FakeSpec> lookingByBeginning(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return resolving(next, engine, (one, text) -> one.id().startsWith(text));
    }

    static ContainerRuntime<FakeSpec> remembering(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        Map<String, Sighting> seen = new ConcurrentHashMap<>();
        return new Bent(next) {
            @Override
            public Sighting look(String id) throws Exception {
                Sighting known = seen.get(id);
                Sighting told = known != null ? known : next.look(id);
                seen.put(id, told);
                return told;
            }
        };
    }

    static ContainerRuntime<FakeSpec> tellingConfiguredPorts(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return listing(
                next,
                all -> new Inventory(
                        all.scope(),
                        all.coverage(),
                        all.instances().stream()
                                .map(one -> one.publishing(one.configured(), one.configured()))
                                .toList()));
    }

    /** As engines tell the end of what never ran. */
    static ContainerRuntime<FakeSpec> tellingTheYearOne(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public Sighting look(String id) throws Exception {
                Sighting seen = next.look(id);
                return seen instanceof Sighting.Present present
                                && present.instance().state() == InstanceState.CREATED
                        ? new Sighting.Present(ended(present.instance(), Instant.parse("0001-01-01T00:00:00Z")))
                        : seen;
            }
        };
    }

    private static Instance ended(Instance one, Instant since) {
        return new Instance(
                one.id(),
                one.names(),
                one.state(),
                one.labels(),
                one.mark(),
                one.published(),
                one.configured(),
                one.createdAt(),
                Optional.of(since),
                one.guard());
    }

    static ContainerRuntime<FakeSpec> makingUpFingerprints(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        var asked = new AtomicInteger();
        return new Bent(next) {
            @Override
            public Fingerprint fingerprint() {
                return new Fingerprint(Map.of("id", "made up " + asked.incrementAndGet()));
            }
        };
    }

    static ContainerRuntime<FakeSpec> hangingOn(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public Sighting look(String id) throws Exception {
                while (true) {
                    try {
                        return next.look(id);
                    } catch (InterruptedException ignored) {
                        // And asks again: this is what is broken.
                    }
                }
            }
        };
    }

    // ------------------------------------------------------------------ classifying

    static ContainerRuntime<FakeSpec> knowingNoFault(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return classifying(next, fault -> new Fault.Unknown(fault.detail()));
    }

    static ContainerRuntime<FakeSpec> takingSilenceForRefusal(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return classifying(
                next, fault -> fault instanceof Fault.Unreachable ? new Fault.Rejected(fault.detail()) : fault);
    }

    private static ContainerRuntime<FakeSpec> classifying(
            ContainerRuntime<FakeSpec> next, UnaryOperator<Fault> bending) {
        return new Bent(next) {
            @Override
            public Fault classify(Throwable failure) {
                return bending.apply(next.classify(failure));
            }
        };
    }

    static ContainerRuntime<FakeSpec> guessingByWords(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public Fault classify(Throwable failure) {
                return String.valueOf(failure.getMessage()).contains("already in use")
                                && !(failure instanceof FakeEngineException)
                        ? new Fault.NameHeld(Optional.empty(), "already in use")
                        : next.classify(failure);
            }
        };
    }

    // ------------------------------------------------------------------ hints and ends

    static ContainerRuntime<FakeSpec> hintingShortIds(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public Watch watch(Consumer<Hint> listener) throws Exception {
                return next.watch(hint ->
                        listener.accept(new Hint(hint.kind(), hint.instance().substring(0, 12))));
            }
        };
    }

    static ContainerRuntime<FakeSpec> hintingAfterTheEnd(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public Watch watch(Consumer<Hint> listener) throws Exception {
                next.watch(listener);
                return Watch.none();
            }
        };
    }

    static ContainerRuntime<FakeSpec> closingOnce(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        var closed = new AtomicBoolean();
        return new Bent(next) {
            @Override
            public void close() {
                if (closed.getAndSet(true)) {
                    throw new IllegalStateException("Connection pool shut down");
                }
                next.close();
            }
        };
    }

    static ContainerRuntime<FakeSpec> stayingOpen(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public void close() {
                // What it has opened stays so.
            }
        };
    }

    static ContainerRuntime<FakeSpec> stoppingAllAtItsEnd(ContainerRuntime<FakeSpec> next, FakeEngine engine) {
        return new Bent(next) {
            @Override
            public void close() {
                engine.running().forEach(one -> engine.stopInstance(one.id()));
                next.close();
            }
        };
    }
}
