package dev.berth.testkit;

import dev.berth.runtime.ContainerRuntime;
import dev.berth.runtime.Mark;
import dev.berth.runtime.Publication;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One runtime with what the contract suite needs around it: further clients of its engine, specifications, outsiders, and
 * the road between client and engine. The engine may have other instances, of this machine's owner or of another run; the
 * suite touches none that it did not make.
 *
 * <p>The suite opens a fixture before each law, on one thread, removes after it what it made through the runtime, and
 * closes the fixture.
 *
 * @param <S> what the host hands over to say what to create
 */
public interface RuntimeFixture<S> extends AutoCloseable {
    /** The road between the client and its engine, which a law may disturb: a proxy of a socket, a fake. */
    interface Road {
        /** Makes every call fail from now on: nobody answers. */
        void cut();

        /** Makes every call hang from now on: the engine takes the question and says nothing. */
        void block();

        /**
         * Says whether a call hangs right now.
         *
         * @return true if one does
         */
        boolean isWaiting();

        /** Lets calls pass again, those that hang too. Safe to repeat. */
        void mend();
    }

    /**
     * Gives the runtime.
     *
     * @return the same one at every call
     */
    ContainerRuntime<S> runtime();

    /**
     * Connects another client to the same engine, in the same scope.
     *
     * @return a new client, which the caller closes
     * @throws Exception if it cannot be made; the law then fails
     */
    ContainerRuntime<S> another() throws Exception;

    /**
     * Describes an instance that runs until it is stopped, and gets healthy if it has a check.
     *
     * @return the specification, good for any number of instances
     */
    S running();

    /**
     * Describes an instance that ends by itself as soon as it is started.
     *
     * @return the specification
     */
    S exiting();

    /**
     * Describes an instance that the runtime refuses to create, such as one of an image that is not there.
     *
     * @return the specification
     */
    S rejected();

    /**
     * Makes and starts an instance past the library, without a mark.
     *
     * @param name its name
     * @param publications the ports that it publishes
     * @return its full id; closing the fixture removes it
     * @throws Exception if it cannot be made; the law then fails
     */
    String stranger(String name, List<Publication> publications) throws Exception;

    /**
     * Lets a process of the engine's host listen on a TCP port on all addresses. Unless overridden, that is this process.
     *
     * @param port the port, which is free
     * @return ends the listening
     * @throws Exception if it cannot listen; the law then fails
     */
    default AutoCloseable occupy(int port) throws Exception {
        return new ServerSocket(port);
    }

    /**
     * Finds a port of the engine's host that nobody listens on, TCP or UDP. Unless overridden, this machine is asked.
     *
     * @return the port
     * @throws Exception if there is none; the law then fails
     */
    default int freePort() throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getByName("0.0.0.0"))) {
            return socket.getLocalPort();
        }
    }

    /**
     * Guards an instance from removal, for laws about guards. They go by {@link #guarded} where that is not possible.
     *
     * @param id its full id
     * @return lifts the guard; empty if no guard can be put on what is there already, and then nothing was done
     * @throws Exception if it cannot be guarded; the law then fails
     */
    default Optional<AutoCloseable> guard(String id) throws Exception {
        return Optional.empty();
    }

    /**
     * Makes an instance past the library that carries a mark, and is guarded from removal from its first instant. Laws about
     * guards are skipped, with that reason, where there are no guards of either kind.
     *
     * @param name its name
     * @param mark its mark
     * @return its full id, and closing the fixture removes it; empty if this runtime has no guards
     * @throws Exception if it cannot be made; the law then fails
     */
    default Optional<String> guarded(String name, Mark mark) throws Exception {
        return Optional.empty();
    }

    /**
     * Gives the road to the engine, for laws about its disturbances, which are skipped, with that reason, without.
     *
     * @return the road, empty if it cannot be disturbed
     */
    default Optional<Road> road() {
        return Optional.empty();
    }

    /**
     * Gives a name of the kind that this runtime has, where that is not any text: a number, such as a guest's id.
     *
     * @param suggestion a text that no other law uses: lower-case letters, digits and hyphens
     * @return the suggestion itself unless overridden; else for each suggestion a name that no other one gets
     */
    default String name(String suggestion) {
        return suggestion;
    }

    /**
     * Says whether the runtime publishes ports of the host. Laws about ports are skipped, with that reason, if not.
     *
     * @return true unless overridden
     */
    default boolean publishesPorts() {
        return true;
    }

    /**
     * Says whether the runtime names the holder of a taken name.
     *
     * @return true unless overridden
     */
    default boolean namesHolders() {
        return true;
    }

    /**
     * Says how long the suite waits for what takes the engine a while, and for a call that is to end soon.
     *
     * @return 30 seconds unless overridden
     */
    default Duration patience() {
        return Duration.ofSeconds(30);
    }

    /**
     * Says how many rounds the suite's races run.
     *
     * @return 5 unless overridden
     */
    default int rounds() {
        return 5;
    }

    /** Removes the strangers that it made, whatever became of the law, and closes the runtime. */
    @Override
    void close();
}
