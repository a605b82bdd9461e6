package dev.berth.testkit.runtime;

import static dev.berth.testkit.runtime.World.ANNA;
import static dev.berth.testkit.runtime.World.ANNA_TOO;
import static dev.berth.testkit.runtime.World.BEN;
import static dev.berth.testkit.runtime.World.NODE;

import dev.berth.ledger.ClaimRequest;
import dev.berth.ledger.Owner;
import dev.berth.ledger.ResourceKind;
import dev.berth.runtime.Full;
import dev.berth.runtime.Held;
import dev.berth.runtime.Mine;
import dev.berth.runtime.ProvisionRequest;
import dev.berth.runtime.Provisioner;
import dev.berth.runtime.Publication;
import dev.berth.runtime.Stranger;
import dev.berth.testkit.FakeSpec;
import dev.berth.testkit.Mishap;
import dev.berth.testkit.RuntimeCall;
import java.time.Duration;
import java.util.Optional;

/** What a process is at when it dies or falls asleep. */
enum Journey {
    /** The first one. */
    FRESH,

    /** The first one, which takes its time to come up. */
    SLOW {
        @Override
        FakeSpec spec() {
            return FakeSpec.of("desktop:1").startingFor(Duration.ofMillis(30)).healthyAfter(Duration.ofMillis(50));
        }

        @Override
        ProvisionRequest request() {
            return super.request().healthyWithin(Duration.ofSeconds(30));
        }
    },

    /** An engine that has no names to tell two by. */
    NAMELESS {
        @Override
        ProvisionRequest request() {
            return ProvisionRequest.of(ClaimRequest.by(ANNA).in(NODE).choose("http", World.PORTS))
                    .publish("http", 6_901);
        }
    },

    /** The first one, which ends at once, so that all is taken back. */
    STILLBORN {
        @Override
        FakeSpec spec() {
            return World.SPEC.exitingAtOnce();
        }

        @Override
        boolean isUpAfter(Successor successor) {
            return false;
        }
    },

    /** One that was stopped. */
    RESUME {
        @Override
        void prepare(Scene scene) {
            scene.provision(ANNA);
            scene.other().stop(ANNA);
        }
    },

    /** A living one. */
    REPLACE {
        @Override
        void prepare(Scene scene) {
            scene.provision(ANNA);
        }

        @Override
        Provisioner.Builder<FakeSpec> policies(Provisioner.Builder<FakeSpec> builder) {
            return builder.whenMineLives(Mine.REPLACE);
        }
    },

    /** A living one, which was found when the ledger had been lost. */
    REPLACE_RECOVERED {
        @Override
        void prepare(Scene scene) {
            scene.provision(ANNA);
            scene.other().letGo(ANNA);
            scene.other().recover(any -> Optional.empty());
        }

        @Override
        Provisioner.Builder<FakeSpec> policies(Provisioner.Builder<FakeSpec> builder) {
            return builder.whenMineLives(Mine.REPLACE);
        }
    },

    /** The name is held by one of ours that no claim has. */
    STALE_NAME {
        @Override
        void prepare(Scene scene) {
            scene.stale.add(scene.provision(ANNA).instance().id());
            scene.other().letGo(ANNA);
        }

        @Override
        Provisioner.Builder<FakeSpec> policies(Provisioner.Builder<FakeSpec> builder) {
            return builder.whenStrangerIsInTheWay(Stranger.REMOVE_IF_OURS);
        }

        @Override
        boolean needsPolicies() {
            return true;
        }
    },

    /** The name is somebody else's. */
    FOREIGN_NAME {
        @Override
        void prepare(Scene scene) {
            scene.stranger("kasm-anna-desktop");
        }

        @Override
        Provisioner.Builder<FakeSpec> policies(Provisioner.Builder<FakeSpec> builder) {
            return builder.whenStrangerIsInTheWay(Stranger.NEXT_CANDIDATE);
        }

        @Override
        boolean needsPolicies() {
            return true;
        }
    },

    /** Somebody else's is what was asked for. */
    FOREIGN_ADOPTED {
        @Override
        void prepare(Scene scene) {
            scene.stranger("kasm-anna-desktop", Publication.tcp(7_000, 6_901));
        }

        @Override
        Provisioner.Builder<FakeSpec> policies(Provisioner.Builder<FakeSpec> builder) {
            return builder.whenStrangerIsInTheWay(Stranger.ADOPT);
        }

        @Override
        boolean needsPolicies() {
            return true;
        }
    },

    /** The port is taken between claim and start. */
    THIEF {
        @Override
        void prepare(Scene scene) {
            scene.beforeStart = () -> scene.world.engine.occupy(7_000);
        }
    },

    /** The answer to the creation is lost. */
    LOST_CREATE {
        @Override
        void prepare(Scene scene) {
            scene.mishap = client -> client.next(RuntimeCall.CREATE, new Mishap.LostAnswer());
        }
    },

    /** The answer to the start is lost. */
    LOST_START {
        @Override
        void prepare(Scene scene) {
            scene.mishap = client -> client.next(RuntimeCall.START, new Mishap.LostAnswer());
        }
    },

    /** The name is held by another claim of the tenant. */
    TAKEOVER {
        @Override
        void prepare(Scene scene) {
            scene.other().provision(shared(ANNA_TOO), World.spec());
        }

        @Override
        ProvisionRequest request() {
            return shared(ANNA);
        }

        @Override
        Provisioner.Builder<FakeSpec> policies(Provisioner.Builder<FakeSpec> builder) {
            return builder.whenAnotherHolds(Held.TAKE_FROM_SAME_TENANT);
        }

        @Override
        boolean needsPolicies() {
            return true;
        }
    },

    /** The name is held by another claim of the tenant, whose instance was found when the ledger had been lost. */
    TAKEOVER_RECOVERED {
        @Override
        void prepare(Scene scene) {
            scene.other().provision(shared(ANNA_TOO), World.spec());
            scene.other().letGo(ANNA_TOO);
            scene.other().recover(any -> Optional.empty());
        }

        @Override
        ProvisionRequest request() {
            return shared(ANNA);
        }

        @Override
        Provisioner.Builder<FakeSpec> policies(Provisioner.Builder<FakeSpec> builder) {
            return builder.whenAnotherHolds(Held.TAKE_FROM_SAME_TENANT);
        }

        @Override
        boolean needsPolicies() {
            return true;
        }
    },

    /** The name is held by a claim of another tenant, whose instance is gone. */
    GHOST {
        @Override
        void prepare(Scene scene) {
            String id = scene.other()
                    .provision(shared(BEN), World.spec())
                    .instance()
                    .id();
            scene.world.engine.removeInstance(id);
        }

        @Override
        ProvisionRequest request() {
            return shared(ANNA);
        }

        @Override
        Provisioner.Builder<FakeSpec> policies(Provisioner.Builder<FakeSpec> builder) {
            return builder.whenAnotherHolds(Held.TAKE_FROM_PROVEN_GHOST);
        }

        @Override
        boolean needsPolicies() {
            return true;
        }
    },

    /** The pool is full, and one of it is stopped. */
    RECLAIM {
        @Override
        void prepare(Scene scene) {
            scene.provision(ANNA_TOO);
            scene.provision(BEN);
            scene.provision(Owner.of("anna", "desktop-3"));
            scene.other().stop(ANNA_TOO);
        }

        @Override
        Provisioner.Builder<FakeSpec> policies(Provisioner.Builder<FakeSpec> builder) {
            return builder.whenPoolIsExhausted(Full.RECLAIM_LONGEST_STOPPED);
        }

        @Override
        boolean needsPolicies() {
            return true;
        }
    },

    /** It is stopped. */
    STOP {
        @Override
        void prepare(Scene scene) {
            scene.provision(ANNA);
        }

        @Override
        void walk(Scene scene, Provisioner<FakeSpec> caller) {
            caller.stop(ANNA);
        }

        @Override
        boolean isAnEnd() {
            return true;
        }
    },

    /** It is removed. */
    REMOVE {
        @Override
        void prepare(Scene scene) {
            scene.provision(ANNA);
        }

        @Override
        void walk(Scene scene, Provisioner<FakeSpec> caller) {
            caller.remove(ANNA);
        }

        @Override
        boolean isAnEnd() {
            return true;
        }
    },

    /** It is removed, having been found when the ledger had been lost. */
    REMOVE_RECOVERED {
        @Override
        void prepare(Scene scene) {
            REPLACE_RECOVERED.prepare(scene);
        }

        @Override
        void walk(Scene scene, Provisioner<FakeSpec> caller) {
            caller.remove(ANNA);
        }

        @Override
        boolean isAnEnd() {
            return true;
        }
    },

    /** It was adopted, and is to go. */
    REMOVE_ADOPTED {
        @Override
        void prepare(Scene scene) {
            ADOPT.prepare(scene);
            ADOPT.walk(scene, scene.other());
        }

        @Override
        void walk(Scene scene, Provisioner<FakeSpec> caller) {
            caller.remove(ANNA);
        }

        @Override
        boolean isAnEnd() {
            return true;
        }
    },

    /** It is let go. */
    LET_GO {
        @Override
        void prepare(Scene scene) {
            scene.stale.add(scene.provision(ANNA).instance().id());
        }

        @Override
        void walk(Scene scene, Provisioner<FakeSpec> caller) {
            caller.letGo(ANNA);
        }

        @Override
        boolean isAnEnd() {
            return true;
        }

        @Override
        boolean needsPolicies() {
            return true;
        }
    },

    /** A stranger's is adopted. */
    ADOPT {
        @Override
        void prepare(Scene scene) {
            scene.stranger("legacy", Publication.tcp(7_000, 6_901));
        }

        @Override
        void walk(Scene scene, Provisioner<FakeSpec> caller) {
            caller.adopt(
                    scene.strangers.iterator().next(),
                    ClaimRequest.by(ANNA).fixed("http", ResourceKind.TCP_PORT.in(NODE, 7_000)));
        }

        @Override
        boolean isUpAfter(Successor successor) {
            return successor == Successor.SAME;
        }
    },

    /** The ledger was lost, and what runs is claimed anew. */
    RECOVER {
        @Override
        void prepare(Scene scene) {
            scene.stale.add(scene.provision(ANNA).instance().id());
            scene.stale.add(scene.provision(BEN).instance().id());
            scene.other().letGo(ANNA);
            scene.other().letGo(BEN);
        }

        @Override
        void walk(Scene scene, Provisioner<FakeSpec> caller) {
            caller.recover(any -> Optional.empty());
        }

        @Override
        boolean needsPolicies() {
            return true;
        }
    };

    /** Who goes on when a process is taken for dead. */
    enum Successor {
        /** One that asks for the same, with the same policies. */
        SAME,
        /** One that provisions, with no policies. */
        PLAIN,
        /** Another owner of the tenant, who takes whatever is in the way. */
        RIVAL,
        STOP,
        REMOVE,
        LET_GO
    }

    void prepare(Scene scene) {}

    Provisioner.Builder<FakeSpec> policies(Provisioner.Builder<FakeSpec> builder) {
        return builder;
    }

    ProvisionRequest request() {
        return World.request(ANNA);
    }

    FakeSpec spec() {
        return World.SPEC;
    }

    void walk(Scene scene, Provisioner<FakeSpec> caller) {
        caller.provision(request(), granted -> spec());
    }

    /** Whether it ends an instance, rather than makes one. */
    boolean isAnEnd() {
        return false;
    }

    /** Whether it ends an instance that was there before. */
    boolean endsWhatWasThere() {
        return isAnEnd() || this == REPLACE || this == REPLACE_RECOVERED;
    }

    /** Whether a caller without its policies may be refused. */
    boolean needsPolicies() {
        return false;
    }

    /** Whether there is an instance when a successor has gone on. */
    boolean isUpAfter(Successor successor) {
        return successor == Successor.SAME ? !isAnEnd() : successor == Successor.PLAIN && !needsPolicies();
    }

    static ProvisionRequest shared(Owner owner) {
        return ProvisionRequest.of(ClaimRequest.by(owner)
                        .in(NODE)
                        .fixed("container", ResourceKind.CONTAINER_NAME, "shared")
                        .choose("http", World.PORTS))
                .named("container")
                .publish("http", 6_901);
    }
}
