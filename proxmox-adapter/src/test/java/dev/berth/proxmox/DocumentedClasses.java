package dev.berth.proxmox;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the tests that the guide names for a real server, in a process of its own with an environment of its own. */
final class DocumentedClasses {
    private DocumentedClasses() {}

    public static void main(String[] args) {
        var listener = new Listener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(
                                        DiscoverySelectors.selectClass(ContainersOnServerTest.class),
                                        DiscoverySelectors.selectClass(MachinesOnServerTest.class),
                                        DiscoverySelectors.selectClass(PeopleTest.class),
                                        // Its other tests need no server, and are run elsewhere.
                                        DiscoverySelectors.selectMethod(
                                                RoadTest.class,
                                                "guestIsMadeWithIdHostNameAndMarkAndRemovedAgain",
                                                Target.Kind.class),
                                        DiscoverySelectors.selectMethod(
                                                RoadTest.class,
                                                "idThatARecordOrAStrangerHoldsIsPassedOver",
                                                Target.Kind.class))
                                .build(),
                        listener);
        System.exit(listener.failed == 0 && listener.succeeded > 0 ? 0 : 1);
    }

    /** Tells what became of each test. */
    private static final class Listener implements TestExecutionListener {
        private int failed;
        private int succeeded;

        @Override
        public synchronized void executionFinished(TestIdentifier test, TestExecutionResult result) {
            System.out.println(result.getStatus() + " " + test.getUniqueId());
            result.getThrowable().ifPresent(why -> System.out.println("  " + why));
            // A class that ends badly counts as well.
            failed += result.getStatus() == TestExecutionResult.Status.FAILED ? 1 : 0;
            succeeded += test.isTest() && result.getStatus() == TestExecutionResult.Status.SUCCESSFUL ? 1 : 0;
        }
    }
}
