package dev.berth.testkit;

import java.time.Duration;
import org.junit.jupiter.api.Nested;

/** The fake runtime keeps the contract, however it counts, and however long it takes. */
class FakeRuntimeTest {
    @Nested
    class WithFullIds extends ContainerRuntimeContract<FakeSpec> {
        @Override
        protected RuntimeFixture<FakeSpec> open() {
            return new FakeFixture(FakeFixture.engine());
        }
    }

    @Nested
    class WithReusedIds extends ContainerRuntimeContract<FakeSpec> {
        @Override
        protected RuntimeFixture<FakeSpec> open() {
            return new FakeFixture(FakeFixture.engine().withReusedIds());
        }
    }

    @Nested
    class WithSlowRemovals extends ContainerRuntimeContract<FakeSpec> {
        @Override
        protected RuntimeFixture<FakeSpec> open() {
            return new FakeFixture(FakeFixture.engine().removalTaking(Duration.ofMillis(5)));
        }
    }
}
