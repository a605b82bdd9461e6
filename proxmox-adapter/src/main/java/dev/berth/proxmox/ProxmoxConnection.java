package dev.berth.proxmox;

import dev.berth.BerthException;
import dev.berth.InvalidInputException;
import dev.berth.ledger.Scope;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a cluster is reached. Not safe for use by many threads; what it builds is. */
public final class ProxmoxConnection {
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final Duration SHORTEST_LOOK = Duration.ofMillis(100);
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(30);

    private final Scope scope;
    private final List<URI> endpoints;
    private @Nullable Credentials credentials;
    private @Nullable Trust trust;
    private Duration connect = Duration.ofSeconds(10);
    private Duration answer = Duration.ofSeconds(45);
    private Duration tasks = Duration.ofMinutes(10);
    private Duration graceful = Duration.ofSeconds(30);
    private Spans spans = Spans.USUAL;
    private OptionalInt canary = OptionalInt.empty();
    private final Set<DestroyOption> options = EnumSet.noneOf(DestroyOption.class);
    private Clock clock = Clock.systemUTC();

    private ProxmoxConnection(Scope scope, List<URI> endpoints) {
        this.scope = scope;
        this.endpoints = endpoints;
    }

    static ProxmoxConnection to(Scope scope, List<URI> endpoints) {
        if (endpoints.isEmpty()) {
            throw InvalidInputException.of("endpoints", "none", "at least one");
        }
        endpoints.forEach(ProxmoxConnection::check);
        return new ProxmoxConnection(scope, List.copyOf(endpoints));
    }

    private static void check(URI endpoint) {
        InvalidInputException.requireNonNull("endpoint", endpoint);
        String path = endpoint.getPath();
        boolean bare = (path == null || path.isEmpty() || path.equals("/"))
                && endpoint.getQuery() == null
                && endpoint.getFragment() == null
                && endpoint.getUserInfo() == null;
        if (!"https".equalsIgnoreCase(endpoint.getScheme()) || endpoint.getHost() == null || !bare) {
            throw InvalidInputException.of(
                    "endpoint",
                    endpoint.getScheme() + "://" + endpoint.getHost(),
                    "https://host:8006 and nothing else");
        }
    }

    /**
     * Says who asks.
     *
     * @param who the credentials
     * @return this connection
     */
    public ProxmoxConnection credentials(Credentials who) {
        credentials = InvalidInputException.requireNonNull("credentials", who);
        return this;
    }

    /**
     * Says which certificates count; {@link Trust#system} unless said.
     *
     * @param what the trust
     * @return this connection
     */
    public ProxmoxConnection trust(Trust what) {
        trust = InvalidInputException.requireNonNull("trust", what);
        return this;
    }

    /**
     * Sets how long an endpoint may take to be reached; 10 s unless set.
     *
     * @param span 1 ms to 1 day
     * @return this connection
     */
    public ProxmoxConnection connectsWithin(Duration span) {
        connect = checked("connect time-out", span);
        return this;
    }

    /**
     * Sets how long an answer may take; 45 s unless set. The API itself waits 30 s for a node that hangs, and 3 s with every
     * refusal of credentials: less loses its answers.
     *
     * @param span 1 ms to 1 day
     * @return this connection
     */
    public ProxmoxConnection answersWithin(Duration span) {
        answer = checked("answer time-out", span);
        return this;
    }

    /**
     * Sets how long a task is waited for; 10 min unless set. What takes longer is not known to have happened.
     *
     * @param span 1 ms to 1 day
     * @return this connection
     */
    public ProxmoxConnection tasksWithin(Duration span) {
        tasks = checked("task time-out", span);
        return this;
    }

    /**
     * Sets how long a guest has to shut down before it is stopped hard; 30 s unless set.
     *
     * @param span zero, which stops it hard at once, or 1 s to 1 day
     * @return this connection
     */
    public ProxmoxConnection stopsWithin(Duration span) {
        InvalidInputException.requireNonNull("shutdown time-out", span);
        if (!span.isZero() && (span.compareTo(Duration.ofSeconds(1)) < 0 || span.compareTo(LONGEST) > 0)) {
            throw InvalidInputException.of("shutdown time-out", span, "zero, or 1 s to 1 day");
        }
        graceful = span;
        return this;
    }

    /**
     * Names a guest that is always there, such as a template. Before and after the cluster is believed that another guest is
     * not there, it must say that this one is. Unless named, that is any guest which the credentials see; where there is
     * none, the cluster is asked twice. With one that is named even an empty listing of ours is proven.
     *
     * @param guest its number
     * @return this connection
     */
    public ProxmoxConnection canary(int guest) {
        if (guest < GuestRef.LEAST || guest > GuestRef.MOST) {
            throw InvalidInputException.of("canary", guest, GuestRef.LEAST + " to " + GuestRef.MOST);
        }
        canary = OptionalInt.of(guest);
        return this;
    }

    /**
     * Says what else a removal does; nothing unless said.
     *
     * @param more the options
     * @return this connection
     */
    public ProxmoxConnection whenDestroying(DestroyOption... more) {
        options.addAll(InvalidInputException.copyOf(
                "options", Arrays.asList(InvalidInputException.requireNonNull("options", more))));
        return this;
    }

    /**
     * Sets how old the last look at a guest may be when it is asked to be destroyed or stopped; 2 s unless set. The look takes
     * its own time of that. A request of either kind has no precondition: were the guest destroyed by somebody else in this
     * time, and its number given to another one, that would be hit. Where a node needs longer to tell its configuration,
     * nothing can be removed there until this is set.
     *
     * @param span how old, 100 ms to 30 s
     * @return this connection
     * @throws InvalidInputException if it is shorter or longer
     */
    public ProxmoxConnection lastLookWithin(Duration span) {
        InvalidInputException.requireNonNull("last look", span);
        if (span.compareTo(SHORTEST_LOOK) < 0 || span.compareTo(LONGEST_LOOK) > 0) {
            throw InvalidInputException.of("last look", span, "100 ms to 30 s");
        }
        spans = spans.fresh(span);
        return this;
    }

    /**
     * Sets the clock by which tickets are renewed, for tests; the system's unless set.
     *
     * @param time the clock
     * @return this connection
     */
    public ProxmoxConnection clock(Clock time) {
        clock = InvalidInputException.requireNonNull("clock", time);
        return this;
    }

    private static Duration checked(String what, Duration span) {
        InvalidInputException.requireNonNull(what, span);
        if (span.compareTo(Duration.ofMillis(1)) < 0 || span.compareTo(LONGEST) > 0) {
            throw InvalidInputException.of(what, span, "1 ms to 1 day");
        }
        return span;
    }

    /**
     * Makes the runtime. Nothing is asked of the cluster yet.
     *
     * @return the runtime, which the caller closes
     * @throws InvalidInputException if there are no credentials, or they were wiped with the runtime that had them
     */
    public ProxmoxRuntime build() {
        return new ProxmoxRuntime(this);
    }

    /**
     * Makes the runtime and audits the rights of its credentials, without which lists are empty instead of refused. Where that
     * fails the credentials are not wiped, so that it can be tried again. What only creating guests needs is not insisted on:
     * where it lacks, a warning names it.
     *
     * @return the runtime, which the caller closes
     * @throws InvalidInputException if there are no credentials, or they lack rights: the message names them
     * @throws dev.berth.runtime.RuntimeFaultException if no endpoint had an answer
     * @throws BerthException if the thread was interrupted
     */
    public ProxmoxRuntime open() {
        ProxmoxRuntime runtime = build();
        boolean good = false;
        try {
            List<String> missing = runtime.missingRights();
            if (!missing.isEmpty()) {
                throw InvalidInputException.of(
                        "rights of " + credentials,
                        String.join("; ", missing),
                        "all of Sys.Audit on /, and VM.Audit, VM.Allocate, VM.PowerMgmt, VM.Config.Options on /vms");
            }
            runtime.warnOfWhatCreatingLacks();
            good = true;
            return runtime;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new BerthException("the thread was interrupted while the rights were audited", interrupted);
        } finally {
            if (!good) {
                runtime.giveUp();
            }
        }
    }

    // ------------------------------------------------------------------ for the runtime

    Scope scope() {
        return scope;
    }

    Api api() {
        Credentials who = credentials;
        if (who == null) {
            throw InvalidInputException.of("credentials", "none", "a token or a ticket");
        }
        if (who.isWiped()) {
            throw InvalidInputException.of(
                    "credentials", who + ", wiped when their runtime was closed", "new ones for each runtime");
        }
        // Not before: whoever names another trust does not need one of this Java's that works.
        return new Api(endpoints, who, trust == null ? Trust.system() : trust, connect, answer, clock);
    }

    /** For tests, which would wait for long. */
    ProxmoxConnection spans(Spans others) {
        spans = others;
        return this;
    }

    Spans spans() {
        return spans;
    }

    Duration tasksWithin() {
        return tasks;
    }

    Clock clock() {
        return clock;
    }

    Duration graceful() {
        return graceful;
    }

    OptionalInt canary() {
        return canary;
    }

    Set<DestroyOption> options() {
        return Collections.unmodifiableSet(options);
    }

    @Override
    public String toString() {
        return scope + " at " + endpoints + " as " + credentials + ", trusting "
                + (trust == null ? "the system's authorities" : trust);
    }
}
