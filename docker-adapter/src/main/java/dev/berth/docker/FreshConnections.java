package dev.berth.docker;

import com.github.dockerjava.transport.DockerHttpClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A transport that uses each connection once. Podman's service closes connections that idle for ten seconds, any daemon
 * closes them when it restarts, and the next request on such a one is lost without a word (docker-java issue 2682); a
 * connection of its own costs less than a millisecond.
 *
 * <p>A read of a TCP socket does not hear that its thread was interrupted, one of a Unix socket does. So over TCP a request
 * runs on another thread, which is left behind when its caller is interrupted, and ends by the response time-out.
 *
 * <p>The transport asks once more, a second later, when it is told 503 ({@code DefaultHttpRequestRetryStrategy} of httpclient5,
 * which docker-java gives no way to switch off), whatever it asked. A create that was made all the same meets its own name
 * then, and is found by its nonce.
 */
final class FreshConnections implements DockerHttpClient {
    /** The last words of their paths. */
    private static final Set<String> STREAMS = Set.of(
            "events", "logs", "attach", "stats", "wait", "build", "push", "load", "get", "archive", "copy", "export");

    private final DockerHttpClient transport;
    private final @Nullable ExecutorService threads;

    private FreshConnections(DockerHttpClient transport, @Nullable ExecutorService threads) {
        this.transport = transport;
        this.threads = threads;
    }

    /** For a transport whose requests end when their thread is interrupted. */
    static FreshConnections on(DockerHttpClient transport) {
        return new FreshConnections(transport, null);
    }

    /** For a transport whose requests do not. */
    static FreshConnections onDeaf(DockerHttpClient transport) {
        var number = new AtomicInteger();
        return new FreshConnections(transport, Executors.newCachedThreadPool(work -> {
            var thread = new Thread(work, "berth-docker-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        }));
    }

    @Override
    public Response execute(Request request) {
        if (request.hijackedInput() != null) {
            return transport.execute(request);
        }
        Request once =
                Request.builder().from(request).putHeader("Connection", "close").build();
        return threads == null ? transport.execute(once) : interruptibly(once, threads);
    }

    private Response interruptibly(Request request, ExecutorService workers) {
        var answer = new CompletableFuture<Response>();
        try {
            workers.execute(() -> run(request, answer));
        } catch (RejectedExecutionException closed) {
            throw new IllegalStateException("Connection pool shut down", closed);
        }
        try {
            return answer.get();
        } catch (InterruptedException interrupted) {
            if (!answer.cancel(false) && !answer.isCompletedExceptionally()) {
                answer.join().close();
            }
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for the engine");
        } catch (ExecutionException failure) {
            if (failure.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (failure.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(failure.getCause());
        }
    }

    private void run(Request request, CompletableFuture<Response> answer) {
        try {
            Response response = transport.execute(request);
            Response whole = isStream(request) ? response : Whole.of(response);
            if (!answer.complete(whole)) {
                whole.close();
            }
        } catch (Throwable failure) {
            // Whatever it is, somebody waits for it.
            answer.completeExceptionally(failure);
        }
    }

    /**
     * Whether an answer goes on for as long as something lasts, or is too much to be read at once. All others are read whole,
     * on the thread that is left behind when its caller is interrupted.
     */
    private static boolean isStream(Request request) {
        int query = request.path().indexOf('?');
        String path = query < 0 ? request.path() : request.path().substring(0, query);
        return STREAMS.contains(path.substring(path.lastIndexOf('/') + 1))
                || path.endsWith("/images/create")
                || (path.contains("/exec/") && path.endsWith("/start"));
    }

    @Override
    public void close() throws IOException {
        if (threads != null) {
            threads.shutdownNow();
        }
        transport.close();
    }

    /** An answer that was read whole. */
    private record Whole(int status, Map<String, List<String>> headers, InputStream body) implements Response {
        static Whole of(Response response) {
            try (response) {
                return new Whole(
                        response.getStatusCode(),
                        response.getHeaders(),
                        new ByteArrayInputStream(response.getBody().readAllBytes()));
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }

        @Override
        public int getStatusCode() {
            return status;
        }

        @Override
        public Map<String, List<String>> getHeaders() {
            return headers;
        }

        @Override
        public InputStream getBody() {
            return body;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }
}
