package dev.berth.proxmox;

import dev.berth.InvalidInputException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * The REST API of one cluster by way of several of its nodes. Whoever asks has one endpoint for a whole conversation, so that
 * a verdict never comes from two nodes; where that one cannot be reached, or has no quorum, the conversation is begun anew
 * with the next. Safe for use by many threads.
 *
 * <p>Never retries what changes something: java.net.http itself does so for {@code GET} alone.
 */
final class Api implements AutoCloseable {
    private static final String ROOT = "/api2/json";
    private static final String RETRIES = "jdk.httpclient.enableAllMethodRetry";
    /** More than twenty times what a cluster of 10,000 guests says at once. */
    private static final int LONGEST_BODY = 1 << 27;

    private final List<URI> endpoints;
    private final Access access;
    private final Duration within;
    private final ExecutorService threads;
    private final Map<Integer, CompletableFuture<?>> flights = new ConcurrentHashMap<>();
    private final AtomicInteger departures = new AtomicInteger();
    private volatile @Nullable HttpClient client;
    private volatile int preferred;
    /**
     * Where several nodes are named, or a cluster's row was seen, a node that claims to stand alone is ill: its cluster file
     * system does not answer, or it has forgotten its cluster.
     */
    private volatile boolean clustered;

    /**
     * What is asked of one endpoint.
     *
     * @param <T> what comes of it
     */
    interface Conversation<T> {
        T with(Talk talk) throws InterruptedException;
    }

    /**
     * Java's own switch to repeat all that had no answer, which would destroy twice ({@code MultiExchange.retryPostValue}, JDK
     * 12 to 25: set, and not to something else than true).
     *
     * @throws InvalidInputException if it is on
     */
    static void requireNoRetries(UnaryOperator<@Nullable String> properties) {
        String said = properties.apply(RETRIES);
        if (said != null && (said.isEmpty() || Boolean.parseBoolean(said))) {
            throw InvalidInputException.of(
                    "system property " + RETRIES, said, "none, since it repeats what changes a cluster; take it off");
        }
    }

    Api(List<URI> endpoints, Credentials credentials, Trust trust, Duration connect, Duration within, Clock clock) {
        requireNoRetries(System::getProperty);
        this.endpoints = List.copyOf(endpoints);
        this.access = new Access(credentials, clock, within);
        this.within = within;
        this.clustered = endpoints.size() > 1;
        var number = new AtomicInteger();
        threads = Executors.newCachedThreadPool(work -> {
            var thread = new Thread(work, "berth-proxmox-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
        client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                // Or whatever this JVM's other programs have set would get the token's traffic.
                .proxy(HttpClient.Builder.NO_PROXY)
                .connectTimeout(connect)
                .sslContext(trust.context())
                .executor(threads)
                .build();
    }

    /** Asks one endpoint after the other until one has an answer. */
    <T> T ask(Conversation<T> conversation) throws InterruptedException {
        int first = preferred;
        Trouble trouble = null;
        for (int i = 0; i < endpoints.size(); i++) {
            int index = (first + i) % endpoints.size();
            var talk = new Talk(this, endpoints.get(index));
            try {
                T answer = conversation.with(talk);
                preferred = index;
                return answer;
            } catch (InterruptedException given) {
                // Whoever gave up on it may have less patience than it takes to be sure that it hangs: the next begins
                // elsewhere, or all would wait for this one.
                preferred = (index + 1) % endpoints.size();
                throw given;
            } catch (Trouble failure) {
                if (!failure.isWorthAskingElsewhere() || talk.hasWritten()) {
                    throw failure;
                }
                if (trouble == null) {
                    trouble = failure;
                } else {
                    trouble.addSuppressed(failure);
                }
            }
        }
        throw trouble == null ? Trouble.unreachable("there is no endpoint", null) : trouble;
    }

    /**
     * As {@link #ask}, for what changes something: where it was never sent, because a question before it had no answer, the
     * failure says that nothing was done.
     */
    <T> T change(Conversation<T> conversation) throws InterruptedException {
        var sent = new AtomicBoolean();
        try {
            return ask(talk -> {
                try {
                    return conversation.with(talk);
                } finally {
                    sent.set(talk.hasWritten());
                }
            });
        } catch (Trouble trouble) {
            throw sent.get() || !trouble.fault().mayHaveHappened()
                    ? trouble
                    : Trouble.unreachable(
                            "nothing was changed: " + trouble.fault().detail(), trouble);
        }
    }

    /** Who asks, as tasks tell it. */
    String user() {
        return access.user();
    }

    boolean isKnownToBeClustered() {
        return clustered;
    }

    void noteCluster() {
        clustered = true;
    }

    // ------------------------------------------------------------------ one request

    /**
     * Until when something may be sent: what was seen of a guest is true for a moment only. A ticket may have to be renewed
     * before it is sent, which may take long.
     *
     * @param nanos the moment, by {@link System#nanoTime}; empty for ever
     */
    record Until(OptionalLong nanos) {
        static final Until EVER = new Until(OptionalLong.empty());

        static Until of(long since, Duration span) {
            return new Until(OptionalLong.of(since + span.toNanos()));
        }

        private boolean isOver() {
            return nanos.isPresent() && System.nanoTime() - nanos.getAsLong() > 0;
        }
    }

    /**
     * Sends a request, and again with another ticket if that was refused.
     *
     * @throws Trouble if there was no answer, or it was too late to send it
     */
    Answer send(Peer peer, String method, String path, @Nullable String form, Until until) throws InterruptedException {
        Signed first = request(peer.endpoint(), method, path, form, within);
        Answer answer = answer(peer, first.request(), purpose(method), until);
        // A refused ticket has done nothing, so asking again with a new one is no repetition.
        return answer.status() == 401 && access.mayRenew(first.by())
                ? answer(
                        peer,
                        request(peer.endpoint(), method, path, form, within).request(),
                        purpose(method),
                        until)
                : answer;
    }

    /** Asks several questions at once; those without an answer in time have none. */
    Map<String, Answer> sendAll(Peer peer, List<String> paths, Duration most) throws InterruptedException {
        Duration span = most.compareTo(within) < 0 ? most : within;
        Map<String, CompletableFuture<HttpResponse<byte[]>>> asked = new LinkedHashMap<>();
        for (String path : paths) {
            asked.put(
                    path, fly(request(peer.endpoint(), "GET", path, null, span).request()));
        }
        long until = System.nanoTime() + span.toNanos();
        var answers = new LinkedHashMap<String, Answer>();
        try {
            for (var one : asked.entrySet()) {
                HttpResponse<byte[]> response = heard(one.getValue(), until - System.nanoTime());
                if (response != null) {
                    peer.heard(response);
                    answers.put(one.getKey(), Answer.of("GET " + one.getKey(), response.statusCode(), response.body()));
                }
            }
        } finally {
            asked.values().forEach(flight -> flight.cancel(true));
        }
        return answers;
    }

    /** Null if there was no answer; whoever misses it knows what that means. */
    private static @Nullable HttpResponse<byte[]> heard(CompletableFuture<HttpResponse<byte[]>> flight, long nanos)
            throws InterruptedException {
        try {
            return flight.get(Math.max(nanos, 0), TimeUnit.NANOSECONDS);
        } catch (ExecutionException | CancellationException | TimeoutException lost) {
            return null;
        }
    }

    /**
     * A request that is ready to go.
     *
     * @param request the request
     * @param by by which ticket it says who asks, null for a token
     */
    private record Signed(HttpRequest request, Access.@Nullable Pass by) {}

    private Signed request(URI endpoint, String method, String path, @Nullable String form, Duration span)
            throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.resolve(ROOT + path))
                .timeout(span)
                .method(method, form == null ? BodyPublishers.noBody() : BodyPublishers.ofString(form));
        if (form != null) {
            request.setHeader("Content-Type", "application/x-www-form-urlencoded");
        }
        open();
        try {
            Access.Pass by = access.sign(request, purpose(method), login -> login(endpoint, login));
            return new Signed(request.build(), by);
        } catch (IllegalArgumentException secret) {
            // Its message has the header.
            throw Trouble.unreachable("what should prove who asks cannot be sent", null);
        }
    }

    private Answer login(URI endpoint, byte[] form) throws InterruptedException {
        BodyPublisher body = BodyPublishers.ofByteArray(form);
        HttpRequest request = HttpRequest.newBuilder(endpoint.resolve(ROOT + "/access/ticket"))
                .timeout(within)
                .setHeader("Content-Type", "application/x-www-form-urlencoded")
                .POST(body)
                .build();
        return answer(new Peer(endpoint), request, Answer.Purpose.READ, Until.EVER);
    }

    private static Answer.Purpose purpose(String method) {
        return method.equals("GET") ? Answer.Purpose.READ : Answer.Purpose.WRITE;
    }

    private HttpClient open() {
        HttpClient open = client;
        if (open == null) {
            throw Trouble.closed();
        }
        return open;
    }

    private Answer answer(Peer peer, HttpRequest request, Answer.Purpose purpose, Until until)
            throws InterruptedException {
        String asked = asked(request);
        if (until.isOver()) {
            throw Trouble.unreachable(asked + " was not sent: what was seen before it is too long ago", null);
        }
        CompletableFuture<HttpResponse<byte[]>> flight = fly(request);
        try {
            // The time-out of java.net.http ends with the headers (JDK 17 to 25); a body may trickle on.
            HttpResponse<byte[]> response = flight.get(within.toNanos(), TimeUnit.NANOSECONDS);
            if (purpose == Answer.Purpose.READ) {
                peer.heard(response);
            }
            return Answer.of(asked, response.statusCode(), response.body());
        } catch (TimeoutException slow) {
            throw trouble(asked, purpose, new HttpTimeoutException("no whole answer within " + within));
        } catch (ExecutionException failed) {
            throw trouble(asked, purpose, failed.getCause() == null ? failed : failed.getCause());
        } catch (CancellationException closed) {
            throw trouble(asked, purpose, closed);
        } finally {
            flight.cancel(true);
        }
    }

    /** Sends it. Whoever closes this ends what is under way. */
    private CompletableFuture<HttpResponse<byte[]>> fly(HttpRequest request) {
        CompletableFuture<HttpResponse<byte[]>> flight =
                open().sendAsync(request, response -> new Bounded(LONGEST_BODY));
        int number = departures.incrementAndGet();
        flights.put(number, flight);
        var unused = flight.whenComplete((response, failure) -> flights.remove(number));
        if (client == null) {
            flight.cancel(true);
        }
        return flight;
    }

    private static Trouble trouble(String asked, Answer.Purpose purpose, Throwable cause) {
        boolean notSent = cause instanceof HttpConnectTimeoutException
                || cause instanceof ConnectException
                || cause instanceof SSLHandshakeException;
        if (notSent) {
            return Trouble.unreachable(asked + ": " + line(cause), cause);
        }
        return purpose == Answer.Purpose.READ
                ? Trouble.unanswered(asked + ": " + line(cause), cause)
                : Trouble.unknown(asked + " got no answer: " + line(cause));
    }

    /** Method, endpoint and path; never a query or a body, which may have secrets. */
    private static String asked(HttpRequest request) {
        URI uri = request.uri();
        return request.method() + " " + uri.getHost() + " " + uri.getRawPath().substring(ROOT.length());
    }

    private static String line(Throwable failure) {
        List<String> texts = new ArrayList<>();
        for (Throwable one = failure; one != null && texts.size() < 3; one = one.getCause()) {
            String text = one.getMessage() == null ? one.getClass().getSimpleName() : one.getMessage();
            if (!texts.contains(text)) {
                texts.add(text);
            }
        }
        return String.join(": ", texts).replaceAll("\\p{Cntrl}+", " ");
    }

    /** Ends what is under way, and its threads. Safe to repeat. */
    @Override
    public void close() {
        access.wipe();
        end();
    }

    /** As {@link #close}, but that the credentials stay good for another. */
    void end() {
        HttpClient open = client;
        client = null;
        flights.values().forEach(flight -> flight.cancel(true));
        threads.shutdown();
        if (open != null) {
            endSelector(open);
        }
    }

    /**
     * From Java 21 on a client can be told to end. Before, its one thread ends by itself when nobody has the client any more,
     * which nobody has from here on, and the collector has seen it.
     */
    private static void endSelector(HttpClient open) {
        try {
            HttpClient.class.getMethod("shutdownNow").invoke(open);
        } catch (ReflectiveOperationException older) {
            // As said.
        }
    }

    @Override
    public String toString() {
        return endpoints.toString();
    }
}
