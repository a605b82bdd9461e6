package dev.berth.testkit;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;

/**
 * The contract of {@link dev.berth.runtime.ContainerRuntime} as a suite: an adapter is one if its subclass of this class
 * passes, against a real engine as well as a fake one. The only thing to say is how a runtime is opened, and what the
 * laws need around it:
 *
 * <pre>{@code
 * abstract class RuntimeOfMineTest extends ContainerRuntimeContract<FakeSpec> {        // your specification
 *     abstract RuntimeFixture<FakeSpec> mine(); // a client, three specifications, a way to make an instance past the library
 *
 *     @Override
 *     protected RuntimeFixture<FakeSpec> open() {
 *         return mine();
 *     }
 * }
 * }</pre>
 *
 * <p>The suite shares the engine with others: it takes names of its own, looks only for what it made, waits with deadlines
 * for what takes a while, and removes through the runtime what it has created.
 *
 * @param <S> what the host hands over to say what to create
 */
public abstract class ContainerRuntimeContract<S> {
    /** For subclasses. */
    protected ContainerRuntimeContract() {}

    /**
     * Opens a runtime. Called once for each law; the suite closes the fixture.
     *
     * @return the runtime and what belongs to it
     * @throws Exception if it cannot be opened; the law then fails
     */
    protected abstract RuntimeFixture<S> open() throws Exception;

    @Nested
    @DisplayName("Creating: A name is taken, nothing runs")
    class Creating extends CreatingLaws<S> {
        Creating() {
            super(ContainerRuntimeContract.this);
        }
    }

    @Nested
    @DisplayName("Sightings: What is told is so (and L3: Unknown is a third answer)")
    class Sightings extends SightingLaws<S> {
        Sightings() {
            super(ContainerRuntimeContract.this);
        }
    }

    @Nested
    @DisplayName("Running: Start, stop and health")
    class Running extends RunningLaws<S> {
        Running() {
            super(ContainerRuntimeContract.this);
        }
    }

    @Nested
    @DisplayName("Publishing: A port is taken by the start")
    class Publishing extends PublishingLaws<S> {
        Publishing() {
            super(ContainerRuntimeContract.this);
        }
    }

    @Nested
    @DisplayName("L4: Foreign things are never destroyed")
    class Removing extends RemovingLaws<S> {
        Removing() {
            super(ContainerRuntimeContract.this);
        }
    }

    @Nested
    @DisplayName("Disturbances: Interrupted, unreachable, never heard of")
    class Disturbances extends DisturbanceLaws<S> {
        Disturbances() {
            super(ContainerRuntimeContract.this);
        }
    }

    @Nested
    @DisplayName("Clients: Hints and closing")
    class Clients extends ClientLaws<S> {
        Clients() {
            super(ContainerRuntimeContract.this);
        }
    }
}
